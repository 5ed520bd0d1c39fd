//! The operations on credentials of signed callers.

use axum::{
    http::Method,
    routing::{get, patch, post, put},
};
use cardwright_wire::native::{List, admin::credentials as wire};

use crate::{
    api::{
        admin::credentials,
        native::contract::page,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

/// The operations.
pub(in crate::api::admin) const CREDENTIALS: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/tenants/{tenant_id}/credentials",
        summary: "Makes a credential of a signed caller",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::CreateCredential>()),
        answer: NEW_CREDENTIAL,
        effect: Effect::Changes,
        handler: || post(credentials::create),
    },
    Route {
        method: Method::GET,
        path: "/tenants/{tenant_id}/credentials",
        summary: "Lists the credentials, without their secrets",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: CREDENTIAL_PAGE,
        effect: Effect::Reads,
        handler: || get(credentials::list),
    },
    Route {
        method: Method::POST,
        path: "/credentials/{credential_id}/rotate",
        summary: "Makes a credential in the place of another",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::Rotate>()),
        answer: NEW_CREDENTIAL,
        effect: Effect::Changes,
        handler: || post(credentials::rotate),
    },
    Route {
        method: Method::POST,
        path: "/credentials/{credential_id}/revoke",
        summary: "Ends a credential at once",
        number: None,
        role: Some(Role::Owner),
        request: None,
        answer: CREDENTIAL,
        effect: Effect::Changes,
        handler: || post(credentials::revoke),
    },
    Route {
        method: Method::PUT,
        path: "/credentials/{credential_id}/allowlist",
        summary: "Says whence a credential may be used",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::SetAllowlist>()),
        answer: CREDENTIAL,
        effect: Effect::Changes,
        handler: || put(credentials::set_allowlist),
    },
    Route {
        method: Method::PATCH,
        path: "/credentials/{credential_id}/allowlist",
        summary: "Adds to where a credential may be used from, or takes away from it",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::ChangeAllowlist>()),
        answer: CREDENTIAL,
        effect: Effect::Changes,
        handler: || patch(credentials::change_allowlist),
    },
    Route {
        method: Method::PUT,
        path: "/credentials/{credential_id}/canonical-form",
        summary: "Sets how a credential's caller joins the parts of a request before signing",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::SetCanonicalForm>()),
        answer: CREDENTIAL,
        effect: Effect::Changes,
        handler: || put(credentials::set_canonical_form),
    },
];

const CREDENTIAL: BodyDoc = BodyDoc {
    name: "CredentialAnswer",
    schema: answer_schema::<wire::Credential>,
};

const CREDENTIAL_PAGE: BodyDoc = BodyDoc {
    name: "CredentialPage",
    schema: page::<wire::Credential>,
};

const NEW_CREDENTIAL: BodyDoc = BodyDoc {
    name: "NewCredential",
    schema: answer_schema::<wire::NewCredential>,
};
