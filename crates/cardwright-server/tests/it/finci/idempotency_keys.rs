//! A request with a key of its caller's has its effect once, however often it is signed anew.

use std::sync::Arc;

use cardwright_server::{
    jobs,
    store::credentials::{self, CredentialKind},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::conversation::varied;
use crate::harness::{FinciCaller, Outgoing, Reply, TestApp, card, person};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Signs anew and sends, with a key.
async fn keyed(caller: &FinciCaller<'_>, app: &TestApp, call: (&str, &str), text: &str) -> Reply {
    app.pass(1);
    let (path, key) = call;
    let (method, path) = path.split_once(' ').unwrap();
    let signed = caller.draft(method, path, text).sign();
    app.send(signed.with("idempotency-key", key).request())
        .await
}

/// A person with an account, so that a card needs nothing but its own content.
async fn with_account(app: &TestApp) -> String {
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    owner
}

async fn cards_of(app: &TestApp, owner: &str) -> i64 {
    let list = app
        .finci()
        .post("get-cards", &json!({"person_id": owner}))
        .await;
    list.ok()["total"].as_i64().unwrap()
}

#[tokio::test]
async fn a_repeat_under_its_key_gets_the_stored_answer_byte_for_byte() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = with_account(&app).await;
    let body = card(&owner).to_string();
    let first = keyed(&acme, &app, ("POST /v1/create-card", "k-1"), &body).await;
    first.ok();
    for _ in 0..3 {
        let again = keyed(&acme, &app, ("POST /v1/create-card", "k-1"), &body).await;
        assert_eq!(again.bytes(), first.bytes());
    }
    assert_eq!(cards_of(&app, &owner).await, 1);
    let other = keyed(&acme, &app, ("POST /v1/create-card", "k-2"), &body)
        .await
        .ok();
    assert_ne!(other, first.json());
    assert_eq!(cards_of(&app, &owner).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn another_body_under_the_same_key_is_a_conflict_and_changes_nothing() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = with_account(&app).await;
    let body = card(&owner);
    let call = ("POST /v1/create-card", "k-1");
    let first = keyed(&acme, &app, call, &body.to_string()).await;
    first.ok();
    let before = app.records().await;
    for other in [
        varied(&body, json!({"embossing_name": "PETRAS"})).to_string(),
        format!("{body}\n"),
        "{}".to_owned(),
    ] {
        let reply = keyed(&acme, &app, call, &other).await;
        // A body that cannot be read is said to be so; one that can be is a conflict.
        let expected = if other == "{}" { 400 } else { 409 };
        assert_eq!(reply.status, expected, "{other}");
        if expected == 409 {
            assert_eq!(
                reply.text,
                r#"{"status":"error","errors":["idempotency_conflict"]}"#
            );
        }
    }
    assert_eq!(app.records().await, before);
    let again = keyed(&acme, &app, call, &body.to_string()).await;
    assert_eq!(again.bytes(), first.bytes());
    app.finish().await;
}

#[tokio::test]
async fn a_key_counts_for_one_path_of_one_credential() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = with_account(&app).await;
    let body = card(&owner).to_string();
    let mut answers = vec![
        keyed(&acme, &app, ("POST /v1/create-card", "k-1"), &body)
            .await
            .ok(),
        keyed(&acme, &app, ("POST /api/v1/create-card", "k-1"), &body)
            .await
            .ok(),
    ];
    let second = FinciCaller::new(&app, &second_credential(&app).await);
    answers.push(
        keyed(&second, &app, ("POST /v1/create-card", "k-1"), &body)
            .await
            .ok(),
    );
    for (index, answer) in answers.iter().enumerate() {
        assert!(!answers[..index].contains(answer), "{answer} came twice");
    }
    assert_eq!(cards_of(&app, &owner).await, 3);

    let account = json!({"person_id": owner, "currency": "USD"}).to_string();
    keyed(&acme, &app, ("POST /v1/create-account", "k-1"), &account)
        .await
        .ok();
    let stranger = FinciCaller::new(&app, &app.tenant("other").await);
    let theirs = person("p-9").to_string();
    keyed(&stranger, &app, ("POST /v1/create-person", "k-1"), &theirs)
        .await
        .ok();
    app.finish().await;
}

/// Another credential of the demo tenant.
async fn second_credential(app: &TestApp) -> cardwright_server::ops::programs::DemoProgram {
    let mut program = app.demo.clone();
    let secret = program.finci.secret.expose().to_owned();
    let token = "the-second-token-of-this-tenant".to_owned();
    program.finci.token.clone_from(&token);
    app.operate(&app.demo, async move |tx| {
        let first = credentials::newest(tx, CredentialKind::Finci).await?;
        let id = tx.next_id().await?;
        let place = tx.place("credential.secret", id);
        let sealed = tx.vault().seal(&place, secret.as_bytes(), tx.entropy())?;
        let second = credentials::Credential {
            id,
            token,
            secret_sealed: sealed,
            ..first.unwrap()
        };
        credentials::insert(tx, &second).await
    })
    .await;
    program
}

