//! What is not spent after all.

use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told};
use crate::harness::TestApp;

fn back(number: &str, minor: Option<i64>) -> Value {
    let mut body = json!({"authorization_id": number});
    if let Some(minor) = minor {
        body["amount"] = minor.into();
    }
    body
}

#[tokio::test]
async fn a_reversal_gives_back_all_or_part_and_never_more_than_is_open() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    let part = payer.tell("reversal", &back(&number, Some(200))).await;
    assert_told(
        &part,
        "reversed_amount 200, open_amount 400, status open, held 400",
    );
    let refused = payer.send("reversal", &back(&number, Some(401))).await;
    assert_refused(&refused, 422, "exceeds_hold");
    let rest = payer.tell("reversal", &back(&number, None)).await;
    assert_told(
        &rest,
        "reversed_amount 400, open_amount 0, status reversed, held 0",
    );
    assert_told(&rest, "available_balance 1000");
    app.finish().await;
}

#[tokio::test]
async fn a_second_reversal_finds_nothing_and_is_no_error() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    payer.tell("reversal", &back(&number, None)).await;
    for minor in [None, Some(600), Some(1)] {
        let again = payer.tell("reversal", &back(&number, minor)).await;
        assert_told(
            &again,
            "reversed_amount 0, open_amount 0, status reversed, held 0",
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn what_was_cleared_is_given_back_by_a_refund_and_not_by_a_reversal() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let (number, _) = payer.paid(600).await;
    for minor in [None, Some(600)] {
        let refused = payer.send("reversal", &back(&number, minor)).await;
        assert_refused(&refused, 422, "authorization_cleared");
    }
    assert_told(&payer.balances().await, "balance 400, held 0");
    app.finish().await;
}

#[tokio::test]
async fn the_rest_after_a_part_was_cleared_is_taken_back_once() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    let part = json!({"authorization_id": number, "amount": 250, "final": false});
    let part = payer.tell("clearing", &part).await;
    assert_told(&part, "authorization_status open, balance 750, held 350");
    let rest = payer.tell("reversal", &back(&number, None)).await;
    assert_told(
        &rest,
        "reversed_amount 350, status cleared, balance 750, held 0",
    );
    let again = payer.tell("reversal", &back(&number, None)).await;
    assert_told(
        &again,
        "reversed_amount 0, status cleared, balance 750, held 0",
    );
    app.finish().await;
}

#[tokio::test]
async fn a_reversal_in_another_currency_than_was_asked_is_refused() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(600).await;
    for minor in [None, Some(1)] {
        let mut body = back(&number, minor);
        body["currency"] = "USD".into();
        let refused = payer.send("reversal", &body).await;
        assert_refused(&refused, 422, "currency_mismatch");
    }
    let mut body = back(&number, None);
    body["currency"] = "EUR".into();
    assert_told(&payer.tell("reversal", &body).await, "reversed_amount 600");
    app.finish().await;
}

#[tokio::test]
async fn messages_before_what_they_are_about_find_nothing_and_may_come_again() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    // The number that the authorization will have.
    let number = "261121000000000001";
    let mut early = back(number, None);
    early["reference"] = "early".into();
    for path in ["reversal", "increment", "clearing", "refund"] {
        let mut body = early.clone();
        body["amount"] = 100.into();
        let missing = payer.send(path, &body).await;
        assert_refused(&missing, 404, "not_found");
    }
    assert_eq!(payer.approved(600).await, number);
    let reversed = payer.tell("reversal", &early).await;
    assert_told(&reversed, "reversed_amount 600, status reversed");
    app.finish().await;
}
