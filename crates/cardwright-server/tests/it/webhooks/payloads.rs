//! Every event in every dialect, made by what brings it about and recorded as it arrives.

use std::{fmt::Write as _, sync::Arc};

use cardwright_core::{CardId, DepositOrder, WorkOrderDecision, WorkOrderId};
use cardwright_server::{jobs::deliveries, ops::work_orders};
use serde_json::{Value, json};

use super::{ADDRESS, know_host, register};
use crate::{
    fincard::{
        orders::{code, defer, opened, physical},
        queries::{ask, tell},
        support::{opening, order, order_no},
    },
    harness::{
        FincardCaller, Listener, Reaction, Received, TestApp,
        callers::{corporate, employee},
    },
    native::payments::Payer,
    parties::arranged::deposit,
};

/// Takes everything.
fn listen(app: &TestApp) -> Arc<Listener> {
    know_host(app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, r#"{"success":true}"#))
}

/// Delivers what there is, and writes what arrived under a title.
async fn tell_of(app: &TestApp, (listener, seen): (&Listener, &mut usize), title: &str) -> String {
    deliveries::run_due(&app.app).await.unwrap();
    let all = listener.received();
    let mut text = String::new();
    let mut new: Vec<_> = all[*seen..].iter().collect();
    new.sort_by_key(|received| received.header("webhook-id").to_owned());
    *seen = all.len();
    for received in new {
        let _ = writeln!(text, "=== {title}");
        for name in ["webhook-id", "x-wsb-category", "x-wsb-request-id"] {
            if !received.header(name).is_empty() {
                let _ = writeln!(text, "{name}: {}", received.header(name));
            }
        }
        let body = hidden(received.json());
        let body = serde_json::to_string_pretty(&body).unwrap();
        let _ = writeln!(text, "\n{body}\n");
    }
    text
}

/// Codes and links are a holder's secret, in a golden file too.
fn hidden(mut body: Value) -> Value {
    for pointer in ["/values", "/data/values"] {
        if let Some(value) = body.pointer_mut(pointer) {
            *value = "…".into();
        }
    }
    body
}

fn assert_golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../goldens");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Every value that a field has in what was recorded.
fn told(text: &str, field: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| {
        let value = line.strip_prefix(&format!("  \"{field}\": \""))?;
        Some(value.trim_end_matches([',', '"']).to_owned())
    });
    let mut values: Vec<String> = lines.collect();
    values.sort();
    values.dedup();
    values
}

