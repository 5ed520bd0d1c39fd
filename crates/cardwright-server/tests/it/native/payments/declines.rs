//! Every reason for which an authorization is declined, each by what really causes it.

use cardwright_core::DeclineReason;
use cardwright_server::{
    ops::{pins, wallet_tokens},
    secrets::Secret,
    store::cards,
};
use cardwright_wire::response_code::response_code;
use serde_json::{Value, json};

use super::{Payer, assert_told, shop, text, with};
use crate::harness::TestApp;

/// What is printed on the back of the card.
async fn printed(app: &TestApp, payer: &Payer<'_>) -> String {
    let card = payer.card_id();
    app.operate(&app.demo, async move |tx| {
        let (found, number) = (cards::get(tx, card).await?, cards::number(tx, card).await?);
        Ok(tx.vault().cvv2(&number, found.expiry)?.expose().to_owned())
    })
    .await
}

/// Another three digits.
fn other(cvv: &str) -> String {
    let number: u32 = cvv.parse().unwrap();
    format!("{:03}", (number + 1) % 1_000)
}

async fn set_pin(app: &TestApp, payer: &Payer<'_>, digits: &'static str) {
    let card = payer.card_id();
    app.operate(&app.demo, async move |tx| {
        pins::set(tx, card, &Secret::new(digits.to_owned())).await
    })
    .await;
}

/// Puts the card into a state, in FINCI's word for it.
async fn set_status(app: &TestApp, payer: &Payer<'_>, word: &str) {
    let path = format!("update-card-status/{}", payer.token);
    let body = json!({"token_status": word});
    app.finci().patch(&path, &body).await.ok();
}

/// Has an operator freeze the account or let it go, or block the card, by the call's path.
async fn operate(app: &TestApp, path: &str) {
    let why = json!({"reason": "Asked for by the police"});
    app.operator().post(path, &why).await.record();
}

async fn freeze_account(app: &TestApp, payer: &Payer<'_>) {
    operate(app, &format!("accounts/{}/freeze", payer.account)).await;
}

/// Closes the account, which no call does yet.
async fn close_account(app: &TestApp, payer: &Payer<'_>) {
    let id: i64 = payer.account.parse().unwrap();
    let sql = "UPDATE account_balance SET status = 'closed' WHERE account = $1";
    app.meddle(sql, &[id.into()]).await;
}

async fn declined(payer: &Payer<'_>, minor: i64, more: &Value) -> String {
    let answer = payer.ask(minor, more).await;
    let facts = "approved false, status declined, approved_amount 0, billing_amount 0";
    assert_told(&answer, facts);
    text(&answer["decline_reason"])
}

