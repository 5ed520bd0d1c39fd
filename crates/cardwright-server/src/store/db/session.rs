//! What an operation holds while it runs: the right to look, or to look and change.
//!
//! A session belongs to its thread and has no lifetime, so it can be wrapped in a richer
//! transaction type by value. It is worth nothing once the operation has ended.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::error::DbError;
use super::parts::Part;
use super::sqlite::Engine;
use super::value::{Params, Row, Value};

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
        self.engine.query(sql, Params::plain(params))
    }

    /// Shows the rows of the answer one after another; an error of `each` ends it.
    pub async fn query_each(
        &mut self,
        sql: &'static str,
        params: &[Value],
        each: impl FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        self.engine.query_each(sql, Params::plain(params), each)
    }

    /// The one row there may be. A second one is [`DbError::Corrupt`]: say `LIMIT 1` if any will
    /// do.
    pub async fn optional(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Option<Row>, DbError> {
        at_most_one(self.engine.query(sql, Params::plain(params))?)
    }

    /// The one row there must be. None, or a second one, is [`DbError::Corrupt`].
    pub async fn one(&mut self, sql: &'static str, params: &[Value]) -> Result<Row, DbError> {
        exactly_one(self.optional(sql, params).await?)
    }

    /// What is asked with one parameter before all others.
    pub fn with<'a>(&'a mut self, first: &'a Value) -> With<'a> {
        With {
            engine: &self.engine,
            first,
        }
    }

    #[cfg(test)]
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }
}

fn at_most_one(mut rows: Vec<Row>) -> Result<Option<Row>, DbError> {
    if rows.len() > 1 {
        return Err(DbError::Corrupt {
            what: "more than one row, where one may be".into(),
        });
    }
    Ok(rows.pop())
}

fn exactly_one(row: Option<Row>) -> Result<Row, DbError> {
    row.ok_or_else(|| DbError::Corrupt {
        what: "no row, where one must be".into(),
    })
}

/// A session whose statements get one parameter before those that stand with them.
pub struct With<'a> {
    engine: &'a Engine,
    first: &'a Value,
}

impl With<'_> {
    /// Like [`ReadSession::query`].
    pub async fn query(self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.engine.query(sql, Params::after(self.first, params))
    }

    /// Like [`ReadSession::query_each`].
    pub async fn query_each(
        self,
        sql: &'static str,
        params: &[Value],
        each: impl FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let params = Params::after(self.first, params);
        self.engine.query_each(sql, params, each)
    }

    /// Like [`ReadSession::optional`].
    pub async fn optional(
        self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Option<Row>, DbError> {
        at_most_one(self.query(sql, params).await?)
    }

    /// Like [`ReadSession::one`].
    pub async fn one(self, sql: &'static str, params: &[Value]) -> Result<Row, DbError> {
        exactly_one(self.optional(sql, params).await?)
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
        self.read.engine.execute(sql, Params::plain(params))
    }

    /// Like [`WriteSession::execute`], with one parameter before all others.
    pub async fn execute_with(
        &mut self,
        first: &Value,
        sql: &'static str,
        params: &[Value],
    ) -> Result<u64, DbError> {
        self.read.engine.execute(sql, Params::after(first, params))
    }

    /// Opens a part of the operation that can be undone alone. Parts stack; each must be closed
    /// before the operation returns `Ok`, or all of it is undone as [`DbError::Misuse`].
    pub async fn begin_nested(&mut self) -> Result<(), DbError> {
        self.read.engine.begin_part(Part::Nested)
    }

    /// Keeps the innermost open part, as far as the operation itself is kept.
    pub async fn commit_nested(&mut self) -> Result<(), DbError> {
        self.read.engine.keep_part(Part::Nested)
    }

    /// Undoes the innermost open part; the operation goes on as if it had not begun it.
    pub async fn rollback_nested(&mut self) -> Result<(), DbError> {
        self.read.engine.undo_part(Part::Nested)
    }

    /// The next number of a named sequence, at least `lowest`. It is stored with the commit; work
    /// that is undone gives its numbers back.
    pub async fn draw(&mut self, name: &'static str, lowest: i64) -> Result<i64, DbError> {
        self.read.engine.draw(name, lowest)
    }

    /// Runs the statements of a migration, the only ones that may change the schema.
    pub(super) fn run_script(&mut self, sql: &str) -> Result<(), DbError> {
        self.read.engine.run_script(sql)
    }
}
