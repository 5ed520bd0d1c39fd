//! What happens to a card and to an authorization while the integrator is still asked.

use std::{sync::Arc, time::Duration};

use cardwright_core::{WalletKind, WalletTokenId, WalletTokenStep};
use cardwright_server::{jobs::deliveries, ops::wallet_tokens};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{ADDRESS, YES, deciding, know_host, let_integrator_decide, register};
use crate::{
    harness::{Listener, Reaction, TestApp},
    native::payments::{Payer, assert_told, with},
};

const SECOND: Duration = Duration::from_secs(1);

async fn is_asked(listener: &Listener) {
    while listener.received().is_empty() {
        tokio::task::yield_now().await;
    }
}

/// A prepaid card, opened before anybody is asked.
async fn prepaid(app: &TestApp) -> String {
    know_host(app);
    register(app, "finci", json!({})).await;
    let card = app.fincard().await.card("order-0000000000001", None).await;
    let_integrator_decide(app).await;
    card
}

async fn cancel(app: &TestApp, card: &str) {
    let end = json!({"cardNo": card, "merchantOrderNo": "order-0000000000002"});
    app.fincard().await.call("card/cancel", &end).await.ok();
}

async fn ask(app: &TestApp, card: &str) -> Value {
    let body = json!({"card_id": card, "amount": 300, "currency": "USD"});
    let asked = app.sandbox().post("simulate/authorization", &body).await;
    asked.record()
}

/// How many orders gave the 3.00 back that the question had set aside.
async fn given_back(app: &TestApp) -> i64 {
    let sql = "SELECT COUNT(*) FROM card_order WHERE kind = 'late_return' AND received = 300";
    app.number(sql, &[]).await
}

