//! What a store can answer instead of a result, told apart by what the caller can do about it.
//!
//! Law: no text here ever holds a parameter's value. The texts are for logs; callers of an API
//! never see them.

use std::fmt;

/// Why the store did not do what it was asked.
///
/// Cloneable because one failed commit answers everyone whose work was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbError {
    /// More work is waiting than the queue takes, or another program holds the file. Nothing was
    /// done; trying again later is safe.
    Busy,
    /// The disk has no room. Nothing was kept; the store works again once there is room.
    Full,
    /// Reading or writing the disk failed. Whether the operation was kept is unknown until the
    /// store has been opened again; after a failed write the process must stop.
    Failed {
        /// What the engine said.
        what: String,
    },
    /// The store was closed before the operation was accepted.
    Closed,
    /// The operation waited for something other than the store while its transaction was open.
    Waited,
    /// The operation panicked; its own effects, and nobody else's, were undone.
    Panicked,
    /// A read tried to change something.
    ReadOnly,
    /// Another row already holds what must be unique.
    Conflict {
        /// The columns or the index, never their values.
        what: String,
    },
    /// The schema refused a row: a check, a missing parent, a trigger that says no.
    Constraint {
        /// The rule's own text.
        what: String,
    },
    /// What is stored is not what the program put there.
    Corrupt {
        /// Where, and what was expected.
        what: String,
    },
    /// The program uses this interface wrongly: a defect to repair, not a state to handle.
    Misuse {
        /// Which rule was broken.
        what: String,
    },
    /// The schema in the file and the schema of this program cannot be brought together.
    Migration {
        /// Which migration, and how they differ.
        what: String,
    },
    /// The store could not be opened.
    Open {
        /// The path and the reason.
        what: String,
    },
    /// Any other refusal of the engine.
    Engine {
        /// What the engine said.
        what: String,
    },
}

impl DbError {
    /// Whether the same operation may succeed later without anybody changing it.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            DbError::Busy | DbError::Full | DbError::Failed { .. } | DbError::Closed
        )
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DbError::Busy => f.write_str("the store has more work than it can take"),
            DbError::Full => f.write_str("the disk of the store is full"),
            DbError::Failed { what } => write!(f, "the disk of the store failed: {what}"),
            DbError::Closed => f.write_str("the store is closed"),
            DbError::Waited => {
                f.write_str("an operation waited for something else with its transaction open")
            }
            DbError::Panicked => f.write_str("an operation on the store panicked"),
            DbError::ReadOnly => f.write_str("a read tried to change the store"),
            DbError::Conflict { what } => write!(f, "already taken: {what}"),
            DbError::Constraint { what } => write!(f, "refused by the schema: {what}"),
            DbError::Corrupt { what } => write!(f, "the store holds what it should not: {what}"),
            DbError::Misuse { what } => write!(f, "the store is used wrongly: {what}"),
            DbError::Migration { what } => write!(f, "the schema cannot be migrated: {what}"),
            DbError::Open { what } => write!(f, "the store cannot be opened: {what}"),
            DbError::Engine { what } => write!(f, "the store's engine refused: {what}"),
        }
    }
}

impl std::error::Error for DbError {}
