//! Part of an amount, more of it, and what the network decided without us.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told, text};
use crate::harness::TestApp;

#[tokio::test]
async fn part_of_the_amount_is_approved_where_the_merchant_takes_part() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let part = json!({"partial_allowed": true});
    let answer = payer.ask(1_500, &part).await;
    assert_told(
        &answer,
        "approved true, approved_amount 1000, billing_amount 1000, held 1000",
    );
    let nothing = payer.ask(1_500, &part).await;
    assert_told(
        &nothing,
        "approved false, decline_reason insufficient_funds, approved_amount 0",
    );
    app.finish().await;
}

#[tokio::test]
async fn limits_leave_part_of_the_amount_too() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let path = format!("cards/{}/controls", payer.card);
    let daily = json!({"limits": [{"window": "day", "amount": 700}]});
    app.operator().put(&path, &daily).await.record();
    let answer = payer.ask(1_000, &json!({"partial_allowed": true})).await;
    assert_told(&answer, "approved true, approved_amount 700, held 700");
    let answer = payer.ask(1_000, &json!({"partial_allowed": true})).await;
    assert_told(&answer, "approved false, decline_reason limit_exceeded");
    app.finish().await;
}

#[tokio::test]
async fn part_of_an_amount_in_another_currency_is_what_the_account_can_pay() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    // Ten euros buy 10.85 dollars.
    let asked = json!({"currency": "USD", "partial_allowed": true});
    let answer = payer.ask(2_170, &asked).await;
    assert_told(&answer, "approved true, currency USD, approved_amount 1085");
    assert_told(
        &answer,
        "billing_currency EUR, billing_amount 1000, held 1000",
    );
    app.finish().await;
}

#[tokio::test]
async fn a_part_below_the_smallest_coin_is_not_approved() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1, "EUR").await;
    let rate = json!({"source": "JPY", "target": "EUR", "rate_micros": 60_000});
    app.operator().put("rates", &rate).await.record();
    // A yen is six cents here, and there is one.
    let asked = json!({"currency": "JPY", "partial_allowed": true});
    let answer = payer.ask(1, &asked).await;
    assert_told(
        &answer,
        "approved false, decline_reason insufficient_funds, held 0",
    );
    let limits = json!({"limits": [{"window": "day", "amount": 1}]});
    payer.fund(1_000).await;
    let path = format!("cards/{}/controls", payer.card);
    app.operator().put(&path, &limits).await.record();
    let answer = payer.ask(1, &asked).await;
    assert_told(&answer, "approved false, decline_reason limit_exceeded");
    app.finish().await;
}

/// A card that is limited, or its account, by sliding windows of a minute (amount) and ten seconds (number).
async fn with_sliding_limits<'a>(app: &'a TestApp, of: &str) -> Payer<'a> {
    let payer = Payer::with(app, 10_000, "EUR").await;
    let path = match of {
        "card" => format!("cards/{}/controls", payer.card),
        _ => format!("accounts/{}/controls", payer.account),
    };
    let limits = json!({"limits": [
        {"window": "sliding", "seconds": 60, "amount": 100},
        {"window": "sliding", "seconds": 10, "count": 2},
    ]});
    app.operator().put(&path, &limits).await.record();
    payer
}

const LIMITED: &str = "approved false, decline_reason limit_exceeded";

#[tokio::test]
async fn a_sliding_limit_sees_the_last_seconds_and_none_before() {
    let app = TestApp::new().await;
    let payer = with_sliding_limits(&app, "card").await;
    let pass = |milliseconds| app.clock.advance(SignedDuration::from_millis(milliseconds));
    let none = json!({});
    assert_told(&payer.ask(60, &none).await, "approved true");
    pass(59_999);
    assert_told(&payer.ask(41, &none).await, LIMITED);
    pass(1);
    assert_told(&payer.ask(41, &none).await, "approved true");
    pass(20_000);
    for minor in [1, 1] {
        assert_told(&payer.ask(minor, &none).await, "approved true");
    }
    pass(9_999);
    assert_told(&payer.ask(1, &none).await, LIMITED);
    pass(1);
    assert_told(&payer.ask(1, &none).await, "approved true");
    app.finish().await;
}

