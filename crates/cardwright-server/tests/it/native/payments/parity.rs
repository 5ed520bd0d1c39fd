//! The network and a sandbox in its place are answered alike, and both dialects show what came of it.

use serde_json::{Value, json};

use super::{Payer, assert_told, shop, text, with};
use crate::harness::TestApp;

/// Plays one story, over the network or over a sandbox; every answer.
async fn story(app: &TestApp, payer: &Payer<'_>, over_network: Line) -> Vec<Value> {
    let sandbox = app.sandbox();
    let send = async |path: &str, body: Value| match over_network {
        Line::Network => payer.tell(path, &body).await,
        Line::Sandbox => {
            let path = format!("simulate/{path}");
            sandbox.post(&path, &body).await.record()
        }
    };
    let mut answers = Vec::new();
    let asked = send(
        "authorization",
        payer.question(500, &json!({"currency": "USD"})),
    )
    .await;
    let number = asked["authorization_id"].clone();
    answers.push(asked);
    let about = |minor: i64| json!({"authorization_id": number, "amount": minor});
    answers.push(send("increment", about(200)).await);
    answers.push(send("reversal", about(100)).await);
    answers.push(send("advice", payer.question(90_000, &json!({}))).await);
    let cleared = send("clearing", about(650)).await;
    let payment = json!({"transaction_id": cleared["transaction_id"], "amount": 300});
    answers.push(cleared);
    let refund = send("refund", payment.clone()).await;
    let back = json!({"transaction_id": refund["transaction_id"]});
    answers.push(refund);
    answers.push(send("refund-reversal", back).await);
    let post = with(payer.question(40, &json!({})), &json!({"channel": null}));
    answers.push(send("force-post", post).await);
    let inquiry = json!({"card_id": payer.card, "channel": "atm", "merchant": shop()});
    answers.push(send("balance-inquiry", inquiry).await);
    let opened = send("dispute", payment).await;
    let won = json!({"dispute_id": opened["dispute_id"], "decision": "won"});
    answers.push(opened);
    answers.push(send("dispute", won).await);
    answers
}

/// Who sends the messages.
#[derive(Clone, Copy)]
enum Line {
    Network,
    Sandbox,
}

/// Takes out what differs from one record to the next.
fn without_ids(mut answer: Value) -> Value {
    for field in answer.as_object_mut().unwrap().iter_mut() {
        if field.0.ends_with("_id") && field.1.is_string() {
            *field.1 = "…".into();
        }
    }
    answer
}

#[tokio::test]
async fn the_network_and_a_sandbox_in_its_place_are_answered_alike() {
    let mut stories = Vec::new();
    for line in [Line::Network, Line::Sandbox] {
        let app = TestApp::new().await;
        let payer = Payer::with(&app, 10_000, "EUR").await;
        let answers = story(&app, &payer, line).await;
        stories.push(answers.into_iter().map(without_ids).collect::<Vec<_>>());
        app.finish().await;
    }
    assert_eq!(stories[0], stories[1]);
}

/// What `FinCard` says: all, held, left.
#[track_caller]
fn assert_money(info: &Value, (all, held, left): (&str, &str, &str)) {
    let said = ["currentBalance", "blockedAmount", "availableBalance"];
    let said = said.map(|field| info[field].as_str().unwrap());
    assert_eq!(said, [all, held, left], "{info}");
}

#[tokio::test]
async fn both_dialects_show_what_is_held_and_what_is_available() {
    let app = TestApp::new().await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let holder = fincard.holder("ana@example.com").await;
    // A prepaid card with 25.00 dollars on it.
    let card = fincard.card("order-0000000000001", Some(holder)).await;
    let id: i64 = card.parse().unwrap();
    let ask = json!({"card_id": card, "amount": 700, "currency": "USD"});
    let sandbox = app.sandbox();
    let asked = sandbox.post("simulate/authorization", &ask).await.record();
    assert_told(
        &asked,
        "approved true, balance 2500, held 700, available_balance 1800",
    );
    let see = async || {
        let account = text(&asked["balances"]["account_id"]);
        let padded = format!("get-account/{account:0>16}");
        let ours = finci.get(&padded).await.ok();
        let token = finci.get(&format!("get-card/{id:016}")).await.ok();
        assert_eq!(token["account_id"], ours["account_id"]);
        let info = fincard
            .call("card/info", &json!({"cardNo": card}))
            .await
            .ok();
        (ours, info["data"].clone())
    };
    let (ours, theirs) = see().await;
    assert_eq!(
        (&ours["balance"], &ours["available_balance"]),
        (&json!("25.00"), &json!("18.00")),
        "{ours}"
    );
    assert_money(&theirs, ("25.00", "7.00", "18.00"));
    let cleared = json!({"authorization_id": asked["authorization_id"], "amount": 500});
    sandbox.post("simulate/clearing", &cleared).await.record();
    let (ours, theirs) = see().await;
    assert_eq!(
        (&ours["balance"], &ours["available_balance"]),
        (&json!("20.00"), &json!("20.00")),
        "{ours}"
    );
    assert_money(&theirs, ("20.00", "0.00", "20.00"));
    app.run_jobs().await;
    app.finish().await;
}
