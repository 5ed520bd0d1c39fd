//! Accounts and their money.

use axum::{http::Method, routing::post};
use cardwright_wire::{fincard as wire, shape::Nothing};

use super::super::{accounts, contract};
use crate::api::route::{BodyDoc, Effect, Route, request};

pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::POST,
    path: "/api/v2.1/fincard/virtual/account/info",
    summary: "Lists the tenant's accounts",
    number: Some(8),
    role: None,
    request: Some(request::<Nothing>()),
    answer: BodyDoc {
        name: "AccountsReply",
        schema: contract::list::<wire::accounts::Account>,
    },
    effect: Effect::Reads,
    handler: || post(accounts::info),
}];
