//! What the documents say about our own surfaces alike: key, tenant, errors.

use axum::http::Method;
use cardwright_core::Refusal;
use cardwright_wire::native::{
    IDEMPOTENCY_KEY_HEADER, Page, TENANT_HEADER,
    errors::{Code, Failure, Row},
};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        RefOr, Schema,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::refusals;
use crate::{
    api::route::{
        BodyDoc, ErrorDoc, Given, Parameter, Presence, Route, Schemas, answer_schema, named,
    },
    store::admin_keys::Role,
};

/// The name of the scheme by which operators authenticate.
pub(in crate::api) const KEY_SCHEME: &str = "api_key";

/// The envelope of a refusal.
pub(in crate::api) const REFUSAL: BodyDoc = BodyDoc {
    name: "Error",
    schema: answer_schema::<Failure>,
};

/// Names the tenant that a call acts on.
pub(in crate::api) const TENANT: Parameter = Parameter {
    name: TENANT_HEADER,
    about: "The tenant to act on; where it is left out, the tenant that the key belongs to.",
    pattern: Some("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    example: "0198f6a0-0000-7000-8000-000000000001",
    presence: Presence::Optional,
};

/// Names a change.
pub(in crate::api) const IDEMPOTENCY_KEY: Parameter = Parameter {
    name: IDEMPOTENCY_KEY_HEADER,
    about: "A name of your own for this change, kept for 24 hours: a repeat of the same content to \
            the same path under the same key answers what the first one did.",
    pattern: Some("^[ -~]{1,64}$"),
    example: "order-2031-0042",
    presence: Presence::Optional,
};

/// How operators authenticate.
pub(in crate::api) fn key_schemes() -> Vec<(&'static str, SecurityScheme)> {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An operator's API key; it begins with `cwa_`."));
    vec![(KEY_SCHEME, SecurityScheme::Http(bearer.build()))]
}

/// Documents a page of a list.
pub(in crate::api) fn page<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    RefOr::T(Page::<T>::schema(named::<T>(schemas)))
}

/// Whether an operation may come with a body.
const WITH_BODY: Given = Given::Where(|route| route.method != Method::GET);
/// Whether an operation reads fields.
const WITH_FIELDS: Given = Given::Where(|route| route.request.is_some());

/// What every operator's call can be refused for.
const OF_OPERATORS: &[(Code, Given)] = &[
    (Code::Unauthorized, Given::Everywhere),
    (
        Code::Forbidden,
        Given::Where(|route| route.role > Some(Role::Auditor)),
    ),
];

/// What every call of ours can be refused for.
const OF_ALL: &[(Code, Given)] = &[
    (
        Code::BodyNotAllowed,
        Given::Where(|route| route.method == Method::GET),
    ),
    (Code::MalformedJson, WITH_BODY),
    (Code::NotAnObject, WITH_BODY),
    (
        Code::DuplicateKey,
        Given::Where(|route| route.method != Method::GET || route.request.is_some()),
    ),
    (Code::NestingTooDeep, WITH_BODY),
    (Code::FieldRequired, WITH_FIELDS),
    (
        Code::FieldUnknown,
        Given::Where(|route| route.method != Method::GET || route.request.is_some()),
    ),
    (
        Code::FieldInvalid,
        // What is to be ended may be what must not end.
        Given::Where(|route| route.request.is_some() || route.method == Method::DELETE),
    ),
    (Code::FieldNotAllowed, WITH_FIELDS),
    (Code::NotFound, Given::Everywhere),
    (Code::MethodNotAllowed, Given::Elsewhere),
    (Code::BodyTooSlow, WITH_BODY),
    (Code::BodyTooLarge, WITH_BODY),
    (Code::UnsupportedMediaType, WITH_BODY),
    (Code::InternalError, Given::Everywhere),
    (Code::Unavailable, Given::Everywhere),
];

/// The errors of a surface: what its own kind of caller meets, what all meet, and what the domain
/// refuses there. In the order of their statuses.
pub(in crate::api) fn errors(
    own: &[(Code, Given)],
    refusals: &[(Refusal, Given)],
) -> Vec<ErrorDoc> {
    let of_requests = own.iter().chain(OF_ALL);
    let of_requests = of_requests.map(|(code, given)| drawn(*code.row(), *given));
    let of_domain = refusals
        .iter()
        .map(|(refusal, given)| drawn(refusals::row(*refusal), *given));
    let mut errors: Vec<ErrorDoc> = of_requests.chain(of_domain).collect();
    errors.sort_by_key(|error| error.http);
    errors
}

/// The errors of a surface that operators call. `keyed` says which operations take a key for
/// repeats; `own` is what the surface adds about requests as such.
pub(in crate::api) fn operator_errors(
    keyed: fn(&Route) -> bool,
    own: &[(Code, Given)],
    refusals: &[(Refusal, Given)],
) -> Vec<ErrorDoc> {
    let of_keys = [
        (Code::InvalidIdempotencyKey, Given::Where(keyed)),
        (
            Code::IdempotencyKeyNotAllowed,
            Given::Where(|route| route.method != Method::GET),
        ),
    ];
    let own = [OF_OPERATORS, &of_keys, own].concat();
    let conflict = [(Refusal::IdempotencyConflict, Given::Where(keyed))];
    errors(&own, &[&conflict, refusals].concat())
}

fn drawn(row: Row, given: Given) -> ErrorDoc {
    let field = row.text.starts_with("field_").then_some("name");
    ErrorDoc {
        text: row.text.to_owned(),
        http: row.http,
        meaning: row.meaning,
        given,
        example: json!({"error": {
            "code": row.text,
            "message": row.meaning,
            "field": field,
            "request_id": "0198f6a0-0000-7000-8000-0000000000aa",
        }}),
    }
}
