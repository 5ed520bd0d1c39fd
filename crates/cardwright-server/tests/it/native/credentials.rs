//! Credentials of signed callers: a change holds from its answer on.

use cardwright_server::{
    ops::programs::SignedCredential, secrets::Secret, store::environment::EnvironmentName,
};
use cardwright_wire::finci::signature::CanonicalForm;
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
async fn what_a_credential_is_set_to_is_changed_entry_by_entry() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let (id, _) = create(&app, "finci").await;
    let of_it =
        |what: &str, body: &Value| call(&operator, &format!("POST credentials/{id}/{what}"), body);
    let requests = vec![
        (
            "From there, too, and no longer from here",
            call(
                &operator,
                &format!("PATCH credentials/{id}/allowlist"),
                &json!({"add": ["2001:db8::/32"], "remove": ["198.51.100.1", "192.0.2.99"]}),
            ),
        ),
        (
            "In another form",
            call(
                &operator,
                &format!("PUT credentials/{id}/canonical-form"),
                &json!({"canonical_form": r"custom:path+timestamp+body;separator=|"}),
            ),
        ),
        (
            "No such form",
            call(
                &operator,
                &format!("PUT credentials/{id}/canonical-form"),
                &json!({"canonical_form": "sorted"}),
            ),
        ),
        (
            "Everybody, and it is meant",
            call(
                &operator,
                &format!("PUT credentials/{id}/allowlist"),
                &json!({"allowlist": ["0.0.0.0/0", "::/0"], "allow_any": true}),
            ),
        ),
        (
            "The earlier of both",
            of_it(
                "rotate",
                &json!({"overlap_seconds": 60, "valid_until": "2026-11-22T00:00:00Z"}),
            ),
        ),
        (
            "That has passed",
            of_it("rotate", &json!({"valid_until": "2026-11-21T11:59:59Z"})),
        ),
        ("It ends", of_it("revoke", &Value::Null)),
        (
            "It has ended, and its form stays",
            call(
                &operator,
                &format!("PUT credentials/{id}/canonical-form"),
                &json!({"canonical_form": "lines"}),
            ),
        ),
    ];
    assert_golden(&app, "admin_credential_settings", requests).await;
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

#[tokio::test]
async fn a_credential_may_be_replaced_at_once_or_at_a_chosen_time() {
    let app = TestApp::new().await;
    let (id, old) = create(&app, "network").await;
    let rotate = |id: &str| format!("credentials/{id}/rotate");
    let body = json!({"valid_until": "2026-11-21T12:00:30Z"});
    let second = app.operator().post(&rotate(&id), &body).await.record();
    assert_eq!(second["replaces"]["expires_at"], "2026-11-21T12:00:30.000Z");
    app.pass(29);
    assert_eq!(echo(&app, &old).await.0, 200);
    app.pass(1);
    assert_eq!(echo(&app, &old).await, failed());

    let second_id = second["id"].as_str().unwrap();
    let body = json!({"overlap_seconds": 0});
    let third = app
        .operator()
        .post(&rotate(second_id), &body)
        .await
        .record();
    assert_eq!(echo(&app, &shown(&second)).await, failed());
    assert_eq!(echo(&app, &shown(&third)).await.0, 200);

    // A day where nothing is said.
    let third_id = third["id"].as_str().unwrap();
    let fourth = app
        .operator()
        .post(&rotate(third_id), &json!({}))
        .await
        .record();
    app.pass(86_399);
    assert_eq!(echo(&app, &shown(&third)).await.0, 200);
    app.pass(1);
    assert_eq!(echo(&app, &shown(&third)).await, failed());
    assert_eq!(echo(&app, &shown(&fourth)).await.0, 200);
    app.finish().await;
}

