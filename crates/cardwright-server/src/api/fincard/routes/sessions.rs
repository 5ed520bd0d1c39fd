//! Logins.

use axum::{http::Method, routing::post};
use cardwright_wire::fincard as wire;

use super::super::logins;
use crate::api::route::{BodyDoc, Effect, Route, answer_schema, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/auth/login",
        summary: "Begins a session by e-mail address and password",
        number: None,
        role: None,
        request: Some(request::<wire::login::Login>()),
        answer: LOGIN,
        effect: Effect::Changes,
        handler: || post(logins::by_email),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions",
        summary: "Begins a session of one organization's user",
        number: None,
        role: None,
        request: Some(request::<wire::login::CreateSession>()),
        answer: LOGIN,
        effect: Effect::Changes,
        handler: || post(logins::by_organization),
    },
];

const LOGIN: BodyDoc = BodyDoc {
    name: "LoginReply",
    schema: answer_schema::<wire::login::LoginReply>,
};
