//! The operations on accounts.

use axum::{
    http::Method,
    routing::{get, post},
};
use cardwright_wire::native::admin as wire;

use crate::{
    api::{
        admin::accounts,
        native::contract::page,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

/// The operations on accounts.
pub(in crate::api::admin) const ACCOUNTS: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/accounts",
        summary: "Lists the accounts of a tenant, its wallet first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<wire::accounts::Accounts>()),
        answer: BodyDoc {
            name: "AccountPage",
            schema: page::<wire::accounts::Account>,
        },
        effect: Effect::Reads,
        handler: || get(accounts::list),
    },
    Route {
        method: Method::GET,
        path: "/accounts/{account_id}",
        summary: "Reads an account and what it holds",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: ACCOUNT,
        effect: Effect::Reads,
        handler: || get(accounts::read),
    },
    Route {
        method: Method::POST,
        path: "/accounts/{account_id}/credit",
        summary: "Puts money onto an account",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::accounts::MoveMoney>()),
        answer: ACCOUNT,
        effect: Effect::Changes,
        handler: || post(accounts::credit),
    },
    Route {
        method: Method::POST,
        path: "/accounts/{account_id}/debit",
        summary: "Takes money from an account, as far as it has some",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::accounts::MoveMoney>()),
        answer: ACCOUNT,
        effect: Effect::Changes,
        handler: || post(accounts::debit),
    },
    Route {
        method: Method::POST,
        path: "/accounts/{account_id}/freeze",
        summary: "Takes an account out of all payments",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::Reason>()),
        answer: ACCOUNT,
        effect: Effect::Changes,
        handler: || post(accounts::freeze),
    },
    Route {
        method: Method::POST,
        path: "/accounts/{account_id}/unfreeze",
        summary: "Lets an account take part in payments again",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::Reason>()),
        answer: ACCOUNT,
        effect: Effect::Changes,
        handler: || post(accounts::unfreeze),
    },
];

const ACCOUNT: BodyDoc = BodyDoc {
    name: "Account",
    schema: answer_schema::<wire::accounts::Account>,
};
