//! How instants are written: RFC 3339 in the signed API, Unix milliseconds in the session API.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{Object, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};

/// An instant written as `2025-10-01T08:30:00.000Z`: always milliseconds, always UTC, so that times
/// sort as text.
///
/// ```
/// use cardwright_wire::instant::Rfc3339;
///
/// let instant = Rfc3339("2025-10-01T10:30:00+02:00".parse().unwrap());
/// assert_eq!(serde_json::to_string(&instant).unwrap(), "\"2025-10-01T08:30:00.000Z\"");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rfc3339(pub Timestamp);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

impl utoipa::PartialSchema for Rfc3339 {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
        object.examples.push("2025-10-01T08:30:00.000Z".into());
        RefOr::T(Schema::Object(object))
    }
}

impl utoipa::ToSchema for Rfc3339 {}

/// An instant written as the number of milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMs(pub Timestamp);

impl Serialize for UnixMs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.as_millisecond())
    }
}

impl utoipa::PartialSchema for UnixMs {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::Integer);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Int64));
        object.description = Some("Unix milliseconds".to_owned());
        object.examples.push(1_759_307_400_000_i64.into());
        RefOr::T(Schema::Object(object))
    }
}

impl utoipa::ToSchema for UnixMs {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_text_with_milliseconds_or_a_number_of_them() {
        let instant: Timestamp = "2025-10-01T08:30:00.0079Z".parse().expect("an instant");
        let text = serde_json::to_string(&Rfc3339(instant)).expect("plain");
        assert_eq!(text, "\"2025-10-01T08:30:00.007Z\"");
        assert_eq!(
            serde_json::to_string(&UnixMs(instant)).expect("plain"),
            "1759307400007"
        );
    }
}
