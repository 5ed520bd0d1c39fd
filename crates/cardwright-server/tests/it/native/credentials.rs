//! Credentials of signed callers: a change holds from its answer on.

use cardwright_server::{ops::programs::SignedCredential, secrets::Secret};
use serde_json::{Value, json};

use super::call;
use crate::harness::{FinciCaller, Network, TestApp, assert_golden};

/// The credential in an answer that shows its secret.
fn shown(answer: &Value) -> SignedCredential {
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    SignedCredential {
        token: text("token"),
        secret: Secret::new(text("secret")),
    }
}

async fn create(app: &TestApp, kind: &str) -> (String, SignedCredential) {
    let path = format!("tenants/{}/credentials", app.demo.tenant_uuid);
    let body = json!({"kind": kind, "allowlist": ["127.0.0.0/8"]});
    let made = app.operator().post(&path, &body).await.record();
    (made["id"].as_str().unwrap().to_owned(), shown(&made))
}

/// How an echo test with this credential is answered.
async fn echo(app: &TestApp, credential: &SignedCredential) -> (u16, String) {
    let network = Network::with(app, credential.clone());
    let reply = network.post("echo-test", &json!({"reference": "a"})).await;
    (reply.status, reply.native_code())
}

fn failed() -> (u16, String) {
    (401, "authentication_failed".to_owned())
}

#[tokio::test]
async fn credentials_are_made_rotated_and_ended() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let (id, _) = create(&app, "finci").await;
    let list = format!("tenants/{}/credentials", app.demo.tenant_uuid);
    let create = |allowlist: &[&str]| {
        let body = json!({"kind": "network", "allowlist": allowlist});
        call(&operator, &format!("POST {list}"), &body)
    };
    let of_it = |what: &str, body: &Value| {
        let method = if what == "allowlist" { "PUT" } else { "POST" };
        call(
            &operator,
            &format!("{method} credentials/{id}/{what}"),
            body,
        )
    };
    let requests = vec![
        (
            "A credential, its secret shown once",
            create(&["192.0.2.0/24", "::1"]),
        ),
        ("Host bits are a mistake", create(&["192.0.2.7/24"])),
        ("Everybody is a mistake, too", create(&["0.0.0.0/0"])),
        (
            "Another takes its place",
            of_it("rotate", &json!({"overlap_seconds": 60})),
        ),
        (
            "From elsewhere",
            of_it("allowlist", &json!({"allowlist": ["198.51.100.1"]})),
        ),
        ("It ends", of_it("revoke", &Value::Null)),
        ("It has ended", of_it("rotate", &json!({}))),
        (
            "All of them, without secrets",
            call(&operator, &format!("GET {list}"), &Value::Null),
        ),
    ];
    assert_golden(&app, "admin_credentials", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_revoked_credential_stops_at_once_however_well_it_is_remembered() {
    let app = TestApp::new().await;
    let (id, credential) = create(&app, "network").await;
    for _ in 0..3 {
        assert_eq!(echo(&app, &credential).await.0, 200);
    }
    let path = format!("credentials/{id}/revoke");
    let ended = app.operator().post(&path, &Value::Null).await.record();
    assert_eq!(echo(&app, &credential).await, failed());
    app.pass(60);
    let again = app.operator().post(&path, &Value::Null).await.record();
    assert_eq!(again, ended, "it keeps its first end");
    assert_eq!(echo(&app, &app.demo.network).await.0, 200);
    app.finish().await;
}

#[tokio::test]
async fn a_rotated_credential_works_on_until_its_end_and_not_a_second_longer() {
    let app = TestApp::new().await;
    let (id, old) = create(&app, "network").await;
    assert_eq!(echo(&app, &old).await.0, 200);
    let rotate = format!("credentials/{id}/rotate");
    let body = json!({"overlap_seconds": 60});
    let new = app.operator().post(&rotate, &body).await.record();
    assert_eq!(new["replaces"]["expires_at"], "2026-11-21T12:01:00.000Z");
    assert_eq!(echo(&app, &shown(&new)).await.0, 200);
    app.pass(59);
    assert_eq!(echo(&app, &old).await.0, 200);
    // A second rotation never gives the old one a longer life.
    let body = json!({"overlap_seconds": 3_600});
    let third = app.operator().post(&rotate, &body).await.record();
    assert_eq!(third["replaces"]["expires_at"], "2026-11-21T12:01:00.000Z");
    app.pass(1);
    assert_eq!(echo(&app, &old).await, failed());
    let late = app.operator().post(&rotate, &json!({})).await;
    assert_eq!(
        (late.status, late.native_code().as_str()),
        (422, "credential_revoked")
    );
    assert_eq!(echo(&app, &shown(&new)).await.0, 200);
    app.finish().await;
}

#[tokio::test]
async fn an_allowlist_holds_from_its_answer_on() {
    let app = TestApp::new().await;
    let (id, credential) = create(&app, "network").await;
    assert_eq!(echo(&app, &credential).await.0, 200);
    let path = format!("credentials/{id}/allowlist");
    let set = async |list: Value| {
        let body = json!({"allowlist": list});
        app.operator().put(&path, &body).await.record()
    };
    let elsewhere = (403, "ip_not_allowed".to_owned());
    set(json!(["192.0.2.1"])).await;
    assert_eq!(echo(&app, &credential).await, elsewhere);
    set(json!([])).await;
    assert_eq!(echo(&app, &credential).await, elsewhere);
    let kept = set(json!(["127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1"])).await;
    assert_eq!(
        kept["allowlist"].as_array().map(Vec::len),
        Some(1),
        "{kept}"
    );
    assert_eq!(echo(&app, &credential).await.0, 200);
    app.finish().await;
}

#[tokio::test]
async fn a_new_credential_signs_in_the_tenants_form_and_opens_its_own_surface_only() {
    let app = TestApp::new().await;
    let tenant = format!("tenants/{}", app.demo.tenant_uuid);
    let body = json!({"canonical_form": "lines"});
    app.operator().patch(&tenant, &body).await.record();
    let path = format!("{tenant}/credentials");
    let body = json!({"kind": "finci", "allowlist": ["127.0.0.1"]});
    let made = app.operator().post(&path, &body).await.record();
    assert_eq!(made["canonical_form"], "lines");
    let mut program = app.demo.clone();
    program.finci = shown(&made);
    let caller = FinciCaller::new(&app, &program);
    let draft = |form: &str| {
        let wallet = app.demo.wallet.padded();
        let mut draft = caller.draft("GET", &format!("/v1/get-account/{wallet}"), "");
        draft.form = form.parse().unwrap();
        draft.sign().request()
    };
    assert_eq!(app.send(draft("lines")).await.status, 200);
    assert_eq!(app.send(draft("default")).await.status, 401);
    assert_eq!(echo(&app, &shown(&made)).await, failed());
    app.finish().await;
}
