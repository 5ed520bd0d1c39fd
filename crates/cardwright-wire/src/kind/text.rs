//! Texts: free, patterned, hidden. Lengths count Unicode scalar values; control characters are
//! refused everywhere, so that no text can disturb a log line or a terminal.

use std::fmt;
use std::ops::RangeInclusive;

use email_address::{EmailAddress, Options};
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::{Object, Schema, SchemaFormat, SchemaType, Type};
use zeroize::Zeroizing;

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// Free text within bounds.
pub struct Text(RangeInclusive<usize>);

/// Free text of so many characters, handed on as sent.
pub fn text(chars: RangeInclusive<usize>) -> Text {
    Text(chars)
}

impl Kind for Text {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        let text = clean_text(value, &self.0)?;
        Ok(Parsed::quoted(text.to_owned(), text))
    }

    fn schema(&self) -> Schema {
        Schema::Object(string_of(&self.0))
    }
}

/// Text of any kind.
pub struct Verbatim(usize);

/// Text of at most so many characters exactly as it is, control characters included: for what is
/// only looked at, and never stored, logged or shown without care.
pub fn verbatim(chars_max: usize) -> Verbatim {
    Verbatim(chars_max)
}

impl Kind for Verbatim {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        match value {
            Json::Text(text) if text.chars().count() <= self.0 => {
                Ok(Parsed::quoted(text.clone(), text))
            }
            _ => Err(Refused::Invalid),
        }
    }

    fn schema(&self) -> Schema {
        Schema::Object(string_of(&(0..=self.0)))
    }
}

/// Text on one or several lines.
pub struct Lines(RangeInclusive<usize>);

/// Text of so many characters for people to read: line breaks and tabs may be in it.
pub fn lines(chars: RangeInclusive<usize>) -> Lines {
    Lines(chars)
}

impl Kind for Lines {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let flat = Json::Text(text.replace(['\n', '\r', '\t'], " "));
        clean_text(&flat, &self.0)?;
        Ok(Parsed::quoted(text.clone(), text))
    }

    fn schema(&self) -> Schema {
        Schema::Object(string_of(&self.0))
    }
}

/// Text that may come as a number.
pub struct FreeText(RangeInclusive<usize>);

/// At most so many characters; a number is taken as the text of its literal, because published
/// examples have amounts and codes in both forms.
pub fn free_text(chars_max: usize) -> FreeText {
    text_or_number(0..=chars_max)
}

/// Text of so many characters; a number is taken as the text of its literal, such as an id that
/// went out as text.
pub fn text_or_number(chars: RangeInclusive<usize>) -> FreeText {
    FreeText(chars)
}

impl Kind for FreeText {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        let text = match value {
            Json::Number(literal) if self.0.contains(&literal.len()) => literal,
            _ => clean_text(value, &self.0)?,
        };
        Ok(Parsed::quoted(text.to_owned(), text))
    }

    fn schema(&self) -> Schema {
        let mut object = string_of(&self.0);
        object.schema_type = SchemaType::Array(vec![Type::String, Type::Number]);
        Schema::Object(object)
    }
}

/// A secret or a card number on its way in; hides itself in `Debug` and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Hidden {
        Hidden(Zeroizing::new(text))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Hidden")
    }
}

/// Text that must not be shown.
pub struct HiddenText(RangeInclusive<usize>);

/// Text of so many characters that must not be shown.
pub fn hidden_text(chars: RangeInclusive<usize>) -> HiddenText {
    HiddenText(chars)
}

impl Kind for HiddenText {
    type Out = Hidden;

    fn parse(&self, value: &Json) -> Result<Parsed<Hidden>, Refused> {
        let text = clean_text(value, &self.0)?;
        Ok(Parsed::quoted(Hidden::from(text.to_owned()), text))
    }

    fn schema(&self) -> Schema {
        let mut object = string_of(&self.0);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Password));
        Schema::Object(object)
    }
}

/// The number of a card, which must not be shown.
pub struct HiddenPan(RangeInclusive<usize>);

