//! Files and looks of gift cards, as staff see them.

use axum::http::Method;
use cardwright_server::{app::Settings, ops::files::MostFiles};
use serde_json::{Value, json};

use super::call;
use crate::{
    fincard::support::{form, opening, refusal},
    harness::{Conversation, Operator, TestApp, assert_golden},
};

const PDF: &[u8] = b"%PDF-1.7 a passport";

#[tokio::test]
async fn a_file_is_listed_and_shown_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let named = [
        ("file", Some("a.exe"), PDF),
        ("fileName", None, b"..\\..\\run\".exe"),
    ];
    let kept = app.send(form(&acme, &named)).await.ok();
    let id = kept["data"]["fileId"].as_str().unwrap();
    let operator = app.operator();
    let mut talk = Conversation::default();
    let get = |path: &str| call(&operator, &format!("GET {path}"), &Value::Null);
    talk.say(&app, "What was uploaded", get("files")).await;
    let show = |id: &str| call(&operator, &format!("POST files/{id}/content"), &Value::Null);
    let shown = talk.say(&app, "Its content", show(id)).await;
    assert_eq!(shown.text.as_bytes(), PDF);
    talk.say(&app, "By its id in capitals", show(&id.to_uppercase()))
        .await;
    talk.say(
        &app,
        "There is no such file",
        show("00000000-0000-4000-8000-000000000000"),
    )
    .await;
    talk.say(&app, "Nor one of that name", show("..%2Frun"))
        .await;
    talk.assert_golden("admin_files");
    let looked = "SELECT COUNT(*) FROM audit WHERE action = 'file.show' AND subject_id = $1 \
                  AND actor_kind = 'operator'";
    assert_eq!(app.number(looked, &[id.into()]).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn an_auditor_sees_no_file() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let kept = app.send(form(&acme, &[("file", None, PDF)])).await.ok();
    let id = kept["data"]["fileId"].as_str().unwrap();
    let made = app
        .operator()
        .post("admin-keys", &json!({"role": "auditor"}))
        .await
        .record();
    let auditor = Operator::with_key(&app, "/admin/v1", made["key"].as_str().unwrap());
    for (method, path) in [
        (Method::POST, format!("files/{id}/content")),
        (Method::GET, "files".to_owned()),
    ] {
        let reply = app
            .send(auditor.request(&method, &path, &Value::Null))
            .await;
        assert_eq!(
            (reply.status, reply.native_code()),
            (403, "forbidden".to_owned())
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_tenant_keeps_so_many_files_and_another_its_own() {
    let app = TestApp::with_settings(Settings {
        most_files: MostFiles(2),
        ..Settings::default()
    })
    .await;
    let acme = app.fincard().await;
    let file = || form(&acme, &[("file", Some("passport.pdf"), PDF)]);
    app.send(file()).await.ok();
    app.send(file()).await.ok();
    let conversation = vec![("a third file where two are kept", file())];
    assert_golden(&app, "fincard_file_limit", conversation).await;
    assert_eq!(refusal(&app.send(file()).await), "limit_reached");
    assert_eq!(app.number("SELECT COUNT(*) FROM holder_file", &[]).await, 2);
    let other = app.tenant("other").await;
    let other = crate::harness::FincardCaller::log_in(&app, &other).await;
    app.send(form(&other, &[("file", None, PDF)])).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn designs_are_added_listed_and_withdrawn_as_recorded() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let add = |body: Value| call(&operator, "POST card-designs", &body);
    let mut talk = Conversation::default();
    let winter = json!({"product_id": 111_004, "name": "Winter"});
    let added = talk.say(&app, "A look for winter", add(winter)).await;
    let id = added.record()["design_id"].as_str().unwrap().to_owned();
    let wrong = json!({"product_id": 111_001, "name": "Winter"});
    talk.say(&app, "Only gift cards have one", add(wrong)).await;
    let wrong = json!({"product_id": 42, "name": "Winter"});
    talk.say(&app, "There is no such product", add(wrong)).await;
    talk.say(&app, "It has a name", add(json!({"product_id": 111_004})))
        .await;
    let acme = app.fincard().await;
    let open = |number| {
        let changes = json!({"cardTypeId": 111_004, "designId": id});
        acme.request("card/v2/openCard", &opening(number, &changes).to_string())
    };
    app.send(open(1)).await.ok();
    let withdraw = |id: &str| {
        call(
            &operator,
            &format!("DELETE card-designs/{id}"),
            &Value::Null,
        )
    };
    let first = talk.say(&app, "It is withdrawn", withdraw(&id)).await;
    app.pass(60);
    let again = talk
        .say(&app, "Again: it was then already", withdraw(&id))
        .await;
    assert_eq!(first.record(), again.record());
    talk.say(&app, "There is no such look", withdraw("42"))
        .await;
    let list = call(&operator, "GET card-designs?limit=2", &Value::Null);
    talk.say(&app, "All looks, the newest first", list).await;
    talk.assert_golden("admin_card_designs");
    assert_eq!(refusal(&app.send(open(2)).await), "design_not_found");
    app.send(open(1)).await.ok();
    app.finish().await;
}
