//! Events handed out to the endpoints that want them.
//!
//! Law: what an event is told like is read outside of any write, and only what came of it is written:
//! rendering takes most of the time, and all other writes would wait for it. More may have happened
//! since the event: its facts say what was then, and what is read besides does not change. The write
//! takes the event, so it is told once; it takes nothing on trust that it can see: where the number
//! turns out another, or somebody else listens by then, it renders anew.

use std::collections::BTreeMap;

use cardwright_core::{TenantId, Timestamp, WebhookDialect};
use zeroize::Zeroizing;

use super::endpoints;
use crate::{
    error::{Error, Result},
    store::{
        ReadTx, SystemTx, Tx,
        deliveries::{self, Cause, NewDelivery},
        environment::EnvironmentName,
        events::{StoredEvent, Unreadable},
        outbox,
        webhook_endpoints::Endpoint,
    },
    webhooks::{
        faults::FaultPlan,
        payloads::{self, Message, Told},
    },
};

/// The messages of an event in each dialect that somebody listens in.
type Rendered = Vec<(WebhookDialect, Vec<Message>)>;

/// An event that is to be handed out.
pub enum Prepared {
    /// It can be told.
    Told(Telling),
    /// Its row cannot be read.
    Unreadable(Unreadable),
}

/// An event, and what it is told like if it is the number that it seems.
pub struct Telling {
    event: StoredEvent,
    sequence: i64,
    rendered: Rendered,
    receivers: usize,
}

impl Prepared {
    /// How many endpoints it may have to be left for.
    pub fn receivers(&self) -> usize {
        match self {
            Prepared::Told(telling) => telling.receivers,
            Prepared::Unreadable(_) => 0,
        }
    }

    fn id(&self) -> i64 {
        match self {
            Prepared::Told(telling) => telling.event.id,
            Prepared::Unreadable(unreadable) => unreadable.id,
        }
    }
}

/// Renders a tenant's next events, in their order, at most `limit` of them.
pub async fn prepare(tx: &mut ReadTx, limit: i64) -> Result<Vec<Prepared>> {
    let listening = endpoints::enabled(tx).await?;
    let mut numbers = Numbers::default();
    let mut prepared = Vec::new();
    for found in outbox::next(tx, limit).await? {
        let event = match found {
            Ok(event) => event,
            Err(unreadable) => {
                prepared.push(Prepared::Unreadable(unreadable));
                continue;
            }
        };
        let sequence = numbers.of(tx, &event).await?;
        let told = Told {
            event: &event,
            sequence,
        };
        // Why it cannot be told is found again in the write, which records it.
        let rendered = rendered(tx, told, &listening).await.unwrap_or_default();
        prepared.push(Prepared::Told(Telling {
            event,
            sequence,
            rendered,
            receivers: listening.len(),
        }));
    }
    Ok(prepared)
}

/// The numbers that events will have if nobody else numbers any.
#[derive(Default)]
struct Numbers(BTreeMap<(String, i64), i64>);

impl Numbers {
    async fn of(&mut self, tx: &mut ReadTx, event: &StoredEvent) -> Result<i64> {
        if let Some(known) = outbox::known_number(tx, event.id).await? {
            return Ok(known);
        }
        let subject = (event.subject_kind.clone(), event.subject);
        let last = match self.0.get(&subject) {
            Some(last) => *last,
            None => outbox::last_number(tx, (&subject.0, subject.1)).await?,
        };
        let next = last.saturating_add(1);
        self.0.insert(subject, next);
        Ok(next)
    }
}

/// Hands out a tenant's events: each gets its number, and each endpoint that wants it a message. How
/// many of them were still to be handed out. One that cannot be told, or not to somebody, is put
/// aside and keeps no other waiting.
pub async fn fan_out(
    tx: &mut SystemTx,
    place: (TenantId, EnvironmentName),
    prepared: &[Prepared],
) -> Result<usize> {
    let listening = endpoints::enabled(&mut tx.view(place.0)).await?;
    let mut count = 0;
    for one in prepared {
        if !outbox::take(tx, place.0, one.id()).await? {
            continue;
        }
        match one {
            Prepared::Told(telling) => hand_out(tx, place, (telling, &listening)).await?,
            Prepared::Unreadable(Unreadable { id, reason, .. }) => {
                put_aside(tx, (place.0, *id), reason).await?;
            }
        }
        count += 1;
    }
    Ok(count)
}

