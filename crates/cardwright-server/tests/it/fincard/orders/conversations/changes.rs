//! Golden conversations: controls, codes and PINs, and the key that card data is encrypted to.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    super::{code, opened, physical, plastic},
    about, say, stopped,
};
use crate::{
    fincard::support::{opening, order_no, with},
    harness::{Conversation, TestApp},
};

/// Changes that a card cannot have: one that is active without a PIN, one with it, a gift.
fn impossible(plain: &str, plastic: &str, gift: &str) -> Vec<(&'static str, Value)> {
    let on = |card: &str, changes: Value| about(card, 11, &changes);
    let bound = |card: &str, interval: &str, amount: Value| {
        let control = json!({"interval": interval, "amount": amount});
        on(card, json!({"spendingControls": [control]}))
    };
    let each = "PER_TRANSACTION";
    let twice = json!([{"interval": each, "amount": 1}, {"interval": each, "amount": 2}]);
    let both = json!({"allowedMcc": ["5411"], "blockedMcc": ["7995"]});
    let no_mcc = json!({"allowedMcc": ["54111"]});
    vec![
        ("another interval", bound(plain, "DAY", json!("5"))),
        (
            "two bounds of one interval",
            on(plain, json!({"spendingControls": twice})),
        ),
        ("a bound of nothing", bound(plain, each, json!(0))),
        (
            "a bound of tenths of a cent",
            bound(plain, each, json!("1.001")),
        ),
        (
            "without PIN on a card that has none",
            on(plain, json!({"noPinPaymentAmount": 1})),
        ),
        (
            "too much without PIN",
            on(plastic, json!({"noPinPaymentAmount": "2000.01"})),
        ),
        (
            "merchants allowed and blocked",
            on(plain, json!({"riskControls": both})),
        ),
        (
            "no merchant category",
            on(plain, json!({"riskControls": no_mcc})),
        ),
        ("a gift", bound(gift, each, json!(5))),
    ]
}

#[tokio::test]
async fn update_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = acme.card(&order_no(1), None).await;
    let plastic = plastic(&app, &acme, 2).await;
    let gift = opened(&app, &acme, &opening(3, &json!({"cardTypeId": 111_004}))).await;
    let (blocked, ended) = stopped(&app, &acme).await;
    let everything = json!({
        "noPinPaymentAmount": 250, "remark": "groceries",
        "spendingControls": [{"interval": "PER_TRANSACTION", "amount": "100.00"}],
        "riskControls": {"allowedMcc": ["5411", "5499"]},
    });
    let nothing = json!({
        "cardNo": plain, "spendingControls": [], "riskControls": {"blockedMcc": []},
    });
    let note = json!({"remark": "x"});
    let mut bodies = vec![
        ("everything", about(&plastic, 10, &everything)),
        ("no bounds any more, without a number", nothing),
    ];
    bodies.extend(impossible(&plain, &plastic, &gift));
    bodies.extend([
        ("a blocked card", about(&blocked, 11, &note)),
        ("a card that has ended", about(&ended, 11, &note)),
        ("no such card", about("42", 11, &note)),
    ]);
    let call = ("fincard_update_card", "card/v2/update");
    say(&app, &acme, call, bodies).await;
    app.finish().await;
}

#[tokio::test]
async fn a_list_of_merchants_is_cleared_by_its_own_name_and_replaced_by_either() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    for (change, allowed, blocked) in [
        (json!({"allowedMcc": ["5411"]}), json!(["5411"]), json!([])),
        (json!({"blockedMcc": []}), json!(["5411"]), json!([])),
        (json!({}), json!(["5411"]), json!([])),
        (json!({"blockedMcc": ["7995"]}), json!([]), json!(["7995"])),
        (json!({"allowedMcc": []}), json!([]), json!(["7995"])),
        (
            json!({"allowedMcc": ["5499"], "blockedMcc": []}),
            json!(["5499"]),
            json!([]),
        ),
        (json!({"allowedMcc": []}), json!([]), json!([])),
    ] {
        let body = json!({"cardNo": card, "riskControls": change});
        acme.call("card/v2/update", &body).await.ok();
        let read = super::super::card(&acme, &card).await;
        let lists = &read["riskControls"];
        assert_eq!(lists["allowedMcc"], allowed, "{change}");
        assert_eq!(lists["blockedMcc"], blocked, "{change}");
    }
    app.finish().await;
}

