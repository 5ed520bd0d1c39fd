//! The flows of the contract, each from its beginning to its end.

use serde_json::json;

use super::{card, code, money, opened, pay, physical, place, pool};
use crate::{
    fincard::{
        money::assert_books_balance,
        support::{opening, order_no, refusal, wallet},
    },
    harness::TestApp,
};

#[tokio::test]
async fn a_virtual_card_is_chosen_opened_read_and_its_number_shown() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let types = acme.call("card/v2/cardTypes", &json!({})).await.ok();
    let chosen = types["data"].as_array().unwrap().iter().find(|card_type| {
        card_type["type"] == "Virtual" && card_type["needDepositForActiveCard"] == true
    });
    let chosen = chosen.unwrap();
    assert_eq!(chosen["enableActiveCard"], true);
    let holder = acme.holder("ana@example.com").await;
    let body = opening(
        1,
        &json!({"cardTypeId": chosen["cardTypeId"], "holderId": holder}),
    );
    let order = place(&acme, "card/v2/openCard", &body).await;
    assert_eq!(
        (&order["status"], &order["operationStatus"]),
        (&json!("success"), &json!("COMPLETED"))
    );
    assert_eq!(order["receivedAmount"], "25.00");
    let id = order["cardNo"].as_str().unwrap();
    let info = card(&acme, id).await;
    assert_eq!(
        (&info["status"], &info["balance"]),
        (&json!("Normal"), &json!("25.00"))
    );
    let shown = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    let number = shown["cardNumber"].as_str().unwrap();
    assert!(number.starts_with(chosen["bankCardBin"].as_str().unwrap()));
    assert_eq!(number[12..], *info["last4"].as_str().unwrap());
    // What was shown pays.
    let payment = json!({
        "pan": number, "cvv": shown["cvv"], "expiry": "2029-11", "amount": 1_000,
        "currency": "USD", "channel": "ecommerce",
    });
    assert_eq!(shown["expireDate"], "11/2029");
    let paid = app.sandbox().post("simulate/authorization", &payment).await;
    assert_eq!(paid.record()["approved"], true, "{}", paid.text);
    let balance = place(&acme, "card/balance", &json!({"cardNo": id})).await;
    assert_eq!(
        (&balance["amount"], &balance["usedAmount"]),
        (&json!("15.00"), &json!("10.00"))
    );
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_physical_card_waits_for_its_code_and_pays_once_it_is_activated() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let order = place(&acme, "card/v2/openCard", &physical(1, holder)).await;
    assert_eq!(order["cardStatus"], "INACTIVE");
    assert_eq!(order["fee"], "5.00");
    let id = order["cardNo"].as_str().unwrap().to_owned();
    assert_eq!(card(&acme, &id).await["status"], "un_activated");
    let issued = "SELECT COUNT(*) FROM event WHERE kind = 'challenge_issued' AND subject_id = $1";
    let number: i64 = id.parse().unwrap();
    assert_eq!(
        app.number(issued, &[number.into()]).await,
        1,
        "the code was sent"
    );
    let payment = json!({"card_id": id, "amount": 100, "currency": "USD"});
    let declined = app.sandbox().post("simulate/authorization", &payment).await;
    assert_eq!(declined.record()["decline_reason"], "card_not_active");
    let activation = json!({
        "cardNo": id, "merchantOrderNo": order_no(2), "pin": "739154",
        "activeCode": code(&app, &id).await, "noPinPaymentAmount": 120,
    });
    let activated = place(&acme, "card/activate", &activation).await;
    assert_eq!(
        (&activated["type"], &activated["operationType"]),
        (&json!("card_activated"), &json!("ACTIVATE"))
    );
    let info = card(&acme, &id).await;
    assert_eq!(info["status"], "Normal");
    assert_eq!(info["noPinPaymentAmount"], "120.00");
    assert_eq!(info["cardType"], "PHYSICAL");
    let with_pin = json!({
        "card_id": id, "amount": 100, "currency": "USD", "channel": "chip", "pin": "739154",
    });
    let paid = app
        .sandbox()
        .post("simulate/authorization", &with_pin)
        .await;
    assert_eq!(paid.record()["approved"], true, "{}", paid.text);
    // Later, another PIN.
    let another = json!({
        "cardNo": id, "merchantOrderNo": order_no(3), "oldPin": "739154", "newPin": "846205",
    });
    place(&acme, "card/updatePin", &another).await;
    let paid = app
        .sandbox()
        .post("simulate/authorization", &with_pin)
        .await;
    assert_eq!(paid.record()["decline_reason"], "invalid_pin");
    app.finish().await;
}

