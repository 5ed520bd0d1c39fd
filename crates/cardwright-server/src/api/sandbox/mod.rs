//! The sandbox's own calls: what the outside world would do, made to happen. They exist only where
//! nothing is real.

mod clock;
mod contract;
mod simulate;
mod snapshots;

use axum::{
    http::Method,
    routing::{get, post, put},
};
use cardwright_wire::native::{Empty, clock as time, sandbox as wire};

use super::route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request};
use crate::store::admin_keys::Role;

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Sandbox API",
    slug: "sandbox",
    prefixes: &["/sandbox/v1"],
    served: Served::InSandbox,
    contract: contract::CONTRACT,
    routes: &[
        Route {
            method: Method::POST,
            path: "/simulate/funding",
            summary: "Lets money come in from outside",
            number: None,
            role: Some(Role::Operator),
            request: Some(request::<wire::Funding>()),
            answer: BodyDoc {
                name: "Balances",
                schema: answer_schema::<wire::Balances>,
            },
            effect: Effect::Changes,
            handler: || post(simulate::funding),
        },
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
    ],
};

const MOVED: BodyDoc = BodyDoc {
    name: "MovedClock",
    schema: answer_schema::<time::MovedClock>,
};

const RESTORED: BodyDoc = BodyDoc {
    name: "Restored",
    schema: answer_schema::<time::Restored>,
};
