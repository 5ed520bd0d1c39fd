//! The only form in which a card number is written outside a reveal: first six, last four.

use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema, Type};

/// The visible digits of a card number; there is no way to put more into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskedPan {
    first_six: [u8; 6],
    last_four: [u8; 4],
}

impl MaskedPan {
    /// Takes six and four ASCII digits.
    ///
    /// ```
    /// use cardwright_wire::pan::MaskedPan;
    ///
    /// let pan = MaskedPan::new("520000", "1234").unwrap();
    /// assert_eq!(pan.dashed(), "5200-00**-****-1234");
    /// assert_eq!(pan.starred(), "520000******1234");
    /// ```
    pub fn new(first_six: &str, last_four: &str) -> Option<MaskedPan> {
        let masked = MaskedPan {
            first_six: first_six.as_bytes().try_into().ok()?,
            last_four: last_four.as_bytes().try_into().ok()?,
        };
        let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
        (digits(&masked.first_six) && digits(&masked.last_four)).then_some(masked)
    }

    /// The signed API's form, `XXXX-XX**-****-XXXX`.
    pub fn dashed(&self) -> String {
        let [first, second, third, fourth, fifth, sixth] = self.first_six.map(char::from);
        format!(
            "{first}{second}{third}{fourth}-{fifth}{sixth}**-****-{}",
            self.last_four()
        )
    }

    /// The session API's form, `XXXXXX******XXXX`.
    pub fn starred(&self) -> String {
        let first_six: String = self.first_six.into_iter().map(char::from).collect();
        format!("{first_six}******{}", self.last_four())
    }

    /// The last four digits.
    pub fn last_four(&self) -> String {
        self.last_four.into_iter().map(char::from).collect()
    }
}

/// The dashed form.
impl fmt::Display for MaskedPan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.dashed())
    }
}

/// The dashed form.
impl Serialize for MaskedPan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for MaskedPan {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::String);
        object.pattern = Some(r"^[0-9]{4}-[0-9]{2}\*\*-\*\*\*\*-[0-9]{4}$".to_owned());
        object.examples.push("5200-00**-****-1234".into());
        RefOr::T(Schema::Object(object))
    }
}

impl utoipa::ToSchema for MaskedPan {}

/// How many digits a card number has.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=DIGITS_MAX;
const DIGITS_MAX: usize = 19;

/// The text with every run of digits hidden that could be a card number: one of 12 to 19 digits
/// whose last one checks the others (ISO/IEC 7812-1, annex B), also where single blanks or dashes
/// part its groups. The first six and the last four digits stay.
///
/// ```
/// use cardwright_wire::pan::mask_numbers;
///
/// let text = r#"{"card": "4111 1111 1111 1111", "id": 4111111111111112}"#;
/// let masked = r#"{"card": "4111 11** **** 1111", "id": 4111111111111112}"#;
/// assert_eq!(mask_numbers(text), masked);
/// ```
pub fn mask_numbers(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let groups = groups(&bytes, at);
        for first in 0..groups.len() {
            // A number may stand between others that only a blank keeps from it.
            for last in first..groups.len().min(first + DIGITS_MAX) {
                hide(&mut bytes, &groups[first..=last]);
            }
        }
        at = groups.last().map_or(at + 1, |(_, end)| *end);
    }
    // Only digits were replaced, by stars: it is text still.
    String::from_utf8(bytes).unwrap_or_default()
}

/// The groups of digits that begin here, single blanks or dashes between them, as begins and ends.
fn groups(bytes: &[u8], from: usize) -> Vec<(usize, usize)> {
    let mut groups = Vec::new();
    let mut begin = from;
    loop {
        let rest = bytes[begin..].iter();
        let end = begin + rest.take_while(|byte| byte.is_ascii_digit()).count();
        groups.push((begin, end));
        let goes_on = matches!(bytes.get(end), Some(b' ' | b'-'))
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !goes_on {
            return groups;
        }
        begin = end + 1;
    }
}

fn hide(bytes: &mut [u8], groups: &[(usize, usize)]) {
    let places = || groups.iter().flat_map(|(begin, end)| *begin..*end);
    let count = places().count();
    if !DIGITS.contains(&count) {
        return;
    }
    // What is hidden already cannot be checked again.
    let digits: Option<Vec<u32>> = places()
        .map(|at| char::from(bytes[at]).to_digit(10))
        .collect();
    if digits.is_some_and(|digits| is_checked(&digits)) {
        for at in places().skip(6).take(count - 10) {
            bytes[at] = b'*';
        }
    }
}

fn is_checked(digits: &[u32]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(place, digit)| {
        let doubled = digit * if place % 2 == 1 { 2 } else { 1 };
        doubled / 10 + doubled % 10
    });
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_is_made_of_six_and_four_digits_only() {
        assert!(MaskedPan::new("520000", "1234").is_some());
        for (first, last) in [
            ("52000", "1234"),
            ("5200001", "1234"),
            ("520000", "234"),
            ("52000x", "1234"),
            ("520000", "12 4"),
            ("", ""),
        ] {
            assert_eq!(MaskedPan::new(first, last), None, "{first} {last}");
        }
    }

    #[test]
    fn it_serializes_in_the_published_form() {
        let pan = MaskedPan::new("400012", "0009").expect("digits");
        assert_eq!(
            serde_json::to_string(&pan).expect("plain"),
            r#""4000-12**-****-0009""#
        );
    }

    #[test]
    fn a_run_of_digits_that_could_be_a_card_number_is_hidden_wherever_it_stands() {
        for (text, masked) in [
            ("4111111111111111", "411111******1111"),
            ("a4111111111111111b", "a411111******1111b"),
            ("4111-1111-1111-1111", "4111-11**-****-1111"),
            ("4111 1111 1111 1111 123", "4111 11** **** 1111 123"),
            ("12 4111111111111111", "12 411111******1111"),
            ("378282246310005", "378282*****0005"),
            ("\"6304000000000000\"", "\"630400******0000\""),
        ] {
            assert_eq!(mask_numbers(text), masked);
        }
    }

    #[test]
    fn what_is_no_card_number_stays_as_it_is() {
        for text in [
            "",
            "4111111111111112",
            "10011000000000000001",
            "2026-11-21T12:00:00Z",
            "1767225600",
            "41111111111 11",
            "é 411111\n1111111111",
        ] {
            assert_eq!(mask_numbers(text), text);
        }
    }
}
