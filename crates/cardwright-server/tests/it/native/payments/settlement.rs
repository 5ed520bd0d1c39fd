//! What the merchant was paid: it posts whatever was said before.

use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told, shop, text};
use crate::harness::TestApp;

fn clearing(number: &str, minor: i64) -> Value {
    json!({"authorization_id": number, "amount": minor})
}

fn more_follow(number: &str, minor: i64) -> Value {
    json!({"authorization_id": number, "amount": minor, "final": false})
}

#[tokio::test]
async fn clearings_use_up_what_is_held_until_the_last_of_them() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    let first = payer.tell("clearing", &more_follow(&number, 100)).await;
    let facts = "type clearing, authorization_status open, balance 900, held 500";
    assert_told(&first, facts);
    let second = payer.tell("clearing", &more_follow(&number, 200)).await;
    assert_told(&second, "authorization_status open, balance 700, held 300");
    let last = payer.tell("clearing", &clearing(&number, 50)).await;
    assert_told(&last, "authorization_status cleared, balance 650, held 0");
    assert_told(&last, "available_balance 650, overdrawn false");
    app.finish().await;
}

#[tokio::test]
async fn the_clearing_that_uses_up_the_hold_is_the_last_whatever_it_says() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    let all = payer.tell("clearing", &more_follow(&number, 600)).await;
    assert_told(&all, "type clearing, authorization_status cleared, held 0");
    let one_more = payer.tell("clearing", &clearing(&number, 10)).await;
    let facts = "type forced_posting, authorization_status cleared, balance 390, held 0";
    assert_told(&one_more, facts);
    app.finish().await;
}

#[tokio::test]
async fn a_tip_posts_over_the_hold_even_below_the_floor() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(1_000).await;
    let tip = payer.tell("clearing", &clearing(&number, 1_150)).await;
    let facts = "type clearing, amount 1150, authorization_status cleared, overdrawn true";
    assert_told(&tip, facts);
    assert_told(&tip, "balance -150, available_balance -150, held 0");
    app.finish().await;
}

#[tokio::test]
async fn a_tip_takes_nothing_of_what_other_payments_hold() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let other = payer.approved(500).await;
    let number = payer.approved(500).await;
    let tip = payer.tell("clearing", &clearing(&number, 600)).await;
    // What is posted is still above the floor: nobody owes before the other one is cleared.
    assert_told(
        &tip,
        "overdrawn false, balance 400, held 500, available_balance -100",
    );
    let cleared = payer.tell("clearing", &clearing(&other, 500)).await;
    assert_told(
        &cleared,
        "type clearing, overdrawn true, balance -100, held 0",
    );
    app.finish().await;
}

#[tokio::test]
async fn a_clearing_of_what_was_reversed_or_declined_is_a_forced_posting_of_it() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let reversed = payer.approved(300).await;
    payer
        .tell("reversal", &json!({"authorization_id": reversed}))
        .await;
    let declined = text(&payer.ask(2_000, &json!({})).await["authorization_id"]);
    let posted = payer.tell("clearing", &clearing(&reversed, 300)).await;
    let facts = "type forced_posting, authorization_status reversed, balance 700";
    assert_told(&posted, facts);
    assert_eq!(posted["authorization_id"], reversed);
    let posted = payer.tell("clearing", &clearing(&declined, 2_000)).await;
    let facts = "type forced_posting, authorization_status declined, balance -1300, overdrawn true";
    assert_told(&posted, facts);
    app.finish().await;
}

#[tokio::test]
async fn a_clearing_without_an_authorization_says_card_currency_and_merchant() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let whole = json!({
        "card_id": payer.card, "amount": 250, "currency": "EUR", "merchant": shop(),
    });
    for field in ["currency", "merchant"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(field);
        let refused = payer.send("clearing", &body).await;
        assert_refused(&refused, 400, &format!("field_required {field}"));
    }
    let posted = payer.tell("clearing", &whole).await;
    assert_told(
        &posted,
        "type forced_posting, authorization_id null, balance 750",
    );
    app.finish().await;
}

#[tokio::test]
async fn a_frozen_card_and_a_closed_one_still_pay_what_was_bought() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(300).await;
    let path = format!("update-card-status/{}", payer.token);
    let lost = json!({"token_status": "lost"});
    app.finci().patch(&path, &lost).await.ok();
    let cleared = payer.tell("clearing", &clearing(&number, 300)).await;
    assert_told(&cleared, "type clearing, balance 700, held 0");
    let late = json!({"card_id": payer.card, "amount": 100, "currency": "EUR", "merchant": shop()});
    let late = payer.tell("force-post", &late).await;
    assert_told(&late, "type forced_posting, balance 600");
    app.finish().await;
}

