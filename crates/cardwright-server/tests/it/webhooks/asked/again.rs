//! What is sent again is what was missed and is still wanted, and faults repeat as they were.

use serde_json::json;

use super::{issue, post, run};
use crate::{
    harness::{Reaction, Received, TestApp},
    parties::arranged::deposit,
    webhooks::{ADDRESS, know_host, register},
};

#[tokio::test(start_paused = true)]
async fn of_an_event_with_two_messages_only_the_one_that_is_missing_is_sent_again() {
    let app = TestApp::new().await;
    know_host(&app);
    let taken = |received: &Received| received.header("x-wsb-category") == "wallet_transaction";
    app.outside.listen(ADDRESS, move |_, received| {
        if taken(received) {
            Reaction::Answer(200, r#"{"success": true}"#)
        } else {
            Reaction::Answer(500, "")
        }
    });
    let both = json!({"events": ["wallet_transaction", "wallet_transaction_v2"]});
    let (endpoint, _) = register(&app, "fincard", both).await;
    let acme = app.fincard().await;
    let announced = json!({"amount": "9"});
    acme.call("account/walletDeposit", &announced).await.ok();
    let coins = deposit("USDT_TRC20", "9", 38);
    let sandbox = app.sandbox();
    sandbox
        .post("simulate/crypto-deposit", &coins)
        .await
        .record();
    assert_eq!(run(&app).await, 2);
    for wait in [60, 300, 1_200, 3_600, 43_200, 86_400] {
        app.pass(wait);
        assert_eq!(run(&app).await, 1);
    }
    let listener = app.outside.listen(ADDRESS, |_, _| {
        Reaction::Answer(200, r#"{"success": true}"#)
    });
    let operator = app.operator();
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let missing = json!({"from": "2026-01-01T00:00:00Z"});
    assert_eq!(post(&operator, &path, missing.clone()).await["messages"], 1);
    assert_eq!(run(&app).await, 1);
    let told = listener.received();
    assert_eq!(told[0].header("x-wsb-category"), "wallet_transaction_v2");
    assert_eq!(post(&operator, &path, missing).await["messages"], 0);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_an_endpoint_does_not_want_any_more_is_not_replayed_to_it() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    issue(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    let operator = app.operator();
    let change = json!({"events": ["presentment"]});
    operator
        .patch(&format!("webhook-endpoints/{endpoint}"), &change)
        .await
        .record();
    let path = format!("webhook-endpoints/{endpoint}/replay");
    let all = json!({"which": "all", "from": "2026-01-01T00:00:00Z"});
    assert_eq!(post(&operator, &path, all).await["messages"], 0);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_set_again_does_the_same_again() {
    let app = TestApp::new().await;
    know_host(&app);
    let (endpoint, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let path = format!("webhook-endpoints/{endpoint}/faults");
    let plan = json!({"seed": 7, "duplicate_percent": 40});
    let mut doubled = Vec::new();
    for round in 0..2 {
        app.sandbox().put(&path, &plan).await.record();
        let listener = app
            .outside
            .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
        let mut of_round = Vec::new();
        for number in 0..12 {
            issue(&app, &format!("p-{round}-{number}")).await;
            let before = listener.received().len();
            run(&app).await;
            of_round.push(listener.received().len() - before);
        }
        doubled.push(of_round);
    }
    assert_eq!(doubled[0], doubled[1]);
    assert!(doubled[0].contains(&1) && doubled[0].contains(&2));
    app.finish().await;
}
