//! Money that comes back, and disputes about money that should.

use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told, shop, text};
use crate::harness::TestApp;

fn of(transaction: &str, minor: Option<i64>) -> Value {
    let mut body = json!({"transaction_id": transaction});
    if let Some(minor) = minor {
        body["amount"] = minor.into();
    }
    body
}

#[tokio::test]
async fn a_payment_is_refunded_in_parts_and_never_beyond_what_was_paid() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let (number, payment) = payer.paid(600).await;
    let part = payer.tell("refund", &of(&payment, Some(200))).await;
    assert_told(&part, "type refund, amount 200, balance 600");
    assert_eq!(part["original_transaction_id"], payment);
    assert_eq!(part["authorization_id"], number);
    let refused = payer.send("refund", &of(&payment, Some(401))).await;
    assert_refused(&refused, 422, "exceeds_original");
    let rest = payer.tell("refund", &of(&payment, None)).await;
    assert_told(&rest, "amount 400, balance 1000");
    for minor in [None, Some(1)] {
        let refused = payer.send("refund", &of(&payment, minor)).await;
        assert_refused(&refused, 422, "exceeds_original");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_refund_by_the_authorizations_number_finds_its_newest_open_payment() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    let by_number = json!({"authorization_id": number});
    let refused = payer.send("refund", &by_number).await;
    assert_refused(&refused, 422, "exceeds_original");
    let clearing = |minor: i64, last: bool| json!({"authorization_id": number, "amount": minor, "final": last});
    let first = payer.tell("clearing", &clearing(100, false)).await;
    let second = payer.tell("clearing", &clearing(200, true)).await;
    let refund = payer.tell("refund", &by_number).await;
    assert_told(&refund, "amount 200, balance 900");
    assert_eq!(refund["original_transaction_id"], second["transaction_id"]);
    let refund = payer.tell("refund", &by_number).await;
    assert_told(&refund, "amount 100, balance 1000");
    assert_eq!(refund["original_transaction_id"], first["transaction_id"]);
    let refused = payer.send("refund", &by_number).await;
    assert_refused(&refused, 422, "exceeds_original");
    app.finish().await;
}

#[tokio::test]
async fn a_refund_without_a_payment_says_card_amount_currency_and_merchant() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let whole = json!({
        "card_id": payer.card, "amount": 70, "currency": "EUR", "merchant": shop(),
    });
    for field in ["amount", "currency", "merchant"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(field);
        let refused = payer.send("refund", &body).await;
        assert_refused(&refused, 400, &format!("field_required {field}"));
    }
    let refund = payer.tell("refund", &whole).await;
    assert_told(
        &refund,
        "type refund, authorization_id null, original_transaction_id null",
    );
    assert_told(&refund, "balance 1070");
    let unknown = super::with(whole, &json!({"currency": "ISK"}));
    let refused = payer.send("refund", &unknown).await;
    assert_refused(&refused, 422, "currency_not_supported");
    app.finish().await;
}

#[tokio::test]
async fn leave_to_give_money_back_holds_nothing_of_the_holders_and_is_used_once() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let leave = payer.ask(300, &json!({"type": "refund"})).await;
    assert_told(
        &leave,
        "approved true, status open, held 0, available_balance 1000",
    );
    let number = text(&leave["authorization_id"]);
    let more = json!({"authorization_id": number, "amount": 301});
    let refused = payer.send("refund", &more).await;
    assert_refused(&refused, 422, "exceeds_original");
    for minor in [None, Some(1), Some(301)] {
        let mut dollars = json!({"authorization_id": number, "currency": "USD"});
        if let Some(minor) = minor {
            dollars["amount"] = minor.into();
        }
        let refused = payer.send("refund", &dollars).await;
        assert_refused(&refused, 422, "currency_mismatch");
    }
    let body = json!({"authorization_id": number, "amount": 250});
    let refund = payer.tell("refund", &body).await;
    assert_told(
        &refund,
        "type refund, amount 250, authorization_status cleared, balance 1250",
    );
    assert_eq!(refund["authorization_id"], number);
    let refused = payer.send("refund", &body).await;
    assert_refused(&refused, 422, "authorization_not_open");
    app.finish().await;
}

#[tokio::test]
async fn a_refund_is_taken_back_and_the_payment_can_be_refunded_again() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let (number, payment) = payer.paid(600).await;
    let refund = payer.tell("refund", &of(&payment, None)).await;
    let refund = text(&refund["transaction_id"]);
    let part = payer.tell("refund-reversal", &of(&refund, Some(100))).await;
    assert_told(
        &part,
        "type refund_reversal, amount 100, balance 900, overdrawn false",
    );
    assert_eq!(part["original_transaction_id"], refund);
    assert_eq!(part["authorization_id"], number);
    let rest = payer.tell("refund-reversal", &of(&refund, None)).await;
    assert_told(&rest, "amount 500, balance 400");
    let refused = payer.send("refund-reversal", &of(&refund, None)).await;
    assert_refused(&refused, 422, "exceeds_original");
    let again = payer.tell("refund", &of(&payment, None)).await;
    assert_told(&again, "amount 600, balance 1000");
    app.finish().await;
}

