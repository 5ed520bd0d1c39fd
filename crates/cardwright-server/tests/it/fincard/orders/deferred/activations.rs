//! Activations that are carried out later: their codes and PINs.

use serde_json::json;

use super::{about, ended, minute, state, words};
use crate::{
    fincard::{
        money::assert_books_balance,
        orders::{code, defer, opened, physical, place},
        support::{order_no, refusal},
    },
    harness::TestApp,
};

#[tokio::test]
async fn plastic_gets_its_code_when_it_is_made_and_its_pin_when_it_is_activated() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    defer(&app, "PT60S").await;
    let order = place(&acme, "card/v2/openCard", &physical(1, holder)).await;
    let id = order["cardNo"].as_str().unwrap();
    let codes = "SELECT COUNT(*) FROM challenge WHERE kind = 'activation_code'";
    assert_eq!(app.number(codes, &[]).await, 0);
    minute(&app).await;
    assert_eq!(app.number(codes, &[]).await, 1);
    assert_eq!(state(&acme, id).await, words("un_activated", "INACTIVE"));
    let body = json!({
        "cardNo": id, "merchantOrderNo": order_no(2), "pin": "739154",
        "activationCode": code(&app, id).await,
    });
    let order = place(&acme, "card/activate", &body).await;
    assert_eq!(
        (&order["status"], &order["newCardStatus"]),
        (&json!("processing"), &json!("INACTIVE"))
    );
    let mut again = body.clone();
    again["merchantOrderNo"] = order_no(3).into();
    let reply = acme.call("card/activate", &again).await;
    assert_eq!(
        refusal(&reply),
        "state_not_allowed",
        "it is being activated already"
    );
    minute(&app).await;
    assert_eq!(state(&acme, id).await, words("Normal", "ACTIVE"));
    let payment = json!({
        "card_id": id, "amount": 100, "currency": "USD", "channel": "chip", "pin": "739154",
    });
    let answer = app.sandbox().post("simulate/authorization", &payment).await;
    assert_eq!(answer.record()["approved"], true);
    app.finish().await;
}

#[tokio::test]
async fn an_activation_that_fails_brings_another_code() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let id = opened(&app, &acme, &physical(1, holder)).await;
    defer(&app, "PT60S").await;
    let used = code(&app, &id).await;
    let with = |number, code: &str| {
        json!({
            "cardNo": id, "merchantOrderNo": order_no(number), "pin": "739154",
            "activationCode": code,
        })
    };
    place(&acme, "card/activate", &with(2, &used)).await;
    let why = json!({"reason": "under review"});
    let operator = app.operator();
    let post = async |what: &str| operator.post(&format!("cards/{id}/{what}"), &why).await;
    let busy = post("activation-code").await;
    assert_eq!(busy.native_code(), "card_transition_not_allowed");
    post("block").await.record();
    let told = "SELECT COUNT(*) FROM event WHERE kind = 'challenge_issued'";
    let before = app.number(told, &[]).await;
    minute(&app).await;
    let blocked = Some("The platform has blocked the card.".to_owned());
    assert_eq!(
        ended(&app, "activate").await,
        ("fail".to_owned(), None, blocked)
    );
    assert_eq!(app.number(told, &[]).await, before + 1, "as of the first");
    post("unblock").await.record();
    let codes = json!({"cardNo": id, "type": "activation_code"});
    let listed = acme.call("card/3ds/transaction", &codes).await.ok();
    let newest = &listed["data"]["records"][0];
    let another = newest["values"].as_str().unwrap();
    place(&acme, "card/activate", &with(3, another)).await;
    minute(&app).await;
    assert_eq!(state(&acme, &id).await, words("Normal", "ACTIVE"));
    let paid = json!({
        "card_id": id, "amount": 100, "currency": "USD", "channel": "chip", "pin": "739154",
    });
    let answer = app.sandbox().post("simulate/authorization", &paid).await;
    assert_eq!(answer.record()["approved"], true);
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_ended_before_its_activation_gets_no_other_code() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let id = opened(&app, &acme, &physical(1, holder)).await;
    defer(&app, "PT60S").await;
    let body = json!({
        "cardNo": id, "merchantOrderNo": order_no(2), "pin": "739154",
        "activationCode": code(&app, &id).await,
    });
    place(&acme, "card/activate", &body).await;
    place(&acme, "card/cancel", &about(&id, 3)).await;
    let told = "SELECT COUNT(*) FROM event WHERE kind = 'challenge_issued'";
    let before = app.number(told, &[]).await;
    minute(&app).await;
    assert_eq!(ended(&app, "activate").await.0, "fail");
    assert_eq!(app.number(told, &[]).await, before);
    assert_eq!(state(&acme, &id).await, words("cancel", "CANCELLED"));
    assert_books_balance(&app).await;
    app.finish().await;
}
