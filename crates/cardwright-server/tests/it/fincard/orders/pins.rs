//! Codes and PINs: what makes them void, and that they are kept nowhere in the clear.

use serde_json::{Value, json};

use super::{code, opened, physical, place, plastic};
use crate::{
    fincard::support::{order_no, refusal},
    harness::TestApp,
};

fn activation(card: &str, number: usize, code: &str) -> Value {
    json!({
        "cardNo": card, "merchantOrderNo": order_no(number), "pin": "739154",
        "activationCode": code,
    })
}

fn change(card: &str, number: usize, old: &str) -> Value {
    json!({
        "cardNo": card, "merchantOrderNo": order_no(number), "oldPin": old, "newPin": "846205",
    })
}

#[tokio::test]
async fn five_wrong_codes_void_the_right_one() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let card = opened(&app, &acme, &physical(1, holder)).await;
    let right = code(&app, &card).await;
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for number in 0..5 {
        // The same number each time: a refused call uses up nothing.
        let reply = acme
            .call("card/activate", &activation(&card, 2, wrong))
            .await;
        assert_eq!(refusal(&reply), "activation_code_invalid", "try {number}");
    }
    let reply = acme
        .call("card/activate", &activation(&card, 2, &right))
        .await;
    assert_eq!(refusal(&reply), "activation_code_invalid", "it is void");
    assert_eq!(super::card(&acme, &card).await["status"], "un_activated");
    let newer = code(&app, &card).await;
    place(&acme, "card/activate", &activation(&card, 2, &newer)).await;
    assert_eq!(super::card(&acme, &card).await["status"], "Normal");
    app.finish().await;
}

#[tokio::test]
async fn an_operator_issues_another_code_for_one_that_is_void() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let card = opened(&app, &acme, &physical(1, holder)).await;
    let codes = async || {
        let asked = json!({"cardNo": card, "type": "activation_code"});
        let listed = acme.call("card/3ds/transaction", &asked).await.ok();
        let records = listed["data"]["records"].as_array().unwrap().clone();
        let value = |record: &Value| record["values"].as_str().unwrap().to_owned();
        records.iter().map(value).collect::<Vec<_>>()
    };
    let first = codes().await[0].clone();
    let wrong = if first == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..5 {
        let body = activation(&card, 2, wrong);
        let reply = acme.call("card/activate", &body).await;
        assert_eq!(refusal(&reply), "activation_code_invalid");
    }
    let path = format!("cards/{card}/activation-code");
    let why = json!({"reason": "The holder mistyped it"});
    let issued = app.operator().post(&path, &why).await;
    assert_eq!(issued.record()["status"], "open");
    let known = codes().await;
    assert_eq!(known.len(), 2);
    assert!(!issued.text.contains(&known[0]), "operators do not see it");
    let told = "SELECT COUNT(*) FROM event WHERE kind = 'challenge_issued'";
    assert_eq!(app.number(told, &[]).await, 2);
    let audit = "SELECT COUNT(*) FROM audit WHERE action = 'card.renew_activation_code'";
    assert_eq!(app.number(audit, &[]).await, 1);
    place(&acme, "card/activate", &activation(&card, 3, &known[0])).await;
    assert_eq!(super::card(&acme, &card).await["status"], "Normal");
    app.finish().await;
}

#[tokio::test]
async fn four_wrong_codes_do_not_and_what_is_refused_for_another_reason_is_not_counted() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let card = opened(&app, &acme, &physical(1, holder)).await;
    let right = code(&app, &card).await;
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..4 {
        let reply = acme
            .call("card/activate", &activation(&card, 2, wrong))
            .await;
        assert_eq!(refusal(&reply), "activation_code_invalid");
    }
    for _ in 0..3 {
        let mut weak = activation(&card, 2, wrong);
        weak["pin"] = "123456".into();
        let reply = acme.call("card/activate", &weak).await;
        assert_eq!(refusal(&reply), "pin_too_weak");
    }
    let body = activation(&card, 2, &right);
    let first = acme.call("card/activate", &body).await;
    let again = acme.call("card/activate", &body).await;
    assert_eq!(first.ok(), again.ok(), "a used code, but the same order");
    let reply = acme
        .call("card/activate", &activation(&card, 3, &right))
        .await;
    assert_eq!(refusal(&reply), "state_not_allowed");
    app.finish().await;
}

#[tokio::test]
async fn three_wrong_pins_lock_it_for_calls_and_payments_until_another_is_set() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = plastic(&app, &acme, 1).await;
    for _ in 0..3 {
        let reply = acme
            .call("card/updatePin", &change(&card, 2, "112358"))
            .await;
        assert_eq!(refusal(&reply), "pin_incorrect");
    }
    let reply = acme
        .call("card/updatePin", &change(&card, 2, "739154"))
        .await;
    assert_eq!(
        refusal(&reply),
        "pin_incorrect",
        "locked, it is not even compared"
    );
    let payment = json!({
        "card_id": card, "amount": 100, "currency": "USD", "channel": "chip", "pin": "739154",
    });
    let answer = app.sandbox().post("simulate/authorization", &payment).await;
    assert_eq!(answer.record()["decline_reason"], "pin_tries_exceeded");
    let reset = json!({"cardNo": card, "merchantOrderNo": order_no(3), "pin": "739154"});
    place(&acme, "card/updatePin", &reset).await;
    let answer = app.sandbox().post("simulate/authorization", &payment).await;
    assert_eq!(answer.record()["approved"], true);
    place(&acme, "card/updatePin", &change(&card, 2, "739154")).await;
    app.finish().await;
}

