//! A request under construction: right at first, then spoiled.

use std::fmt;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request},
};
use cardwright_server::api::route::Route;
use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::{World, forms, issuing, orders, others, payments, webhooks, wild};
use crate::harness::callers;

/// A request that can still change.
pub struct Draft {
    pub method: Method,
    pub target: String,
    pub body: Vec<u8>,
    pub media_type: &'static str,
    pub headers: Vec<(String, Vec<u8>)>,
    pub dropped_header: Option<String>,
}

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data; boundary=part";

/// Where a card can be told to go; not the ends, after which nothing else would be met.
const STATUSES: [&str; 3] = ["active", "deactivated", "referral"];
const STAGES: [&str; 2] = ["digital", "plastic_not_delivered"];

pub fn pick(words: &[&'static str], random: &mut ChaCha20Rng) -> &'static str {
    words[random.random_range(0..words.len())]
}

fn begins(path: &str, with: &[&str]) -> bool {
    with.iter().any(|beginning| path.starts_with(beginning))
}

const TENANCY: &[&str] = &[
    "/tenants",
    "/credentials",
    "/users",
    "/webhook-",
    "/events",
    "/admin-",
];
const OPERATION: &[&str] = &["/products", "/holders", "/cards/", "/accounts/", "/audit"];

/// A body that the route takes.
fn right_body(world: &World<'_>, route: &Route, random: &mut ChaCha20Rng) -> Value {
    // Few numbers, so that some are used again with other content.
    let number: u32 = random.random_range(0..300);
    let order = format!("random-{number:09}");
    let program = &world.program;
    match route.path {
        "/create-person" => callers::person(&format!("random-{number}")),
        "/create-account" => json!({"person_id": world.person, "currency": "USD"}),
        "/create-card" => {
            let mut body = callers::card(&world.person);
            body["account_id"] = world.account.as_str().into();
            body
        }
        "/get-cards" => json!({"person_id": world.person, "limit": 1, "cursor": world.cursor}),
        "/update-card-status/{token_id}" => json!({"token_status": pick(&STATUSES, random)}),
        "/update-card-stage/{token_id}" => json!({"token_stage": pick(&STAGES, random)}),
        "/api/auth/login" => json!({
            "email": program.email,
            "password": program.password.expose(),
            "tenantId": program.tenant_uuid,
        }),
        "/api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions" => {
            json!({"username": program.username, "password": program.password.expose()})
        }
        "/api/v2.1/fincard/virtual/card/v2/openCard" => json!({
            "merchantOrderNo": order, "cardTypeId": 111_001, "amount": "10.00",
            "holderId": world.holder,
        }),
        "/api/v2.1/fincard/virtual/card/info" => {
            json!({"cardNo": world.prepaid, "onlySimpleInfo": false})
        }
        "/api/v2.1/fincard/virtual/card/list" => json!({
            "pageNum": 1, "pageSize": 5, "status": "ACTIVE", "startTime": 0,
            "endTime": 4_102_444_800_000_i64,
        }),
        "/echo-test" => json!({"reference": order}),
        path if begins(path, TENANCY) => tenancy_body(route, &order),
        path if begins(path, OPERATION) => operation_body(route, i64::from(number)),
        "/get-card/{token_id}"
        | "/get-account/{account_id}"
        | "/get-person/{person_id}"
        | "/get-corporate/{corporate_id}"
        | "/get-employee/{employee_id}"
        | "/get-authorization/{authorization_id}"
        | "/authorizations/{authorization_id}/decisions"
        | "/get-card-limits/{token_id}"
        | "/get-card-details/{token_id}"
        | "/get-encryption-key"
        | "/get-transaction/{transaction_id}"
        | "/api/v2.1/fincard/virtual/account/info"
        | "/api/v2.1/fincard/virtual/card/v2/cardTypes" => json!({}),
        path => orders::body(world, path, random)
            .or_else(|| issuing::body(world, path, number))
            .or_else(|| others::body(world, path, random))
            .or_else(|| payments::body(world, path, random))
            .or_else(|| forms::body(world, path, number))
            .unwrap_or_else(|| panic!("{path}: say here what a right body is")),
    }
}

/// A body for what operators do to tenants, credentials, users and keys.
fn tenancy_body(route: &Route, unused: &str) -> Value {
    if route.path.contains("webhook-") || route.path.starts_with("/events") {
        return webhooks::body(route, unused);
    }
    match route.path.rsplit('/').next().unwrap_or_default() {
        "tenants" => json!({"name": unused, "kyc_mode": "manual"}),
        "{tenant_id}" => json!({
            "time_zone": "Europe/Vilnius", "kyc_mode": "auto", "order_delay": "PT5S",
            "order_mode": if unused.ends_with('0') { "deferred" } else { "immediate" },
        }),
        "card-data-key" => {
            json!({"jwk": {"kty": "RSA", "n": "uQ".repeat(172), "e": "AQAB"}})
        }
        "credentials" => json!({"kind": "network", "allowlist": ["192.0.2.0/24"]}),
        "allowlist" if route.method == Method::PATCH => {
            json!({"add": ["198.51.100.0/24"], "remove": ["192.0.2.0/24"]})
        }
        "allowlist" => json!({"allowlist": ["192.0.2.0/24", "2001:db8::1"]}),
        "canonical-form" => json!({"canonical_form": "lines"}),
        "rotate" => json!({"overlap_seconds": 60}),
        "users" => json!({
            "email": format!("{unused}@demo.example"),
            "username": unused,
            "password": "correct-horse",
        }),
        "password" => json!({"password": "correct-horse-battery"}),
        "admin-keys" => json!({"role": "support"}),
        _ => json!({}),
    }
}

/// A body for what operators do to products, holders, cards and accounts.
fn operation_body(route: &Route, number: i64) -> Value {
    match route.path.rsplit('/').next().unwrap_or_default() {
        "products" => json!({
            "id": 200_000 + number, "name": "Team card", "bin": "424242", "scheme": "visa",
            "mode": "prepaid", "form": "virtual", "category": "purchase", "currency": "USD",
            "holder_model": "B2B", "holder_required": false,
            "recharge": {"min": 1, "max": 100, "rate_basis_points": 50, "fixed_fee": 1},
        }),
        "{product_id}" => {
            json!({"description": "A card.", "initial_deposit": {"min": 1, "max": 2}})
        }
        "decision" => json!({"decision": "approve", "stage": "channel", "reason": "why"}),
        "credit" | "debit" => json!({"amount": number + 1, "currency": "USD", "reason": "why"}),
        "controls" => json!({
            "limits": [
                {"window": "day", "amount": number, "count": 5},
                {"window": "sliding", "seconds": 60, "count": 2},
            ],
            "blocked_mcc": ["7995"], "allowed_countries": ["LT"], "channels": {"atm": false},
        }),
        "terms" => json!({
            "markup_basis_points": number, "hold_days": number % 9 + 1, "lodging_hold_days": 10,
            "limits_after_refund": if number % 2 == 0 { "kept" } else { "restored" },
        }),
        "block" | "unblock" | "activation-code" | "freeze" | "unfreeze" => json!({"reason": "why"}),
        _ => json!({}),
    }
}

fn right_path(world: &World<'_>, path: &str) -> String {
    // FINCI pads its ids; our own surfaces do not.
    let account = if path.ends_with("freeze") {
        &world.wallet.pool
    } else if path.starts_with("/accounts/") {
        world.account.trim_start_matches('0')
    } else {
        &world.account
    };
    path.replace("{token_id}", &world.card)
        .replace("{person_id}", &world.person)
        .replace("{corporate_id}", &world.corporate)
        .replace("{employee_id}", &world.employee)
        .replace("{authorization_id}", &world.payments.cleared)
        .replace(
            "{transaction_id}",
            &format!("{:0>16}", world.payments.refund),
        )
        .replace("{account_id}", account)
        .replace("{tenant_id}", &world.program.tenant_uuid)
        .replace("{credential_id}", &world.spare_credential)
        .replace("{user_id}", &world.spare_user)
        .replace("{admin_key_id}", &world.spare_key)
        .replace("{product_id}", "111065")
        .replace("{holder_id}", &world.reviewed)
        .replace("{coin_key}", "USDT_BEP20")
        .replace("{deposit_id}", &world.wallet.failed)
        .replace("{file_id}", &world.wallet.file)
        .replace("{design_id}", "211003")
        .replace("{webhook_endpoint_id}", &world.endpoint)
        .replace("{event_id}", &world.told.0)
        .replace("{webhook_delivery_id}", &world.told.1)
        .replace("{work_order_id}", &world.counterparts.work_orders[1])
        .replace("{card_id}", world.card.trim_start_matches('0'))
        .replace("{organizationId}", &world.program.organization_uuid)
        .replace("{userId}", &world.program.user_uuid)
}

/// What an event carries in place of a session.
fn signature(route: &Route) -> Vec<(String, Vec<u8>)> {
    if route.path.ends_with("/webhook/callback") {
        let literal = b"valid_signature_12345".to_vec();
        vec![("x-fc-signature".to_owned(), literal)]
    } else {
        Vec::new()
    }
}

impl Draft {
    /// A request that would be accepted.
    pub fn right(
        world: &World<'_>,
        (route, prefix): (&Route, &str),
        random: &mut ChaCha20Rng,
    ) -> Draft {
        let body = right_body(world, route, random);
        let multipart = route
            .request
            .is_some_and(|request| request.media_type != JSON);
        let media_type = if multipart { FORM } else { JSON };
        let body = if route.method == Method::GET {
            Vec::new()
        } else if media_type == FORM {
            forms::form(&body)
        } else {
            body.to_string().into_bytes()
        };
        Draft {
            method: route.method.clone(),
            target: format!("{prefix}{}", right_path(world, route.path)),
            body,
            media_type,
            headers: signature(route),
            dropped_header: None,
        }
    }

    /// Spoils one thing or several; sometimes nothing.
    pub fn spoil(&mut self, random: &mut ChaCha20Rng) {
        for _ in 0..random.random_range(0..4) {
            match random.random_range(0..12) {
                0..6 => self.spoil_field(random),
                6 => self.spoil_bytes(random),
                7 => self.body = wild::body(random),
                8 => self.spoil_target(random),
                9 | 10 => self.spoil_headers(random),
                _ => self.method = method(random),
            }
        }
    }

    /// Puts something else in the place of one field, drops one or adds one.
    fn spoil_field(&mut self, random: &mut ChaCha20Rng) {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(&self.body) else {
            return;
        };
        let names: Vec<String> = fields.keys().cloned().collect();
        match (random.random_range(0..8), names.is_empty()) {
            (0, _) => {
                fields.insert("somethingElse".to_owned(), wild::value(random, 3));
            }
            (1, false) => {
                fields.remove(&names[random.random_range(0..names.len())]);
            }
            (2, false) => {
                // The same key twice, which no map can hold.
                let text = Value::Object(fields).to_string();
                let name = &names[random.random_range(0..names.len())];
                self.body =
                    format!("{{\"{name}\":{},{}", wild::value(random, 1), &text[1..]).into();
                return;
            }
            (_, true) => {}
            (_, false) => {
                let name = &names[random.random_range(0..names.len())];
                spoil_value(&mut fields[name], random);
            }
        }
        self.body = Value::Object(fields).to_string().into_bytes();
    }

    fn spoil_bytes(&mut self, random: &mut ChaCha20Rng) {
        if self.body.is_empty() {
            return;
        }
        let at = random.random_range(0..self.body.len());
        match random.random_range(0..3) {
            0 => self.body.truncate(at),
            1 => self.body[at] = random.random(),
            _ => self.body.insert(at, random.random()),
        }
    }

    fn spoil_target(&mut self, random: &mut ChaCha20Rng) {
        let tails = [
            "/",
            "x",
            "?",
            "?a=b",
            "?a=%00",
            "%00",
            "%2f..%2f",
            "/../x",
            "%F0%9F%92%B3",
            ";a=b",
            "//",
            "?token_id=1&token_id=2",
            "%zz",
            "0",
            "-1",
            "'--",
            "*",
            "{token_id}",
        ];
        let tail = tails[random.random_range(0..tails.len())];
        match random.random_range(0..4) {
            0 => {
                let kept = self.target.rfind('/').unwrap_or_default() + 1;
                self.target.truncate(kept);
                self.target.push_str(tail);
            }
            1 => self
                .target
                .push_str(&"9".repeat(random.random_range(1..9_000))),
            2 => self.target = self.target.to_uppercase(),
            _ => self.target.push_str(tail),
        }
    }

    fn spoil_headers(&mut self, random: &mut ChaCha20Rng) {
        let names = [
            "content-type",
            "content-encoding",
            "idempotency-key",
            "x-tenant-id",
            "platform",
            "deviceid",
            "x-forwarded-for",
            "x-forwarded-from",
            "authorization",
            "accept",
            "content-length",
            "transfer-encoding",
            "expect",
            "x-request-id",
            "user-agent",
            "cookie",
            "x-device-id",
            "origin",
            "range",
            "host",
        ];
        let name = names[random.random_range(0..names.len())].to_owned();
        if random.random_range(0..3) == 0 {
            self.dropped_header = Some(name);
            return;
        }
        let values: [&[u8]; 12] = [
            b"",
            b" ",
            b"gzip",
            b"application/json; charset=latin1",
            b"text/plain",
            b"ios",
            b"application/json;charset=utf-8",
            b"\xff\xfe",
            b"key-1",
            b"-1",
            b"Bearer x",
            b"100-continue",
        ];
        let value = match random.random_range(0..14) {
            index @ 0..12 => values[index].to_vec(),
            12 => b"a".repeat(random.random_range(1..3_000)),
            _ => (0..random.random_range(1..80))
                .map(|_| random.random())
                .collect(),
        };
        self.headers.push((name, value));
    }

    /// The request, unless it cannot be one.
    pub fn request(&self, headers: &[(String, Vec<u8>)]) -> Option<Request<Body>> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(self.target.as_str())
            .header("host", "127.0.0.1:8080");
        for (name, value) in headers {
            let name: HeaderName = name.parse().ok()?;
            request = request.header(name, HeaderValue::from_bytes(value).ok()?);
        }
        request.body(Body::from(self.body.clone())).ok()
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = |text: &str| text.chars().take(500).collect::<String>();
        writeln!(f, "{} {}", self.method, start(&self.target))?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", start(&String::from_utf8_lossy(value)))?;
        }
        if let Some(name) = &self.dropped_header {
            writeln!(f, "(without {name})")?;
        }
        write!(f, "{}", start(&String::from_utf8_lossy(&self.body)))
    }
}

fn method(random: &mut ChaCha20Rng) -> Method {
    let methods = [
        Method::GET,
        Method::POST,
        Method::PATCH,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::TRACE,
    ];
    methods[random.random_range(0..methods.len())].clone()
}

/// Goes down to some place in a value and puts something else there.
fn spoil_value(value: &mut Value, random: &mut ChaCha20Rng) {
    if let Value::Object(fields) = value
        && !fields.is_empty()
        && random.random_range(0..3) > 0
    {
        let at = random.random_range(0..fields.len());
        if let Some((_, inner)) = fields.iter_mut().nth(at) {
            spoil_value(inner, random);
            return;
        }
    }
    *value = wild::value(random, 3);
}