#[tokio::test]
async fn an_increment_has_to_fit_into_every_sliding_window_around_its_authorization() {
    fits_into_every_window_of("card").await;
}

#[tokio::test]
async fn an_increment_has_to_fit_into_every_sliding_window_of_the_account_too() {
    fits_into_every_window_of("account").await;
}

async fn fits_into_every_window_of(subject: &str) {
    let app = TestApp::new().await;
    let payer = with_sliding_limits(&app, subject).await;
    let pass = |milliseconds| app.clock.advance(SignedDuration::from_millis(milliseconds));
    let none = json!({});
    assert_told(&payer.ask(40, &none).await, "approved true");
    pass(50_000);
    let middle = payer.approved(20).await;
    pass(40_000);
    let last = text(&payer.ask(70, &none).await["authorization_id"]);
    let more = |number: &str, minor: i64| json!({"authorization_id": number, "amount": minor});
    // The windows around the second have 60 (with the first) and 90 (with the last).
    assert_told(&payer.tell("increment", &more(&middle, 11)).await, LIMITED);
    let raised = payer.tell("increment", &more(&middle, 10)).await;
    assert_told(&raised, "approved true, approved_amount 30");
    assert_told(&payer.tell("increment", &more(&last, 1)).await, LIMITED);
    // What comes after a window does not count in it.
    pass(60_000);
    assert_told(&payer.ask(100, &none).await, "approved true");
    assert_told(&payer.tell("increment", &more(&last, 1)).await, LIMITED);
    let nothing = payer
        .tell("reversal", &json!({"authorization_id": middle}))
        .await;
    assert_told(&nothing, "reversed_amount 30");
    let raised = payer.tell("increment", &more(&last, 30)).await;
    assert_told(&raised, "approved true, approved_amount 100");
    app.finish().await;
}

#[tokio::test]
async fn an_increment_raises_what_is_held_under_the_same_rules() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(300).await;
    let more = |minor: i64| json!({"authorization_id": number, "amount": minor});
    let raised = payer.tell("increment", &more(200)).await;
    assert_told(
        &raised,
        "approved true, approved_amount 500, status open, held 500",
    );
    let declined = payer.tell("increment", &more(501)).await;
    let facts = "approved false, decline_reason insufficient_funds, approved_amount 500";
    assert_told(&declined, facts);
    assert_told(
        &declined,
        "response_code InsufficientFunds, status open, held 500",
    );
    let path = format!("update-card-status/{}", payer.token);
    let frozen = json!({"token_status": "deactivated"});
    app.finci().patch(&path, &frozen).await.ok();
    let declined = payer.tell("increment", &more(1)).await;
    assert_told(
        &declined,
        "approved false, decline_reason card_not_active, held 500",
    );
    app.finish().await;
}

#[tokio::test]
async fn an_increment_counts_towards_the_limits_of_the_day_of_its_authorization() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let path = format!("cards/{}/controls", payer.card);
    let daily = json!({"limits": [{"window": "day", "amount": 1_000}]});
    app.operator().put(&path, &daily).await.record();
    for _ in 0..8 {
        payer.approved(25).await;
    }
    let number = payer.approved(700).await;
    let counters = "SELECT COUNT(*) FROM usage_counter";
    assert_eq!(app.number(counters, &[]).await, 1, "the ninth begins it");
    app.pass(86_400);
    let more = |minor: i64| json!({"authorization_id": number, "amount": minor});
    let declined = payer.tell("increment", &more(200)).await;
    assert_told(&declined, "approved false, decline_reason limit_exceeded");
    let raised = payer.tell("increment", &more(100)).await;
    assert_told(&raised, "approved true, held 1000");
    payer.approved(1_000).await;
    app.finish().await;
}