/// The number of a card, of so many characters. Its canonical form has the digits that may be seen
/// and no others, so that no comparison gives away the rest.
pub fn hidden_pan(chars: RangeInclusive<usize>) -> HiddenPan {
    HiddenPan(chars)
}

impl Kind for HiddenPan {
    type Out = Hidden;

    fn parse(&self, value: &Json) -> Result<Parsed<Hidden>, Refused> {
        const FIRST: usize = 6;
        const LAST: usize = 4;
        let text = clean_text(value, &self.0)?;
        let hidden_chars = text.chars().count().checked_sub(FIRST + LAST);
        let seen = hidden_chars.map(|hidden_chars| {
            let first: String = text.chars().take(FIRST).collect();
            let last: String = text.chars().skip(FIRST + hidden_chars).collect();
            format!("{first}*{last}")
        });
        let seen = seen.unwrap_or_else(|| "*".to_owned());
        Ok(Parsed::quoted(Hidden::from(text.to_owned()), &seen))
    }

    fn schema(&self) -> Schema {
        HiddenText(self.0.clone()).schema()
    }
}

/// Text that a predicate accepts.
pub struct Matching {
    chars: RangeInclusive<usize>,
    pattern: Option<&'static str>,
    format: Option<KnownFormat>,
    accepts: fn(&str) -> bool,
}

/// Text of so many characters that `accepts` takes; `pattern` says the same to the documents.
pub fn matching(
    chars: RangeInclusive<usize>,
    pattern: &'static str,
    accepts: fn(&str) -> bool,
) -> Matching {
    Matching {
        chars,
        pattern: Some(pattern),
        format: None,
        accepts,
    }
}

impl Kind for Matching {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        let text = clean_text(value, &self.chars)?;
        if !(self.accepts)(text) {
            return Err(Refused::Invalid);
        }
        Ok(Parsed::quoted(text.to_owned(), text))
    }

    fn schema(&self) -> Schema {
        let mut object = string_of(&self.chars);
        object.pattern = self.pattern.map(str::to_owned);
        object.format = self.format.clone().map(SchemaFormat::KnownFormat);
        Schema::Object(object)
    }
}

/// Text between the lines that say what it is (RFC 7468), of at most so many characters.
pub struct PemText(usize);

/// A text such as `-----BEGIN PUBLIC KEY-----`, base64 on lines, and its end.
pub fn pem(chars_max: usize) -> PemText {
    PemText(chars_max)
}

impl Kind for PemText {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let plain = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\r' | b'\n');
        let fits = text.len() <= self.0 && text.starts_with("-----BEGIN ");
        if !fits || !text.bytes().all(plain) {
            return Err(Refused::Invalid);
        }
        Ok(Parsed::quoted(text.clone(), text))
    }

    fn schema(&self) -> Schema {
        Schema::Object(string_of(&(0..=self.0)))
    }
}

