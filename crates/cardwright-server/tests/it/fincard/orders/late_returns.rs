//! What was held on a card when it was cancelled goes back as soon as it is free.

use serde_json::{Value, json};

use super::{card, pay, place};
use crate::{
    fincard::{
        money::assert_books_balance,
        support::{order_no, wallet},
    },
    harness::TestApp,
};

/// The orders on a card, the oldest first: kind, status, amount received.
async fn orders(app: &TestApp, card: &str) -> Vec<(String, String, i64)> {
    let sql = "SELECT kind, status, received FROM card_order WHERE card = $1 ORDER BY id";
    let card: i64 = card.parse().unwrap();
    let rows = app.rows(sql, vec![card.into()]).await;
    rows.iter()
        .map(|row| {
            let mut row = row.reader();
            (
                row.next().unwrap(),
                row.next().unwrap(),
                row.next().unwrap(),
            )
        })
        .collect()
}

/// A cancelled card of which so many cents are held, and the authorizations that hold them.
async fn cancelled(app: &TestApp, held: &[i64]) -> (String, Vec<String>) {
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let mut authorizations = Vec::new();
    for minor in held {
        authorizations.push(pay(app, &id, *minor).await);
    }
    let end = json!({"cardNo": id, "merchantOrderNo": order_no(2)});
    let order = place(&acme, "card/cancel", &end).await;
    let free = 2_500 - held.iter().sum::<i64>();
    let expected = format!("{}.{:02}", free / 100, free % 100);
    assert_eq!(order["receivedAmount"], expected);
    (id, authorizations)
}

async fn tell(app: &TestApp, path: &str, body: &Value) {
    let path = format!("simulate/{path}");
    app.sandbox().post(&path, body).await.record();
}

#[tokio::test]
async fn a_reversal_gives_it_back_as_an_order_of_its_own() {
    let app = TestApp::new().await;
    let (id, held) = cancelled(&app, &[1_000, 500]).await;
    let acme = app.fincard().await;
    assert_eq!(wallet(&acme).await, "999984.00");
    let part = json!({"authorization_id": held[0], "amount": 400});
    tell(&app, "reversal", &part).await;
    assert_eq!(wallet(&acme).await, "999988.00");
    tell(&app, "reversal", &json!({"authorization_id": held[0]})).await;
    tell(&app, "reversal", &json!({"authorization_id": held[0]})).await;
    assert_eq!(wallet(&acme).await, "999994.00");
    let end = |kind: &str, received| (kind.to_owned(), "success".to_owned(), received);
    assert_eq!(
        orders(&app, &id).await,
        [
            end("create", 2_500),
            end("cancel", 1_000),
            end("late_return", 400),
            end("late_return", 600),
        ]
    );
    assert_eq!(card(&acme, &id).await["blockedAmount"], "5.00");
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'order_finished'";
    assert_eq!(app.number(events, &[]).await, 4);
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_clearing_gives_back_what_it_did_not_need_and_a_refund_all() {
    let app = TestApp::new().await;
    let (id, held) = cancelled(&app, &[2_000]).await;
    let acme = app.fincard().await;
    assert_eq!(wallet(&acme).await, "999979.00");
    let body = json!({"authorization_id": held[0], "amount": 1_500});
    let cleared = app
        .sandbox()
        .post("simulate/clearing", &body)
        .await
        .record();
    assert_eq!(cleared["balances"]["balance"], 0, "{cleared}");
    assert_eq!(wallet(&acme).await, "999984.00");
    let refund = json!({"transaction_id": cleared["transaction_id"]});
    tell(&app, "refund", &refund).await;
    assert_eq!(
        wallet(&acme).await,
        "999999.00",
        "all but the price of the card"
    );
    assert_eq!(card(&acme, &id).await["currentBalance"], "0.00");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn the_end_of_an_authorizations_time_gives_it_back_too() {
    let app = TestApp::new().await;
    let (id, _) = cancelled(&app, &[2_500]).await;
    let acme = app.fincard().await;
    assert_eq!(wallet(&acme).await, "999974.00");
    app.pass(8 * 24 * 3_600);
    app.run_jobs().await;
    let acme_again = app.fincard().await;
    assert_eq!(wallet(&acme_again).await, "999999.00");
    assert_eq!(orders(&app, &id).await.last().unwrap().0, "late_return");
    drop(acme);
    assert_books_balance(&app).await;
    app.finish().await;
}

/// Whatever the other API calls the end of a card, its money does not end with it.
#[tokio::test]
async fn a_card_that_the_other_api_ends_gives_its_money_back_too() {
    for word in ["lost", "stolen", "damaged", "compromized", "closed"] {
        let app = TestApp::new().await;
        let acme = app.fincard().await;
        let id = acme.card(&order_no(1), None).await;
        let held = pay(&app, &id, 1_000).await;
        assert_eq!(wallet(&acme).await, "999974.00");
        let path = format!("update-card-status/{id:0>16}");
        let end = json!({"token_status": word});
        app.finci().patch(&path, &end).await.ok();
        assert_eq!(wallet(&acme).await, "999989.00", "{word}: what was free");
        tell(&app, "reversal", &json!({"authorization_id": held})).await;
        assert_eq!(wallet(&acme).await, "999999.00", "{word}: what was held");
        assert_books_balance(&app).await;
        app.finish().await;
    }
}

/// What is credited while a dispute is open goes on to the account that paid for the card.
#[tokio::test]
async fn a_dispute_about_a_card_that_has_ended_leaves_nothing_on_it() {
    for (outcome, at_the_end) in [("won", "999999.00"), ("lost", "999989.00")] {
        let app = TestApp::new().await;
        let acme = app.fincard().await;
        let id = acme.card(&order_no(1), None).await;
        let held = pay(&app, &id, 1_000).await;
        let clearing = json!({"authorization_id": held, "amount": 1_000});
        let path = "simulate/clearing";
        let cleared = app.sandbox().post(path, &clearing).await.record();
        let end = json!({"cardNo": id, "merchantOrderNo": order_no(2)});
        place(&acme, "card/cancel", &end).await;
        assert_eq!(wallet(&acme).await, "999989.00");
        let open = json!({
            "transaction_id": cleared["transaction_id"], "reason": "fraud",
        });
        let path = "simulate/dispute";
        let dispute = app.sandbox().post(path, &open).await.record();
        assert_eq!(wallet(&acme).await, "999999.00");
        let decide = json!({"decision": outcome, "dispute_id": dispute["dispute_id"]});
        tell(&app, "dispute", &decide).await;
        assert_eq!(wallet(&acme).await, at_the_end, "{outcome}");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_card_that_lives_keeps_what_becomes_free() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let held = pay(&app, &id, 1_000).await;
    tell(&app, "reversal", &json!({"authorization_id": held})).await;
    assert_eq!(card(&acme, &id).await["balance"], "25.00");
    assert_eq!(orders(&app, &id).await.len(), 1);
    app.finish().await;
}
