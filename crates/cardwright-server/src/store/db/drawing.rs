//! Numbers drawn out of sequences: each is read once and written once a commit, however many are
//! drawn, because an authorization alone draws five.
//!
//! Law: what was drawn commits with whoever drew it; work that is undone gives its numbers back.

use super::error::DbError;
use super::sqlite::Engine;
use super::value::Params;

/// A sequence that was drawn from since the transaction began, and its last number.
type Last = (&'static str, i64);

/// The numbers drawn since the transaction began.
#[derive(Debug, Default, Clone)]
pub(super) struct Drawn {
    sequences: Vec<Last>,
}

impl Drawn {
    /// The next number of a sequence that was drawn from before, at least `lowest`.
    fn next(&mut self, name: &'static str, lowest: i64) -> Option<i64> {
        let (_, last) = self
            .sequences
            .iter_mut()
            .find(|(known, _)| *known == name)?;
        *last = lowest.max(*last + 1);
        Some(*last)
    }
}

impl Engine {
    /// The next number of a sequence, at least `lowest`.
    pub(super) fn draw(&self, name: &'static str, lowest: i64) -> Result<i64, DbError> {
        if let Some(next) = self.drawn.borrow_mut().next(name, lowest) {
            return Ok(next);
        }
        let sql = "SELECT value FROM sequence WHERE name = $1";
        let rows = self.query(sql, Params::plain(&[name.into()]))?;
        let stored: Option<i64> = rows.first().map(|row| row.get(0)).transpose()?;
        let next = stored.map_or(lowest, |last| lowest.max(last + 1));
        self.drawn.borrow_mut().sequences.push((name, next));
        Ok(next)
    }

    /// Stores how far the sequences are.
    pub(super) fn settle_drawn(&self) -> Result<(), DbError> {
        let sql = "INSERT INTO sequence (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        for (name, last) in std::mem::take(&mut self.drawn.borrow_mut().sequences) {
            self.execute(sql, Params::plain(&[name.into(), last.into()]))?;
        }
        Ok(())
    }
}
