//! Decisions of people: about holders and cards.

use serde_json::{Value, json};

use super::call;
use crate::fincard::orders::{opened, physical, plastic};
use crate::harness::{FincardCaller, TestApp, assert_golden, holder};

/// A holder whose checks stand at the first stage; its id.
async fn waiting(app: &TestApp, fincard: &FincardCaller<'_>, email: &str) -> String {
    let tenant = format!("tenants/{}", app.demo.tenant_uuid);
    let body = json!({"kyc_mode": "manual"});
    app.operator().patch(&tenant, &body).await.record();
    let reply = fincard
        .call("card/holder/v2/create", &holder(email))
        .await
        .ok();
    reply["data"]["holderId"].to_string()
}

#[tokio::test]
async fn a_holder_is_decided_stage_by_stage() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    let operator = app.operator();
    let first = waiting(&app, &fincard, "first@example.com").await;
    let second = waiting(&app, &fincard, "second@example.com").await;
    assert_eq!(app.run_jobs().await, 0, "nobody decides but the operator");
    let decide =
        |id: &str, body: &Value| call(&operator, &format!("POST holders/{id}/decision"), body);
    let requests = vec![
        (
            "Not yet decided",
            call(&operator, &format!("GET holders/{first}"), &Value::Null),
        ),
        (
            "The channel has not seen it",
            decide(&first, &json!({"decision": "approve", "stage": "channel"})),
        ),
        (
            "Staff passes it on",
            decide(&first, &json!({"decision": "approve", "stage": "admin"})),
        ),
        (
            "The channel accepts it",
            decide(
                &first,
                &json!({"decision": "approve", "reason": "documents match"}),
            ),
        ),
        (
            "It is decided",
            decide(&first, &json!({"decision": "reject", "reason": "too late"})),
        ),
        (
            "A rejection has a reason",
            decide(&second, &json!({"decision": "reject"})),
        ),
        (
            "Rejected",
            decide(
                &second,
                &json!({"decision": "reject", "reason": "blurred photo"}),
            ),
        ),
    ];
    assert_golden(&app, "admin_holder_decision", requests).await;
    let events =
        "SELECT COUNT(*) FROM event WHERE kind = 'holder_status_changed' AND subject_id = $1";
    let id: i64 = first.parse().unwrap();
    assert_eq!(
        app.number(events, &[id.into()]).await,
        3,
        "recorded, passed, accepted"
    );
    app.finish().await;
}

#[tokio::test]
async fn one_decision_takes_a_holder_through_all_stages() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    let id = waiting(&app, &fincard, "first@example.com").await;
    let path = format!("holders/{id}/decision");
    let body = json!({"decision": "approve"});
    let decided = app.operator().post(&path, &body).await.record();
    assert_eq!(decided["kyc_status"], "pass_audit");
    fincard
        .card("order-0000000000001", Some(id.parse().unwrap()))
        .await;
    app.finish().await;
}

#[tokio::test]
async fn another_activation_code_is_issued_for_plastic_that_waits_for_one() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let fincard = app.fincard().await;
    let holder = fincard.holder("ana@example.com").await;
    let waiting = opened(&app, &fincard, &physical(1, holder)).await;
    let active = plastic(&app, &fincard, 2).await;
    let digital = fincard.card("order-digital-000001", None).await;
    let why = json!({"reason": "The letter was lost"});
    let line = |id: &str| format!("POST cards/{id}/activation-code");
    let requests = vec![
        ("Issued", call(&operator, &line(&waiting), &why)),
        (
            "Again: the one before is void",
            call(&operator, &line(&waiting), &why),
        ),
        (
            "A reason is needed",
            call(&operator, &line(&waiting), &json!({})),
        ),
        ("It is active", call(&operator, &line(&active), &why)),
        (
            "It is active, and no plastic",
            call(&operator, &line(&digital), &why),
        ),
        ("No such card", call(&operator, &line("42"), &why)),
    ];
    assert_golden(&app, "admin_activation_code", requests).await;
    app.meddle("UPDATE card SET state = 'inactive'", &[]).await;
    let path = format!("cards/{digital}/activation-code");
    let refused = operator.post(&path, &why).await;
    assert_eq!(refused.native_code(), "stage_not_supported");
    app.finish().await;
}

#[tokio::test]
async fn a_blocked_card_is_seen_through_both_apis_and_only_an_operator_lifts_it() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let finci = app.finci();
    let person = finci.person("person-1").await;
    finci.account(&person, "EUR").await;
    let token_id = finci.card(&person).await;
    let id = token_id.trim_start_matches('0');
    let line = |what: &str| format!("POST cards/{id}/{what}");
    let why = json!({"reason": "reported by the bank"});
    let requests = vec![
        (
            "The card",
            call(&operator, &format!("GET cards/{id}"), &Value::Null),
        ),
        ("Blocked", call(&operator, &line("block"), &why)),
        (
            "It was blocked before",
            call(&operator, &line("block"), &why),
        ),
        (
            "A reason is needed",
            call(&operator, &line("unblock"), &json!({})),
        ),
    ];
    assert_golden(&app, "admin_card_block", requests).await;
    let read = format!("get-card/{token_id}");
    assert_eq!(finci.get(&read).await.ok()["token_status"], "deactivated");
    let update = format!("update-card-status/{token_id}");
    let refused = finci
        .patch(&update, &json!({"token_status": "active"}))
        .await;
    assert_eq!(refused.code(), "token_status:blocked_by_platform");
    let fincard = app.fincard().await;
    let seen = fincard.call("card/info", &json!({"cardNo": id})).await.ok();
    assert_eq!(seen["data"]["blocked"], true);
    let blocked = "SELECT COUNT(*) FROM event WHERE kind = 'card_blocked'";
    assert_eq!(
        app.number(blocked, &[]).await,
        1,
        "what changes nothing is no event"
    );

    let requests = vec![("Lifted", call(&operator, &line("unblock"), &why))];
    assert_golden(&app, "admin_card_unblock", requests).await;
    assert_eq!(finci.get(&read).await.ok()["token_status"], "active");
    finci
        .patch(&update, &json!({"token_status": "lost"}))
        .await
        .ok();
    let closed = operator.post(&format!("cards/{id}/block"), &why).await;
    assert_eq!(
        (closed.status, closed.native_code().as_str()),
        (409, "card_transition_not_allowed")
    );
    app.finish().await;
}
