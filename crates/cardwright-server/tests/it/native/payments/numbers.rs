//! Amounts, currencies and cards as messages write them.

use axum::{body::Body, http::Request};
use cardwright_wire::native::errors::Code;
use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told, shop, with};
use crate::{everywhere::beneath, harness::TestApp};

/// Every message with an amount, right but for that.
async fn with_amounts(payer: &Payer<'_>) -> Vec<(&'static str, Value)> {
    let (_, payment) = payer.paid(600).await;
    let refund = payer
        .tell("refund", &json!({"transaction_id": payment, "amount": 5}))
        .await;
    let open = payer.approved(300).await;
    vec![
        ("authorization", payer.question(1, &json!({}))),
        ("advice", payer.question(1, &json!({}))),
        ("increment", json!({"authorization_id": open})),
        ("reversal", json!({"authorization_id": open})),
        ("clearing", json!({"authorization_id": open})),
        (
            "force-post",
            with(payer.question(1, &json!({})), &json!({"channel": null})),
        ),
        ("refund", json!({"transaction_id": payment})),
        (
            "refund-reversal",
            json!({"transaction_id": refund["transaction_id"]}),
        ),
        ("dispute", json!({"transaction_id": payment})),
    ]
}

#[tokio::test]
async fn an_amount_is_a_whole_number_of_minor_units_and_nothing_else() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let messages = with_amounts(&payer).await;
    let before = payer.balances().await;
    for (path, body) in &messages {
        for amount in [
            json!(-1),
            json!(1.5),
            json!("1"),
            json!("1.00"),
            json!(1_i64 << 53),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e300),
            json!(true),
            json!(null),
            json!([1]),
        ] {
            let mut body = body.clone();
            body["amount"] = amount.clone();
            let reply = payer.send(path, &body).await;
            assert_refused(&reply, 400, "field_invalid amount");
        }
    }
    for written in ["1e2", "01", "-0", "+1", "0x1", "9007199254740992"] {
        let reply = app.send(written_as(&payer, written)).await;
        assert_eq!(reply.status, 400, "{written}: {}", reply.text);
    }
    let after = payer.balances().await;
    assert_eq!(after["balances"], before["balances"]);
    app.finish().await;
}

/// A forced posting whose amount is written like this.
fn written_as(payer: &Payer<'_>, amount: &str) -> Request<Body> {
    let body = with(
        payer.question(424_242, &json!({})),
        &json!({"channel": null}),
    );
    let body = payer.named(with(body, &json!({"reference": "written"})));
    let mut draft = payer.app.network().draft("force-post", &body);
    draft.body = body.to_string().replace("424242", amount).into_bytes();
    draft.sign().request()
}

#[tokio::test]
async fn one_point_nought_is_the_number_one_and_the_same_message() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let first = app.send(written_as(&payer, "1")).await;
    assert_told(&first.record(), "amount 1, balance 9999");
    let again = app.send(written_as(&payer, "1.0")).await;
    assert_eq!(again.bytes(), first.bytes());
    let other = app.send(written_as(&payer, "2.00")).await;
    assert_refused(&other, 409, "reference_conflict amount");
    app.finish().await;
}

#[tokio::test]
async fn nothing_is_no_amount_but_where_nothing_is_asked() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    for (path, mut body) in with_amounts(&payer).await {
        body["amount"] = 0.into();
        let reply = payer.send(path, &body).await;
        let expected = match path {
            "authorization" | "advice" => (422, "amount_zero"),
            _ => (400, "field_invalid amount"),
        };
        assert_refused(&reply, expected.0, expected.1);
    }
    app.finish().await;
}

#[tokio::test]
async fn the_largest_amount_is_declined_where_it_is_asked_and_counted_where_it_is_posted() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let most = (1_i64 << 53) - 1;
    let answer = payer.ask(most, &json!({})).await;
    assert_told(&answer, "approved false, decline_reason insufficient_funds");
    let body = with(payer.question(most, &json!({})), &json!({"channel": null}));
    let posted = payer.tell("force-post", &body).await;
    assert_told(&posted, "overdrawn true, balance -9007199254730991");
    app.finish().await;
}

#[tokio::test]
async fn what_a_rate_makes_too_much_to_be_counted_is_declined_or_refused() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let most = (1_i64 << 53) - 1;
    let rate = json!({"source": "GBP", "target": "EUR", "rate_micros": most});
    app.operator().put("rates", &rate).await.record();
    let in_pounds = json!({"currency": "GBP"});
    let answer = payer.ask(most, &in_pounds).await;
    assert_told(&answer, "approved false, decline_reason insufficient_funds");
    let part = with(in_pounds.clone(), &json!({"partial_allowed": true}));
    let answer = payer.ask(most, &part).await;
    assert_told(&answer, "approved false, decline_reason insufficient_funds");
    let question = payer.question(most, &in_pounds);
    let leave = with(question.clone(), &json!({"type": "refund"}));
    let without_channel = with(question.clone(), &json!({"channel": null}));
    for (path, body) in [
        ("authorization", &leave),
        ("advice", &question),
        ("force-post", &without_channel),
        ("clearing", &without_channel),
        ("refund", &without_channel),
    ] {
        let reply = payer.send(path, body).await;
        assert_refused(&reply, 422, "balance_overflow");
    }
    assert_told(&payer.balances().await, "balance 10000, held 0");
    app.finish().await;
}

