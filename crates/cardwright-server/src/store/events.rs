//! Events: they commit with their cause, numbered per subject. Delivery reads them from here.

use cardwright_core::Event;

use super::{Tx, db::Value};
use crate::error::{Error, Result};

/// Adds an event, with the next number of its subject.
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
        "INSERT INTO event (tenant, id, kind, subject_kind, subject_id, subject_sequence, facts, \
         created_at) SELECT $1, $2, $3, $4, $5, COALESCE(MAX(subject_sequence), 0) + 1, $6, $7 \
         FROM event WHERE tenant = $1 AND subject_kind = $4 AND subject_id = $5",
        &parameters,
    )
    .await?;
    Ok(())
}
