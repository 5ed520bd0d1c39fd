//! The operations, in the order of the documents: one line each, from which router, documents and
//! tables follow.

mod accounts;
mod cards;
mod holders;
mod payments;

use axum::{http::Method, routing::MethodRouter};

use crate::{
    api::route::{BodyDoc, Effect, RequestDoc, Route},
    app::App,
};

/// Every operation, in groups.
pub(super) const GROUPS: &[&[Route]] = &[
    holders::ROUTES,
    accounts::ROUTES,
    cards::ROUTES,
    payments::ROUTES,
];

type Handler = fn() -> MethodRouter<App>;

/// A read by path.
const fn read(
    path: &'static str,
    summary: &'static str,
    answer: BodyDoc,
    handler: Handler,
) -> Route {
    Route {
        method: Method::GET,
        path,
        summary,
        number: None,
        role: None,
        request: None,
        answer,
        effect: Effect::Reads,
        handler,
    }
}

/// A read by body.
const fn list(
    path: &'static str,
    summary: &'static str,
    request: RequestDoc,
    answer: BodyDoc,
    handler: Handler,
) -> Route {
    Route {
        method: Method::POST,
        path,
        summary,
        number: None,
        role: None,
        request: Some(request),
        answer,
        effect: Effect::Reads,
        handler,
    }
}

/// A change by `POST`.
const fn make(
    path: &'static str,
    summary: &'static str,
    request: RequestDoc,
    answer: BodyDoc,
    handler: Handler,
) -> Route {
    Route {
        method: Method::POST,
        path,
        summary,
        number: None,
        role: None,
        request: Some(request),
        answer,
        effect: Effect::Changes,
        handler,
    }
}

/// A change by `PATCH`.
const fn change(
    path: &'static str,
    summary: &'static str,
    request: RequestDoc,
    answer: BodyDoc,
    handler: Handler,
) -> Route {
    Route {
        method: Method::PATCH,
        path,
        summary,
        number: None,
        role: None,
        request: Some(request),
        answer,
        effect: Effect::Changes,
        handler,
    }
}