#[tokio::test]
async fn where_everything_is_wrong_the_first_check_in_their_order_is_the_reason() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let cvv = printed(&app, &payer).await;
    set_pin(&app, &payer, "7391").await;
    let path = format!("get-card/{}", payer.token);
    let month = text(&app.finci().get(&path).await.ok()["expiration_date"]);
    set_status(&app, &payer, "deactivated").await;
    freeze_account(&app, &payer).await;
    let controls = json!({
        "channels": {"ecommerce": false}, "allowed_countries": ["LV"], "blocked_mcc": ["5411"],
        "limits": [{"window": "day", "amount": 1_500}],
    });
    let path = format!("cards/{}/controls", payer.card);
    app.operator().put(&path, &controls).await.record();
    // Two thousand krónur of an account in euros that has ten: no rate leads there either.
    let wrong = json!({
        "currency": "ISK", "amount": 2_000, "expiry": "2020-01", "cvv": other(&cvv), "pin": "1234",
    });
    let mut asked = payer.question(2_000, &wrong);
    let expect = async |asked: &Value, reason: &str| {
        let answer = payer.tell("authorization", asked).await;
        assert_told(
            &answer,
            &format!("approved false, decline_reason {reason}, held 0"),
        );
    };
    expect(&asked, "card_not_active").await;
    set_status(&app, &payer, "active").await;
    expect(&asked, "invalid_expiry").await;
    asked = with(asked, &json!({"expiry": month}));
    expect(&asked, "invalid_cvv").await;
    asked = with(asked, &json!({"cvv": cvv}));
    // Whatever was wrong besides, each wrong PIN counts: this is the fourth.
    expect(&asked, "pin_tries_exceeded").await;
    set_pin(&app, &payer, "7391").await;
    expect(&asked, "invalid_pin").await;
    asked = with(asked, &json!({"pin": "7391"}));
    expect(&asked, "account_not_active").await;
    operate(&app, &format!("accounts/{}/unfreeze", payer.account)).await;
    expect(&asked, "currency_not_supported").await;
    asked = with(asked, &json!({"currency": "EUR"}));
    expect(&asked, "channel_not_allowed").await;
    asked = with(asked, &json!({"channel": "chip"}));
    expect(&asked, "country_not_allowed").await;
    let riga = with(shop(), &json!({"country": "LV"}));
    asked = with(asked, &json!({"merchant": riga}));
    expect(&asked, "merchant_not_allowed").await;
    let bakery = with(riga, &json!({"mcc": "5462"}));
    asked = with(asked, &json!({"merchant": bakery}));
    expect(&asked, "limit_exceeded").await;
    asked = with(asked, &json!({"amount": 1_500}));
    expect(&asked, "insufficient_funds").await;
    asked = with(asked, &json!({"amount": 1_000}));
    let answer = payer.tell("authorization", &asked).await;
    assert_told(
        &answer,
        "approved true, decline_reason null, held 1000, available_balance 0",
    );
    app.finish().await;
}

#[tokio::test]
async fn a_card_declines_after_its_last_month_and_not_in_it() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let path = format!("get-card/{}", payer.token);
    let card = app.finci().get(&path).await.ok();
    let month = text(&card["expiration_date"]);
    let sandbox = app.sandbox();
    let to = async |time: String| {
        let body = json!({"to": time});
        sandbox.post("clock/advance", &body).await.record();
    };
    to(format!("{month}-28T23:59:59Z")).await;
    let answer = payer.ask(100, &json!({"expiry": month})).await;
    assert_told(&answer, "approved true");
    let by = json!({"by": "P4D"});
    sandbox.post("clock/advance", &by).await.record();
    assert_eq!(declined(&payer, 100, &json!({})).await, "card_expired");
    let wrong = json!({"expiry": "2020-01"});
    assert_eq!(declined(&payer, 100, &wrong).await, "card_expired");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_pin_is_locked_after_three_wrong_ones_and_the_right_one_does_not_help() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let none = json!({"channel": "atm", "type": "cash", "pin": "7391"});
    assert_eq!(
        declined(&payer, 100, &none).await,
        "invalid_pin",
        "it has none"
    );
    set_pin(&app, &payer, "7391").await;
    let wrong = json!({"channel": "atm", "type": "cash", "pin": "1111"});
    for _ in 0..3 {
        assert_eq!(declined(&payer, 100, &wrong).await, "invalid_pin");
    }
    let locked = payer.ask(100, &none).await;
    let facts = "approved false, decline_reason pin_tries_exceeded, response_code InvalidPin";
    assert_told(&locked, facts);
    let without = payer.ask(100, &json!({})).await;
    assert_told(&without, "approved true, held 100");
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_message_does_not_count_a_wrong_pin_again() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    set_pin(&app, &payer, "7391").await;
    let wrong = json!({"pin": "1111", "reference": "the-same"});
    for _ in 0..5 {
        assert_eq!(declined(&payer, 100, &wrong).await, "invalid_pin");
    }
    let right = payer.ask(100, &json!({"pin": "7391"})).await;
    assert_told(&right, "approved true");
    app.finish().await;
}

