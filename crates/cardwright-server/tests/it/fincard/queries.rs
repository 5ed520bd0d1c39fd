//! Queries 42 to 47: every kind of record, told as it happened, narrowed as asked.

pub mod callback;
mod conversations;
mod fees;
mod simulation;

use serde_json::{Value, json};

use super::support::{opening, order, order_no, refusal};
use crate::harness::{FincardCaller, TestApp};

/// Records of a page.
pub async fn records(caller: &FincardCaller<'_>, path: &str, body: &Value) -> Vec<Value> {
    let reply = caller.call(path, body).await.ok();
    let records = reply["data"]["records"].as_array().unwrap().clone();
    let shown = usize::try_from(reply["data"]["pageSize"].as_i64().unwrap()).unwrap();
    assert!(records.len() <= shown, "{reply}");
    records
}

const TRADES: &str = "card/authorize/transaction";

/// One field of every record.
pub fn each<'a>(records: &'a [Value], field: &str) -> Vec<&'a str> {
    let text = |record: &'a Value| record[field].as_str().unwrap_or("null");
    records.iter().map(text).collect()
}

/// What the network does, by the sandbox; the id in the answer.
pub async fn tell(app: &TestApp, path: &str, body: Value, id: &str) -> String {
    let path = format!("simulate/{path}");
    let answer = app.sandbox().post(&path, &body).await.record();
    answer[id].as_str().unwrap().to_owned()
}

/// A payment asked for, in minor units; its number.
pub async fn ask(app: &TestApp, card: &str, amount: i64) -> String {
    let body = json!({"card_id": card, "amount": amount, "currency": "USD"});
    tell(app, "authorization", body, "authorization_id").await
}