#[tokio::test]
async fn only_what_is_open_is_raised_and_only_in_its_currency() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let declined = text(&payer.ask(5_000, &json!({})).await["authorization_id"]);
    let (cleared, _) = payer.paid(100).await;
    let reversed = payer.approved(100).await;
    payer
        .tell("reversal", &json!({"authorization_id": reversed}))
        .await;
    let verified = json!({"type": "account_verification", "amount": 0});
    let verified = text(&payer.ask(0, &verified).await["authorization_id"]);
    let refund = text(&payer.ask(10, &json!({"type": "refund"})).await["authorization_id"]);
    for number in [&declined, &cleared, &reversed, &verified, &refund] {
        let more = json!({"authorization_id": number, "amount": 1});
        assert_refused(
            &payer.send("increment", &more).await,
            422,
            "authorization_not_open",
        );
    }
    let open = payer.approved(100).await;
    let more = json!({"authorization_id": open, "amount": 1, "currency": "USD"});
    assert_refused(
        &payer.send("increment", &more).await,
        422,
        "currency_mismatch",
    );
    app.finish().await;
}

#[tokio::test]
async fn an_advice_is_held_although_it_would_have_been_declined() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let path = format!("update-card-status/{}", payer.token);
    let frozen = json!({"token_status": "deactivated"});
    app.finci().patch(&path, &frozen).await.ok();
    let declined = payer.ask(5_000, &json!({})).await;
    assert_told(&declined, "approved false, decline_reason card_not_active");
    let advice = payer.question(5_000, &json!({}));
    let answer = payer.tell("advice", &advice).await;
    assert_told(
        &answer,
        "approved true, approved_amount 5000, status open, held 5000",
    );
    assert_told(&answer, "balance 1000, available_balance -4000");
    let flagged =
        "SELECT COUNT(*) FROM card_authorization WHERE origin = 'stand_in' AND held = 5000";
    assert_eq!(app.number(flagged, &[]).await, 1);
    let number = text(&answer["authorization_id"]);
    let cleared = json!({"authorization_id": number, "amount": 5_000});
    let cleared = payer.tell("clearing", &cleared).await;
    assert_told(
        &cleared,
        "type clearing, overdrawn true, balance -4000, held 0",
    );
    app.finish().await;
}

#[tokio::test]
async fn an_advice_of_a_decline_is_recorded_and_holds_nothing() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let advice = payer.question(100, &json!({"decline_reason": "limit_exceeded"}));
    let answer = payer.tell("advice", &advice).await;
    let facts = "approved false, decline_reason limit_exceeded, status declined, held 0";
    assert_told(&answer, facts);
    let number = text(&answer["authorization_id"]);
    let reversed = payer
        .tell("reversal", &json!({"authorization_id": number}))
        .await;
    assert_told(&reversed, "reversed_amount 0, status declined, held 0");
    app.finish().await;
}

#[tokio::test]
async fn an_advice_in_a_currency_without_a_rate_is_refused() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let advice = payer.question(100, &json!({"currency": "ISK"}));
    let refused = payer.send("advice", &advice).await;
    assert_refused(&refused, 422, "currency_not_supported");
    let rate: Value = json!({"source": "ISK", "target": "EUR", "rate_micros": 6_900});
    app.operator().put("rates", &rate).await.record();
    // The króna has no decimals: a hundred of them are 69 cents.
    let answer = payer.tell("advice", &advice).await;
    assert_told(&answer, "approved true, billing_amount 69, held 69");
    app.finish().await;
}

#[tokio::test]
async fn of_nothing_only_verifications_and_inquiries_are_asked() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    for kind in ["account_verification", "balance_inquiry"] {
        let answer = payer.ask(0, &json!({"type": kind})).await;
        assert_told(
            &answer,
            "approved true, status answered, approved_amount 0, held 0",
        );
        let refused = payer
            .send("authorization", &payer.question(1, &json!({"type": kind})))
            .await;
        assert_refused(&refused, 422, "amount_out_of_range");
    }
    for kind in ["purchase", "cash", "quasi_cash", "refund"] {
        let body = payer.question(0, &json!({"type": kind}));
        let refused = payer.send("authorization", &body).await;
        assert_refused(&refused, 422, "amount_zero");
        let refused = payer.send("advice", &body).await;
        assert_refused(&refused, 422, "amount_zero");
    }
    app.finish().await;
}
