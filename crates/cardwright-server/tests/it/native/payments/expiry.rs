//! The end of the time for which an approval is kept open.

use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told, hotel, text};
use crate::harness::TestApp;

const DAY_S: i64 = 86_400;

/// How many holds have ended because their time was over, and how many are open.
async fn ended_and_open(app: &TestApp) -> (i64, i64) {
    let ended = "SELECT COUNT(*) FROM card_authorization WHERE status = 'expired' AND held = 0";
    let open = "SELECT COUNT(*) FROM card_authorization WHERE status = 'open' AND held > 0";
    (app.number(ended, &[]).await, app.number(open, &[]).await)
}

async fn set_terms(app: &TestApp, days: i64, lodging: i64) {
    let terms = json!({
        "markup_basis_points": 0, "hold_days": days, "lodging_hold_days": lodging,
        "limits_after_refund": "kept",
    });
    let path = "products/112001/terms";
    app.operator().put(path, &terms).await.record();
}

#[tokio::test]
async fn an_approval_ends_after_a_week_and_a_hotels_after_a_month() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let answer = payer.ask(300, &json!({})).await;
    assert_told(&answer, "expires_at 2026-11-28T12:00:03.000Z");
    let answer = payer.ask(500, &json!({"merchant": hotel()})).await;
    assert_told(&answer, "expires_at 2026-12-22T12:00:03.000Z");
    app.pass(7 * DAY_S - 1);
    assert_eq!(app.run_jobs().await, 0, "a second too early");
    app.pass(1);
    assert_eq!(app.run_jobs().await, 1);
    assert_told(
        &payer.balances().await,
        "balance 1000, held 500, available_balance 500",
    );
    assert_eq!(app.run_jobs().await, 0, "each once");
    app.pass(24 * DAY_S - 1);
    assert_eq!(app.run_jobs().await, 0);
    app.pass(1);
    assert_eq!(app.run_jobs().await, 1);
    assert_told(&payer.balances().await, "balance 1000, held 0");
    let told = "SELECT COUNT(*) FROM event WHERE kind = 'authorization_expired'";
    assert_eq!(app.number(told, &[]).await, 2, "told once each");
    app.finish().await;
}

#[tokio::test]
async fn a_product_says_how_long_for_what_is_asked_from_then_on() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    payer.approved(100).await;
    set_terms(&app, 1, 3).await;
    payer.approved(100).await;
    payer.ask(100, &json!({"merchant": hotel()})).await;
    let mut seen = Vec::new();
    for _ in 0..7 {
        app.pass(DAY_S);
        app.run_jobs().await;
        seen.push(ended_and_open(&app).await);
    }
    assert_eq!(
        seen,
        [(1, 2), (1, 2), (2, 1), (2, 1), (2, 1), (2, 1), (3, 0)]
    );
    app.finish().await;
}

#[tokio::test]
async fn a_sandboxs_clock_ends_approvals_before_it_answers() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    payer.approved(100).await;
    payer.approved(200).await;
    let week = json!({"by": "P7D"});
    let moved = app.sandbox().post("clock/advance", &week).await.record();
    assert_eq!(moved["ran"], json!({"expire_authorization": 2}));
    assert_told(&payer.balances().await, "held 0, available_balance 1000");
    app.finish().await;
}

#[tokio::test]
async fn many_approvals_end_together_and_each_once() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    for _ in 0..120 {
        payer.approved(1).await;
    }
    app.pass(8 * DAY_S);
    assert_eq!(app.run_jobs().await, 120);
    assert_eq!(ended_and_open(&app).await, (120, 0));
    app.finish().await;
}

#[tokio::test]
async fn after_its_end_an_approval_is_reversed_in_vain_raised_never_and_cleared_all_the_same() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(300).await;
    app.pass(7 * DAY_S);
    app.run_jobs().await;
    let about = |more: Value| super::with(json!({"authorization_id": number}), &more);
    let reversed = payer.tell("reversal", &about(json!({}))).await;
    assert_told(
        &reversed,
        "reversed_amount 0, open_amount 0, status expired, held 0",
    );
    let refused = payer.send("increment", &about(json!({"amount": 1}))).await;
    assert_refused(&refused, 422, "authorization_not_open");
    let posted = payer.tell("clearing", &about(json!({"amount": 300}))).await;
    assert_told(
        &posted,
        "type forced_posting, authorization_status expired, balance 700",
    );
    assert_told(&posted, "held 0, overdrawn false");
    app.finish().await;
}

#[tokio::test]
async fn a_partly_cleared_approval_ends_cleared_and_gives_its_rest_free() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(300).await;
    let part = json!({"authorization_id": number, "amount": 100, "final": false});
    payer.tell("clearing", &part).await;
    app.pass(7 * DAY_S);
    assert_eq!(app.run_jobs().await, 1);
    assert_told(&payer.balances().await, "balance 900, held 0");
    assert_eq!(ended_and_open(&app).await, (0, 0));
    app.finish().await;
}

#[tokio::test]
async fn a_sandbox_ends_an_approval_by_a_call_once() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(300).await;
    let body = json!({"authorization_id": number});
    let sandbox = app.sandbox();
    let ended = sandbox.post("simulate/expiry", &body).await.record();
    assert_told(&ended, "status expired, held 0, available_balance 1000");
    let again = sandbox.post("simulate/expiry", &body).await;
    assert_refused(&again, 422, "authorization_not_open");
    app.pass(7 * DAY_S);
    assert_eq!(app.run_jobs().await, 0, "nothing is left to end");
    app.finish().await;
}

#[tokio::test]
async fn leave_for_a_refund_ends_too() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let leave = payer.ask(300, &json!({"type": "refund"})).await;
    let number = text(&leave["authorization_id"]);
    app.pass(7 * DAY_S);
    assert_eq!(app.run_jobs().await, 1);
    let refused = payer
        .send("refund", &json!({"authorization_id": number}))
        .await;
    assert_refused(&refused, 422, "authorization_not_open");
    app.finish().await;
}