#[tokio::test]
async fn activate_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let fresh = opened(&app, &acme, &physical(1, ana)).await;
    let right = code(&app, &fresh).await;
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    let active = acme.card(&order_no(2), None).await;
    let (blocked, _) = stopped(&app, &acme).await;
    let body = |card: &str, changes: Value| {
        let body = json!({"pin": "739154", "activationCode": wrong});
        about(card, 10, &with(body, &changes))
    };
    let bodies = vec![
        ("a wrong code", body(&fresh, json!({}))),
        ("a weak PIN", body(&fresh, json!({"pin": "123123"}))),
        ("a short PIN", body(&fresh, json!({"pin": "73915"}))),
        (
            "a PIN with a letter",
            body(&fresh, json!({"pin": "73915x"})),
        ),
        ("no PIN", body(&fresh, json!({"pin": "(absent)"}))),
        (
            "too much without PIN",
            body(&fresh, json!({"noPinPaymentAmount": 2001})),
        ),
        ("an active card", body(&active, json!({}))),
        ("a blocked card", body(&blocked, json!({}))),
        ("no such card", body("42", json!({}))),
        (
            "the right code",
            body(
                &fresh,
                json!({"activationCode": right, "noPinPaymentAmount": "300"}),
            ),
        ),
    ];
    say(&app, &acme, ("fincard_activate", "card/activate"), bodies).await;
    app.finish().await;
}

#[tokio::test]
async fn update_pin_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plastic = plastic(&app, &acme, 1).await;
    let ana = acme.holder("ana@example.com").await;
    let fresh = opened(&app, &acme, &physical(2, ana)).await;
    let (blocked, ended) = stopped(&app, &acme).await;
    let new = |card: &str, number| about(card, number, &json!({"newPin": "846205"}));
    let bodies = vec![
        (
            "with the old one",
            with(new(&plastic, 10), &json!({"oldPin": "739154"})),
        ),
        ("without it", about(&plastic, 11, &json!({"pin": "739154"}))),
        (
            "with a wrong one",
            with(new(&plastic, 12), &json!({"oldPin": "112358"})),
        ),
        (
            "two new ones",
            with(new(&plastic, 12), &json!({"pin": "112358"})),
        ),
        ("a weak one", about(&plastic, 12, &json!({"pin": "111222"}))),
        ("none", about(&plastic, 12, &json!({}))),
        ("before its activation", new(&fresh, 12)),
        ("a blocked card", new(&blocked, 12)),
        ("a card that has ended", new(&ended, 12)),
        ("no such card", new("42", 12)),
    ];
    say(
        &app,
        &acme,
        ("fincard_update_pin", "card/updatePin"),
        bodies,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn card_data_keys_are_registered_read_and_removed_as_recorded() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let path = format!("tenants/{}/card-data-key", app.demo.tenant_uuid);
    // openssl genrsa 2048 | openssl rsa -noout -modulus, in base64url
    let modulus = include_str!("../modulus.txt").trim();
    let key = json!({"jwk": {"kty": "RSA", "n": modulus, "e": "AQAB", "use": "enc", "alg": "RSA-OAEP-256"}});
    let short = json!({"jwk": {"kty": "RSA", "n": &modulus[..171], "e": "AQAB"}});
    let get = || operator.request(&Method::GET, &path, &Value::Null);
    let put = |body: &Value| operator.request(&Method::PUT, &path, body);
    let mut conversation = Conversation::default();
    for (title, request) in [
        ("There is none", get()),
        ("A key is registered", put(&key)),
        ("It is read", get()),
        ("Too short a key", put(&short)),
        (
            "Not the key of RSA",
            put(&json!({"jwk": {"kty": "EC", "n": "AA", "e": "AQAB"}})),
        ),
        (
            "No key",
            put(&json!({"pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})),
        ),
        ("Nothing", put(&json!({}))),
        (
            "It is removed",
            operator.request(&Method::DELETE, &path, &Value::Null),
        ),
        (
            "It is gone",
            operator.request(&Method::DELETE, &path, &Value::Null),
        ),
    ] {
        conversation.say(&app, title, request).await;
    }
    conversation.assert_golden("admin_card_data_key");
    app.finish().await;
}