/// The number under which this dialect shows the payment that the network knows by 18 digits.
pub async fn shown(caller: &FincardCaller<'_>, number: &str) -> String {
    let found = records(caller, TRADES, &json!({"tradeNo": number})).await;
    assert_eq!(found.len(), 1, "{number}");
    found[0]["tradeNo"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_payments_number_is_an_id_like_every_other_and_the_networks_finds_it_too() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let number = ask(&app, &card, 1_000).await;
    assert_eq!(number.len(), 18, "the network's");
    let body = json!({"authorization_id": number, "amount": 1_000});
    let payment = tell(&app, "clearing", body, "transaction_id").await;
    let body = json!({"transaction_id": payment, "amount": 400});
    tell(&app, "refund", body, "transaction_id").await;
    let later = ask(&app, &card, 100).await;

    let found = records(&acme, TRADES, &json!({})).await;
    let ids: Vec<u64> = each(&found, "tradeNo")
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    assert!(ids.iter().all(|id| *id < 1 << 53), "{ids:?}");
    assert!(ids.is_sorted_by(|one, next| one > next), "by time: {ids:?}");
    let paid = found[2]["tradeNo"].as_str().unwrap();
    assert_eq!(found[1]["originTradeNo"], paid);
    assert_eq!(shown(&acme, &number).await, paid);
    assert_eq!(shown(&acme, paid).await, paid);
    // Who knows only this dialect plays the network by its number too.
    let body = json!({"authorization_id": shown(&acme, &later).await});
    tell(&app, "reversal", body, "authorization_id").await;
    let found = records(&acme, TRADES, &json!({"tradeNo": later})).await;
    assert_eq!(each(&found, "description"), ["Voided"]);
    for (kind, origin) in [("Void", &later), ("refund", &number)] {
        let body = json!({
            "cardNo": card, "type": kind, "amount": "0.50", "currency": "USD",
            "originSerialNumber": origin,
        });
        let reply = acme.call("card/simulateAuthTransaction", &body).await;
        match kind {
            "refund" => assert_eq!(reply.ok()["data"]["originTradeNo"], paid),
            _ => assert_eq!(refusal(&reply), "state_not_allowed", "it is known"),
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn taking_back_a_refund_that_leave_was_asked_for_names_the_record_that_shows_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let body = json!({"card_id": card, "amount": 250, "currency": "USD", "type": "refund"});
    let leave = tell(&app, "authorization", body, "authorization_id").await;
    let body = json!({"authorization_id": leave});
    let refund = tell(&app, "refund", body, "transaction_id").await;
    let body = json!({"transaction_id": refund, "amount": 100});
    tell(&app, "refund-reversal", body, "transaction_id").await;
    let found = records(&acme, TRADES, &json!({})).await;
    assert_eq!(each(&found, "type"), ["Void", "refund"]);
    assert_eq!(found[0]["originTradeNo"], found[1]["tradeNo"]);
    app.finish().await;
}

#[tokio::test]
async fn a_payment_moves_from_authorized_to_succeed_with_what_was_settled() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let number = ask(&app, &card, 1_000).await;
    let found = records(&acme, TRADES, &json!({})).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["tradeNo"], shown(&acme, &number).await);
    assert_eq!(found[0]["status"], "authorized");
    assert_eq!(found[0]["authorizedAmount"], "10.00");
    assert!(found[0]["settleAmount"].is_null() && found[0]["crossBoardFee"].is_null());

    let part = json!({"authorization_id": number, "amount": 400, "final": false});
    tell(&app, "clearing", part, "transaction_id").await;
    let found = records(&acme, TRADES, &json!({"tradeNo": number})).await;
    assert_eq!(found[0]["status"], "authorized", "more is to come");
    assert_eq!(found[0]["settleAmount"], "4.00");

    let rest = json!({"authorization_id": number, "amount": 700});
    tell(&app, "clearing", rest, "transaction_id").await;
    let found = records(&acme, TRADES, &json!({"tradeNo": number})).await;
    assert_eq!(found[0]["status"], "succeed");
    assert_eq!(found[0]["settleAmount"], "11.00");
    assert_eq!(found[0]["settleDate"], "2026-11-21");
    assert_eq!(found[0]["crossBoardFee"], "0.00");
    app.finish().await;
}

#[tokio::test]
async fn what_was_declined_taken_back_or_forgotten_failed_and_says_why() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let declined = ask(&app, &card, 100_000).await;
    let voided = ask(&app, &card, 500).await;
    let expired = ask(&app, &card, 600).await;
    let part = json!({"authorization_id": voided, "amount": 200});
    tell(&app, "reversal", part, "authorization_id").await;
    let open = records(&acme, TRADES, &json!({"tradeNo": voided})).await;
    assert_eq!(open[0]["status"], "authorized", "part of it is left");
    let rest = json!({"authorization_id": voided});
    tell(&app, "reversal", rest, "authorization_id").await;
    let end = json!({"authorization_id": expired});
    tell(&app, "expiry", end, "authorization_id").await;

    let described = async |number: &str| {
        let found = records(&acme, TRADES, &json!({"tradeNo": number})).await;
        assert_eq!(found.len(), 1, "{number}");
        let words = ["status", "description", "authorizedAmount"];
        words.map(|field| found[0][field].as_str().unwrap_or("null").to_owned())
    };
    assert_eq!(
        described(&declined).await,
        ["failed", "Declined: insufficient funds", "0.00"]
    );
    assert_eq!(described(&voided).await, ["failed", "Voided", "5.00"]);
    assert_eq!(described(&expired).await, ["failed", "Expired", "6.00"]);

    let voids = records(&acme, TRADES, &json!({"type": "Void"})).await;
    assert_eq!(each(&voids, "amount"), ["3.00", "2.00"]);
    let voided = shown(&acme, &voided).await;
    assert_eq!(
        each(&voids, "originTradeNo"),
        [voided.as_str(), voided.as_str()]
    );
    assert_eq!(each(&voids, "status"), ["succeed", "succeed"]);
    app.finish().await;
}

#[tokio::test]
async fn a_payment_that_comes_after_its_end_is_settled_all_the_same() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let late = ask(&app, &card, 600).await;
    tell(
        &app,
        "expiry",
        json!({"authorization_id": late}),
        "authorization_id",
    )
    .await;
    let body = json!({"authorization_id": late, "amount": 600});
    tell(&app, "clearing", body, "transaction_id").await;
    let found = records(&acme, TRADES, &json!({})).await;
    assert_eq!(each(&found, "status"), ["succeed"]);
    assert_eq!(each(&found, "settleAmount"), ["6.00"]);
    app.finish().await;
}

