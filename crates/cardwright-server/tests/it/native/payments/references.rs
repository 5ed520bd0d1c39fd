//! A reference stands for one message: the same again is answered the same, another is refused.

use serde_json::{Value, json};

use super::{Payer, assert_refused, assert_told, hotel, shop, text, with};
use crate::{
    everywhere::beneath,
    harness::{Network, TestApp},
};

/// One message of every kind about what there is, in an order in which each can be taken.
async fn every_message(payer: &Payer<'_>) -> Vec<(&'static str, Value)> {
    let (_, payment) = payer.paid(600).await;
    let (_, disputed) = payer.paid(500).await;
    let refund = payer
        .tell("refund", &json!({"transaction_id": payment, "amount": 5}))
        .await;
    let (open, other) = (payer.approved(300).await, payer.approved(300).await);
    vec![
        ("authorization", payer.question(100, &json!({}))),
        ("advice", payer.question(100, &json!({}))),
        (
            "balance-inquiry",
            with(
                payer.question(0, &json!({})),
                &json!({"amount": null, "currency": null}),
            ),
        ),
        ("increment", json!({"authorization_id": open, "amount": 10})),
        ("reversal", json!({"authorization_id": open, "amount": 10})),
        (
            "clearing",
            json!({"authorization_id": other, "amount": 300}),
        ),
        (
            "force-post",
            with(payer.question(100, &json!({})), &json!({"channel": null})),
        ),
        ("refund", json!({"transaction_id": payment, "amount": 10})),
        (
            "refund-reversal",
            json!({"transaction_id": refund["transaction_id"], "amount": 1}),
        ),
        ("dispute", json!({"transaction_id": disputed, "amount": 10})),
    ]
}

#[tokio::test]
async fn the_same_message_again_is_answered_the_same_to_the_byte_and_does_nothing() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let tenant = app.tenant_id(&app.demo).await;
    for (path, body) in every_message(&payer).await {
        let body = payer.named(body);
        let first = payer.send(path, &body).await;
        first.record();
        // Whatever happens between them changes the answer no more.
        payer.fund(1).await;
        let before = beneath::rows(&app, tenant).await;
        app.pass(60);
        let again = payer.send(path, &body).await;
        assert_eq!(again.bytes(), first.bytes(), "{path}");
        let after = beneath::rows(&app, tenant).await;
        assert_eq!(after.changed_since(&before), ["audit"], "{path}");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_same_content_in_another_spelling_is_the_same_message() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let body = payer.named(payer.question(100, &json!({})));
    let first = payer.send("authorization", &body).await;
    let fields = body.as_object().unwrap().iter().rev();
    let turned: Vec<String> = fields
        .map(|(name, value)| format!("{}  :  {value}", json!(name)))
        .collect();
    let mut draft = app.network().draft("authorization", &body);
    draft.body = format!("{{\n{}\n}}", turned.join(",\n")).into_bytes();
    let again = app.send(draft.sign().request()).await;
    assert_eq!(again.bytes(), first.bytes());
    // An id as a number is the same id.
    let number: i64 = payer.card.parse().unwrap();
    let again = payer
        .send("authorization", &with(body, &json!({"card_id": number})))
        .await;
    assert_eq!(again.bytes(), first.bytes());
    app.finish().await;
}

