//! A signed request that changes something has its effect once.

use std::sync::Arc;

use cardwright_server::jobs;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Outgoing, Reply, TestApp, card, person};

fn creation(app: &TestApp, external_id: &str) -> Outgoing {
    let body = person(external_id).to_string();
    app.finci().draft("POST", "/v1/create-person", &body).sign()
}

async fn sent(app: &TestApp, request: &Outgoing) -> Reply {
    app.send(request.request()).await
}

#[track_caller]
fn assert_replayed(reply: &Reply) {
    assert_eq!(reply.status, 401, "{}", reply.text);
    assert_eq!(
        reply.text,
        r#"{"status":"error","errors":["request_replayed"]}"#
    );
}

#[tokio::test]
async fn the_same_signed_request_is_refused_the_second_time_however_its_signature_is_spelled() {
    let app = TestApp::new().await;
    let request = creation(&app, "p-1");
    sent(&app, &request).await.ok();
    let after = app.records().await;
    assert_replayed(&sent(&app, &request).await);
    let capitals = request.header("x-auth-signature").to_uppercase();
    assert_replayed(&sent(&app, &request.clone().with("x-auth-signature", capitals)).await);
    let keyed = request.clone().with("idempotency-key", "k-1");
    assert_replayed(&sent(&app, &keyed).await);
    assert_eq!(app.records().await, after);
    app.finish().await;
}

