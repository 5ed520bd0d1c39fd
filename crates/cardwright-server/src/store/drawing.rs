//! Numbers drawn in one write: the stored sequence is read once and written once, however many are
//! drawn, because an authorization alone draws five.
//!
//! Law: what a write drew is stored with it, so a write that is undone gives its numbers back, and
//! so does a part of one that is undone alone.

use super::db::WriteSession;
use crate::error::Result;

/// The numbers that a write drew so far: of each sequence the last one.
#[derive(Clone, Debug, Default)]
pub(super) struct Drawn(Vec<(&'static str, i64)>);

impl Drawn {
    /// The next number of a sequence, at least `lowest`.
    pub(super) async fn next(
        &mut self,
        session: &mut WriteSession,
        (name, lowest): (&'static str, i64),
    ) -> Result<i64> {
        if let Some((_, last)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            *last += 1;
            return Ok(*last);
        }
        let sql = "SELECT value FROM sequence WHERE name = $1";
        let stored = session.optional(sql, &[name.into()]).await?;
        let stored: Option<i64> = stored.map(|row| row.get(0)).transpose()?;
        let next = stored.map_or(lowest, |last| lowest.max(last + 1));
        self.0.push((name, next));
        Ok(next)
    }

    /// Stores how far the sequences are.
    pub(super) async fn settle(&self, session: &mut WriteSession) -> Result<()> {
        let sql = "INSERT INTO sequence (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        for (name, last) in &self.0 {
            session
                .execute(sql, &[(*name).into(), (*last).into()])
                .await?;
        }
        Ok(())
    }
}
