//! What is broken keeps nothing else waiting.

use serde_json::json;

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
    assert_eq!(states(&app).await, [pending(1), pending(1)]);
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
    app.finish().await;
}
