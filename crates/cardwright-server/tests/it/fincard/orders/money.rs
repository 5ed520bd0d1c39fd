//! What deposits and withdrawals cost, and that nothing moves when they are refused.

use serde_json::{Value, json};

use super::{card, place, plastic, pool};
use crate::{
    fincard::{
        money::assert_books_balance,
        support::{opening, order_no, refusal, together, wallet},
    },
    harness::TestApp,
};

fn moving(card: &str, number: usize, amount: &str) -> Value {
    json!({"cardNo": card, "merchantOrderNo": order_no(number), "amount": amount})
}

#[tokio::test]
async fn a_deposit_costs_its_rate_rounded_up_and_its_fixed_fee() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let plastic = plastic(&app, &acme, 2).await;
    let before: f64 = wallet(&acme).await.parse().unwrap();
    assert!((before - 999_944.0).abs() < 0.001, "{before}");
    for (number, card, amount, fee, left) in [
        (10, &plain, "100.00", "1.00", "999843.00"),
        (11, &plain, "1.00", "0.01", "999841.99"),
        (12, &plain, "1.01", "0.02", "999840.96"),
        (13, &plain, "99.99", "1.00", "999739.97"),
        (14, &plastic, "100.01", "1.51", "999638.45"),
        (15, &plastic, "1", "0.51", "999636.94"),
    ] {
        let order = place(&acme, "card/deposit", &moving(card, number, amount)).await;
        assert_eq!(order["fee"], fee, "{amount}");
        assert_eq!(order["receivedAmount"], order["amount"], "{amount}");
        assert_eq!(wallet(&acme).await, left, "{amount}");
    }
    assert_eq!(card(&acme, &plain).await["balance"], "227.00");
    assert_eq!(card(&acme, &plastic).await["balance"], "126.01");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_deposit_is_paid_by_the_account_that_paid_for_the_card() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let shared = pool(&app, &app.demo, 50).await;
    let body = opening(1, &json!({"accountId": shared.to_string(), "amount": "10"}));
    let id = super::opened(&app, &acme, &body).await;
    place(&acme, "card/deposit", &moving(&id, 2, "30")).await;
    assert_eq!(super::money(&acme, shared).await.0, "8.70");
    let reply = acme.call("card/deposit", &moving(&id, 3, "8.62")).await;
    assert_eq!(
        refusal(&reply),
        "insufficient_balance",
        "8.70 do not pay 0.09 more"
    );
    place(&acme, "card/deposit", &moving(&id, 3, "8.61")).await;
    place(&acme, "card/withdraw", &moving(&id, 4, "48.61")).await;
    assert_eq!(super::money(&acme, shared).await.0, "48.61");
    assert_eq!(
        wallet(&acme).await,
        "999950.00",
        "the wallet has no part in it"
    );
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_repeat_is_answered_as_the_first_and_moves_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let first = acme.call("card/deposit", &moving(&id, 2, "10")).await;
    let again = acme.call("card/deposit", &moving(&id, 2, "10.00")).await;
    assert_eq!(first.ok(), again.ok());
    assert_eq!(wallet(&acme).await, "999963.90");
    let other = acme.call("card/deposit", &moving(&id, 2, "11")).await;
    assert_eq!(refusal(&other), "order_no_conflict");
    // A number belongs to its operation.
    place(&acme, "card/withdraw", &moving(&id, 2, "10")).await;
    // A refused call uses up nothing.
    let reply = acme.call("card/withdraw", &moving(&id, 3, "26")).await;
    assert_eq!(refusal(&reply), "insufficient_balance");
    place(&acme, "card/withdraw", &moving(&id, 3, "25")).await;
    assert_eq!(card(&acme, &id).await["balance"], "0.00");
    app.finish().await;
}

#[tokio::test]
async fn of_many_withdrawals_at_once_only_those_that_are_covered_succeed() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let bodies: Vec<Value> = (10..30).map(|number| moving(&id, number, "4")).collect();
    let calls = bodies.iter().map(|body| acme.call("card/withdraw", body));
    let replies = together(calls).await;
    let done = replies
        .iter()
        .filter(|reply| reply.json()["success"] == true);
    assert_eq!(done.count(), 6);
    assert_eq!(card(&acme, &id).await["balance"], "1.00");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_held_can_not_be_withdrawn() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    super::pay(&app, &id, 2_000).await;
    let reply = acme.call("card/withdraw", &moving(&id, 2, "5.01")).await;
    assert_eq!(refusal(&reply), "insufficient_balance");
    place(&acme, "card/withdraw", &moving(&id, 2, "5")).await;
    app.finish().await;
}
