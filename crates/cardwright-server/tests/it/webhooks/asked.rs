//! Deliveries as operators see them and ask for them again, and made faulty on purpose.

mod again;

use std::collections::BTreeMap;

use cardwright_core::{CardId, Event};
use cardwright_server::{jobs::deliveries, store::Tx};
use serde_json::{Value, json};

use super::{ADDRESS, know_host, register};
use crate::{
    harness::{Operator, Reaction, Received, TestApp, assert_golden},
    native::call,
};

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

async fn newest(operator: &Operator<'_>, path: &str, field: &str) -> String {
    let page = operator.get(path).await.record();
    page["items"][0][field].as_str().unwrap().to_owned()
}

async fn post(operator: &Operator<'_>, path: &str, body: Value) -> Value {
    operator.post(path, &body).await.record()
}

#[tokio::test(start_paused = true)]
async fn what_happened_and_who_was_told_is_looked_up_and_sent_again() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside.listen(ADDRESS, |count, _| match count {
        1 => Reaction::Answer(500, "out of order"),
        _ => Reaction::Answer(200, "thank you"),
    });
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    run(&app).await;
    app.pass(10);
    run(&app).await;
    let operator = app.operator();
    let event = newest(&operator, "events?kind=card_created", "event_id").await;
    let delivery = newest(&operator, "webhook-deliveries", "webhook_delivery_id").await;
    let get = |path: &str| call(&operator, &format!("GET {path}"), &Value::Null);
    let send = |path: String, body: Value| call(&operator, &format!("POST {path}"), &body);
    let replay = |body: Value| send(format!("webhook-endpoints/{endpoint}/replay"), body);
    let requests = vec![
        ("What happened", get("events?kind=card_created")),
        ("Not a time", get("events?from=yesterday")),
        ("One of it", get(&format!("events/{event}"))),
        ("Nothing of the kind", get("events/42")),
        ("Who was told", get("webhook-deliveries")),
        (
            "Each time that it was sent",
            get(&format!("webhook-deliveries/{delivery}")),
        ),
        ("No such message", get("webhook-deliveries/42")),
        (
            "It is sent again",
            send(format!("events/{event}/resend"), json!({})),
        ),
        (
            "To nobody",
            send(
                format!("events/{event}/resend"),
                json!({"webhook_endpoint_id": "42"}),
            ),
        ),
        (
            "Nothing is missing",
            replay(json!({"from": "2026-01-01T00:00:00Z"})),
        ),
        (
            "All of a time",
            replay(
                json!({"which": "all", "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}),
            ),
        ),
        ("Not a time, either", replay(json!({"from": "then"}))),
        (
            "What waits",
            get("webhook-deliveries?state=pending&limit=1"),
        ),
    ];
    assert_golden(&app, "admin_events", requests).await;
    run(&app).await;
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_is_looked_up_and_sent_again_by_the_name_that_a_receiver_knows() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let name = listener.only().header("webhook-id").to_owned();
    let operator = app.operator();
    let shown = operator.get(&format!("events/{name}")).await.record();
    assert_eq!(shown["message_id"], name.as_str());
    assert_eq!(shown["kind"], "card_created");
    let further = operator.get(&format!("events/{name}_1")).await.record();
    assert_eq!(further, shown, "a further message names the event too");
    let path = format!("events/{name}/resend");
    assert_eq!(post(&operator, &path, json!({})).await["messages"], 1);
    let path = format!("events/{name}/deliver");
    let twice = json!({"times": 2});
    let delivered = app.sandbox().post(&path, &twice).await.record();
    assert_eq!(delivered["messages"], 2);
    let path = format!("webhook-deliveries?event_id={name}");
    let told = operator.get(&path).await.record();
    assert_eq!(told["items"].as_array().unwrap().len(), 4);
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let behind = json!({"which": "all", "from": "2026-01-01T00:00:00Z", "after_event_id": name});
    assert_eq!(post(&operator, &path, behind).await["events"], 0);
    for nobodys in ["evt_x", "evt_", "evt_0000000000000000", "evt_42"] {
        let found = operator.get(&format!("events/{nobodys}")).await;
        assert_eq!(found.native_code(), "not_found", "{nobodys}");
    }
    run(&app).await;
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_an_endpoint_missed_is_found_and_nothing_else_is_sent() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    issue(&app, "before-anybody-listened").await;
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "listened-to").await;
    assert_eq!(run(&app).await, 1);
    let operator = app.operator();
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let missing = json!({"from": "2026-01-01T00:00:00Z"});
    assert_eq!(post(&operator, &path, missing.clone()).await["messages"], 1);
    assert_eq!(
        post(&operator, &path, missing).await["messages"],
        0,
        "it is on its way"
    );
    assert_eq!(run(&app).await, 1);
    let told = listener.received();
    assert_eq!(told[1].json()["sequence"], 0, "it came before all others");
    assert_ne!(told[0].header("webhook-id"), told[1].header("webhook-id"));
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_listed_until_it_is_replayed() {
    let app = TestApp::new().await;
    know_host(&app);
    let broken = |_, _: &Received| Reaction::Answer(500, "");
    app.outside.listen(ADDRESS, broken);
    register(&app, "fincard", json!({"events": ["card_transaction"]})).await;
    app.fincard().await.card("order-0000000000001", None).await;
    for wait in [0, 60, 300, 1_200, 3_600, 43_200, 86_400] {
        app.pass(wait);
        assert_eq!(run(&app).await, 1);
    }
    let operator = app.operator();
    let dead = "webhook-deliveries?state=dead";
    let event = newest(&operator, dead, "event_id").await;
    let path = format!("events/{event}/resend");
    assert_eq!(post(&operator, &path, json!({})).await["messages"], 1);
    assert_eq!(
        operator.get(dead).await.record()["items"],
        json!([]),
        "another one has taken its place"
    );
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_plans_what_goes_wrong() {
    let app = TestApp::new().await;
    know_host(&app);
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    let event = newest(&app.operator(), "events?kind=card_created", "event_id").await;
    let sandbox = app.sandbox();
    let path = format!("webhook-endpoints/{endpoint}/faults");
    let deliver = format!("POST events/{event}/deliver");
    let requests = vec![
        (
            "Nothing goes wrong",
            call(&sandbox, &format!("GET {path}"), &Value::Null),
        ),
        (
            "Some things do",
            call(
                &sandbox,
                &format!("PUT {path}"),
                &json!({"seed": 7, "duplicate_percent": 50, "delay_percent": 10}),
            ),
        ),
        (
            "More than always",
            call(
                &sandbox,
                &format!("PUT {path}"),
                &json!({"drop_percent": 101}),
            ),
        ),
        (
            "The plan",
            call(&sandbox, &format!("GET {path}"), &Value::Null),
        ),
        (
            "It ends",
            call(&sandbox, &format!("DELETE {path}"), &Value::Null),
        ),
        (
            "Twice, five seconds apart",
            call(&sandbox, &deliver, &json!({"times": 2, "after_ms": 5_000})),
        ),
        (
            "Of nothing",
            call(&sandbox, "POST events/42/deliver", &json!({})),
        ),
    ];
    assert_golden(&app, "sandbox_webhook_faults", requests).await;
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    assert_eq!(run(&app).await, 2, "the event itself, and its repeat");
    app.pass(5);
    assert_eq!(run(&app).await, 1);
    app.finish().await;
}

/// How often each message arrived under a plan, and how often whole and rightly signed.
async fn arrived(plan: &Value) -> (BTreeMap<String, usize>, usize) {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let path = format!("webhook-endpoints/{endpoint}/faults");
    app.sandbox().put(&path, plan).await.record();
    for number in 0..20 {
        issue(&app, &format!("p-{number}")).await;
    }
    run(&app).await;
    let mut counts = BTreeMap::new();
    let mut whole = 0;
    for received in listener.received() {
        *counts
            .entry(received.header("webhook-id").to_owned())
            .or_default() += 1;
        whole += usize::from(serde_json::from_slice::<Value>(&received.body).is_ok());
    }
    app.finish().await;
    (counts, whole)
}

#[tokio::test(start_paused = true)]
async fn faults_repeat_under_their_seed() {
    let plan = json!({
        "seed": 7, "duplicate_percent": 40, "drop_percent": 30, "truncate_percent": 30,
    });
    let (counts, whole) = arrived(&plan).await;
    assert_eq!((counts.clone(), whole), arrived(&plan).await);
    assert!(counts.values().any(|count| *count == 2), "some come twice");
    assert!(counts.len() < 20, "some are lost");
    let all: usize = counts.values().sum();
    assert!(whole < all, "some are cut");
    let other = json!({
        "seed": 8, "duplicate_percent": 40, "drop_percent": 30, "truncate_percent": 30,
    });
    assert_ne!(counts, arrived(&other).await.0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_taken_for_an_error_brings_the_same_message_again() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let path = format!("webhook-endpoints/{endpoint}/faults");
    let sandbox = app.sandbox();
    let plan = json!({"server_error_percent": 100, "wrong_signature_percent": 0});
    sandbox.put(&path, &plan).await.record();
    issue(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    sandbox.delete(&path).await.record();
    app.pass(10);
    assert_eq!(run(&app).await, 1);
    let told = listener.received();
    assert_eq!(told[0].body, told[1].body);
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
    let delivery = newest(&app.operator(), "webhook-deliveries", "webhook_delivery_id").await;
    let path = format!("webhook-deliveries/{delivery}");
    let log = app.operator().get(&path).await.record();
    assert_eq!(log["state"], "delivered");
    assert_eq!(log["attempts"][0]["fault"], "server_error");
    assert_eq!(log["attempts"][0]["status"], 200);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_put_off_or_overtaken_comes_later() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "earlier").await;
    run(&app).await;
    let operator = app.operator();
    let earlier = newest(&operator, "events?kind=card_created", "event_id").await;
    let path = format!("webhook-endpoints/{endpoint}/faults");
    let sandbox = app.sandbox();
    let reorder = json!({"reorder_percent": 100});
    sandbox.put(&path, &reorder).await.record();
    issue(&app, "held-back").await;
    assert_eq!(run(&app).await, 0);
    let again = format!("events/{earlier}/resend");
    post(&operator, &again, json!({})).await;
    assert_eq!(run(&app).await, 1, "another message overtakes it");
    app.pass(2);
    assert_eq!(run(&app).await, 1);
    let ids: Vec<String> = listener
        .received()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert!(ids[2] > ids[1], "{ids:?}");
    let late = json!({"delay_percent": 100, "delay_ms": 60_000});
    sandbox.put(&path, &late).await.record();
    issue(&app, "late").await;
    assert_eq!(run(&app).await, 0);
    app.pass(59);
    assert_eq!(run(&app).await, 0);
    app.pass(1);
    assert_eq!(run(&app).await, 1);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_no_message_can_be_made_of_is_listed_until_it_is_sent() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    run(&app).await;
    let operator = app.operator();
    let event = newest(&operator, "events?kind=card_created", "event_id").await;
    let nowhere = CardId::new(42).unwrap();
    app.operate(&app.demo, async move |tx: &mut Tx| {
        tx.emit(Event::CardCreated { card: nowhere }).await
    })
    .await;
    assert_eq!(run(&app).await, 0);
    let unsent = async || {
        let page = operator.get("events?state=unsent").await.record();
        page["items"].as_array().unwrap().clone()
    };
    let listed = unsent().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["subject"]["id"], "42");
    assert_ne!(listed[0]["unsent_reason"], Value::Null);
    assert!(app.app.metrics().text().contains("webhook_events_unsent 1"));

    // One that a later version can make a message of is off the list once it is sent.
    let number: i64 = event.parse().unwrap();
    let sql = "INSERT INTO event_unsent (tenant, event, reason, at) VALUES ($1, $2, 'odd', 0)";
    let tenant = app.tenant_id(&app.demo).await.get();
    app.meddle(sql, &[tenant.into(), number.into()]).await;
    assert_eq!(unsent().await.len(), 2);
    let path = format!("events/{event}/resend");
    assert_eq!(post(&operator, &path, json!({})).await["messages"], 1);
    assert_eq!(unsent().await, listed);
    run(&app).await;
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_no_message_can_be_made_of_keeps_no_other_from_being_replayed() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    issue(&app, "p-1").await;
    let nowhere = CardId::new(42).unwrap();
    app.operate(&app.demo, async move |tx: &mut Tx| {
        tx.emit(Event::CardCreated { card: nowhere }).await
    })
    .await;
    issue(&app, "p-2").await;
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let operator = app.operator();
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let missing = json!({"from": "2026-01-01T00:00:00Z"});
    let done = post(&operator, &path, missing.clone()).await;
    assert_eq!((&done["messages"], &done["failed"]), (&json!(2), &json!(1)));
    assert_eq!(run(&app).await, 2);
    assert_eq!(listener.received().len(), 2);
    let unsent = operator.get("events?state=unsent").await.record();
    assert_eq!(unsent["items"].as_array().unwrap().len(), 1);
    assert_eq!(unsent["items"][0]["subject"]["id"], "42");
    let done = post(&operator, &path, missing).await;
    assert_eq!((&done["messages"], &done["failed"]), (&json!(0), &json!(1)));
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_replay_of_many_events_goes_on_where_the_call_before_ended() {
    const EVENTS: u64 = 150;
    let app = TestApp::new().await;
    app.operate(&app.demo, async move |tx: &mut Tx| {
        for _ in 0..EVENTS {
            let card = CardId::new(42).unwrap();
            tx.emit(Event::CardCreated { card }).await?;
        }
        Ok(())
    })
    .await;
    let (endpoint, _) = register(&app, "standard", json!({"events": ["card_created"]})).await;
    let operator = app.operator();
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let mut body = json!({"from": "2026-01-01T00:00:00Z"});
    let (mut messages, mut calls) = (0, 0);
    loop {
        let done = post(&operator, &path, body.clone()).await;
        messages += done["messages"].as_u64().unwrap();
        calls += 1;
        if done["after_event_id"].is_null() {
            break;
        }
        body["after_event_id"] = done["after_event_id"].clone();
    }
    assert_eq!((messages, calls > 1), (EVENTS, true));
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_again_before_its_turn_says_the_same_as_when_its_turn_comes() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let card: CardId = {
        let sql = "SELECT id FROM card";
        CardId::new(app.number(sql, &[]).await).unwrap()
    };
    app.operate(&app.demo, async move |tx: &mut Tx| {
        for _ in 0..3 {
            tx.emit(Event::CardCreated { card }).await?;
        }
        Ok(())
    })
    .await;
    let operator = app.operator();
    let events = operator.get("events?kind=card_created").await.record();
    let id = |index: usize| {
        events["items"][index]["event_id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // The second of the three, and then the third by a replay of what is missing.
    let again = format!("events/{}/resend", id(1));
    assert_eq!(post(&operator, &again, json!({})).await["messages"], 1);
    let replay = format!("webhook-endpoints/{endpoint}/replay");
    let missing = json!({"from": "2026-01-01T00:00:00Z", "after_event_id": id(1)});
    assert_eq!(post(&operator, &replay, missing).await["messages"], 1);
    run(&app).await;
    let told = listener.received();
    let mut numbers: Vec<(String, i64)> = told[1..]
        .iter()
        .map(|one| {
            let name = one.header("webhook-id").to_owned();
            (name, one.json()["sequence"].as_i64().unwrap())
        })
        .collect();
    numbers.sort();
    let first = told[0].json()["sequence"].as_i64().unwrap();
    let name = |index: usize| format!("evt_{:0>16}", id(index));
    let expected = [
        (name(2), first + 1),
        (name(1), first + 2),
        (name(1), first + 2),
        (name(0), first + 3),
    ];
    assert_eq!(numbers, expected, "the one that was asked for comes twice");
    let bodies = told
        .iter()
        .filter(|one| one.header("webhook-id") == name(1));
    let mut bodies: Vec<_> = bodies.map(|one| &one.body).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "and says the same");
    app.finish().await;
}
