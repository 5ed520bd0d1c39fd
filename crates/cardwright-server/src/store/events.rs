//! Events: they commit with their cause, in the order of their ids. Delivery reads them from here.

use cardwright_core::Event;

use super::{Tx, db::Value};
use crate::error::{Error, Result};

/// Adds an event. Its id is higher than that of any event before it, also of the same subject.
pub(super) async fn insert(tx: &mut Tx, event: Event) -> Result<()> {
    let id = tx.next_id().await?;
    let facts: serde_json::Map<String, serde_json::Value> = event
        .facts()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let facts = serde_json::to_string(&facts).map_err(|error| Error::Corrupt(error.to_string()))?;
    let subject = event.subject();
    let parameters = [
        Value::from(id),
        event.word().into(),
        subject.word().into(),
        subject.id().into(),
        facts.into(),
        tx.now().as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO event (tenant, id, kind, subject_kind, subject_id, facts, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &parameters,
    )
    .await?;
    Ok(())
}
