//! The end of a card's last month: what is left on it goes back, and it is over for everybody.

use cardwright_core::CardId;
use serde_json::{Value, json};

use super::{card, defer, money, opened, pay, physical, place, plastic, pool};
use crate::{
    fincard::{
        money::assert_books_balance,
        support::{opening, order_no, refusal, wallet},
    },
    harness::{FincardCaller, TestApp},
};

/// The last month of a card that is opened as a test begins: the product says 36 months.
const ENDS: &str = "2029-12-01T00:00:00Z";

/// Lets a sandbox's time come to this instant; what was done by that.
async fn come_to(app: &TestApp, instant: &str) -> Value {
    let moved = app
        .sandbox()
        .post("clock/advance", &json!({"to": instant}))
        .await;
    moved.record()["ran"].clone()
}

/// Lets the hand of the clock come to this instant, with nothing done by that yet.
fn wait_until(app: &TestApp, instant: &str) {
    let instant: cardwright_core::Timestamp = instant.parse().unwrap();
    app.clock.advance(instant.duration_since(app.now()));
}

fn about(card: &str, number: usize) -> Value {
    json!({"cardNo": card, "merchantOrderNo": order_no(number)})
}

/// The cancellation orders of a card as callers see them.
async fn cancellations(acme: &FincardCaller<'_>, id: &str) -> Vec<Value> {
    let asked = json!({"cardNo": id, "type": "cancel"});
    let reply = acme.call("card/v2/transaction", &asked).await.ok();
    reply["data"]["records"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_card_ends_with_its_last_month_and_gives_back_what_is_on_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    assert_eq!(wallet(&acme).await, "999974.00");
    assert_eq!(come_to(&app, "2029-11-30T23:59:59.999Z").await, json!({}));
    let acme = app.fincard().await;
    assert_eq!(card(&acme, &id).await["cardStatus"], "ACTIVE");
    assert_eq!(come_to(&app, ENDS).await, json!({"expire_card": 1}));
    let info = card(&acme, &id).await;
    assert_eq!(
        (&info["status"], &info["cardStatus"], &info["balance"]),
        (&json!("cancel"), &json!("EXPIRED"), &json!("0.00"))
    );
    assert_eq!(wallet(&acme).await, "999999.00", "all but its price");
    for word in ["EXPIRED", "cancel"] {
        let listed = acme.call("card/list", &json!({"status": word})).await.ok();
        assert_eq!(listed["data"]["total"], 1, "{word}");
    }
    for word in ["CANCELLED", "ACTIVE"] {
        let listed = acme.call("card/list", &json!({"status": word})).await.ok();
        assert_eq!(listed["data"]["total"], 0, "{word}");
    }
    let orders = cancellations(&acme, &id).await;
    assert_eq!(orders.len(), 1);
    for (name, value) in [
        ("status", "success"),
        ("receivedAmount", "25.00"),
        ("previousCardStatus", "ACTIVE"),
        ("newCardStatus", "EXPIRED"),
    ] {
        assert_eq!(orders[0][name], value, "{name}");
    }
    for (kind, count) in [("card_status_changed", 1), ("order_finished", 2)] {
        let events = "SELECT COUNT(*) FROM event WHERE kind = $1";
        assert_eq!(app.number(events, &[kind.into()]).await, count, "{kind}");
    }
    let audit = "SELECT COUNT(*) FROM audit WHERE action = 'card.expire' \
                 AND actor_kind = 'system'";
    assert_eq!(app.number(audit, &[]).await, 1);
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn nothing_is_done_with_it_from_that_instant_on_though_no_step_was_taken_yet() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let made = plastic(&app, &acme, 2).await;
    let holder = acme.holder("new@example.com").await;
    let new = opened(&app, &acme, &physical(3, holder)).await;
    wait_until(&app, ENDS);
    let acme = app.fincard().await;
    let moving = |number| {
        let mut body = about(&id, number);
        body["amount"] = "5".into();
        body
    };
    let mut pin = about(&made, 16);
    pin["pin"] = "846205".into();
    let mut activation = about(&new, 17);
    activation["pin"] = "739154".into();
    activation["activationCode"] = "000000".into();
    let mut update = about(&made, 18);
    update["noPinPaymentAmount"] = 5.into();
    let mut kept = json!({"cardNo": id, "type": "maintain_fee", "currency": "USD"});
    kept["amount"] = "1".into();
    for (path, body) in [
        ("card/deposit", moving(10)),
        ("card/withdraw", moving(11)),
        ("card/v2/freeze", about(&id, 12)),
        ("card/v2/unfreeze", about(&id, 13)),
        ("card/cancel", about(&id, 14)),
        ("card/info/sensitive", json!({"cardNo": id})),
        ("card/updatePin", pin),
        ("card/activate", activation),
        ("card/v2/update", update),
        ("card/simulateAuthTransaction", kept),
    ] {
        let early = acme.call(path, &body).await;
        assert_eq!(refusal(&early), "state_not_allowed", "{path}");
    }
    let wallet = json!({"card_id": id, "wallet": "apple"});
    let token = app.sandbox().post("simulate/wallet-token", &wallet).await;
    assert_eq!(token.native_code(), "card_transition_not_allowed");
    assert_eq!(app.run_jobs().await, 3, "a refusal ends no card");
    let again = acme.call("card/deposit", &moving(20)).await;
    assert_eq!(refusal(&again), "state_not_allowed");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn the_network_is_told_that_it_expired_and_settles_what_it_paid_before() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    wait_until(&app, "2029-11-30T12:00:00Z");
    let held = pay(&app, &id, 1_000).await;
    let other = pay(&app, &id, 400).await;
    let payment = json!({"card_id": id, "amount": 100, "currency": "USD"});
    let declined = async || {
        let answer = app.sandbox().post("simulate/authorization", &payment).await;
        answer.record()["decline_reason"].clone()
    };
    wait_until(&app, ENDS);
    assert_eq!(declined().await, "card_expired", "before the step");
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(declined().await, "card_expired", "and after it");
    let acme = app.fincard().await;
    assert_eq!(wallet(&acme).await, "999985.00", "11.00 of 25.00 were free");
    let cleared = json!({"authorization_id": held, "amount": 700});
    let cleared = app.sandbox().post("simulate/clearing", &cleared).await;
    let paid = cleared.record()["transaction_id"].clone();
    assert_eq!(wallet(&acme).await, "999988.00", "what was not needed");
    let back = json!({"authorization_id": other});
    app.sandbox()
        .post("simulate/reversal", &back)
        .await
        .record();
    assert_eq!(wallet(&acme).await, "999992.00");
    let refund = json!({"transaction_id": paid});
    app.sandbox()
        .post("simulate/refund", &refund)
        .await
        .record();
    assert_eq!(wallet(&acme).await, "999999.00", "all but its price");
    let orders = cancellations(&acme, &id).await;
    assert_eq!(orders.len(), 4, "its end, and three returns after it");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn later_orders_on_a_card_that_ends_meanwhile_end_too_and_lose_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ids = [
        acme.card(&order_no(1), None).await,
        acme.card(&order_no(2), None).await,
        acme.card(&order_no(3), None).await,
        acme.card(&order_no(4), None).await,
    ];
    defer(&app, "P1D").await;
    wait_until(&app, "2029-11-30T18:00:00Z");
    let acme_then = app.fincard().await;
    let moving = |card: &str, number| {
        let mut body = about(card, number);
        body["amount"] = "10".into();
        body
    };
    place(&acme_then, "card/deposit", &moving(&ids[0], 11)).await;
    place(&acme_then, "card/withdraw", &moving(&ids[1], 12)).await;
    place(&acme_then, "card/v2/freeze", &about(&ids[2], 13)).await;
    place(&acme_then, "card/cancel", &about(&ids[3], 14)).await;
    wait_until(&app, ENDS);
    assert_eq!(app.run_jobs().await, 4, "the cards");
    wait_until(&app, "2029-12-02T00:00:00Z");
    assert_eq!(app.run_jobs().await, 4, "the orders");
    let acme = app.fincard().await;
    for (id, (kind, status)) in ids.iter().zip([
        ("deposit", "fail"),
        ("withdraw", "success"),
        ("Freeze", "fail"),
        ("cancel", "success"),
    ]) {
        let asked = json!({"cardNo": id, "type": kind});
        let reply = acme.call("card/v2/transaction", &asked).await.ok();
        let records = reply["data"]["records"].as_array().unwrap().clone();
        let ended = records.iter().all(|order| order["status"] == status);
        assert!(ended && !records.is_empty(), "{kind}: {records:?}");
        let info = card(&acme, id).await;
        let seen = (&info["cardStatus"], &info["currentBalance"]);
        assert_eq!(seen, (&json!("EXPIRED"), &json!("0.00")), "{kind}");
    }
    assert_eq!(wallet(&acme).await, "999996.00", "all but their prices");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_jump_carries_out_what_was_ordered_before_the_card_ends() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    defer(&app, "PT60S").await;
    let mut body = about(&id, 2);
    body["amount"] = "10".into();
    place(&acme, "card/deposit", &body).await;
    let mut opening = opening(3, &json!({}));
    opening["amount"] = "30".into();
    place(&acme, "card/v2/openCard", &opening).await;
    let ran = come_to(&app, "2036-01-01T00:00:00Z").await;
    assert_eq!(ran, json!({"expire_card": 2, "finish_order": 2}));
    let acme = app.fincard().await;
    assert_eq!(wallet(&acme).await, "999997.90", "prices and a fee");
    assert_eq!(card(&acme, &id).await["cardStatus"], "EXPIRED");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn frozen_blocked_and_new_cards_end_too_and_pools_keep_their_money() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let frozen = acme.card(&order_no(1), None).await;
    place(&acme, "card/v2/freeze", &about(&frozen, 11)).await;
    let blocked = acme.card(&order_no(2), None).await;
    let why = json!({"reason": "stolen papers"});
    let path = format!("cards/{blocked}/block");
    app.operator().post(&path, &why).await.record();
    let holder = acme.holder("new@example.com").await;
    let new = opened(&app, &acme, &physical(3, holder)).await;
    let shared = pool(&app, &app.demo, 50).await;
    let changes = json!({
        "cardTypeId": 111_003, "accountId": shared.to_string(), "amount": "(absent)",
    });
    let budget = opened(&app, &acme, &opening(4, &changes)).await;
    let before = money(&acme, shared).await;
    come_to(&app, ENDS).await;
    let acme = app.fincard().await;
    for id in [&frozen, &blocked, &new, &budget] {
        let info = card(&acme, id).await;
        assert_eq!(info["status"], "cancel", "{info}");
        let orders = cancellations(&acme, id).await;
        assert_eq!(orders.len(), 1, "{info}");
    }
    assert_eq!(money(&acme, shared).await, before);
    let listed = acme.call("card/list", &json!({"status": "EXPIRED"})).await;
    assert_eq!(listed.ok()["data"]["total"], 4, "the blocked one, too");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn an_ended_card_counts_no_longer_towards_what_its_holder_may_have() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let once = "UPDATE product SET cards_per_holder = 1 WHERE id = 111001";
    app.meddle(once, &[]).await;
    let holder = acme.holder("ana@example.com").await;
    let of = |number| opening(number, &json!({"holderId": holder}));
    opened(&app, &acme, &of(1)).await;
    let reply = acme.call("card/v2/openCard", &of(2)).await;
    assert_eq!(refusal(&reply), "limit_reached");
    come_to(&app, ENDS).await;
    let acme = app.fincard().await;
    opened(&app, &acme, &of(2)).await;
    app.finish().await;
}

#[tokio::test]
async fn cards_by_the_hundred_end_in_steps_and_each_once() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for number in 0..120 {
        acme.card(&order_no(number), None).await;
    }
    let long = "UPDATE card SET expiry_month = expiry_month + 1 WHERE id % 2 = 0";
    app.meddle(long, &[]).await;
    let later = "SELECT COUNT(*) FROM card WHERE id % 2 = 0";
    let later = app.number(later, &[]).await;
    assert_eq!(
        come_to(&app, ENDS).await,
        json!({"expire_card": 120 - later})
    );
    let still = "SELECT COUNT(*) FROM card WHERE state = 'active'";
    assert_eq!(app.number(still, &[]).await, later);
    come_to(&app, "2030-01-01T00:00:00Z").await;
    let ended = "SELECT COUNT(*) FROM event WHERE kind = 'card_status_changed'";
    assert_eq!(app.number(ended, &[]).await, 120);
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn where_time_stands_still_no_month_ends() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let frozen = json!({"mode": "frozen"});
    app.sandbox().put("clock", &frozen).await.record();
    wait_until(&app, ENDS);
    assert_eq!(app.run_jobs().await, 0);
    let acme = app.fincard().await;
    assert_eq!(card(&acme, &id).await["cardStatus"], "ACTIVE");
    app.finish().await;
}

