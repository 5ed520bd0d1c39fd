//! The life of an endpoint, as an operator leads it.

use std::time::Duration;

use axum::{body::Body, http::Request};
use cardwright_core::WebhookDialect;
use cardwright_server::{
    ops::webhook_endpoints::{EndpointChange, NewEndpoint},
    store::environment::EnvironmentName,
    webhooks::{
        payloads,
        sender::{Outgoing, Purpose},
        target::{Plain, Target},
    },
};
use serde_json::{Value, json};

use super::{ADDRESS, HOST, know_host, ping, register};
use crate::{
    harness::{Operator, Reaction, TestApp, assert_golden},
    native::call,
};

type Said<'a> = Vec<(&'a str, Request<Body>)>;

/// Endpoints that can be had, and those that cannot.
fn registering<'a>(operator: &Operator<'_>) -> Said<'a> {
    let url = format!("http://{HOST}/hooks");
    let create = |body: Value| call(operator, "POST webhook-endpoints", &body);
    vec![
        (
            "An endpoint with everything, its secret shown once",
            create(json!({
                "url": url, "dialect": "finci", "timeout_ms": 5_000,
                "events": ["authorization", "presentment", "authorization"],
                "headers": [{"name": "X-Shop", "value": "7"}],
            })),
        ),
        (
            "Another scheme",
            create(json!({"url": "ftp://example.com/", "dialect": "finci"})),
        ),
        (
            "An address inside",
            create(json!({"url": "http://169.254.169.254/latest", "dialect": "finci"})),
        ),
        (
            "A password in the URL",
            create(json!({"url": "https://me:secret@example.com/", "dialect": "finci"})),
        ),
        (
            "A fragment",
            create(json!({"url": "https://example.com/#hooks", "dialect": "finci"})),
        ),
        (
            "A name that may be one of ours inside is no address yet",
            create(json!({"url": "http://db.internal/", "dialect": "finci"})),
        ),
        (
            "An event that the dialect does not have",
            create(json!({"url": url, "dialect": "finci", "events": ["card_holder"]})),
        ),
        (
            "A header of the delivery itself",
            create(json!({
                "url": url, "dialect": "finci",
                "headers": [{"name": "X-Auth-Signature", "value": "00"}],
            })),
        ),
        (
            "A secret that is none",
            create(json!({
                "url": url, "dialect": "finci",
                "secret": "whsec_0123456789012345678901234567890123456789!",
            })),
        ),
    ]
}

