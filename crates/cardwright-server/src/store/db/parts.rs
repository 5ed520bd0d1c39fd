//! Parts of a transaction: each caller's work, and what it may want to undo of its own.
//!
//! Law: a part that is undone leaves nothing. The engine's savepoints see to it, at a price: they
//! copy every page before its first change. Work that can be done again is spared it: it runs
//! without them, and only where something must be undone after all, which is rare because most
//! refusals come before the first change, all of it is undone and done again with savepoints.

use std::cell::{Cell, RefCell};

use super::drawing::Drawn;
use super::error::DbError;
use super::sqlite::Engine;

/// A place to come back to inside the batch's transaction. SQLite finds the innermost by name, so
/// one name serves any depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One caller's work.
    Operation,
    /// A part of it.
    Nested,
}

/// How parts are undone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Undoing {
    /// By a savepoint of the engine.
    #[default]
    Alone,
    /// Only with everything since the beginning of the transaction.
    Together,
}

/// The parts that are open.
#[derive(Debug, Default)]
pub(super) struct Parts {
    open: RefCell<Vec<Begun>>,
    undoing: Cell<Undoing>,
    lost: Cell<Lost>,
}

/// Whether a part should have been undone that cannot be undone alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Lost {
    #[default]
    Nothing,
    Part,
}

/// What was true when a part began.
#[derive(Debug)]
struct Begun {
    part: Part,
    drawn: Drawn,
    changed_rows: u64,
}

impl Parts {
    /// Begins a transaction.
    pub(super) fn forget(&self) {
        self.open.borrow_mut().clear();
        self.undoing.set(Undoing::Alone);
        self.lost.set(Lost::Nothing);
    }

    /// How parts are undone from now on. No part may be open.
    pub(super) fn undo_them(&self, undoing: Undoing) {
        self.undoing.set(undoing);
    }

    /// How many parts of the operation are open.
    pub(super) fn nested(&self) -> usize {
        let open = self.open.borrow();
        open.iter()
            .filter(|begun| begun.part == Part::Nested)
            .count()
    }

    /// Whether all must be undone because a part could not be undone alone.
    pub(super) fn must_begin_again(&self) -> bool {
        self.lost.get() == Lost::Part
    }

    /// Closes the innermost such part, with all that are open in it.
    fn close(&self, part: Part) -> Result<Begun, DbError> {
        let mut open = self.open.borrow_mut();
        let innermost = open.iter().rposition(|begun| begun.part == part);
        let innermost = innermost.ok_or_else(|| DbError::Misuse {
            what: "no such part is open".into(),
        })?;
        open.truncate(innermost + 1);
        open.pop().ok_or(DbError::Closed)
    }
}

impl Engine {
    /// Begins a part.
    pub(super) fn begin_part(&self, part: Part) -> Result<(), DbError> {
        self.in_transaction()?;
        match (self.parts.undoing.get(), part) {
            (Undoing::Together, _) => {}
            (Undoing::Alone, Part::Operation) => self.control("SAVEPOINT operation")?,
            (Undoing::Alone, Part::Nested) => self.control("SAVEPOINT nested")?,
        }
        self.parts.open.borrow_mut().push(Begun {
            part,
            drawn: self.drawn.borrow().clone(),
            changed_rows: self.changed_rows(),
        });
        Ok(())
    }

    /// Keeps what the innermost such part did, as part of what surrounds it.
    pub(super) fn keep_part(&self, part: Part) -> Result<(), DbError> {
        self.in_transaction()?;
        self.parts.close(part)?;
        match (self.parts.undoing.get(), part) {
            (Undoing::Together, _) => Ok(()),
            (Undoing::Alone, Part::Operation) => self.control("RELEASE operation"),
            (Undoing::Alone, Part::Nested) => self.control("RELEASE nested"),
        }
    }

    /// Undoes what the innermost such part did.
    pub(super) fn undo_part(&self, part: Part) -> Result<(), DbError> {
        self.in_transaction()?;
        let begun = self.parts.close(part)?;
        self.drawn.replace(begun.drawn);
        match (self.parts.undoing.get(), part) {
            (Undoing::Together, _) if begun.changed_rows == self.changed_rows() => Ok(()),
            (Undoing::Together, _) => {
                self.parts.lost.set(Lost::Part);
                Err(DbError::Engine {
                    what: "all of it is done again".to_owned(),
                })
            }
            (Undoing::Alone, Part::Operation) => {
                self.control("ROLLBACK TO operation")?;
                self.control("RELEASE operation")
            }
            (Undoing::Alone, Part::Nested) => {
                self.control("ROLLBACK TO nested")?;
                self.control("RELEASE nested")
            }
        }
    }
}
