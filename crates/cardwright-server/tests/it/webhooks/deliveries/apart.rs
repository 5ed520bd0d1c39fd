//! What is broken keeps nothing else waiting.

use std::sync::Arc;

use cardwright_core::{CardId, EndpointId, Event};
use cardwright_server::{
    jobs::deliveries,
    store::{
        MIGRATIONS,
        db::{Migration, References},
    },
};
use serde_json::json;
use tokio::sync::Notify;

use super::{happen, know_host, register, run, states};
use crate::{
    harness::{Reaction, TestApp},
    webhooks::ADDRESS,
};

/// Larger than any number that can be counted on from.
const LAST_NUMBER: i64 = i64::MAX;

#[tokio::test(start_paused = true)]
async fn a_plan_that_nobody_can_read_keeps_no_message_back() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    let plan = r#"{"of_another_version": 1}"#;
    let sql = "UPDATE webhook_endpoint SET fault_plan = $1";
    assert_eq!(app.change_rows(sql, vec![plan.into()]).await, 1);
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    assert_eq!(listener.received().len(), 1);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_nothing_can_be_left_for_keeps_no_other_waiting() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let sql = "UPDATE event_counter SET last = $1 WHERE subject_kind = 'messages_to'";
    assert_eq!(app.change_rows(sql, vec![LAST_NUMBER.into()]).await, 1);
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-2").await;
    assert_eq!(run(&app).await, 1, "to the other");
    assert_eq!(listener.received().len(), 2);
    let aside = "SELECT COUNT(*) FROM event_unsent";
    assert_eq!(app.number(aside, &[]).await, 1, "and the loss is on record");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_be_read_is_put_aside_and_keeps_no_other_waiting() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    let sql = "INSERT INTO event (tenant, id, kind, subject_kind, subject_id, facts, created_at) \
               SELECT tenant, (SELECT MAX(id) FROM event) + 1, kind, subject_kind, subject_id, \
               'none', created_at FROM event WHERE kind = 'card_created'";
    app.meddle(sql, &[]).await;
    happen(&app, "p-2").await;
    assert_eq!(run(&app).await, 2);
    assert_eq!(listener.received().len(), 2);
    let left = "SELECT COUNT(*) FROM event_outbox";
    assert_eq!(app.number(left, &[]).await, 0);
    let listed = app.operator().get("events?state=unsent").await.record();
    let listed = listed["items"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["kind"], "card_created");
    let reason = listed[0]["unsent_reason"].as_str().unwrap();
    assert!(reason.contains("facts of event"), "{reason}");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_came_of_a_message_is_written_although_that_of_another_cannot_be() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let sql = "UPDATE delivery_attempt SET number = $1";
    assert_eq!(app.change_rows(sql, vec![LAST_NUMBER.into()]).await, 1);
    happen(&app, "p-2").await;
    app.pass(10);
    assert_eq!(run(&app).await, 2);
    let pending = |sends| ("pending".to_owned(), sends);
    assert_eq!(states(&app).await, [pending(2), pending(1)]);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_opened_keeps_no_other_waiting() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let sql = "UPDATE delivery SET body_sealed = $1";
    assert_eq!(app.change_rows(sql, vec![vec![0_u8; 4].into()]).await, 1);
    app.pass(10);
    happen(&app, "p-2").await;
    assert_eq!(run(&app).await, 1, "the other");
    assert_eq!(
        ends(&app).await,
        [dead(1, "unreadable"), ("pending".to_owned(), 1, None)]
    );
    app.finish().await;
}

async fn ends(app: &TestApp) -> Vec<(String, i64, Option<String>)> {
    let sql = "SELECT state, sends, end_reason FROM delivery ORDER BY id";
    let rows = app.rows(sql, vec![]).await;
    rows.iter()
        .map(|row| {
            (
                row.get(0).unwrap(),
                row.get(1).unwrap(),
                row.get(2).unwrap(),
            )
        })
        .collect()
}

