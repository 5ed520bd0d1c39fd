//! Answers that came in time and say nothing that the contract knows.

use serde_json::{Value, json};

use super::{NO, YES, deciding};
use crate::harness::{Reaction, TestApp};

/// What operators see of the only question about an authorization.
async fn shown(app: &TestApp, number: &Value) -> Value {
    let path = format!("authorizations/{}/decisions", number.as_str().unwrap());
    let shown = app.operator().get(&path).await.record();
    assert_eq!(shown["items"].as_array().unwrap().len(), 1);
    shown["items"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_neither_a_yes_nor_a_no_is_kept_for_who_looks_for_the_fault() {
    let page = "<h1>Bad gateway</h1>";
    for (reaction, outcome, kept) in [
        (
            Reaction::Answer(502, page),
            "invalid",
            json!("502 <h1>Bad gateway</h1>"),
        ),
        (
            Reaction::Answer(200, r#"{"status":"approved"}"#),
            "invalid",
            json!(r#"200 {"status":"approved"}"#),
        ),
        (Reaction::Answer(204, ""), "invalid", json!("204 ")),
        (YES, "success", Value::Null),
        (NO, "error", Value::Null),
    ] {
        let app = TestApp::new().await;
        let (_, payer) = deciding(&app, move |_, _| reaction.clone()).await;
        let answer = payer.ask(300, &json!({})).await;
        let shown = shown(&app, &answer["authorization_id"]).await;
        assert_eq!(shown["outcome"], outcome);
        assert_eq!(shown["invalid"], kept);
        assert!(shown["late"].is_null());
        app.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_long_answer_the_beginning_is_kept() {
    const LONG: &str = match std::str::from_utf8(&[b'x'; 5_000]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let app = TestApp::new().await;
    let (_, payer) = deciding(&app, |_, _| Reaction::Answer(200, LONG)).await;
    let answer = payer.ask(300, &json!({})).await;
    let shown = shown(&app, &answer["authorization_id"]).await;
    assert_eq!(shown["invalid"], format!("200 {}", "x".repeat(1_024)));
    app.finish().await;
}
