//! The matrix: every route, and every place in it where the id of a record can stand.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use super::{orders, queries, world::World};
use crate::harness::callers::{card, context};

/// How an id that cannot be one is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// In a path: like a missing one.
    Path,
    /// In a body of the strict API: as a field with the wrong form.
    Strict,
    /// In a body of the lenient API: like a missing one, as text and as number.
    Lenient,
    /// On our own surfaces: as a field with the wrong form.
    Field,
    /// Text that has another use of its own.
    Text,
}

/// One place where an id can stand.
pub struct Position {
    /// The route, as method and path of its line.
    pub route: &'static str,
    /// The place: a name in the path, in the body or of a header.
    pub id: &'static str,
    /// How an id that cannot be one is answered.
    pub form: Form,
    /// The id of a tenant's own record.
    pub own: fn(&World<'_>) -> String,
    /// An id that nobody has.
    pub missing: &'static str,
    /// The request, right but for the id.
    pub build: fn(&World<'_>, &Value) -> Request<Body>,
    /// Tables of the other tenant that may change: where the request knocks at that tenant's door.
    pub may_leave: &'static [&'static str],
}

/// Routes that take no id of a record.
pub const TAKE_NO_ID: &[&str] = &[
    "POST /create-person",
    "POST /create-corporate",
    "GET /get-encryption-key",
    SUBMIT,
    "POST /api/v2.1/fincard/virtual/account/info",
    "POST /api/v2.1/fincard/virtual/common/region",
    "POST /api/v2.1/fincard/virtual/common/city",
    "POST /api/v2.1/fincard/virtual/common/v2/city",
    "POST /api/v2.1/fincard/virtual/common/mobileAreaCode",
    "POST /api/v2.1/fincard/virtual/common/file/upload",
    "POST /api/v2.1/fincard/virtual/card/holder/occupations",
    "POST /api/v2.1/fincard/virtual/account/create",
    "POST /api/v2.1/fincard/virtual/wallet/v2/coins",
    HOLDER,
    HOLDER_V1,
    "POST /api/v2.1/fincard/virtual/card/v2/cardTypes",
    "POST /echo-test",
    "POST /tenants",
    "GET /tenants/{tenant_id}",
    "PATCH /tenants/{tenant_id}",
    "PUT /tenants/{tenant_id}/card-data-key",
    "GET /tenants/{tenant_id}/card-data-key",
    "DELETE /tenants/{tenant_id}/card-data-key",
    "POST /tenants/{tenant_id}/credentials",
    "POST /tenants/{tenant_id}/users",
    "POST /webhook-endpoints",
    "GET /events/stream",
    "GET /tenants/{tenant_id}/webhook-public-keys",
    "POST /tenants/{tenant_id}/webhook-keys/rotate",
    "POST /admin-keys",
    "POST /products",
    "GET /products/{product_id}",
    "PATCH /products/{product_id}",
    "GET /clock",
    "PUT /clock",
    "POST /clock/advance",
    "POST /snapshot",
    "POST /reset",
    "GET /request-log",
    "PUT /products/{product_id}/controls",
    "GET /products/{product_id}/controls",
    "PUT /products/{product_id}/terms",
    "GET /products/{product_id}/terms",
    "PUT /rates",
    "GET /coins/{coin_key}",
    "PATCH /coins/{coin_key}",
    "POST /coins/{coin_key}/addresses",
    "POST /card-designs",
    "DELETE /card-designs/{design_id}",
];

/// Names that look like ids of records and are none.
#[rustfmt::skip]
pub const NOT_RECORDS: &[(&str, &str)] = &[
    ("external_id", "the caller's own, for what it makes"),
    ("registration_number", "a company's, in its country's register"),
    ("product_id", "shared by all tenants"),
    ("id", "a product's, likewise"),
    ("tenant_id", "an operator acts on the tenant that it names"),
    ("cardTypeId", "shared by all tenants"),
    ("eventId", "an event's, for what it tells"),
    ("after_event_id", "where to go on; nothing is found by it"),
    ("pageNo", "a page"),
    ("coin_key", "shared by all tenants"),
    ("coinKey", "shared by all tenants"),
    ("chainKey", "shared by all tenants"),
    ("deviceId", "the caller's device; recorded only"),
    ("tenantKey", "sent by some clients; not used"),
    ("cardNumber", "printed on plastic; unique in all tenants, and nobody else's card is told of"),
    ("design_id", "likewise"),
    ("designId", "a gift card's design, shared by all tenants"),
    ("mobileNumber", "a person's"),
    ("phoneNumber", "a person's"),
    ("idNumber", "a person's"),
    ("documentNumber", "a person's"),
    ("idFrontId", "a file; without a model a sandbox keeps any text, with one see the tests of files"),
    ("idFrontFileId", "a file, likewise"),
    ("idBackId", "a file, likewise"),
    ("idBackFileId", "a file, likewise"),
    ("idHoldId", "a file, likewise"),
];

/// Routes where `merchantOrderNo` is the caller's own number for what it makes.
#[rustfmt::skip]
pub const OWN_NUMBERS: &[&str] = &[
    HOLDER, HOLDER_V1, OPEN, FREEZE, UNFREEZE, SUBMIT, TRANSFER, orders::OPEN_AS_BEFORE, orders::NOTE, orders::UPDATE,
    orders::DEPOSIT, orders::WITHDRAW, orders::CANCEL, orders::ACTIVATE, orders::PIN,
    queries::FREEZE, queries::UNFREEZE,
];

pub(super) const PERSON: &str = "10011000000009999999";
pub(super) const CORPORATE: &str = "10011100000009999999";
pub(super) const PADDED: &str = "0000000000000042";
const PLAIN: &str = "42";
pub(super) const CURSOR: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const UUID: &str = "00000000-0000-4000-8000-000000000000";

type Own = fn(&World<'_>) -> String;
type Build = fn(&World<'_>, &Value) -> Request<Body>;

pub(super) const fn row(
    route: &'static str,
    (id, form): (&'static str, Form),
    (own, missing): (Own, &'static str),
    build: Build,
) -> Position {
    Position {
        route,
        id,
        form,
        own,
        missing,
        build,
        may_leave: &[],
    }
}

pub(super) const fn lenient(
    route: &'static str,
    id: &'static str,
    own: Own,
    build: Build,
) -> Position {
    row(route, (id, Form::Lenient), (own, PLAIN), build)
}

pub(super) const fn cursor(route: &'static str, own: Own, build: Build) -> Position {
    row(route, ("cursor", Form::Field), (own, CURSOR), build)
}

/// A record in the path of an operator's call.
const fn operated(route: &'static str, id: &'static str, own: Own, build: Build) -> Position {
    row(route, (id, Form::Path), (own, PLAIN), build)
}

/// A user in the path of an operator's call.
const fn user(route: &'static str, build: Build) -> Position {
    row(
        route,
        ("user_id", Form::Path),
        (|w| w.spare_user.clone(), UUID),
        build,
    )
}

/// A webhook endpoint in the path of an operator's call.
const fn endpoint(route: &'static str, build: Build) -> Position {
    operated(route, "webhook_endpoint_id", |w| w.endpoint.clone(), build)
}

/// A call about a webhook endpoint.
fn hook(world: &World<'_>, method: &str, (id, step): (&Value, &str)) -> Request<Body> {
    let body = match method {
        "GET" | "DELETE" => Value::Null,
        _ => json!({}),
    };
    let path = format!("webhook-endpoints/{}{step}", text(id));
    world.admin(method, &path, &body)
}

/// A call about what goes wrong with the messages to an endpoint.
fn faults(world: &World<'_>, method: &Method, id: &Value) -> Request<Body> {
    let body = match *method {
        Method::PUT => json!({"seed": 7}),
        _ => Value::Null,
    };
    let path = format!("webhook-endpoints/{}/faults", text(id));
    world.sandbox.request(method, &path, &body)
}

fn of_tenant(world: &World<'_>, list: &str) -> String {
    format!("tenants/{}/{list}", world.program.tenant_uuid)
}

fn one_cent() -> Value {
    json!({"amount": 1, "currency": "USD", "reason": "why"})
}

/// The page of an operator's list behind a cursor.
pub(super) fn list(world: &World<'_>, path: &str, cursor: &Value) -> Request<Body> {
    let cursor = text(cursor).replace(' ', "+");
    let path = format!("{path}?limit=1&cursor={cursor}");
    world.operator.request(&Method::GET, &path, &Value::Null)
}

/// What an operator's list shows of one id.
fn asked(world: &World<'_>, question: &str, id: &Value) -> Request<Body> {
    let id = match id {
        Value::String(text) => text.replace(' ', "+"),
        other => other.to_string(),
    };
    world.admin("GET", &format!("{question}={id}"), &Value::Null)
}

/// An operator's call about controls: a limit is set, or they are read.
fn controls(world: &World<'_>, method: &Method, path: &str) -> Request<Body> {
    let body = match *method {
        Method::PUT => json!({"limits": [{"window": "day", "amount": 10_000}]}),
        _ => Value::Null,
    };
    world.operator.request(method, path, &body)
}

pub(super) fn text(id: &Value) -> &str {
    id.as_str().unwrap_or_default()
}

pub(super) fn plain(padded: &str) -> String {
    padded.trim_start_matches('0').to_owned()
}

/// A body for `create-card` but for who holds it.
fn card_of_nobody() -> Value {
    let mut body = card("");
    body.as_object_mut().unwrap().remove("person_id");
    body
}

fn open_card(world: &World<'_>, field: &str, id: &Value) -> Request<Body> {
    open_by(world, "card/v2/openCard", (field, id))
}

pub(super) fn open_by(world: &World<'_>, path: &str, (field, id): (&str, &Value)) -> Request<Body> {
    let number = world.order_no();
    let mut body = json!({"merchantOrderNo": number, "cardTypeId": 111_001, "amount": "25.00"});
    body[field] = id.clone();
    world.call(path, &body)
}

fn by_order(world: &World<'_>, path: &str, (field, id): (&str, &Value)) -> Request<Body> {
    let mut body = json!({"merchantOrderNo": world.order_no()});
    body[field] = id.clone();
    world.call(path, &body)
}

/// A login by e-mail: the tenant stands in header and body.
fn login(world: &World<'_>, tenant: &str) -> Request<Body> {
    let program = &world.program;
    let body = json!({
        "email": program.email,
        "password": program.password.expose(),
        "tenantId": tenant,
    });
    context(tenant, "/api/auth/login")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// A login of one organization's user.
fn session(world: &World<'_>, (organization, user): (&str, &str), tenant: &str) -> Request<Body> {
    let program = &world.program;
    let target = format!("/api/v2.1/admin/organization/{organization}/users/{user}/sessions");
    let body = json!({"username": program.username, "password": program.password.expose()});
    context(tenant, &target)
        .body(Body::from(body.to_string()))
        .unwrap()
}

const FUNDING: &str = "POST /simulate/funding";
const SUBMIT: &str = "POST /api/v2.1/fincard/virtual/work/submit";
pub(super) const TRANSFER: &str = "POST /api/v2.1/fincard/virtual/account/transfer";
const OPEN: &str = "POST /api/v2.1/fincard/virtual/card/v2/openCard";
const INFO: &str = "POST /api/v2.1/fincard/virtual/card/info";
const LIST: &str = "POST /api/v2.1/fincard/virtual/card/list";
const FREEZE: &str = "POST /api/v2.1/fincard/virtual/card/v2/freeze";
const UNFREEZE: &str = "POST /api/v2.1/fincard/virtual/card/v2/unfreeze";
const HOLDERS: &str = "POST /api/v2.1/fincard/virtual/card/holder/list";
const HOLDER: &str = "POST /api/v2.1/fincard/virtual/card/holder/v2/create";
const HOLDER_V1: &str = "POST /api/v2.1/fincard/virtual/card/holder/create";
const UPDATE: &str = "POST /api/v2.1/fincard/virtual/card/holder/v2/update";
const UPDATE_V1: &str = "POST /api/v2.1/fincard/virtual/card/holder/update";
const EMAIL: &str = "POST /api/v2.1/fincard/virtual/card/holder/updateEmail";
const LOGIN: &str = "POST /api/auth/login";
const SESSIONS: &str = "POST /api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions";

/// The matrix.
#[rustfmt::skip]
pub const POSITIONS: &[Position] = &[
    row("POST /create-account", ("person_id", Form::Strict), (|w| w.person.clone(), PERSON),
        |w, id| w.post("create-account", &json!({"person_id": id, "currency": "EUR"}))),
    row("POST /create-account", ("corporate_id", Form::Strict), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.post("create-account", &json!({"corporate_id": id, "currency": "EUR"}))),
    row("POST /create-card", ("person_id", Form::Strict), (|w| w.person.clone(), PERSON),
        |w, id| {
            let mut body = card(text(id));
            body["account_id"] = w.account.as_str().into();
            w.post("create-card", &body)
        }),
    row("POST /create-card", ("employee_id", Form::Strict), (|w| w.employee.clone(), PADDED),
        |w, id| {
            let mut body = card_of_nobody();
            body["employee_id"] = id.clone();
            body["account_id"] = w.corporate_account.as_str().into();
            w.post("create-card", &body)
        }),
    row("POST /create-card", ("account_id", Form::Strict), (|w| w.account.clone(), PADDED),
        |w, id| {
            let mut body = card(&w.person);
            body["account_id"] = id.clone();
            w.post("create-card", &body)
        }),
    row("POST /get-cards", ("person_id", Form::Strict), (|w| w.person.clone(), PERSON),
        |w, id| w.post("get-cards", &json!({"person_id": id}))),
    row("POST /get-cards", ("corporate_id", Form::Strict), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.post("get-cards", &json!({"corporate_id": id}))),
    row("POST /get-cards", ("cursor", Form::Strict), (|w| w.cursor.clone(), "AAAAAAAAAAAAAAAAAAAAAA"),
        |w, id| w.post("get-cards", &json!({"person_id": w.person, "limit": 1, "cursor": id}))),
    row("GET /get-card/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| w.get(&format!("get-card/{}", text(id)))),
    row("GET /get-account/{account_id}", ("account_id", Form::Path), (|w| w.account.clone(), PADDED),
        |w, id| w.get(&format!("get-account/{}", text(id)))),
    row("PATCH /update-card-status/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| {
            let path = format!("update-card-status/{}", text(id));
            w.patch(&path, &json!({"token_status": "deactivated"}))
        }),
    row("PATCH /update-card-stage/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| {
            let path = format!("update-card-stage/{}", text(id));
            w.patch(&path, &json!({"token_stage": "plastic_not_delivered"}))
        }),
    Position {
        // The failed login is that tenant's own business: it is counted and audited there.
        may_leave: &["audit", "login_failure", "login_pressure"],
        ..row(LOGIN, ("tenantId", Form::Path), (|w| w.program.tenant_uuid.clone(), UUID),
            |w, id| login(w, text(id)))
    },
    row(SESSIONS, ("organizationId", Form::Path), (|w| w.program.organization_uuid.clone(), UUID),
        |w, id| session(w, (text(id), &w.program.user_uuid), &w.program.tenant_uuid)),
    row(SESSIONS, ("userId", Form::Path), (|w| w.program.user_uuid.clone(), UUID),
        |w, id| session(w, (&w.program.organization_uuid, text(id)), &w.program.tenant_uuid)),
    row(SESSIONS, ("X-Tenant-ID", Form::Path), (|w| w.program.tenant_uuid.clone(), UUID),
        |w, id| session(w, (&w.program.organization_uuid, &w.program.user_uuid), text(id))),
    lenient(OPEN, "holderId", |w| w.holder.clone(), |w, id| open_card(w, "holderId", id)),
    lenient(OPEN, "cardholderId", |w| w.holder.clone(), |w, id| open_card(w, "cardholderId", id)),
    lenient(OPEN, "accountId", |w| plain(&w.account), |w, id| open_card(w, "accountId", id)),
    lenient(INFO, "cardNo", |w| w.prepaid.clone(), |w, id| w.call("card/info", &json!({"cardNo": id}))),
    lenient(INFO, "cardId", |w| w.prepaid.clone(), |w, id| w.call("card/info", &json!({"cardId": id}))),
    lenient(LIST, "cardNo", |w| w.prepaid.clone(), |w, id| w.call("card/list", &json!({"cardNo": id}))),
    lenient(LIST, "cardId", |w| w.prepaid.clone(), |w, id| w.call("card/list", &json!({"cardId": id}))),
    lenient(LIST, "holderId", |w| w.holder.clone(), |w, id| w.call("card/list", &json!({"holderId": id}))),
    lenient(LIST, "cardholderId", |w| w.holder.clone(), |w, id| w.call("card/list", &json!({"cardholderId": id}))),
    lenient(FREEZE, "cardNo", |w| w.prepaid.clone(), |w, id| by_order(w, "card/v2/freeze", ("cardNo", id))),
    lenient(UNFREEZE, "cardNo", |w| w.prepaid.clone(), |w, id| by_order(w, "card/v2/unfreeze", ("cardNo", id))),
    lenient(FREEZE, "cardId", |w| w.prepaid.clone(), |w, id| by_order(w, "card/v2/freeze", ("cardId", id))),
    lenient(UNFREEZE, "cardId", |w| w.prepaid.clone(), |w, id| by_order(w, "card/v2/unfreeze", ("cardId", id))),
    lenient(UPDATE, "holderId", |w| w.holder.clone(), |w, id| w.call("card/holder/v2/update", &json!({"holderId": id}))),
    lenient(UPDATE, "cardholderId", |w| w.holder.clone(), |w, id| w.call("card/holder/v2/update", &json!({"cardholderId": id}))),
    lenient(UPDATE_V1, "holderId", |w| w.holder.clone(), |w, id| w.call("card/holder/update", &json!({"holderId": id}))),
    lenient(UPDATE_V1, "cardholderId", |w| w.holder.clone(), |w, id| w.call("card/holder/update", &json!({"cardholderId": id}))),
    lenient(EMAIL, "holderId", |w| w.holder.clone(), |w, id| w.call("card/holder/updateEmail", &json!({"holderId": id, "email": w.email}))),
    lenient(EMAIL, "cardholderId", |w| w.holder.clone(), |w, id| w.call("card/holder/updateEmail", &json!({"cardholderId": id, "email": w.email}))),
    lenient(HOLDERS, "holderId", |w| w.holder.clone(), |w, id| w.call("card/holder/list", &json!({"holderId": id}))),
    lenient(HOLDERS, "cardholderId", |w| w.holder.clone(), |w, id| w.call("card/holder/list", &json!({"cardholderId": id}))),
    row(HOLDERS, ("email", Form::Text), (|w| w.email.clone(), "nobody@nowhere.example"),
        |w, id| w.call("card/holder/list", &json!({"email": id}))),
    lenient(FUNDING, "account_id", |w| plain(&w.account), |w, id| {
        let body = json!({"account_id": id, "amount": 1, "currency": "USD"});
        w.sandbox.request(&Method::POST, "simulate/funding", &body)
    }),
    row("POST /signature/explain", ("token", Form::Text),
        (|w| w.program.finci.token.clone(), "a-token-that-nobody-was-issued"), |w, token| {
        let body = json!({"token": token, "method": "GET", "target": "/", "timestamp": "1", "body": "",
            "signature": "00"});
        w.sandbox.request(&Method::POST, "signature/explain", &body)
    }),
    row("PUT /cards/{card_id}/controls", ("card_id", Form::Path), (|w| w.prepaid.clone(), PLAIN),
        |w, id| controls(w, &Method::PUT, &format!("cards/{}/controls", text(id)))),
    row("GET /cards/{card_id}/controls", ("card_id", Form::Path), (|w| w.prepaid.clone(), PLAIN),
        |w, id| controls(w, &Method::GET, &format!("cards/{}/controls", text(id)))),
    row("GET /cards/{card_id}/limits", ("card_id", Form::Path), (|w| w.prepaid.clone(), PLAIN),
        |w, id| controls(w, &Method::GET, &format!("cards/{}/limits", text(id)))),
    row("PUT /accounts/{account_id}/controls", ("account_id", Form::Path), (|w| plain(&w.account), PLAIN),
        |w, id| controls(w, &Method::PUT, &format!("accounts/{}/controls", text(id)))),
    row("GET /accounts/{account_id}/controls", ("account_id", Form::Path), (|w| plain(&w.account), PLAIN),
        |w, id| controls(w, &Method::GET, &format!("accounts/{}/controls", text(id)))),
    cursor("GET /rates", |w| w.cursor_of("rates"), |w, id| list(w, "rates", id)),
    cursor("GET /tenants", |w| w.cursor_of("tenants"), |w, id| list(w, "tenants", id)),
    cursor("GET /tenants/{tenant_id}/credentials", |w| w.cursor_of("credentials"),
        |w, id| list(w, &of_tenant(w, "credentials"), id)),
    cursor("GET /tenants/{tenant_id}/users", |w| w.cursor_of("users"),
        |w, id| list(w, &of_tenant(w, "users"), id)),
    cursor("GET /admin-keys", |w| w.cursor_of("admin-keys"), |w, id| list(w, "admin-keys", id)),
    cursor("GET /products", |w| w.cursor_of("products"), |w, id| list(w, "products", id)),
    cursor("GET /coins", |w| w.cursor_of("coins"), |w, id| list(w, "coins", id)),
    cursor("GET /audit", |w| w.cursor_of("audit"), |w, id| list(w, "audit", id)),
    operated("POST /credentials/{credential_id}/rotate", "credential_id", |w| w.spare_credential.clone(),
        |w, id| w.admin("POST", &format!("credentials/{}/rotate", text(id)), &json!({}))),
    operated("PUT /credentials/{credential_id}/allowlist", "credential_id", |w| w.spare_credential.clone(),
        |w, id| w.admin("PUT", &format!("credentials/{}/allowlist", text(id)), &json!({"allowlist": []}))),
    operated("PATCH /credentials/{credential_id}/allowlist", "credential_id", |w| w.spare_credential.clone(),
        |w, id| w.admin("PATCH", &format!("credentials/{}/allowlist", text(id)), &json!({"add": ["192.0.2.9"]}))),
    operated("PUT /credentials/{credential_id}/canonical-form", "credential_id", |w| w.spare_credential.clone(),
        |w, id| w.admin("PUT", &format!("credentials/{}/canonical-form", text(id)), &json!({"canonical_form": "lines"}))),
    operated("POST /credentials/{credential_id}/revoke", "credential_id", |w| w.spare_credential.clone(),
        |w, id| w.admin("POST", &format!("credentials/{}/revoke", text(id)), &json!({}))),
    user("POST /users/{user_id}/disable", |w, id| w.admin("POST", &format!("users/{}/disable", text(id)), &json!({}))),
    user("POST /users/{user_id}/enable", |w, id| w.admin("POST", &format!("users/{}/enable", text(id)), &json!({}))),
    user("POST /users/{user_id}/unlock", |w, id| w.admin("POST", &format!("users/{}/unlock", text(id)), &json!({}))),
    user("POST /users/{user_id}/password", |w, id| w.admin("POST", &format!("users/{}/password", text(id)), &json!({}))),
    cursor("GET /webhook-endpoints", |w| w.cursor_of("webhook-endpoints"), |w, id| list(w, "webhook-endpoints", id)),
    endpoint("GET /webhook-endpoints/{webhook_endpoint_id}", |w, id| hook(w, "GET", (id, ""))),
    endpoint("PATCH /webhook-endpoints/{webhook_endpoint_id}", |w, id| hook(w, "PATCH", (id, ""))),
    endpoint("POST /webhook-endpoints/{webhook_endpoint_id}/ping", |w, id| hook(w, "POST", (id, "/ping"))),
    endpoint("POST /webhook-endpoints/{webhook_endpoint_id}/rotate", |w, id| hook(w, "POST", (id, "/rotate"))),
    endpoint("POST /webhook-endpoints/{webhook_endpoint_id}/enable", |w, id| hook(w, "POST", (id, "/enable"))),
    endpoint("POST /webhook-endpoints/{webhook_endpoint_id}/disable", |w, id| hook(w, "POST", (id, "/disable"))),
    operated("DELETE /webhook-endpoints/{webhook_endpoint_id}", "webhook_endpoint_id",
        |w| w.spare_endpoint.clone(), |w, id| hook(w, "DELETE", (id, ""))),
    endpoint("POST /webhook-endpoints/{webhook_endpoint_id}/replay", |w, id| {
        let path = format!("webhook-endpoints/{}/replay", text(id));
        w.admin("POST", &path, &json!({"from": "2026-01-01T00:00:00Z"}))
    }),
    cursor("GET /events", |w| w.cursor_of("events"), |w, id| list(w, "events", id)),
    lenient("GET /events", "subject_id", |w| plain(&w.card),
        |w, id| asked(w, "events?subject_id", id)),
    operated("GET /events/{event_id}", "event_id", |w| w.told.0.clone(),
        |w, id| w.admin("GET", &format!("events/{}", text(id)), &Value::Null)),
    operated("POST /events/{event_id}/resend", "event_id", |w| w.told.0.clone(),
        |w, id| w.admin("POST", &format!("events/{}/resend", text(id)), &json!({}))),
    lenient("POST /events/{event_id}/resend", "webhook_endpoint_id", |w| w.endpoint.clone(),
        |w, id| w.admin("POST", &format!("events/{}/resend", w.told.0), &json!({"webhook_endpoint_id": id}))),
    cursor("GET /webhook-deliveries", |w| w.cursor_of("webhook-deliveries"),
        |w, id| list(w, "webhook-deliveries", id)),
    lenient("GET /webhook-deliveries", "webhook_endpoint_id", |w| w.endpoint.clone(),
        |w, id| asked(w, "webhook-deliveries?webhook_endpoint_id", id)),
    lenient("GET /webhook-deliveries", "event_id", |w| w.told.0.clone(),
        |w, id| asked(w, "webhook-deliveries?event_id", id)),
    operated("GET /webhook-deliveries/{webhook_delivery_id}", "webhook_delivery_id", |w| w.told.1.clone(),
        |w, id| w.admin("GET", &format!("webhook-deliveries/{}", text(id)), &Value::Null)),
    endpoint("PUT /webhook-endpoints/{webhook_endpoint_id}/faults", |w, id| faults(w, &Method::PUT, id)),
    endpoint("GET /webhook-endpoints/{webhook_endpoint_id}/faults", |w, id| faults(w, &Method::GET, id)),
    endpoint("DELETE /webhook-endpoints/{webhook_endpoint_id}/faults", |w, id| faults(w, &Method::DELETE, id)),
    operated("POST /events/{event_id}/deliver", "event_id", |w| w.told.0.clone(), |w, id| {
        let path = format!("events/{}/deliver", text(id));
        w.sandbox.request(&Method::POST, &path, &json!({}))
    }),
    lenient("POST /events/{event_id}/deliver", "webhook_endpoint_id", |w| w.endpoint.clone(), |w, id| {
        let path = format!("events/{}/deliver", w.told.0);
        w.sandbox.request(&Method::POST, &path, &json!({"webhook_endpoint_id": id}))
    }),
    operated("DELETE /admin-keys/{admin_key_id}", "admin_key_id", |w| w.spare_key.clone(),
        |w, id| w.admin("DELETE", &format!("admin-keys/{}", text(id)), &Value::Null)),
    operated("GET /holders/{holder_id}", "holder_id", |w| w.reviewed.clone(),
        |w, id| w.admin("GET", &format!("holders/{}", text(id)), &Value::Null)),
    operated("POST /holders/{holder_id}/decision", "holder_id", |w| w.reviewed.clone(),
        |w, id| w.admin("POST", &format!("holders/{}/decision", text(id)), &json!({"decision": "approve"}))),
    operated("GET /cards/{card_id}", "card_id", |w| plain(&w.card),
        |w, id| w.admin("GET", &format!("cards/{}", text(id)), &Value::Null)),
    operated("POST /cards/{card_id}/block", "card_id", |w| plain(&w.card),
        |w, id| w.admin("POST", &format!("cards/{}/block", text(id)), &json!({"reason": "why"}))),
    operated("POST /cards/{card_id}/activation-code", "card_id", |w| w.counterparts.plastic.clone(),
        |w, id| w.admin("POST", &format!("cards/{}/activation-code", text(id)), &json!({"reason": "why"}))),
    operated("POST /cards/{card_id}/unblock", "card_id", |w| plain(&w.card),
        |w, id| w.admin("POST", &format!("cards/{}/unblock", text(id)), &json!({"reason": "why"}))),
    operated("GET /accounts/{account_id}", "account_id", |w| plain(&w.account),
        |w, id| w.admin("GET", &format!("accounts/{}", text(id)), &Value::Null)),
    operated("POST /accounts/{account_id}/credit", "account_id", |w| plain(&w.account),
        |w, id| w.admin("POST", &format!("accounts/{}/credit", text(id)), &one_cent())),
    operated("POST /accounts/{account_id}/debit", "account_id", |w| plain(&w.account),
        |w, id| w.admin("POST", &format!("accounts/{}/debit", text(id)), &one_cent())),
    operated("POST /accounts/{account_id}/freeze", "account_id", |w| w.wallet.pool.clone(),
        |w, id| w.admin("POST", &format!("accounts/{}/freeze", text(id)), &json!({"reason": "why"}))),
    operated("POST /accounts/{account_id}/unfreeze", "account_id", |w| w.wallet.pool.clone(),
        |w, id| w.admin("POST", &format!("accounts/{}/unfreeze", text(id)), &json!({"reason": "why"}))),
    cursor("GET /accounts", |w| w.cursor_of("accounts"), |w, id| list(w, "accounts", id)),
    row(HOLDERS, ("merchantOrderNo", Form::Text), (|w| w.external_id.clone(), "no-such-number"),
        |w, id| w.call("card/holder/list", &json!({"merchantOrderNo": id}))),
    // Last: it puts the tenant's records back to what they were when the world was made.
    row("POST /restore", ("name", Form::Text), (|w| w.snapshot.clone(), "no-such-state"),
        |w, id| w.sandbox.request(&Method::POST, "restore", &json!({"name": id}))),
];