#[tokio::test]
async fn a_forced_posting_overdraws_until_money_comes_back() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 100, "EUR").await;
    let offline = json!({
        "card_id": payer.card, "amount": 500, "currency": "EUR", "merchant": shop(),
    });
    let posted = payer.tell("force-post", &offline).await;
    assert_told(
        &posted,
        "type forced_posting, overdrawn true, balance -400, available_balance -400",
    );
    let broke = payer.ask(1, &json!({})).await;
    assert_told(&broke, "approved false, decline_reason insufficient_funds");
    let refund = json!({"transaction_id": posted["transaction_id"], "amount": 300});
    let part = payer.tell("refund", &refund).await;
    assert_told(&part, "type refund, overdrawn true, balance -100");
    let rest = json!({"transaction_id": posted["transaction_id"]});
    let rest = payer.tell("refund", &rest).await;
    assert_told(&rest, "amount 200, overdrawn false, balance 100");
    app.finish().await;
}

#[tokio::test]
async fn an_account_tells_operators_that_it_is_overdrawn_and_for_how_long() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 100, "EUR").await;
    let path = format!("accounts/{}", payer.account);
    let expect = async |facts: &str| {
        assert_told(&app.operator().get(&path).await.record(), facts);
    };
    payer.approved(100).await;
    // What is only set aside leaves nothing to spend, and nobody owes.
    expect("balance 100, available_balance 0, overdrawn false").await;
    let offline = json!({
        "card_id": payer.card, "amount": 150, "currency": "EUR", "merchant": shop(),
    });
    payer.tell("force-post", &offline).await;
    expect("balance -50, available_balance -150, overdrawn true").await;
    let listed = app.operator().get("accounts?kind=customer").await.record();
    let mut items = listed["items"].as_array().unwrap().iter();
    let own = items.find(|item| item["id"] == payer.account).unwrap();
    assert_told(own, "balance -50, overdrawn true");
    payer.fund(50).await;
    expect("balance 0, available_balance -100, overdrawn false").await;
    app.finish().await;
}

#[tokio::test]
async fn a_refund_that_was_only_allowed_is_not_cleared() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 100, "EUR").await;
    let leave = payer.ask(50, &json!({"type": "refund"})).await;
    let number = text(&leave["authorization_id"]);
    let refused = payer.send("clearing", &clearing(&number, 50)).await;
    assert_refused(&refused, 422, "authorization_not_open");
    app.finish().await;
}

#[tokio::test]
async fn a_payment_in_another_currency_costs_the_rate_and_the_products_markup() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 100_000, "EUR").await;
    let terms = json!({
        "markup_basis_points": 250, "hold_days": 7, "lodging_hold_days": 31,
        "limits_after_refund": "kept",
    });
    let operator = app.operator();
    operator.put("products/112001/terms", &terms).await.record();
    // A dollar is 1/1.085 = 0.921659 euros: 100.00 dollars are 92.17, and 2.5% of that 2.30.
    let answer = payer.ask(10_000, &json!({"currency": "USD"})).await;
    assert_told(&answer, "currency USD, approved_amount 10000");
    assert_told(
        &answer,
        "billing_currency EUR, billing_amount 9447, held 9447",
    );
    let number = text(&answer["authorization_id"]);
    let half = payer.tell("clearing", &more_follow(&number, 5_000)).await;
    assert_told(
        &half,
        "amount 5000, currency USD, billing_amount 4723, markup_amount 115",
    );
    assert_told(&half, "billing_currency EUR, balance 95277, held 4723");
    // The rate has moved since: what is settled goes by the new one.
    let rate = json!({"source": "USD", "target": "EUR", "rate_micros": 1_000_000});
    operator.put("rates", &rate).await.record();
    let rest = payer.tell("clearing", &clearing(&number, 5_000)).await;
    assert_told(
        &rest,
        "billing_amount 5125, markup_amount 125, balance 90152, held 0",
    );
    // What goes back goes by the rate it was paid at.
    let refund = json!({"transaction_id": half["transaction_id"]});
    let refund = payer.tell("refund", &refund).await;
    assert_told(
        &refund,
        "billing_amount 4723, markup_amount 115, balance 94875",
    );
    let fees =
        "SELECT credits - debits FROM account WHERE kind = 'fees_income' AND currency = 'EUR'";
    assert_eq!(app.number(fees, &[]).await, 125);
    app.finish().await;
}

#[tokio::test]
async fn a_clearing_in_another_currency_than_was_asked_uses_up_what_it_posts() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 100_000, "EUR").await;
    let number = payer.approved(10_000).await;
    let body = json!({
        "authorization_id": number, "amount": 5_000, "currency": "USD", "final": false,
    });
    // 50.00 dollars are 46.08 euros.
    let half = payer.tell("clearing", &body).await;
    assert_told(
        &half,
        "type clearing, currency USD, billing_amount 4608, held 5392",
    );
    let unknown = json!({"authorization_id": number, "amount": 1, "currency": "ISK"});
    let refused = payer.send("clearing", &unknown).await;
    assert_refused(&refused, 422, "currency_not_supported");
    let last = payer.tell("clearing", &clearing(&number, 5_392)).await;
    assert_told(&last, "authorization_status cleared, balance 90000, held 0");
    app.finish().await;
}
