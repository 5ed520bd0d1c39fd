//! What holds for the whole FinCard Virtual API, as its document tells it.
//!
//! Law: which endpoints give an error is read from the table of errors; only those that the table
//! leaves to any endpoint are told apart here.

use cardwright_wire::{
    fincard::{
        envelope::{Failure, Reply},
        errors::{Code, Endpoints, Row, TABLE},
        page::Page,
    },
    shape::{Nothing, Shape},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{Array, OneOf, Schema},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::events;
use crate::api::route::{
    BodyDoc, Contract, Effect, ErrorDoc, Given, Note, Parameter, Presence, Route, Schemas,
    answer_schema, named, with_member,
};

/// Where all calls are, the logins apart.
const BASE: &str = "/api/v2.1/fincard/virtual";
const SESSION: &str = "session";

/// The contract of the surface.
pub(super) const CONTRACT: Contract = Contract {
    about: ABOUT,
    schemes,
    security: |route| {
        if is_in_session(route) {
            &[SESSION]
        } else {
            &[]
        }
    },
    headers,
    path_parameters: &[
        Parameter {
            name: "organizationId",
            about: "Id of the organization",
            pattern: Some(UUID),
            example: "3f0e7c52-9d1b-4c55-8a53-6f2f3e1d9b70",
            presence: Presence::Required,
        },
        Parameter {
            name: "userId",
            about: "Id of the user",
            pattern: Some(UUID),
            example: "b1a6f9f0-52d7-4a43-9d0f-0c1f5e7a2c11",
            presence: Presence::Required,
        },
    ],
    base: BASE,
    group,
    refusal: BodyDoc {
        name: "Error",
        schema: answer_schema::<Failure>,
    },
    errors,
    note,
    events: events::EVENTS,
};

const UUID: &str = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";

const ABOUT: &str = "\
Front ends of an organization open and manage virtual cards through this API, each call in the \
session of a user.

## Sessions

A login answers a token, a JWT that lasts one hour; every other call carries it as \
`Authorization: Bearer <token>`. There is no refresh: log in again. Ten failed logins lock the \
user, for the address they came from, for 30 minutes.

## Context headers

Every call carries `X-Tenant-ID`, `X-Forwarded-For`, `X-Forwarded-From`, `platform` and \
`deviceId`; the login of an organization's user needs only the first. `X-Tenant-ID` must be the \
tenant that the token was issued to. The forwarding headers are recorded and decide nothing.

## Calls and answers

Every call is a `POST` with a JSON object, `{}` when there is nothing to say; only a file comes as \
a form. Fields that are not \
documented are ignored; `null` and `\"\"` in an optional field mean that it is absent. Where a \
field has several names, any of them will do.

Every answer is `{\"success\", \"code\", \"msg\", \"data\"}`. A business error travels with HTTP \
200 and `code` -1; `errorCode` says which, in a word that never changes its meaning. Amounts go \
out as decimal strings, times as Unix milliseconds. A record of somebody else is answered like \
one that does not exist. `X-Request-Id` names the request in the server's log.

## Cardholders

No two holders of one card type have the same e-mail address or identity number, but for those that \
the channel rejected for good: who was is described anew as a new holder. Whom our staff rejected is \
corrected by an update.

## Repeating a call

A repeat with the same `merchantOrderNo` and equal content answers what the first call did, and \
does nothing. A refused call uses up nothing.

## How many calls

A user may make so many calls a second, in all its sessions together: 1,000 unless the operator chose \
otherwise, any number in a sandbox. Beyond, HTTP 429 says in `Retry-After` when to come back.

## Looking at what is secret

`card/info/sensitive` and `card/3ds/transaction` are answered so often a minute to a user, and four \
times as often to its tenant: 3,000 times unless the operator chose otherwise. Beyond, HTTP 429 \
says in `Retry-After` when to come back. Logging in again changes nothing about it.";

/// Documents the envelope around one record.
pub(super) fn one<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let record = named::<T>(schemas);
    with_member(Reply::<T>::schema(), "data", record)
}

/// Documents the envelope around a list of records.
pub(super) fn list<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let records = Array::new(named::<T>(schemas));
    with_member(Reply::<T>::schema(), "data", records)
}

/// Documents the envelope around a page of records.
pub(super) fn page<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let records = Array::new(named::<T>(schemas));
    let page = with_member(Page::<T>::schema(), "records", records);
    with_member(Reply::<T>::schema(), "data", page)
}

