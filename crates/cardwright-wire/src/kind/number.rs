//! Numbers, and what travels like one: integers, amounts, core ids, truth values.

use std::ops::RangeInclusive;

use utoipa::Number;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};

use super::{Kind, PaddedId, Parsed, Refused, decimal};
use crate::json::Json;

/// The longest amount literal that is looked at; sixty-four bits of minor units need fewer.
const AMOUNT_CHARS_MAX: usize = 40;

/// Core ids lie below this, so that a program with nothing but doubles keeps them exact.
const CORE_ID_END: i64 = 1 << 53;

/// A JSON integer within bounds.
pub struct Integer(RangeInclusive<i64>);

/// A JSON integer within bounds; `3.0` is the integer 3, `"3"` is not a number.
pub fn integer(range: RangeInclusive<i64>) -> Integer {
    Integer(range)
}

impl Kind for Integer {
    type Out = i64;

    fn parse(&self, value: &Json) -> Result<Parsed<i64>, Refused> {
        let Json::Number(literal) = value else {
            return Err(Refused::Invalid);
        };
        let whole = match literal.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
            Some(_) => return Err(Refused::Invalid),
            None => literal,
        };
        let number: i64 = whole.parse().map_err(|_| Refused::Invalid)?;
        if !self.0.contains(&number) {
            return Err(Refused::Invalid);
        }
        Ok(Parsed::bare(number, number.to_string()))
    }

    fn schema(&self) -> Schema {
        let bound = |limit: i64| isize::try_from(limit).ok().map(Number::Int);
        let mut object = Object::with_type(Type::Integer);
        object.minimum = bound(*self.0.start());
        // The largest integer there is says nothing worth a line.
        object.maximum = bound(*self.0.end()).filter(|_| *self.0.end() < i64::MAX);
        Schema::Object(object)
    }
}

/// A count from 1, as a JSON integer or as its decimal text.
pub struct Count;

/// Digits that a text may have which is a count: fewer than make it too large.
const COUNT_DIGITS_MAX: usize = 18;

/// A count from 1: a JSON integer, or the same in decimal digits as text, without sign and zeros in
/// front. Both spellings are the same content.
pub fn count() -> Count {
    Count
}

impl Kind for Count {
    type Out = i64;

    fn parse(&self, value: &Json) -> Result<Parsed<i64>, Refused> {
        let counted = integer(1..=i64::MAX);
        let Json::Text(text) = value else {
            return counted.parse(value);
        };
        let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits || text.starts_with('0') || text.len() > COUNT_DIGITS_MAX {
            return Err(Refused::Invalid);
        }
        counted.parse(&Json::Number(text.clone()))
    }

    fn schema(&self) -> Schema {
        let types = SchemaType::Array(vec![Type::Integer, Type::String]);
        let mut object = Object::with_type(types);
        object.minimum = Some(Number::Int(1));
        object.pattern = Some(format!("^[1-9][0-9]{{0,{}}}$", COUNT_DIGITS_MAX - 1));
        Schema::Object(object)
    }
}

/// An amount of money as a literal.
pub struct Amount;

/// An amount as a JSON number or a decimal string, without sign and exponent. The text is handed
/// on as sent: whether its decimals fit is judged where the currency is known.
pub fn amount() -> Amount {
    Amount
}

impl Kind for Amount {
    type Out = String;

    fn parse(&self, value: &Json) -> Result<Parsed<String>, Refused> {
        let (Json::Number(literal) | Json::Text(literal)) = value else {
            return Err(Refused::InvalidAmount);
        };
        if literal.len() > AMOUNT_CHARS_MAX || !decimal::is_plain(literal) {
            return Err(Refused::InvalidAmount);
        }
        Ok(Parsed::bare(literal.clone(), decimal::canonical(literal)))
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(SchemaType::Array(vec![Type::String, Type::Number]));
        object.pattern = Some(r"^(0|[1-9][0-9]*)(\.[0-9]+)?$".to_owned());
        object.max_length = Some(AMOUNT_CHARS_MAX);
        object.minimum = Some(Number::Int(0));
        Schema::Object(object)
    }
}

