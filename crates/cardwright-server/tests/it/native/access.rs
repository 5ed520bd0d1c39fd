//! Who may call, about whom, and how often it counts.

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_server::{
    api::{SURFACES, route::Effect},
    ops::programs::DemoProgram,
    secrets::{Secret, generate, hash_api_key},
    store::{
        admin_keys::{self, Role},
        environment::EnvironmentName,
    },
};
use serde_json::json;

use crate::harness::{Operator, TestApp};

/// Makes a key of a role.
pub async fn key_of(app: &TestApp, program: &DemoProgram, role: Role) -> Secret {
    app.operate(program, async move |tx| {
        let key = generate::admin_key(tx.entropy());
        admin_keys::insert(tx, role, &hash_api_key(&key)).await?;
        Ok(key)
    })
    .await
}

/// A path of a route with something at its braces.
fn path_of(template: &str) -> String {
    let parts = template.trim_start_matches('/').split('/');
    let filled = parts.map(|part| if part.starts_with('{') { "42" } else { part });
    filled.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_wrong_key_is_answered_alike_to_the_byte() {
    let app = TestApp::new().await;
    let ended = app.tenant("globex").await.admin_key;
    app.change_rows(
        "UPDATE admin_key SET revoked_at = 1 WHERE hash = $1",
        vec![hash_api_key(&ended).as_slice().into()],
    )
    .await;
    let own = app.demo.admin_key.expose();
    let mut answers = Vec::new();
    for key in [
        "cwa_nobody",
        "",
        "x y",
        ended.expose(),
        &own[..own.len() - 1],
        &own.to_lowercase(),
    ] {
        let caller = Operator::with_key(&app, "/admin/v1", key);
        answers.push(caller.get("tenants").await);
        let body = json!({"name": "x".repeat(300_000)});
        answers.push(caller.post("tenants", &body).await);
    }
    let bare = |name: &str, value: &str| {
        let request = Request::builder().uri("/admin/v1/tenants");
        let request = request.header("host", "a").header(name, value);
        request.body(Body::empty()).unwrap()
    };
    for value in [
        format!("Basic {own}"),
        own.to_owned(),
        format!("Bearer {own} "),
    ] {
        answers.push(app.send(bare("authorization", &value)).await);
    }
    answers.push(app.send(bare("x-api-key", own)).await);
    for answer in &answers {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.native_code(), "unauthorized");
        assert_eq!(answer.bytes(), answers[0].bytes());
    }
    assert_eq!(app.operator().get("tenants").await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn an_operation_takes_its_least_role_and_every_role_above() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        let key = key_of(&app, &app.demo, role).await;
        for surface in SURFACES {
            for route in surface.routes() {
                let Some(needed) = route.role else { continue };
                let caller = Operator::new(&app, surface.prefixes[0], &key);
                let path = path_of(route.path);
                let request = caller.request(&route.method, &path, &json!(null));
                let reply = app.send(request).await;
                let name = format!("{role:?} {} {}", route.method, route.path);
                assert_eq!(reply.status == 403, role < needed, "{name}: {}", reply.text);
                if role < needed {
                    assert_eq!(reply.native_code(), "forbidden", "{name}");
                }
            }
        }
    }
    app.run_jobs().await;
    app.finish().await;
}

