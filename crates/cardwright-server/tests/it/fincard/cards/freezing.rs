//! Freezing and unfreezing by order.

use cardwright_server::store::db::Value as Stored;
use serde_json::json;

use super::{Block, STATES, card_in};
use crate::{
    fincard::support::{order, order_no, refusal, together},
    harness::{Reply, TestApp},
};

/// The kinds of a card's events, the oldest first, from the one after its making on.
async fn events(app: &TestApp, card: &str) -> Vec<String> {
    let sql = "SELECT kind, facts FROM event WHERE subject_kind = 'card' AND subject_id = $1 \
               ORDER BY id";
    let rows = app
        .rows(sql, vec![Stored::from(card.parse::<i64>().unwrap())])
        .await;
    let kinds: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(kinds[..2], ["card_created", "order_finished"]);
    kinds[2..].to_vec()
}

#[track_caller]
fn assert_moved(reply: &Reply, kind: &str, (before, after): (&str, &str)) {
    let data = &reply.ok()["data"];
    assert_eq!(data["type"], kind);
    assert_eq!(data["operationType"], kind.to_uppercase());
    assert_eq!(
        (&data["status"], &data["operationStatus"]),
        (&json!("success"), &json!("COMPLETED"))
    );
    assert_eq!(data["previousCardStatus"], before);
    assert_eq!(data["newCardStatus"], after);
}

#[tokio::test]
async fn a_freeze_and_its_end_are_orders_and_events() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    app.pass(60);
    let frozen = acme.call("card/v2/freeze", &order(2, &card)).await;
    assert_moved(&frozen, "Freeze", ("ACTIVE", "FROZEN"));
    let read = acme.call("card/info", &json!({"cardNo": card})).await.ok();
    assert_eq!(read["data"]["status"], "Freeze");
    assert_eq!(read["data"]["updateTime"], app.now().as_millisecond());
    assert_eq!(
        read["data"]["balance"], "25.00",
        "the money stays where it is"
    );
    let thawed = acme.call("card/v2/unfreeze", &order(3, &card)).await;
    assert_moved(&thawed, "UnFreeze", ("FROZEN", "ACTIVE"));
    let moved = ["card_status_changed", "order_finished"];
    assert_eq!(events(&app, &card).await, [moved, moved].concat());
    app.finish().await;
}

#[tokio::test]
async fn freezing_a_frozen_card_is_an_order_that_changes_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    acme.call("card/v2/freeze", &order(2, &card)).await.ok();
    let before = acme.call("card/info", &json!({"cardNo": card})).await.ok();
    app.pass(60);
    let again = acme.call("card/v2/freeze", &order(3, &card)).await;
    assert_moved(&again, "Freeze", ("FROZEN", "FROZEN"));
    assert_eq!(
        acme.call("card/info", &json!({"cardNo": card})).await.ok(),
        before
    );
    assert_eq!(
        events(&app, &card).await,
        ["card_status_changed", "order_finished", "order_finished"]
    );
    app.finish().await;
}

#[tokio::test]
async fn every_state_allows_freezing_or_refuses_it_and_keeps_itself() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (index, state) in STATES.iter().enumerate() {
        for (step, path) in ["card/v2/freeze", "card/v2/unfreeze"]
            .into_iter()
            .enumerate()
        {
            let number = index * 10 + step;
            let card = card_in(&acme, &app, number, state, Block::Clear).await;
            let before = acme.call("card/info", &json!({"cardNo": card})).await.ok();
            let reply = acme.call(path, &order(number, &card)).await;
            match (state.word, path) {
                ("active" | "frozen" | "dormant", "card/v2/freeze") => {
                    assert_moved(&reply, "Freeze", (state.card_status, "FROZEN"));
                }
                ("frozen" | "dormant", "card/v2/unfreeze") => {
                    assert_moved(&reply, "UnFreeze", (state.card_status, "ACTIVE"));
                }
                _ => {
                    assert_eq!(refusal(&reply), "state_not_allowed", "{}", state.word);
                    let after = acme.call("card/info", &json!({"cardNo": card})).await.ok();
                    assert_eq!(after, before);
                    assert!(events(&app, &card).await.is_empty());
                }
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_blocked_card_is_read_but_neither_frozen_nor_unfrozen() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (number, state) in STATES.iter().enumerate() {
        let card = card_in(&acme, &app, number, state, Block::Blocked).await;
        for path in ["card/v2/freeze", "card/v2/unfreeze"] {
            let reply = acme.call(path, &order(number, &card)).await;
            assert_eq!(refusal(&reply), "card_blocked", "{}", state.word);
        }
        let read = acme.call("card/info", &json!({"cardNo": card})).await.ok();
        let ended = state.word == "closed";
        let word = if ended { state.card_status } else { "BLOCKED" };
        assert_eq!(read["data"]["cardStatus"], word);
        let list = acme.call("card/list", &json!({"cardNo": card})).await.ok();
        assert_eq!(list["data"]["records"][0]["blocked"], true);
        assert!(events(&app, &card).await.is_empty());
    }
    app.finish().await;
}

#[tokio::test]
async fn equal_freezes_at_once_are_one_order() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let body = order(2, &card);
    let replies = together((0..20).map(|_| acme.call("card/v2/freeze", &body))).await;
    for reply in &replies {
        assert_moved(reply, "Freeze", ("ACTIVE", "FROZEN"));
        assert_eq!(reply.bytes(), replies[0].bytes());
    }
    assert_eq!(
        events(&app, &card).await,
        ["card_status_changed", "order_finished"]
    );
    app.finish().await;
}

#[tokio::test]
async fn an_order_number_has_fifteen_to_sixty_five_plain_characters() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    for good in ["a".repeat(15), "A-_9".repeat(16), "a".repeat(65)] {
        let body = json!({"cardNo": card, "merchantOrderNo": good});
        acme.call("card/v2/freeze", &body).await.ok();
    }
    for bad in [
        json!("a".repeat(14)),
        json!("a".repeat(66)),
        json!("order.number.000001"),
        json!("order number 000001"),
        json!("zahl-ä-000000000001"),
        json!(1_234_567_890_123_456_i64),
    ] {
        let body = json!({"cardNo": card, "merchantOrderNo": bad});
        let reply = acme.call("card/v2/freeze", &body).await;
        assert_eq!(refusal(&reply), "invalid_field", "{bad}");
    }
    app.finish().await;
}