/// An id as a caller gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GivenId {
    /// Could be a record of ours.
    Id(i64),
    /// Cannot be: whoever looks it up finds nothing. Not an error of form, so that a wrong id and
    /// a foreign one get the same answer.
    Nobody,
}

impl GivenId {
    /// The id, if it can be one.
    pub fn id(self) -> Option<i64> {
        match self {
            GivenId::Id(id) => Some(id),
            GivenId::Nobody => None,
        }
    }

    /// Reads decimal digits, the first of them no zero: an id has one spelling.
    pub fn parse(text: &str) -> GivenId {
        let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let id = text
            .parse()
            .ok()
            .filter(|_| all_digits && !text.starts_with('0'));
        match id {
            Some(id) if id < CORE_ID_END => GivenId::Id(id),
            _ => GivenId::Nobody,
        }
    }
}

/// What the name of an event, and of each of its messages, begins with.
const EVENT_PREFIX: &str = "evt_";

impl GivenId {
    /// Reads what names an event: its id, or the name that whoever was told of it knows, which is
    /// that of its first message (`evt_0001099518967829`) or of a further one (`…_1`).
    pub fn of_event(text: &str) -> GivenId {
        let Some(name) = text.strip_prefix(EVENT_PREFIX) else {
            return GivenId::parse(text);
        };
        let is_number = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            is_plain && (1..=16).contains(&text.len())
        };
        let (number, further) = name.split_once('_').unwrap_or((name, "0"));
        if is_number(number) && is_number(further) {
            GivenId::parse(number.trim_start_matches('0'))
        } else {
            GivenId::Nobody
        }
    }
}

/// What names an event.
pub struct EventName;

/// An id of an event as [`core_id`] takes it, or the name of one of its messages. All spellings are
/// the same content.
pub fn event_name() -> EventName {
    EventName
}

impl Kind for EventName {
    type Out = GivenId;

    fn parse(&self, value: &Json) -> Result<Parsed<GivenId>, Refused> {
        match value {
            Json::Text(given) => match GivenId::of_event(given) {
                GivenId::Id(id) => Ok(Parsed::bare(GivenId::Id(id), id.to_string())),
                GivenId::Nobody => Ok(Parsed::quoted(GivenId::Nobody, given)),
            },
            other => core_id().parse(other),
        }
    }

    fn schema(&self) -> Schema {
        core_id().schema()
    }
}

/// An id of the core, as number or decimal string.
pub struct CoreId;

/// An id of the core: a JSON number or a decimal string. Other numbers and texts are ids that
/// belong to nobody.
pub fn core_id() -> CoreId {
    CoreId
}

impl Kind for CoreId {
    type Out = GivenId;

    fn parse(&self, value: &Json) -> Result<Parsed<GivenId>, Refused> {
        let (Json::Number(given) | Json::Text(given)) = value else {
            return Err(Refused::Invalid);
        };
        Ok(match GivenId::parse(given) {
            GivenId::Id(id) => Parsed::bare(GivenId::Id(id), id.to_string()),
            GivenId::Nobody => Parsed::quoted(GivenId::Nobody, given),
        })
    }

    fn schema(&self) -> Schema {
        let types = SchemaType::Array(vec![Type::String, Type::Integer]);
        Schema::Object(Object::with_type(types))
    }
}

/// An id of the core in either of its spellings.
pub struct AnyId(Spelling);

/// How the canonical form of an [`AnyId`] is spelled.
#[derive(Clone, Copy)]
enum Spelling {
    Plain,
    Padded,
}

/// An id of the core as [`core_id`] takes it, or padded to sixteen digits as the FINCI Card API
/// prints it. All spellings are the same content.
pub fn any_id() -> AnyId {
    AnyId(Spelling::Plain)
}

