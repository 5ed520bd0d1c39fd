//! Events handed out to endpoints, and sent again when somebody asks.

use cardwright_core::{EndpointId, Event, Record, TenantId, Timestamp, WebhookDialect};
use jiff::SignedDuration;
use zeroize::Zeroizing;

use super::webhook_endpoints;
use crate::{
    error::{Error, Result},
    store::{
        SystemTx, Tx,
        deliveries::{self, Cause, NewDelivery},
        environment::EnvironmentName,
        events::{self, StoredEvent},
        outbox,
        webhook_endpoints::{self as endpoints, Endpoint},
    },
    webhooks::{
        faults::FaultPlan,
        payloads::{self, Message, Told},
    },
};

/// How many events one call sends again at most.
pub const REPLAYED_MAX: i64 = 500;

/// Hands out a tenant's next events, in their order: each gets its number, and each endpoint that
/// wants it a message. How many events. One that cannot be told, or not to somebody, is put aside
/// and keeps no other waiting.
pub async fn fan_out(
    tx: &mut SystemTx,
    (tenant, environment): (TenantId, EnvironmentName),
    limit: i64,
) -> Result<usize> {
    let mut view = tx.view(tenant);
    let listening = endpoints::enabled(&mut view).await?;
    let events = outbox::next(&mut view, limit).await?;
    let count = events.len();
    for event in events {
        if !outbox::take(tx, tenant, event.id).await? {
            continue;
        }
        let sequence = outbox::number(tx, tenant, &event).await?;
        let told = Told {
            event: &event,
            sequence,
        };
        let rendering = async |tx: &mut SystemTx| rendered(tx, tenant, (told, &listening)).await;
        match tx.attempt(rendering).await? {
            Ok(messages) => {
                for endpoint in &listening {
                    let place = (tenant, environment);
                    let leaving = async |tx: &mut SystemTx| {
                        leave(tx, place, (&event, endpoint), &messages).await
                    };
                    if let Err(error) = tx.attempt(leaving).await? {
                        put_aside(tx, (tenant, event.id), &error).await?;
                    }
                }
            }
            Err(error) => put_aside(tx, (tenant, event.id), &error).await?,
        }
    }
    Ok(count)
}

async fn put_aside(
    tx: &mut SystemTx,
    (tenant, event): (TenantId, i64),
    error: &Error,
) -> Result<()> {
    let reason = error.log_text();
    tracing::error!(event, error = reason, "no message of an event");
    outbox::put_aside(tx, (tenant, event), &reason).await
}

/// The messages of an event in each dialect that somebody listens in.
type Rendered = Vec<(WebhookDialect, Vec<Message>)>;

async fn rendered(
    tx: &mut SystemTx,
    tenant: TenantId,
    (told, listening): (Told<'_>, &[Endpoint]),
) -> Result<Rendered> {
    let mut view = tx.view(tenant);
    let mut messages: Rendered = Vec::new();
    for dialect in WebhookDialect::ALL {
        if listening.iter().any(|endpoint| endpoint.dialect == dialect) {
            messages.push((dialect, payloads::render(&mut view, dialect, told).await?));
        }
    }
    Ok(messages)
}

/// Leaves an endpoint its messages of an event.
async fn leave(
    tx: &mut SystemTx,
    (tenant, environment): (TenantId, EnvironmentName),
    (event, endpoint): (&StoredEvent, &Endpoint),
    rendered: &Rendered,
) -> Result<()> {
    let of_dialect = rendered
        .iter()
        .find(|(dialect, _)| *dialect == endpoint.dialect);
    for message in of_dialect.into_iter().flat_map(|(_, messages)| messages) {
        if !is_wanted(endpoint, message) {
            continue;
        }
        let ordinal = outbox::ordinal(tx, tenant, endpoint.id).await?;
        let now = tx.view(tenant).now();
        let new = NewDelivery {
            endpoint: endpoint.id,
            event: event.id,
            message: message.id.clone(),
            word: message.event.clone(),
            category: message.category.map(str::to_owned),
            cause: Cause::Event,
            ordinal,
            body: Zeroizing::new(message.body.clone().into_bytes()),
            due_at: put_off((endpoint, environment), ordinal, now)?,
        };
        deliveries::insert(tx, tenant, &new).await?;
    }
    Ok(())
}

fn is_wanted(endpoint: &Endpoint, message: &Message) -> bool {
    let words: Vec<&str> = message.words.iter().map(String::as_str).collect();
    endpoint.wants(&words)
}

/// When a message is sent first: at once, unless a sandbox was asked to be late.
fn put_off(
    (endpoint, environment): (&Endpoint, EnvironmentName),
    ordinal: i64,
    now: Timestamp,
) -> Result<Timestamp> {
    let plan = FaultPlan::followed(endpoint.fault_plan.as_deref(), environment);
    let late = plan.and_then(|plan| plan.put_off(ordinal));
    later(now, late.unwrap_or_default())
}

fn later(now: Timestamp, by: std::time::Duration) -> Result<Timestamp> {
    now.checked_add(by)
        .map_err(|error| Error::Corrupt(error.to_string()))
}

/// Which endpoints an event is sent to again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receivers {
    /// This one, whatever its filter says.
    One(EndpointId),
    /// All that want it.
    All,
}

