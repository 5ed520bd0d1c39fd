//! Events handed out to endpoints, and sent again when somebody asks.

mod handing_out;

use cardwright_core::{EndpointId, Event, Record, Timestamp};
use jiff::SignedDuration;
use zeroize::Zeroizing;

pub use handing_out::{Prepared, fan_out, prepare};
use handing_out::{hand_out_early, is_wanted};

use super::webhook_endpoints;
use crate::{
    error::{Error, Result},
    store::{
        Tx,
        deliveries::{self, Cause, DeliveryState, NewDelivery},
        events::{self, StoredEvent},
        outbox,
        webhook_endpoints::{self as endpoints, Endpoint},
    },
    webhooks::{
        faults::FaultPlan,
        payloads::{self, Told},
    },
};

/// How many events one call sends again at most: other writes wait for it.
pub const REPLAYED_MAX: i64 = 100;

/// How long messages that have ended are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retention {
    /// For so many days, by the tenant's time.
    Days(u16),
    /// For ever.
    Forever,
}

impl Retention {
    /// The retention of so many days; 0 is for ever.
    pub fn of_days(days: u16) -> Retention {
        match days {
            0 => Retention::Forever,
            days => Retention::Days(days),
        }
    }

    /// What ended before then is not kept any more.
    pub fn begin(self, now: Timestamp) -> Timestamp {
        match self {
            Retention::Days(days) => {
                let kept = SignedDuration::from_hours(i64::from(days) * 24);
                now.checked_sub(kept).unwrap_or(Timestamp::MIN)
            }
            Retention::Forever => Timestamp::MIN,
        }
    }
}

/// A quarter of a year: the longest for which anybody asks where a message has gone.
impl Default for Retention {
    fn default() -> Retention {
        Retention::Days(90)
    }
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
    /// Those that the endpoint has not taken and that are not on their way to it, as far as that is
    /// still known.
    Missed(Retention),
}

/// What was sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// How many messages.
    pub messages: usize,
    /// How many events were looked at.
    pub events: usize,
    /// Of how many of them no message could be made.
    pub failed: usize,
    /// The last of them, where there may be more.
    pub last: Option<i64>,
}

/// Sends events of a time to an endpoint again, now, those behind an event, at most
/// [`REPLAYED_MAX`] of them. One that no message can be made of is put aside and keeps no other
/// waiting.
pub async fn replay(
    tx: &mut Tx,
    endpoint: EndpointId,
    (which, after): (Which, i64),
    (from, until): (Timestamp, Timestamp),
) -> Result<Replayed> {
    let endpoint = endpoints::find(tx, endpoint).await?;
    let found = match which {
        Which::All => deliveries::of_time(tx, (from, until), after, REPLAYED_MAX).await?,
        Which::Missed(retention) => {
            // Of what happened before, nobody knows any more whether the endpoint took it.
            let from = from.max(retention.begin(tx.now()));
            deliveries::missed(tx, (from, until), (endpoint.id, after), REPLAYED_MAX).await?
        }
    };
    let mut done = Replayed {
        messages: 0,
        events: found.len(),
        failed: 0,
        last: None,
    };
    for event in &found {
        let (event, endpoint) = (*event, &endpoint);
        let step = async move |tx: &mut Tx| replay_one(tx, (endpoint, which), event).await;
        match tx.attempt(step).await? {
            Ok(messages) => done.messages += messages,
            Err(error) if error.is_of_the_store() => return Err(error),
            Err(error) => {
                let reason = error.log_text();
                tracing::error!(event, error = reason, "an event is not sent again");
                outbox::put_aside_asked(tx, event, &reason).await?;
                done.failed += 1;
            }
        }
    }
    let subject = endpoint.id.to_string();
    tx.audit("event.replay", ("webhook_endpoint", &subject))
        .await?;
    let is_full = i64::try_from(found.len()) == Ok(REPLAYED_MAX);
    done.last = found.last().copied().filter(|_| is_full);
    Ok(done)
}