/// In real time, because a paused clock runs on while the store works, and the no would come first.
#[tokio::test]
async fn what_was_set_aside_on_a_card_cancelled_meanwhile_goes_back_with_the_no() {
    let app = TestApp::new().await;
    let card = prepaid(&app).await;
    let told = Arc::new(Notify::new());
    let no = Reaction::When(Arc::clone(&told), 200, r#"{"status":"error"}"#);
    let listener = app.outside.listen(ADDRESS, move |_, _| no.clone());
    let cancelling = async {
        is_asked(&listener).await;
        cancel(&app, &card).await;
        assert_eq!(given_back(&app).await, 0, "it is still held");
        told.notify_one();
    };
    let (answer, ()) = tokio::join!(ask(&app, &card), cancelling);
    assert_told(&answer, "approved false, held 0, available_balance 0");
    assert_eq!(given_back(&app).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn what_was_set_aside_on_a_card_cancelled_before_a_crash_goes_back_at_the_next_start() {
    let app = TestApp::on_file().await;
    let card = prepaid(&app).await;
    let listener = app.outside.listen(ADDRESS, |_, _| Reaction::Hang);
    tokio::select! {
        answer = ask(&app, &card) => panic!("answered: {answer}"),
        () = is_asked(&listener) => {}
    }
    cancel(&app, &card).await;
    assert_eq!(given_back(&app).await, 0);
    let app = app.restarted().await;
    assert_eq!(given_back(&app).await, 1);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_authorization_is_not_raised_before_the_integrator_said_yes_to_it() {
    let app = TestApp::new().await;
    let first = Reaction::After(SECOND, 200, r#"{"status":"success"}"#);
    let react = move |count: usize, _: &_| if count == 1 { first.clone() } else { YES };
    let (listener, payer) = deciding(&app, react).await;
    let raising = async {
        is_asked(&listener).await;
        let more = json!({"authorization_id": listener.only().json()["id"], "amount": 200});
        let refused = payer.send("increment", &more).await;
        assert_eq!(refused.native_code(), "authorization_not_open");
        more
    };
    let none = json!({});
    let (answer, more) = tokio::join!(payer.ask(300, &none), raising);
    assert_told(&answer, "approved true, held 300");
    let raised = payer.tell("increment", &more).await;
    assert_told(&raised, "approved true, held 500");
    app.finish().await;
}

#[tokio::test]
async fn a_question_that_cannot_be_ended_keeps_no_other_open_at_the_next_start() {
    let app = TestApp::on_file().await;
    let card = prepaid(&app).await;
    let listener = app.outside.listen(ADDRESS, |_, _| Reaction::Hang);
    for asked in 1..=2 {
        let both_asked = async {
            while listener.received().len() < asked {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = ask(&app, &card) => panic!("answered: {answer}"),
            () = both_asked => {}
        }
    }
    // The first names a currency that nobody knows, so that it cannot be read.
    let broken = "UPDATE decision SET currency = 'XXQ' WHERE id = (SELECT MIN(id) FROM decision)";
    assert_eq!(app.change_rows(broken, Vec::new()).await, 1);
    let app = app.restarted().await;
    let ended = "SELECT COUNT(*) FROM decision WHERE outcome = 'crashed'";
    assert_eq!(app.number(ended, &[]).await, 1);
    app.finish().await;
}

/// What the integrator is told of an authorization, and what `get-authorization` says of it.
async fn codes(app: &TestApp, listener: &Listener, number: &Value) -> (Value, Value) {
    deliveries::run_due(&app.app).await.unwrap();
    let advice = listener.received().into_iter().find_map(|received| {
        let body = received.json();
        let is_it = body["id"] == *number && body["advice"] == true;
        is_it.then(|| body["response_code"].clone())
    });
    let path = format!("get-authorization/{}", number.as_str().unwrap());
    let shown = app.finci().get(&path).await.ok();
    (advice.unwrap(), shown["response_code"].clone())
}

/// In real time, because a paused clock runs on while the store works.
#[tokio::test]
async fn a_yes_for_a_card_or_an_account_that_was_stopped_meanwhile_approves_nothing() {
    for (stopped, code) in [
        ("the card is stolen", "CardNotActive"),
        ("the card is deactivated", "CardNotActive"),
        ("the platform blocks the card", "CardNotActive"),
        ("the account is frozen", "AccountNotActive"),
    ] {
        let app = TestApp::new().await;
        let told = Arc::new(Notify::new());
        let yes = Reaction::When(Arc::clone(&told), 200, r#"{"status":"success"}"#);
        let react = move |count: usize, _: &_| if count == 1 { yes.clone() } else { YES };
        let (listener, payer) = deciding(&app, react).await;
        let stopping = async {
            is_asked(&listener).await;
            let number = listener.only().json()["id"].clone();
            let path = format!("get-authorization/{}", number.as_str().unwrap());
            let shown = app.finci().get(&path).await.ok();
            assert_eq!(shown["authorization_status"], "open");
            assert_eq!(shown["response_code"], Value::Null, "nobody was told yet");
            let reason = json!({"reason": "Suspicion"});
            let status = format!("update-card-status/{}", payer.token);
            let to = |word: &str| json!({"token_status": word});
            match stopped {
                "the card is stolen" => {
                    app.finci().patch(&status, &to("stolen")).await.ok();
                }
                "the card is deactivated" => {
                    app.finci().patch(&status, &to("deactivated")).await.ok();
                }
                "the platform blocks the card" => {
                    let path = format!("cards/{}/block", payer.card);
                    app.operator().post(&path, &reason).await.record();
                }
                _ => {
                    let freeze = "UPDATE account_balance SET status = 'frozen' \
         WHERE account IN (SELECT id FROM account_record WHERE owner IS NOT NULL)";
                    app.meddle(freeze, &[]).await;
                }
            }
            told.notify_one();
        };
        let none = json!({});
        let (answer, ()) = tokio::join!(payer.ask(300, &none), stopping);
        assert_told(&answer, "approved false, held 0, available_balance 1000");
        assert_eq!(answer["response_code"], code, "{stopped}");
        let number = &answer["authorization_id"];
        let expected = (Value::from(code), Value::from(code));
        assert_eq!(codes(&app, &listener, number).await, expected, "{stopped}");
        app.finish().await;
    }
}

/// A token of the payer's card that pays.
async fn paying_token(app: &TestApp, payer: &Payer<'_>) -> WalletTokenId {
    let card = payer.card_id();
    app.operate(&app.demo, async move |tx| {
        let token = wallet_tokens::provision(tx, card, WalletKind::Apple).await?;
        wallet_tokens::step(tx, token.id, WalletTokenStep::Activate).await?;
        Ok(token.id)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_payment_by_a_wallet_token_is_asked_with_its_wallet_and_a_yes_approves_it() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |_, _| YES).await;
    let token = paying_token(&app, &payer).await;
    let by_token = json!({"card_id": null, "wallet_token_id": token.to_string()});
    let answer = payer.ask(300, &by_token).await;
    assert_told(&answer, "approved true, held 300");
    let question = listener.only().json();
    assert_eq!(question["advice"], false);
    assert_eq!(question["wallet"], "apple");
    assert_eq!(question["token_id"], payer.token.as_str());
    app.finish().await;
}

/// In real time, because a paused clock runs on while the store works.
#[tokio::test]
async fn a_yes_for_a_wallet_token_that_was_stopped_meanwhile_approves_nothing() {
    for step in [WalletTokenStep::Suspend, WalletTokenStep::Delete] {
        let app = TestApp::new().await;
        let told = Arc::new(Notify::new());
        let yes = Reaction::When(Arc::clone(&told), 200, r#"{"status":"success"}"#);
        let react = move |count: usize, _: &_| if count == 1 { yes.clone() } else { YES };
        let (listener, payer) = deciding(&app, react).await;
        let token = paying_token(&app, &payer).await;
        let stopping = async {
            is_asked(&listener).await;
            app.operate(&app.demo, async move |tx| {
                wallet_tokens::step(tx, token, step).await
            })
            .await;
            told.notify_one();
        };
        let by_token = json!({"card_id": null, "wallet_token_id": token.to_string()});
        let (answer, ()) = tokio::join!(payer.ask(300, &by_token), stopping);
        assert_told(&answer, "approved false, held 0, available_balance 1000");
        assert_eq!(answer["response_code"], "CardNotActive", "{step:?}");
        let number = &answer["authorization_id"];
        let code = Value::from("CardNotActive");
        let expected = (code.clone(), code);
        assert_eq!(codes(&app, &listener, number).await, expected, "{step:?}");
        let by_card = payer.ask(100, &json!({})).await;
        assert_told(&by_card, "approved true, held 100");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_card_that_was_stopped_while_more_was_asked_keeps_what_it_had_and_gets_no_more() {
    let app = TestApp::new().await;
    let told = Arc::new(Notify::new());
    let yes = Reaction::When(Arc::clone(&told), 200, r#"{"status":"success"}"#);
    let react = move |count: usize, _: &_| if count == 2 { yes.clone() } else { YES };
    let (listener, payer) = deciding(&app, react).await;
    let number = payer.approved(300).await;
    let stopping = async {
        while listener.received().len() < 2 {
            tokio::task::yield_now().await;
        }
        let path = format!("update-card-status/{}", payer.token);
        let stolen = json!({"token_status": "stolen"});
        app.finci().patch(&path, &stolen).await.ok();
        told.notify_one();
    };
    let more = json!({"authorization_id": number, "amount": 200});
    let (answer, ()) = tokio::join!(payer.tell("increment", &more), stopping);
    assert_told(
        &answer,
        "approved false, response_code CardNotActive, held 300",
    );
    app.finish().await;
}

#[tokio::test]
async fn what_the_network_was_told_stays_what_get_authorization_says() {
    for way in ["reversal", "clearing"] {
        let app = TestApp::new().await;
        let told = Arc::new(Notify::new());
        let no = Reaction::When(Arc::clone(&told), 200, r#"{"status":"error"}"#);
        let react = move |count: usize, _: &_| if count == 1 { no.clone() } else { YES };
        let (listener, payer) = deciding(&app, react).await;
        let meanwhile = async {
            is_asked(&listener).await;
            let body = json!({"authorization_id": listener.only().json()["id"]});
            let body = match way {
                "clearing" => with(body, &json!({"amount": 300})),
                _ => body,
            };
            payer.tell(way, &body).await;
            told.notify_one();
        };
        let none = json!({});
        let (answer, ()) = tokio::join!(payer.ask(300, &none), meanwhile);
        assert_told(&answer, "approved false, response_code InsufficientFunds");
        assert_told(&answer, "approved_amount 0, billing_amount 0");
        if way == "clearing" {
            // The merchant has its money, though: that is what the authorization says.
            let path = format!(
                "get-authorization/{}",
                answer["authorization_id"].as_str().unwrap()
            );
            let shown = app.finci().get(&path).await.ok();
            assert_eq!(shown["authorization_status"], "cleared");
            assert_eq!(shown["approved_amount"], "3.00");
            assert_eq!(shown["cleared_amount"], "3.00");
        }
        let number = &answer["authorization_id"];
        let no = Value::from("InsufficientFunds");
        let expected = (no.clone(), no);
        assert_eq!(codes(&app, &listener, number).await, expected, "{way}");
        app.finish().await;
    }
}

#[tokio::test]
async fn what_a_declined_raise_gives_free_beyond_itself_is_told() {
    let app = TestApp::new().await;
    let told = Arc::new(Notify::new());
    let no = Reaction::When(Arc::clone(&told), 200, r#"{"status":"error"}"#);
    let react = move |count: usize, _: &_| if count == 2 { no.clone() } else { YES };
    let (listener, payer) = deciding(&app, react).await;
    let rate = |micros: i64| json!({"source": "USD", "target": "EUR", "rate_micros": micros});
    app.operator().put("rates", &rate(900_000)).await.record();
    let asked = payer.ask(100, &json!({"currency": "USD"})).await;
    assert_told(&asked, "approved true, held 90");
    app.operator().put("rates", &rate(700_000)).await.record();
    let number = asked["authorization_id"].clone();
    let meanwhile = async {
        while listener.received().len() < 2 {
            tokio::task::yield_now().await;
        }
        let part = json!({"authorization_id": number, "amount": 100});
        let back = payer.tell("reversal", &part).await;
        assert_told(&back, "reversed_amount 100, held 80");
        told.notify_one();
    };
    let more = json!({"authorization_id": number, "amount": 100});
    let (answer, ()) = tokio::join!(payer.tell("increment", &more), meanwhile);
    assert_told(&answer, "approved false, held 0");
    deliveries::run_due(&app.app).await.unwrap();
    let freed: Vec<Value> = listener
        .received()
        .iter()
        .map(crate::harness::Received::json)
        .filter(|body| body["authorization_type"] == "reversal")
        .map(|body| body["billing_amount"].clone())
        .collect();
    assert_eq!(freed, ["0.80", "0.10"]);
    app.finish().await;
}