/// The life of one endpoint.
fn living<'a>(operator: &Operator<'_>, id: &str) -> Said<'a> {
    let of_it = |line: &str, body: Value| {
        let (method, rest) = line.split_once(' ').unwrap_or((line, ""));
        let line = format!("{method} webhook-endpoints/{id}{rest}");
        call(operator, &line, &body)
    };
    let moved = json!({"url": format!("http://{HOST}/moved"), "events": ["return"]});
    let overlap = |overlap_s: i64, switch_s: i64| {
        let body = json!({"overlap_seconds": overlap_s, "switch_after_seconds": switch_s});
        of_it("POST /rotate", body)
    };
    let disabled = json!({"reason": "Maintenance"});
    let all = call(operator, "GET webhook-endpoints?limit=1", &Value::Null);
    let too_late = "The new one cannot take over after the end of the old";
    let gets_ping = "A test event goes there all the same";
    vec![
        ("It is read, without its secret", of_it("GET", Value::Null)),
        ("A test event", of_it("POST /ping", Value::Null)),
        ("It moves", of_it("PATCH", moved)),
        (
            "Another secret, the old one good for a while",
            overlap(3_600, 60),
        ),
        (too_late, overlap(60, 61)),
        (
            "Nothing is delivered any more",
            of_it("POST /disable", disabled),
        ),
        (
            "Disabled twice, it keeps its reason",
            of_it("POST /disable", Value::Null),
        ),
        (gets_ping, of_it("POST /ping", Value::Null)),
        (
            "It is delivered to again",
            of_it("POST /enable", Value::Null),
        ),
        ("All of them", all),
        ("It is removed", of_it("DELETE", Value::Null)),
        ("It is gone", of_it("GET", Value::Null)),
        ("And gets no test event", of_it("POST /ping", Value::Null)),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_registered_tried_changed_and_removed() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, "thank you"));
    let operator = app.operator();
    let (id, _) = register(&app, "finci", json!({})).await;
    let mut requests = registering(&operator);
    requests.extend(living(&operator, &id));
    assert_golden(&app, "admin_webhook_endpoints", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn both_public_keys_can_be_had_while_one_takes_the_place_of_the_other() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let tenant = &app.demo.tenant_uuid;
    let keys = format!("tenants/{tenant}/webhook-public-keys");
    let rotate = format!("tenants/{tenant}/webhook-keys/rotate");
    let requests = vec![
        (
            "The first key",
            call(&operator, &format!("GET {keys}"), &Value::Null),
        ),
        (
            "Another one, which signs in an hour",
            call(
                &operator,
                &format!("POST {rotate}"),
                &json!({"switch_after_seconds": 3_600}),
            ),
        ),
        (
            "Not in the past",
            call(
                &operator,
                &format!("POST {rotate}"),
                &json!({"switch_after_seconds": -1}),
            ),
        ),
    ];
    assert_golden(&app, "admin_webhook_keys", requests).await;
    let both = operator.get(&keys).await.record();
    let pem = |index: usize| {
        both["items"][index]["public_key_pem"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(pem(1), app.demo.webhook_public_key_pem);
    assert_ne!(pem(0), pem(1));
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_has_the_secret_of_its_tenant_unless_it_is_given_one() {
    let app = TestApp::new().await;
    know_host(&app);
    let (_, by_default) = register(&app, "standard", json!({})).await;
    assert_eq!(by_default, app.demo.webhook_secret.expose());
    let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (id, given) = register(&app, "standard", json!({"secret": own})).await;
    assert_eq!(given, own);
    let read = app.operator().get(&format!("webhook-endpoints/{id}")).await;
    assert!(!read.text.contains("whsec_"), "{}", read.text);

    // A tenant that an operator made has no secret and no key pair of its own yet.
    let body = json!({"name": "Bare"});
    let bare = app.operator().post("tenants", &body).await.record();
    let bare = bare["id"].as_str().unwrap();
    let operator = Operator::new(&app, "/admin/v1", &app.demo.admin_key).on(bare);
    let body = json!({"url": "https://example.com/", "dialect": "fincard"});
    let made = operator.post("webhook-endpoints", &body).await.record();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret != by_default);
    let keys = operator
        .get(&format!("tenants/{bare}/webhook-public-keys"))
        .await;
    assert_eq!(keys.record()["items"].as_array().map(Vec::len), Some(1));
    app.finish().await;
}

/// An answer that is longer than what is shown of one.
const LONG: &str = include_str!("endpoints.rs");

#[tokio::test(start_paused = true)]
async fn whatever_is_answered_is_told_and_read_only_in_part() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app.outside.listen(ADDRESS, |count, _| match count {
        1 => Reaction::With(302, ("location", "http://hooks.example.com/elsewhere"), ""),
        2 => Reaction::Answer(500, "broken"),
        3 => Reaction::Answer(200, LONG),
        4 => Reaction::After(Duration::from_millis(1_999), 200, r#"{"success":true}"#),
        _ => Reaction::Hang,
    });
    let (id, _) = register(&app, "fincard", json!({"timeout_ms": 2_000})).await;
    let seen = |answer: &Value| {
        let word = answer["outcome"].as_str().unwrap().to_owned();
        (
            word,
            answer["status"].as_i64(),
            answer["acknowledged"] == true,
        )
    };
    let answered = |status: i64, is_good: bool| ("answered".to_owned(), Some(status), is_good);
    assert_eq!(seen(&ping(&app, &id).await), answered(302, false));
    assert_eq!(listener.received().len(), 1, "a redirect is not followed");
    assert_eq!(seen(&ping(&app, &id).await), answered(500, false));
    let long = ping(&app, &id).await;
    assert_eq!(seen(&long), answered(200, false));
    assert_eq!(long["answer"].as_str().map(str::len), Some(2 * 1024));
    assert_eq!(seen(&ping(&app, &id).await), answered(200, true));
    let late = ping(&app, &id).await;
    assert_eq!(seen(&late), ("timed_out".to_owned(), None, false));
    assert_eq!(late["duration_ms"], 2_000);
    app.finish().await;
}

#[tokio::test]
async fn production_delivers_by_https_only_and_to_no_private_network() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    for (url, status) in [
        ("http://example.com/", 400),
        ("https://127.0.0.1/", 400),
        ("https://10.0.0.1/", 400),
        ("https://example.com/", 200),
    ] {
        let body = json!({"url": url, "dialect": "finci"});
        let reply = app.operator().post("webhook-endpoints", &body).await;
        assert_eq!(reply.status, status, "{url} {}", reply.text);
        if status == 400 {
            assert_eq!(reply.native_code(), "field_invalid url");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn custom_headers_go_out_and_are_never_shown_again() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let headers = json!([{"name": "Authorization", "value": "Bearer inside"}]);
    let (id, _) = register(&app, "finci", json!({"headers": headers})).await;
    assert_eq!(ping(&app, &id).await["acknowledged"], true);
    let received = listener.only();
    assert_eq!(received.json()["event"], "ping");
    assert_eq!(received.header("authorization"), "Bearer inside");
    assert_eq!(received.header("host"), HOST);
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.target, "/hooks?of=cards");
    let read = app.operator().get(&format!("webhook-endpoints/{id}")).await;
    assert_eq!(read.record()["header_names"], json!(["authorization"]));
    assert!(!read.text.contains("inside"));
    app.finish().await;
}

#[tokio::test]
async fn a_filter_may_name_every_word_that_its_dialect_sends() {
    let app = TestApp::new().await;
    know_host(&app);
    for dialect in WebhookDialect::ALL {
        let words = payloads::words(dialect);
        register(&app, dialect.word(), json!({"events": words})).await;
    }
    register(&app, "fincard", json!({"events": ["wallet_transaction"]})).await;
    app.finish().await;
}

#[test]
fn what_is_logged_of_an_endpoint_hides_the_values_of_its_headers() {
    let target = Target::parse("https://example.com/", Plain::Refused).unwrap();
    let headers = vec![("authorization".to_owned(), "Bearer inside".to_owned())];
    let new = NewEndpoint {
        target: target.clone(),
        dialect: WebhookDialect::Finci,
        events: Vec::new(),
        timeout_ms: 1_000,
        headers: headers.clone(),
        secret: None,
    };
    let change = EndpointChange {
        headers: Some(headers.clone()),
        ..EndpointChange::default()
    };
    let outgoing = Outgoing {
        target: &target,
        purpose: Purpose::Delivery,
        headers,
        body: Vec::new(),
        limit: Duration::from_secs(1),
    };
    for shown in [
        format!("{new:?}"),
        format!("{change:?}"),
        format!("{outgoing:?}"),
    ] {
        assert!(shown.contains("authorization"), "{shown}");
        assert!(!shown.contains("inside"), "{shown}");
    }
}

#[tokio::test]
async fn in_production_a_refused_url_is_told_why() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    for (url, why) in [
        ("http://example.com/", "the scheme must be https"),
        ("https://127.0.0.1/", "loopback"),
        ("https://10.0.0.7/", "private"),
        ("https://[::ffff:10.0.0.7]/", "embedded_ipv4"),
        ("https://me@example.com/", "name and password"),
        ("https://example.com/#a", "a fragment"),
        ("https://", "not a URL"),
    ] {
        let body = json!({"url": url, "dialect": "finci"});
        let refused = app.operator().post("webhook-endpoints", &body).await;
        assert_eq!(refused.native_code(), "field_invalid url", "{url}");
        let message = refused.json()["error"]["message"].clone();
        let message = message.as_str().unwrap();
        assert!(message.contains(why), "{url}: {message}");
        assert!(!message.contains("sandbox delivers"), "{url}: {message}");
    }
    // What a name stands for is not looked up here, so nothing is said about it.
    app.outside.name("db.internal", &["10.0.0.7"]);
    for name in ["db.internal", "nowhere.internal"] {
        let body = json!({"url": format!("https://{name}/"), "dialect": "finci"});
        let made = app.operator().post("webhook-endpoints", &body).await;
        assert_eq!(made.record()["state"], "enabled", "{name}");
    }
    app.finish().await;
}
