//! Events that are still to be handed out to endpoints, and their numbers.
//!
//! Law: an event is handed out because its row stands here, and its row goes in the transaction that
//! leaves its deliveries; nothing remembers how far it came. A trigger puts the rows here.

use cardwright_core::{EndpointId, TenantId};

use super::{
    ReadTx, SystemTx, Tx,
    db::{ReadSession, Value},
    events::{self, StoredEvent, Unreadable},
};
use crate::error::{Error, Result};

/// Tenants with events to hand out.
pub async fn tenants(session: &mut ReadSession) -> Result<Vec<TenantId>> {
    let sql = "SELECT id FROM tenant \
               WHERE EXISTS (SELECT 1 FROM event_outbox WHERE event_outbox.tenant = tenant.id) \
               ORDER BY id";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            TenantId::new(row.get(0)?).map_err(|_| Error::Corrupt("a tenant's id".to_owned()))
        })
        .collect()
}

/// Whether anybody ever had an endpoint.
pub async fn is_listened(session: &mut ReadSession) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM webhook_endpoint)";
    let found: i64 = session.one(sql, &[]).await?.get(0)?;
    Ok(found == 1)
}

/// The events to hand out, in their order, at most `limit` of them; one that cannot be read keeps no
/// other waiting.
pub async fn next(
    tx: &mut ReadTx,
    limit: i64,
) -> Result<Vec<std::result::Result<StoredEvent, Unreadable>>> {
    // What was never handed out has not failed at it.
    let sql = "SELECT event.id, event.kind, event.subject_kind, event.subject_id, event.facts, \
               event.created_at, NULL FROM event_outbox CROSS JOIN event \
               WHERE event_outbox.tenant = $1 AND event.tenant = event_outbox.tenant \
               AND event.id = event_outbox.event ORDER BY event_outbox.event LIMIT $2";
    let rows = tx.query(sql, &[limit.into()]).await?;
    rows.iter().map(events::readable).collect()
}

/// Takes an event; whether it was still there.
pub async fn take(tx: &mut SystemTx, tenant: TenantId, event: i64) -> Result<bool> {
    let sql = "DELETE FROM event_outbox WHERE tenant = $1 AND event = $2";
    let parameters = [Value::from(tenant.get()), event.into()];
    Ok(tx.session.execute(sql, &parameters).await? == 1)
}

/// Whether an event still waits for its turn.
pub async fn is_waiting(tx: &mut ReadTx, event: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM event_outbox WHERE tenant = $1 AND event = $2";
    Ok(tx.optional(sql, &[event.into()]).await?.is_some())
}

/// Takes an event before its turn, for an operator.
pub async fn take_early(tx: &mut Tx, event: i64) -> Result<()> {
    let sql = "DELETE FROM event_outbox WHERE tenant = $1 AND event = $2";
    tx.execute(sql, &[event.into()]).await?;
    Ok(())
}

const PUT_ASIDE: &str = "INSERT INTO event_unsent (tenant, event, reason, at) \
                         VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, event) \
                         DO UPDATE SET reason = excluded.reason, at = excluded.at";

/// Keeps an event of which no message could be made, with what was wrong.
pub async fn put_aside(
    tx: &mut SystemTx,
    (tenant, event): (TenantId, i64),
    reason: &str,
) -> Result<()> {
    let parameters = [
        Value::from(tenant.get()),
        event.into(),
        reason.into(),
        tx.now().as_millisecond().into(),
    ];
    tx.session.execute(PUT_ASIDE, &parameters).await?;
    Ok(())
}

/// The same where an operator wanted it sent again.
pub async fn put_aside_asked(tx: &mut Tx, event: i64, reason: &str) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    let parameters = [event.into(), reason.into(), now.into()];
    tx.execute(PUT_ASIDE, &parameters).await?;
    Ok(())
}

/// Forgets that no message could be made of an event.
pub async fn take_up(tx: &mut Tx, event: i64) -> Result<()> {
    let sql = "DELETE FROM event_unsent WHERE tenant = $1 AND event = $2";
    tx.execute(sql, &[event.into()]).await?;
    Ok(())
}

/// How many events there are that no message could be made of, counted up to `most`.
pub async fn unsent(session: &mut ReadSession, most: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM event_unsent LIMIT $1) AS unsent";
    Ok(session.one(sql, &[most.into()]).await?.get(0)?)
}

