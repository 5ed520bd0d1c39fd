//! Orders that are carried out later: what is seen meanwhile, what is kept for them, and what
//! becomes of those that can no longer be carried out.

use cardwright_core::CardId;
use serde_json::{Value, json};

use super::{card, defer, money, opened, physical, place, plastic, pool};
use crate::{
    fincard::{
        money::assert_books_balance,
        support::{opening, order_no, refusal, wallet},
    },
    harness::{FincardCaller, TestApp},
};

/// What an order says that failed because of its card's state.
const NOT_IN_THIS_STATE: &str = "The present state does not allow the operation.";

/// Lets a minute pass, and what is due by then happen.
async fn minute(app: &TestApp) {
    app.pass(60);
    app.run_jobs().await;
}

fn about(card: &str, number: usize) -> Value {
    json!({"cardNo": card, "merchantOrderNo": order_no(number)})
}

fn moving(card: &str, number: usize, amount: &str) -> Value {
    json!({"cardNo": card, "merchantOrderNo": order_no(number), "amount": amount})
}

/// What both vocabularies say of a card.
async fn state(acme: &FincardCaller<'_>, id: &str) -> (String, String) {
    let info = card(acme, id).await;
    let word = |name: &str| info[name].as_str().unwrap().to_owned();
    (word("status"), word("cardStatus"))
}

fn words(status: &str, card_status: &str) -> (String, String) {
    (status.to_owned(), card_status.to_owned())
}

/// The one order of a kind: status, amount received, why it failed.
async fn ended(app: &TestApp, kind: &str) -> (String, Option<i64>, Option<String>) {
    let sql = "SELECT status, received, description FROM card_order WHERE kind = $1";
    let rows = app.rows(sql, vec![kind.into()]).await;
    assert_eq!(rows.len(), 1);
    let mut row = rows[0].reader();
    (
        row.next().unwrap(),
        row.next().unwrap(),
        row.next().unwrap(),
    )
}

#[tokio::test]
async fn a_new_card_is_pending_until_its_order_is_carried_out() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    defer(&app, "PT60S").await;
    let order = place(&acme, "card/v2/openCard", &opening(1, &json!({}))).await;
    let said = ["status", "operationStatus", "cardStatus"].map(|name| order[name].clone());
    assert_eq!(said, ["processing", "PROCESSING", "PENDING"]);
    assert!(order["receivedAmount"].is_null());
    let id = order["cardNo"].as_str().unwrap();
    assert_eq!(state(&acme, id).await, words("pending", "PENDING"));
    assert_eq!(wallet(&acme).await, "999974.00", "it is paid for already");
    for path in [
        "card/info/sensitive",
        "card/v2/freeze",
        "card/cancel",
        "card/v2/update",
    ] {
        let reply = acme.call(path, &about(id, 2)).await;
        assert_eq!(refusal(&reply), "state_not_allowed", "{path}");
    }
    app.pass(59);
    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(state(&acme, id).await, words("pending", "PENDING"));
    app.pass(1);
    app.run_jobs().await;
    assert_eq!(state(&acme, id).await, words("Normal", "ACTIVE"));
    app.finish().await;
}