#[tokio::test]
async fn refunds_their_reversals_and_postings_without_a_question_are_records_of_their_own() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let number = ask(&app, &card, 1_000).await;
    let body = json!({"authorization_id": number, "amount": 1_000});
    let payment = tell(&app, "clearing", body, "transaction_id").await;
    let body = json!({"transaction_id": payment, "amount": 400});
    let refund = tell(&app, "refund", body, "transaction_id").await;
    let body = json!({"transaction_id": refund, "amount": 100});
    let reversal = tell(&app, "refund-reversal", body, "transaction_id").await;
    let body = json!({"card_id": card, "amount": 300, "currency": "USD"});
    let forced = tell(&app, "force-post", body, "transaction_id").await;
    let body = json!({"card_id": card, "amount": 150, "currency": "USD"});
    let unlinked = tell(&app, "refund", body, "transaction_id").await;
    let body = json!({"card_id": card, "amount": 250, "currency": "USD", "type": "refund"});
    let leave = tell(&app, "authorization", body, "authorization_id").await;
    let body = json!({"authorization_id": leave});
    tell(&app, "refund", body, "transaction_id").await;
    let body = json!({
        "card_id": card, "amount": 0, "currency": "USD", "type": "account_verification",
    });
    let check = tell(&app, "authorization", body, "authorization_id").await;

    let (number, leave, check) = (
        shown(&acme, &number).await,
        shown(&acme, &leave).await,
        shown(&acme, &check).await,
    );
    let found = records(&acme, TRADES, &json!({"cardNo": card})).await;
    let told: Vec<[&str; 4]> = found
        .iter()
        .map(|record| {
            ["tradeNo", "type", "originTradeNo", "amount"]
                .map(|field| record[field].as_str().unwrap_or("null"))
        })
        .collect();
    assert_eq!(
        told,
        [
            [check.as_str(), "verification", "null", "0.00"],
            [leave.as_str(), "refund", "null", "2.50"],
            [unlinked.as_str(), "refund", "null", "1.50"],
            [forced.as_str(), "auth", "null", "3.00"],
            [reversal.as_str(), "Void", refund.as_str(), "1.00"],
            [refund.as_str(), "refund", number.as_str(), "4.00"],
            [number.as_str(), "auth", "null", "10.00"],
        ]
    );
    assert!(each(&found, "status").iter().all(|word| *word == "succeed"));
    let of_type = async |word: &str| records(&acme, TRADES, &json!({"type": word})).await.len();
    assert_eq!(of_type("auth").await, 2);
    assert_eq!(of_type("refund").await, 3);
    assert_eq!(of_type("verification").await, 1);
    assert_eq!(of_type("maintain_fee").await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_list_is_narrowed_by_card_time_and_number_and_paged_newest_first() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let (one, other) = (
        acme.card("order-0000000000001", None).await,
        acme.card("order-0000000000002", None).await,
    );
    let mut numbers = Vec::new();
    for card in [&one, &other, &one] {
        app.pass(60);
        let number = ask(&app, card, 100).await;
        numbers.push(shown(&acme, &number).await);
    }
    let all = records(&acme, TRADES, &json!({})).await;
    let newest_first: Vec<&str> = numbers.iter().rev().map(String::as_str).collect();
    assert_eq!(each(&all, "tradeNo"), newest_first);
    let of_one = records(&acme, TRADES, &json!({"cardId": one})).await;
    assert_eq!(
        each(&of_one, "tradeNo"),
        [numbers[2].as_str(), numbers[0].as_str()]
    );
    let second = records(&acme, TRADES, &json!({"pageNo": 2, "pageSize": 1})).await;
    assert_eq!(each(&second, "tradeNo"), [numbers[1].as_str()]);
    let at = all[1]["transactionTime"].as_i64().unwrap();
    let then = records(&acme, TRADES, &json!({"startTime": at, "endTime": at})).await;
    assert_eq!(each(&then, "tradeNo"), [numbers[1].as_str()]);
    let of_card = json!({"cardNo": other, "startTime": at + 1});
    assert!(records(&acme, TRADES, &of_card).await.is_empty());
    for nothing in [
        json!({"tradeNo": "261121999999999999"}),
        json!({"tradeNo": "no such number"}),
        json!({"tradeNo": "12345"}),
        json!({"cardNo": "nobody"}),
        json!({"cardNo": one, "tradeNo": numbers[1]}),
    ] {
        let reply = acme.call(TRADES, &nothing).await.ok();
        assert_eq!(reply["data"]["total"], 0, "{nothing}");
    }
    app.finish().await;
}