#[tokio::test]
async fn a_finci_card_is_closed_then_and_can_be_replaced_but_not_revived() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let owner = finci.person("p-1").await;
    finci.account(&owner, "EUR").await;
    let mut body = crate::harness::card(&owner);
    body["expiration_date"] = "2026-12".into();
    let made = finci.post("create-card", &body).await.ok();
    let token = made["token_id"].as_str().unwrap().to_owned();
    wait_until(&app, "2027-01-01T00:00:00Z");
    let set = async |status: &str| {
        let path = format!("update-card-status/{token}");
        let body = json!({"token_status": status});
        app.finci().patch(&path, &body).await
    };
    for status in ["active", "deactivated", "lost"] {
        let code = set(status).await.code();
        assert_eq!(code, "token_status:transition_not_allowed", "{status}");
    }
    let ended = "SELECT COUNT(*) FROM event WHERE kind = 'card_status_changed'";
    assert_eq!(app.number(ended, &[]).await, 0);
    set("closed").await.ok();
    assert_eq!(app.number(ended, &[]).await, 1, "it is what it is by age");
    assert_eq!(app.run_jobs().await, 0);
    set("closed").await.ok();
    let read = app.finci().get(&format!("get-card/{token}")).await.ok();
    assert_eq!(read["token_status"], "closed");
    let path = format!("replace-card/{token}");
    let new = app
        .finci()
        .post(&path, &json!({"reason": "expired"}))
        .await
        .ok();
    let new = new["token_id"].as_str().unwrap();
    let read = app.finci().get(&format!("get-card/{new}")).await.ok();
    assert_eq!(
        (&read["token_status"], &read["expiration_date"]),
        (&json!("active"), &json!("2030-01"))
    );
    let id = CardId::parse_padded(&token).unwrap();
    let why = "SELECT COUNT(*) FROM card WHERE id = $1 AND close_reason = 'expired'";
    assert_eq!(app.number(why, &[id.get().into()]).await, 1);
    app.finish().await;
}
