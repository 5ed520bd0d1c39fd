//! What a message says when it is made late: what was then, and nothing of what has happened since.

mod apart;

use std::{collections::BTreeMap, sync::Arc};

use cardwright_core::WebhookDialect;
use cardwright_server::{
    jobs::deliveries,
    ops::event_streams::{self, Content, Following, Place},
};
use serde_json::{Value, json};

use super::{ADDRESS, know_host, register};
use crate::{
    fincard::{
        orders::{defer, opened},
        queries::{ask, tell},
        support::{decide_by_hand, opening, order, order_no, with},
    },
    harness::{FincardCaller, Listener, Reaction, Received, TestApp},
    native::payments::Payer,
};

/// When messages are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    /// Right behind each step.
    AtOnce,
    /// When everything has happened.
    AtTheEnd,
}

/// A course of events, step by step.
struct Course<'a> {
    app: &'a TestApp,
    made: Made,
}

impl Course<'_> {
    async fn step(&self) {
        if self.made == Made::AtOnce {
            deliveries::run_due(&self.app.app).await.unwrap();
        }
    }

    /// Something that the sandbox makes happen; the id in the answer.
    async fn tell(&self, path: &str, body: Value, id: &str) -> String {
        let told = tell(self.app, path, body, id).await;
        self.step().await;
        told
    }

    async fn call(&self, acme: &FincardCaller<'_>, path: &str, body: Value) -> Value {
        let answer = acme.call(path, &body).await.ok();
        self.step().await;
        answer
    }
}

/// Codes are drawn from no seed.
fn hidden(mut body: Value) -> Value {
    for pointer in ["/values", "/data/values"] {
        if let Some(value) = body.pointer_mut(pointer) {
            *value = "…".into();
        }
    }
    body
}

/// Every message by its id.
fn messages(received: &[Received]) -> BTreeMap<String, Value> {
    let named = |received: &Received| {
        let id = received.header("webhook-id").to_owned();
        (id, hidden(received.json()))
    };
    received.iter().map(named).collect()
}