/// Exactly so many decimal digits, as a string.
pub fn digits(count: usize) -> Matching {
    matching(count..=count, "^[0-9]+$", |text| {
        text.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// An e-mail address of so many characters (RFC 5321 and 5322), without a display name, at a
/// domain that has a top level.
pub fn email(chars: RangeInclusive<usize>) -> Matching {
    let accepts = |text: &str| {
        let options = Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        EmailAddress::parse_with_options(text, options).is_ok()
    };
    Matching {
        chars,
        pattern: None,
        format: Some(KnownFormat::Email),
        accepts,
    }
}

/// A telephone number with its country (E.164): a plus and 7 to 15 digits.
pub fn phone() -> Matching {
    matching(8..=16, r"^\+[1-9][0-9]{6,14}$", |text| {
        text.strip_prefix('+').is_some_and(|number| {
            !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

/// Two capital letters where ISO 3166-1 alpha-2 is meant; whether it names a country is a rule.
pub fn country() -> Matching {
    matching(2..=2, "^[A-Z]{2}$", all_capitals)
}

/// Three capital letters where ISO 4217 is meant; whether it names a currency is a rule.
pub fn currency() -> Matching {
    matching(3..=3, "^[A-Z]{3}$", all_capitals)
}

/// A core id on the wire of the signed API: padded to sixteen digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaddedId(pub i64);

impl PaddedId {
    const DIGITS: usize = 16;

    /// Reads exactly sixteen digits.
    pub fn parse(text: &str) -> Option<PaddedId> {
        let shaped =
            text.len() == PaddedId::DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        if shaped {
            text.parse().ok().map(PaddedId)
        } else {
            None
        }
    }
}

impl fmt::Display for PaddedId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:0width$}", self.0, width = PaddedId::DIGITS)
    }
}

impl serde::Serialize for PaddedId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for PaddedId {
    fn schema() -> utoipa::openapi::RefOr<Schema> {
        padded_id().example("0000000000000042").schema().into()
    }
}

impl utoipa::ToSchema for PaddedId {}

/// A padded core id as a string.
pub struct PaddedIdText;

/// A core id padded to sixteen digits, as a string.
pub fn padded_id() -> PaddedIdText {
    PaddedIdText
}

impl Kind for PaddedIdText {
    type Out = PaddedId;

    fn parse(&self, value: &Json) -> Result<Parsed<PaddedId>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let id = PaddedId::parse(text).ok_or(Refused::Invalid)?;
        Ok(Parsed::quoted(id, text))
    }

    fn schema(&self) -> Schema {
        digits(PaddedId::DIGITS).schema()
    }
}

fn all_capitals(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn clean_text<'a>(value: &'a Json, chars: &RangeInclusive<usize>) -> Result<&'a str, Refused> {
    let Json::Text(text) = value else {
        return Err(Refused::Invalid);
    };
    let within = chars.contains(&text.chars().count());
    let blank = *chars.start() > 0 && text.trim().is_empty();
    if within && !blank && !text.chars().any(is_unprintable) {
        Ok(text)
    } else {
        Err(Refused::Invalid)
    }
}

/// Control characters, and those that turn the direction of what follows: a name with one of them
/// would show something else than it is.
fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn string_of(chars: &RangeInclusive<usize>) -> Object {
    let mut object = Object::with_type(Type::String);
    object.min_length = Some(*chars.start()).filter(|min| *min > 0);
    object.max_length = Some(*chars.end());
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_must_say_something_is_not_blank_and_turns_nothing_around() {
        for refused in [" ", "\u{a0}\u{3000}", "Ada\u{202e}adA", "\u{2066}x"] {
            assert!(!accepts(&text(1..=20), refused), "{refused:?}");
        }
        assert!(accepts(&text(1..=20), " Ada "));
        assert!(accepts(&text(0..=20), " "), "a remark may be blank");
        assert!(
            accepts(&text(1..=20), "עדה"),
            "right-to-left letters need no control"
        );
    }

    fn accepts<K: Kind>(kind: &K, text: &str) -> bool {
        kind.parse(&Json::Text(text.to_owned())).is_ok()
    }

    #[test]
    fn text_is_counted_in_characters_and_holds_no_control_characters() {
        let kind = text(1..=4);
        for good in ["a", "žūžž", " x ", "日本語文"] {
            assert!(accepts(&kind, good), "{good}");
        }
        for bad in ["", "abcde", "a\nb", "a\u{0}", "\u{7f}", "\u{85}"] {
            assert!(!accepts(&kind, bad), "{bad:?}");
        }
        assert_eq!(
            kind.parse(&Json::Number("1".to_owned())),
            Err(Refused::Invalid)
        );
        assert_eq!(kind.parse(&Json::Null), Err(Refused::Invalid));
    }

    #[test]
    fn free_text_takes_a_number_as_it_is_spelled() {
        let number = Json::Number("4500.00".to_owned());
        let as_text = free_text(100).parse(&Json::Text("4500.00".to_owned()));
        assert_eq!(free_text(100).parse(&number), as_text);
        assert_eq!(free_text(6).parse(&number), Err(Refused::Invalid));
        assert_eq!(free_text(6).parse(&Json::Bool(true)), Err(Refused::Invalid));
    }

    #[test]
    fn lines_may_break_and_hold_nothing_else_that_cannot_be_seen() {
        for good in ["a", "a\nb", "a\r\nb\tc", "\na"] {
            assert!(accepts(&lines(1..=7), good), "{good:?}");
        }
        for bad in [
            "",
            "\n\t ",
            "a\u{0}",
            "a\u{b}b",
            "a\u{202e}b",
            "a\nb\nc\nd\n",
        ] {
            assert!(!accepts(&lines(1..=7), bad), "{bad:?}");
        }
        let broken = lines(1..=7).parse(&Json::Text("a\nb".to_owned()));
        assert_eq!(broken.map(|read| read.value), Ok("a\nb".to_owned()));
    }

    #[test]
    fn hidden_text_does_not_show_in_debug_output() {
        let parsed = hidden_text(1..=64)
            .parse(&Json::Text("hunter2".to_owned()))
            .expect("text");
        assert_eq!(parsed.value.expose(), "hunter2");
        assert!(!format!("{:?}", parsed.value).contains("hunter2"));
    }

    #[test]
    fn card_numbers_compare_by_the_digits_that_may_be_seen() {
        let canonical = |number: &str| {
            let parsed = hidden_pan(1..=32).parse(&Json::Text(number.to_owned()));
            parsed.expect("text").canonical
        };
        assert_eq!(canonical("4242421234564242"), "\"424242*4242\"");
        assert_eq!(canonical("4242421234564242"), canonical("4242426543214242"));
        assert_ne!(canonical("4242421234564242"), canonical("4242421234564243"));
        assert_eq!(
            canonical("424242424"),
            canonical("123"),
            "too short for both ends"
        );
        assert_eq!(canonical("ž2424212345642ž2"), "\"ž24242*42ž2\"");
    }

    #[test]
    fn hidden_text_is_wiped_when_dropped() {
        fn assert_wiped(_: &impl zeroize::ZeroizeOnDrop) {}
        assert_wiped(&Hidden::from("hunter2".to_owned()).0);
    }

    #[test]
    fn digits_are_ascii_and_counted() {
        assert!(accepts(&digits(4), "0012"));
        for bad in ["012", "00123", "001a", "٠٠١٢", "-001", ""] {
            assert!(!accepts(&digits(4), bad), "{bad}");
        }
    }

    #[test]
    fn an_email_address_is_one_address_and_nothing_around_it() {
        let kind = email(5..=50);
        for good in ["a@b.lt", "jonas.jonaitis+card@example.com"] {
            assert!(accepts(&kind, good), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(40));
        for bad in [
            "ab@localhost",
            "@b.lt",
            "a b@c.lt",
            "Jonas <a@b.lt>",
            "a@b.lt,c@d.lt",
            "a@[1.2.3.4]",
            &long,
        ] {
            assert!(!accepts(&kind, bad), "{bad}");
        }
    }

    #[test]
    fn a_phone_number_is_e164() {
        for good in ["+37060000000", "+1234567", "+123456789012345"] {
            assert!(accepts(&phone(), good), "{good}");
        }
        for bad in [
            "37060000000",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "+370 600",
            "+37o60000000",
        ] {
            assert!(!accepts(&phone(), bad), "{bad}");
        }
    }

    #[test]
    fn country_and_currency_are_capitals_of_fixed_length() {
        assert!(accepts(&country(), "LT") && accepts(&currency(), "EUR"));
        for bad in ["lt", "L", "LTU", "L1", "ЛТ"] {
            assert!(!accepts(&country(), bad), "{bad}");
        }
        assert!(!accepts(&currency(), "eur"));
    }

    #[test]
    fn a_padded_id_has_sixteen_digits_and_prints_them_all() {
        let id = PaddedId::parse("0000000000000042");
        assert_eq!(id, Some(PaddedId(42)));
        assert_eq!(PaddedId(42).to_string(), "0000000000000042");
        for bad in [
            "42",
            "00000000000000042",
            "000000000000004x",
            "+000000000000042",
            "",
        ] {
            assert_eq!(PaddedId::parse(bad), None, "{bad}");
        }
    }
}