#[tokio::test]
async fn a_declined_inquiry_does_not_tell_what_there_is() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    set_pin(&app, &payer, "7391").await;
    let wrong = json!({"channel": "atm", "pin": "1111"});
    let ask = with(json!({"card_id": payer.card, "merchant": shop()}), &wrong);
    let by_message = payer.tell("balance-inquiry", &ask).await;
    let by_type = with(wrong, &json!({"type": "balance_inquiry"}));
    let by_type = payer.ask(0, &by_type).await;
    for answer in [by_message, by_type] {
        assert_told(
            &answer,
            "approved false, decline_reason invalid_pin, balances null",
        );
        let back = json!({"authorization_id": answer["authorization_id"]});
        let back = payer.tell("reversal", &back).await;
        assert_told(&back, "reversed_amount 0, status declined, balances null");
    }
    let forced = json!({
        "card_id": payer.card, "amount": 0, "currency": "EUR", "type": "balance_inquiry",
        "force_decline": "system_error",
    });
    let path = "simulate/authorization";
    let forced = app.sandbox().post(path, &forced).await.record();
    assert_told(&forced, "approved false, balances null");
    let right = with(ask, &json!({"pin": "7391"}));
    let right = payer.tell("balance-inquiry", &right).await;
    assert_told(&right, "approved true, balance 1000");
    let purchase = payer.ask(2_000, &json!({})).await;
    assert_told(&purchase, "approved false, balance 1000");
    app.finish().await;
}

#[tokio::test]
async fn a_card_in_every_state_but_active_declines() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    for word in ["deactivated", "active", "referral", "active", "lost"] {
        set_status(&app, &payer, word).await;
        let answer = payer.ask(1, &json!({})).await;
        assert_eq!(answer["approved"], word == "active", "{word}: {answer}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_the_platform_blocked_declines_though_it_is_active() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    operate(&app, &format!("cards/{}/block", payer.card)).await;
    assert_eq!(declined(&payer, 1, &json!({})).await, "card_not_active");
    app.finish().await;
}

#[tokio::test]
async fn an_account_that_is_frozen_or_closed_declines() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    freeze_account(&app, &payer).await;
    assert_eq!(declined(&payer, 1, &json!({})).await, "account_not_active");
    close_account(&app, &payer).await;
    assert_eq!(declined(&payer, 1, &json!({})).await, "account_not_active");
    app.finish().await;
}

#[tokio::test]
async fn a_count_of_payments_is_a_limit_too_and_declines_use_none_of_it() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let path = format!("accounts/{}/controls", payer.account);
    let two = json!({"limits": [{"window": "day", "count": 2}]});
    app.operator().put(&path, &two).await.record();
    let too_much = declined(&payer, 5_000, &json!({})).await;
    assert_eq!(too_much, "insufficient_funds");
    let first = payer.approved(10).await;
    payer.approved(10).await;
    assert_eq!(declined(&payer, 10, &json!({})).await, "limit_exceeded");
    // What is taken back leaves room again.
    let body = json!({"authorization_id": first});
    payer.tell("reversal", &body).await;
    payer.approved(10).await;
    assert_eq!(declined(&payer, 10, &json!({})).await, "limit_exceeded");
    app.finish().await;
}

