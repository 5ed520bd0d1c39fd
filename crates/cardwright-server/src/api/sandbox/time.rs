//! The lines of the clock and of saved states.

use axum::{
    http::Method,
    routing::{get, post, put},
};
use cardwright_wire::native::{Empty, clock as time};

use super::{clock, snapshots};
use crate::{
    api::route::{BodyDoc, Effect, Route, answer_schema, request},
    store::admin_keys::Role,
};

/// The lines.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/clock",
        summary: "Reads the time",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: BodyDoc {
            name: "Clock",
            schema: answer_schema::<time::Clock>,
        },
        effect: Effect::Reads,
        handler: || get(clock::read),
    },
    Route {
        method: Method::PUT,
        path: "/clock",
        summary: "Sets the time, lets it stand still or run on",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::SetClock>()),
        answer: MOVED,
        effect: Effect::Changes,
        handler: || put(clock::set),
    },
    Route {
        method: Method::POST,
        path: "/clock/advance",
        summary: "Moves the time forward",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::AdvanceClock>()),
        answer: MOVED,
        effect: Effect::Changes,
        handler: || post(clock::advance),
    },
    Route {
        method: Method::POST,
        path: "/snapshot",
        summary: "Saves the state of the tenant",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::NameSnapshot>()),
        answer: BodyDoc {
            name: "Snapshot",
            schema: answer_schema::<time::Snapshot>,
        },
        effect: Effect::Changes,
        handler: || post(snapshots::take),
    },
    Route {
        method: Method::POST,
        path: "/restore",
        summary: "Goes back to a saved state of the tenant",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::NameSnapshot>()),
        answer: RESTORED,
        effect: Effect::Changes,
        handler: || post(snapshots::restore),
    },
    Route {
        method: Method::POST,
        path: "/reset",
        summary: "Goes back to how the tenant was made",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<Empty>()),
        answer: RESTORED,
        effect: Effect::Changes,
        handler: || post(snapshots::reset),
    },
];

const MOVED: BodyDoc = BodyDoc {
    name: "MovedClock",
    schema: answer_schema::<time::MovedClock>,
};

const RESTORED: BodyDoc = BodyDoc {
    name: "Restored",
    schema: answer_schema::<time::Restored>,
};
