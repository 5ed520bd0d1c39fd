//! Messages as those see them who send them: what waits, who has it, what came of it.

use cardwright_core::{DeliveryId, EndpointId, TenantId, Timestamp};

use super::{Abandoned, Attempt, Delivery, DeliveryState, End, abandon, from_row};
use crate::{
    error::{Error, Result},
    store::{
        SystemTx,
        db::{ReadSession, Value},
        holders::time,
    },
};

/// An endpoint that something is delivered to, and when the first thing is due by its tenant's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub endpoint: EndpointId,
    /// Since when, or from when on.
    pub due_at: Timestamp,
    /// How it took what came before.
    pub past: Past,
}

/// How an endpoint took what was sent to it last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Past {
    /// It did, or there was nothing.
    Good,
    /// It did not.
    Failing,
}

/// Every endpoint that something waits for that nobody has leased.
pub async fn waiting(session: &mut ReadSession, real_now: Timestamp) -> Result<Vec<Waiting>> {
    let sql = "SELECT tenant, id, due_at, EXISTS (SELECT 1 FROM endpoint_failure \
               WHERE endpoint_failure.tenant = waits.tenant \
               AND endpoint_failure.endpoint = waits.id) \
               FROM (SELECT tenant, id, (SELECT due_at FROM delivery \
               WHERE delivery.tenant = webhook_endpoint.tenant \
               AND delivery.endpoint = webhook_endpoint.id AND delivery.state = 'pending' \
               AND (delivery.leased_until IS NULL OR delivery.leased_until <= $1) \
               ORDER BY delivery.due_at, delivery.id LIMIT 1) AS due_at FROM webhook_endpoint \
               WHERE disabled_at IS NULL AND deleted_at IS NULL) AS waits \
               WHERE due_at IS NOT NULL";
    let rows = session
        .query(sql, &[real_now.as_millisecond().into()])
        .await?;
    rows.iter()
        .map(|row| {
            let corrupt = |_| Error::Corrupt("an endpoint that waits".to_owned());
            Ok(Waiting {
                tenant: TenantId::new(row.get(0)?).map_err(corrupt)?,
                endpoint: EndpointId::new(row.get(1)?).map_err(corrupt)?,
                due_at: clamped(row.get(2)?),
                past: match row.get::<i64>(3)? {
                    0 => Past::Good,
                    _ => Past::Failing,
                },
            })
        })
        .collect()
}

/// One message that nobody can read is given up when it is leased; it must not hide the others.
fn clamped(ms: i64) -> Timestamp {
    let furthest = if ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    time(ms).unwrap_or(furthest)
}

/// Leases messages of an endpoint that are due, the oldest first, at most `limit` of them. One that
/// cannot be read is given up, and keeps no other waiting.
pub async fn lease(
    tx: &mut SystemTx,
    (tenant, endpoint): (TenantId, EndpointId),
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let now = tx.view(tenant).now();
    let sql = concat!(
        "UPDATE delivery SET leased_until = $5 WHERE tenant = $1 AND id IN \
         (SELECT id FROM delivery WHERE tenant = $1 AND endpoint = $2 AND state = 'pending' \
         AND due_at <= $3 AND (leased_until IS NULL OR leased_until <= $4) \
         ORDER BY due_at, id LIMIT $6) RETURNING ",
        columns!()
    );
    let parameters = [
        Value::from(tenant.get()),
        endpoint.get().into(),
        now.as_millisecond().into(),
        tx.now().as_millisecond().into(),
        until.as_millisecond().into(),
        limit.into(),
    ];
    let rows = tx.session.query(sql, &parameters).await?;
    let mut leased: Vec<Delivery> = Vec::with_capacity(rows.len());
    for row in &rows {
        match from_row(row) {
            Ok(delivery) => leased.push(delivery),
            Err(error) => {
                let delivery: i64 = row.get(0)?;
                let error = error.log_text();
                tracing::error!(delivery, error, "a message cannot be read and is given up");
                abandon(tx, (tenant, delivery), Abandoned::Unreadable).await?;
            }
        }
    }
    leased.sort_by_key(|delivery| (delivery.due_at, delivery.id));
    Ok(leased)
}

/// Gives every lease up. Only for who has the database to itself: a program that starts on an
/// embedded one, after another that ended without a word.
pub async fn end_leases(tx: &mut SystemTx) -> Result<u64> {
    let sql = "UPDATE delivery SET leased_until = NULL \
               WHERE state = 'pending' AND leased_until IS NOT NULL";
    Ok(tx.session.execute(sql, &[]).await?)
}

