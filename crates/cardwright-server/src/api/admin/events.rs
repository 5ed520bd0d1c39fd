//! What happened, who was told of it, and sending it again.

use axum::{extract::State, response::Response};
use cardwright_core::{DeliveryId, EndpointId, EventId, Record, Timestamp};
use cardwright_wire::{
    instant::Rfc3339,
    kind::GivenId,
    native::{RecordId, admin::events as wire},
};

use crate::{
    api::native::{NoBody, Operated, page, record},
    app::App,
    error::{Error, Result},
    ops::deliveries::{self as ops, Receivers, Which},
    store::{
        deliveries::{self, Attempt, Delivery, DeliveryFilter, DeliveryState},
        events::{self, EventFilter, HandedOut, StoredEvent},
    },
    webhooks::payloads::{event_name, fincard},
};

/// `GET events`
pub(super) async fn list(State(app): State<App>, operated: Operated<wire::ListEvents>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let filter = EventFilter {
                kind: asked.kind,
                subject: asked.subject.map(|given| given.id().unwrap_or_default()),
                from: instant(asked.from, "from")?,
                until: instant(asked.to, "to")?,
                handed_out: asked.state.map(|state| match state {
                    wire::EventState::Unsent => HandedOut::Unsent,
                }),
            };
            // A cursor belongs to the list with these filters and to no other.
            let name = format!("events {filter:?}");
            let read = async |tx: &mut _, before: Option<i64>, limit| {
                events::list(tx, &filter, before.unwrap_or(i64::MAX), limit).await
            };
            page(tx, (&name, &asked.paging), read, |event| event.id, shown).await
        })
        .await
}

/// `GET events/{event_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.event("event_id");
    operated
        .answer(&app, async move |tx| {
            let found = events::find(tx, event(given)?).await?;
            found
                .map(shown)
                .ok_or_else(|| Error::not_found(Record::Event))
        })
        .await
}

/// `POST events/{event_id}/resend`
pub(super) async fn resend(
    State(app): State<App>,
    operated: Operated<wire::ResendEvent>,
) -> Response {
    let given = operated.event("event_id");
    operated
        .change(&app, async move |tx, asked| {
            let to = receivers(asked.endpoint)?;
            let messages = ops::resend(tx, event(given)?, to).await?;
            Ok(wire::Resent { messages })
        })
        .await
}

/// `GET webhook-deliveries`
pub(super) async fn deliveries(
    State(app): State<App>,
    operated: Operated<wire::ListDeliveries>,
) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let filter = DeliveryFilter {
                endpoint: asked.endpoint.map(|given| given.id().unwrap_or_default()),
                state: asked.state.map(state_in),
                event: asked.event.map(|given| given.id().unwrap_or_default()),
            };
            let name = format!("webhook-deliveries {filter:?}");
            let read = async |tx: &mut _, before: Option<i64>, limit| {
                deliveries::list(tx, &filter, before.unwrap_or(i64::MAX), limit).await
            };
            let number = |delivery: &Delivery| delivery.id.get();
            page(tx, (&name, &asked.paging), read, number, delivery).await
        })
        .await
}