#[tokio::test]
async fn a_repeat_is_no_way_to_guess_the_pin_that_the_first_call_set() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (card, (path, body, field)) in [
        (
            1,
            (
                "card/updatePin",
                json!({"merchantOrderNo": order_no(11), "pin": "846205"}),
                "pin",
            ),
        ),
        (
            2,
            (
                "card/updatePin",
                json!({
                    "merchantOrderNo": order_no(12), "oldPin": "739154", "newPin": "846205",
                }),
                "oldPin",
            ),
        ),
    ] {
        let card = plastic(&app, &acme, card).await;
        let mut body = body;
        body["cardNo"] = card.clone().into();
        place(&acme, path, &body).await;
        for guess in ["112358", "271828", "314159"] {
            let mut other = body.clone();
            other[field] = guess.into();
            let reply = acme.call(path, &other).await;
            assert_eq!(refusal(&reply), "order_no_conflict");
        }
        // Locked, the right PIN and a wrong one read the same, and as any PIN would.
        let right = acme.call(path, &body).await;
        assert_eq!(refusal(&right), "pin_incorrect");
        for guess in ["161803", "141421"] {
            let mut other = body.clone();
            other[field] = guess.into();
            assert_eq!(acme.call(path, &other).await.bytes(), right.bytes());
        }
        let payment = json!({
            "card_id": card, "amount": 100, "currency": "USD", "channel": "chip", "pin": "846205",
        });
        let answer = app.sandbox().post("simulate/authorization", &payment).await;
        assert_eq!(answer.record()["decline_reason"], "pin_tries_exceeded");
    }
    app.finish().await;
}

#[tokio::test]
async fn nor_the_one_that_the_activation_set_and_nobodys_card_is_not_counted() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let card = opened(&app, &acme, &physical(1, holder)).await;
    let body = activation(&card, 2, &code(&app, &card).await);
    place(&acme, "card/activate", &body).await;
    for (field, value) in [("cardNo", "42"), ("cardNo", "nobody"), ("pin", "112358")] {
        let mut other = body.clone();
        other[field] = value.into();
        let reply = acme.call("card/activate", &other).await;
        assert_eq!(refusal(&reply), "order_no_conflict", "{value}");
    }
    let tries = "SELECT COUNT(*) FROM audit WHERE action = 'card.present_wrong_pin'";
    assert_eq!(app.number(tries, &[]).await, 1);
    for _ in 0..2 {
        let mut other = body.clone();
        other["pin"] = "112358".into();
        let reply = acme.call("card/activate", &other).await;
        assert_eq!(refusal(&reply), "order_no_conflict");
    }
    let reply = acme
        .call("card/updatePin", &change(&card, 3, "739154"))
        .await;
    assert_eq!(refusal(&reply), "pin_incorrect", "it is locked");
    let right = acme.call("card/activate", &body).await;
    assert_eq!(refusal(&right), "state_not_allowed");
    let mut other = body.clone();
    other["pin"] = "112358".into();
    let wrong = acme.call("card/activate", &other).await;
    assert_eq!(wrong.bytes(), right.bytes(), "nothing is told any more");
    other["merchantOrderNo"] = order_no(9).into();
    let fresh = acme.call("card/activate", &other).await;
    assert_eq!(fresh.bytes(), right.bytes(), "as to any other try");
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_opening_does_not_tell_which_digits_of_the_card_number_are_hidden() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let mut body = physical(1, holder);
    let first = acme.call("card/v2/openCard", &body).await.ok();
    let number = body["cardNumber"].as_str().unwrap().to_owned();
    let middle = if &number[6..12] == "123456" {
        "654321"
    } else {
        "123456"
    };
    body["cardNumber"] = format!("{}{middle}{}", &number[..6], &number[12..]).into();
    let again = acme.call("card/v2/openCard", &body).await.ok();
    assert_eq!(first, again);
    let last = if number.ends_with('0') { "1" } else { "0" };
    body["cardNumber"] = format!("{}{last}", &number[..15]).into();
    let other = acme.call("card/v2/openCard", &body).await;
    assert_eq!(refusal(&other), "order_no_conflict");
    app.finish().await;
}

#[tokio::test]
async fn neither_pin_nor_code_stands_in_any_row() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    super::defer(&app, "PT60S").await;
    let holder = acme.holder("ana@example.com").await;
    let opened = place(&acme, "card/v2/openCard", &physical(1, holder)).await;
    let card = opened["cardNo"].as_str().unwrap().to_owned();
    app.pass(60);
    app.run_jobs().await;
    let body = activation(&card, 2, &code(&app, &card).await);
    place(&acme, "card/activate", &body).await;
    let places = "SELECT COUNT(*) FROM (SELECT COALESCE(wishes, '') || COALESCE(description, '') \
        || COALESCE(remark, '') AS text FROM card_order UNION ALL SELECT facts FROM event \
        UNION ALL SELECT subject_id || outcome FROM audit UNION ALL SELECT answer FROM \
        answered_request) WHERE text LIKE '%739154%'";
    assert_eq!(app.number(places, &[]).await, 0);
    let kept = "SELECT COUNT(*) FROM card_order WHERE pin_value IS NOT NULL";
    assert_eq!(
        app.number(kept, &[]).await,
        1,
        "as a keyed value, until it is set"
    );
    app.pass(60);
    app.run_jobs().await;
    assert_eq!(app.number(kept, &[]).await, 0);
    assert_eq!(super::card(&acme, &card).await["status"], "Normal");
    app.finish().await;
}