#[tokio::test]
async fn a_refunds_reversal_names_the_authorization_that_gave_leave_for_it() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let leave = payer.ask(300, &json!({"type": "refund"})).await;
    let number = text(&leave["authorization_id"]);
    let refund = payer
        .tell("refund", &json!({"authorization_id": number}))
        .await;
    let refund = text(&refund["transaction_id"]);
    let back = payer.tell("refund-reversal", &of(&refund, None)).await;
    assert_told(
        &back,
        "type refund_reversal, amount 300, authorization_status cleared",
    );
    assert_eq!(back["authorization_id"], number);
    assert_told(&back, "balance 1000");
    app.finish().await;
}

#[tokio::test]
async fn only_payments_are_refunded_and_only_refunds_taken_back() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let (_, payment) = payer.paid(600).await;
    let refused = payer.send("refund-reversal", &of(&payment, None)).await;
    assert_refused(&refused, 422, "transaction_not_refundable");
    let refund = payer.tell("refund", &of(&payment, None)).await;
    let refund = text(&refund["transaction_id"]);
    let refused = payer.send("refund", &of(&refund, None)).await;
    assert_refused(&refused, 422, "transaction_not_refundable");
    let refused = payer.send("dispute", &of(&refund, None)).await;
    assert_refused(&refused, 422, "transaction_not_disputable");
    for (path, id) in [
        ("refund", &payment),
        ("refund-reversal", &refund),
        ("dispute", &payment),
    ] {
        for minor in [None, Some(1)] {
            let mut body = of(id, minor);
            body["currency"] = "USD".into();
            let refused = payer.send(path, &body).await;
            assert_refused(&refused, 422, "currency_mismatch");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_refund_gives_limits_back_where_the_product_says_so_and_its_reversal_takes_them() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let operator = app.operator();
    let path = format!("cards/{}/controls", payer.card);
    let daily = json!({"limits": [{"window": "day", "amount": 1_000}]});
    operator.put(&path, &daily).await.record();
    let left = async || {
        let path = format!("cards/{}/limits", payer.card);
        operator.get(&path).await.record()["limits"][0]["remaining_amount"].clone()
    };
    let terms = |word: &str| {
        json!({
            "markup_basis_points": 0, "hold_days": 7, "lodging_hold_days": 31,
            "limits_after_refund": word,
        })
    };
    let (_, payment) = payer.paid(400).await;
    payer.tell("refund", &of(&payment, Some(100))).await;
    assert_eq!(left().await, 600, "they stay used");
    let restored = terms("restored");
    operator
        .put("products/112001/terms", &restored)
        .await
        .record();
    let refund = payer.tell("refund", &of(&payment, Some(200))).await;
    assert_eq!(left().await, 800);
    let refund = text(&refund["transaction_id"]);
    payer.tell("refund-reversal", &of(&refund, Some(150))).await;
    assert_eq!(left().await, 650);
    app.finish().await;
}

#[tokio::test]
async fn a_dispute_credits_in_advance_and_a_lost_one_takes_it_back() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let (_, payment) = payer.paid(600).await;
    let opened = payer.tell("dispute", &of(&payment, Some(500))).await;
    assert_told(
        &opened,
        "status open, amount 500, credited_amount 500, balance 900",
    );
    // What is in dispute is not refunded besides.
    let refused = payer.send("refund", &of(&payment, Some(101))).await;
    assert_refused(&refused, 422, "exceeds_original");
    let lost = json!({"dispute_id": opened["dispute_id"], "decision": "lost"});
    let lost = payer.tell("dispute", &lost).await;
    assert_told(&lost, "status lost, balance 400");
    let refund = payer.tell("refund", &of(&payment, None)).await;
    assert_told(&refund, "amount 600, balance 1000");
    app.finish().await;
}

#[tokio::test]
async fn a_won_dispute_leaves_the_money_and_the_network_makes_it_good() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let (_, payment) = payer.paid(600).await;
    let opened = payer.tell("dispute", &of(&payment, None)).await;
    let loss = "SELECT credits - debits FROM account WHERE kind = 'loss' AND currency = 'EUR'";
    assert_eq!(
        app.number(loss, &[]).await,
        -600,
        "the platform has advanced it"
    );
    let decide = |word: &str| json!({"dispute_id": opened["dispute_id"], "decision": word});
    let won = payer.tell("dispute", &decide("won")).await;
    assert_told(&won, "status won, amount 600, balance 1000");
    assert_eq!(app.number(loss, &[]).await, 0);
    for word in ["won", "lost"] {
        let refused = payer.send("dispute", &decide(word)).await;
        assert_refused(&refused, 409, "dispute_transition_not_allowed");
    }
    for path in ["refund", "dispute"] {
        let refused = payer.send(path, &of(&payment, None)).await;
        assert_refused(&refused, 422, "exceeds_original");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_lost_dispute_takes_its_credit_back_even_below_the_floor() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 600, "EUR").await;
    let (_, payment) = payer.paid(600).await;
    let opened = payer.tell("dispute", &of(&payment, None)).await;
    payer.paid(600).await;
    let lost = json!({"dispute_id": opened["dispute_id"], "decision": "lost"});
    let lost = payer.tell("dispute", &lost).await;
    assert_told(&lost, "status lost, balance -600, available_balance -600");
    app.finish().await;
}
