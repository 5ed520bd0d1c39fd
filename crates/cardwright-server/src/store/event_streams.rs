//! Events as a stream reads them: in the order of their ids, each once it has its number.

use cardwright_core::TenantId;

use super::{
    ReadTx, SystemTx,
    events::{self, StoredEvent, Unreadable},
    outbox,
};
use crate::error::Result;

/// An event, and how far it is on its way out.
#[derive(Clone, PartialEq, Debug)]
pub struct Passing {
    /// Its id.
    pub id: i64,
    /// What happened, where that can be read.
    pub event: std::result::Result<StoredEvent, Unreadable>,
    /// How far it is.
    pub stage: Stage,
}

/// How far an event is on its way out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It is to be handed out to endpoints, and gets its number then.
    Waiting,
    /// It has this number among the events of its subject.
    Numbered(i64),
    /// Nobody listened when it happened.
    Unheard,
}

/// The newest event of the tenant; 0 where there is none.
pub async fn newest(tx: &mut ReadTx) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(id), 0) FROM event WHERE tenant = $1";
    Ok(tx.one(sql, &[]).await?.get(0)?)
}

/// The events behind an id, the oldest first; one that cannot be read keeps no other waiting.
pub async fn behind(tx: &mut ReadTx, id: i64, limit: i64) -> Result<Vec<Passing>> {
    let sql = "SELECT event.id, event.kind, event.subject_kind, event.subject_id, event.facts, \
               event.created_at, NULL, \
               (SELECT number FROM event_number \
               WHERE event_number.tenant = event.tenant AND event_number.event = event.id), \
               EXISTS (SELECT 1 FROM event_outbox \
               WHERE event_outbox.tenant = event.tenant AND event_outbox.event = event.id) \
               FROM event WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
    let rows = tx.query(sql, &[id.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| {
            let (number, is_waiting): (Option<i64>, i64) = (row.get(7)?, row.get(8)?);
            Ok(Passing {
                id: row.get(0)?,
                event: events::readable(row)?,
                stage: match (number, is_waiting) {
                    (_, 1) => Stage::Waiting,
                    (Some(number), _) => Stage::Numbered(number),
                    (None, _) => Stage::Unheard,
                },
            })
        })
        .collect()
}

/// The newest event that has a number; 0 where none has.
pub async fn newest_numbered(tx: &mut ReadTx) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(event), 0) FROM event_number WHERE tenant = $1";
    Ok(tx.one(sql, &[]).await?.get(0)?)
}

/// Numbers an event that nobody had listened to, unless a later one has its number already: its
/// place among them is gone then.
pub async fn number(tx: &mut SystemTx, tenant: TenantId, event: &StoredEvent) -> Result<()> {
    if event.id > newest_numbered(&mut tx.view(tenant)).await? {
        outbox::number(tx, tenant, event).await?;
    }
    Ok(())
}
