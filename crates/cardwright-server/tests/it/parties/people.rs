//! People decide: about holders, about work orders, about payments.

use axum::http::Method;
use serde_json::{Value, json};

use super::arranged;
use crate::harness::{TestApp, assert_golden, callers};

/// A holder in a tenant whose operators decide.
async fn waiting(app: &TestApp, email: &str) -> String {
    app.meddle("UPDATE tenant SET kyc_mode = 'manual'", &[])
        .await;
    let fincard = app.fincard().await;
    let made = fincard
        .call("card/holder/v2/create", &callers::holder(email))
        .await
        .ok();
    assert_eq!(made["data"]["status"], "wait_audit");
    made["data"]["holderId"].to_string()
}

#[tokio::test]
async fn reviews_of_holders_answer_as_recorded() {
    let app = TestApp::new().await;
    let (first, second) = (
        waiting(&app, "ana@example.com").await,
        waiting(&app, "eva@example.com").await,
    );
    let sandbox = app.sandbox();
    let post = |body: Value| sandbox.request(&Method::POST, "simulate/holder-review", &body);
    let approve = |id: &str| post(json!({"holder_id": id, "decision": "approve"}));
    let reject = |id: &str, reason: Value| {
        let mut body = json!({"holder_id": id, "decision": "reject"});
        if !reason.is_null() {
            body["reason"] = reason;
        }
        post(body)
    };
    let requests = vec![
        ("Staff pass a holder on to the channel", approve(&first)),
        ("The channel approves", approve(&first)),
        ("An approved holder is not approved again", approve(&first)),
        ("A refusal needs a reason", reject(&second, Value::Null)),
        (
            "Staff refuse",
            reject(&second, "The document is not readable".into()),
        ),
        (
            "A refused holder is not refused again",
            reject(&second, "Again".into()),
        ),
        ("There is no such holder", approve("42")),
        (
            "An approval takes no reason",
            post(json!({"holder_id": second, "decision": "approve", "reason": "Nice"})),
        ),
    ];
    assert_golden(&app, "sandbox_holder_review", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_review_is_seen_through_fincard_and_tells_each_step() {
    let app = TestApp::new().await;
    let id = waiting(&app, "ana@example.com").await;
    let fincard = app.fincard().await;
    let status = async || {
        let list = json!({"holderId": id});
        let page = fincard.call("card/holder/list", &list).await.ok();
        page["data"]["records"][0]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let approve = json!({"holder_id": id, "decision": "approve"});
    for expected in ["under_review", "pass_audit"] {
        app.sandbox()
            .post("simulate/holder-review", &approve)
            .await
            .record();
        assert_eq!(status().await, expected);
    }
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'holder_status_changed' \
                  AND subject_id = $1";
    let number: i64 = id.parse().unwrap();
    assert_eq!(app.number(events, &[number.into()]).await, 3);
    app.finish().await;
}

#[tokio::test]
async fn work_orders_answer_as_recorded() {
    let app = TestApp::new().await;
    let first = arranged::work_order(&app, &app.demo, "work-1")
        .await
        .to_string();
    let second = arranged::work_order(&app, &app.demo, "work-2")
        .await
        .to_string();
    let third = arranged::work_order(&app, &app.demo, "work-3")
        .await
        .to_string();
    let (operator, sandbox) = (app.operator(), app.sandbox());
    let get = |path: &str| operator.request(&Method::GET, path, &Value::Null);
    let decide = |id: &str, body: Value| {
        let path = format!("work-orders/{id}/decision");
        operator.request(&Method::POST, &path, &body)
    };
    let simulate = |body: Value| sandbox.request(&Method::POST, "simulate/work-order", &body);
    let requests = vec![
        ("All of them, the newest first", get("work-orders")),
        (
            "One is done",
            decide(
                &first,
                json!({"decision": "success", "description": "Activated"}),
            ),
        ),
        ("Once", decide(&first, json!({"decision": "fail"}))),
        (
            "Another is not",
            decide(&second, json!({"decision": "fail"})),
        ),
        (
            "There is no such work order",
            decide("42", json!({"decision": "fail"})),
        ),
        ("A decision is needed", decide(&third, json!({}))),
        (
            "Those that are with staff",
            get("work-orders?status=processing"),
        ),
        ("A page of one", get("work-orders?status=fail&limit=1")),
        ("There is no such status", get("work-orders?status=lost")),
        (
            "A sandbox decides, too",
            simulate(json!({"work_order_id": third, "decision": "success"})),
        ),
        (
            "Once",
            simulate(json!({"work_order_id": third, "decision": "success"})),
        ),
        (
            "There is no such work order",
            simulate(json!({"work_order_id": "42", "decision": "success"})),
        ),
    ];
    assert_golden(&app, "admin_work_orders", requests).await;
    let events = "SELECT COUNT(*) FROM event WHERE kind = 'work_order_decided'";
    assert_eq!(app.number(events, &[]).await, 3, "one for each");
    app.finish().await;
}

#[tokio::test]
async fn work_orders_are_walked_page_by_page() {
    let app = TestApp::new().await;
    for number in ["a", "b", "c", "d", "e"] {
        arranged::work_order(&app, &app.demo, number).await;
    }
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("work-orders?status=processing&limit=2{cursor}");
        let page = app.operator().get(&path).await.record();
        for item in page["items"].as_array().unwrap() {
            numbers.push(item["merchant_order_no"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(numbers, ["e", "d", "c", "b", "a"]);
    let elsewhere = format!("work-orders?limit=2{cursor}");
    let refused = app.operator().get(&elsewhere).await;
    assert_eq!(
        refused.native_code(),
        "field_invalid cursor",
        "of another list"
    );
    app.finish().await;
}

/// A body that asks for a confirmation.
fn ask(card: &str, kind: &str) -> Value {
    json!({
        "card_id": card, "kind": kind, "merchant": {"name": "Bookshop"}, "amount": 1_050,
        "currency": "USD",
    })
}

async fn card(app: &TestApp) -> String {
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    arranged::card(&finci, &person, ("active", "digital"))
        .await
        .to_string()
}

#[tokio::test]
async fn confirmations_of_payments_answer_as_recorded() {
    let app = TestApp::new().await;
    let (card, sandbox) = (card(&app).await, app.sandbox());
    let post = |body: &Value| sandbox.request(&Method::POST, "simulate/three-ds", body);
    let open = async |kind: &str| {
        let made = sandbox.post("simulate/three-ds", &ask(&card, kind)).await;
        made.record()["challenge_id"].clone()
    };
    let (first, second, third) = (open("otp").await, open("url").await, open("otp").await);
    let end = |id: &Value, decision: &str| post(&json!({"challenge_id": id, "decision": decision}));

    let requests = vec![
        ("By a code", post(&ask(&card, "otp"))),
        ("By a page", post(&ask(&card, "url"))),
        ("The holder confirms", end(&first, "confirm")),
        ("The same again", end(&first, "confirm")),
        ("But not otherwise", end(&first, "decline")),
        ("The holder declines", end(&second, "decline")),
        ("Nobody answers", end(&third, "expire")),
        ("There is no such challenge", end(&"42".into(), "confirm")),
        ("There is no such card", post(&ask("42", "otp"))),
        ("Nor such a currency", {
            let mut body = ask(&card, "otp");
            body["currency"] = "XXZ".into();
            post(&body)
        }),
        ("A merchant is needed", {
            let mut body = ask(&card, "otp");
            body.as_object_mut().unwrap().remove("merchant");
            post(&body)
        }),
        ("One thing at a time", {
            let mut body = ask(&card, "otp");
            body["challenge_id"] = third.clone();
            body["decision"] = "confirm".into();
            post(&body)
        }),
    ];
    assert_golden(&app, "sandbox_three_ds", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_page_cannot_be_confirmed_after_its_time() {
    let app = TestApp::new().await;
    let (card, sandbox) = (card(&app).await, app.sandbox());
    let asked = sandbox
        .post("simulate/three-ds", &ask(&card, "url"))
        .await
        .record();
    assert_eq!(asked["expires_at"], "2026-11-21T12:10:03.000Z");
    app.pass(10 * 60);
    let end = async |decision: &str| {
        let body = json!({"challenge_id": asked["challenge_id"], "decision": decision});
        sandbox.post("simulate/three-ds", &body).await
    };
    let late = end("confirm").await;
    assert_eq!(late.native_code(), "challenge_transition_not_allowed");
    assert_eq!(end("expire").await.record()["status"], "expired");
    app.finish().await;
}

#[tokio::test]
async fn an_activation_code_is_not_confirmed_as_a_payment() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let stage = ("new", "plastic_not_delivered");
    let card = arranged::card(&finci, &person, stage).await.to_string();
    let sandbox = app.sandbox();
    let issue = json!({"card_id": card});
    let code = sandbox
        .post("simulate/activation-code", &issue)
        .await
        .record();
    let body = json!({"challenge_id": code["challenge_id"], "decision": "confirm"});
    let refused = sandbox.post("simulate/three-ds", &body).await;
    assert_eq!(refused.status, 404);
    app.finish().await;
}