async fn replay_one(
    tx: &mut Tx,
    (endpoint, which): (&Endpoint, Which),
    event: i64,
) -> Result<usize> {
    let event = get(tx, event).await?;
    if hand_out_early(tx, &event).await? {
        let on_its_way = deliveries::of_event(tx, event.id, endpoint.id).await?.len();
        if on_its_way > 0 {
            return Ok(on_its_way);
        }
    }
    let mut messages = messages(tx, (endpoint, Receivers::All), &event).await?;
    if matches!(which, Which::Missed(_)) {
        messages.retain(|message| message.fate == Fate::Missed);
    }
    let now = [tx.now()];
    send_again(
        tx,
        endpoint,
        (&event, messages),
        (Cause::Replay, now.as_slice()),
    )
    .await
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
/// goes out as it is; what never was made is made now. An event whose turn has not come yet is handed
/// out first, so that nothing else is ever told under the same name.
async fn again(
    tx: &mut Tx,
    (endpoint, to): (&Endpoint, Receivers),
    event: &StoredEvent,
    (cause, due): (Cause, &[Timestamp]),
) -> Result<usize> {
    hand_out_early(tx, event).await?;
    let messages = messages(tx, (endpoint, to), event).await?;
    send_again(tx, endpoint, (event, messages), (cause, due)).await
}

async fn send_again(
    tx: &mut Tx,
    endpoint: &Endpoint,
    (event, messages): (&StoredEvent, Vec<Kept>),
    (cause, due): (Cause, &[Timestamp]),
) -> Result<usize> {
    if !messages.is_empty() && event.unsent.is_some() {
        outbox::take_up(tx, event.id).await?;
    }
    for kept in &messages {
        deliveries::replace_dead(tx, endpoint.id, (event.id, &kept.message)).await?;
    }
    for due_at in due {
        for kept in &messages {
            let new = NewDelivery {
                endpoint: endpoint.id,
                event: event.id,
                message: kept.message.clone(),
                word: kept.word.clone(),
                category: kept.category.clone(),
                cause,
                ordinal: deliveries::ordinal(tx, endpoint.id).await?,
                body: kept.body.clone(),
                due_at: *due_at,
            };
            deliveries::insert_asked(tx, &new).await?;
        }
    }
    Ok(messages.len() * due.len())
}

/// A message of an event as it goes out in every repeat.
struct Kept {
    message: String,
    word: String,
    category: Option<String>,
    body: Zeroizing<Vec<u8>>,
    fate: Fate,
}

/// What became of a message at an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was taken, or is on its way.
    Sent,
    /// Neither.
    Missed,
}

/// The messages of an event to an endpoint, as they were made, or as they are made now where none ever
/// was. Only what the endpoint wants by now, unless it alone is meant.
async fn messages(
    tx: &mut Tx,
    (endpoint, to): (&Endpoint, Receivers),
    event: &StoredEvent,
) -> Result<Vec<Kept>> {
    let mut kept: Vec<Kept> = Vec::new();
    for known in deliveries::of_event(tx, event.id, endpoint.id).await? {
        let is_sent = matches!(
            known.state,
            DeliveryState::Pending | DeliveryState::Delivered
        );
        let fate = if is_sent { Fate::Sent } else { Fate::Missed };
        match kept.iter_mut().find(|kept| kept.message == known.message) {
            Some(kept) if is_sent => kept.fate = Fate::Sent,
            Some(_) => {}
            None => kept.push(Kept {
                body: known.body(tx)?,
                message: known.message,
                word: known.word,
                category: known.category,
                fate,
            }),
        }
    }
    let was_made = !kept.is_empty();
    if was_made && to != Receivers::All {
        return Ok(kept);
    }
    let sequence = outbox::number_of(tx, event.id).await?;
    let told = Told { event, sequence };
    let rendered = match payloads::render(tx, endpoint.dialect, told).await {
        Ok(rendered) => rendered,
        // What was made once need not be made again.
        Err(error) if was_made && !error.is_of_the_store() => Vec::new(),
        Err(error) => return Err(error),
    };
    for message in rendered {
        let known = kept.iter().position(|kept| kept.message == message.id);
        let is_asked_for = to != Receivers::All || is_wanted(endpoint, &message);
        match known {
            Some(index) if !is_asked_for => {
                kept.remove(index);
            }
            None if is_asked_for && !was_made => kept.push(Kept {
                message: message.id,
                word: message.event,
                category: message.category.map(str::to_owned),
                body: Zeroizing::new(message.body.into_bytes()),
                fate: Fate::Missed,
            }),
            Some(_) | None => {}
        }
    }
    Ok(kept)
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

/// Sets what a sandbox does wrong on purpose with the messages to an endpoint from now on; nothing ends
/// it. Setting the same plan again does the same to the next messages.
pub async fn plan_faults(
    tx: &mut Tx,
    endpoint: EndpointId,
    plan: Option<FaultPlan>,
) -> Result<Endpoint> {
    let before = endpoints::find(tx, endpoint).await?;
    let behind = deliveries::last_ordinal(tx, endpoint).await?;
    let plan = plan.map(|plan| FaultPlan { behind, ..plan });
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
