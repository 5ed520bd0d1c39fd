//! `webhook/callback`: the tenant's key opens it, and nothing else but a sandbox's literal.

use axum::{body::Body, http::Request};
use cardwright_server::{
    ops::programs::DemoProgram,
    secrets::{SealContext, webhook_keys::WebhookKey},
    store::{db::Value as Stored, environment::EnvironmentName, keys},
};
use serde_json::{Value, json};

use crate::{
    everywhere::beneath,
    fincard::support::{BASE, failure, refusal},
    harness::{Reply, TestApp},
};

const LITERAL: &str = "valid_signature_12345";

pub fn event(tenant: &str, id: &str) -> Value {
    json!({
        "eventId": id, "eventType": "card_create", "tenantId": tenant,
        "createTime": 1_795_262_400_000_i64,
        "data": {"cardId": "7", "status": "success", "amount": "25.00", "currency": "USD"},
    })
}

pub fn request(body: &str, header: &str, signature: &str) -> Request<Body> {
    Request::post(format!("{BASE}webhook/callback"))
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .header(header, signature)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn send(app: &TestApp, body: &str, header: &str, signature: &str) -> Reply {
    app.send(request(body, header, signature)).await
}

/// The key that the platform keeps for a tenant.
pub async fn key(app: &TestApp, program: &DemoProgram) -> WebhookKey {
    let tenant = app.tenant_id(program).await;
    beneath::write(app, tenant, async move |tx| {
        let secret = keys::find_tenant_secret(tx, "webhook_rsa").await?.unwrap();
        let place = SealContext::of_tenant(tenant.get(), "tenant_secret", "webhook_rsa");
        let pkcs8 = tx.vault().open(&place, &secret.sealed)?;
        Ok(WebhookKey::from_pkcs8(&pkcs8).unwrap())
    })
    .await
}

async fn signed(app: &TestApp, program: &DemoProgram, body: &str) -> String {
    let key = key(app, program).await;
    key.sign_sha256(body.as_bytes()).unwrap()
}

async fn kept(app: &TestApp) -> Vec<String> {
    let sql = "SELECT event_id FROM received_event WHERE event_id <> $1 ORDER BY event_id";
    let rows = app.rows(sql, vec![Stored::from("")]).await;
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

#[tokio::test]
async fn an_event_that_the_tenants_key_signed_is_kept_once() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let body = event(&app.demo.tenant_uuid, "evt-1").to_string();
    let right = signed(&app, &app.demo, &body).await;
    let foreign = signed(&app, &other, &body).await;
    for header in ["X-FC-SIGNATURE", "X-WSB-SIGNATURE"] {
        for signature in [foreign.as_str(), "not base64!", "", "AAAA"] {
            let reply = send(&app, &body, header, signature).await;
            assert_eq!(failure(&reply), (401, "unauthorized".to_owned()));
        }
    }
    let changed = body.replace("25.00", "26.00");
    let reply = send(&app, &changed, "X-FC-SIGNATURE", &right).await;
    assert_eq!(reply.status, 401, "other bytes than those that were signed");
    assert!(kept(&app).await.is_empty());

    for header in ["X-FC-SIGNATURE", "X-WSB-SIGNATURE"] {
        let reply = send(&app, &body, header, &right).await.ok();
        assert!(reply["data"].is_null());
    }
    assert_eq!(kept(&app).await, ["evt-1"]);
    app.finish().await;
}

#[tokio::test]
async fn the_first_signature_counts_and_an_unknown_tenant_has_none() {
    let app = TestApp::new().await;
    let body = event(&app.demo.tenant_uuid, "evt-1").to_string();
    let mut both = request(&body, "X-FC-SIGNATURE", "wrong");
    both.headers_mut()
        .insert("x-wsb-signature", LITERAL.parse().unwrap());
    assert_eq!(app.send(both).await.status, 401);
    let mut doubled = request(&body, "X-FC-SIGNATURE", LITERAL);
    doubled
        .headers_mut()
        .append("x-fc-signature", LITERAL.parse().unwrap());
    assert_eq!(app.send(doubled).await.status, 401);
    let nobody = event("00000000-0000-4000-8000-000000000000", "evt-1").to_string();
    let unknown = send(&app, &nobody, "X-FC-SIGNATURE", LITERAL).await;
    let wrong = send(&app, &body, "X-FC-SIGNATURE", "wrong").await;
    assert_eq!(unknown.bytes(), wrong.bytes());
    let missing = json!({"eventId": "evt-1"}).to_string();
    let reply = send(&app, &missing, "X-FC-SIGNATURE", LITERAL).await;
    assert_eq!(refusal(&reply), "missing_field");
    assert!(kept(&app).await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn the_published_example_passes_in_a_sandbox_and_nowhere_else() {
    for (environment, status) in [
        (EnvironmentName::Sandbox, 200),
        (EnvironmentName::Production, 401),
    ] {
        let app = TestApp::in_environment(environment).await;
        let body = event(&app.demo.tenant_uuid, "evt-1").to_string();
        let reply = send(&app, &body, "X-FC-SIGNATURE", LITERAL).await;
        assert_eq!(reply.status, status, "{environment:?}");
        assert_eq!(kept(&app).await.is_empty(), status != 200);
    }
}
