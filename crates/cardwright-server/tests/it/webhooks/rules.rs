//! Which secrets sign, which endpoint is asked to decide, how many endpoints there may be, and what
//! counts against one.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cardwright_server::{jobs::deliveries, ops::webhook_endpoints::ENDPOINTS_MAX};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::Instant;

use super::{ADDRESS, HOST, decisions::let_integrator_decide, know_host, ping, register};
use crate::{
    harness::{Listener, Reaction, Received, TestApp, assert_golden},
    native::{
        call,
        payments::{Payer, assert_refused, assert_told},
    },
};

const DAY_S: i64 = 86_400;

async fn run(app: &TestApp) -> usize {
    deliveries::run_due(&app.app).await.unwrap()
}

/// A card is issued, which is told of once.
async fn issue(app: &TestApp, name: &str) {
    let finci = app.finci();
    let person = finci.person(name).await;
    finci.account(&person, "EUR").await;
    finci.card(&person).await;
}

fn answering(app: &TestApp, status: u16) -> Arc<Listener> {
    app.outside
        .listen(ADDRESS, move |_, _| Reaction::Answer(status, ""))
}

async fn told_to(app: &TestApp, id: &str, verb: &str, body: &Value) -> Value {
    let path = format!("webhook-endpoints/{id}/{verb}");
    app.operator().post(&path, body).await.record()
}

async fn state(app: &TestApp, id: &str) -> Value {
    let path = format!("webhook-endpoints/{id}");
    app.operator().get(&path).await.record()["state"].clone()
}

