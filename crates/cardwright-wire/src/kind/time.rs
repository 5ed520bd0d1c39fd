//! Civil dates and months. Instants travel as plain numbers and need no kind.

use std::fmt;

use jiff::civil::Date;
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::{Object, Schema, SchemaFormat, Type};

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// A day of the calendar.
pub struct DateText;

/// A real day of the calendar, as `yyyy-MM-dd`.
pub fn date() -> DateText {
    DateText
}

impl Kind for DateText {
    type Out = Date;

    fn parse(&self, value: &Json) -> Result<Parsed<Date>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let parts = text.split_once('-').and_then(|(year, rest)| {
            let (month, day) = rest.split_once('-')?;
            Some((fixed(year, 4)?, fixed(month, 2)?, fixed(day, 2)?))
        });
        let (year, month, day) = parts.ok_or(Refused::Invalid)?;
        let date = Date::new(year, small(month)?, small(day)?).map_err(|_| Refused::Invalid)?;
        Ok(Parsed::quoted(date, text))
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Date));
        Schema::Object(object)
    }
}

/// A month of a year, such as a card's last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    /// 0 to 9999.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for Month {
    fn schema() -> utoipa::openapi::RefOr<Schema> {
        month().example("2031-07").schema().into()
    }
}

impl utoipa::ToSchema for Month {}

/// A month as text.
pub struct MonthText;

/// A month of a year, as `YYYY-MM`.
pub fn month() -> MonthText {
    MonthText
}

impl Kind for MonthText {
    type Out = Month;

    fn parse(&self, value: &Json) -> Result<Parsed<Month>, Refused> {
        let Json::Text(text) = value else {
            return Err(Refused::Invalid);
        };
        let parts = text.split_once('-');
        let parts = parts.and_then(|(year, month)| Some((fixed(year, 4)?, fixed(month, 2)?)));
        let (year, month) = parts.ok_or(Refused::Invalid)?;
        if !(1..=12).contains(&month) {
            return Err(Refused::Invalid);
        }
        Ok(Parsed::quoted(
            Month {
                year,
                month: small(month)?,
            },
            text,
        ))
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(Type::String);
        object.pattern = Some("^[0-9]{4}-(0[1-9]|1[0-2])$".to_owned());
        Schema::Object(object)
    }
}

fn fixed(text: &str, count: usize) -> Option<i16> {
    let shaped = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if shaped { text.parse().ok() } else { None }
}

fn small(number: i16) -> Result<i8, Refused> {
    i8::try_from(number).map_err(|_| Refused::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<Date> {
        date()
            .parse(&Json::Text(text.to_owned()))
            .ok()
            .map(|parsed| parsed.value)
    }

    fn month_of(text: &str) -> Option<String> {
        month()
            .parse(&Json::Text(text.to_owned()))
            .ok()
            .map(|parsed| parsed.value.to_string())
    }

    #[test]
    fn a_date_is_a_day_that_exists() {
        assert_eq!(day("1990-02-28"), Some(jiff::civil::date(1990, 2, 28)));
        assert!(day("2024-02-29").is_some());
        for bad in [
            "2023-02-29",
            "1990-13-01",
            "1990-00-10",
            "1990-1-1",
            "90-01-01",
            "1990-01-01T00:00",
            "19900101",
            "1990/01/01",
            "+990-01-01",
            "1990-01-",
            "",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
        assert_eq!(
            date().parse(&Json::Number("19900101".to_owned())),
            Err(Refused::Invalid)
        );
    }

    #[test]
    fn a_month_is_a_year_and_one_of_twelve() {
        assert_eq!(month_of("2031-07").as_deref(), Some("2031-07"));
        for bad in [
            "2031-00",
            "2031-13",
            "2031-7",
            "31-07",
            "2031-07-01",
            "07-2031",
            "",
        ] {
            assert_eq!(month_of(bad), None, "{bad}");
        }
    }
}