async fn hand_out(
    tx: &mut SystemTx,
    (tenant, environment): (TenantId, EnvironmentName),
    (telling, listening): (&Telling, &[Endpoint]),
) -> Result<()> {
    let event = &telling.event;
    let sequence = outbox::number(tx, tenant, event).await?;
    let anew: Rendered;
    let messages = if telling.sequence == sequence && is_complete(&telling.rendered, listening) {
        &telling.rendered
    } else {
        let told = Told { event, sequence };
        match rendered(&mut tx.view(tenant), told, listening).await {
            Ok(messages) => anew = messages,
            Err(error) if error.is_of_the_store() => return Err(error),
            Err(error) => return put_aside(tx, (tenant, event.id), &error.log_text()).await,
        }
        &anew
    };
    for endpoint in listening {
        let place = (tenant, environment);
        let leaving = async |tx: &mut SystemTx| leave(tx, place, (event, endpoint), messages).await;
        if let Err(error) = tx.attempt(leaving).await? {
            put_aside(tx, (tenant, event.id), &error.log_text()).await?;
        }
    }
    Ok(())
}

fn is_complete(rendered: &Rendered, listening: &[Endpoint]) -> bool {
    listening.iter().all(|endpoint| {
        let mut dialects = rendered.iter().map(|(dialect, _)| *dialect);
        dialects.any(|dialect| dialect == endpoint.dialect)
    })
}

async fn put_aside(
    tx: &mut SystemTx,
    (tenant, event): (TenantId, i64),
    reason: &str,
) -> Result<()> {
    tracing::error!(event, error = reason, "no message of an event");
    outbox::put_aside(tx, (tenant, event), reason).await
}

async fn rendered(tx: &mut ReadTx, told: Told<'_>, listening: &[Endpoint]) -> Result<Rendered> {
    let mut messages: Rendered = Vec::new();
    for dialect in WebhookDialect::ALL {
        if listening.iter().any(|endpoint| endpoint.dialect == dialect) {
            messages.push((dialect, payloads::render(tx, dialect, told).await?));
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
    for message in wanted(rendered, endpoint) {
        let ordinal = outbox::ordinal(tx, tenant, endpoint.id).await?;
        let now = tx.view(tenant).now();
        let due_at = put_off((endpoint, environment), ordinal, now)?;
        let new = new_delivery((event, endpoint), message, (ordinal, due_at));
        deliveries::insert(tx, tenant, &new).await?;
    }
    Ok(())
}

fn wanted<'a>(rendered: &'a Rendered, endpoint: &'a Endpoint) -> impl Iterator<Item = &'a Message> {
    rendered
        .iter()
        .filter(|(dialect, _)| *dialect == endpoint.dialect)
        .flat_map(|(_, messages)| messages)
        .filter(|message| is_wanted(endpoint, message))
}

fn new_delivery(
    (event, endpoint): (&StoredEvent, &Endpoint),
    message: &Message,
    (ordinal, due_at): (i64, Timestamp),
) -> NewDelivery {
    NewDelivery {
        endpoint: endpoint.id,
        event: event.id,
        message: message.id.clone(),
        word: message.event.clone(),
        category: message.category.map(str::to_owned),
        cause: Cause::Event,
        ordinal,
        body: Zeroizing::new(message.body.clone().into_bytes()),
        due_at,
    }
}

pub(super) fn is_wanted(endpoint: &Endpoint, message: &Message) -> bool {
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
    now.checked_add(late.unwrap_or_default())
        .map_err(|error| Error::Corrupt(error.to_string()))
}

/// Hands an event out before its turn, because an operator wants it sent again; whether its turn was
/// still to come. It gets the number that it would have got, and what is told of it is told now: a
/// name stands for one body. No fault plan puts it off: somebody waits for it.
pub(super) async fn hand_out_early(tx: &mut Tx, event: &StoredEvent) -> Result<bool> {
    if !outbox::is_waiting(tx, event.id).await? {
        return Ok(false);
    }
    let sequence = outbox::number_early(tx, event).await?;
    outbox::take_early(tx, event.id).await?;
    let listening = endpoints::enabled(tx).await?;
    let messages = rendered(tx, Told { event, sequence }, &listening).await?;
    let now = tx.now();
    for endpoint in &listening {
        for message in wanted(&messages, endpoint) {
            let ordinal = deliveries::ordinal(tx, endpoint.id).await?;
            let new = new_delivery((event, endpoint), message, (ordinal, now));
            deliveries::insert_asked(tx, &new).await?;
        }
    }
    Ok(true)
}