#[tokio::test]
async fn several_budget_cards_spend_one_pool_and_what_is_left_goes_back() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let shared = pool(&app, &app.demo, 100).await;
    assert_eq!(wallet(&acme).await, "999900.00");
    let budget = |number: usize| {
        let changes = json!({
            "cardTypeId": 111_003, "accountId": shared.to_string(), "amount": "(absent)",
        });
        opening(number, &changes)
    };
    let one = opened(&app, &acme, &budget(1)).await;
    let other = opened(&app, &acme, &budget(2)).await;
    assert_eq!(
        money(&acme, shared).await.0,
        "98.00",
        "the pool paid for both"
    );
    let first = pay(&app, &one, 6_000).await;
    let refused = json!({"card_id": other, "amount": 4_000, "currency": "USD"});
    let answer = app.sandbox().post("simulate/authorization", &refused).await;
    assert_eq!(answer.record()["decline_reason"], "insufficient_funds");
    pay(&app, &other, 3_800).await;
    let settled = json!({"authorization_id": first, "amount": 6_000});
    app.sandbox()
        .post("simulate/clearing", &settled)
        .await
        .record();
    assert_eq!(
        money(&acme, shared).await,
        ("0.00".to_owned(), "38.00".to_owned())
    );
    let info = card(&acme, &one).await;
    assert_eq!(
        info["balance"], "0.00",
        "a budget card has no balance of its own"
    );
    assert_eq!(info["accountId"], shared.to_string());
    assert_eq!(info["balanceInfo"]["usedAmount"], "60.00");
    // Its end gives nothing back: the money was never the card's.
    let end = json!({"cardNo": one, "merchantOrderNo": order_no(3)});
    let cancelled = place(&acme, "card/cancel", &end).await;
    assert_eq!(cancelled["receivedAmount"], "0.00");
    assert_eq!(money(&acme, shared).await.1, "38.00");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_gift_card_shows_its_link_and_nothing_else() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let gift = json!({"cardTypeId": 111_004, "designId": 211_002, "amount": "50"});
    let id = opened(&app, &acme, &opening(1, &gift)).await;
    let shown = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    let given: Vec<&String> = shown
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(given, ["activateUrl", "cardId", "cardNo", "last4"]);
    let link = shown["activateUrl"].as_str().unwrap();
    assert!(link.starts_with("https://gift.example/activate/"), "{link}");
    let again = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    assert_eq!(
        again["activateUrl"], shown["activateUrl"],
        "one card, one link"
    );
    let other = opened(&app, &acme, &opening(2, &gift)).await;
    let other = place(&acme, "card/info/sensitive", &json!({"cardNo": other})).await;
    assert_ne!(other["activateUrl"], shown["activateUrl"]);
    pay(&app, &id, 5_000).await;
    let holder = acme.holder("ana@example.com").await;
    let held = opening(3, &json!({"cardTypeId": 111_004, "holderId": holder}));
    let reply = acme.call("card/v2/openCard", &held).await;
    assert_eq!(refusal(&reply), "holder_model_mismatch");
    app.finish().await;
}

#[tokio::test]
async fn money_comes_back_from_a_card_but_for_what_it_must_keep_and_at_its_end_all_of_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = super::plastic(&app, &acme, 1).await;
    assert_eq!(
        wallet(&acme).await,
        "999970.00",
        "5.00 for the card, 25.00 on it"
    );
    let withdrawal = |number: usize, amount: &str| json!({"cardNo": id, "merchantOrderNo": order_no(number), "amount": amount});
    let reply = acme.call("card/withdraw", &withdrawal(2, "20.01")).await;
    assert_eq!(refusal(&reply), "retention_quota");
    let taken = place(&acme, "card/withdraw", &withdrawal(2, "20.00")).await;
    assert_eq!(
        (&taken["amount"], &taken["fee"], &taken["receivedAmount"]),
        (&json!("20.00"), &json!("0.00"), &json!("20.00"))
    );
    assert_eq!(wallet(&acme).await, "999990.00");
    let end = json!({"cardNo": id, "merchantOrderNo": order_no(3), "remark": "not needed"});
    let cancelled = place(&acme, "card/cancel", &end).await;
    assert_eq!(
        (&cancelled["amount"], &cancelled["receivedAmount"]),
        (&json!("5.00"), &json!("5.00")),
        "what a card must keep is for its life only"
    );
    assert_eq!(cancelled["previousCardStatus"], "ACTIVE");
    assert_eq!(cancelled["newCardStatus"], "CANCELLED");
    assert_eq!(wallet(&acme).await, "999995.00");
    assert_eq!(card(&acme, &id).await["status"], "cancel");
    let again = json!({"cardNo": id, "merchantOrderNo": order_no(4)});
    let reply = acme.call("card/cancel", &again).await;
    assert_eq!(refusal(&reply), "state_not_allowed");
    assert_books_balance(&app).await;
    app.finish().await;
}
