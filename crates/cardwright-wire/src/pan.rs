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
}
