//! Cards on their way: plastic, activation codes, wallets.

use axum::http::Method;
use cardwright_core::{CardId, CodeCheck, WalletTokenId, WalletTokenState};
use cardwright_server::{ops::challenges, secrets::Secret, store::wallet_tokens};
use serde_json::{Value, json};

use super::arranged;
use crate::harness::{TestApp, assert_golden};

async fn plastic(app: &TestApp) -> CardId {
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    arranged::card(&finci, &person, ("new", "plastic_not_delivered")).await
}

async fn digital(app: &TestApp) -> CardId {
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    arranged::card(&finci, &person, ("active", "digital")).await
}

#[tokio::test]
async fn shipping_answers_as_recorded() {
    let app = TestApp::new().await;
    let (card, sandbox) = (plastic(&app).await, app.sandbox());
    let step = |card: &str, step: &str| {
        let body = json!({"card_id": card, "step": step});
        sandbox.request(&Method::POST, "simulate/shipping", &body)
    };
    let id = card.to_string();
    let requests = vec![
        ("Nothing arrives that was not sent", step(&id, "delivered")),
        ("The courier takes the plastic", step(&id, "shipped")),
        ("And says so again", step(&id, "shipped")),
        ("It comes back", step(&id, "returned")),
        ("It is sent again", step(&id, "shipped")),
        ("It arrives", step(&id, "delivered")),
        ("What arrived does not come back", step(&id, "returned")),
        ("There is no such card", step("42", "shipped")),
        ("There is no such step", step(&id, "lost")),
    ];
    assert_golden(&app, "sandbox_shipping", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn plastic_under_way_is_not_made_digital_again() {
    let app = TestApp::new().await;
    let (card, finci) = (plastic(&app).await, app.finci());
    let ship = async |step: &str| {
        let body = json!({"card_id": card.to_string(), "step": step});
        app.sandbox()
            .post("simulate/shipping", &body)
            .await
            .record()
    };
    let path = format!("update-card-stage/{}", card.padded());
    let to = async |stage: &str| finci.patch(&path, &json!({"token_stage": stage})).await;

    to("digital").await.ok();
    to("plastic_not_delivered").await.ok();
    ship("shipped").await;
    let refused = to("digital").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "token_stage:transition_not_allowed")
    );
    ship("returned").await;
    to("digital").await.ok();
    to("plastic_not_delivered").await.ok();
    ship("shipped").await;
    assert_eq!(ship("delivered").await["stage"], "plastic_delivered");
    let seen = finci.get(&format!("get-card/{}", card.padded())).await.ok();
    assert_eq!(seen["token_stage"], "plastic_delivered");
    let kinds = "SELECT COUNT(*) FROM event WHERE kind = 'card_shipment_changed'";
    assert_eq!(app.number(kinds, &[]).await, 4);
    app.finish().await;
}

#[tokio::test]
async fn activation_codes_answer_as_recorded() {
    let app = TestApp::new().await;
    let (card, sandbox) = (plastic(&app).await, app.sandbox());
    let finci = app.finci();
    let person = finci.person("p-2").await;
    finci.account(&person, "USD").await;
    let virtual_card = arranged::card(&finci, &person, ("new", "digital")).await;
    let active = arranged::card(&finci, &person, ("active", "digital")).await;
    let issue = |card: String| {
        let body = json!({"card_id": card});
        sandbox.request(&Method::POST, "simulate/activation-code", &body)
    };
    let mut keyed = issue(card.to_string());
    keyed
        .headers_mut()
        .insert("idempotency-key", "once".parse().unwrap());
    let requests = vec![
        ("A code is issued", issue(card.to_string())),
        ("Another takes its place", issue(card.to_string())),
        (
            "A card without plastic needs none",
            issue(virtual_card.to_string()),
        ),
        ("Nor does an active one", issue(active.to_string())),
        ("There is no such card", issue("42".to_owned())),
        ("Not under a key: the code is not kept", keyed),
    ];
    assert_golden(&app, "sandbox_activation_code", requests).await;
    app.finish().await;
}

async fn code(app: &TestApp, card: CardId) -> String {
    let body = json!({"card_id": card.to_string()});
    let issued = app.sandbox().post("simulate/activation-code", &body).await;
    issued.record()["value"].as_str().unwrap().to_owned()
}

async fn present(app: &TestApp, card: CardId, code: &str) -> CodeCheck {
    let code = Secret::new(code.to_owned());
    app.operate(&app.demo, async move |tx| {
        challenges::check_activation_code(tx, card, &code).await
    })
    .await
}