#[tokio::test]
async fn orders_are_listed_by_what_they_did_and_by_either_number() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    acme.call("card/v2/freeze", &order(2, &card)).await.ok();
    // The shorter paths are the same calls: a repeat by one is a repeat by the other.
    let unfrozen = acme.call("card/unfreeze", &order(3, &card)).await.ok();
    let again = acme.call("card/v2/unfreeze", &order(3, &card)).await.ok();
    assert_eq!(unfrozen, again);
    for path in ["card/transaction", "card/v2/transaction"] {
        let all = records(&acme, path, &json!({"cardNo": card})).await;
        assert_eq!(
            each(&all, "type"),
            ["UnFreeze", "Freeze", "create"],
            "{path}"
        );
        let frozen = records(&acme, path, &json!({"type": "Freeze"})).await;
        assert_eq!(each(&frozen, "merchantOrderNo"), [order_no(2)]);
        let by_number = json!({"merchantOrderNo": order_no(1)});
        let opened = records(&acme, path, &by_number).await;
        assert_eq!(each(&opened, "type"), ["create"]);
        let by_id = json!({"orderNo": opened[0]["orderNo"]});
        assert_eq!(records(&acme, path, &by_id).await, opened);
        let deposits = records(&acme, path, &json!({"type": "withdraw"})).await;
        assert!(deposits.is_empty(), "nobody withdrew anything");
    }
    app.finish().await;
}

#[tokio::test]
async fn an_opening_by_the_older_call_is_in_the_older_list_only() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let old = opening(1, &json!({}));
    acme.call("card/openCard", &old).await.ok();
    let new = opening(2, &json!({}));
    acme.call("card/v2/openCard", &new).await.ok();
    let all = records(&acme, "card/transaction", &json!({})).await;
    assert_eq!(each(&all, "merchantOrderNo"), [order_no(2), order_no(1)]);
    let newer = records(&acme, "card/v2/transaction", &json!({})).await;
    assert_eq!(each(&newer, "merchantOrderNo"), [order_no(2)]);
    let bills = records(&acme, "card/purchase/transaction", &json!({})).await;
    assert_eq!(bills.len(), 2, "both had a price");
    app.finish().await;
}

#[tokio::test]
async fn a_bill_adds_up_price_and_first_deposit() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let opened = acme.call("card/v2/openCard", &opening(1, &json!({}))).await;
    let opened = opened.ok();
    let card = opened["data"]["cardNo"].as_str().unwrap();
    acme.call("card/v2/freeze", &order(2, card)).await.ok();
    let bills = records(&acme, "card/purchase/transaction", &json!({})).await;
    assert_eq!(bills.len(), 1, "a freeze costs nothing and has no bill");
    assert_eq!(bills[0]["orderNo"], opened["data"]["orderNo"]);
    assert_eq!(bills[0]["cardFee"], "1.00");
    assert_eq!(bills[0]["depositAmount"], "25.00");
    assert_eq!(bills[0]["amount"], "26.00");
    assert_eq!(bills[0]["cardTypeId"], 111_001);
    app.finish().await;
}

#[tokio::test]
async fn challenges_show_the_code_or_page_and_nobody_keeps_them() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let challenge = async |kind: &str| {
        let body = json!({
            "card_id": card, "kind": kind, "merchant": {"name": "Bookshop"}, "amount": 1_250,
            "currency": "EUR",
        });
        app.sandbox()
            .post("simulate/three-ds", &body)
            .await
            .record()
    };
    let (otp, url) = (challenge("otp").await, challenge("url").await);
    let reply = acme.call("card/3ds/transaction", &json!({})).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let shown = "SELECT COUNT(*) FROM audit WHERE action = 'challenge.reveal' AND subject_id = $1";
    assert_eq!(
        app.number(shown, &[card.as_str().into()]).await,
        1,
        "both are of one card"
    );
    let nobodys = json!({"cardNo": "42"});
    acme.call("card/3ds/transaction", &nobodys).await.ok();
    let all = "SELECT COUNT(*) FROM audit WHERE action = 'challenge.reveal'";
    assert_eq!(app.number(all, &[]).await, 1, "nothing was shown");
    let reply = reply.ok();
    let found = reply["data"]["records"].as_array().unwrap();
    assert_eq!(each(found, "type"), ["auth_url", "third_3ds_otp"]);
    assert_eq!(found[0]["values"], url["value"]);
    assert_eq!(found[1]["values"], otp["value"]);
    assert_eq!(each(found, "amount"), ["12.50", "12.50"]);
    assert_eq!(each(found, "merchantName"), ["Bookshop", "Bookshop"]);
    let asked = found[0]["transactionTime"].as_i64().unwrap();
    assert_eq!(found[0]["expirationTime"], asked + 600_000);
    assert!(found[1]["expirationTime"].is_null());
    let codes = records(
        &acme,
        "card/3ds/transaction",
        &json!({"type": "third_3ds_otp"}),
    )
    .await;
    assert_eq!(codes.len(), 1);
    let refused = acme
        .call("card/3ds/transaction", &json!({"type": "otp"}))
        .await;
    assert_eq!(refusal(&refused), "invalid_field");
    app.finish().await;
}