/// The messages of a course of events, made as they are to be made, and what a stream says of it.
async fn course(
    (dialect, made): (WebhookDialect, Made),
    steps: impl AsyncFnOnce(Course<'_>),
) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let app = TestApp::new().await;
    know_host(&app);
    let react = |_, _: &_| Reaction::Answer(200, r#"{"success":true}"#);
    let listener = app.outside.listen(ADDRESS, react);
    register(&app, dialect.word(), json!({})).await;
    steps(Course { app: &app, made }).await;
    deliveries::run_due(&app.app).await.unwrap();
    let streamed = streamed(&app, dialect).await;
    app.finish().await;
    (messages(&listener.received()), streamed)
}

async fn streamed(app: &TestApp, dialect: WebhookDialect) -> BTreeMap<String, Value> {
    let following = Following {
        tenant: app.tenant_id(&app.demo).await,
        dialect,
        words: Vec::new(),
    };
    let (mut place, mut found) = (Place::behind(0), BTreeMap::new());
    loop {
        let page = event_streams::next(&app.app, &following, place)
            .await
            .unwrap();
        for item in page.items {
            match item.content {
                Content::Message(message, _) => {
                    let body = serde_json::from_str(&message.body).unwrap();
                    found.insert(message.id, hidden(body));
                }
                Content::Unsent(kind, reason) => panic!("{kind}: {reason}"),
            }
        }
        if page.place == place {
            return found;
        }
        place = page.place;
    }
}

/// The same course tells the same, whenever its messages are made, and by whichever way.
async fn assert_told_alike(dialect: WebhookDialect, steps: impl AsyncFn(Course<'_>)) -> Vec<Value> {
    let (at_once, _) = course((dialect, Made::AtOnce), &steps).await;
    let (at_the_end, streamed) = course((dialect, Made::AtTheEnd), &steps).await;
    for (id, body) in &at_once {
        let late = at_the_end.get(id);
        assert_eq!(late, Some(body), "the message {id}, made late");
    }
    assert_eq!(at_the_end.len(), at_once.len(), "as many messages");
    let streamed: BTreeMap<_, _> = streamed
        .into_iter()
        .filter(|(id, _)| at_once.contains_key(id))
        .collect();
    assert_eq!(streamed, at_once, "and so does a stream");
    at_once.into_values().collect()
}

/// One field of each message of a family, in the order of the messages.
fn each(told: &[Value], family: &[&str], field: &str) -> Vec<String> {
    let of = |body: &&Value| family.contains(&body["eventType"].as_str().unwrap());
    let text = |body: &Value| match &body[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    told.iter().filter(of).map(text).collect()
}

async fn money_of_a_card(course: Course<'_>) {
    let app = course.app;
    let acme = app.fincard().await;
    let terms = json!({
        "markup_basis_points": 200, "hold_days": 7, "lodging_hold_days": 31,
        "limits_after_refund": "kept",
    });
    let terms = app.operator().put("products/111001/terms", &terms).await;
    terms.record();
    let amount = json!({"amount": "200.00"});
    let card = opened(app, &acme, &opening(1, &amount)).await;
    course.step().await;
    let of = |number: &str, more: Value| with(json!({"authorization_id": number}), &more);
    let number = ask(app, &card, 2_000).await;
    course.step().await;
    let (transaction, authorization) = ("transaction_id", "authorization_id");
    for (path, more, id) in [
        ("increment", json!({"amount": 400}), authorization),
        (
            "clearing",
            json!({"amount": 400, "final": false}),
            transaction,
        ),
        ("reversal", json!({"amount": 200}), authorization),
        ("clearing", json!({"amount": 1_800}), transaction),
    ] {
        course.tell(path, of(&number, more), id).await;
    }
    let voided = ask(app, &card, 300).await;
    course.step().await;
    course
        .tell("reversal", of(&voided, json!({})), authorization)
        .await;
    let late = of(&voided, json!({"amount": 100}));
    course.tell("clearing", late, transaction).await;
    let forgotten = ask(app, &card, 100).await;
    course.step().await;
    course
        .tell("expiry", of(&forgotten, json!({})), authorization)
        .await;
    // In another currency, so that the exchange has a price, which the wallet pays in the end.
    let euros = json!({"card_id": card, "amount": 1_000, "currency": "EUR"});
    let abroad = tell(app, "authorization", euros, authorization).await;
    course.step().await;
    let part = of(
        &abroad,
        json!({"amount": 300, "currency": "EUR", "final": false}),
    );
    course.tell("clearing", part, transaction).await;
    let rest = json!({"cardNo": card, "merchantOrderNo": order_no(2), "amount": "165.00"});
    course.call(&acme, "card/withdraw", rest).await;
    let more = of(&abroad, json!({"amount": 1_200, "currency": "EUR"}));
    course.tell("clearing", more, transaction).await;
}

#[tokio::test(start_paused = true)]
async fn a_fincard_integrator_is_told_of_money_as_it_moved() {
    let told = assert_told_alike(WebhookDialect::Fincard, money_of_a_card).await;
    let auth = |field: &str| each(&told, &["auth", "Void"], field);
    let first = [
        ("auth", "authorized", "20.00", "null"),
        ("auth", "authorized", "24.00", "null"),
        ("auth", "authorized", "24.00", "4.00"),
        ("Void", "succeed", "2.00", "null"),
        ("auth", "succeed", "24.00", "22.00"),
        ("auth", "authorized", "3.00", "null"),
        ("Void", "succeed", "3.00", "null"),
        ("auth", "failed", "3.00", "null"),
        ("auth", "succeed", "3.00", "1.00"),
        ("auth", "authorized", "1.00", "null"),
        ("auth", "failed", "1.00", "null"),
    ];
    let (types, statuses) = (auth("type"), auth("status"));
    let (amounts, settled) = (auth("amount"), auth("settleAmount"));
    for (at, expected) in first.into_iter().enumerate() {
        let told = (
            types[at].as_str(),
            statuses[at].as_str(),
            amounts[at].as_str(),
            settled[at].as_str(),
        );
        assert_eq!(told, expected, "message {at}");
    }
    let abroad = first.len()..;
    assert_eq!(
        statuses[abroad.clone()],
        ["authorized", "authorized", "succeed"]
    );
    let fees = &auth("crossBoardFee")[abroad];
    assert_eq!(fees[0], "null", "nothing was exchanged yet");
    assert!(
        fees[1] < fees[2],
        "the price of the exchange grows: {fees:?}"
    );
    let patched = each(&told, &["card_patch_cross_border"], "amount");
    assert_eq!(patched.len(), 1, "the wallet paid the second: {told:#?}");
    let left = each(&told, &["create", "withdraw"], "balance");
    assert_eq!(left[0], "200.00", "what was on the card when it was opened");
}

async fn orders_of_a_card(course: Course<'_>) {
    let app = course.app;
    let acme = app.fincard().await;
    let card = opened(app, &acme, &opening(1, &json!({}))).await;
    course.step().await;
    let money =
        |number: usize, amount: &str| with(order(number, &card), &json!({"amount": amount}));
    course.call(&acme, "card/deposit", money(2, "50.00")).await;
    course.call(&acme, "card/withdraw", money(3, "5.00")).await;
    course.call(&acme, "card/v2/freeze", order(4, &card)).await;
    course
        .call(&acme, "card/v2/unfreeze", order(5, &card))
        .await;
    let asked = json!({
        "card_id": card, "kind": "otp", "amount": 1_000, "currency": "USD",
        "merchant": {"name": "Corner shop"},
    });
    let asked = course.tell("three-ds", asked, "challenge_id").await;
    let answer = json!({"challenge_id": asked, "decision": "decline"});
    course.tell("three-ds", answer, "challenge_id").await;
    // More than is there, so the wallet makes it good.
    let forced = json!({"card_id": card, "amount": 9_000, "currency": "USD"});
    course.tell("force-post", forced, "transaction_id").await;
    defer(app, "PT60S").await;
    course.call(&acme, "card/deposit", money(6, "10.00")).await;
    app.pass(60);
    app.run_jobs().await;
    course.step().await;
    course.call(&acme, "card/cancel", order(7, &card)).await;
    app.pass(60);
    app.run_jobs().await;
}

#[tokio::test(start_paused = true)]
async fn a_fincard_integrator_is_told_of_orders_with_what_was_left_on_the_card() {
    let told = assert_told_alike(WebhookDialect::Fincard, orders_of_a_card).await;
    let kinds = [
        "create",
        "deposit",
        "withdraw",
        "Freeze",
        "UnFreeze",
        "overdraft_statement",
        "cancel",
    ];
    let left = each(&told, &kinds, "balance");
    assert_eq!(
        left,
        [
            "25.00", "75.00", "70.00", "70.00", "70.00", "0.00", "10.00", "0.00"
        ]
    );
    assert_eq!(each(&told, &["third_3ds_otp"], "description"), ["null"]);
}

fn person(name: &str) -> Value {
    json!({
        "firstName": "Ana", "lastName": name, "birthday": "1985-03-02",
        "email": format!("{}@example.com", name.to_lowercase()), "address": "Rua Augusta 1",
        "country": "PT", "idNumber": format!("P-{name}"),
    })
}

async fn checks_of_holders(course: Course<'_>) {
    let app = course.app;
    let acme = app.fincard().await;
    let create = "card/holder/v2/create";
    let made = course.call(&acme, create, person("Silva")).await;
    let holder = made["data"]["holderId"].clone();
    for _ in 0..2 {
        app.pass(1);
        app.run_jobs().await;
        course.step().await;
    }
    for email in ["first@example.com", "second@example.com"] {
        app.pass(1);
        let moved = json!({"holderId": holder, "email": email});
        course.call(&acme, "card/holder/updateEmail", moved).await;
    }
    decide_by_hand(app, &app.demo).await;
    let made = course.call(&acme, create, person("Costa")).await;
    let holder = made["data"]["holderId"].clone();
    let decide = async |decision: Value| {
        app.pass(1);
        let body = with(json!({"holder_id": holder.to_string()}), &decision);
        let path = "simulate/holder-review";
        app.sandbox().post(path, &body).await.record();
        course.step().await;
    };
    decide(json!({"decision": "reject", "reason": "Blurred picture"})).await;
    app.pass(1);
    let corrected = json!({"holderId": holder, "postCode": "1100-053"});
    course.call(&acme, "card/holder/v2/update", corrected).await;
    for _ in 0..2 {
        decide(json!({"decision": "approve"})).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_fincard_integrator_is_told_of_each_step_of_a_holders_checks() {
    let app = TestApp::new().await;
    know_host(&app);
    let react = |_, _: &_| Reaction::Answer(200, r#"{"success":true}"#);
    let listener: Arc<Listener> = app.outside.listen(ADDRESS, react);
    register(&app, "fincard", json!({})).await;
    let made = Made::AtTheEnd;
    checks_of_holders(Course { app: &app, made }).await;
    deliveries::run_due(&app.app).await.unwrap();
    let told: Vec<Value> = messages(&listener.received()).into_values().collect();
    let steps = ["wait_audit", "under_review", "pass_audit", "reject"];
    let expected = [
        "wait_audit",
        "under_review",
        "pass_audit",
        "wait_audit",
        "reject",
        "wait_audit",
        "under_review",
        "pass_audit",
    ];
    assert_eq!(each(&told, &steps, "eventType"), expected);
    assert_eq!(each(&told, &steps, "status"), expected);
    assert_eq!(
        each(&told, &["reject"], "rejectReason"),
        ["Blurred picture"]
    );
    assert_eq!(each(&told, &["reject"], "statusFlowLocation"), ["admin"]);
    assert_eq!(
        each(&told, &["holder_change_email"], "email"),
        ["first@example.com", "second@example.com"]
    );
    let mut times = each(&told, &steps, "updateTime");
    times.dedup();
    assert!(times.len() > 5, "each has its own time: {times:?}");
    app.finish().await;
}

async fn stops_of_a_card(course: Course<'_>) {
    let app = course.app;
    let payer = Payer::with(app, 100_000, "EUR").await;
    course.step().await;
    let number = payer.approved(2_500).await;
    course.step().await;
    for (path, amount) in [("increment", 500), ("reversal", 1_000), ("clearing", 1_200)] {
        let body = json!({"authorization_id": number, "amount": amount});
        payer.tell(path, &body).await;
        course.step().await;
    }
    let reason = json!({"reason": "Suspicion"});
    let finci = app.finci();
    let to = async |status: &str| {
        let path = format!("update-card-status/{}", payer.token);
        finci
            .patch(&path, &json!({"token_status": status}))
            .await
            .ok();
        course.step().await;
    };
    let operator = app.operator();
    let operate = async |verb: &str| {
        let path = format!("cards/{}/{verb}", payer.card);
        operator.post(&path, &reason).await.record();
        course.step().await;
    };
    operate("block").await;
    operate("unblock").await;
    to("deactivated").await;
    operate("block").await;
    operate("unblock").await;
    to("active").await;
    operate("block").await;
    to("lost").await;
}

#[tokio::test(start_paused = true)]
async fn a_finci_integrator_is_told_of_money_and_stops_as_they_were() {
    let told = assert_told_alike(WebhookDialect::Finci, stops_of_a_card).await;
    let of_status = told
        .iter()
        .filter(|body| body["event"] == "card_status_changed");
    let moved: Vec<(&str, &str)> = of_status
        .map(|body| {
            let text = |field: &str| body[field].as_str().unwrap();
            (text("previous_token_status"), text("token_status"))
        })
        .collect();
    assert_eq!(
        moved,
        [
            ("active", "deactivated"),
            ("deactivated", "active"),
            ("active", "deactivated"),
            ("deactivated", "active"),
            ("active", "deactivated"),
            ("deactivated", "lost"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_kept_any_more_is_made_anew_as_it_was_made_first() {
    let app = TestApp::new().await;
    know_host(&app);
    let react = |_, _: &_| Reaction::Answer(200, r#"{"success":true}"#);
    let listener = app.outside.listen(ADDRESS, react);
    let (endpoint, _) = register(&app, "fincard", json!({})).await;
    let made = Made::AtOnce;
    money_of_a_card(Course { app: &app, made }).await;
    let first = messages(&listener.received());
    app.meddle("DELETE FROM delivery_attempt", &[]).await;
    app.meddle("DELETE FROM delivery", &[]).await;
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let all = json!({
        "which": "all", "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
    });
    app.operator().post(&path, &all).await.record();
    let before = listener.received().len();
    deliveries::run_due(&app.app).await.unwrap();
    let again = messages(&listener.received()[before..]);
    for (id, body) in &first {
        assert_eq!(again.get(id), Some(body), "the message {id}");
    }
    app.finish().await;
}
