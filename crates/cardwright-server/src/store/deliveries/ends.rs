//! Messages that end without having been sent to their end, and those that have ended long ago.
//!
//! Law: a message that is on its way is ended by whoever has it, once that has come back.

use cardwright_core::{EndpointId, TenantId, Timestamp};

use super::DeliveryState;
use crate::{
    error::{Error, Result},
    store::{
        ReadTx, SystemTx, Tx,
        db::{ReadSession, Value},
        holders::time,
    },
};

/// Why a message was given up before its schedule was over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abandoned {
    /// Its endpoint was taken away.
    EndpointRemoved,
    /// What is stored of it cannot be read.
    Unreadable,
    /// What came of sending it cannot be written.
    Unwritten,
}

impl Abandoned {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Abandoned::EndpointRemoved => "endpoint_removed",
            Abandoned::Unreadable => "unreadable",
            Abandoned::Unwritten => "unwritten",
        }
    }
}

/// Gives up a message of which nothing but its id need be readable.
pub async fn abandon(
    tx: &mut SystemTx,
    (tenant, id): (TenantId, i64),
    why: Abandoned,
) -> Result<()> {
    let now = tx.view(tenant).now();
    let sql = "UPDATE delivery SET state = 'dead', ended_at = $3, end_reason = $4, \
               leased_until = NULL WHERE tenant = $1 AND id = $2 AND state = 'pending'";
    let parameters = [
        Value::from(tenant.get()),
        id.into(),
        now.as_millisecond().into(),
        why.word().into(),
    ];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// Gives up what waits for an endpoint that is being taken away, at most `limit` messages of it.
pub async fn endpoint_removed(tx: &mut Tx, endpoint: EndpointId, limit: i64) -> Result<()> {
    let sql = "UPDATE delivery SET state = 'dead', ended_at = $3, end_reason = $4, \
               leased_until = NULL WHERE tenant = $1 AND id IN (SELECT id FROM delivery \
               WHERE tenant = $1 AND endpoint = $2 AND state = 'pending' \
               AND (leased_until IS NULL OR leased_until <= $5) LIMIT $6)";
    let parameters = [
        Value::from(endpoint.get()),
        tx.now().as_millisecond().into(),
        Abandoned::EndpointRemoved.word().into(),
        tx.real_now().as_millisecond().into(),
        limit.into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// An endpoint that was taken away while something waited for it or was on its way to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Removed {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub endpoint: EndpointId,
}

/// Endpoints that were taken away and that something still waits for, which nobody has leased.
pub async fn removed(session: &mut ReadSession, real_now: Timestamp) -> Result<Vec<Removed>> {
    let sql = "SELECT tenant, id FROM webhook_endpoint WHERE deleted_at IS NOT NULL \
               AND EXISTS (SELECT 1 FROM delivery WHERE delivery.tenant = webhook_endpoint.tenant \
               AND delivery.endpoint = webhook_endpoint.id AND delivery.state = 'pending' \
               AND (delivery.leased_until IS NULL OR delivery.leased_until <= $1))";
    let rows = session
        .query(sql, &[real_now.as_millisecond().into()])
        .await?;
    let corrupt = |_| Error::Corrupt("an endpoint that was taken away".to_owned());
    rows.iter()
        .map(|row| {
            Ok(Removed {
                tenant: TenantId::new(row.get(0)?).map_err(corrupt)?,
                endpoint: EndpointId::new(row.get(1)?).map_err(corrupt)?,
            })
        })
        .collect()
}

/// Gives up what still waits for such an endpoint, at most `limit` messages. How many.
pub async fn end_of_removed(tx: &mut SystemTx, of: Removed, limit: i64) -> Result<u64> {
    let now = tx.view(of.tenant).now();
    let sql = "UPDATE delivery SET state = 'dead', ended_at = $3, end_reason = $4, \
               leased_until = NULL WHERE tenant = $1 AND id IN (SELECT id FROM delivery \
               WHERE tenant = $1 AND endpoint = $2 AND state = 'pending' \
               AND (leased_until IS NULL OR leased_until <= $5) LIMIT $6)";
    let parameters = [
        Value::from(of.tenant.get()),
        of.endpoint.get().into(),
        now.as_millisecond().into(),
        Abandoned::EndpointRemoved.word().into(),
        tx.now().as_millisecond().into(),
        limit.into(),
    ];
    Ok(tx.session.execute(sql, &parameters).await?)
}

/// Tenants that have messages.
pub async fn tenants(session: &mut ReadSession) -> Result<Vec<TenantId>> {
    let sql = "SELECT id FROM tenant \
               WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.tenant = tenant.id) \
               ORDER BY id";
    let corrupt = |_| Error::Corrupt("a tenant's id".to_owned());
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| TenantId::new(row.get(0)?).map_err(corrupt))
        .collect()
}

/// A stretch of messages, by their ids, and how many of them have ended before a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndedRows {
    /// The last of the stretch.
    pub last: i64,
    /// How many of it ended before then.
    pub count: usize,
    /// Whether anything behind it can have.
    pub beyond: Old,
}

/// Whether there may be more that is old enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Old {
    /// What comes next was made later.
    NoMore,
    /// It has to be looked at.
    Perhaps,
}

/// The next messages behind an id, at most `limit` of them, as far as they ended before a time;
/// nothing where there are none. Messages are numbered as they are made, so that only the oldest
/// are looked at, and no index is needed for it, which each message would cost something.
pub async fn old(
    tx: &mut ReadTx,
    before: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Option<EndedRows>> {
    let sql = "SELECT id, state, created_at, ended_at FROM delivery \
               WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
    let rows = tx.query(sql, &[after.into(), limit.into()]).await?;
    let mut found: Option<EndedRows> = None;
    for row in &rows {
        let id: i64 = row.get(0)?;
        let state: String = row.get(1)?;
        let ended_at: Option<i64> = row.get(3)?;
        let has_ended = state != DeliveryState::Pending.word()
            && ended_at.is_some_and(|at| at < before.as_millisecond());
        let beyond = if time(row.get(2)?).is_ok_and(|made| made >= before) {
            Old::NoMore
        } else {
            Old::Perhaps
        };
        let count = found.map_or(0, |found| found.count) + usize::from(has_ended);
        found = Some(EndedRows {
            last: id,
            count,
            beyond,
        });
    }
    Ok(found)
}

/// Removes the messages of a stretch that ended before a time, with what came of sending them. How
/// many messages.
pub async fn purge(
    tx: &mut SystemTx,
    tenant: TenantId,
    before: Timestamp,
    (after, last): (i64, i64),
) -> Result<u64> {
    let parameters = [
        Value::from(tenant.get()),
        after.into(),
        last.into(),
        before.as_millisecond().into(),
    ];
    let attempts = "DELETE FROM delivery_attempt WHERE tenant = $1 AND delivery IN \
                    (SELECT id FROM delivery WHERE tenant = $1 AND id > $2 AND id <= $3 \
                    AND state <> 'pending' AND ended_at < $4)";
    tx.session.execute(attempts, &parameters).await?;
    let messages = "DELETE FROM delivery WHERE tenant = $1 AND id > $2 AND id <= $3 \
                    AND state <> 'pending' AND ended_at < $4";
    Ok(tx.session.execute(messages, &parameters).await?)
}