#[tokio::test]
async fn a_card_is_on_its_way_until_the_order_that_moves_it_is_carried_out() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    defer(&app, "PT60S").await;
    let moves = [
        (
            "card/v2/freeze",
            ("Freezing", "FREEZING"),
            ("Freeze", "FROZEN"),
        ),
        (
            "card/v2/unfreeze",
            ("UnFreezing", "UNFREEZING"),
            ("Normal", "ACTIVE"),
        ),
        (
            "card/cancel",
            ("canceling", "CANCELLING"),
            ("cancel", "CANCELLED"),
        ),
    ];
    for (number, (path, during, after)) in (3..).zip(moves) {
        let order = place(&acme, path, &about(&id, number)).await;
        assert_eq!(order["status"], "processing", "{path}");
        assert_eq!(order["newCardStatus"], during.1, "{path}");
        assert_eq!(state(&acme, &id).await, words(during.0, during.1), "{path}");
        for word in [during.0, during.1] {
            let listed = acme.call("card/list", &json!({"status": word})).await.ok();
            assert_eq!(listed["data"]["total"], 1, "{word}");
        }
        let again = acme.call(path, &about(&id, number + 100)).await;
        assert_eq!(refusal(&again), "state_not_allowed", "{path}");
        minute(&app).await;
        assert_eq!(state(&acme, &id).await, words(after.0, after.1), "{path}");
    }
    assert_eq!(wallet(&acme).await, "999999.00");
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'order_finished'";
    assert_eq!(
        app.number(events, &[]).await,
        4,
        "one final event for each order"
    );
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_freeze_of_a_frozen_card_is_done_at_its_time_and_touches_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    place(&acme, "card/v2/freeze", &about(&id, 2)).await;
    defer(&app, "PT60S").await;
    let order = place(&acme, "card/v2/freeze", &about(&id, 3)).await;
    assert_eq!(
        (&order["status"], &order["newCardStatus"]),
        (&json!("processing"), &json!("FROZEN"))
    );
    // Somebody wants it back meanwhile, and that is what holds.
    let active = json!({"token_status": "active"});
    let card_id = CardId::new(id.parse().unwrap()).unwrap();
    let path = format!("update-card-status/{}", card_id.padded());
    app.finci().patch(&path, &active).await.ok();
    let changed = "SELECT COUNT(*) FROM event WHERE kind = 'card_status_changed'";
    let before = app.number(changed, &[]).await;
    minute(&app).await;
    assert_eq!(state(&acme, &id).await, words("Normal", "ACTIVE"));
    assert_eq!(app.number(changed, &[]).await, before);
    let asked = json!({"cardNo": id, "merchantOrderNo": order_no(3)});
    let listed = acme.call("card/v2/transaction", &asked).await.ok();
    let order = &listed["data"]["records"][0];
    for (name, value) in [
        ("status", "success"),
        ("previousCardStatus", "FROZEN"),
        ("newCardStatus", "FROZEN"),
    ] {
        assert_eq!(order[name], value, "{name}");
    }

    // Nor does an end of the card make it fail.
    place(&acme, "card/v2/freeze", &about(&id, 4)).await;
    minute(&app).await;
    place(&acme, "card/v2/freeze", &about(&id, 5)).await;
    app.finci()
        .patch(&path, &json!({"token_status": "lost"}))
        .await
        .ok();
    minute(&app).await;
    let failed = "SELECT COUNT(*) FROM card_order WHERE kind = 'freeze' AND status <> 'success'";
    assert_eq!(app.number(failed, &[]).await, 0);
    assert_eq!(state(&acme, &id).await, words("cancel", "CANCELLED"));
    app.finish().await;
}

