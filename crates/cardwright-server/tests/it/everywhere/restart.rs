//! Stopping and starting again: what was answered is still true, and only the right key opens it.

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_core::{AccountId, CardId};
use cardwright_server::{entropy::Entropy, secrets::keys::KeyFile};
use serde_json::{Value, json};

use super::{beneath, ledger};
use crate::harness::{Disk, Reply, TestApp, callers};

async fn stop(app: TestApp) {
    app.app.store().db().close().await;
}

/// A call in a session that began before.
async fn call(app: &TestApp, token: &str, (path, body): (&str, Value)) -> Reply {
    let target = format!("/api/v2.1/fincard/virtual/{path}");
    let request = callers::context(&app.demo.tenant_uuid, &target)
        .header("authorization", format!("Bearer {token}"));
    app.send(request.body(body.to_string().into()).unwrap())
        .await
}

/// A create request as it goes out at this time.
fn signed_create(app: &TestApp) -> Request<Body> {
    let body = callers::person("p-2").to_string();
    app.finci()
        .request(&Method::POST, "/v1/create-person", &body)
}

fn order(number: u8) -> Value {
    let number = format!("order-{number:013}");
    json!({"merchantOrderNo": number, "cardTypeId": 111_001, "amount": "10"})
}

#[tokio::test]
async fn rows_credentials_and_card_numbers_outlive_the_server() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let tenant = app.tenant_id(&app.demo).await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    let account = finci.account(&person, "USD").await;
    let card = finci.card(&person).await;
    let id = CardId::parse_padded(&card).unwrap();
    let funded = AccountId::parse_padded(&account).unwrap();
    beneath::fund(&app, tenant, funded, 12_34).await;
    let number = beneath::card_number(&app, tenant, id).await;
    app.send(signed_create(&app)).await.ok();
    let (demo, before) = (app.demo.clone(), beneath::rows(&app, tenant).await);
    stop(app).await;
    let names: Vec<String> = disk.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["cardwright.db"], "one complete file is left");

    let app = disk.start(&demo).await;
    assert_eq!(
        beneath::rows(&app, tenant).await,
        before,
        "every row is there"
    );
    let replayed = app.send(signed_create(&app)).await.json();
    assert_eq!(
        replayed["errors"],
        json!(["request_replayed"]),
        "it stays taken"
    );
    let finci = app.finci();
    let read = finci.get(&format!("get-card/{card}")).await.ok();
    assert_eq!(read["person_id"], person);
    let read = finci.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(read["balance"], "12.34");
    assert_eq!(beneath::card_number(&app, tenant, id).await, number);
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn sessions_answers_and_due_steps_outlive_the_server() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let fincard = app.fincard().await;
    let opened = fincard.call("card/v2/openCard", &order(1)).await;
    let body = callers::holder("ana@example.com");
    let holder = fincard.call("card/holder/v2/create", &body).await.ok();
    let holder = holder["data"]["holderId"].clone();
    let (demo, token) = (app.demo.clone(), fincard.token.clone());
    stop(app).await;

    let app = disk.start(&demo).await;
    let again = call(&app, &token, ("card/v2/openCard", order(1))).await;
    assert_eq!(
        again.text, opened.text,
        "the session goes on, the order stays done"
    );
    assert_eq!(app.run_jobs().await, 2, "what was due is done now");
    let filter = json!({"holderId": holder});
    let listed = call(&app, &token, ("card/holder/list", filter)).await.ok();
    assert_eq!(listed["data"]["records"][0]["status"], "pass_audit");
    let fincard = app.fincard().await;
    assert_ne!(fincard.token, token, "the password begins another session");
    fincard.card("order-0000000000002", holder.as_i64()).await;
    ledger::assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn another_key_opens_nothing_and_says_why() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let demo = app.demo.clone();
    stop(app).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("other.key");
    let wrong = KeyFile::create(&path, &Entropy::system()).unwrap();
    let refused = disk
        .open(wrong)
        .await
        .err()
        .expect("another key must not open it");
    let said = refused.log_text();
    assert!(
        said.contains("wrapped by a key other than the one in"),
        "{said}"
    );
    assert!(
        said.contains(&path.display().to_string()),
        "it names the file: {said}"
    );

    let app = disk.start(&demo).await;
    app.finci().person("p-1").await;
    app.finish().await;
}

#[tokio::test]
async fn a_second_environment_is_not_made_in_a_database_that_has_one() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let demo = app.demo.clone();
    stop(app).await;
    let refused = disk
        .create_again()
        .await
        .err()
        .expect("there is one already");
    assert!(refused.log_text().contains("already has an environment"));
    let app = disk.start(&demo).await;
    app.finci().person("p-1").await;
    app.finish().await;
}