/// Gives the lease of one message back, so that whoever comes next need not wait for its end.
pub async fn give_back(tx: &mut SystemTx, (tenant, delivery): (TenantId, &Delivery)) -> Result<()> {
    let sql = "UPDATE delivery SET leased_until = NULL \
               WHERE tenant = $1 AND id = $2 AND sends = $3 AND state = 'pending'";
    let parameters = [
        Value::from(tenant.get()),
        delivery.id.get().into(),
        delivery.sends.into(),
    ];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// Writes what came of a message that was leased; whether it still was as when it was leased.
pub async fn settle(
    tx: &mut SystemTx,
    (tenant, delivery): (TenantId, &Delivery),
    end: End,
) -> Result<bool> {
    let now = tx.view(tenant).now();
    let (state, due_at, ended_at) = match end {
        End::Delivered => (DeliveryState::Delivered, delivery.due_at, Some(now)),
        End::Again(at) => (DeliveryState::Pending, at, None),
        End::Dead => (DeliveryState::Dead, delivery.due_at, Some(now)),
    };
    let sql = "UPDATE delivery SET state = $4, sends = sends + 1, due_at = $5, ended_at = $6, \
               leased_until = NULL \
               WHERE tenant = $1 AND id = $2 AND sends = $3 AND state = 'pending'";
    let parameters = [
        Value::from(tenant.get()),
        delivery.id.get().into(),
        delivery.sends.into(),
        state.word().into(),
        due_at.as_millisecond().into(),
        ended_at.map(Timestamp::as_millisecond).into(),
    ];
    Ok(tx.session.execute(sql, &parameters).await? == 1)
}

/// Keeps what came of sending a message once.
pub async fn record(
    tx: &mut SystemTx,
    (tenant, delivery): (TenantId, DeliveryId),
    attempt: &Attempt,
) -> Result<()> {
    let sql = "INSERT INTO delivery_attempt (tenant, delivery, number, started_at, duration_ms, \
               outcome, status, reason, answer, fault, next_at) VALUES ($1, $2, \
               (SELECT COALESCE(MAX(number), 0) + 1 FROM delivery_attempt \
               WHERE tenant = $1 AND delivery = $2), $3, $4, $5, $6, $7, $8, $9, $10)";
    let parameters = [
        Value::from(tenant.get()),
        delivery.get().into(),
        attempt.started_at.as_millisecond().into(),
        attempt.duration_ms.into(),
        attempt.outcome.as_str().into(),
        attempt.status.into(),
        attempt.reason.as_deref().into(),
        attempt.answer.as_deref().into(),
        attempt.fault.as_deref().into(),
        attempt.next_at.map(Timestamp::as_millisecond).into(),
    ];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// Remembers that an endpoint took something.
pub async fn endpoint_took(
    tx: &mut SystemTx,
    (tenant, endpoint): (TenantId, EndpointId),
) -> Result<()> {
    let sql = "DELETE FROM endpoint_failure WHERE tenant = $1 AND endpoint = $2";
    let parameters = [Value::from(tenant.get()), endpoint.get().into()];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// Remembers that an endpoint did not take something; since when it has taken nothing, by its
/// tenant's time.
pub async fn endpoint_failed(
    tx: &mut SystemTx,
    (tenant, endpoint): (TenantId, EndpointId),
) -> Result<Timestamp> {
    let now = tx.view(tenant).now().as_millisecond();
    let sql = "INSERT INTO endpoint_failure (tenant, endpoint, since) VALUES ($1, $2, $3) \
               ON CONFLICT (tenant, endpoint) DO UPDATE SET since = endpoint_failure.since \
               RETURNING since";
    let parameters = [Value::from(tenant.get()), endpoint.get().into(), now.into()];
    time(tx.session.one(sql, &parameters).await?.get(0)?)
}

/// What is due and not taken yet.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// How many messages wait, those included that are put off.
    pub messages: i64,
    /// How long the one that was made first has waited, in milliseconds of real time.
    pub oldest_ms: i64,
}

/// What waits for endpoints that are switched on, counted up to `most`. The age is that of tenants with
/// real time.
pub async fn backlog(session: &mut ReadSession, real_now: Timestamp, most: i64) -> Result<Backlog> {
    // A time that nobody can read makes no age that is a whole number.
    let sql = "SELECT COUNT(*), CAST(COALESCE(MAX(age), 0) AS INTEGER) FROM (SELECT CASE WHEN EXISTS \
               (SELECT 1 FROM domain_clock WHERE domain_clock.tenant = delivery.tenant) THEN 0 \
               ELSE $1 - delivery.created_at END AS age \
               FROM delivery WHERE state = 'pending' AND EXISTS (SELECT 1 FROM webhook_endpoint \
               WHERE webhook_endpoint.tenant = delivery.tenant \
               AND webhook_endpoint.id = delivery.endpoint \
               AND webhook_endpoint.disabled_at IS NULL) LIMIT $2) AS waiting";
    let parameters = [real_now.as_millisecond().into(), most.into()];
    let row = session.one(sql, &parameters).await?;
    Ok(Backlog {
        messages: row.get(0)?,
        oldest_ms: row.get(1)?,
    })
}
