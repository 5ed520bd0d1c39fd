//! Sessions: whatever is wrong with a token, its caller reads the same bytes.

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cardwright_server::store::{db::Value as Stored, environment::EnvironmentName};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Value, json};

use crate::{
    fincard::support::{CALLS, headed},
    harness::{FincardCaller, TestApp},
};

const DENIED: &str = r#"{"success":false,"code":401,"msg":"The session is not valid.","data":null,"errorCode":"unauthorized"}"#;

/// What a refused session reads, headers included.
async fn denied(app: &TestApp, request: Request<Body>, why: &str) -> Vec<(String, String)> {
    let (status, text, headers) = app.send(request).await.bytes();
    assert_eq!((status, text.as_str()), (401, DENIED), "{why}");
    headers
}

fn read(caller: &FincardCaller<'_>, authorization: &[&str]) -> Request<Body> {
    headed(
        caller.request("account/info", "{}"),
        "authorization",
        authorization,
    )
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// Everything that can be wrong with an Authorization header on its own, given a token that is right.
fn wrong_authorizations(token: &str, other_tenant: &str) -> Vec<(&'static str, Vec<String>)> {
    let bearer = format!("Bearer {token}");
    let parts: Vec<&str> = token.split('.').collect();
    let message = format!("{}.{}", parts[0], parts[1]);
    let key = EncodingKey::from_secret(&[7; 32]);
    let forged = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    let none = encoded(&json!({"alg": "none", "typ": "JWT"}));
    let mut promoted = decoded(parts[1]);
    promoted["tenantId"] = other_tenant.into();
    let promoted = encoded(&promoted);
    let one = |text: &str| vec![text.to_owned()];
    vec![
        ("no header", vec![]),
        ("an empty one", one("")),
        ("two", vec![bearer.clone(), bearer.clone()]),
        ("no scheme", one(token)),
        ("another scheme", one("Basic ZGV2ZWxvcGVyOnBhc3N3b3Jk")),
        ("no token", one("Bearer ")),
        ("garbage", one("Bearer garbage")),
        ("more garbage", one("Bearer a.b.c")),
        ("something after the token", one(&format!("{bearer} x"))),
        ("no signature", one(&format!("Bearer {message}."))),
        (
            "another key's signature",
            one(&format!("Bearer {message}.{forged}")),
        ),
        ("no algorithm", one(&format!("Bearer {none}.{}.", parts[1]))),
        (
            "another tenant written into it",
            one(&format!("Bearer {}.{promoted}.{}", parts[0], parts[2])),
        ),
        (
            "a very long one",
            one(&format!("Bearer {}", "a".repeat(8_000))),
        ),
    ]
}

#[tokio::test]
async fn whatever_is_wrong_with_a_session_the_answer_is_the_same() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    let token = acme.token.as_str();
    let bearer = format!("Bearer {token}");
    let production = TestApp::in_environment(EnvironmentName::Production).await;
    let elsewhere = production.fincard().await;
    let mut table = wrong_authorizations(token, &other.tenant_uuid);
    for (why, caller) in [
        ("another tenant's", &strangers),
        ("another environment's", &elsewhere),
    ] {
        table.push((why, vec![format!("Bearer {}", caller.token)]));
    }
    let plain = denied(&app, read(&acme, &[]), "no header").await;
    for (why, authorization) in table {
        let authorization: Vec<&str> = authorization.iter().map(String::as_str).collect();
        let headers = denied(&app, read(&acme, &authorization), why).await;
        assert_eq!(headers, plain, "{why}");
    }
    for tenant in [&other.tenant_uuid, "nobody", &acme.tenant.to_uppercase()] {
        let request = headed(read(&acme, &[&bearer]), "x-tenant-id", &[tenant]);
        assert_eq!(denied(&app, request, tenant).await, plain);
    }
    for right in [&bearer, &format!("bearer {token}")] {
        app.send(read(&acme, &[right])).await.ok();
    }
    elsewhere.call("account/info", &json!({})).await.ok();
    production.finish().await;
    app.finish().await;
}

#[tokio::test]
async fn every_call_but_a_login_wants_a_session() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for path in CALLS {
        let request = headed(acme.request(path, "{}"), "authorization", &[]);
        denied(&app, request, path).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn a_token_lasts_an_hour_and_the_leeway_of_a_clock() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let plain = denied(&app, read(&acme, &[]), "no header").await;
    app.pass(3_604);
    acme.call("account/info", &json!({})).await.ok();
    app.pass(1);
    let bearer = format!("Bearer {}", acme.token);
    let headers = denied(&app, read(&acme, &[&bearer]), "an hour and five seconds").await;
    assert_eq!(headers, plain);
    app.finish().await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_ended_and_when_its_user_is_disabled() {
    let app = TestApp::new().await;
    let first = app.fincard().await;
    let second = app.fincard().await;
    let sql = "UPDATE session SET ended_at = 1 WHERE id = $1";
    let session = decoded(first.token.split('.').nth(1).unwrap())["jti"].clone();
    let parameters = vec![Stored::from(session.as_str().unwrap())];
    assert_eq!(app.change_rows(sql, parameters).await, 1);
    let plain = denied(&app, read(&first, &[]), "no header").await;
    let bearer = format!("Bearer {}", first.token);
    assert_eq!(denied(&app, read(&first, &[&bearer]), "ended").await, plain);
    let sql = "UPDATE api_user SET disabled_at = 1 WHERE uuid = $1";
    let parameters = vec![Stored::from(&app.demo.user_uuid)];
    assert_eq!(app.change_rows(sql, parameters).await, 1);
    let bearer = format!("Bearer {}", second.token);
    assert_eq!(
        denied(&app, read(&second, &[&bearer]), "disabled").await,
        plain
    );
    app.finish().await;
}
