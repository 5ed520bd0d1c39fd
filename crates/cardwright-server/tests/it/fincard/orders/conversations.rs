//! Golden conversations of the calls about open cards.

mod changes;

use serde_json::{Value, json};

use super::{opened, physical, plastic, pool, printed};
use crate::{
    fincard::support::{opening, order_no, with},
    harness::{Conversation, FincardCaller, TestApp},
};

/// Says one body after another to a call.
async fn say(
    app: &TestApp,
    acme: &FincardCaller<'_>,
    (name, path): (&str, &str),
    bodies: Vec<(&str, Value)>,
) {
    let mut conversation = Conversation::default();
    for (title, body) in bodies {
        let request = acme.request(path, &body.to_string());
        conversation.say(app, title, request).await;
    }
    conversation.assert_golden(name);
}

fn about(card: &str, number: usize, changes: &Value) -> Value {
    let body = json!({"cardNo": card, "merchantOrderNo": order_no(number)});
    with(body, changes)
}

/// A card that the platform blocked, and one that has ended.
async fn stopped(app: &TestApp, acme: &FincardCaller<'_>) -> (String, String) {
    let blocked = acme.card("order-blocked-card", None).await;
    let block = format!("cards/{blocked}/block");
    app.operator()
        .post(&block, &json!({"reason": "under review"}))
        .await
        .record();
    let ended = acme.card("order-ended-card", None).await;
    acme.call("card/cancel", &about(&ended, 900, &json!({})))
        .await
        .ok();
    (blocked, ended)
}

/// Openings that do not suit their card type.
fn unsuitable(ana: i64, budget: &Value, gift: &Value, wallet: &str) -> Vec<(&'static str, Value)> {
    let again = with(physical(1, ana), &json!({"merchantOrderNo": order_no(9)}));
    let plastic = |changes: Value| with(again.clone(), &changes);
    let nobody = json!({"holderId": "(absent)", "cardNumber": printed(7)});
    let of = |card: &Value, changes: Value| opening(5, &with(card.clone(), &changes));
    vec![
        ("a number that is taken", again.clone()),
        (
            "a number of another scheme",
            plastic(json!({"cardNumber": "4242424242424242"})),
        ),
        (
            "a digit wrong",
            plastic(json!({"cardNumber": "5555555555554443"})),
        ),
        ("no number", plastic(json!({"cardNumber": "(absent)"}))),
        ("plastic for nobody", plastic(nobody)),
        (
            "a budget card paid by the wallet",
            of(budget, json!({"accountId": wallet})),
        ),
        (
            "a budget card that names no pool",
            of(budget, json!({"accountId": "(absent)"})),
        ),
        (
            "money on a budget card",
            of(budget, json!({"amount": "10"})),
        ),
        ("a design there is not", of(gift, json!({"designId": 42}))),
        (
            "a gift for somebody we know",
            of(gift, json!({"holderId": ana})),
        ),
        ("too much for a gift", of(gift, json!({"amount": "500.01"}))),
    ]
}

#[tokio::test]
async fn open_card_of_every_kind_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let shared = pool(&app, &app.demo, 100).await.to_string();
    let budget = json!({"cardTypeId": 111_003, "accountId": shared, "amount": "(absent)"});
    let zero = with(budget.clone(), &json!({"amount": "0"}));
    let gift = json!({"cardTypeId": 111_004, "designId": "211003", "amount": 10});
    let mut bodies = vec![
        ("a physical card", physical(1, ana)),
        ("a budget card", opening(2, &budget)),
        (
            "a budget card with nothing on it, said so",
            opening(3, &zero),
        ),
        ("a gift card", opening(4, &gift)),
    ];
    let wallet = app.demo.wallet.to_string();
    bodies.extend(unsuitable(ana, &budget, &gift, &wallet));
    let call = ("fincard_open_card_kinds", "card/v2/openCard");
    say(&app, &acme, call, bodies).await;
    app.finish().await;
}

