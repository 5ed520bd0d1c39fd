//! What an operation holds while it runs: the right to look, or to look and change.
//!
//! A session belongs to its thread and has no lifetime, so it can be wrapped in a richer
//! transaction type by value. It is worth nothing once the operation has ended.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::error::DbError;
use super::sqlite::{Engine, Savepoint};
use super::value::{Row, Value};

/// Looks at one unchanging state of the store.
pub struct ReadSession {
    engine: Rc<Engine>,
}

impl ReadSession {
    pub(super) fn new(engine: &Rc<Engine>) -> ReadSession {
        ReadSession {
            engine: Rc::clone(engine),
        }
    }

    /// All rows of the answer. In a [`WriteSession`] the statement may change something and say
    /// what by `RETURNING`; in a read that is [`DbError::ReadOnly`].
    pub async fn query(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>, DbError> {
        self.engine.query(sql, params)
    }

    /// Shows the rows of the answer one after another; an error of `each` ends it.
    pub async fn query_each(
        &mut self,
        sql: &'static str,
        params: &[Value],
        each: impl FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        self.engine.query_each(sql, params, each)
    }

    /// The one row there may be. A second one is [`DbError::Corrupt`]: say `LIMIT 1` if any will
    /// do.
    pub async fn optional(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Option<Row>, DbError> {
        let mut rows = self.engine.query(sql, params)?;
        if rows.len() > 1 {
            return Err(DbError::Corrupt {
                what: "more than one row, where one may be".into(),
            });
        }
        Ok(rows.pop())
    }

    /// The one row there must be. None, or a second one, is [`DbError::Corrupt`].
    pub async fn one(&mut self, sql: &'static str, params: &[Value]) -> Result<Row, DbError> {
        let row = self.optional(sql, params).await?;
        row.ok_or_else(|| DbError::Corrupt {
            what: "no row, where one must be".into(),
        })
    }

    #[cfg(test)]
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// Looks at the store and changes it.
///
/// Everything the operation changes is kept if it returns `Ok`, and undone if it does not.
pub struct WriteSession {
    read: ReadSession,
}

impl Deref for WriteSession {
    type Target = ReadSession;

    fn deref(&self) -> &ReadSession {
        &self.read
    }
}

impl DerefMut for WriteSession {
    fn deref_mut(&mut self) -> &mut ReadSession {
        &mut self.read
    }
}

impl WriteSession {
    pub(super) fn new(engine: &Rc<Engine>) -> WriteSession {
        WriteSession {
            read: ReadSession::new(engine),
        }
    }

    /// A session that looks at what this one has changed so far, for wrapping the two apart.
    pub fn reader(&self) -> ReadSession {
        ReadSession {
            engine: Rc::clone(&self.read.engine),
        }
    }

    /// The same session, for a part of the operation that knows its tenant.
    #[must_use]
    pub fn same(&mut self) -> WriteSession {
        WriteSession {
            read: self.reader(),
        }
    }

    /// Runs a statement that gives no rows; returns how many rows it changed.
    pub async fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, DbError> {
        self.read.engine.execute(sql, params)
    }

    /// Opens a part of the operation that can be undone alone. Parts stack; each must be closed
    /// before the operation returns `Ok`, or all of it is undone as [`DbError::Misuse`].
    pub async fn begin_nested(&mut self) -> Result<(), DbError> {
        self.read.engine.set_savepoint(Savepoint::Nested)
    }

    /// Keeps the innermost open part, as far as the operation itself is kept.
    pub async fn commit_nested(&mut self) -> Result<(), DbError> {
        self.read.engine.keep(Savepoint::Nested)
    }

    /// Undoes the innermost open part; the operation goes on as if it had not begun it.
    pub async fn rollback_nested(&mut self) -> Result<(), DbError> {
        self.read.engine.undo(Savepoint::Nested)
    }

    /// Runs the statements of a migration, the only ones that may change the schema.
    pub(super) fn run_script(&mut self, sql: &str) -> Result<(), DbError> {
        self.read.engine.run_script(sql)
    }
}