#[tokio::test(start_paused = true)]
async fn what_an_endpoint_did_not_take_before_it_was_switched_on_does_not_count_against_it() {
    let app = TestApp::new().await;
    know_host(&app);
    answering(&app, 500);
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    run(&app).await;
    told_to(&app, &id, "disable", &json!({})).await;
    app.pass(6 * DAY_S);
    told_to(&app, &id, "enable", &json!({})).await;
    run(&app).await;
    assert_eq!(state(&app, &id).await, "enabled");
    app.pass(6 * DAY_S);
    run(&app).await;
    assert_eq!(state(&app, &id).await, "disabled", "what came after counts");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_sandbox_does_wrong_on_purpose_does_not_count_against_an_endpoint() {
    for fault in [
        "drop_percent",
        "slow_percent",
        "wrong_signature_percent",
        "truncate_percent",
        "server_error_percent",
    ] {
        let app = TestApp::new().await;
        know_host(&app);
        answering(&app, 401);
        let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
        let path = format!("webhook-endpoints/{id}/faults");
        let mut plan = json!({"seed": 1});
        plan[fault] = 100.into();
        app.sandbox().put(&path, &plan).await.record();
        issue(&app, "p-1").await;
        for _ in 0..7 {
            run(&app).await;
            app.pass(DAY_S);
        }
        assert_eq!(state(&app, &id).await, "enabled", "{fault}");
        app.finish().await;
    }
}

/// A message under a plan that always does this: as it arrived, the secret, and how long it took.
async fn faulty(app: &TestApp, plan: Value) -> (Received, String, Duration) {
    know_host(app);
    let listener = answering(app, 200);
    let (id, secret) = register(app, "finci", json!({"events": ["card_created"]})).await;
    let path = format!("webhook-endpoints/{id}/faults");
    app.sandbox().put(&path, &plan).await.record();
    issue(app, "p-1").await;
    let began = Instant::now();
    assert_eq!(run(app).await, 1);
    (listener.only(), secret, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_signed_wrongly_on_purpose_is_whole_and_verifies_by_no_scheme() {
    let app = TestApp::new().await;
    let plan = json!({"wrong_signature_percent": 100});
    let (received, secret, _) = faulty(&app, plan).await;
    assert_eq!(received.json()["event"], "card_created");
    assert!(!is_signed_by(&received, &secret));
    assert!(!is_signed_as_finci(&received, &secret));
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_slow_on_purpose_arrives_late_and_rightly_signed() {
    let app = TestApp::new().await;
    let plan = json!({"slow_percent": 100, "slow_ms": 5_000});
    let (received, secret, took) = faulty(&app, plan).await;
    assert!(is_signed_by(&received, &secret) && is_signed_as_finci(&received, &secret));
    assert!(took >= Duration::from_secs(5), "{took:?}");
    app.finish().await;
}

/// Whether a secret made the signature that FINCI consumers know.
fn is_signed_as_finci(received: &Received, secret: &str) -> bool {
    let mut state = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let at = received.header("x-auth-timestamp");
    state.update(format!("{at}POST{}", received.target).as_bytes());
    state.update(&received.body);
    hex::encode(state.finalize().into_bytes()) == received.header("x-auth-signature")
}

/// Whether a secret made one of the signatures of Standard Webhooks.
fn is_signed_by(received: &Received, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
    let mut state = Hmac::<Sha256>::new_from_slice(&key.unwrap()).unwrap();
    let id = received.header("webhook-id");
    let at = received.header("webhook-timestamp");
    state.update(format!("{id}.{at}.").as_bytes());
    state.update(&received.body);
    let signature = format!("v1,{}", STANDARD.encode(state.finalize().into_bytes()));
    let mut signatures = received.header("webhook-signature").split(' ');
    signatures.any(|one| one == signature)
}

/// Which of these secrets sign now.
async fn signing(app: &TestApp, (id, listener): (&str, &Listener), secrets: &[&str]) -> Vec<bool> {
    ping(app, id).await;
    let received = listener.received().pop().unwrap();
    let signs = secrets.iter().map(|one| is_signed_by(&received, one));
    signs.collect()
}

async fn rotated(app: &TestApp, id: &str, body: Value) -> (String, Value) {
    let made = told_to(app, id, "rotate", &body).await;
    (made["secret"].as_str().unwrap().to_owned(), made)
}

#[tokio::test]
async fn a_secret_signs_as_long_as_it_was_promised_to_whatever_is_made_after_it() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = answering(&app, 200);
    let (id, first) = register(&app, "finci", json!({})).await;
    // The second takes over at once, the first stays good for a day.
    let body = json!({"switch_after_seconds": 0});
    let (second, made) = rotated(&app, &id, body.clone()).await;
    let promised = made["previous_secret_until"].clone();
    app.pass(3_600);
    let (third, made) = rotated(&app, &id, json!({"overlap_seconds": 7_200})).await;
    assert_eq!(
        made["previous_secret_until"], promised,
        "the first lasts longer"
    );
    let secrets = [first.as_str(), second.as_str(), third.as_str()];
    let at = (id.as_str(), &*listener);
    assert_eq!(signing(&app, at, &secrets).await, [true, true, true]);
    app.pass(7_199);
    assert_eq!(signing(&app, at, &secrets).await, [true, true, true]);
    app.pass(1);
    assert_eq!(signing(&app, at, &secrets).await, [true, false, true]);
    app.pass(DAY_S - 3 * 3_600);
    assert_eq!(signing(&app, at, &secrets).await, [false, false, true]);
    app.finish().await;
}

#[tokio::test]
async fn without_an_overlap_every_older_secret_ends_at_once() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = answering(&app, 200);
    let (id, first) = register(&app, "finci", json!({})).await;
    let (second, _) = rotated(&app, &id, json!({})).await;
    let (third, _) = rotated(&app, &id, json!({"overlap_seconds": 0})).await;
    let secrets = [first.as_str(), second.as_str(), third.as_str()];
    let at = (id.as_str(), &*listener);
    assert_eq!(signing(&app, at, &secrets).await, [false, false, true]);
    app.finish().await;
}

#[tokio::test]
async fn endpoints_secrets_and_deciders_have_their_limits() {
    let app = TestApp::new().await;
    know_host(&app);
    let operator = app.operator();
    let decides = json!({"events": ["decision", "authorization"]});
    let (decider, _) = register(&app, "finci", decides).await;
    let (plain, _) = register(&app, "finci", json!({})).await;
    for _ in 0..8 {
        rotated(&app, &plain, json!({})).await;
    }
    for _ in 2..ENDPOINTS_MAX {
        register(&app, "standard", json!({})).await;
    }
    let new = |more: Value| {
        let mut body = json!({"url": format!("http://{HOST}/more"), "dialect": "finci"});
        body["events"] = more;
        call(&operator, "POST webhook-endpoints", &body)
    };
    let change =
        |id: &str, body: Value| call(&operator, &format!("PATCH webhook-endpoints/{id}"), &body);
    let of = |id: &str, verb: &str| {
        let line = format!("POST webhook-endpoints/{id}/{verb}");
        call(&operator, &line, &json!({}))
    };
    let read = format!("GET webhook-endpoints/{decider}");
    let remove = format!("DELETE webhook-endpoints/{decider}");
    let requests = vec![
        ("The one that decides", call(&operator, &read, &Value::Null)),
        (
            "Another cannot",
            change(&plain, json!({"events": ["decision"]})),
        ),
        ("One secret too many", of(&plain, "rotate")),
        ("One endpoint too many", new(json!([]))),
        (
            "A place is free again",
            call(&operator, &remove, &Value::Null),
        ),
        ("For one that decides", new(json!(["decision"]))),
        ("The place is taken", new(json!([]))),
    ];
    assert_golden(&app, "admin_webhook_limits", requests).await;
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn the_endpoint_that_says_so_decides_and_nobody_else_while_it_is_switched_off() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside.name("decides.example.com", &["93.184.215.15"]);
    let books = app.outside.listen(ADDRESS, |_, _| {
        Reaction::Answer(200, r#"{"status":"error"}"#)
    });
    let brain = app.outside.listen("93.184.215.15:80", |_, _| {
        Reaction::Answer(200, r#"{"status":"success"}"#)
    });
    let (older, _) = register(&app, "finci", json!({})).await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let_integrator_decide(&app).await;
    let asked = |listener: &Listener| {
        let received = listener.received();
        let bodies = received.iter().map(Received::json);
        bodies.filter(|body| body["advice"] == false).count()
    };
    let no = payer.ask(300, &json!({})).await;
    assert_told(&no, "approved false");
    assert_eq!(asked(&books), 1, "where none says so, the oldest is asked");

    let url = "http://decides.example.com/";
    let body = json!({"url": url, "events": ["decision"]});
    let (decider, _) = register(&app, "finci", body).await;
    let yes = payer.ask(300, &json!({})).await;
    assert_told(&yes, "approved true");
    assert_eq!((asked(&books), asked(&brain)), (1, 1));
    let listed = app.operator().get("webhook-endpoints").await.record();
    let decides = |id: &str| {
        let items = listed["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["id"] == id).unwrap();
        found["decides"].clone()
    };
    assert_eq!(
        (decides(&older), decides(&decider)),
        (false.into(), true.into())
    );

    told_to(&app, &decider, "disable", &json!({})).await;
    let no = payer.ask(300, &json!({})).await;
    assert_told(&no, "approved false");
    assert_eq!(
        (asked(&books), asked(&brain)),
        (1, 1),
        "nobody is asked in its place"
    );
    told_to(&app, &decider, "enable", &json!({})).await;
    let yes = payer.ask(300, &json!({})).await;
    assert_told(&yes, "approved true");
    run(&app).await;
    assert_eq!(
        asked(&brain),
        brain.received().len(),
        "it is told nothing else"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_filter_may_say_that_an_endpoint_decides_only_where_questions_are_put() {
    let app = TestApp::new().await;
    know_host(&app);
    for dialect in ["fincard", "standard"] {
        let body = json!({
            "url": format!("http://{HOST}/"), "dialect": dialect, "events": ["decision"],
        });
        let reply = app.operator().post("webhook-endpoints", &body).await;
        assert_refused(&reply, 400, "field_invalid events");
    }
    app.finish().await;
}
