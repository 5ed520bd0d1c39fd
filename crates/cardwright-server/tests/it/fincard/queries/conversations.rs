//! Golden conversations of the queries, the simulation and the receiver of events.

use serde_json::json;

use super::{TRADES, ask, callback, tell};
use crate::{
    fincard::support::{headed, order, order_no},
    harness::{Conversation, TestApp},
};

#[tokio::test]
async fn the_lists_of_orders_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    acme.call("card/freeze", &order(2, &card)).await.ok();
    let mut conversation = Conversation::default();
    let bills = "card/purchase/transaction";
    let mut say = async |title: &str, path: &str, body: serde_json::Value| {
        let request = acme.request(path, &body.to_string());
        conversation.say(&app, title, request).await;
    };
    say("bills", bills, json!({})).await;
    let by_number = json!({"merchantOrderNo": order_no(1), "pageSize": 1});
    say("one bill", bills, by_number.clone()).await;
    say("orders", "card/transaction", json!({"cardNo": card})).await;
    say("one kind", "card/v2/transaction", json!({"type": "Freeze"})).await;
    say("of nobody's card", bills, json!({"cardNo": 7})).await;
    let wrong = json!({"type": "freeze"});
    say("no such kind", "card/v2/transaction", wrong).await;
    let two = json!({"cardNo": card, "cardId": "7"});
    say("two cards", "card/transaction", two).await;
    conversation.assert_golden("fincard_order_lists");
    app.finish().await;
}

#[tokio::test]
async fn the_shorter_paths_of_freezing_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let mut conversation = Conversation::default();
    let mut say = async |title: &str, path: &str, body: serde_json::Value| {
        let request = acme.request(path, &body.to_string());
        conversation.say(&app, title, request).await;
    };
    say("a freeze", "card/freeze", order(2, &card)).await;
    say("its end", "card/unfreeze", order(3, &card)).await;
    say("nobody's card", "card/freeze", order(4, "7")).await;
    say(
        "no card",
        "card/unfreeze",
        json!({"merchantOrderNo": order_no(5)}),
    )
    .await;
    conversation.assert_golden("fincard_shorter_paths");
    app.finish().await;
}

#[tokio::test]
async fn what_moved_a_cards_money_is_answered_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let merchant = json!({
        "name": "Bookshop", "id": "M-77", "mcc": "5942", "city": "Vilnius", "country": "LT",
    });
    let body = json!({
        "card_id": card, "amount": 1_000, "currency": "EUR", "merchant": merchant,
    });
    let number = tell(&app, "authorization", body, "authorization_id").await;
    let body = json!({"authorization_id": number, "amount": 1_000});
    tell(&app, "clearing", body, "transaction_id").await;
    let body = json!({"authorization_id": number, "amount": 250});
    tell(&app, "refund", body, "transaction_id").await;
    let voided = ask(&app, &card, 300).await;
    let body = json!({"authorization_id": voided});
    tell(&app, "reversal", body, "authorization_id").await;
    ask(&app, &card, 1_000_000).await;
    let mut conversation = Conversation::default();
    let mut say = async |title: &str, path: &str, body: serde_json::Value| {
        let request = acme.request(path, &body.to_string());
        conversation.say(&app, title, request).await;
    };
    say("everything", TRADES, json!({"cardNo": card})).await;
    say("by its number", TRADES, json!({"tradeNo": number})).await;
    say("no such kind", TRADES, json!({"type": "void"})).await;
    conversation.assert_golden("fincard_authorizations");
    app.finish().await;
}

#[tokio::test]
async fn fees_and_challenges_are_answered_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let fee = json!({
        "cardNo": card, "type": "maintain_fee", "amount": "30.00", "currency": "USD",
    });
    acme.call("card/simulateAuthTransaction", &fee).await.ok();
    let body = json!({
        "card_id": card, "kind": "url", "merchant": {"name": "Bookshop"}, "amount": 1_250,
        "currency": "EUR",
    });
    tell(&app, "three-ds", body, "challenge_id").await;
    let mut conversation = Conversation::default();
    let mut say = async |title: &str, path: &str, body: serde_json::Value| {
        let request = acme.request(path, &body.to_string());
        conversation.say(&app, title, request).await;
    };
    say("fee patches", "card/auth/fee/transaction", json!({})).await;
    let wrong = json!({"tradeType": "fee"});
    say("no such fee", "card/auth/fee/transaction", wrong).await;
    say("challenges", "card/3ds/transaction", json!({})).await;
    let wrong = json!({"type": "otp"});
    say("no such challenge", "card/3ds/transaction", wrong).await;
    conversation.assert_golden("fincard_fees_and_challenges");
    app.finish().await;
}

#[tokio::test]
async fn the_simulation_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let mut conversation = Conversation::default();
    let mut say = async |title: &str, changes: serde_json::Value| {
        let mut body = json!({
            "cardNo": card, "type": "auth", "amount": "10.00", "currency": "USD",
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = acme.request("card/simulateAuthTransaction", &body.to_string());
        conversation.say(&app, title, request).await
    };
    let asked = say("a payment", json!({})).await.ok();
    let number = asked["data"]["tradeNo"].clone();
    let take_back =
        |amount: &str| json!({"type": "Void", "amount": amount, "originSerialNumber": number});
    say("part of it taken back", take_back("4.00")).await;
    say("more than is left", take_back("6.01")).await;
    say("no currency", json!({"currency": "dollars"})).await;
    say("too many decimals", json!({"amount": "1.001"})).await;
    say("of nothing", json!({"type": "Void"})).await;
    let nothing = json!({"type": "Void", "originSerialNumber": "7"});
    say("of nobody's payment", nothing).await;
    say("nobody's card", json!({"cardNo": 7})).await;
    let refund = json!({"type": "refund", "amount": "1.00", "originSerialNumber": number});
    say("money back", refund).await;
    say("taken back after it was settled", take_back("1.00")).await;
    let fee = json!({"type": "maintain_fee", "amount": "2.00", "description": "November"});
    say("a fee", fee).await;
    let fee = json!({"type": "maintain_fee", "amount": "9000000.00"});
    say("a fee that nobody can pay", fee).await;
    conversation.assert_golden("fincard_simulation");
    app.finish().await;
}

#[tokio::test]
async fn the_receiver_of_events_answers_as_recorded() {
    let app = TestApp::new().await;
    let body = callback::event(&app.demo.tenant_uuid, "evt-1").to_string();
    let right = "valid_signature_12345";
    let mut conversation = Conversation::default();
    let mut say = async |title: &str, body: &str, header: &str, signature: &str| {
        let request = callback::request(body, header, signature);
        conversation.say(&app, title, request).await;
    };
    say("an event", &body, "x-fc-signature", right).await;
    say("the event again", &body, "x-wsb-signature", right).await;
    say("a wrong signature", &body, "x-fc-signature", "wrong").await;
    say("no signature", &body, "x-other", right).await;
    say(
        "no id",
        r#"{"eventType": "card_create"}"#,
        "x-fc-signature",
        right,
    )
    .await;
    say("no JSON", "{", "x-fc-signature", right).await;
    for (title, media) in [("text", &["text/plain"][..]), ("of no type", &[])] {
        let request = callback::request(&body, "x-fc-signature", right);
        let request = headed(request, "content-type", media);
        conversation.say(&app, title, request).await;
    }
    conversation.assert_golden("fincard_callback");
    app.finish().await;
}
