//! What an advice says was so when it happened, whatever became of the authorization since.

use serde_json::{Value, json};

use super::{ADDRESS, about_authorizations, know_host, register};
use crate::{
    harness::{Reaction, TestApp},
    native::payments::{Payer, assert_told},
};
use cardwright_server::jobs::deliveries;

/// The amounts that each message says, in order: asked, of the account, code.
fn amounts(said: &[Value]) -> Vec<String> {
    let line = |said: &Value| {
        let words = ["amount", "billing_amount", "response_code"];
        words.map(|word| said[word].as_str().unwrap()).join(" ")
    };
    said.iter().map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn an_authorization_that_is_raised_before_it_is_told_of_is_told_as_it_was() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({})).await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let asked = payer.ask(300, &json!({"currency": "USD"})).await;
    assert_eq!(asked["approved"], true, "{asked}");
    let number = asked["authorization_id"].clone();
    for (amount, approved) in [(100, true), (9_000, false)] {
        let more = json!({"authorization_id": number, "amount": amount});
        let answer = payer.tell("increment", &more).await;
        assert_eq!(answer["approved"], approved, "{answer}");
    }
    payer
        .tell("reversal", &json!({"authorization_id": number}))
        .await;
    deliveries::run_due(&app.app).await.unwrap();
    let said = about_authorizations(&listener);
    assert_eq!(
        amounts(&said),
        [
            "3.00 2.76 Approved",
            "1.00 0.92 Approved",
            "90.00 82.95 InsufficientFunds",
            "4.00 3.68 Approved",
        ]
    );
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn of_what_is_approved_in_part_the_part_is_told() {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({})).await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let part = payer.ask(1_200, &json!({"partial_allowed": true})).await;
    assert_told(&part, "approved true, approved_amount 1000");
    deliveries::run_due(&app.app).await.unwrap();
    let said = about_authorizations(&listener);
    assert_eq!(amounts(&said), ["10.00 10.00 Approved"]);
    app.finish().await;
}