/// `GET webhook-deliveries/{webhook_delivery_id}`
pub(super) async fn delivery_log(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id("webhook_delivery_id");
    operated
        .answer(&app, async move |tx| {
            let id = record(given, DeliveryId::new, Record::Delivery)?;
            let found = deliveries::find(tx, id).await?;
            let body = found.body(tx)?;
            let shown = fincard::without_secrets(found.category.as_deref(), &body);
            let attempts = deliveries::attempts(tx, id).await?;
            Ok(wire::DeliveryLog {
                delivery: delivery(found),
                body: shown,
                attempts: attempts.into_iter().map(attempt).collect(),
            })
        })
        .await
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/replay`
pub(super) async fn replay(
    State(app): State<App>,
    operated: Operated<wire::ReplayEvents>,
) -> Response {
    let given = operated.id("webhook_endpoint_id");
    let retention = app.settings().delivery_retention;
    operated
        .change(&app, async move |tx, asked| {
            let from = instant(Some(asked.from), "from")?.unwrap_or(Timestamp::MIN);
            let until = instant(asked.to, "to")?.unwrap_or(Timestamp::MAX);
            let after = asked.after.and_then(GivenId::id).unwrap_or_default();
            let which = match asked.which {
                wire::Which::All => Which::All,
                wire::Which::Missing => Which::Missed(retention),
            };
            let time = (from, until);
            let done = ops::replay(tx, endpoint(given)?, (which, after), time).await?;
            Ok(wire::Replayed {
                messages: done.messages,
                events: done.events,
                failed: done.failed,
                after_event_id: done.last.map(RecordId),
            })
        })
        .await
}

fn receivers(given: Option<GivenId>) -> Result<Receivers> {
    Ok(match given {
        Some(given) => Receivers::One(endpoint(given)?),
        None => Receivers::All,
    })
}

fn endpoint(given: GivenId) -> Result<EndpointId> {
    record(given, EndpointId::new, Record::WebhookEndpoint)
}

fn event(given: GivenId) -> Result<i64> {
    Ok(record(given, EventId::new, Record::Event)?.get())
}

fn instant(text: Option<String>, field: &'static str) -> Result<Option<Timestamp>> {
    text.map(|text| text.parse().map_err(|_| Error::Invalid(field)))
        .transpose()
}

fn shown(event: StoredEvent) -> wire::Event {
    wire::Event {
        event_id: RecordId(event.id),
        message_id: event_name(event.id),
        kind: event.kind,
        subject: wire::EventSubject {
            kind: event.subject_kind,
            id: RecordId(event.subject),
        },
        facts: event.facts,
        created_at: Rfc3339(event.created_at),
        unsent_reason: event.unsent,
    }
}

fn delivery(delivery: Delivery) -> wire::Delivery {
    let is_pending = delivery.state == DeliveryState::Pending;
    wire::Delivery {
        webhook_delivery_id: RecordId(delivery.id.get()),
        event_id: RecordId(delivery.event),
        webhook_endpoint_id: RecordId(delivery.endpoint.get()),
        message_id: delivery.message,
        event: delivery.word,
        cause: delivery.cause.word().to_owned(),
        state: state_out(delivery.state),
        sends: delivery.sends,
        next_at: is_pending.then_some(Rfc3339(delivery.due_at)),
        created_at: Rfc3339(delivery.created_at),
        ended_at: delivery.ended_at.map(Rfc3339),
        end_reason: delivery.end_reason,
    }
}

fn attempt(attempt: Attempt) -> wire::Attempt {
    wire::Attempt {
        started_at: Rfc3339(attempt.started_at),
        duration_ms: attempt.duration_ms,
        outcome: attempt.outcome,
        status: attempt.status,
        reason: attempt.reason,
        answer: attempt
            .answer
            .map(|answer| String::from_utf8_lossy(&answer).into_owned()),
        fault: attempt.fault,
        next_at: attempt.next_at.map(Rfc3339),
    }
}

fn state_in(state: wire::DeliveryState) -> DeliveryState {
    match state {
        wire::DeliveryState::Pending => DeliveryState::Pending,
        wire::DeliveryState::Delivered => DeliveryState::Delivered,
        wire::DeliveryState::Dead => DeliveryState::Dead,
        wire::DeliveryState::Replayed => DeliveryState::Replayed,
    }
}

fn state_out(state: DeliveryState) -> wire::DeliveryState {
    match state {
        DeliveryState::Pending => wire::DeliveryState::Pending,
        DeliveryState::Delivered => wire::DeliveryState::Delivered,
        DeliveryState::Dead => wire::DeliveryState::Dead,
        DeliveryState::Replayed => wire::DeliveryState::Replayed,
    }
}
