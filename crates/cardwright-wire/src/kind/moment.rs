//! Instants and durations as our own surfaces take them: RFC 3339 and ISO 8601.

use jiff::{Span, Timestamp, fmt::temporal::SpanParser};
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::{Object, Schema, SchemaFormat, Type};

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// An instant.
pub struct Moment;

/// An instant as RFC 3339 writes it, with its offset from UTC.
pub fn moment() -> Moment {
    Moment
}

impl Kind for Moment {
    type Out = Timestamp;

    fn parse(&self, value: &Json) -> Result<Parsed<Timestamp>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let instant = rfc3339(text).ok_or(Refused::Invalid)?;
        Ok(Parsed::quoted(instant, &instant.to_string()))
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
        Schema::Object(object)
    }
}

/// The parser knows more spellings than RFC 3339 has; those are told by their letters.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shaped = bytes.get(10).is_some_and(|letter| b"Tt ".contains(letter))
        && bytes.get(13) == Some(&b':')
        && bytes.get(16) == Some(&b':')
        && bytes.first().is_some_and(u8::is_ascii_digit)
        && !text.contains(['[', ',']);
    shaped.then(|| text.parse().ok()).flatten()
}

/// A duration.
pub struct Duration;

/// Takes ISO 8601 and none of the friendlier forms.
static PARSER: SpanParser = SpanParser::new();

/// A duration as ISO 8601 writes it, such as `PT36H`, `P7D` or `P1M`; a sign may stand in front.
pub fn duration() -> Duration {
    Duration
}

impl Kind for Duration {
    type Out = Span;

    fn parse(&self, value: &Json) -> Result<Parsed<Span>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let span = PARSER.parse_span(text).map_err(|_| Refused::Invalid)?;
        Ok(Parsed::quoted(span, &span.to_string()))
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Duration));
        Schema::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment_of(text: &str) -> Option<String> {
        let parsed = moment().parse(&Json::Text(text.to_owned())).ok()?;
        Some(parsed.value.to_string())
    }

    fn canonical(text: &str) -> Option<String> {
        let parsed = duration().parse(&Json::Text(text.to_owned())).ok()?;
        Some(parsed.canonical)
    }

    #[test]
    fn a_moment_says_where_on_earth_it_is_what_time() {
        let expected = Some("2027-01-31T08:00:00Z".to_owned());
        assert_eq!(moment_of("2027-01-31T08:00:00Z"), expected);
        assert_eq!(moment_of("2027-01-31t08:00:00z"), expected);
        assert_eq!(moment_of("2027-01-31 10:00:00+02:00"), expected);
        let fine = Some("2027-01-31T08:00:00.125Z".to_owned());
        assert_eq!(moment_of("2027-01-31T08:00:00.125Z"), fine);
        for wrong in [
            "",
            "now",
            "2027-01-31",
            "2027-01-31T08:00:00",
            "2027-01-31T08:00Z",
            "2027-02-31T08:00:00Z",
            "2027-01-31T25:00:00Z",
            "2027-01-31T08:00:00+02:00[Europe/Vilnius]",
            "20270131T080000Z",
            "+002027-01-31T08:00:00Z",
            "1801382400",
            "2027-01-31T08:00:00ž",
        ] {
            assert_eq!(moment_of(wrong), None, "{wrong}");
        }
        assert!(moment().parse(&Json::Number("1".to_owned())).is_err());
    }

    #[test]
    fn a_duration_is_that_of_iso_8601() {
        for text in ["PT36H", "P7D", "P1M", "P1Y2M3DT4H5M6S", "-P1D", "PT0S"] {
            assert_eq!(canonical(text), Some(format!("\"{text}\"")));
        }
        for wrong in ["", "P", "7 days", "1h", "PT", "P-", "36", "P1DT"] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }
}
