//! Faults of ours: what a caller reads of them, and that every code there is was seen once.

use std::{fs, sync::mpsc};

use cardwright_server::store::db::{DbError, WriteSession};
use cardwright_wire::fincard::errors::TABLE;
use serde_json::json;

use super::support::failure;
use crate::harness::{TestApp, assert_golden};

const GOLDENS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/goldens");

#[tokio::test]
async fn a_record_that_cannot_be_read_answers_as_recorded_and_tells_nothing_of_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    acme.holder("ana@example.com").await;
    app.meddle(
        "UPDATE holder SET profile = '{\"secret\":' WHERE external_id LIKE 'holder-%'",
        &[],
    )
    .await;
    let list = || acme.request("card/holder/list", "{}");
    let requests = vec![("a record that is broken", list())];
    assert_golden(&app, "fincard_internal_error", requests).await;
    let reply = app.send(list()).await;
    assert_eq!(failure(&reply), (500, "internal_error".to_owned()));
    for told in ["profile", "holder", "secret", "corrupt"] {
        assert!(!reply.text.contains(told), "{}", reply.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_store_with_too_much_to_do_refuses_as_recorded_and_works_again() {
    let app = TestApp::with_queue(1).await;
    let acme = app.fincard().await;
    let (begun, is_begun) = mpsc::channel();
    let (end, is_ended) = mpsc::channel::<()>();
    let db = app.app.store().db().clone();
    // One write is under way, another one fills the queue behind it.
    let slow = tokio::spawn(async move {
        db.write(async move |_: WriteSession| {
            let _ = begun.send(());
            let _ = is_ended.recv();
            Ok::<_, DbError>(())
        })
        .await
    });
    tokio::task::yield_now().await;
    is_begun.recv().unwrap();
    let db = app.app.store().db().clone();
    let waiting =
        tokio::spawn(async move { db.write(async |_: WriteSession| Ok::<_, DbError>(())).await });
    tokio::task::yield_now().await;
    let create = || {
        acme.request(
            "account/create",
            &json!({"accountName": "Travel"}).to_string(),
        )
    };
    let requests = vec![("too much is going on", create())];
    assert_golden(&app, "fincard_unavailable", requests).await;
    let reply = app.send(create()).await;
    assert_eq!(failure(&reply), (503, "unavailable".to_owned()));
    assert_eq!(reply.headers["retry-after"], "1");
    end.send(()).unwrap();
    slow.await.unwrap().unwrap();
    waiting.await.unwrap().unwrap();
    app.send(create()).await.ok();
    let made = "SELECT COUNT(*) FROM account WHERE kind = 'margin'";
    assert_eq!(
        app.number(made, &[]).await,
        1,
        "what was refused was not done"
    );
    app.finish().await;
}

#[test]
fn every_code_of_the_catalogue_was_answered_in_some_golden_file() {
    let mut answered = String::new();
    for entry in fs::read_dir(GOLDENS).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("fincard_") {
            answered += &fs::read_to_string(path).unwrap();
        }
    }
    let missing: Vec<&str> = TABLE
        .iter()
        .map(|row| row.text)
        .filter(|text| !answered.contains(&format!("\"errorCode\": \"{text}\"")))
        .collect();
    assert!(missing.is_empty(), "in no golden file: {missing:?}");
}
