//! The operations on controls and limits.

use axum::{
    http::Method,
    routing::{get, put},
};
use cardwright_wire::native::admin as wire;

use crate::{
    api::{
        admin::controls,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

/// The operations on controls and limits.
pub(in crate::api::admin) const CONTROLS: &[Route] = &[
    Route {
        method: Method::PUT,
        path: "/cards/{card_id}/controls",
        summary: "Sets the controls of a card, in place of those it had",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::controls::SetControls>()),
        answer: CONTROLS_ANSWER,
        effect: Effect::Changes,
        handler: || put(controls::set_card),
    },
    Route {
        method: Method::GET,
        path: "/cards/{card_id}/controls",
        summary: "Reads the controls of a card",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: CONTROLS_ANSWER,
        effect: Effect::Reads,
        handler: || get(controls::read_card),
    },
    Route {
        method: Method::PUT,
        path: "/accounts/{account_id}/controls",
        summary: "Sets the controls of an account, for all its cards together, in place of those it had",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::controls::SetControls>()),
        answer: CONTROLS_ANSWER,
        effect: Effect::Changes,
        handler: || put(controls::set_account),
    },
    Route {
        method: Method::GET,
        path: "/accounts/{account_id}/controls",
        summary: "Reads the controls of an account, for all its cards together",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: CONTROLS_ANSWER,
        effect: Effect::Reads,
        handler: || get(controls::read_account),
    },
    Route {
        method: Method::PUT,
        path: "/products/{product_id}/controls",
        summary: "Sets the controls of a product, for each of its cards, in place of those it had",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::controls::SetControls>()),
        answer: CONTROLS_ANSWER,
        effect: Effect::Changes,
        handler: || put(controls::set_product),
    },
    Route {
        method: Method::GET,
        path: "/products/{product_id}/controls",
        summary: "Reads the controls of a product, for each of its cards",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: CONTROLS_ANSWER,
        effect: Effect::Reads,
        handler: || get(controls::read_product),
    },
    Route {
        method: Method::GET,
        path: "/cards/{card_id}/limits",
        summary: "Reads every limit that a card is under, and what is left of it",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: BodyDoc {
            name: "LimitsAnswer",
            schema: answer_schema::<wire::controls::Usages>,
        },
        effect: Effect::Reads,
        handler: || get(controls::limits),
    },
];

const CONTROLS_ANSWER: BodyDoc = BodyDoc {
    name: "ControlsAnswer",
    schema: answer_schema::<wire::controls::Controls>,
};