#[tokio::test]
async fn a_change_is_refused_the_second_time_too() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    app.pass(1);
    for (path, body) in [
        ("update-card-status", json!({"token_status": "deactivated"})),
        (
            "update-card-stage",
            json!({"token_stage": "plastic_not_delivered"}),
        ),
    ] {
        let target = format!("/v1/{path}/{token}");
        let request = acme.draft("PATCH", &target, &body.to_string()).sign();
        sent(&app, &request).await.ok();
        assert_replayed(&sent(&app, &request).await);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_refused_request_is_spent_like_one_that_was_done() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let mut changed = person("p-1");
    changed["first_name"] = "Petras".into();
    app.pass(1);
    for (status, method, target, body) in [
        (422, "POST", "/v1/create-card", card(&owner).to_string()),
        (
            404,
            "PATCH",
            "/v1/update-card-status/0000000000000042",
            json!({"token_status": "lost"}).to_string(),
        ),
        (
            404,
            "PATCH",
            "/v1/update-card-stage/x",
            json!({"token_stage": "digital"}).to_string(),
        ),
        (409, "POST", "/v1/create-person", changed.to_string()),
        (
            400,
            "POST",
            "/v1/create-person",
            r#"{"unknown":1}"#.to_owned(),
        ),
        (400, "POST", "/v1/create-person", r#"{"broken"#.to_owned()),
        (400, "POST", "/v1/create-person", String::new()),
    ] {
        let request = acme.draft(method, target, &body).sign();
        assert_eq!(sent(&app, &request).await.status, status, "{target} {body}");
        assert_replayed(&sent(&app, &request).await);
    }
    let keyed = creation(&app, "p-2").with("idempotency-key", "");
    assert_eq!(sent(&app, &keyed).await.code(), "invalid_idempotency_key");
    assert_replayed(&sent(&app, &keyed).await);
    app.finish().await;
}

#[tokio::test]
async fn what_was_never_verified_is_not_spent() {
    let app = TestApp::new().await;
    let request = creation(&app, "p-1");
    for (status, spoilt) in [
        (401, request.clone().without("x-auth-timestamp")),
        (
            401,
            request
                .clone()
                .with("x-auth-token", "a-token-that-nobody-was-issued"),
        ),
        (415, request.clone().with("content-encoding", "gzip")),
        (413, request.clone().with("content-length", "300000")),
    ] {
        assert_eq!(sent(&app, &spoilt).await.status, status);
    }
    assert_eq!(app.taken_signatures().await, 0);
    sent(&app, &request).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn reads_are_never_counted() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let spent = app.taken_signatures().await;
    app.pass(1);
    let body = json!({"person_id": owner}).to_string();
    for request in [
        acme.draft("GET", &format!("/v1/get-card/{token}"), "")
            .sign(),
        acme.draft("GET", &format!("/v1/get-account/{account}"), "")
            .sign(),
        acme.draft("POST", "/v1/get-cards", &body).sign(),
    ] {
        let first = sent(&app, &request).await;
        first.ok();
        for _ in 1..50 {
            assert_eq!(sent(&app, &request).await.bytes(), first.bytes());
        }
    }
    assert_eq!(app.taken_signatures().await, spent);
    app.finish().await;
}

#[tokio::test]
async fn a_spent_request_stays_spent_when_the_server_starts_again() {
    let app = TestApp::on_file().await;
    let (done, refused) = (creation(&app, "p-1"), creation(&app, "p-1 "));
    let refused = refused.with("idempotency-key", "x".repeat(65));
    let first = sent(&app, &done).await.ok();
    assert_eq!(sent(&app, &refused).await.status, 400);
    let after = app.records().await;

    let app = app.restarted().await;
    assert_replayed(&sent(&app, &done).await);
    assert_replayed(&sent(&app, &refused).await);
    assert_eq!(app.records().await, after);
    app.pass(1);
    let again = sent(&app, &creation(&app, "p-1")).await.ok();
    assert_eq!(again, first, "signed anew it is a repeat");
    app.finish().await;
}

#[tokio::test]
async fn a_signature_is_remembered_as_long_as_its_timestamp_is_good_under_any_setting() {
    let app = TestApp::new().await;
    for (moved, good_for) in [(0, 300), (300, 600), (-300, 0)] {
        let body = person(&format!("p{moved}")).to_string();
        let draft = app.finci().draft("POST", "/v1/create-person", &body);
        let request = draft.moved(moved).sign();
        sent(&app, &request).await.ok();
        app.pass(good_for);
        jobs::remove_outdated(&app.app).await.unwrap();
        assert_replayed(&sent(&app, &request).await);
        app.pass(2);
        assert_eq!(sent(&app, &request).await.code(), "timestamp_out_of_range");
        // A server that is started again with the widest window would take its timestamp.
        app.pass(598);
        jobs::remove_outdated(&app.app).await.unwrap();
        assert_eq!(app.taken_signatures().await, 1);
        app.pass(2);
        jobs::remove_outdated(&app.app).await.unwrap();
        assert_eq!(app.taken_signatures().await, 0);
        assert_eq!(sent(&app, &request).await.code(), "timestamp_out_of_range");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_failure_of_ours_leaves_the_request_to_be_sent_again() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    app.pass(1);
    let draft = acme.draft("POST", "/v1/create-card", &card(&owner).to_string());
    let request = draft.sign().with("idempotency-key", "k-1");
    let (before, taken) = (app.records().await, app.taken_signatures().await);

    app.meddle("UPDATE product SET bin = 'broken' WHERE id = 112001", &[])
        .await;
    for _ in 0..2 {
        let reply = sent(&app, &request).await;
        assert_eq!(reply.status, 500);
        assert_eq!(
            reply.text,
            r#"{"status":"error","errors":["internal_error"]}"#
        );
    }
    assert_eq!(app.records().await, before);
    assert_eq!(app.taken_signatures().await, taken);

    app.meddle("UPDATE product SET bin = '520082' WHERE id = 112001", &[])
        .await;
    sent(&app, &request).await.ok();
    assert_replayed(&sent(&app, &request).await);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_copies_that_arrive_together_one_is_done() {
    let app = Arc::new(TestApp::new().await);
    let request = creation(&app, "p-1");
    let mut copies = JoinSet::new();
    for _ in 0..40 {
        let (app, request) = (app.clone(), request.clone());
        copies.spawn(async move { sent(&app, &request).await });
    }
    let replies = copies.join_all().await;
    let done = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_replayed(reply);
    }
    Arc::into_inner(app).unwrap().finish().await;
}
