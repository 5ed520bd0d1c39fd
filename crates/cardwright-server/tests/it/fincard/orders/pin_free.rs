//! What a card pays at a terminal without its PIN.

use serde_json::{Value, json};

use super::{card, place, plastic};
use crate::{
    fincard::support::{order_no, with},
    harness::TestApp,
};

/// An answer to the network's question: why it was declined, or null.
async fn declined(app: &TestApp, card: &str, asked: &Value) -> Value {
    let body = with(json!({"card_id": card, "currency": "USD"}), asked);
    let answer = app.sandbox().post("simulate/authorization", &body).await;
    answer.record()["decline_reason"].clone()
}

/// Plastic that pays 10.00 without its PIN, and so much is on it.
async fn cautious(app: &TestApp) -> String {
    let acme = app.fincard().await;
    let id = plastic(app, &acme, 1).await;
    assert_eq!(card(&acme, &id).await["noPinPaymentAmount"], "500.00");
    let body = json!({
        "cardNo": id, "merchantOrderNo": order_no(2), "noPinPaymentAmount": "10",
    });
    place(&acme, "card/v2/update", &body).await;
    id
}

#[tokio::test]
async fn above_it_a_purchase_with_the_card_at_hand_needs_the_pin() {
    let app = TestApp::new().await;
    let id = cautious(&app).await;
    for channel in ["chip", "contactless", "magstripe"] {
        let within = json!({"amount": 1, "channel": channel});
        assert!(declined(&app, &id, &within).await.is_null(), "{channel}");
        let above = json!({"amount": 1_001, "channel": channel});
        assert_eq!(
            declined(&app, &id, &above).await,
            "pin_required",
            "{channel}"
        );
        let proved = json!({"amount": 1_001, "channel": channel, "pin": "112358"});
        assert_eq!(
            declined(&app, &id, &proved).await,
            "invalid_pin",
            "{channel}"
        );
        let proved = json!({"amount": 1_001, "channel": channel, "pin": "739154"});
        let answer = declined(&app, &id, &proved).await;
        assert!(
            answer.is_null() || answer == "insufficient_funds",
            "{answer}"
        );
    }
    let exactly = json!({"amount": 1_000, "channel": "chip"});
    assert_ne!(declined(&app, &id, &exactly).await, "pin_required");
    let asked = json!({"card_id": id, "amount": 1_001, "currency": "USD", "channel": "chip"});
    let answer = app.sandbox().post("simulate/authorization", &asked).await;
    assert_eq!(answer.record()["response_code"], "InvalidPin");
    app.finish().await;
}

#[tokio::test]
async fn elsewhere_and_of_other_cards_no_pin_is_asked_for() {
    let app = TestApp::new().await;
    let id = cautious(&app).await;
    for asked in [
        json!({"channel": "ecommerce"}),
        json!({"channel": "manual"}),
        json!({"channel": "recurring"}),
        json!({"channel": "atm", "type": "cash"}),
        json!({"channel": "chip", "type": "cash"}),
        json!({"channel": "chip", "type": "refund"}),
    ] {
        let body = with(json!({"amount": 1_001}), &asked);
        let answer = declined(&app, &id, &body).await;
        assert!(
            answer.is_null() || answer == "insufficient_funds",
            "{asked}: {answer}"
        );
    }
    let acme = app.fincard().await;
    let other = acme.card(&order_no(3), None).await;
    assert!(card(&acme, &other).await["noPinPaymentAmount"].is_null());
    let body = json!({"amount": 2_500, "channel": "chip"});
    assert!(
        declined(&app, &other, &body).await.is_null(),
        "it has no PIN"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_phone_that_stands_for_the_card_has_asked_for_a_proof_itself() {
    let app = TestApp::new().await;
    let id = cautious(&app).await;
    let put = json!({"card_id": id, "wallet": "apple"});
    let token = app.sandbox().post("simulate/wallet-token", &put).await;
    let token = token.record()["token_id"].clone();
    let step = json!({"token_id": token, "step": "activate"});
    let path = "simulate/wallet-token";
    app.sandbox().post(path, &step).await.record();
    let body = json!({
        "amount": 1_001, "channel": "contactless", "wallet_token_id": token,
        "card_id": "(absent)",
    });
    assert!(declined(&app, &id, &body).await.is_null());
    app.finish().await;
}

#[tokio::test]
async fn the_network_may_approve_it_in_our_place_and_raise_it_later() {
    let app = TestApp::new().await;
    let id = cautious(&app).await;
    let advice = json!({
        "card_id": id, "amount": 1_200, "currency": "USD", "channel": "chip",
        "reference": "stand-in",
    });
    let told = app
        .sandbox()
        .post("simulate/advice", &advice)
        .await
        .record();
    assert!(told["decline_reason"].is_null(), "{told}");
    let first = json!({"card_id": id, "amount": 900, "currency": "USD", "channel": "chip"});
    let answer = app.sandbox().post("simulate/authorization", &first).await;
    let more = json!({
        "authorization_id": answer.record()["authorization_id"], "amount": 200,
    });
    let raised = app
        .sandbox()
        .post("simulate/increment", &more)
        .await
        .record();
    assert!(raised["decline_reason"].is_null(), "{raised}");
    app.finish().await;
}
