//! The one error type of the server, below the dialects.
//!
//! Law: what a caller may read and what the log says are different strings. A dialect turns each
//! variant into its own words; [`Error::log_text`] is for operators only.

use std::fmt;

use cardwright_core::{HolderRefusal, Record, Refusal};

use crate::{secrets::VaultError, store::db::DbError};

/// Why an operation has no result.
#[derive(Debug)]
pub enum Error {
    /// The domain says no.
    Refused(Refusal),
    /// A value that has the right form cannot be right: which field, in the domain's name for it.
    Invalid(&'static str),
    /// The same, where its caller may read why: which field, and the reason.
    Unfit(&'static str, String),
    /// A value that only some requests need, this one among them, is not there: which field.
    Missing(&'static str),
    /// The caller's own name of a message stands for another content: the first field that differs.
    ReferenceTaken(&'static str),
    /// The store could not answer.
    Storage(DbError),
    /// What is stored is not what we put there.
    Corrupt(String),
    /// Too much is going on; trying again later is safe.
    Busy,
}

/// The result of everything that may fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// "There is no such record", which is also the answer for somebody else's.
    pub fn not_found(record: Record) -> Error {
        Error::Refused(Refusal::NotFound(record))
    }

    /// Whether it is the store that can do nothing at the moment, whatever it is asked.
    pub fn is_of_the_store(&self) -> bool {
        match self {
            Error::Busy => true,
            Error::Storage(error) => !matches!(
                error,
                DbError::Conflict { .. }
                    | DbError::Constraint { .. }
                    | DbError::Corrupt { .. }
                    | DbError::Misuse { .. }
            ),
            _ => false,
        }
    }

    /// What an operator reads. Never shown to a caller.
    pub fn log_text(&self) -> String {
        match self {
            Error::Refused(refusal) => format!("refused: {refusal}"),
            Error::Invalid(field) => format!("invalid: {field}"),
            Error::Unfit(field, why) => format!("invalid: {field}: {why}"),
            Error::Missing(field) => format!("missing: {field}"),
            Error::ReferenceTaken(field) => format!("reference taken: {field}"),
            Error::Storage(error) => format!("store: {error}"),
            Error::Corrupt(what) => format!("corrupt: {what}"),
            Error::Busy => "busy".to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.log_text())
    }
}

impl std::error::Error for Error {}

impl From<HolderRefusal> for Error {
    fn from(refusal: HolderRefusal) -> Error {
        Refusal::from(refusal).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal)
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Error {
        match error {
            DbError::Busy => Error::Busy,
            other => Error::Storage(other),
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Error {
        Error::Corrupt(error.to_string())
    }
}