#[tokio::test(start_paused = true)]
async fn a_finci_integrator_is_told_of_cards_and_payments() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    let (mut seen, mut text) = (0, String::new());
    register(&app, "finci", json!({})).await;
    let payer = Payer::with(&app, 100_000, "EUR").await;
    let mut say = async |title: &str| {
        text.push_str(&tell_of(&app, (&listener, &mut seen), title).await);
    };
    say("A card is issued").await;
    let number = payer.approved(2_500).await;
    say("A payment is approved").await;
    payer.ask(900_000, &json!({})).await;
    say("A payment is declined").await;
    let more = json!({"authorization_id": number, "amount": 500});
    payer.tell("increment", &more).await;
    say("It is raised").await;
    let back = json!({"authorization_id": number, "amount": 1_000});
    payer.tell("reversal", &back).await;
    say("A part is taken back").await;
    let cleared = json!({"authorization_id": number, "amount": 2_000});
    let cleared = payer.tell("clearing", &cleared).await;
    say("The merchant is paid").await;
    let other = payer.approved(600).await;
    let less = json!({"authorization_id": other, "amount": 400});
    payer.tell("clearing", &less).await;
    say("A merchant takes less than it asked for").await;
    let giving = payer.ask(1_500, &json!({"type": "refund"})).await;
    payer.balances().await;
    say("Leave to give money back, and a look at the balance, are not told").await;
    let back = json!({"authorization_id": giving["authorization_id"]});
    payer.tell("refund", &back).await;
    say("But what was given is").await;
    payer.ask(0, &json!({"type": "account_verification"})).await;
    say("A merchant asks whether the card is good").await;
    let partial = json!({"currency": "EUR", "partial_allowed": true});
    let partial = payer.ask(900_000, &partial).await;
    say("A part of a payment is approved").await;
    let back = json!({"authorization_id": partial["authorization_id"]});
    payer.tell("reversal", &back).await;
    say("And taken back").await;
    let refund = json!({"transaction_id": cleared["transaction_id"], "amount": 700});
    let refund = payer.tell("refund", &refund).await;
    say("The merchant gives some of it back").await;
    let undone = json!({"transaction_id": refund["transaction_id"]});
    payer.tell("refund-reversal", &undone).await;
    say("And takes that back").await;
    let deferred = payer.question(300, &json!({"channel": null}));
    payer.tell("force-post", &deferred).await;
    say("A merchant is paid that had not asked").await;
    let forgotten = payer.approved(400).await;
    let end = json!({"authorization_id": forgotten});
    app.sandbox().post("simulate/expiry", &end).await.record();
    say("Nothing comes of a payment").await;
    let finci = app.finci();
    let path = format!("update-card-stage/{}", payer.token);
    let ordered = json!({"token_stage": "plastic_not_delivered"});
    finci.patch(&path, &ordered).await.ok();
    say("Plastic is ordered").await;
    let path = format!("update-card-status/{}", payer.token);
    for status in ["deactivated", "active", "lost"] {
        finci
            .patch(&path, &json!({"token_status": status}))
            .await
            .ok();
        say(&format!("The card becomes {status}")).await;
    }
    let words = [
        "authorization",
        "card_created",
        "card_stage_changed",
        "card_status_changed",
        "presentment",
        "return",
    ];
    assert_eq!(told(&text, "event"), words);
    assert_golden("webhook_payloads_finci", &text);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_block_of_the_platform_is_told_in_the_words_that_the_card_shows() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    register(&app, "finci", json!({"events": ["card_status_changed"]})).await;
    let payer = Payer::with(&app, 0, "EUR").await;
    let path = |verb: &str| format!("cards/{}/{verb}", payer.card);
    let reason = json!({"reason": "Suspicion"});
    let operator = app.operator();
    operator.post(&path("block"), &reason).await.record();
    operator.post(&path("unblock"), &reason).await.record();
    deliveries::run_due(&app.app).await.unwrap();
    let told: Vec<(Value, Value)> = listener
        .received()
        .iter()
        .map(|received| {
            let body = received.json();
            (
                body["previous_token_status"].clone(),
                body["token_status"].clone(),
            )
        })
        .collect();
    let pair = |from: &str, to: &str| (Value::from(from), Value::from(to));
    assert_eq!(
        told,
        [pair("active", "deactivated"), pair("deactivated", "active")]
    );
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_fincard_integrator_is_told_of_orders_holders_and_coins() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    let (mut seen, mut text) = (0, String::new());
    register(&app, "fincard", json!({})).await;
    let acme = app.fincard().await;
    let mut say = async |title: &str| {
        text.push_str(&tell_of(&app, (&listener, &mut seen), title).await);
    };
    let holder = acme.holder("told@example.com").await;
    say("A holder is recorded and its checks pass").await;
    let rejected = json!({
        "firstName": "Ana", "lastName": "REJECT", "birthday": "1985-03-02",
        "email": "rejected@example.com", "address": "Rua Augusta 1", "country": "PT",
        "idNumber": "P-rejected",
    });
    acme.call("card/holder/v2/create", &rejected).await.ok();
    app.run_jobs().await;
    say("A holder is rejected").await;
    let moved = json!({"holderId": holder, "email": "moved@example.com"});
    acme.call("card/holder/updateEmail", &moved).await.ok();
    say("A holder is reached elsewhere").await;
    let card = opened(&app, &acme, &opening(1, &json!({"holderId": holder}))).await;
    say("A card is opened").await;
    let money = |number: usize, amount: &str| json!({"cardNo": card, "merchantOrderNo": order_no(number), "amount": amount});
    acme.call("card/deposit", &money(2, "50.00")).await.ok();
    acme.call("card/withdraw", &money(3, "5.00")).await.ok();
    say("Money goes onto it and off it").await;
    acme.call("card/v2/freeze", &order(4, &card)).await.ok();
    acme.call("card/v2/unfreeze", &order(5, &card)).await.ok();
    let update = json!({"cardNo": card, "merchantOrderNo": order_no(6), "remark": "team"});
    acme.call("card/v2/update", &update).await.ok();
    say("It is frozen, thawed and changed").await;
    let plastic = activated(&app, &acme, holder).await;
    say("A physical card is activated").await;
    let three_ds = json!({
        "card_id": card, "kind": "otp", "amount": 1_000, "currency": "USD",
        "merchant": {"name": "Corner shop"},
    });
    let asked = app.sandbox().post("simulate/three-ds", &three_ds).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    say("The holder is asked for a code").await;
    let number = ask(&app, &card, 1_000).await;
    acme.call("card/cancel", &order(10, &card)).await.ok();
    let back = json!({"authorization_id": number});
    tell(&app, "reversal", back, "authorization_id").await;
    say("It ends, and what was held comes back").await;
    let path = format!("cards/{plastic}/block");
    app.operator()
        .post(&path, &json!({"reason": "Suspicion"}))
        .await
        .record();
    say("The platform stops a card").await;
    let announced = json!({"amount": "9"});
    acme.call("account/walletDeposit", &announced).await.ok();
    let coins = deposit("USDT_TRC20", "9", 38);
    app.sandbox()
        .post("simulate/crypto-deposit", &coins)
        .await
        .record();
    say("Announced coins come").await;
    worked(&app).await;
    say("Staff decide a work order").await;
    assert!(text.contains("\"status\": \"reject\""), "{text}");
    assert_golden("webhook_payloads_fincard_orders", &text);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_fincard_integrator_is_told_of_what_failed_and_of_what_is_rare() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    let (mut seen, mut text) = (0, String::new());
    register(&app, "fincard", json!({})).await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let other = acme.card(&order_no(2), None).await;
    tell_of(&app, (&listener, &mut seen), "").await;
    let mut say = async |title: &str| {
        text.push_str(&tell_of(&app, (&listener, &mut seen), title).await);
    };
    let sandbox = app.sandbox();
    let link = json!({
        "card_id": card, "kind": "url", "merchant": {"name": "Bookshop"}, "amount": 1_250,
        "currency": "USD",
    });
    sandbox.post("simulate/three-ds", &link).await.record();
    say("The holder is sent to a page").await;
    let check = json!({
        "card_id": card, "amount": 0, "currency": "USD", "type": "account_verification",
    });
    tell(&app, "authorization", check, "authorization_id").await;
    say("A merchant asks whether the card is good").await;
    let fee = json!({
        "cardNo": card, "type": "maintain_fee", "amount": "25.01", "currency": "USD",
    });
    acme.call("card/simulateAuthTransaction", &fee).await.ok();
    say("The wallet pays a fee that the card cannot").await;
    let forced = json!({"card_id": card, "amount": 4_000, "currency": "USD"});
    tell(&app, "force-post", forced, "transaction_id").await;
    say("And what the card owes").await;
    defer(&app, "PT60S").await;
    let late = json!({"cardNo": other, "merchantOrderNo": order_no(3), "amount": "50.00"});
    acme.call("card/deposit", &late).await.ok();
    let lost = CardId::new(other.parse().unwrap()).unwrap().padded();
    let path = format!("update-card-status/{lost}");
    let status = json!({"token_status": "lost"});
    app.finci().patch(&path, &status).await.ok();
    app.pass(60);
    app.run_jobs().await;
    say("An order fails, because its card ended meanwhile").await;
    let most = json!({"deposit_max": 5_000});
    let operator = app.operator();
    operator.patch("coins/USDT_TRC20", &most).await.record();
    acme.call("account/walletDeposit", &json!({"amount": "9"}))
        .await
        .ok();
    let coins = deposit("USDT_TRC20", "50.000001", 38);
    sandbox
        .post("simulate/crypto-deposit", &coins)
        .await
        .record();
    say("More coins come than are taken").await;
    work_fails(&app).await;
    say("Staff cannot do what they were asked for").await;
    assert_golden("webhook_payloads_fincard_failures", &text);
    app.finish().await;
}