/// As [`any_id`], for a field that the FINCI Card API has: its canonical form is the padded one.
pub fn any_padded_id() -> AnyId {
    AnyId(Spelling::Padded)
}

impl Kind for AnyId {
    type Out = GivenId;

    fn parse(&self, value: &Json) -> Result<Parsed<GivenId>, Refused> {
        let id = match value {
            Json::Text(given) => match PaddedId::parse(given) {
                Some(PaddedId(id @ 1..CORE_ID_END)) => GivenId::Id(id),
                _ => GivenId::parse(given),
            },
            Json::Number(given) => GivenId::parse(given),
            _ => return Err(Refused::Invalid),
        };
        match (id.id(), self.0) {
            (Some(number), Spelling::Plain) => Ok(Parsed::bare(id, number.to_string())),
            (Some(number), Spelling::Padded) => {
                Ok(Parsed::quoted(id, &PaddedId(number).to_string()))
            }
            (None, _) => core_id().parse(value),
        }
    }

    fn schema(&self) -> Schema {
        core_id().schema()
    }
}

/// `true` or `false`.
pub struct Truth;

/// A JSON boolean; the words as strings are not one.
pub fn boolean() -> Truth {
    Truth
}

impl Kind for Truth {
    type Out = bool;

    fn parse(&self, value: &Json) -> Result<Parsed<bool>, Refused> {
        match value {
            Json::Bool(value) => Ok(Parsed::bare(*value, value.to_string())),
            _ => Err(Refused::Invalid),
        }
    }

