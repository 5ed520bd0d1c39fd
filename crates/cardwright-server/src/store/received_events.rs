//! Events that were sent to the platform's own address.

use super::{Tx, db::Value};
use crate::error::Result;

/// Keeps an event; whether it is the first with its id.
pub async fn insert(tx: &mut Tx, (event_id, event_type): (&str, &str)) -> Result<bool> {
    let parameters = [
        Value::from(event_id),
        event_type.into(),
        tx.real_now().as_millisecond().into(),
    ];
    let sql = "INSERT INTO received_event (tenant, event_id, event_type, received_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, event_id) DO NOTHING";
    Ok(tx.execute(sql, &parameters).await? == 1)
}
