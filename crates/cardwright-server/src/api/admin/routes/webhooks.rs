//! The operations on webhook endpoints and their keys.

use axum::{
    http::Method,
    routing::{delete, get, patch, post},
};
use cardwright_wire::native::{List, admin::webhooks as wire};

use crate::{
    api::{
        admin::webhooks,
        native::contract::page,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

/// The operations on webhook endpoints.
pub(in crate::api::admin) const WEBHOOKS: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/webhook-endpoints",
        summary: "Registers where a tenant's events are delivered to",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::CreateEndpoint>()),
        answer: NEW_ENDPOINT,
        effect: Effect::Changes,
        handler: || post(webhooks::create),
    },
    Route {
        method: Method::GET,
        path: "/webhook-endpoints",
        summary: "Lists the webhook endpoints, without their secrets",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: BodyDoc {
            name: "WebhookEndpointPage",
            schema: page::<wire::Endpoint>,
        },
        effect: Effect::Reads,
        handler: || get(webhooks::list),
    },
    Route {
        method: Method::GET,
        path: "/webhook-endpoints/{webhook_endpoint_id}",
        summary: "Reads a webhook endpoint",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: ENDPOINT,
        effect: Effect::Reads,
        handler: || get(webhooks::read),
    },
    Route {
        method: Method::PATCH,
        path: "/webhook-endpoints/{webhook_endpoint_id}",
        summary: "Changes a webhook endpoint",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::ChangeEndpoint>()),
        answer: ENDPOINT,
        effect: Effect::Changes,
        handler: || patch(webhooks::change),
    },
    Route {
        method: Method::DELETE,
        path: "/webhook-endpoints/{webhook_endpoint_id}",
        summary: "Removes a webhook endpoint",
        number: None,
        role: Some(Role::Operator),
        request: None,
        answer: ENDPOINT,
        effect: Effect::Changes,
        handler: || delete(webhooks::remove),
    },
    Route {
        method: Method::POST,
        path: "/webhook-endpoints/{webhook_endpoint_id}/ping",
        summary: "Sends a signed test event, and tells how it was answered",
        number: None,
        role: Some(Role::Operator),
        request: None,
        answer: BodyDoc {
            name: "WebhookPingAnswer",
            schema: answer_schema::<wire::Ping>,
        },
        effect: Effect::Changes,
        handler: || post(webhooks::ping),
    },
    Route {
        method: Method::POST,
        path: "/webhook-endpoints/{webhook_endpoint_id}/rotate",
        summary: "Gives a webhook endpoint another secret; the one before is good for a while",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::RotateSecret>()),
        answer: NEW_ENDPOINT,
        effect: Effect::Changes,
        handler: || post(webhooks::rotate),
    },
    Route {
        method: Method::POST,
        path: "/webhook-endpoints/{webhook_endpoint_id}/disable",
        summary: "Delivers nothing to a webhook endpoint any more",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::Disable>()),
        answer: ENDPOINT,
        effect: Effect::Changes,
        handler: || post(webhooks::disable),
    },
    Route {
        method: Method::POST,
        path: "/webhook-endpoints/{webhook_endpoint_id}/enable",
        summary: "Delivers to a webhook endpoint again",
        number: None,
        role: Some(Role::Operator),
        request: None,
        answer: ENDPOINT,
        effect: Effect::Changes,
        handler: || post(webhooks::enable),
    },
    Route {
        method: Method::GET,
        path: "/tenants/{tenant_id}/webhook-public-keys",
        summary: "Reads the public keys that verify deliveries signed with RSA",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: KEYS,
        effect: Effect::Reads,
        handler: || get(webhooks::public_keys),
    },
    Route {
        method: Method::POST,
        path: "/tenants/{tenant_id}/webhook-keys/rotate",
        summary: "Makes another RSA key pair, which signs deliveries after a while",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::RotateKey>()),
        answer: KEYS,
        effect: Effect::Changes,
        handler: || post(webhooks::rotate_key),
    },
];

const ENDPOINT: BodyDoc = BodyDoc {
    name: "WebhookEndpointAnswer",
    schema: answer_schema::<wire::Endpoint>,
};

const NEW_ENDPOINT: BodyDoc = BodyDoc {
    name: "NewWebhookEndpointAnswer",
    schema: answer_schema::<wire::NewEndpoint>,
};

const KEYS: BodyDoc = BodyDoc {
    name: "WebhookPublicKeysAnswer",
    schema: answer_schema::<wire::WebhookPublicKeys>,
};
