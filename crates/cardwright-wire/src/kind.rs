//! The kinds of values a field can take: each reads one JSON value and documents itself.
//!
//! A kind also gives the canonical spelling of what it read, so that `10`, `10.0` and `"10.00"`
//! compare as the one amount they are.

mod choice;
mod clearable;
mod compound;
mod decimal;
mod documented;
mod moment;
mod number;
mod text;
mod time;

use utoipa::openapi::schema::Schema;

use crate::json::Json;
use crate::shape::Fault;

pub use choice::{Choice, one_of};
pub use clearable::{Clearable, OrNull, clearable};
pub use compound::{Ignored, ListOf, ObjectOf, ignored, list, object};
pub use documented::{Documented, Example};
pub use moment::{Duration, Moment, duration, moment};
pub use number::{
    Amount, AnyId, CoreId, Count, EventName, GivenId, Integer, Truth, amount, any_id,
    any_padded_id, boolean, core_id, count, event_name, integer,
};
pub use text::{
    FreeText, Hidden, HiddenPan, HiddenText, Lines, Matching, PaddedId, PaddedIdText, PemText,
    Text, Verbatim, country, currency, digits, email, free_text, hidden_pan, hidden_text, lines,
    matching, padded_id, pem, phone, text, text_or_number, verbatim,
};
pub use time::{DateText, Month, MonthText, date, month};

/// A value and its canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What was read.
    pub value: T,
    /// Equal for equal values, whatever their spelling; itself JSON.
    pub canonical: String,
}

impl<T> Parsed<T> {
    /// A value whose canonical form is this text, quoted.
    pub fn quoted(value: T, canonical: &str) -> Parsed<T> {
        Parsed {
            value,
            canonical: Json::quote(canonical),
        }
    }

    /// A value whose canonical form is written bare: a number, `true`, an object.
    pub fn bare(value: T, canonical: impl Into<String>) -> Parsed<T> {
        Parsed {
            value,
            canonical: canonical.into(),
        }
    }
}

/// Why a kind does not take a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Of another type, or not of the right form.
    Invalid,
    /// Not an amount of money.
    InvalidAmount,
    /// A word outside the vocabulary.
    NotAllowed,
    /// Faults of the parts, with paths relative to this value.
    Inside(Vec<Fault>),
}

/// One kind of value.
pub trait Kind: Sized {
    /// What it reads into.
    type Out;

    /// Reads one value.
    fn parse(&self, value: &Json) -> Result<Parsed<Self::Out>, Refused>;

    /// Documents what [`Kind::parse`] takes.
    fn schema(&self) -> Schema;

    /// Says what the field means.
    fn about(self, description: &'static str) -> Documented<Self> {
        Documented::new(self).described(description)
    }

    /// Shows one valid value.
    fn example(self, example: impl Into<Example>) -> Documented<Self> {
        Documented::new(self).shown(example.into())
    }
}
