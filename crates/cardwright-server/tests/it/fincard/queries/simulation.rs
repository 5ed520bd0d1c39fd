//! `card/simulateAuthTransaction`: a caller plays the network, in a sandbox only.

use cardwright_server::store::environment::EnvironmentName;
use serde_json::{Value, json};

use super::{TRADES, each, records};
use crate::{
    fincard::support::{failure, order, refusal, wallet},
    harness::{FincardCaller, Reaction, Received, TestApp},
    webhooks::{ADDRESS, decisions::let_integrator_decide, know_host, register},
};

const SIMULATE: &str = "card/simulateAuthTransaction";

fn happening(card: &str, kind: &str, amount: &str) -> Value {
    json!({"cardNo": card, "type": kind, "amount": amount, "currency": "USD"})
}

fn of(mut body: Value, origin: &Value) -> Value {
    body["originSerialNumber"] = origin.clone();
    body
}

async fn simulate(caller: &FincardCaller<'_>, body: &Value) -> Value {
    caller.call(SIMULATE, body).await.ok()["data"].clone()
}

async fn balance(caller: &FincardCaller<'_>, card: &str) -> String {
    let body = json!({"cardNo": card, "onlySimpleInfo": false});
    let info = caller.call("card/info", &body).await.ok();
    info["data"]["availableBalance"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_caller_authorizes_takes_back_and_refunds_as_the_network_would() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let first = simulate(&acme, &happening(&card, "auth", "10.00")).await;
    assert_eq!(first["status"], "authorized");
    assert_eq!(balance(&acme, &card).await, "15.00");

    let part = of(happening(&card, "Void", "4.00"), &first["tradeNo"]);
    let void = simulate(&acme, &part).await;
    assert_eq!(void["type"], "Void");
    assert_eq!(void["originTradeNo"], first["tradeNo"]);
    assert_eq!(balance(&acme, &card).await, "19.00");

    // What is only authorized is settled before it is given back.
    let back = of(happening(&card, "refund", "1.50"), &first["tradeNo"]);
    let refund = simulate(&acme, &back).await;
    assert_eq!(refund["type"], "refund");
    assert_eq!(refund["originTradeNo"], first["tradeNo"]);
    assert_eq!(balance(&acme, &card).await, "20.50");
    let found = records(&acme, TRADES, &json!({})).await;
    assert_eq!(each(&found, "type"), ["refund", "Void", "auth"]);
    assert_eq!(each(&found, "status"), ["succeed", "succeed", "succeed"]);
    assert_eq!(found[2]["settleAmount"], "6.00");
    app.finish().await;
}

#[tokio::test]
async fn a_frozen_card_is_declined_and_the_answer_is_a_record_all_the_same() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    acme.call("card/freeze", &order(2, &card)).await.ok();
    let asked = simulate(&acme, &happening(&card, "auth", "10.00")).await;
    assert_eq!(asked["status"], "failed");
    assert_eq!(asked["description"], "Declined: card not active");
    app.finish().await;
}