/// Documents the envelope around records that come in a page where one is asked for, else as a
/// list.
pub(super) fn page_or_list<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let records = Array::new(named::<T>(schemas));
    let page = with_member(Page::<T>::schema(), "records", records.clone());
    let either = OneOf::builder().item(page).item(records).build();
    with_member(Reply::<T>::schema(), "data", Schema::OneOf(either))
}

fn schemes() -> Vec<(&'static str, SecurityScheme)> {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `accessToken` of a login."))
        .build();
    vec![(SESSION, SecurityScheme::Http(bearer))]
}

const CONTEXT: &[Parameter] = &[
    Parameter {
        name: "X-Tenant-ID",
        about: "The tenant, as in the token",
        pattern: None,
        example: "your tenant",
        presence: Presence::Required,
    },
    Parameter {
        name: "X-Forwarded-For",
        about: "The end user's address; may be empty, at most 1,024 characters",
        pattern: None,
        example: "203.0.113.7",
        presence: Presence::Required,
    },
    Parameter {
        name: "X-Forwarded-From",
        about: "The calling system; may be empty, at most 1,024 characters",
        pattern: None,
        example: "web-shop",
        presence: Presence::Required,
    },
    Parameter {
        name: "platform",
        about: "What the end user's program runs on; `sec-ch-ua-platform` is taken in its place",
        pattern: Some("^(web|ios|android)$"),
        example: "web",
        presence: Presence::Required,
    },
    Parameter {
        name: "deviceId",
        about: "The end user's device; may be empty, at most 256 characters; `X-Device-Id` and \
                `device-id` are taken in its place",
        pattern: None,
        example: "device-1",
        presence: Presence::Required,
    },
];

/// What a signed event carries in place of a session.
const SIGNATURE: &[Parameter] = &[
    Parameter {
        name: "X-FC-SIGNATURE",
        about: "Signature of the body's bytes by the tenant's key: RSA PKCS #1 v1.5 with SHA-256, \
                in base64",
        pattern: None,
        example: "valid_signature_12345",
        presence: Presence::Optional,
    },
    Parameter {
        name: "X-WSB-SIGNATURE",
        about: "The same, taken where the first is absent",
        pattern: None,
        example: "valid_signature_12345",
        presence: Presence::Optional,
    },
];

fn headers(route: &Route) -> &'static [Parameter] {
    if is_event(route) {
        SIGNATURE
    } else if route.path.ends_with("/sessions") {
        &CONTEXT[..1]
    } else {
        CONTEXT
    }
}

fn is_login(route: &Route) -> bool {
    !route.path.starts_with(BASE)
}

/// An event, which is signed.
fn is_event(route: &Route) -> bool {
    route.path.ends_with("/webhook/callback")
}

/// Changes something, and knows a repeat by the caller's own number: where the shape has one.
fn is_repeatable(route: &Route) -> bool {
    let shape = route.request.map(|request| (request.schema)());
    let is_numbered = shape.is_some_and(|shape| has_field(&shape, "merchantOrderNo"));
    is_in_session(route) && route.effect == Effect::Changes && is_numbered
}

fn has_field(schema: &Schema, name: &str) -> bool {
    match schema {
        Schema::Object(object) => object.properties.contains_key(name),
        Schema::AllOf(all) => all
            .items
            .iter()
            .any(|part| matches!(part, RefOr::T(part) if has_field(part, name))),
        _ => false,
    }
}

/// The older calls, and what to call in their place.
const SUPERSEDED: &[(u8, &str)] = &[
    (14, "wallet/v2/create"),
    (15, "wallet/v2/transaction"),
    (21, "card/holder/v2/create"),
    (22, "card/holder/v2/update"),
    (27, "card/v2/openCard"),
];

const CALLBACK: &str = "\
The signature covers the body's bytes exactly as they are sent, and nothing else: RSA with SHA-256, \
PKCS #1 v1.5, by the private half of the tenant's webhook key, in base64. It stands in \
`X-FC-SIGNATURE`, or, where that is absent, in `X-WSB-SIGNATURE`. It is verified with the key of the \
tenant that the body names, before anything else of the body counts; a signature that is absent or \
not right is answered with 401. In a sandbox the literal `valid_signature_12345` is right, too. An \
`eventId` that came before changes nothing.";

fn note(route: &Route) -> Note {
    let superseded = SUPERSEDED
        .iter()
        .find(|(number, _)| route.number == Some(*number));
    Note {
        about: is_event(route).then_some(CALLBACK),
        superseded_by: superseded.map(|(_, newer)| *newer),
    }
}

fn is_in_session(route: &Route) -> bool {
    is_call(route) && !is_event(route)
}

fn is_call(route: &Route) -> bool {
    !is_login(route)
}

