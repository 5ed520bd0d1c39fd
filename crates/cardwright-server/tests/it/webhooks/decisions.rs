//! Authorizations that the integrator decides. Time is paused: what hangs costs the test nothing.

mod amounts;
mod crash;
mod crowds;
mod hanging;
mod invalid;
mod left_open;
mod meanwhile;

use std::{sync::Arc, time::Duration};

use cardwright_server::{jobs::deliveries, ops::programs::DemoProgram, store::db::Value as Stored};
use serde_json::{Value, json};

use super::{ADDRESS, know_host, register};
use crate::{
    harness::{Listener, Operator, Reaction, Received, TestApp, assert_golden},
    native::call,
    native::payments::{Payer, assert_told, text},
};

/// Lets the tenant's own program decide.
pub async fn let_integrator_decide(app: &TestApp) {
    let_integrator_of_decide(app, &app.demo).await;
}

async fn let_integrator_of_decide(app: &TestApp, program: &DemoProgram) {
    let operator = Operator::new(app, "/admin/v1", &program.admin_key);
    let path = format!("tenants/{}", program.tenant_uuid);
    let body = json!({"decisioning": "integrator"});
    let changed = operator.patch(&path, &body).await.record();
    assert_eq!(changed["decisioning"], "integrator");
}

/// A test whose integrator does this about each question, and a card with 10.00 behind it.
async fn deciding<F>(app: &TestApp, react: F) -> (Arc<Listener>, Payer<'_>)
where
    F: Fn(usize, &Received) -> Reaction + Send + Sync + 'static,
{
    know_host(app);
    let listener = app.outside.listen(ADDRESS, react);
    register(app, "finci", json!({})).await;
    let payer = Payer::with(app, 1_000, "EUR").await;
    let_integrator_decide(app).await;
    (listener, payer)
}

const YES: Reaction = Reaction::Answer(200, r#"{"status":"success"}"#);
const NO: Reaction = Reaction::Answer(200, r#"{"status":"error"}"#);

/// One column of the only question there was.
async fn kept(app: &TestApp, column: &'static str) -> String {
    let sql = match column {
        "outcome" => "SELECT outcome FROM decision",
        "late" => "SELECT COALESCE(late, '-') FROM decision",
        _ => "SELECT COALESCE(decline, '-') FROM decision",
    };
    let none: &[Stored] = &[];
    let read = app.app.store().system_read(async move |session| {
        let row = session.one(sql, none).await?;
        Ok(row.get::<String>(0)?)
    });
    read.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_yes_approves_and_the_question_says_everything() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |_, _| YES).await;
    let answer = payer.ask(300, &json!({"currency": "USD"})).await;
    assert_eq!(answer["approved"], true, "{answer}");
    let number = text(&answer["authorization_id"]);
    let question = listener.only().json();
    assert_eq!(question["id"], answer["authorization_id"]);
    let raised = json!({"authorization_id": number, "amount": 100});
    let raised = payer.tell("increment", &raised).await;
    assert_told(&raised, "approved true, approved_amount 400");
    let questions: Vec<Value> = listener.received().iter().map(Received::json).collect();
    let shown = serde_json::to_string_pretty(&questions).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../goldens");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("webhook_questions", shown));
    assert_eq!(
        kept_events(&app).await,
        ["authorization_decided", "authorization_incremented"]
    );
    app.finish().await;
}

/// The events about authorizations, in order.
async fn kept_events(app: &TestApp) -> Vec<String> {
    let read = app.app.store().system_read(async move |session| {
        let sql = "SELECT kind FROM event WHERE kind LIKE 'authorization%' ORDER BY id";
        let rows = session.query(sql, &[]).await?;
        rows.iter().map(|row| Ok(row.get(0)?)).collect()
    });
    read.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn whatever_is_not_a_yes_in_time_is_a_no_that_holds_nothing() {
    const LATE: Duration = Duration::from_millis(3_001);
    let cases: Vec<(&str, Reaction, &str)> = vec![
        ("error", NO, "error"),
        (
            "error 422",
            Reaction::Answer(422, r#"{"status":"error"}"#),
            "error",
        ),
        ("nothing", Reaction::Answer(204, ""), "invalid"),
        ("a page", Reaction::Answer(200, "<html>"), "invalid"),
        (
            "yes, but",
            Reaction::Answer(500, r#"{"status":"success"}"#),
            "invalid",
        ),
        (
            "moved",
            Reaction::With(302, ("location", "http://hooks.example.com/b"), ""),
            "invalid",
        ),
        (
            "too late",
            Reaction::After(LATE, 200, r#"{"status":"success"}"#),
            "late",
        ),
        ("never", Reaction::Hang, "late"),
    ];
    for (what, reaction, outcome) in cases {
        let app = TestApp::new().await;
        let (listener, payer) = deciding(&app, move |_, _| reaction.clone()).await;
        let answer = payer.ask(300, &json!({})).await;
        assert_told(
            &answer,
            "approved false, decline_reason insufficient_funds, held 0",
        );
        assert_told(&answer, "response_code InsufficientFunds, status declined");
        assert_eq!(kept(&app, "outcome").await, outcome, "{what}");
        assert_eq!(listener.received().len(), 1, "{what} is asked once");
        app.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_within_three_seconds_is_in_time() {
    let app = TestApp::new().await;
    let just = Duration::from_millis(2_999);
    let react = move |_: usize, _: &Received| Reaction::After(just, 200, r#"{"status":"success"}"#);
    let (_, payer) = deciding(&app, react).await;
    assert_eq!(payer.ask(300, &json!({})).await["approved"], true);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn without_anybody_to_ask_it_is_a_no() {
    for gone in [
        "nobody listens",
        "no such name",
        "disabled",
        "not for it",
        "no endpoint",
    ] {
        let app = TestApp::new().await;
        if gone != "no such name" {
            know_host(&app);
        }
        if gone != "no endpoint" {
            let events = if gone == "not for it" {
                json!(["return"])
            } else {
                json!([])
            };
            let (id, _) = register(&app, "finci", json!({"events": events})).await;
            if gone == "disabled" {
                let disable = format!("webhook-endpoints/{id}/disable");
                app.operator().post(&disable, &Value::Null).await.record();
            }
        }
        // Other dialects are not asked.
        register(&app, "standard", json!({})).await;
        let payer = Payer::with(&app, 1_000, "EUR").await;
        let_integrator_decide(&app).await;
        let answer = payer.ask(300, &json!({})).await;
        assert_told(
            &answer,
            "approved false, decline_reason insufficient_funds, held 0",
        );
        let outcome = kept(&app, "outcome").await;
        let unreachable = ["nobody listens", "no such name"].contains(&gone);
        let expected = if unreachable {
            "unreachable"
        } else {
            "no_endpoint"
        };
        assert_eq!(outcome, expected, "{gone}");
        app.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_declines_itself_is_no_question() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |_, _| YES).await;
    let answer = payer.ask(1_001, &json!({})).await;
    assert_told(&answer, "approved false, decline_reason insufficient_funds");
    let forced = json!({"card_id": payer.card, "amount": 1, "currency": "EUR",
        "channel": "ecommerce", "merchant": crate::native::payments::shop(),
        "force_decline": "card_expired"});
    let sandbox = app.sandbox();
    let forced = sandbox
        .post("simulate/authorization", &forced)
        .await
        .record();
    assert_told(&forced, "approved false, decline_reason card_expired");
    assert_eq!(payer.balances().await["approved"], true);
    assert!(listener.received().is_empty());
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_simulated_authorization_asks_too_also_without_a_reference() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |count, _| if count == 1 { YES } else { NO }).await;
    let body = payer.question(300, &json!({}));
    let path = "simulate/authorization";
    let yes = app.sandbox().post(path, &body).await.record();
    assert_told(&yes, "approved true, held 300");
    let no = app.sandbox().post(path, &body).await.record();
    assert_told(&no, "approved false, held 300");
    assert_eq!(listener.received().len(), 2);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_increment_that_is_declined_leaves_what_was_held_before() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |count, _| if count == 1 { YES } else { NO }).await;
    let number = payer.approved(300).await;
    let more = json!({"authorization_id": number, "amount": 200});
    let answer = payer.tell("increment", &more).await;
    assert_told(
        &answer,
        "approved false, decline_reason insufficient_funds, held 300",
    );
    assert_told(
        &answer,
        "approved_amount 300, billing_amount 300, status open",
    );
    let question = listener.received()[1].json();
    assert_eq!(question["authorization_type"], "incremental");
    assert_eq!(question["original_id"], number.as_str());
    assert_eq!(
        kept_events(&app).await,
        ["authorization_decided", "authorization_increment_declined"]
    );
    let cleared = json!({"authorization_id": number, "amount": 300});
    payer.tell("clearing", &cleared).await;
    assert_told(&payer.balances().await, "held 0, available_balance 700");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_recorded_and_changes_nothing() {
    let app = TestApp::new().await;
    let late = Duration::from_secs(5);
    let react = move |_: usize, _: &Received| Reaction::After(late, 200, r#"{"status":"success"}"#);
    let (_, payer) = deciding(&app, react).await;
    let body = payer.named(payer.question(300, &json!({})));
    let first = payer.send("authorization", &body).await;
    assert_told(&first.record(), "approved false, held 0");
    let never = std::future::pending::<()>();
    let _passed = tokio::time::timeout(Duration::from_secs(20), never).await;
    // The write of what came late is on its way; a later one comes after it.
    app.sandbox()
        .post("snapshot", &json!({"name": "after"}))
        .await
        .record();
    assert_eq!(kept(&app, "late").await, r#"200 {"status":"success"}"#);
    assert_eq!(kept(&app, "outcome").await, "late");
    assert_eq!(payer.send("authorization", &body).await.text, first.text);
    let first_answer: Value = serde_json::from_str(&first.text).unwrap();
    let number = text(&first_answer["authorization_id"]);
    let path = format!("authorizations/{number}/decisions");
    let shown = app.operator().get(&path).await.record();
    let shown = &shown["items"][0];
    for (field, expected) in [
        ("authorization_id", json!(number)),
        ("kind", json!("authorization")),
        ("amount", json!(300)),
        ("billing_amount", json!(300)),
        ("billing_currency", json!("EUR")),
        ("outcome", json!("late")),
        ("response_code", json!("InsufficientFunds")),
        ("network_answer", json!(first.text)),
        ("late", json!(r#"200 {"status":"success"}"#)),
    ] {
        assert_eq!(shown[field], expected, "{field}");
    }
    let took = |field: &str| shown[field].as_i64().unwrap();
    assert!(took("duration_ms") >= 3_000 && took("late_ms") >= took("duration_ms"));
    assert!(shown["decided_at"].is_string());
    app.finish().await;
}

#[tokio::test]
async fn operators_look_at_what_was_asked_about_an_authorization() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(300).await;
    let operator = app.operator();
    let get = |number: &str| {
        let line = format!("GET authorizations/{number}/decisions");
        call(&operator, &line, &Value::Null)
    };
    let requests = vec![
        ("Nobody was asked", get(&number)),
        ("No such authorization", get("261121999999999999")),
        ("No number of one", get("42")),
    ];
    assert_golden(&app, "admin_authorization_decisions", requests).await;
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn repeats_in_flight_wait_for_the_one_question_and_its_one_answer() {
    let app = TestApp::new().await;
    let second = Duration::from_secs(1);
    let react =
        move |_: usize, _: &Received| Reaction::After(second, 200, r#"{"status":"success"}"#);
    let (listener, payer) = deciding(&app, react).await;
    let body = payer.named(payer.question(300, &json!({})));
    let (one, two, three) = tokio::join!(
        payer.send("authorization", &body),
        payer.send("authorization", &body),
        payer.send("authorization", &body),
    );
    assert_told(&one.record(), "approved true, held 300");
    assert_eq!((&one.text, &one.text), (&two.text, &three.text));
    assert_eq!(payer.send("authorization", &body).await.text, one.text);
    assert_eq!(listener.received().len(), 1);
    let mut other = body.clone();
    other["amount"] = 301.into();
    let refused = payer.send("authorization", &other).await;
    assert_eq!(refused.native_code(), "reference_conflict amount");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn two_questions_cannot_spend_the_same_money() {
    let app = TestApp::new().await;
    let second = Duration::from_secs(1);
    let react =
        move |_: usize, _: &Received| Reaction::After(second, 200, r#"{"status":"success"}"#);
    let (listener, payer) = deciding(&app, react).await;
    let none = json!({});
    let (one, two) = tokio::join!(payer.ask(700, &none), payer.ask(700, &none));
    let approved = [&one, &two]
        .iter()
        .filter(|answer| answer["approved"] == true)
        .count();
    assert_eq!(approved, 1, "{one} {two}");
    assert_eq!(listener.received().len(), 1);
    assert_told(&payer.balances().await, "held 700, available_balance 300");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_reversed_while_the_integrator_is_asked_is_not_approved_afterwards() {
    let app = TestApp::new().await;
    let second = Duration::from_secs(1);
    let react =
        move |_: usize, _: &Received| Reaction::After(second, 200, r#"{"status":"success"}"#);
    let (listener, payer) = deciding(&app, react).await;
    let reversing = async {
        while listener.received().is_empty() {
            tokio::task::yield_now().await;
        }
        let id = listener.only().json()["id"].clone();
        payer
            .tell("reversal", &json!({"authorization_id": id}))
            .await
    };
    let none = json!({});
    let (answer, reversed) = tokio::join!(payer.ask(300, &none), reversing);
    assert_told(&reversed, "reversed_amount 300, held 0");
    assert_told(&answer, "approved false, status reversed, held 0");
    assert_eq!(listener.received().len(), 1, "a reversal asks nothing");
    deliveries::run_due(&app.app).await.unwrap();
    let told: Vec<Value> = listener.received()[1..]
        .iter()
        .map(Received::json)
        .collect();
    let advice = |advice: &&Value| advice["authorization_type"] == "authorization";
    let advice = told.iter().find(advice).expect("the advice");
    assert_eq!(advice["response_code"], "InsufficientFunds", "{advice}");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_came_of_questions_is_counted_by_its_word() {
    let app = TestApp::new().await;
    let react = |count: usize, _: &Received| if count == 1 { YES } else { NO };
    let (_, payer) = deciding(&app, react).await;
    for _ in 0..3 {
        payer.ask(100, &json!({})).await;
    }
    let metrics = app.app.metrics().text();
    for line in [
        "cardwright_questions_total{outcome=\"success\"} 1",
        "cardwright_questions_total{outcome=\"error\"} 2",
        "cardwright_question_seconds_count 3",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    app.finish().await;
}

/// What was said about authorizations, in its order.
fn about_authorizations(listener: &Listener) -> Vec<Value> {
    let all = listener.received().iter().map(Received::json).collect();
    let all: Vec<Value> = all;
    let kept = all.into_iter();
    kept.filter(|said| said["event"] == "authorization")
        .collect()
}

#[tokio::test(start_paused = true)]
async fn after_each_question_an_advice_says_the_same_again_and_what_the_network_was_told() {
    let app = TestApp::new().await;
    let react = |_: usize, received: &Received| {
        let said = received.json();
        match (said["advice"].as_bool(), said["amount"].as_str()) {
            (Some(false), Some("2.00")) => NO,
            (Some(false), Some("4.00")) => Reaction::Hang,
            _ => YES,
        }
    };
    let (listener, payer) = deciding(&app, react).await;
    let advise = async || deliveries::run_due(&app.app).await.unwrap();
    let number = payer.approved(300).await;
    advise().await;
    for amount in [200, 400] {
        assert_eq!(payer.ask(amount, &json!({})).await["approved"], false);
        advise().await;
    }
    // The last of these our own rules decline, so that there is an advice only.
    for (amount, approved) in [(100, true), (200, false), (400, false), (9_000, false)] {
        let more = json!({"authorization_id": number, "amount": amount});
        let answer = payer.tell("increment", &more).await;
        assert_eq!(answer["approved"], approved, "{answer}");
        advise().await;
    }
    let mut said = about_authorizations(&listener);
    let shown = serde_json::to_string_pretty(&said).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../goldens");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("webhook_questions_and_advices", shown));
    let alone = said.pop().unwrap();
    assert_eq!(alone["advice"], true);
    assert_eq!(alone["response_code"], "InsufficientFunds");
    for pair in said.chunks(2) {
        let (question, advice) = (&pair[0], &pair[1]);
        assert_eq!(
            (&question["advice"], &advice["advice"]),
            (&json!(false), &json!(true))
        );
        assert_eq!(question["response_code"], Value::Null);
        assert!(advice["response_code"].is_string());
        let same = |said: &Value| {
            let mut said = said.as_object().unwrap().clone();
            for own in [
                "advice",
                "response_code",
                "event_id",
                "created_at",
                "sequence",
            ] {
                said.remove(own);
            }
            said
        };
        assert_eq!(same(question), same(advice));
    }
    app.finish().await;
}