    fn schema(&self) -> Schema {
        Schema::Object(Object::with_type(Type::Boolean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(literal: &str) -> Json {
        Json::Number(literal.to_owned())
    }

    fn text(text: &str) -> Json {
        Json::Text(text.to_owned())
    }

    #[test]
    fn an_integer_is_a_whole_number_within_its_bounds() {
        let read = |json| integer(1..=100).parse(&json).map(|parsed| parsed.value);
        assert_eq!(read(number("1")), Ok(1));
        assert_eq!(read(number("100.0")), Ok(100));
        let refused = ["0", "101", "1.5", "1e1", "-1", "99999999999999999999"]
            .map(number)
            .into_iter();
        for json in refused.chain([text("1"), Json::Null, Json::Bool(true)]) {
            assert_eq!(read(json.clone()), Err(Refused::Invalid), "{json:?}");
        }
    }

    #[test]
    fn a_count_in_either_spelling_is_the_same_content() {
        for json in [number("7"), number("7.0"), text("7")] {
            let read = count().parse(&json).expect("a count");
            assert_eq!((read.value, &*read.canonical), (7, "7"), "{json:?}");
        }
        let most = text("999999999999999999");
        assert!(count().parse(&most).is_ok());
        let refused = [
            "",
            "0",
            "-1",
            "+1",
            "01",
            "1.0",
            "1e1",
            " 1",
            "ten",
            "٤",
            "1000000000000000000",
        ];
        let refused = refused.map(text).into_iter();
        for json in refused.chain([number("0"), number("1.5"), Json::Null, Json::Bool(true)]) {
            assert_eq!(count().parse(&json), Err(Refused::Invalid), "{json:?}");
        }
    }

    #[test]
    fn an_id_in_either_spelling_is_the_same_content() {
        for json in [number("42"), text("42"), text("0000000000000042")] {
            let plain = any_id().parse(&json).expect("an id");
            assert_eq!((plain.value, &*plain.canonical), (GivenId::Id(42), "42"));
            let padded = any_padded_id().parse(&json).expect("an id");
            let canonical = "\"0000000000000042\"";
            assert_eq!(
                (padded.value, &*padded.canonical),
                (GivenId::Id(42), canonical)
            );
        }
        let nobodys = [
            text("042"),
            text("00000000000000042"),
            text("0000000000000000"),
            text("9999999999999999"),
            text("abc"),
            number("-1"),
        ];
        for json in nobodys {
            let read = any_id().parse(&json).expect("nobody's id");
            assert_eq!(read.value, GivenId::Nobody, "{json:?}");
        }
        assert_eq!(any_id().parse(&Json::Null), Err(Refused::Invalid));
    }

    #[test]
    fn an_event_is_named_by_its_id_and_by_each_of_its_messages() {
        for given in [
            number("42"),
            text("42"),
            text("evt_42"),
            text("evt_0000000000000042"),
            text("evt_0000000000000042_1"),
        ] {
            let read = event_name().parse(&given).expect("an id");
            assert_eq!((read.value, &*read.canonical), (GivenId::Id(42), "42"));
        }
        for nobodys in [
            "evt_",
            "evt_0",
            "evt_x",
            "evt_-1",
            "evt_42_",
            "evt_42_x",
            "evt_42_1_1",
            "evt_00000000000000042",
            "EVT_42",
            "question_0000000000000042",
            "042",
        ] {
            assert_eq!(GivenId::of_event(nobodys), GivenId::Nobody, "{nobodys}");
        }
        assert_eq!(event_name().parse(&Json::Null), Err(Refused::Invalid));
    }

    #[test]
    fn an_amount_keeps_its_spelling_and_compares_by_value() {
        let read = |json| {
            amount()
                .parse(&json)
                .map(|parsed| (parsed.value, parsed.canonical))
        };
        let ten = |spelling: &str| Ok((spelling.to_owned(), "10".to_owned()));
        assert_eq!(read(number("10")), ten("10"));
        assert_eq!(read(text("10.00")), ten("10.00"));
        assert_eq!(read(number("10.0")), ten("10.0"));
        assert_eq!(
            read(text("0.50")),
            Ok(("0.50".to_owned(), "0.5".to_owned()))
        );
        assert_eq!(
            read(number("100")),
            Ok(("100".to_owned(), "100".to_owned()))
        );
    }

    #[test]
    fn what_is_no_plain_decimal_is_no_amount() {
        let refused = [
            "", "-1", "+1", "1e2", "1E2", "01", ".5", "5.", "1.2.3", "1,5", "NaN", " 1",
        ];
        for spelling in refused {
            assert_eq!(
                amount().parse(&text(spelling)),
                Err(Refused::InvalidAmount),
                "{spelling}"
            );
        }
        for json in [
            number("-1"),
            number("1e2"),
            number(&"9".repeat(41)),
            Json::Null,
        ] {
            assert_eq!(
                amount().parse(&json),
                Err(Refused::InvalidAmount),
                "{json:?}"
            );
        }
    }

    #[test]
    fn an_id_is_the_same_as_number_and_as_text() {
        let read = |json| core_id().parse(&json).expect("an id");
        assert_eq!(read(number("42")), read(text("42")));
        assert_eq!(
            read(number("9007199254740991")).value.id(),
            Some((1 << 53) - 1)
        );
    }

    #[test]
    fn other_text_is_an_id_of_nobody_and_other_types_are_none() {
        for spelling in [
            "abc",
            "4 2",
            "-1",
            "+1",
            "0",
            "01",
            "0000000000000042",
            "9007199254740992",
            "٤٢",
            "4294967296000000000000",
        ] {
            assert_eq!(
                core_id().parse(&text(spelling)).map(|id| id.value),
                Ok(GivenId::Nobody)
            );
        }
        assert_eq!(
            core_id().parse(&number("1.5")).map(|id| id.value),
            Ok(GivenId::Nobody)
        );
        assert_eq!(core_id().parse(&Json::Bool(true)), Err(Refused::Invalid));
        assert_eq!(core_id().parse(&Json::Array(vec![])), Err(Refused::Invalid));
    }

    #[test]
    fn only_a_boolean_is_true() {
        assert_eq!(
            boolean().parse(&Json::Bool(true)).map(|truth| truth.value),
            Ok(true)
        );
        assert_eq!(boolean().parse(&text("true")), Err(Refused::Invalid));
        assert_eq!(boolean().parse(&number("1")), Err(Refused::Invalid));
    }
}