async fn work_fails(app: &TestApp) {
    let body = json!({
        "merchantOrderNo": "work-2", "title": "ApplePay", "target": "card",
        "tradeType": "CARD_ACTIVE", "content": "Please activate",
    });
    let acme = app.fincard().await;
    let submitted = acme.call("work/submit", &body).await.ok();
    let id = submitted["orderNo"].as_str().unwrap();
    let path = format!("work-orders/{id}/decision");
    let decision = json!({"decision": "fail", "description": "Not possible"});
    app.operator().post(&path, &decision).await.record();
}

#[tokio::test(start_paused = true)]
async fn an_announced_deposit_that_nothing_comes_of_is_told_of_once() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    let (mut seen, mut text) = (0, String::new());
    let events = json!({"events": ["wallet_transaction", "wallet_transaction_v2"]});
    register(&app, "fincard", events).await;
    let acme = app.fincard().await;
    let announce = async |amount: &str| {
        let body = json!({"amount": amount});
        acme.call("account/walletDeposit", &body).await.ok();
    };
    announce("9").await;
    let coins = deposit("USDT_TRC20", "9", 38);
    let path = "simulate/crypto-deposit";
    app.sandbox().post(path, &coins).await.record();
    announce("25").await;
    tell_of(&app, (&listener, &mut seen), "").await;
    assert_eq!(seen, 2, "what came is told of in both forms");
    app.pass(DepositOrder::SECONDS - 1);
    app.run_jobs().await;
    tell_of(&app, (&listener, &mut seen), "").await;
    assert_eq!(seen, 2, "it is awaited still");
    for _ in 0..2 {
        app.pass(1);
        app.run_jobs().await;
        let title = "Nothing comes of an announced deposit";
        text.push_str(&tell_of(&app, (&listener, &mut seen), title).await);
    }
    assert_eq!(seen, 3, "once, and nothing about the one that came");
    assert_golden("webhook_payloads_fincard_expired", &text);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn companies_and_their_employees_are_no_cardholders_to_a_fincard_integrator() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    register(&app, "fincard", json!({})).await;
    let finci = app.finci();
    let made = finci.post("create-corporate", &corporate("c-1")).await.ok();
    let company = made["corporate_id"].as_str().unwrap();
    let body = employee("e-1", company);
    let made = finci.post("create-employee", &body).await.ok();
    let employee = made["employee_id"].as_str().unwrap();
    let moved = json!({"email": "moved@example.com"});
    for path in [
        format!("update-corporate/{company}"),
        format!("update-employee/{employee}"),
    ] {
        finci.patch(&path, &moved).await.ok();
    }
    app.run_jobs().await;
    deliveries::run_due(&app.app).await.unwrap();
    assert!(listener.received().is_empty(), "{:?}", listener.received());
    let person = finci.person("p-1").await;
    let path = format!("update-person/{person}");
    let moved = json!({"email": "elsewhere@example.com"});
    finci.patch(&path, &moved).await.ok();
    deliveries::run_due(&app.app).await.unwrap();
    let told = listener.received();
    let last = told.last().expect("people are told of").json();
    assert_eq!(last["eventType"], "holder_change_email");
    assert!(last.as_object().unwrap().contains_key("rejectReason"));
    app.finish().await;
}