#[test]
fn whoever_changes_something_is_no_auditor() {
    for surface in SURFACES {
        for route in surface.routes() {
            let (Some(role), Effect::Changes) = (route.role, route.effect) else {
                continue;
            };
            assert!(role > Role::Auditor, "{} {}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn a_call_acts_on_the_keys_own_tenant_or_on_the_one_it_names() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let fund = |program: &DemoProgram| json!({"account_id": program.wallet.to_string(), "amount": 1, "currency": "USD"});
    let (own, others) = (fund(&app.demo), fund(&other));
    let path = "simulate/funding";
    let sandbox = app.sandbox();
    assert_eq!(sandbox.post(path, &own).await.status, 200);
    assert_eq!(sandbox.post(path, &others).await.status, 404);
    let there = sandbox.on(&other.tenant_uuid);
    assert_eq!(there.post(path, &others).await.status, 200);
    assert_eq!(there.post(path, &own).await.status, 404);
    let unknown = "00000000-0000-4000-8000-000000000001";
    let unknown = sandbox.on(unknown).post(path, &own).await;
    assert_eq!(
        (unknown.status, unknown.native_code().as_str()),
        (404, "not_found")
    );
    for uuid in [
        "00000000-0000-4000-8000-000000000000",
        "",
        "x",
        &other.tenant_uuid.to_uppercase(),
    ] {
        let nobody = sandbox.on(uuid).post(path, &own).await;
        assert_eq!(nobody.bytes(), unknown.bytes(), "{uuid}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_change_under_one_key_happens_once() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    let send = async |key: &str, amount: i64| {
        let wallet = app.demo.wallet.to_string();
        let body = json!({"account_id": wallet, "amount": amount, "currency": "USD"});
        let mut request = sandbox.request(&Method::POST, "simulate/funding", &body);
        let key = key.parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        app.send(request).await
    };
    let first = send("pay-1", 500).await.record();
    assert_eq!(send("pay-1", 500).await.record(), first);
    let other = send("pay-1", 501).await;
    assert_eq!(
        (other.status, other.native_code().as_str()),
        (409, "idempotency_conflict")
    );
    let second = send("pay-2", 500).await.record();
    assert_eq!(
        second["balance"].as_i64().unwrap(),
        first["balance"].as_i64().unwrap() + 500
    );
    let wrong = send(&"k".repeat(65), 500).await;
    assert_eq!(
        (wrong.status, wrong.native_code().as_str()),
        (400, "invalid_idempotency_key")
    );
    app.finish().await;
}

#[tokio::test]
async fn a_change_that_finds_nothing_to_do_can_be_repeated_under_a_key_like_any_other() {
    let app = TestApp::new().await;
    let path = format!("users/{}/enable", app.demo.user_uuid);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut request = app.operator().request(&Method::POST, &path, &json!({}));
        let key = "enable-1".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        answers.push(app.send(request).await.record());
    }
    assert_eq!(answers[0], answers[1]);
    let sql = "SELECT COUNT(*) FROM audit WHERE action IN ('request.keep', 'request.repeat')";
    assert_eq!(app.number(sql, &[]).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_change_leaves_an_audit_row_and_nothing_else() {
    let app = TestApp::new().await;
    let before = app.records().await;
    let sql = "SELECT COUNT(*) FROM audit WHERE actor_kind = 'operator' \
               AND action = 'sandbox.simulate.funding' AND outcome = 'refused:currency_mismatch'";
    assert_eq!(app.number(sql, &[]).await, 0);
    let body = json!({"account_id": app.demo.wallet.to_string(), "amount": 1, "currency": "EUR"});
    let reply = app.sandbox().post("simulate/funding", &body).await;
    assert_eq!(
        (reply.status, reply.native_code().as_str()),
        (422, "currency_mismatch")
    );
    assert_eq!(app.records().await, before);
    assert_eq!(app.number(sql, &[]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn in_production_there_is_no_sandbox_to_call() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    let body = json!({"account_id": "1", "amount": 1, "currency": "USD"});
    let there = app.sandbox().post("simulate/funding", &body).await;
    let nowhere = app.sandbox().post("no/such/path", &body).await;
    assert_eq!(there.status, 404);
    assert_eq!(there.bytes(), nowhere.bytes());
    assert_eq!(app.operator().get("tenants").await.status, 200);
    assert_ne!(
        app.network()
            .post("echo-test", &json!({"reference": "a"}))
            .await
            .status,
        404
    );
    app.finish().await;
}
