//! The audit log: who did what to what, from where, and how it ended. Append-only.

use super::{Tx, db::Value};
use crate::error::Result;

/// What an audit row says besides who and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// What was done, such as `card.freeze`.
    pub action: &'a str,
    /// To what: kind of record and its id.
    pub subject: (&'a str, &'a str),
    /// `done`, or `refused:` and the reason.
    pub outcome: &'a str,
}

/// Adds a row.
pub(super) async fn insert(tx: &mut Tx, record: Record<'_>) -> Result<()> {
    let id = tx.next_id().await?;
    let actor = tx.actor().clone();
    let parameters = [
        Value::from(id),
        actor.kind.word().into(),
        actor.id.into(),
        record.action.into(),
        record.subject.0.into(),
        record.subject.1.into(),
        record.outcome.into(),
        actor.address.into(),
        actor.claimed_for.into(),
        actor.claimed_from.into(),
        actor.request_id.into(),
        tx.real_now().as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO audit (tenant, id, actor_kind, actor_id, action, subject_kind, subject_id, \
         outcome, address, claimed_for, claimed_from, request_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &parameters,
    )
    .await?;
    Ok(())
}