/// A physical card, activated and with another PIN; its id.
async fn activated(app: &TestApp, acme: &FincardCaller<'_>, holder: i64) -> String {
    let plastic = opened(app, acme, &physical(7, holder)).await;
    let activation = json!({
        "cardNo": plastic, "merchantOrderNo": order_no(8), "pin": "739154",
        "activationCode": code(app, &plastic).await,
    });
    acme.call("card/activate", &activation).await.ok();
    let pin = json!({"cardNo": plastic, "merchantOrderNo": order_no(9), "pin": "482913"});
    acme.call("card/updatePin", &pin).await.ok();
    plastic
}

/// A work order that staff have done.
async fn worked(app: &TestApp) {
    let acme = app.fincard().await;
    let body = json!({
        "merchantOrderNo": "work-1", "title": "ApplePay", "target": "card",
        "tradeType": "CARD_ACTIVE", "content": "Please activate",
    });
    let submitted = acme.call("work/submit", &body).await.ok();
    let id: i64 = submitted["orderNo"].as_str().unwrap().parse().unwrap();
    app.operate(&app.demo, async move |tx| {
        let id = WorkOrderId::new(id).unwrap();
        let said = Some("Provisioned".to_owned());
        work_orders::decide(tx, id, WorkOrderDecision::Success, said).await
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_fincard_integrator_is_told_of_what_moves_a_cards_money() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    let (mut seen, mut text) = (0, String::new());
    let events = json!({"events": ["card_auth_transaction", "card_fee_patch"]});
    register(&app, "fincard", events).await;
    let acme = app.fincard().await;
    let terms = json!({
        "markup_basis_points": 200, "hold_days": 7, "lodging_hold_days": 31,
        "limits_after_refund": "kept",
    });
    let terms = app.operator().put("products/111001/terms", &terms).await;
    terms.record();
    let card = acme.card(&order_no(1), None).await;
    let mut say = async |title: &str| {
        text.push_str(&tell_of(&app, (&listener, &mut seen), title).await);
    };
    let number = ask(&app, &card, 500).await;
    say("A payment is authorized").await;
    let cleared = json!({"authorization_id": number, "amount": 500});
    let paid = tell(&app, "clearing", cleared, "transaction_id").await;
    say("It is settled").await;
    let refund = json!({"transaction_id": paid, "amount": 300});
    tell(&app, "refund", refund, "transaction_id").await;
    say("Some of it comes back").await;
    ask_declined(&app, &card).await;
    say("A payment is declined").await;
    let voided = ask(&app, &card, 200).await;
    let back = json!({"authorization_id": voided});
    tell(&app, "reversal", back, "authorization_id").await;
    say("A payment is taken back").await;
    let forgotten = ask(&app, &card, 100).await;
    let end = json!({"authorization_id": forgotten});
    tell(&app, "expiry", end, "authorization_id").await;
    say("Nothing comes of a payment").await;
    let fee = json!({
        "cardNo": card, "type": "maintain_fee", "amount": "1.00", "currency": "USD",
    });
    acme.call("card/simulateAuthTransaction", &fee).await.ok();
    say("The card costs something").await;
    let euros = json!({"card_id": card, "amount": 1_990, "currency": "EUR"});
    tell(&app, "force-post", euros, "transaction_id").await;
    say("The wallet pays an exchange in its place").await;
    assert_eq!(
        told(&text, "eventType"),
        [
            "Void",
            "auth",
            "card_patch_cross_border",
            "maintain_fee",
            "refund"
        ]
    );
    assert_golden("webhook_payloads_fincard_money", &text);
    app.finish().await;
}

async fn ask_declined(app: &TestApp, card: &str) {
    let body = json!({"card_id": card, "amount": 900_000, "currency": "USD"});
    let answer = app.sandbox().post("simulate/authorization", &body).await;
    assert_eq!(answer.record()["approved"], false);
}

#[tokio::test(start_paused = true)]
async fn a_standard_endpoint_is_told_of_everything_in_our_own_words() {
    let app = TestApp::new().await;
    let listener = listen(&app);
    let (mut seen, mut text) = (0, String::new());
    register(&app, "standard", json!({})).await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let number = payer.approved(2_500).await;
    let back = json!({"authorization_id": number, "amount": 1_000});
    payer.tell("reversal", &back).await;
    text.push_str(&tell_of(&app, (&listener, &mut seen), "A card is used").await);
    assert_golden("webhook_payloads_standard", &text);
    let sequences: Vec<i64> = listener
        .received()
        .iter()
        .map(Received::json)
        .filter(|body| body["data"]["subject"]["kind"] == "card")
        .map(|body| body["data"]["sequence"].as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (1..=i64::try_from(sequences.len()).unwrap()).collect();
    let mut sorted = sequences.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected, "numbered without gaps");
    app.finish().await;
}