#[tokio::test]
async fn an_unknown_currency_is_a_wrong_field_and_a_known_one_without_a_rate_a_decline() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    for code in ["XXZ", "eur", "EU", "EURO", ""] {
        let body = payer.question(1, &json!({"currency": code}));
        let reply = payer.send("authorization", &body).await;
        assert_refused(&reply, 400, "field_invalid currency");
    }
    let answer = payer.ask(1, &json!({"currency": "ISK"})).await;
    assert_told(
        &answer,
        "approved false, decline_reason currency_not_supported, billing_amount 0",
    );
    let body = with(
        payer.question(1, &json!({"currency": "ISK"})),
        &json!({"channel": null}),
    );
    let reply = payer.send("force-post", &body).await;
    assert_refused(&reply, 422, "currency_not_supported");
    app.finish().await;
}

#[tokio::test]
async fn what_is_worth_less_than_a_cent_is_approved_and_posted_as_nothing() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    // Ten đồng are 0.036 cents.
    let answer = payer.ask(10, &json!({"currency": "VND"})).await;
    assert_told(
        &answer,
        "approved true, approved_amount 10, billing_amount 0, held 0, status open",
    );
    let body = json!({"authorization_id": answer["authorization_id"], "amount": 10});
    let cleared = payer.tell("clearing", &body).await;
    assert_told(
        &cleared,
        "amount 10, currency VND, billing_amount 0, balance 10000",
    );
    let refund = json!({"transaction_id": cleared["transaction_id"]});
    assert_told(
        &payer.tell("refund", &refund).await,
        "amount 10, billing_amount 0",
    );
    let dispute = payer.send("dispute", &refund).await;
    assert_refused(&dispute, 422, "exceeds_original");
    app.finish().await;
}

#[tokio::test]
async fn a_card_is_named_in_one_of_five_ways() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let tenant = app.tenant_id(&app.demo).await;
    let number = beneath::card_number(&app, tenant, payer.card_id()).await;
    let nobody = json!({"card_id": null});
    for name in [
        json!({"card_id": payer.card}),
        json!({"token_id": payer.token}),
        json!({"card_no": payer.card}),
        json!({"pan": number}),
    ] {
        let body = with(payer.question(1, &nobody), &name);
        let answer = payer.tell("authorization", &body).await;
        assert_told(&answer, "approved true");
        assert_told(&answer, &format!("account_id {}", payer.account));
    }
    let none = payer
        .send("authorization", &payer.question(1, &nobody))
        .await;
    assert_refused(&none, 400, "field_required card_id");
    let two = payer.question(1, &json!({"token_id": payer.token}));
    let two = payer.send("authorization", &two).await;
    assert_eq!(
        (two.status, two.native_code().split(' ').next()),
        (400, Some(Code::FieldNotAllowed.row().text))
    );
    app.finish().await;
}

#[tokio::test]
async fn a_month_and_a_merchant_that_cannot_be_are_wrong_fields() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    for (change, field) in [
        (json!({"expiry": "2029-13"}), "expiry"),
        (json!({"expiry": "12/29"}), "expiry"),
        (json!({"cvv": "12"}), "cvv"),
        (json!({"pin": "12"}), "pin"),
        (json!({"channel": "telepathy"}), "channel"),
        (json!({"type": "gift"}), "type"),
        (
            json!({"merchant": with(shop(), &json!({"mcc": "54"}))}),
            "merchant.mcc",
        ),
        (
            json!({"merchant": with(shop(), &json!({"country": "lt"}))}),
            "merchant.country",
        ),
        (
            json!({"merchant": with(shop(), &json!({"name": ""}))}),
            "merchant.name",
        ),
    ] {
        let reply = payer
            .send("authorization", &payer.question(1, &change))
            .await;
        let (status, code) = (reply.status, reply.native_code());
        assert_eq!(
            (status, code.split(' ').nth(1)),
            (400, Some(field)),
            "{change}: {code}"
        );
    }
    let nowhere = with(shop(), &json!({"country": "ZZ"}));
    let nowhere = payer.question(1, &json!({"merchant": nowhere}));
    let reply = payer.send("authorization", &nowhere).await;
    assert_refused(&reply, 400, "field_invalid merchant.country");
    app.finish().await;
}
