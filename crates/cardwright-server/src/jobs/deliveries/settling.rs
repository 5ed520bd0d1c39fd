//! What came of messages, written down, and more of them leased.
//!
//! Law: what cannot be written of one message keeps nothing else from being written, and is not sent
//! for ever because of that.

use cardwright_core::{FAILING_TOO_LONG, Jitter, Outcome, TenantId, Timestamp, after_send};
use rand::Rng;

use super::{Key, LEASE, Leased, sending::Sent};
use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{
        Actor, Scope, SystemTx, Tx,
        deliveries::{self, Abandoned, End},
    },
};

/// An endpoint that is sent nothing more, and why.
pub(super) type GivenUp = (Key, &'static str);

/// A message, by its tenant and its id.
pub(super) type Name = (TenantId, i64);

/// What was written.
#[derive(Default)]
pub(super) struct Settled {
    /// Endpoints that are sent nothing more.
    pub(super) given_up: Vec<GivenUp>,
    /// Messages of which nothing at all could be written.
    pub(super) unwritten: Vec<Name>,
}

/// Whether what came of a send goes into the log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Log {
    Kept,
    Lost,
}

/// Writes what came of messages. Where that fails for one, it is written without the log of its
/// attempts; where that fails too, it is given up: to send it again and again because of our own
/// fault helps nobody.
pub(super) async fn settle_all(tx: &mut SystemTx, sent: &[Sent]) -> Result<Settled> {
    let mut settled = Settled::default();
    for one in sent {
        let delivery = one.delivery.id.get();
        let kept = tx.attempt(async |tx| settle(tx, one, Log::Kept).await);
        let error = match kept.await? {
            Ok(ended) => {
                settled.given_up.extend(ended);
                continue;
            }
            Err(error) => error.log_text(),
        };
        tracing::error!(delivery, error, "what came of a message is not in its log");
        let lost = tx.attempt(async |tx| settle(tx, one, Log::Lost).await);
        let error = match lost.await? {
            Ok(ended) => {
                settled.given_up.extend(ended);
                continue;
            }
            Err(error) => error.log_text(),
        };
        tracing::error!(delivery, error, "what came of a message was not written");
        let name = (one.key.0, delivery);
        if !put_aside(tx, name, Abandoned::Unwritten).await? {
            settled.unwritten.push(name);
        }
    }
    Ok(settled)
}

/// Gives a message up; whether that could be written.
pub(super) async fn put_aside(tx: &mut SystemTx, name: Name, why: Abandoned) -> Result<bool> {
    let given_up = tx.attempt(async |tx| deliveries::abandon(tx, name, why).await);
    match given_up.await? {
        Ok(()) => Ok(true),
        Err(error) => {
            let (delivery, error) = (name.1, error.log_text());
            tracing::error!(delivery, error, "a message was not given up");
            Ok(false)
        }
    }
}

/// Leases so many messages to each of these endpoints.
pub(super) async fn lease(tx: &mut SystemTx, ready: Vec<(Key, usize)>) -> Result<Vec<Leased>> {
    let until = tx.now().saturating_add(LEASE).unwrap_or(Timestamp::MAX);
    let mut leased = Vec::new();
    for (key, places) in ready {
        let limit = i64::try_from(places).unwrap_or(i64::MAX);
        let deliveries = deliveries::lease(tx, key, until, limit).await?;
        if !deliveries.is_empty() {
            leased.push(Leased {
                key,
                deliveries,
                until,
            });
        }
    }
    Ok(leased)
}

/// Writes what came of a message; the endpoint, if it is sent nothing more, and why.
async fn settle(tx: &mut SystemTx, sent: &Sent, log: Log) -> Result<Option<GivenUp>> {
    let (key, delivery) = (sent.key, &sent.delivery);
    let now = tx.view(key.0).now();
    let sends = usize::try_from(delivery.sends.saturating_add(1)).unwrap_or(usize::MAX);
    let draw = delivery.id.get() ^ (delivery.sends << 54);
    let jitter = Jitter::drawn(tx.resources().entropy.record(draw).next_u64());
    let outcome = after_send(sent.dialect, sends, sent.response, jitter);
    let end = match outcome {
        Outcome::Delivered => End::Delivered,
        Outcome::Again(wait) => End::Again(now.saturating_add(wait).unwrap_or(Timestamp::MAX)),
        Outcome::Dead | Outcome::Gone => End::Dead,
    };
    if !deliveries::settle(tx, (key.0, delivery), end).await? {
        return Ok(None);
    }
    if log == Log::Kept {
        for attempt in sent.attempts(end) {
            deliveries::record(tx, (key.0, delivery.id), &attempt).await?;
        }
    }
    match outcome {
        Outcome::Delivered => {
            deliveries::endpoint_took(tx, key).await?;
            Ok(None)
        }
        Outcome::Gone => Ok(Some((key, "gone"))),
        // A receiver is not switched off for what a sandbox did to it on purpose.
        Outcome::Again(_) | Outcome::Dead if sent.is_pretended() => Ok(None),
        Outcome::Again(_) | Outcome::Dead => {
            let since = deliveries::endpoint_failed(tx, key).await?;
            let is_too_long = now.duration_since(since) >= FAILING_TOO_LONG;
            Ok(is_too_long.then_some((key, "failing")))
        }
    }
}

pub(super) async fn give_up(app: &App, ((tenant, endpoint), reason): GivenUp) -> Result<()> {
    let scope = Scope {
        tenant,
        actor: Actor::system("delivery"),
    };
    let step = async move |tx: &mut Tx| ops::deliveries::give_up(tx, endpoint, reason).await;
    match app.write(&scope, step).await {
        // It was removed meanwhile.
        Err(Error::Refused(_)) => Ok(()),
        other => other,
    }
}