#[tokio::test]
async fn a_key_is_kept_for_a_day_and_then_free() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = with_account(&app).await;
    let body = card(&owner).to_string();
    let call = ("POST /v1/create-card", "k-1");
    let first = keyed(&acme, &app, call, &body).await;
    first.ok();
    app.pass(DAY_SECONDS - 2);
    jobs::remove_outdated(&app.app).await.unwrap();
    let last_second = keyed(&acme, &app, call, &body).await;
    assert_eq!(last_second.bytes(), first.bytes());
    let day_after = keyed(&acme, &app, call, &body).await;
    assert_ne!(day_after.ok(), first.json());
    let again = keyed(&acme, &app, call, &body).await;
    assert_eq!(again.bytes(), day_after.bytes());
    assert_eq!(cards_of(&app, &owner).await, 2);

    app.pass(DAY_SECONDS + 1);
    jobs::remove_outdated(&app.app).await.unwrap();
    let kept = "SELECT COUNT(*) FROM answered_request WHERE expires_at IS NOT NULL";
    assert_eq!(app.number(kept, &[]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_request_uses_up_no_key() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let body = card(&owner);
    let call = ("POST /v1/create-card", "k-1");
    let refused = keyed(&acme, &app, call, &body.to_string()).await;
    assert_eq!(refused.code(), "account_id:no_account");
    let broken = keyed(&acme, &app, call, "{}").await;
    assert_eq!(broken.status, 400);
    acme.account(&owner, "EUR").await;
    let other = varied(&body, json!({"embossing_name": "PETRAS"}));
    keyed(&acme, &app, call, &other.to_string()).await.ok();
    let late = keyed(&acme, &app, call, &body.to_string()).await;
    assert_eq!(late.code(), "idempotency_conflict");
    app.finish().await;
}

#[tokio::test]
async fn a_key_is_one_to_64_printable_characters_sent_once() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let before = app.records().await;
    let signed = |number: i64| -> Outgoing {
        let body = person(&format!("p-{number}")).to_string();
        acme.draft("POST", "/v1/create-person", &body).sign()
    };
    for (number, key) in [&b""[..], &[b'k'; 65], b"\xc3\xa4", b"k\tk", b"\xff"]
        .into_iter()
        .enumerate()
    {
        let request = signed(i64::try_from(number).unwrap()).with("idempotency-key", key);
        let reply = app.send(request.request()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "invalid_idempotency_key")
        );
    }
    let doubled = signed(8)
        .adding("idempotency-key", "k")
        .adding("idempotency-key", "k");
    assert_eq!(
        app.send(doubled.request()).await.code(),
        "invalid_idempotency_key"
    );
    assert_eq!(app.records().await, before);
    for (number, key) in ["k", &"k".repeat(64), "a b!~\"\\"].into_iter().enumerate() {
        let request = signed(i64::try_from(number).unwrap() + 10).with("idempotency-key", key);
        app.send(request.request()).await.ok();
    }
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_change_under_its_key_does_not_undo_what_came_after() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = with_account(&app).await;
    let token = acme.card(&owner).await;
    let call = format!("PATCH /v1/update-card-status/{token}");
    let freeze = json!({"token_status": "deactivated"}).to_string();
    let first = keyed(&acme, &app, (&call, "k-1"), &freeze).await;
    first.ok();
    let thaw = json!({"token_status": "active"}).to_string();
    keyed(&acme, &app, (&call, "k-2"), &thaw).await.ok();
    let again = keyed(&acme, &app, (&call, "k-1"), &freeze).await;
    assert_eq!(again.bytes(), first.bytes());
    let read = acme.get(&format!("get-card/{token}")).await.ok();
    assert_eq!(read["token_status"], "active");
    app.finish().await;
}

#[tokio::test]
async fn a_stored_answer_survives_a_restart() {
    let app = TestApp::on_file().await;
    let owner = with_account(&app).await;
    let body = card(&owner).to_string();
    let call = ("POST /v1/create-card", "k-1");
    let first = keyed(&app.finci(), &app, call, &body).await;
    first.ok();
    let app = app.restarted().await;
    let again = keyed(&app.finci(), &app, call, &body).await;
    assert_eq!(again.bytes(), first.bytes());
    assert_eq!(cards_of(&app, &owner).await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_repeats_that_arrive_together_one_makes_a_card() {
    let app = Arc::new(TestApp::new().await);
    let owner = with_account(&app).await;
    let body: Value = card(&owner);
    let mut repeats = JoinSet::new();
    for second in -50..50 {
        let (app, text) = (app.clone(), body.to_string());
        repeats.spawn(async move {
            let draft = app.finci().draft("POST", "/v1/create-card", &text);
            let signed = draft.moved(second).sign();
            app.send(signed.with("idempotency-key", "k-1").request())
                .await
                .ok()
        });
    }
    let answers = repeats.join_all().await;
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(cards_of(&app, &owner).await, 1);
    Arc::into_inner(app).unwrap().finish().await;
}
