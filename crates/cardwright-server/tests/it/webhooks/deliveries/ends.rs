//! What becomes of messages that are not sent any more, and of what is known of an endpoint.

use cardwright_server::{
    app::Settings, jobs, ops::deliveries::Retention, store::environment::EnvironmentName,
};
use serde_json::{Value, json};

use super::{happen, know_host, register, run, states};
use crate::{
    harness::{Reaction, TestApp},
    webhooks::{ADDRESS, HOST},
};

const DAY: i64 = 24 * 3_600;

async fn items(app: &TestApp, path: &str) -> Vec<Value> {
    let page = app.operator().get(path).await.record();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_an_endpoint_that_is_taken_away_ends_with_it() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    happen(&app, "p-2").await;
    assert_eq!(run(&app).await, 2);
    let until = app.now().as_millisecond() + 60_000;
    let sql = "UPDATE delivery SET leased_until = $1 \
               WHERE id = (SELECT MAX(id) FROM delivery)";
    app.meddle(sql, &[until.into()]).await;
    let path = format!("webhook-endpoints/{id}");
    app.operator().delete(&path).await.record();
    let dead = items(&app, "webhook-deliveries?state=dead").await;
    assert_eq!(dead.len(), 1, "the other one is on its way: {dead:?}");
    assert_eq!(dead[0]["end_reason"], "endpoint_removed");
    assert_ne!(dead[0]["ended_at"], Value::Null);
    assert_eq!(dead[0]["next_at"], Value::Null);
    jobs::remove_outdated(&app.app).await.unwrap();
    assert_eq!(
        items(&app, "webhook-deliveries?state=pending").await.len(),
        1
    );
    app.pass(60);
    jobs::remove_outdated(&app.app).await.unwrap();
    let dead = items(&app, "webhook-deliveries?state=dead").await;
    assert_eq!(dead.len(), 2);
    assert_eq!(dead[0]["end_reason"], "endpoint_removed");
    assert_eq!(run(&app).await, 0);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn messages_that_ended_are_kept_for_their_time_and_their_events_and_numbers_for_ever() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside.name("broken.example.com", &["93.184.215.15"]);
    app.outside
        .listen("93.184.215.15:80", |_, _| Reaction::Answer(500, ""));
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let broken = json!({"url": "http://broken.example.com/", "events": ["card_created"]});
    register(&app, "finci", broken).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 2);
    let count = async |sql: &'static str| app.number(sql, &[]).await;
    let counts = async || {
        (
            count("SELECT COUNT(*) FROM delivery").await,
            count("SELECT COUNT(*) FROM delivery_attempt").await,
        )
    };
    app.pass(90 * DAY);
    jobs::remove_outdated(&app.app).await.unwrap();
    assert_eq!(counts().await, (2, 2));
    let events = count("SELECT COUNT(*) FROM event").await;
    let numbers = count("SELECT COUNT(*) FROM event_number").await;
    app.pass(1);
    assert_eq!(jobs::remove_outdated(&app.app).await.unwrap(), 1);
    assert_eq!(counts().await, (1, 1), "what still waits stays");
    assert_eq!(states(&app).await, [("pending".to_owned(), 1)]);
    assert_eq!(count("SELECT COUNT(*) FROM event").await, events);
    assert_eq!(count("SELECT COUNT(*) FROM event_number").await, numbers);

    // Whether it was taken is not known any more, so it is not taken for missing.
    let replay = async |body: Value| {
        let path = format!("webhook-endpoints/{id}/replay");
        app.operator().post(&path, &body).await.record()
    };
    let since = "2026-01-01T00:00:00Z";
    assert_eq!(replay(json!({"from": since})).await["messages"], 0);
    assert_eq!(
        replay(json!({"from": since, "which": "all"})).await["messages"],
        1
    );
    run(&app).await;
    let told = listener.received();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].json()["sequence"], told[1].json()["sequence"]);
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn messages_are_kept_for_ever_where_an_operator_wants_it() {
    let settings = Settings {
        delivery_retention: Retention::of_days(0),
        ..Settings::default()
    };
    let app = TestApp::with_settings(settings).await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    // As long as cards last.
    app.pass(1_000 * DAY);
    jobs::remove_outdated(&app.app).await.unwrap();
    assert_eq!(states(&app).await, [("delivered".to_owned(), 1)]);
    app.finish().await;
}

/// Something fails for three days, then this is done, then nothing is sent for three days, then this,
/// then something fails again. How the endpoint is.
async fn after_six_days(between: (&str, Value), then: (&str, Value)) -> Value {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let operator = app.operator();
    for (verb, body) in [between, then] {
        app.pass(3 * DAY);
        let path = format!("webhook-endpoints/{id}");
        if verb.is_empty() {
            operator.patch(&path, &body).await.record();
        } else {
            operator
                .post(&format!("{path}/{verb}"), &body)
                .await
                .record();
        }
    }
    assert_eq!(run(&app).await, 1);
    let endpoint = operator.get(&format!("webhook-endpoints/{id}")).await;
    let endpoint = endpoint.record();
    app.finish().await;
    endpoint
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_enabled_again_has_five_days_again() {
    let endpoint = after_six_days(("disable", json!({})), ("enable", json!({}))).await;
    assert_eq!(endpoint["state"], "enabled");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_at_another_address_has_five_days_again() {
    let elsewhere = json!({"url": format!("http://{HOST}/elsewhere")});
    let endpoint = after_six_days(("", json!({"timeout_ms": 5_000})), ("", elsewhere)).await;
    assert_eq!(endpoint["state"], "enabled");
    let same = ("", json!({"timeout_ms": 6_000}));
    let endpoint = after_six_days(("", json!({"timeout_ms": 5_000})), same).await;
    assert_eq!(endpoint["disabled_reason"], "failing", "{endpoint}");
}

#[tokio::test(start_paused = true)]
async fn in_production_a_plan_of_faults_is_followed_neither_late_nor_wrongly() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    know_host(&app);
    let url = json!({"url": format!("https://{HOST}/"), "events": ["card_created"]});
    register(&app, "standard", url).await;
    let plan = json!({
        "delay_percent": 100, "delay_ms": 60_000, "reorder_percent": 100,
        "duplicate_percent": 100, "drop_percent": 100, "server_error_percent": 100,
    });
    let sql = "UPDATE webhook_endpoint SET fault_plan = $1";
    app.meddle(sql, &[plan.to_string().into()]).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1, "at once, and once");
    let sql = "SELECT outcome, fault FROM delivery_attempt";
    let attempts = app.rows(sql, vec![]).await;
    assert_eq!(attempts.len(), 1);
    let outcome: String = attempts[0].get(0).unwrap();
    let fault: Option<String> = attempts[0].get(1).unwrap();
    // Nobody listens there, which is how one knows that it was not lost on purpose.
    assert_eq!((outcome.as_str(), fault), ("failed", None));
    assert_eq!(app.outside.attempts().len(), 1);
    app.finish().await;
}