#[tokio::test]
async fn a_card_on_its_way_pays_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    defer(&app, "PT60S").await;
    let payment = json!({"card_id": id, "amount": 100, "currency": "USD"});
    for (path, number) in [
        ("card/v2/freeze", 2),
        ("card/v2/unfreeze", 3),
        ("card/cancel", 4),
    ] {
        place(&acme, path, &about(&id, number)).await;
        let answer = app.sandbox().post("simulate/authorization", &payment).await;
        assert_eq!(
            answer.record()["decline_reason"],
            "card_not_active",
            "{path}"
        );
        minute(&app).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn the_money_of_a_later_order_is_held_until_it_moves() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let shared = pool(&app, &app.demo, 100).await;
    let body = opening(1, &json!({"accountId": shared.to_string(), "amount": "20"}));
    let id = opened(&app, &acme, &body).await;
    defer(&app, "PT60S").await;
    let order = place(&acme, "card/deposit", &moving(&id, 2, "50")).await;
    assert_eq!(
        (&order["status"], &order["fee"]),
        (&json!("processing"), &json!("0.50"))
    );
    assert_eq!(
        money(&acme, shared).await,
        ("28.50".to_owned(), "79.00".to_owned())
    );
    assert_eq!(card(&acme, &id).await["balance"], "20.00", "not there yet");
    let more = acme.call("card/deposit", &moving(&id, 3, "29")).await;
    assert_eq!(refusal(&more), "insufficient_balance");
    minute(&app).await;
    assert_eq!(
        money(&acme, shared).await,
        ("28.50".to_owned(), "28.50".to_owned())
    );
    assert_eq!(card(&acme, &id).await["balance"], "70.00");
    place(&acme, "card/withdraw", &moving(&id, 4, "60")).await;
    let info = card(&acme, &id).await;
    assert_eq!(
        (
            &info["balance"],
            &info["currentBalance"],
            &info["blockedAmount"]
        ),
        (&json!("10.00"), &json!("70.00"), &json!("60.00"))
    );
    let more = acme.call("card/withdraw", &moving(&id, 5, "10.01")).await;
    assert_eq!(refusal(&more), "insufficient_balance");
    minute(&app).await;
    assert_eq!(money(&acme, shared).await.0, "88.50");
    assert_eq!(
        ended(&app, "withdraw").await,
        ("success".to_owned(), Some(6_000), None)
    );
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_deposit_for_a_card_that_ended_meanwhile_fails_and_frees_its_money() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    defer(&app, "PT60S").await;
    place(&acme, "card/deposit", &moving(&id, 2, "50")).await;
    let card_id = CardId::new(id.parse().unwrap()).unwrap();
    let close = json!({"token_status": "lost"});
    let path = format!("update-card-status/{}", card_id.padded());
    app.finci().patch(&path, &close).await.ok();
    let available = async || {
        let reply = acme.call("account/info", &json!({})).await.ok();
        reply["data"][0]["availableBalance"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        available().await,
        "999948.50",
        "the card has given back its 25.00"
    );
    minute(&app).await;
    assert_eq!(available().await, "999999.00");
    let why = Some(NOT_IN_THIS_STATE.to_owned());
    assert_eq!(ended(&app, "deposit").await, ("fail".to_owned(), None, why));
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn a_freeze_of_a_card_that_ended_meanwhile_fails_and_its_cancellation_finds_nothing_left() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let (one, other) = (
        acme.card(&order_no(1), None).await,
        acme.card(&order_no(2), None).await,
    );
    defer(&app, "PT60S").await;
    place(&acme, "card/v2/freeze", &about(&one, 3)).await;
    place(&acme, "card/cancel", &about(&other, 4)).await;
    for id in [&one, &other] {
        let card_id = CardId::new(id.parse().unwrap()).unwrap();
        let path = format!("update-card-status/{}", card_id.padded());
        let stolen = json!({"token_status": "stolen"});
        app.finci().patch(&path, &stolen).await.ok();
    }
    minute(&app).await;
    assert_eq!(ended(&app, "freeze").await.0, "fail");
    assert_eq!(
        ended(&app, "cancel").await,
        ("success".to_owned(), Some(0), None)
    );
    assert_eq!(state(&acme, &one).await, words("cancel", "CANCELLED"));
    assert_eq!(
        wallet(&acme).await,
        "999998.00",
        "given back when they ended"
    );
    assert_books_balance(&app).await;
    app.finish().await;
}

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
        "activationCode": super::code(&app, id).await,
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
    let id = super::opened(&app, &acme, &physical(1, holder)).await;
    defer(&app, "PT60S").await;
    let used = super::code(&app, &id).await;
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
    let id = super::opened(&app, &acme, &physical(1, holder)).await;
    defer(&app, "PT60S").await;
    let body = json!({
        "cardNo": id, "merchantOrderNo": order_no(2), "pin": "739154",
        "activationCode": super::code(&app, &id).await,
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

#[tokio::test]
async fn controls_and_pins_change_when_their_orders_are_carried_out() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = plastic(&app, &acme, 1).await;
    defer(&app, "PT60S").await;
    let body = json!({
        "cardNo": id, "merchantOrderNo": order_no(2), "noPinPaymentAmount": 90,
        "spendingControls": [{"interval": "PER_TRANSACTION", "amount": "12.00"}],
        "riskControls": {"allowedMcc": ["5411"]}, "remark": "groceries",
    });
    place(&acme, "card/v2/update", &body).await;
    let pin = json!({"cardNo": id, "merchantOrderNo": order_no(3), "newPin": "846205"});
    place(&acme, "card/updatePin", &pin).await;
    let info = card(&acme, &id).await;
    assert_eq!(
        (
            &info["noPinPaymentAmount"],
            &info["spendingControls"],
            &info["remark"]
        ),
        (&json!("500.00"), &json!([]), &Value::Null)
    );
    let with = |pin: &str| {
        json!({
            "card_id": id, "amount": 100, "currency": "USD", "channel": "chip", "pin": pin,
            "merchant": {
                "id": "market", "name": "Market", "city": "Reno", "mcc": "5411", "country": "US",
            },
        })
    };
    let pays = async |pin: &str| {
        let answer = app
            .sandbox()
            .post("simulate/authorization", &with(pin))
            .await;
        answer.record()["approved"] == true
    };
    assert!(pays("739154").await);
    minute(&app).await;
    let info = card(&acme, &id).await;
    assert_eq!(info["noPinPaymentAmount"], "90.00");
    assert_eq!(info["limits"]["perTransactionLimit"], "12.00");
    assert_eq!(info["riskControls"]["allowedMcc"], json!(["5411"]));
    assert_eq!(info["remark"], "groceries");
    assert!(pays("846205").await);
    assert!(!pays("739154").await);
    app.finish().await;
}

#[tokio::test]
async fn what_was_placed_before_the_mode_changed_is_carried_out_all_the_same() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    defer(&app, "PT60S").await;
    place(&acme, "card/deposit", &moving(&id, 2, "50")).await;
    let path = format!("tenants/{}", app.demo.tenant_uuid);
    let back = json!({"order_mode": "immediate"});
    let request = app
        .operator()
        .request(&axum::http::Method::PATCH, &path, &back);
    let tenant = app.send(request).await.record();
    assert_eq!(
        (&tenant["order_mode"], &tenant["order_delay"]),
        (&json!("immediate"), &json!("PT1M"))
    );
    place(&acme, "card/deposit", &moving(&id, 3, "1")).await;
    assert_eq!(card(&acme, &id).await["balance"], "26.00");
    minute(&app).await;
    assert_eq!(card(&acme, &id).await["balance"], "76.00");
    app.finish().await;
}

#[tokio::test]
async fn moving_a_sandboxs_clock_carries_them_out_before_it_answers() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    defer(&app, "P1D").await;
    place(&acme, "card/v2/freeze", &about(&id, 2)).await;
    let moved = app
        .sandbox()
        .post("clock/advance", &json!({"by": "PT25H"}))
        .await;
    assert_eq!(moved.record()["ran"]["finish_order"], 1, "{}", moved.text);
    assert_eq!(state(&acme, &id).await, words("Freeze", "FROZEN"));
    app.finish().await;
}