#[tokio::test]
async fn several_credentials_of_one_tenant_work_side_by_side() {
    let app = TestApp::new().await;
    let (_, one) = create(&app, "network").await;
    let (_, other) = create(&app, "network").await;
    for credential in [&one, &other, &app.demo.network] {
        assert_eq!(echo(&app, credential).await.0, 200);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_list_that_would_admit_everybody_needs_a_word_for_it() {
    let app = TestApp::new().await;
    let (id, _) = create(&app, "network").await;
    let path = format!("credentials/{id}/allowlist");
    let refused = async |method: &str, body: Value| {
        let request = call(&app.operator(), &format!("{method} {path}"), &body);
        let reply = app.send(request).await;
        assert_eq!(reply.status, 400, "{body}");
        reply.native_code()
    };
    for network in [
        "0.0.0.0/0",
        "::/0",
        "::ffff:0.0.0.0/96",
        "10.1.0.0/8",
        "010.0.0.0/8",
        "::ffff:0:0/95",
    ] {
        let set = refused("PUT", json!({"allowlist": [network]})).await;
        assert_eq!(set, "field_invalid allowlist", "{network}");
        let added = refused("PATCH", json!({"add": [network]})).await;
        assert_eq!(added, "field_invalid add", "{network}");
    }
    let wrong = refused("PATCH", json!({"remove": ["nobody"]})).await;
    assert_eq!(wrong, "field_invalid remove");
    assert_eq!(refused("PATCH", json!({})).await, "field_required add");
    let meant = json!({"add": ["0.0.0.0/0"], "allow_any": true});
    let set = app.operator().patch(&path, &meant).await.record();
    assert_eq!(set["allowlist"], json!(["127.0.0.0/8", "0.0.0.0/0"]));
    let taken = app
        .operator()
        .patch(&path, &json!({"remove": ["0.0.0.0/0"]}))
        .await;
    assert_eq!(taken.record()["allowlist"], json!(["127.0.0.0/8"]));
    app.finish().await;
}

#[tokio::test]
async fn a_sandbox_finds_a_form_out_and_says_which_it_is() {
    let app = TestApp::new().await;
    let (id, credential) = create(&app, "finci").await;
    let path = format!("credentials/{id}/canonical-form");
    let body = json!({"canonical_form": "detect"});
    let set = app.operator().put(&path, &body).await.record();
    assert_eq!(set["canonical_form"], "detect");
    let mut program = app.demo.clone();
    program.finci = credential;
    let caller = FinciCaller::new(&app, &program);
    let told = |reply: &crate::harness::Reply| {
        let form = reply.headers.get("x-cardwright-canonical-form");
        form.map(|form| form.to_str().unwrap().to_owned())
    };
    for form in CanonicalForm::NAMED {
        let body = crate::harness::person(&form.to_string()).to_string();
        let mut draft = caller.draft("POST", "/v1/create-person", &body);
        draft.form = form.clone();
        let signed = draft.sign();
        let reply = app.send(signed.request()).await;
        reply.ok();
        assert_eq!(told(&reply), Some(form.to_string()));
        // It is told with a refusal, too, but never to whoever is not believed.
        let again = app.send(signed.request()).await;
        assert_eq!(
            (again.code().as_str(), told(&again)),
            ("request_replayed", Some(form.to_string()))
        );
        let wrong = app
            .send(signed.with("x-auth-signature", "00".repeat(32)).request())
            .await;
        assert_eq!((wrong.status, told(&wrong)), (401, None));
    }
    let reply = app.finci().get("get-card/0000000000000042").await;
    assert_eq!((reply.status, told(&reply)), (404, None), "its form is set");
    app.finish().await;
}

#[tokio::test]
async fn production_neither_sets_a_form_to_be_found_out_nor_uses_one() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    let (id, credential) = create(&app, "network").await;
    let detect = json!({"canonical_form": "detect"});
    let path = format!("credentials/{id}/canonical-form");
    let refused = app.operator().put(&path, &detect).await;
    assert_eq!(refused.native_code(), "field_invalid canonical_form");
    let path = format!("tenants/{}/credentials", app.demo.tenant_uuid);
    let body = json!({"kind": "finci", "allowlist": [], "canonical_form": "detect"});
    let refused = app.operator().post(&path, &body).await;
    assert_eq!(refused.native_code(), "field_invalid canonical_form");
    assert_eq!(echo(&app, &credential).await.0, 200);

    // However it came to be set so.
    app.meddle(
        "UPDATE credential SET canonical_form = 'detect' WHERE id = $1",
        &[id.parse::<i64>().unwrap().into()],
    )
    .await;
    app.app.store().resources().callers.forget();
    assert_eq!(echo(&app, &credential).await, failed());
    app.finish().await;
}