#[tokio::test]
async fn other_content_under_the_same_reference_is_refused_naming_the_field() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let tenant = app.tenant_id(&app.demo).await;
    let number = beneath::card_number(&app, tenant, payer.card_id()).await;
    let proofs = json!({"pan": number, "card_id": null, "cvv": "123", "pin": "7391"});
    let body = payer.named(payer.question(100, &proofs));
    payer.send("authorization", &body).await.record();
    for (field, change) in [
        ("amount", json!({"amount": 101})),
        ("currency", json!({"currency": "USD"})),
        ("channel", json!({"channel": "chip"})),
        ("merchant", json!({"merchant": hotel()})),
        (
            "merchant",
            json!({"merchant": with(shop(), &json!({"city": "Kaunas"}))}),
        ),
        ("type", json!({"type": "cash"})),
        ("partial_allowed", json!({"partial_allowed": true})),
        ("expiry", json!({"expiry": "2029-01"})),
        ("cvv", json!({"cvv": "124"})),
        ("cvv", json!({"cvv": null})),
        ("pin", json!({"pin": "7392"})),
        ("card_id", json!({"pan": null, "card_id": payer.card})),
        ("pan", json!({"pan": "4111111111111111"})),
    ] {
        let reply = payer
            .send("authorization", &with(body.clone(), &change))
            .await;
        assert_refused(&reply, 409, &format!("reference_conflict {field}"));
    }
    let kind = payer.send("advice", &body).await;
    assert_refused(&kind, 409, "reference_conflict reference");
    assert_eq!(payer.send("authorization", &body).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn a_reference_is_kept_without_the_secrets_of_its_message() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let tenant = app.tenant_id(&app.demo).await;
    let number = beneath::card_number(&app, tenant, payer.card_id()).await;
    let proofs = json!({"pan": number, "card_id": null, "cvv": "987", "pin": "739182"});
    let body = payer.question(100, &with(proofs, &json!({"reference": "with-secrets"})));
    payer.tell("authorization", &body).await;
    let sql = "SELECT content || answer FROM network_message WHERE reference = 'with-secrets'";
    let kept: String = app.rows(sql, Vec::new()).await[0].get(0).unwrap();
    for secret in [&number, "\"987\"", "739182"] {
        assert!(!kept.contains(secret), "{kept}");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_same_pin_is_kept_differently_under_every_reference() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let mut kept = Vec::new();
    for reference in ["one", "two"] {
        let body = payer.question(100, &json!({"reference": reference, "pin": "739182"}));
        payer.tell("authorization", &body).await;
        let sql = "SELECT content FROM network_message WHERE reference = $1";
        let rows = app.rows(sql, vec![reference.into()]).await;
        let content: String = rows[0].get(0).unwrap();
        let content: serde_json::Value = serde_json::from_str(&content).unwrap();
        kept.push(content["pin"].as_str().unwrap().to_owned());
    }
    assert_ne!(kept[0], kept[1]);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_message_uses_up_no_reference() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let body = payer.question(0, &json!({"reference": "once"}));
    let refused = payer.send("authorization", &body).await;
    assert_refused(&refused, 422, "amount_zero");
    let right = payer.question(10, &json!({"reference": "once"}));
    assert_told(&payer.tell("authorization", &right).await, "approved true");
    app.finish().await;
}

#[tokio::test]
async fn a_declined_message_uses_up_its_reference_and_stays_declined() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 0, "EUR").await;
    let body = payer.question(100, &json!({"reference": "once"}));
    let declined = payer.send("authorization", &body).await;
    assert_told(
        &declined.record(),
        "approved false, decline_reason insufficient_funds",
    );
    payer.fund(1_000).await;
    let again = payer.send("authorization", &body).await;
    assert_eq!(again.bytes(), declined.bytes());
    app.finish().await;
}

#[tokio::test]
async fn a_reference_means_nothing_to_another_tenant() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let body = payer.question(100, &json!({"reference": "everybodys"}));
    payer.tell("authorization", &body).await;
    let globex = app.tenant("globex").await;
    let there = Network::new(&app, &globex);
    let reply = there.post("authorization", &body).await;
    assert_refused(&reply, 404, "not_found");
    app.finish().await;
}

#[tokio::test]
async fn a_network_must_name_its_messages_and_a_sandbox_need_not() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    for (path, body) in every_message(&payer).await {
        let nameless = app.network().draft(path, &body).sign().request();
        let reply = app.send(nameless).await;
        assert_refused(&reply, 400, "field_required reference");
        let path = format!("simulate/{path}");
        let first = app.sandbox().post(&path, &body).await.record();
        assert!(first.is_object(), "{path}");
    }
    let ask = json!({"card_id": payer.card, "amount": 1, "currency": "EUR"});
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let path = "simulate/authorization";
        let answer = app.sandbox().post(path, &ask).await.record();
        numbers.push(text(&answer["authorization_id"]));
    }
    assert_ne!(numbers[0], numbers[1], "without a name nothing is a repeat");
    app.finish().await;
}

#[tokio::test]
async fn a_name_that_a_sandbox_could_have_made_up_is_free() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let last = "SELECT MAX(id) FROM card_authorization";
    payer.approved(1).await;
    let last = app.number(last, &[]).await;
    let sandbox = app.sandbox();
    for next in last..last + 40 {
        let named = json!({
            "card_id": payer.card, "amount": 1, "currency": "EUR", "force_decline": "system_error",
            "reference": format!("sandbox-{next}"),
        });
        sandbox
            .post("simulate/authorization", &named)
            .await
            .record();
    }
    let nameless = json!({"card_id": payer.card, "amount": 1, "currency": "EUR"});
    for _ in 0..10 {
        let answer = sandbox.post("simulate/authorization", &nameless).await;
        assert_told(&answer.record(), "approved true");
    }
    app.finish().await;
}