/// Closed by the other API before it is made, or asked for what its product cannot give any more.
#[tokio::test]
async fn an_opening_that_comes_to_nothing_is_paid_back_with_its_price() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    defer(&app, "PT60S").await;
    let order = place(&acme, "card/v2/openCard", &opening(1, &json!({}))).await;
    assert_eq!(wallet(&acme).await, "999974.00");
    let id = order["cardNo"].as_str().unwrap();
    let card_id = CardId::new(id.parse().unwrap()).unwrap();
    let path = format!("update-card-status/{}", card_id.padded());
    let closed = json!({"token_status": "closed"});
    app.finci().patch(&path, &closed).await.ok();
    minute(&app).await;
    let why = Some(NOT_IN_THIS_STATE.to_owned());
    assert_eq!(ended(&app, "create").await, ("fail".to_owned(), None, why));
    assert_eq!(wallet(&acme).await, "1000000.00");
    assert_books_balance(&app).await;

    // Staff now say that these cards must be activated, which virtual ones cannot be.
    let order = place(&acme, "card/v2/openCard", &opening(2, &json!({}))).await;
    let activation = "UPDATE product SET activation = 1 WHERE id = 111001";
    app.meddle(activation, &[]).await;
    minute(&app).await;
    let id = order["cardNo"].as_str().unwrap();
    assert_eq!(state(&acme, id).await, words("fail", "FAILED"));
    assert_eq!(wallet(&acme).await, "1000000.00");
    let failed = "SELECT COUNT(*) FROM card_order WHERE kind = 'create' AND status = 'fail'";
    assert_eq!(app.number(failed, &[]).await, 2);
    assert_books_balance(&app).await;
    app.finish().await;
}
