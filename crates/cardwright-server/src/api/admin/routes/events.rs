//! The operations on events and their deliveries.

use axum::{
    http::Method,
    routing::{get, post},
};
use cardwright_wire::native::admin::events as wire;
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    api::{
        admin::{event_streams, events},
        native::contract::page,
        route::{BodyDoc, Effect, Route, Schemas, answer_schema, named, request},
    },
    store::admin_keys::Role,
};

/// The operations on events and their deliveries.
pub(in crate::api::admin) const EVENTS: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/events",
        summary: "Lists what happened, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<wire::ListEvents>()),
        answer: BodyDoc {
            name: "PlatformEventPage",
            schema: page::<wire::Event>,
        },
        effect: Effect::Reads,
        handler: || get(events::list),
    },
    Route {
        method: Method::GET,
        path: event_streams::STREAM,
        summary: "Streams messages about what happens as it does; that is written down",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::StreamEvents>()),
        answer: BodyDoc {
            name: "EventStream",
            schema: event_stream,
        },
        effect: Effect::Reads,
        handler: || get(event_streams::begin),
    },
    Route {
        method: Method::GET,
        path: "/events/{event_id}",
        summary: "Reads an event",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: BodyDoc {
            name: "PlatformEventAnswer",
            schema: answer_schema::<wire::Event>,
        },
        effect: Effect::Reads,
        handler: || get(events::read),
    },
    Route {
        method: Method::POST,
        path: "/events/{event_id}/resend",
        summary: "Sends an event to its endpoints again",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::ResendEvent>()),
        answer: BodyDoc {
            name: "ResentAnswer",
            schema: answer_schema::<wire::Resent>,
        },
        effect: Effect::Changes,
        handler: || post(events::resend),
    },
    Route {
        method: Method::GET,
        path: "/webhook-deliveries",
        summary: "Lists messages to endpoints, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<wire::ListDeliveries>()),
        answer: BodyDoc {
            name: "WebhookDeliveryPage",
            schema: page::<wire::Delivery>,
        },
        effect: Effect::Reads,
        handler: || get(events::deliveries),
    },
    Route {
        method: Method::GET,
        path: "/webhook-deliveries/{webhook_delivery_id}",
        summary: "Reads a message with each time that it was sent",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: BodyDoc {
            name: "WebhookDeliveryLogAnswer",
            schema: answer_schema::<wire::DeliveryLog>,
        },
        effect: Effect::Reads,
        handler: || get(events::delivery_log),
    },
    Route {
        method: Method::POST,
        path: "/webhook-endpoints/{webhook_endpoint_id}/replay",
        summary: "Sends events of a time to an endpoint again",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::ReplayEvents>()),
        answer: BodyDoc {
            name: "ReplayedAnswer",
            schema: answer_schema::<wire::Replayed>,
        },
        effect: Effect::Changes,
        handler: || post(events::replay),
    },
];

/// Documents a stream, and what is in it.
fn event_stream(schemas: &mut Schemas) -> RefOr<Schema> {
    named::<wire::StreamedMessage>(schemas);
    wire::EventStream::schema()
}