/// A login with a field missing is answered like one with a wrong password.
fn is_call_with_fields(route: &Route) -> bool {
    let named = route.request.map(|request| request.name);
    is_call(route) && named.is_some_and(|name| name != Nothing::NAME)
}

fn group(route: &Route) -> &'static str {
    let below = route.path.strip_prefix(BASE).unwrap_or_default();
    if is_login(route) {
        "Sessions"
    } else if route.path.contains("/common/") {
        "Common"
    } else if below.split('/').nth(1) == Some("work") {
        "Work orders"
    } else if below.split('/').nth(1) == Some("wallet") {
        "Crypto wallet"
    } else if route.path.contains("/holder/") {
        "Cardholders"
    } else if is_event(route) {
        "Events"
    } else if route.path.ends_with("ransaction") && route.path.contains("/card/") {
        "Transactions"
    } else if route.path.contains("/card/") {
        "Cards"
    } else {
        "Accounts"
    }
}

fn errors() -> Vec<ErrorDoc> {
    let rows = TABLE.iter();
    rows.map(|row| ErrorDoc {
        text: row.text.to_owned(),
        http: row.http,
        meaning: row.meaning,
        given: given(row),
        // A failure is a few strings and numbers: it always serializes.
        example: serde_json::to_value(Failure::from(row.code)).unwrap_or_default(),
    })
    .collect()
}

/// What a simulated payment gives besides what any call does.
const SIMULATED: &[Code] = &[
    Code::StateNotAllowed,
    Code::AmountOutOfRange,
    Code::InsufficientBalance,
    Code::AccountNotActive,
];
const SIMULATION: &[&str] = &["card/simulateAuthTransaction"];

/// Which operations give an error.
fn given(row: &'static Row) -> Given {
    match &row.endpoints {
        // A new address is compared like the first one, but that call has no number.
        Endpoints::Numbers(_) if row.code == Code::DuplicateEmail => {
            Given::Where(|route| matches!(route.number, Some(21..=24)) || is_email_update(route))
        }
        Endpoints::Numbers(numbers) if SIMULATED.contains(&row.code) => {
            Given::AtNumbersAndPaths(numbers, SIMULATION)
        }
        Endpoints::Numbers(numbers) => Given::AtNumbers(numbers),
        Endpoints::Path(path) => Given::AtPaths(std::slice::from_ref(path)),
        Endpoints::Any => given_by_any(row.code),
    }
}

fn is_email_update(route: &Route) -> bool {
    route.path.ends_with("card/holder/updateEmail")
}

/// What "any endpoint, where it makes sense" means.
fn given_by_any(code: Code) -> Given {
    match code {
        Code::MissingHeader
        | Code::InvalidHeader
        | Code::MalformedJson
        | Code::BodyTooLarge
        | Code::UnsupportedMediaType
        | Code::InternalError
        | Code::Unavailable => Given::Everywhere,
        Code::InvalidCredentials => Given::Where(is_login),
        Code::MissingField | Code::InvalidField | Code::AliasConflict => {
            Given::Where(is_call_with_fields)
        }
        Code::OrderNoConflict => Given::Where(is_repeatable),
        Code::AmountInvalid => {
            Given::AtNumbersAndPaths(&[13, 14, 27, 28, 34, 37, 38, 40], SIMULATION)
        }
        Code::HolderNotFound => Given::Where(|route| {
            matches!(route.number, Some(22 | 24 | 27 | 28)) || is_email_update(route)
        }),
        Code::AccountNotFound => Given::AtNumbers(&[10, 13, 14, 17, 27, 28]),
        Code::DesignNotFound => Given::AtNumbers(&[27, 28]),
        Code::CoinNotFound => Given::AtNumbers(&[14, 17]),
        Code::CardNotFound => Given::AtNumbersAndPaths(
            &[29, 30, 31, 33, 34, 35, 36, 37, 38, 39, 40, 41],
            SIMULATION,
        ),
        Code::CardTypeNotFound => Given::AtNumbers(&[21, 22, 23, 24, 27, 28]),
        Code::FileNotFound | Code::CityNotFound | Code::OccupationNotFound => {
            Given::AtNumbers(&[21, 22, 23, 24])
        }
        Code::RegionNotFound => Given::AtNumbers(&[2, 3]),
        Code::TransactionNotFound => Given::AtPaths(SIMULATION),
        Code::RateLimited => Given::Where(is_in_session),
        // They answer what is no call.
        Code::NotFound | Code::MethodNotAllowed => Given::Elsewhere,
        // `unauthorized`, and whatever the table gives to any call from now on.
        _ => Given::Where(is_call),
    }
}