/// Sends an event again, now. How many messages.
pub async fn resend(tx: &mut Tx, event: i64, to: Receivers) -> Result<usize> {
    let event = get(tx, event).await?;
    let now = tx.now();
    let mut count = 0;
    for endpoint in receivers(tx, to).await? {
        count += again(tx, (&endpoint, to), &event, (Cause::Resend, &[now])).await?;
    }
    if count > 0 && event.unsent.is_some() {
        outbox::take_up(tx, event.id).await?;
    }
    tx.audit("event.resend", ("event", &payloads::event_name(event.id)))
        .await?;
    Ok(count)
}

/// Sends an event again so many times, each so much later than the one before. How many messages.
pub async fn deliver(
    tx: &mut Tx,
    event: i64,
    to: Receivers,
    (times, after): (u8, SignedDuration),
) -> Result<usize> {
    let event = get(tx, event).await?;
    let mut due = Vec::with_capacity(times.into());
    let mut at = tx.now();
    for _ in 0..times {
        due.push(at);
        at = at
            .checked_add(after)
            .map_err(|_| Error::Invalid("after_ms"))?;
    }
    let mut count = 0;
    for endpoint in receivers(tx, to).await? {
        count += again(tx, (&endpoint, to), &event, (Cause::Deliver, &due)).await?;
    }
    tx.audit("event.deliver", ("event", &payloads::event_name(event.id)))
        .await?;
    Ok(count)
}

/// Which events are sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// All.
    All,
    /// Those that the endpoint has not taken and that are not on their way to it.
    Missed,
}

/// What was sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// How many messages.
    pub messages: usize,
    /// How many events were looked at.
    pub events: usize,
    /// The last of them, where there may be more.
    pub last: Option<i64>,
}

/// Sends events of a time to an endpoint again, now, those behind an event, at most
/// [`REPLAYED_MAX`] of them.
pub async fn replay(
    tx: &mut Tx,
    endpoint: EndpointId,
    (which, after): (Which, i64),
    time: (Timestamp, Timestamp),
) -> Result<Replayed> {
    let endpoint = endpoints::find(tx, endpoint).await?;
    let found = match which {
        Which::All => deliveries::of_time(tx, time, after, REPLAYED_MAX).await?,
        Which::Missed => deliveries::missed(tx, time, (endpoint.id, after), REPLAYED_MAX).await?,
    };
    let now = [tx.now()];
    let mut messages = 0;
    for event in &found {
        let event = get(tx, *event).await?;
        let cause = (Cause::Replay, now.as_slice());
        messages += again(tx, (&endpoint, Receivers::All), &event, cause).await?;
    }
    let subject = endpoint.id.to_string();
    tx.audit("event.replay", ("webhook_endpoint", &subject))
        .await?;
    let is_full = i64::try_from(found.len()) == Ok(REPLAYED_MAX);
    Ok(Replayed {
        messages,
        events: found.len(),
        last: found.last().copied().filter(|_| is_full),
    })
}