#[tokio::test]
async fn a_fee_is_paid_by_the_card_while_it_can_and_by_the_wallet_once_it_cannot() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let before = wallet(&acme).await;
    let fee = simulate(&acme, &happening(&card, "maintain_fee", "24.00")).await;
    assert_eq!(fee["type"], "maintain_fee");
    assert_eq!(balance(&acme, &card).await, "1.00");
    assert_eq!(wallet(&acme).await, before);
    assert!(
        records(&acme, "card/auth/fee/transaction", &json!({}))
            .await
            .is_empty()
    );

    let mut body = happening(&card, "maintain_fee", "1.01");
    body["description"] = "November".into();
    let fee = simulate(&acme, &body).await;
    assert_eq!(fee["description"], "November");
    assert_eq!(balance(&acme, &card).await, "1.00", "all of it or nothing");
    let patches = records(&acme, "card/auth/fee/transaction", &json!({})).await;
    assert_eq!(each(&patches, "type"), ["card_patch_fee"]);
    assert_eq!(each(&patches, "amount"), ["1.01"]);
    assert_eq!(patches[0]["originTradeNo"], fee["tradeNo"]);
    assert_eq!(patches[0]["deductionSourceFunds"], "wallet");
    assert_eq!(wallet(&acme).await, "999972.99", "26.00 and 1.01 less");
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_happen_is_refused_and_leaves_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let other = acme.card("order-0000000000002", None).await;
    let asked = simulate(&acme, &happening(&card, "auth", "10.00")).await;
    let number = &asked["tradeNo"];
    let declined = simulate(&acme, &happening(&card, "auth", "100.00")).await;
    let euros = {
        let mut body = of(happening(&card, "Void", "1.00"), number);
        body["currency"] = "EUR".into();
        body
    };
    let table = [
        (happening("7", "auth", "1.00"), "card_not_found"),
        (happening(&card, "auth", "0"), "amount_out_of_range"),
        (happening(&card, "auth", "0.001"), "amount_invalid"),
        (happening(&card, "auth", "-1"), "amount_invalid"),
        (happening(&card, "Void", "1.00"), "missing_field"),
        (happening(&card, "void", "1.00"), "invalid_field"),
        (euros, "invalid_field"),
        (
            of(happening(&card, "Void", "10.01"), number),
            "amount_out_of_range",
        ),
        (
            of(happening(&other, "Void", "1.00"), number),
            "transaction_not_found",
        ),
        (
            of(happening(&card, "refund", "1.00"), &json!("nothing")),
            "transaction_not_found",
        ),
        (
            of(happening(&card, "Void", "1.00"), &declined["tradeNo"]),
            "state_not_allowed",
        ),
        (
            of(happening(&card, "refund", "1.00"), &declined["tradeNo"]),
            "state_not_allowed",
        ),
        (
            of(happening(&card, "refund", "10.01"), number),
            "amount_out_of_range",
        ),
        (
            happening(&card, "maintain_fee", "2000000.00"),
            "insufficient_balance",
        ),
    ];
    let before = records(&acme, TRADES, &json!({})).await;
    for (body, word) in table {
        assert_eq!(refusal(&acme.call(SIMULATE, &body).await), word, "{body}");
    }
    assert_eq!(records(&acme, TRADES, &json!({})).await, before);
    app.finish().await;
}

#[tokio::test]
async fn production_knows_no_such_call_whoever_asks() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    let acme = app.fincard().await;
    let body = happening("7", "auth", "1.00");
    let reply = acme.call(SIMULATE, &body).await;
    assert_eq!(failure(&reply), (404, "not_found".to_owned()));
    let mut stranger = acme.request(SIMULATE, "{");
    stranger.headers_mut().clear();
    let reply_to_stranger = app.send(stranger).await;
    assert_eq!(reply_to_stranger.status, 400, "no Host, no answer");
    let nowhere = acme.call("card/noSuchCall", &body).await;
    assert_eq!(reply.bytes(), nowhere.bytes());
}

#[tokio::test]
async fn the_integrator_decides_what_a_caller_simulates_like_what_the_network_asks() {
    let app = TestApp::new().await;
    know_host(&app);
    let react = |count: usize, _: &Received| match count {
        1 => Reaction::Answer(200, r#"{"status":"success"}"#),
        _ => Reaction::Answer(200, r#"{"status":"error"}"#),
    };
    let listener = app.outside.listen(ADDRESS, react);
    register(&app, "finci", json!({})).await;
    let acme = app.fincard().await;
    let card = acme.card("order-0000000000001", None).await;
    let_integrator_decide(&app).await;

    let yes = simulate(&acme, &happening(&card, "auth", "10.00")).await;
    assert_eq!(yes["status"], "authorized");
    assert_eq!(balance(&acme, &card).await, "15.00");
    let no = simulate(&acme, &happening(&card, "auth", "5.00")).await;
    assert_eq!(no["status"], "failed");
    assert_eq!(no["description"], "Declined: insufficient funds");
    assert_eq!(
        balance(&acme, &card).await,
        "15.00",
        "nothing is held for it"
    );
    let asked: Vec<Value> = listener.received().iter().map(Received::json).collect();
    assert_eq!(each(&asked, "amount"), ["10.00", "5.00"]);
    // What the platform declines itself is no question.
    let more = simulate(&acme, &happening(&card, "auth", "100.00")).await;
    assert_eq!(more["status"], "failed");
    assert_eq!(listener.received().len(), 2);
    app.finish().await;
}
