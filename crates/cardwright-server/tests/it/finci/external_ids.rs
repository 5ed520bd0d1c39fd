//! A record is made once under its caller's own id.

use std::sync::Arc;

use cardwright_core::{Currency, HolderId};
use cardwright_server::{jobs, ops};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::conversation::varied;
use crate::harness::{FinciCaller, Outgoing, Reply, TestApp, address, card, person};

/// Signs a body as written and sends it.
async fn post(caller: &FinciCaller<'_>, path: &str, body: &str) -> Reply {
    caller
        .call("POST".parse().unwrap(), &format!("/v1/{path}"), body)
        .await
}

#[track_caller]
fn assert_conflict(reply: &Reply) {
    assert_eq!(reply.status, 409, "{}", reply.text);
    assert_eq!(
        reply.text,
        r#"{"status":"error","errors":["external_id_conflict"]}"#
    );
}

#[tokio::test]
async fn the_same_person_in_another_spelling_is_the_same_person() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let first = post(&acme, "create-person", &person("p-1").to_string()).await;
    first.ok();
    let after = app.records().await;
    let reordered = r#"{
        "address": {"country":"LT","postal_code":"LT-01103","city":"Vilnius","line1":"Gedimino pr. 1"},
        "phone":"+37060000000", "email":"jonas@example.com", "nationality":"LT",
        "birth_date":"1990-05-17", "last_name":"Jonaitis", "first_name":"\u004aonas",
        "external_id":"p\u002d1"
    }"#;
    assert_eq!(
        post(&acme, "create-person", reordered).await.bytes(),
        first.bytes()
    );
    assert_eq!(app.records().await, after);
    let prefixed = acme
        .call("POST".parse().unwrap(), "/api/v1/create-person", reordered)
        .await;
    assert_eq!(prefixed.bytes(), first.bytes());
    app.finish().await;
}

#[tokio::test]
async fn any_other_content_under_the_same_id_is_a_conflict() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let body = person("p-1");
    acme.post("create-person", &body).await.ok();
    let after = app.records().await;
    let mut moved = address();
    moved["line2"] = "Flat 4".into();
    for change in [
        json!({"first_name": "Petras"}),
        json!({"last_name": "jonaitis"}),
        json!({"birth_date": "1990-05-18"}),
        json!({"nationality": null}),
        json!({"email": "Jonas@example.com"}),
        json!({"phone": "+37060000001"}),
        json!({"address": moved}),
    ] {
        assert_conflict(&acme.post("create-person", &varied(&body, change)).await);
    }
    assert_eq!(app.records().await, after);
    app.finish().await;
}

#[tokio::test]
async fn accounts_and_cards_are_made_once_too_whatever_the_spelling_of_a_number() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("x-1").await;
    let account = json!({"person_id": owner, "currency": "EUR", "external_id": "x-1"});
    let first = acme.post("create-account", &account).await;
    first.ok();
    assert_eq!(
        acme.post("create-account", &account).await.bytes(),
        first.bytes()
    );
    let dollars = varied(&account, json!({"currency": "USD"}));
    assert_conflict(&acme.post("create-account", &dollars).await);

    let body = varied(&card(&owner), json!({"external_id": "x-1"}));
    let first = acme.post("create-card", &body).await;
    first.ok();
    let decimal = body.to_string().replace("112001", "112001.0");
    assert_ne!(decimal, body.to_string());
    assert_eq!(
        post(&acme, "create-card", &decimal).await.bytes(),
        first.bytes()
    );
    let express = varied(&body, json!({"express_delivery": true}));
    assert_conflict(&acme.post("create-card", &express).await);
    let list = acme
        .post("get-cards", &json!({"person_id": owner}))
        .await
        .ok();
    assert_eq!(list["total"], 1);
    app.finish().await;
}

#[tokio::test]
async fn an_id_counts_for_one_kind_of_record_of_one_tenant() {
    let app = TestApp::new().await;
    let other = app.tenant("other").await;
    let mut seen: Vec<Value> = Vec::new();
    for caller in [app.finci(), FinciCaller::new(&app, &other)] {
        let owner = caller.person("same").await;
        let account = json!({"person_id": owner, "currency": "EUR", "external_id": "same"});
        let account = caller.post("create-account", &account).await.ok();
        let body = varied(&card(&owner), json!({"external_id": "same"}));
        let card = caller.post("create-card", &body).await.ok();
        seen.extend([
            owner.into(),
            account["account_id"].clone(),
            card["token_id"].clone(),
        ]);
    }
    for (index, id) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(id), "{id} came twice");
    }
    app.finish().await;
}