/// Numbers an event among those of its subject, unless it has its number already.
pub async fn number(tx: &mut SystemTx, tenant: TenantId, event: &StoredEvent) -> Result<i64> {
    if let Some(known) = known_number(&mut tx.view(tenant), event.id).await? {
        return Ok(known);
    }
    let subject = (event.subject_kind.as_str(), event.subject);
    let number = count(tx, tenant, subject).await?;
    let sql = "INSERT INTO event_number (tenant, event, number) VALUES ($1, $2, $3)";
    let parameters = [Value::from(tenant.get()), event.id.into(), number.into()];
    tx.session.execute(sql, &parameters).await?;
    Ok(number)
}

/// Numbers a message among those of its endpoint.
pub async fn ordinal(tx: &mut SystemTx, tenant: TenantId, endpoint: EndpointId) -> Result<i64> {
    count(tx, tenant, ("messages_to", endpoint.get())).await
}

async fn count(tx: &mut SystemTx, tenant: TenantId, (kind, id): (&str, i64)) -> Result<i64> {
    let sql = "INSERT INTO event_counter (tenant, subject_kind, subject_id, last) \
               VALUES ($1, $2, $3, 1) ON CONFLICT (tenant, subject_kind, subject_id) \
               DO UPDATE SET last = event_counter.last + 1 RETURNING last";
    let parameters = [Value::from(tenant.get()), kind.into(), id.into()];
    Ok(tx.session.one(sql, &parameters).await?.get(0)?)
}

/// Numbers an event that an operator wants before its turn, and those of its subject that happened
/// before it: numbers go by the order of events, whatever order they are sent in. Its number.
pub async fn number_early(tx: &mut Tx, event: &StoredEvent) -> Result<i64> {
    let subject = [
        Value::from(event.subject_kind.as_str()),
        event.subject.into(),
        event.id.into(),
    ];
    let sql = "INSERT INTO event_number (tenant, event, number) SELECT $1, event.id, \
               COALESCE((SELECT last FROM event_counter WHERE tenant = $1 \
               AND event_counter.subject_kind = $2 AND event_counter.subject_id = $3), 0) \
               + ROW_NUMBER() OVER (ORDER BY event.id) FROM event_outbox CROSS JOIN event \
               WHERE event_outbox.tenant = $1 AND event_outbox.event <= $4 \
               AND event.tenant = event_outbox.tenant AND event.id = event_outbox.event \
               AND event.subject_kind = $2 AND event.subject_id = $3 \
               AND NOT EXISTS (SELECT 1 FROM event_number WHERE event_number.tenant = $1 \
               AND event_number.event = event.id)";
    tx.execute(sql, &subject).await?;
    let number = number_of(tx, event.id).await?;
    let [kind, id, _] = subject;
    let sql = "INSERT INTO event_counter (tenant, subject_kind, subject_id, last) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, subject_kind, subject_id) \
               DO UPDATE SET last = MAX(event_counter.last, excluded.last)";
    tx.execute(sql, &[kind, id, number.into()]).await?;
    Ok(number)
}

/// The last number that an event of a subject got.
pub async fn last_number(tx: &mut ReadTx, (kind, id): (&str, i64)) -> Result<i64> {
    let sql = "SELECT last FROM event_counter \
               WHERE tenant = $1 AND subject_kind = $2 AND subject_id = $3";
    let row = tx.optional(sql, &[kind.into(), id.into()]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?.unwrap_or_default())
}

/// The number of an event among those of its subject, if it has one.
pub async fn known_number(tx: &mut ReadTx, event: i64) -> Result<Option<i64>> {
    let sql = "SELECT number FROM event_number WHERE tenant = $1 AND event = $2";
    let row = tx.optional(sql, &[event.into()]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

/// The number of an event among those of its subject; 0 where it happened before anybody listened.
pub async fn number_of(tx: &mut ReadTx, event: i64) -> Result<i64> {
    Ok(known_number(tx, event).await?.unwrap_or_default())
}

/// How many events wait to be handed out, counted up to `most`.
pub async fn waiting(session: &mut ReadSession, most: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM event_outbox LIMIT $1) AS waiting";
    Ok(session.one(sql, &[most.into()]).await?.get(0)?)
}
