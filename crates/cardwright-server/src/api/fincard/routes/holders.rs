//! Cardholders.

use axum::{http::Method, routing::post};
use cardwright_wire::fincard as wire;

use super::super::{contract, holders};
use crate::api::route::{BodyDoc, Effect, Route, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/create",
        summary: "Records a cardholder and has it checked, in the older form",
        number: Some(21),
        role: None,
        request: Some(request::<wire::holders::CreateHolderV1>()),
        answer: HOLDER,
        effect: Effect::Changes,
        handler: || post(holders::create_v1),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/update",
        summary: "Describes a rejected cardholder anew, in the older form",
        number: Some(22),
        role: None,
        request: Some(request::<wire::holders::UpdateHolder>()),
        answer: HOLDER,
        effect: Effect::Changes,
        handler: || post(holders::update),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/v2/create",
        summary: "Records a cardholder and has it checked",
        number: Some(23),
        role: None,
        request: Some(request::<wire::holders::CreateHolder>()),
        answer: HOLDER,
        effect: Effect::Changes,
        handler: || post(holders::create),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/v2/update",
        summary: "Describes a rejected cardholder anew",
        number: Some(24),
        role: None,
        request: Some(request::<wire::holders::UpdateHolder>()),
        answer: HOLDER,
        effect: Effect::Changes,
        handler: || post(holders::update),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/updateEmail",
        summary: "Changes a cardholder's e-mail address",
        number: None,
        role: None,
        request: Some(request::<wire::holders::UpdateEmail>()),
        answer: HOLDER,
        effect: Effect::Changes,
        handler: || post(holders::update_email),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/list",
        summary: "Lists cardholders",
        number: Some(25),
        role: None,
        request: Some(request::<wire::holders::ListHolders>()),
        answer: BodyDoc {
            name: "HolderPageReply",
            schema: contract::page::<wire::holders::Holder>,
        },
        effect: Effect::Reads,
        handler: || post(holders::list),
    },
];

const HOLDER: BodyDoc = BodyDoc {
    name: "HolderReply",
    schema: contract::one::<wire::holders::Holder>,
};