#[tokio::test]
async fn the_older_open_card_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let silent = opening(1, &json!({"amount": "(absent)"}));
    let bodies = vec![
        ("with the least on it", silent.clone()),
        ("the same again", silent),
        ("with an amount", opening(2, &json!({}))),
        ("a number used before", opening(2, &json!({"amount": "26"}))),
        ("too little", opening(3, &json!({"amount": "1"}))),
        ("no such card type", opening(3, &json!({"cardTypeId": 1}))),
        ("no such holder", opening(3, &json!({"holderId": 42}))),
    ];
    say(
        &app,
        &acme,
        ("fincard_open_card_before", "card/openCard"),
        bodies,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn card_info_sensitive_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let gift = opened(&app, &acme, &opening(2, &json!({"cardTypeId": 111_004}))).await;
    let (blocked, ended) = stopped(&app, &acme).await;
    let bodies = vec![
        ("a card", json!({"cardNo": plain})),
        ("a gift", json!({"cardId": gift})),
        ("a blocked card", json!({"cardNo": blocked})),
        ("a card that has ended", json!({"cardNo": ended})),
        ("no such card", json!({"cardNo": 42})),
        ("no card at all", json!({})),
    ];
    say(
        &app,
        &acme,
        ("fincard_card_sensitive", "card/info/sensitive"),
        bodies,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn card_balance_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    super::pay(&app, &plain, 1_050).await;
    let bodies = vec![
        ("a card of which some is held", json!({"cardNo": plain})),
        ("no such card", json!({"cardNo": "nothing"})),
    ];
    say(
        &app,
        &acme,
        ("fincard_card_balance", "card/balance"),
        bodies,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn update_note_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let (blocked, ended) = stopped(&app, &acme).await;
    let bodies = vec![
        ("a note", about(&plain, 2, &json!({"remark": "for travel"}))),
        (
            "another one, without a number",
            json!({"cardNo": plain, "clientRemark": "for books"}),
        ),
        ("none any more", json!({"cardNo": plain})),
        (
            "on a card that has ended",
            json!({"cardNo": ended, "remark": "done"}),
        ),
        (
            "a blocked card",
            json!({"cardNo": blocked, "remark": "why?"}),
        ),
        (
            "a note that is too long",
            json!({"cardNo": plain, "remark": "x".repeat(51)}),
        ),
        (
            "a number used before",
            about(&plain, 2, &json!({"remark": "other"})),
        ),
        ("no such card", json!({"cardNo": 42, "remark": "x"})),
    ];
    say(
        &app,
        &acme,
        ("fincard_update_note", "card/v2/updateNote"),
        bodies,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn deposit_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let shared = pool(&app, &app.demo, 30).await;
    let shared = shared.to_string();
    let of_pool = opening(2, &json!({"accountId": shared, "amount": "10"}));
    let of_pool = opened(&app, &acme, &of_pool).await;
    let budget = json!({"cardTypeId": 111_003, "accountId": shared, "amount": "(absent)"});
    let budget = opened(&app, &acme, &opening(3, &budget)).await;
    let gift = opened(&app, &acme, &opening(4, &json!({"cardTypeId": 111_004}))).await;
    let ana = acme.holder("ana@example.com").await;
    let fresh = opened(&app, &acme, &physical(5, ana)).await;
    let (blocked, ended) = stopped(&app, &acme).await;
    let amount = |card: &str, number, amount: &str| about(card, number, &json!({"amount": amount}));
    let bodies = vec![
        (
            "with its fee",
            about(&plain, 10, &json!({"amount": 33.33, "remark": "March"})),
        ),
        ("no amount", about(&plain, 11, &json!({}))),
        ("tenths of a cent", amount(&plain, 11, "1.001")),
        ("less than the least", amount(&plain, 11, "0.99")),
        ("more than the most", amount(&plain, 11, "50000.01")),
        ("more than the pool has", amount(&of_pool, 11, "20")),
        ("a budget card", amount(&budget, 11, "20")),
        ("a gift", amount(&gift, 11, "20")),
        ("before its activation", amount(&fresh, 11, "20")),
        ("a blocked card", amount(&blocked, 11, "20")),
        ("a card that has ended", amount(&ended, 11, "20")),
        ("no such card", amount("42", 11, "20")),
        ("a number used before", amount(&plain, 10, "34")),
    ];
    say(&app, &acme, ("fincard_deposit", "card/deposit"), bodies).await;
    let sql = "UPDATE account_balance SET status = 'frozen' \
               WHERE account IN (SELECT id FROM account_record WHERE kind = 'wallet')";
    assert_eq!(app.change_rows(sql, vec![]).await, 1);
    let frozen = vec![("out of a frozen account", amount(&plain, 12, "20"))];
    say(
        &app,
        &acme,
        ("fincard_deposit_account_not_active", "card/deposit"),
        frozen,
    )
    .await;
    let frozen = vec![("into a frozen account", amount(&plain, 12, "20"))];
    say(
        &app,
        &acme,
        ("fincard_withdraw_account_not_active", "card/withdraw"),
        frozen,
    )
    .await;
    let frozen = vec![("into a frozen account", about(&plain, 12, &json!({})))];
    say(
        &app,
        &acme,
        ("fincard_cancel_account_not_active", "card/cancel"),
        frozen,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn withdraw_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let plastic = plastic(&app, &acme, 2).await;
    let gift = opened(&app, &acme, &opening(3, &json!({"cardTypeId": 111_004}))).await;
    let (blocked, ended) = stopped(&app, &acme).await;
    let amount = |card: &str, number, amount: &str| about(card, number, &json!({"amount": amount}));
    let bodies = vec![
        (
            "part of it",
            about(&plain, 10, &json!({"amount": "5", "remark": "back"})),
        ),
        ("what a card must keep", amount(&plastic, 11, "20.01")),
        ("more than there is", amount(&plain, 11, "20.01")),
        ("nothing", amount(&plain, 11, "0")),
        ("no number", about(&plain, 11, &json!({"amount": "ten"}))),
        ("a gift", amount(&gift, 11, "1")),
        ("a blocked card", amount(&blocked, 11, "1")),
        ("a card that has ended", amount(&ended, 11, "1")),
        ("no such card", amount("42", 11, "1")),
    ];
    say(&app, &acme, ("fincard_withdraw", "card/withdraw"), bodies).await;
    app.finish().await;
}

#[tokio::test]
async fn cancel_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let partly = acme.card(&order_no(2), None).await;
    super::pay(&app, &partly, 500).await;
    let (blocked, _) = stopped(&app, &acme).await;
    let end = about(&plain, 10, &json!({"remark": "not needed"}));
    let bodies = vec![
        ("all of it comes back", end.clone()),
        ("the same again", end),
        ("what is free comes back", about(&partly, 11, &json!({}))),
        ("a blocked card", about(&blocked, 12, &json!({}))),
        ("a card that has ended", about(&plain, 13, &json!({}))),
        ("no such card", about("42", 13, &json!({}))),
        ("without a number", json!({"cardNo": plain})),
    ];
    say(&app, &acme, ("fincard_cancel", "card/cancel"), bodies).await;
    app.finish().await;
}