fn dead(sends: i64, reason: &str) -> (String, i64, Option<String>) {
    ("dead".to_owned(), sends, Some(reason.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_read_is_given_up_and_keeps_no_other_waiting() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    for (field, sql) in [
        (
            "due_at",
            "UPDATE delivery SET due_at = $1 WHERE state = 'pending'",
        ),
        (
            "created_at",
            "UPDATE delivery SET created_at = $1 WHERE state = 'pending'",
        ),
    ] {
        assert_eq!(app.change_rows(sql, vec![i64::MIN.into()]).await, 1);
        app.pass(10);
        happen(&app, field).await;
        assert_eq!(run(&app).await, 1, "the other, {field}");
    }
    assert_eq!(
        ends(&app).await,
        [
            dead(1, "unreadable"),
            dead(1, "unreadable"),
            ("pending".to_owned(), 1, None)
        ]
    );
    app.finish().await;
}

/// Makes the database refuse something, by one more step of its schema.
async fn refuse(app: &TestApp, sql: &'static str) {
    let mut steps = MIGRATIONS.to_vec();
    steps.push(Migration {
        version: steps.last().unwrap().version + 1,
        name: "refusing",
        references: References::Kept,
        sql,
    });
    app.app.store().db().migrate(steps.leak()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_written_any_more_is_given_up_after_it_was_sent() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    let sql = "CREATE TRIGGER stuck BEFORE UPDATE OF state ON delivery \
               WHEN NEW.end_reason IS NULL BEGIN SELECT RAISE(ABORT, 'stuck'); END";
    refuse(&app, sql).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    assert_eq!(ends(&app).await, [dead(0, "unwritten")]);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_written_is_not_sent_for_ever() {
    // As often as the platform sends what it cannot write.
    const SENDS: usize = 3;
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    let sql = "CREATE TRIGGER stuck BEFORE UPDATE OF state ON delivery \
               BEGIN SELECT RAISE(ABORT, 'stuck'); END";
    refuse(&app, sql).await;
    happen(&app, "p-1").await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop_when = async move {
        let _ended = stopped.await;
    };
    let couriers = tokio::spawn(deliveries::run(app.app.clone(), stop_when));
    for lease in 1..=SENDS + 4 {
        // It is leased again as soon as the lease before has run out.
        let sql = "SELECT COUNT(*) FROM delivery WHERE leased_until > $1";
        while app.number(sql, &[app.now().as_millisecond().into()]).await == 0 {
            tokio::task::yield_now().await;
        }
        while listener.received().len() < lease.min(SENDS) {
            tokio::task::yield_now().await;
        }
        app.pass(91);
    }
    drop(stop);
    couriers.await.unwrap();
    // The clock may have moved on before the last of them came back.
    let sends = listener.received().len();
    assert!((SENDS..=SENDS + 1).contains(&sends), "{sends}");
    app.finish().await;
}

/// A card that needs not exist: our own words tell of it without looking.
fn created(number: i64) -> Event {
    let card = CardId::new(number).unwrap();
    Event::CardCreated { card }
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_switched_off_strands_nothing_that_goes_to_others() {
    // More than are on their way at once.
    const MESSAGES: i64 = 40;
    let app = TestApp::new().await;
    app.outside.name("gone.example.com", &["93.184.215.15"]);
    know_host(&app);
    let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (was_asked, when) = (asked.clone(), answer.clone());
    app.outside.listen("93.184.215.15:80", move |_, _| {
        was_asked.notify_one();
        Reaction::When(when.clone(), 410, "")
    });
    let healthy = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let gone = json!({"url": "http://gone.example.com/", "events": ["endpoint_disabled"]});
    let (gone, _) = register(&app, "standard", gone).await;
    register(&app, "standard", json!({"events": ["card_created"]})).await;
    app.operate(&app.demo, async |tx| {
        let endpoint = EndpointId::new(1).unwrap();
        let reason = "gone";
        tx.emit(Event::EndpointDisabled { endpoint, reason })
            .await?;
        for number in 1..=MESSAGES {
            tx.emit(created(number)).await?;
        }
        Ok(())
    })
    .await;
    let server = app.app.clone();
    let due = tokio::spawn(async move { deliveries::run_due(&server).await });
    asked.notified().await;
    let sql = "UPDATE webhook_endpoint SET created_at = $1 WHERE id = $2";
    let gone: i64 = gone.parse().unwrap();
    app.meddle(sql, &[i64::MAX.into(), gone.into()]).await;
    answer.notify_one();
    due.await.unwrap().unwrap();
    assert_eq!(i64::try_from(healthy.received().len()), Ok(MESSAGES));
    let left = "SELECT COUNT(*) FROM delivery WHERE state = 'pending'";
    assert_eq!(app.number(left, &[]).await, 0);
    app.finish().await;
}
