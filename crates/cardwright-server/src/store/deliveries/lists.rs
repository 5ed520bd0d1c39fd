//! Messages as operators look them up.

use cardwright_core::{DeliveryId, EndpointId, Record, Timestamp};

use super::{Attempt, Delivery, DeliveryState, from_row};
use crate::{
    error::{Error, Result},
    store::{ReadTx, db::Value, holders::time},
};

/// Which messages a list shows; what is absent does not narrow it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct DeliveryFilter {
    /// Only to this endpoint.
    pub endpoint: Option<i64>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only about this event.
    pub event: Option<i64>,
}

/// The message with this id.
pub async fn find(tx: &mut ReadTx, id: DeliveryId) -> Result<Delivery> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM delivery WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Delivery))?)
}

/// Messages before an id, the newest first.
pub async fn list(
    tx: &mut ReadTx,
    filter: &DeliveryFilter,
    before: i64,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM delivery WHERE tenant = $1 AND id < $2 AND ($3 IS NULL OR endpoint = $3) \
         AND ($4 IS NULL OR state = $4) AND ($5 IS NULL OR event = $5) \
         ORDER BY id DESC LIMIT $6"
    );
    let parameters = [
        Value::from(before),
        filter.endpoint.into(),
        filter.state.map(DeliveryState::word).into(),
        filter.event.into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// The messages to an endpoint about an event, the oldest first.
pub async fn of_event(tx: &mut ReadTx, event: i64, endpoint: EndpointId) -> Result<Vec<Delivery>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM delivery WHERE tenant = $1 AND event = $2 AND endpoint = $3 ORDER BY id"
    );
    let rows = tx
        .query(sql, &[event.into(), endpoint.get().into()])
        .await?;
    rows.iter().map(from_row).collect()
}

/// What came of sending a message, in order.
pub async fn attempts(tx: &mut ReadTx, id: DeliveryId) -> Result<Vec<Attempt>> {
    let sql = "SELECT started_at, duration_ms, outcome, status, reason, answer, fault, next_at \
               FROM delivery_attempt WHERE tenant = $1 AND delivery = $2 ORDER BY number";
    let rows = tx.query(sql, &[id.get().into()]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = row.reader();
            Ok(Attempt {
                started_at: time(columns.next()?)?,
                duration_ms: columns.next()?,
                outcome: columns.next()?,
                status: columns.next()?,
                reason: columns.next()?,
                answer: columns.next()?,
                fault: columns.next()?,
                next_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
            })
        })
        .collect()
}

/// Events of a time, the oldest first, those behind an id.
pub async fn of_time(
    tx: &mut ReadTx,
    (from, until): (Timestamp, Timestamp),
    after: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM event WHERE tenant = $1 AND id > $2 AND created_at >= $3 \
               AND created_at < $4 ORDER BY id LIMIT $5";
    let parameters = [
        Value::from(after),
        from.as_millisecond().into(),
        until.as_millisecond().into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(|row| Ok(row.get(0)?)).collect()
}

/// Of those, the ones that an endpoint has not taken and that are not on their way to it, or one
/// message of them.
pub async fn missed(
    tx: &mut ReadTx,
    (from, until): (Timestamp, Timestamp),
    (endpoint, after): (EndpointId, i64),
    limit: i64,
) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM event WHERE tenant = $1 AND id > $2 AND created_at >= $3 \
               AND created_at < $4 AND (NOT EXISTS (SELECT 1 FROM delivery \
               WHERE delivery.tenant = event.tenant AND delivery.event = event.id \
               AND delivery.endpoint = $5 AND delivery.state IN ('pending', 'delivered')) \
               OR EXISTS (SELECT 1 FROM delivery AS dead \
               WHERE dead.tenant = event.tenant AND dead.event = event.id \
               AND dead.endpoint = $5 AND dead.state = 'dead' \
               AND NOT EXISTS (SELECT 1 FROM delivery AS other \
               WHERE other.tenant = event.tenant AND other.event = event.id \
               AND other.endpoint = $5 AND other.message = dead.message \
               AND other.state IN ('pending', 'delivered')))) \
               ORDER BY id LIMIT $6";
    let parameters = [
        Value::from(after),
        from.as_millisecond().into(),
        until.as_millisecond().into(),
        endpoint.get().into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(|row| Ok(row.get(0)?)).collect()
}