#[tokio::test]
async fn a_wallet_token_that_does_not_pay_declines_and_is_settled_all_the_same() {
    use cardwright_core::{WalletKind, WalletTokenStep};
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let card = payer.card_id();
    let token = app
        .operate(&app.demo, async move |tx| {
            wallet_tokens::provision(tx, card, WalletKind::Apple).await
        })
        .await
        .id;
    let step = async |step: WalletTokenStep| {
        app.operate(&app.demo, async move |tx| {
            wallet_tokens::step(tx, token, step).await
        })
        .await
    };
    let by_token = json!({"card_id": null, "wallet_token_id": token.to_string()});
    assert_eq!(
        declined(&payer, 100, &by_token).await,
        "card_not_active",
        "not confirmed"
    );
    step(WalletTokenStep::Activate).await;
    let answer = payer.ask(100, &by_token).await;
    assert_told(&answer, "approved true, held 100");
    let more = json!({"authorization_id": answer["authorization_id"], "amount": 10});
    let raised = payer.tell("increment", &more).await;
    assert_told(&raised, "approved true, held 110");
    step(WalletTokenStep::Suspend).await;
    assert_eq!(declined(&payer, 100, &by_token).await, "card_not_active");
    let kept = payer.tell("increment", &more).await;
    let facts = "approved false, decline_reason card_not_active, held 110";
    assert_told(&kept, facts);
    step(WalletTokenStep::Delete).await;
    assert_eq!(declined(&payer, 100, &by_token).await, "card_not_active");
    let by_card = payer.ask(100, &json!({})).await;
    assert_told(&by_card, "approved true, held 210");
    // The bus has charged by the token before it was deleted.
    let fare = with(payer.question(50, &by_token), &json!({"channel": null}));
    let posted = payer.tell("force-post", &fare).await;
    assert_told(&posted, "type forced_posting, balance 950");
    app.finish().await;
}

#[tokio::test]
async fn a_sandbox_declines_for_any_reason_it_is_told() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let number = payer.approved(100).await;
    for reason in DeclineReason::ALL {
        let forced = json!({
            "card_id": payer.card, "amount": 1, "currency": "EUR", "force_decline": reason.word(),
        });
        let path = "simulate/authorization";
        let answer = app.sandbox().post(path, &forced).await.record();
        let facts = format!(
            "approved false, decline_reason {}, response_code {}, held 100",
            reason.word(),
            response_code(Some(reason)),
        );
        assert_told(&answer, &facts);
        let more = json!({
            "authorization_id": number, "amount": 1, "force_decline": reason.word(),
        });
        let answer = app
            .sandbox()
            .post("simulate/increment", &more)
            .await
            .record();
        assert_told(
            &answer,
            &format!("{facts}, approved_amount 100, status open"),
        );
        let refused = payer
            .send(
                "authorization",
                &payer.question(1, &json!({"force_decline": reason.word()})),
            )
            .await;
        super::assert_refused(&refused, 400, "field_unknown force_decline");
    }
    app.finish().await;
}

#[tokio::test]
async fn an_advice_is_held_whatever_we_would_have_said_and_tells_what_that_was() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let advise = async |minor: i64, more: &Value| {
        let body = payer.question(minor, more);
        payer.tell("advice", &body).await
    };
    let agreed = advise(100, &json!({})).await;
    assert_told(&agreed, "approved true, overruled_reason null, held 100");

    let table = [
        (json!({"amount": 1_000_000}), "insufficient_funds"),
        (json!({"expiry": "2020-01"}), "invalid_expiry"),
    ];
    for (more, reason) in table {
        let answer = advise(100, &more).await;
        assert_told(
            &answer,
            &format!("approved true, overruled_reason {reason}, status open"),
        );
    }
    set_status(&app, &payer, "deactivated").await;
    let frozen = advise(100, &json!({})).await;
    assert_told(
        &frozen,
        "approved true, overruled_reason card_not_active, held 1000300",
    );

    // A wrong PIN is the network's to have seen: here it is no further try.
    set_pin(&app, &payer, "528491").await;
    for _ in 0..5 {
        let guessed = advise(1, &json!({"pin": "000000"})).await;
        assert_told(&guessed, "overruled_reason card_not_active");
    }
    set_status(&app, &payer, "active").await;
    let rows = "SELECT COUNT(*) FROM card_authorization WHERE overruled = 'card_not_active'";
    assert_eq!(app.number(rows, &[]).await, 6);
    let tries = "SELECT wrong_tries FROM card_pin";
    assert_eq!(app.number(tries, &[]).await, 0);
    app.finish().await;
}