#[tokio::test]
async fn an_activation_code_is_good_once_and_five_wrong_ones_void_it() {
    let app = TestApp::new().await;
    let card = plastic(&app).await;
    assert_eq!(
        present(&app, card, "123456").await,
        CodeCheck::Void,
        "none was issued"
    );
    let first = code(&app, card).await;
    assert!(first.len() == 6 && first.bytes().all(|byte| byte.is_ascii_digit()));
    let wrong = if first == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..4 {
        assert_eq!(present(&app, card, wrong).await, CodeCheck::Wrong);
    }
    assert_eq!(present(&app, card, &first).await, CodeCheck::Right);
    assert_eq!(
        present(&app, card, &first).await,
        CodeCheck::Void,
        "it is used up"
    );

    let second = code(&app, card).await;
    let wrong = if second == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..5 {
        assert_eq!(present(&app, card, wrong).await, CodeCheck::Wrong);
    }
    assert_eq!(
        present(&app, card, &second).await,
        CodeCheck::Void,
        "too many wrong ones"
    );

    let (third, fourth) = (code(&app, card).await, code(&app, card).await);
    if third != fourth {
        assert_eq!(
            present(&app, card, &third).await,
            CodeCheck::Wrong,
            "an older one"
        );
    }
    assert_eq!(present(&app, card, &fourth).await, CodeCheck::Right);
    app.finish().await;
}

#[tokio::test]
async fn codes_and_links_are_in_no_table_and_no_event() {
    let app = TestApp::new().await;
    let card = plastic(&app).await;
    let code = code(&app, card).await;
    let ask = json!({
        "card_id": card.to_string(), "kind": "url", "merchant": {"name": "Bookshop"},
        "amount": 1_050, "currency": "USD",
    });
    let asked = app.sandbox().post("simulate/three-ds", &ask).await.record();
    let link = asked["value"].as_str().unwrap();
    let mut said = String::new();
    for sql in [
        "SELECT action || subject_kind || subject_id || outcome || actor_id FROM audit",
        "SELECT kind || facts FROM event",
        "SELECT kind || COALESCE(merchant, '') || state || hex(value_sealed) FROM challenge",
        "SELECT answer FROM answered_request",
    ] {
        for row in app.rows(sql, vec![]).await {
            said += &row.get::<String>(0).unwrap();
        }
    }
    assert!(said.contains("challenge.issue") && said.contains("Bookshop"));
    assert!(!said.contains(link) && !said.contains(&hex::encode(link).to_uppercase()));
    assert!(!said.contains(&format!("\"{code}\"")));
    assert!(!said.contains(&hex::encode(&code)));
    app.finish().await;
}

#[tokio::test]
async fn wallet_tokens_answer_as_recorded() {
    let app = TestApp::new().await;
    let (card, sandbox) = (digital(&app).await, app.sandbox());
    let post = |body: &Value| sandbox.request(&Method::POST, "simulate/wallet-token", body);
    let provision = |wallet: &str| post(&json!({"card_id": card.to_string(), "wallet": wallet}));
    let first = json!({"card_id": card.to_string(), "wallet": "google"});
    let token = sandbox.post("simulate/wallet-token", &first).await.record()["token_id"].clone();
    let step = |step: &str| post(&json!({"token_id": token, "step": step}));
    let requests = vec![
        ("A card goes into a wallet", provision("apple")),
        ("The holder confirms", step("activate")),
        ("The phone is lost", step("suspend")),
        ("A suspended token is not activated", step("activate")),
        ("The phone is found", step("resume")),
        ("The card leaves the wallet", step("delete")),
        ("For good", step("resume")),
        (
            "There is no such token",
            post(&json!({"token_id": "42", "step": "activate"})),
        ),
        (
            "There is no such card",
            post(&json!({"card_id": "42", "wallet": "apple"})),
        ),
        ("There is no such wallet", provision("leather")),
        (
            "A wallet is needed",
            post(&json!({"card_id": card.to_string()})),
        ),
        (
            "One thing at a time",
            post(&json!({
                "card_id": card.to_string(), "wallet": "apple", "token_id": token,
                "step": "delete",
            })),
        ),
    ];
    assert_golden(&app, "sandbox_wallet_token", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn only_a_card_that_transacts_goes_into_a_wallet_and_a_token_leads_back_to_it() {
    let app = TestApp::new().await;
    let card = digital(&app).await;
    let body = json!({"card_id": card.to_string(), "wallet": "samsung"});
    let sandbox = app.sandbox();
    let token = sandbox.post("simulate/wallet-token", &body).await.record();
    let id: i64 = token["token_id"].as_str().unwrap().parse().unwrap();
    let id = WalletTokenId::new(id).unwrap();
    let tenant = app.tenant_id(&app.demo).await;
    let found = app
        .app
        .read(tenant, async move |tx| wallet_tokens::card_of(tx, id).await)
        .await
        .unwrap();
    assert_eq!(found, (card, WalletTokenState::Inactive));
    let reference = token["reference"].as_str().unwrap();
    assert!(reference.contains('-'), "not a card number: {reference}");

    let finci = app.finci();
    let path = format!("update-card-status/{}", card.padded());
    finci
        .patch(&path, &json!({"token_status": "deactivated"}))
        .await
        .ok();
    let refused = sandbox.post("simulate/wallet-token", &body).await;
    assert_eq!(refused.native_code(), "card_transition_not_allowed");
    app.meddle("UPDATE card SET blocked_since = 1", &[]).await;
    let refused = sandbox.post("simulate/wallet-token", &body).await;
    assert_eq!(refused.native_code(), "card_blocked");
    app.finish().await;
}