#[tokio::test]
async fn an_account_or_card_that_no_request_made_has_its_id_too() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let id = app.number("SELECT id FROM holder WHERE external_id = 'p-1'", &[]);
    let id = HolderId::new(id.await).unwrap();
    app.operate(&app.demo, async move |tx| {
        let seeded = Some("seeded".to_owned());
        ops::accounts::open_customer(tx, id, Currency::EUR, seeded).await
    })
    .await;
    acme.card(&owner).await;
    app.meddle("UPDATE card SET external_id = 'seeded'", &[])
        .await;
    let before = app.records().await;
    let account = json!({"person_id": owner, "currency": "EUR", "external_id": "seeded"});
    assert_conflict(&acme.post("create-account", &account).await);
    let body = varied(&card(&owner), json!({"external_id": "seeded"}));
    assert_conflict(&acme.post("create-card", &body).await);
    assert_eq!(app.records().await, before);
    app.finish().await;
}

#[tokio::test]
async fn an_id_is_taken_for_good() {
    let app = TestApp::on_file().await;
    let first = app.finci().post("create-person", &person("p-1")).await;
    first.ok();
    app.pass(400 * 24 * 60 * 60);
    jobs::remove_outdated(&app.app).await.unwrap();
    let app = app.restarted().await;
    let again = app.finci().post("create-person", &person("p-1")).await;
    assert_eq!(again.bytes(), first.bytes());
    app.finish().await;
}

#[tokio::test]
async fn a_refused_creation_leaves_its_id_free() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let body = person("p-1");
    let before = app.records().await;
    let broken = varied(&body, json!({"nationality": "ZZ"}));
    assert_eq!(acme.post("create-person", &broken).await.status, 400);
    assert_eq!(app.records().await, before);
    let made = acme.post("create-person", &body).await.ok();
    assert_conflict(&acme.post("create-person", &broken).await);

    let account =
        |person: &str| json!({"external_id": "a-1", "person_id": person, "currency": "EUR"});
    let nobody = account("10011000000000009999");
    let before = app.records().await;
    assert_eq!(acme.post("create-account", &nobody).await.status, 404);
    assert_eq!(app.records().await, before);
    let owner = made["person_id"].as_str().unwrap();
    acme.post("create-account", &account(owner)).await.ok();
    assert_conflict(&acme.post("create-account", &nobody).await);
    app.finish().await;
}

#[tokio::test]
async fn key_and_id_together_each_keep_their_own_promise() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let body = person("p-1");
    let send = async |key: &str, body: &Value| -> Reply {
        app.pass(1);
        let signed = acme
            .draft("POST", "/v1/create-person", &body.to_string())
            .sign();
        app.send(signed.with("idempotency-key", key).request())
            .await
    };
    let first = send("k-1", &body).await;
    first.ok();
    assert_eq!(
        send("k-1", &body).await.bytes(),
        first.bytes(),
        "same key, same body"
    );
    assert_eq!(
        send("k-2", &body).await.bytes(),
        first.bytes(),
        "another key, same body"
    );
    let changed = varied(&body, json!({"first_name": "Petras"}));
    assert_eq!(send("k-1", &changed).await.code(), "idempotency_conflict");
    assert_conflict(&send("k-3", &changed).await);
    let renamed = varied(&changed, json!({"external_id": "p-2"}));
    let second = send("k-3", &renamed).await;
    assert_ne!(
        second.ok(),
        first.json(),
        "a conflict had not used up the key"
    );
    assert_eq!(
        acme.post("create-person", &body).await.bytes(),
        first.bytes(),
        "no key"
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_equal_creations_that_arrive_together_one_makes_a_person() {
    let app = Arc::new(TestApp::new().await);
    let before = app.records().await;
    let mut creations = JoinSet::new();
    for second in -50..50 {
        let app = app.clone();
        creations.spawn(async move {
            let body = person("p-1").to_string();
            let draft = app.finci().draft("POST", "/v1/create-person", &body);
            let signed: Outgoing = draft.moved(second).sign();
            app.send(signed.request()).await.ok()
        });
    }
    let answers = creations.join_all().await;
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(app.taken_signatures().await, 100);
    assert_eq!(app.records().await["holder"], before["holder"] + 1);
    assert_eq!(app.records().await["event"], before["event"] + 1);
    Arc::into_inner(app).unwrap().finish().await;
}
