//! What can be wrong with a request, independent of how a dialect spells it.

use std::fmt;

use crate::json::JsonFault;

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The path of the field, such as `address.line1` or `items.0.amount`.
    pub field: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault of the field at `path`.
    pub fn new(path: impl Into<String>, kind: FaultKind) -> Fault {
        Fault {
            field: path.into(),
            kind,
        }
    }
}

/// The ways a field can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Absent, and it must be there.
    Required,
    /// There is no such field.
    Unknown,
    /// Of the wrong type, or its text does not have the right form.
    Invalid,
    /// Well-formed, but not one of the values this field takes, or not beside another field.
    NotAllowed,
    /// Sent under two of its names with different values.
    Conflict,
    /// Not an amount of money: signed, with an exponent, or not decimal at all.
    InvalidAmount,
}

/// Why a whole body was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyFault {
    /// The bytes are not the JSON that is expected.
    Json(JsonFault),
    /// The JSON does not have the shape; never empty.
    Fields(Vec<Fault>),
}

impl From<JsonFault> for BodyFault {
    fn from(fault: JsonFault) -> BodyFault {
        BodyFault::Json(fault)
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyFault::Json(fault) => fault.fmt(out),
            BodyFault::Fields(faults) => {
                let words: Vec<String> = faults
                    .iter()
                    .map(|fault| format!("{}: {:?}", fault.field, fault.kind))
                    .collect();
                out.write_str(&words.join(", "))
            }
        }
    }
}

impl std::error::Error for BodyFault {}
