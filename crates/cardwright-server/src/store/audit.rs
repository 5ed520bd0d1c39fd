//! The audit log: who did what to what, from where, and how it ended. Append-only.

use cardwright_core::Timestamp;

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, Value},
    holders::time,
};
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

/// A row as it is read back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// When, in real time.
    pub at: Timestamp,
    /// Kind and id of the actor.
    pub actor: (String, String),
    /// What was done.
    pub action: String,
    /// Kind and id of the record it was done to.
    pub subject: (String, String),
    /// How it ended.
    pub outcome: String,
    /// Whence it was asked for.
    pub address: String,
    /// For whom the caller said it acts.
    pub claimed_for: Option<String>,
    /// From which system the caller said it calls.
    pub claimed_from: Option<String>,
    /// The request that asked for it.
    pub request_id: String,
}

/// Which rows are asked for; what is absent does not matter.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// This deed.
    pub action: Option<String>,
    /// This kind of record.
    pub subject_kind: Option<String>,
    /// The record with this id.
    pub subject_id: Option<String>,
    /// Then or later.
    pub from: Option<Timestamp>,
    /// Before then.
    pub to: Option<Timestamp>,
}

/// When the newest row of all tenants was written, in real time.
pub async fn newest(session: &mut ReadSession) -> Result<Option<Timestamp>> {
    let row = session.one("SELECT MAX(at) FROM audit", &[]).await?;
    row.get::<Option<i64>>(0)?.map(time).transpose()
}

/// Rows below an id, the newest first.
pub async fn list(tx: &mut ReadTx, filter: &Filter, below: i64, limit: i64) -> Result<Vec<Entry>> {
    let sql = "SELECT id, at, actor_kind, actor_id, action, subject_kind, subject_id, outcome, \
               address, claimed_for, claimed_from, request_id FROM audit \
               WHERE tenant = $1 AND id < $2 AND ($4 IS NULL OR action = $4) \
               AND ($5 IS NULL OR subject_kind = $5) AND ($6 IS NULL OR subject_id = $6) \
               AND ($7 IS NULL OR at >= $7) AND ($8 IS NULL OR at < $8) \
               ORDER BY id DESC LIMIT $3";
    let parameters = [
        Value::from(below),
        limit.into(),
        filter.action.as_deref().into(),
        filter.subject_kind.as_deref().into(),
        filter.subject_id.as_deref().into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.to.map(Timestamp::as_millisecond).into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Entry> {
    let mut columns = row.reader();
    Ok(Entry {
        id: columns.next()?,
        at: time(columns.next()?)?,
        actor: (columns.next()?, columns.next()?),
        action: columns.next()?,
        subject: (columns.next()?, columns.next()?),
        outcome: columns.next()?,
        address: columns.next()?,
        claimed_for: columns.next()?,
        claimed_from: columns.next()?,
        request_id: columns.next()?,
    })
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