async fn get(tx: &mut Tx, event: i64) -> Result<StoredEvent> {
    let found = events::find(tx, event).await?;
    found.ok_or_else(|| Error::not_found(Record::Event))
}

async fn receivers(tx: &mut Tx, to: Receivers) -> Result<Vec<Endpoint>> {
    match to {
        Receivers::One(id) => Ok(vec![endpoints::find(tx, id).await?]),
        Receivers::All => endpoints::enabled(tx).await,
    }
}

/// Makes the messages of an event to an endpoint once more, for each of these times. What was kept
/// goes out as it is; what never was made is made now.
async fn again(
    tx: &mut Tx,
    (endpoint, to): (&Endpoint, Receivers),
    event: &StoredEvent,
    (cause, due): (Cause, &[Timestamp]),
) -> Result<usize> {
    let messages = messages(tx, (endpoint, to), event).await?;
    deliveries::replace_dead(tx, endpoint.id, event.id).await?;
    for due_at in due {
        for (message, word, category, body) in &messages {
            let new = NewDelivery {
                endpoint: endpoint.id,
                event: event.id,
                message: message.clone(),
                word: word.clone(),
                category: category.clone(),
                cause,
                ordinal: deliveries::ordinal(tx, endpoint.id).await?,
                body: body.clone(),
                due_at: *due_at,
            };
            deliveries::insert_asked(tx, &new).await?;
        }
    }
    Ok(messages.len() * due.len())
}

/// Id, word, family and body.
type Kept = (String, String, Option<String>, Zeroizing<Vec<u8>>);

async fn messages(
    tx: &mut Tx,
    (endpoint, to): (&Endpoint, Receivers),
    event: &StoredEvent,
) -> Result<Vec<Kept>> {
    let mut kept: Vec<Kept> = Vec::new();
    for known in deliveries::of_event(tx, event.id, endpoint.id).await? {
        if kept.iter().any(|(message, ..)| *message == known.message) {
            continue;
        }
        let body = known.body(tx)?;
        kept.push((known.message, known.word, known.category, body));
    }
    if !kept.is_empty() {
        return Ok(kept);
    }
    let sequence = outbox::number_of(tx, event.id).await?;
    let told = Told { event, sequence };
    let rendered = payloads::render(tx, endpoint.dialect, told).await?;
    Ok(rendered
        .into_iter()
        .filter(|message| to != Receivers::All || is_wanted(endpoint, message))
        .map(|message| {
            let body = Zeroizing::new(message.body.into_bytes());
            let category = message.category.map(str::to_owned);
            (message.id, message.event, category, body)
        })
        .collect())
}

/// Switches an endpoint off that is gone or has failed for too long, and tells the others.
pub async fn give_up(tx: &mut Tx, endpoint: EndpointId, reason: &'static str) -> Result<()> {
    let before = endpoints::find(tx, endpoint).await?;
    if !before.is_enabled() {
        return Ok(());
    }
    webhook_endpoints::disable(tx, endpoint, reason).await?;
    deliveries::forget_failures(tx, endpoint).await?;
    tx.emit(Event::EndpointDisabled { endpoint, reason }).await
}

/// Sets what a sandbox does wrong on purpose with the messages to an endpoint; nothing ends it.
pub async fn plan_faults(
    tx: &mut Tx,
    endpoint: EndpointId,
    plan: Option<FaultPlan>,
) -> Result<Endpoint> {
    let before = endpoints::find(tx, endpoint).await?;
    let after = Endpoint {
        fault_plan: plan.map(|plan| plan.write()).transpose()?,
        updated_at: tx.real_now(),
        ..before
    };
    endpoints::put(tx, &after).await?;
    let subject = endpoint.to_string();
    tx.audit(
        "webhook_endpoint.plan_faults",
        ("webhook_endpoint", &subject),
    )
    .await?;
    Ok(after)
}
