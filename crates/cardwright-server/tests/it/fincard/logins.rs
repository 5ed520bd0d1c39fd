//! Logging in: two forms of it, one answer to whatever is wrong, and locks against guessing.

mod locks;

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cardwright_server::{
    ops::logins::{self, Attempt, Checked},
    store::{Actor, db::Value as Stored, users::Login},
};
use serde_json::{Value, json};

use super::support::{failure, headed, with};
use crate::harness::{FincardCaller, Reply, TestApp, context};

const DENIED: &str = r#"{"success":false,"code":401,"msg":"Invalid credentials","data":null,"errorCode":"invalid_credentials"}"#;

/// What the demo user says in the first form.
fn by_email(app: &TestApp) -> Value {
    json!({
        "email": app.demo.email,
        "password": app.demo.password.expose(),
        "tenantId": app.demo.tenant_uuid,
    })
}

/// What the demo user says in the second form.
fn by_username(app: &TestApp) -> Value {
    json!({"username": app.demo.username, "password": app.demo.password.expose()})
}

fn first_form(tenant: &str, body: &str) -> Request<Body> {
    let request = context(tenant, "/api/auth/login");
    request.body(Body::from(body.to_owned())).unwrap()
}

fn second_form(tenant: &str, (organization, user): (&str, &str), body: &str) -> Request<Body> {
    let path = format!("/api/v2.1/admin/organization/{organization}/users/{user}/sessions");
    Request::post(path)
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .header("x-tenant-id", tenant)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// Logs the demo user in by the first form, some fields replaced.
async fn log_in(app: &TestApp, changes: &Value) -> Reply {
    let body = with(by_email(app), changes).to_string();
    app.send(first_form(&app.demo.tenant_uuid, &body)).await
}

/// Logs the demo user in by the second form, some fields replaced.
async fn log_in_as(app: &TestApp, changes: &Value) -> Reply {
    let body = with(by_username(app), changes).to_string();
    let demo = &app.demo;
    let ids = (demo.organization_uuid.as_str(), demo.user_uuid.as_str());
    app.send(second_form(&demo.tenant_uuid, ids, &body)).await
}

#[track_caller]
fn assert_denied(reply: &Reply, headers: &[(String, String)], why: &str) {
    let (status, text, given) = reply.bytes();
    assert_eq!((status, text.as_str()), (401, DENIED), "{why}");
    assert_eq!(given, headers, "{why}");
}

#[track_caller]
fn assert_begun(app: &TestApp, reply: &Reply) -> Value {
    let json = reply.ok();
    assert_names(
        &json,
        "success code msg message accessToken tokenType expiresIn data",
    );
    let data = &json["data"];
    assert_names(
        data,
        "accessToken token tokenType expiresIn expiresAt sessionId userId",
    );
    assert_eq!(
        (&json["code"], &json["msg"]),
        (&json!(200), &json!("Success"))
    );
    assert_eq!(json["message"], "Success");
    for part in [&json, data] {
        assert_eq!(part["tokenType"], "Bearer");
        assert_eq!(part["expiresIn"], 3600);
        assert_eq!(part["accessToken"], data["token"]);
    }
    assert_eq!(data["userId"], app.demo.user_uuid);
    json
}

#[track_caller]
fn assert_names(object: &Value, names: &str) {
    let mut expected: Vec<&str> = names.split_whitespace().collect();
    let mut given: Vec<&String> = object.as_object().unwrap().keys().collect();
    expected.sort_unstable();
    given.sort_unstable();
    assert_eq!(given, expected);
}

#[tokio::test]
async fn both_forms_begin_a_session_that_opens_the_same_data() {
    let app = TestApp::new().await;
    for reply in [
        log_in(&app, &json!({})).await,
        log_in(&app, &json!({"captchaToken": {"any": "thing"}})).await,
        log_in_as(&app, &json!({})).await,
        log_in_as(
            &app,
            &json!({"role": 7, "tenantSecret": null, "deviceId": ["x"]}),
        )
        .await,
    ] {
        let json = assert_begun(&app, &reply);
        let mut caller = app.fincard().await;
        caller.token = json["accessToken"].as_str().unwrap().to_owned();
        let accounts = caller.call("account/info", &json!({})).await.ok();
        assert_eq!(accounts["data"][0]["totalBalance"], "1000000.00");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_user_is_known_by_address_in_any_case_and_in_the_second_form_also_by_name() {
    let app = TestApp::new().await;
    let capitals = app.demo.email.to_uppercase();
    assert_begun(&app, &log_in(&app, &json!({"email": capitals})).await);
    assert_begun(&app, &log_in_as(&app, &json!({"username": capitals})).await);
    let name = app.demo.username.clone();
    assert_begun(&app, &log_in_as(&app, &json!({"username": name})).await);
    let reply = log_in(&app, &json!({"email": name})).await;
    assert_eq!(reply.text, DENIED, "the first form knows addresses only");
    let capitals = (
        app.demo.organization_uuid.to_uppercase(),
        app.demo.user_uuid.to_uppercase(),
    );
    let body = by_username(&app).to_string();
    let ids = (capitals.0.as_str(), capitals.1.as_str());
    let reply = app
        .send(second_form(&app.demo.tenant_uuid, ids, &body))
        .await;
    assert_begun(&app, &reply);
    app.finish().await;
}

#[tokio::test]
async fn whatever_is_wrong_with_the_first_form_the_answer_is_the_same() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    let headers = log_in(&app, &json!({"password": "wrong"})).await.bytes().2;
    for (why, changes) in [
        ("an unknown user", json!({"email": "nobody@demo.example"})),
        ("no address at all", json!({"email": "nobody"})),
        (
            "another tenant in the body",
            json!({"tenantId": other.tenant_uuid}),
        ),
        (
            "an unknown tenant in the body",
            json!({"tenantId": "nobody"}),
        ),
        (
            "another user's password",
            json!({"password": other.password.expose()}),
        ),
        (
            "a password with a blank behind",
            json!({"password": format!("{} ", app.demo.password.expose())}),
        ),
        ("no address", json!({"email": "(absent)"})),
        ("no password", json!({"password": "(absent)"})),
        ("no tenant", json!({"tenantId": "(absent)"})),
        ("null for a password", json!({"password": null})),
        ("an empty password", json!({"password": ""})),
        ("a number for a password", json!({"password": 7})),
        ("a list for an address", json!({"email": [app.demo.email]})),
        (
            "a line break in the address",
            json!({"email": "a\nb@demo.example"}),
        ),
        (
            "a very long password",
            json!({"password": "x".repeat(100_000)}),
        ),
    ] {
        assert_denied(&log_in(&app, &changes).await, &headers, why);
    }
    let body = by_email(&app).to_string();
    for tenant in [
        other.tenant_uuid.as_str(),
        "nobody",
        &app.demo.tenant_uuid.to_uppercase(),
    ] {
        assert_denied(&app.send(first_form(tenant, &body)).await, &headers, tenant);
        let same = with(by_email(&app), &json!({"tenantId": tenant})).to_string();
        assert_denied(&app.send(first_form(tenant, &same)).await, &headers, tenant);
    }
    for body in ["", "{}", "\"text\""] {
        let reply = app.send(first_form(&app.demo.tenant_uuid, body)).await;
        if body == "\"text\"" {
            assert_eq!(failure(&reply), (400, "malformed_json".to_owned()));
        } else {
            assert_denied(&reply, &headers, body);
        }
    }
    assert_begun(&app, &log_in(&app, &json!({})).await);
    app.finish().await;
}

#[tokio::test]
async fn whatever_is_wrong_with_the_second_form_the_answer_is_the_same() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    let headers = log_in_as(&app, &json!({"password": "wrong"}))
        .await
        .bytes()
        .2;
    for (why, changes) in [
        ("an unknown user", json!({"username": "nobody"})),
        (
            "another user's password",
            json!({"password": other.password.expose()}),
        ),
        ("no name", json!({"username": "(absent)"})),
        ("no password", json!({"password": "(absent)"})),
        ("an object for a name", json!({"username": {}})),
        (
            "a name in capitals",
            json!({"username": app.demo.username.to_uppercase()}),
        ),
    ] {
        assert_denied(&log_in_as(&app, &changes).await, &headers, why);
    }
    let demo = &app.demo;
    let (organization, user) = (demo.organization_uuid.as_str(), demo.user_uuid.as_str());
    let unknown = "00000000-0000-4000-8000-000000000000";
    let body = by_username(&app).to_string();
    for (tenant, organization, user) in [
        (demo.tenant_uuid.as_str(), unknown, user),
        (&demo.tenant_uuid, organization, unknown),
        (&demo.tenant_uuid, "not-a-uuid", user),
        (&demo.tenant_uuid, organization, "%00"),
        (&demo.tenant_uuid, &other.organization_uuid, user),
        (&demo.tenant_uuid, organization, &other.user_uuid),
        (&other.tenant_uuid, organization, user),
        (unknown, organization, user),
    ] {
        let reply = app
            .send(second_form(tenant, (organization, user), &body))
            .await;
        assert_denied(&reply, &headers, &format!("{tenant} {organization} {user}"));
    }
    assert_begun(&app, &log_in_as(&app, &json!({})).await);
    app.finish().await;
}

#[tokio::test]
async fn a_disabled_user_is_answered_like_nobody() {
    let app = TestApp::new().await;
    let headers = log_in(&app, &json!({"password": "wrong"})).await.bytes().2;
    let sql = "UPDATE api_user SET disabled_at = 1 WHERE uuid = $1";
    let parameters = vec![Stored::from(&app.demo.user_uuid)];
    assert_eq!(app.change_rows(sql, parameters).await, 1);
    assert_denied(&log_in(&app, &json!({})).await, &headers, "disabled");
    assert_denied(&log_in_as(&app, &json!({})).await, &headers, "disabled");
    app.finish().await;
}

#[tokio::test]
async fn a_login_is_checked_like_a_call_before_its_fields_are() {
    let app = TestApp::new().await;
    let body = by_email(&app).to_string();
    let right = || first_form(&app.demo.tenant_uuid, &body);
    let large = format!("{{{}}}", " ".repeat(256 * 1024));
    for (request, status, code) in [
        (headed(right(), "deviceid", &[]), 400, "missing_header"),
        (headed(right(), "x-tenant-id", &[""]), 400, "invalid_header"),
        (
            headed(right(), "deviceid", &["x".repeat(257).as_str()]),
            400,
            "invalid_header",
        ),
        (
            headed(right(), "content-type", &["text/json"]),
            415,
            "unsupported_media_type",
        ),
        (
            headed(right(), "content-encoding", &["gzip"]),
            415,
            "unsupported_media_type",
        ),
        (
            first_form(&app.demo.tenant_uuid, &large),
            413,
            "body_too_large",
        ),
        (
            first_form(&app.demo.tenant_uuid, "[]"),
            400,
            "malformed_json",
        ),
        (
            first_form(&app.demo.tenant_uuid, r#"{"email":"a","email":"b"}"#),
            400,
            "malformed_json",
        ),
    ] {
        let reply = app.send(request).await;
        assert_eq!(failure(&reply), (status, code.to_owned()));
    }
    app.finish().await;
}

#[tokio::test]
async fn a_token_says_what_the_contract_says_and_nothing_else() {
    let app = TestApp::new().await;
    let decoded = |token: &str, part: usize| -> Value {
        let part = token.split('.').nth(part).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    for (reply, device) in [
        (log_in(&app, &json!({})).await, "device-1"),
        (log_in_as(&app, &json!({})).await, ""),
    ] {
        let json = assert_begun(&app, &reply);
        let token = json["accessToken"].as_str().unwrap();
        let header = decoded(token, 0);
        assert_names(&header, "alg typ kid");
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&json!("HS256"), &json!("JWT"))
        );
        assert!(header["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
        let now = app.now().as_second();
        let expected = json!({
            "iss": "bff",
            "aud": "bff-clients",
            "sub": app.demo.user_uuid,
            "userId": app.demo.user_uuid,
            "tenantId": app.demo.tenant_uuid,
            "env": "sandbox",
            "typ": "access",
            "deviceId": device,
            "jti": json["data"]["sessionId"],
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        });
        assert_eq!(decoded(token, 1), expected);
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(json["data"]["expiresAt"], "2026-11-21T13:00:00.000Z");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_call_may_come_from_another_device_than_its_login() {
    let app = TestApp::new().await;
    let acme: FincardCaller<'_> = app.fincard().await;
    let request = headed(
        acme.request("account/info", "{}"),
        "deviceid",
        &["device-9"],
    );
    app.send(request).await.ok();
    app.finish().await;
}

async fn sessions(app: &TestApp) -> i64 {
    app.number("SELECT COUNT(*) FROM session", &[]).await
}

#[tokio::test]
async fn the_longest_device_that_is_taken_fits_into_the_token() {
    let app = TestApp::new().await;
    let body = by_email(&app).to_string();
    // Characters that take most bytes in a header, and those that are escaped in JSON.
    for device in ["\u{1f4b3}".repeat(256), "\\".repeat(256)] {
        let mut request = first_form(&app.demo.tenant_uuid, &body);
        let value = axum::http::HeaderValue::from_bytes(device.as_bytes()).unwrap();
        request.headers_mut().insert("deviceid", value);
        assert_begun(&app, &app.send(request).await);
    }
    app.finish().await;
}

fn right_attempt(app: &TestApp, device_id: String) -> Attempt {
    Attempt {
        login: Some(Login::Email {
            tenant: app.demo.tenant_uuid.clone(),
            email: app.demo.email.clone(),
        }),
        password: app.demo.password.clone(),
        device_id,
        address: [192, 0, 2, 1].into(),
        actor: Actor::system(""),
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_made_leaves_no_session_behind() {
    let app = TestApp::new().await;
    let attempt = right_attempt(&app, "x".repeat(5000));
    assert!(logins::log_in(&app.app, attempt).await.is_err());
    assert_eq!(sessions(&app).await, 0);
    app.finish().await;
}

async fn checked(app: &TestApp) -> Checked {
    let attempt = right_attempt(app, String::new());
    logins::check(&app.app, attempt).await.unwrap()
}

#[tokio::test]
async fn a_password_replaced_or_a_user_disabled_after_the_check_begins_no_session() {
    let app = TestApp::new().await;
    for sql in [
        "UPDATE api_user SET password_hash = 'another' WHERE uuid = $1",
        "UPDATE api_user SET disabled_at = 1 WHERE uuid = $1",
    ] {
        let user = || vec![Stored::from(&app.demo.user_uuid)];
        let undisturbed = logins::settle(&app.app, checked(&app).await).await;
        assert!(undisturbed.unwrap().is_some(), "before {sql}");
        let before = sessions(&app).await;
        let late = checked(&app).await;
        let kept = app.rows("SELECT password_hash FROM api_user WHERE uuid = $1", user());
        let kept: String = kept.await[0].get(0).unwrap();
        assert_eq!(app.change_rows(sql, user()).await, 1);
        assert_eq!(logins::settle(&app.app, late).await.unwrap(), None, "{sql}");
        assert_eq!(sessions(&app).await, before, "{sql}");
        let restore = "UPDATE api_user SET password_hash = $2, disabled_at = NULL WHERE uuid = $1";
        let parameters = vec![Stored::from(&app.demo.user_uuid), kept.as_str().into()];
        assert_eq!(app.change_rows(restore, parameters).await, 1);
    }
    let sql = "SELECT COUNT(*) FROM audit WHERE outcome = 'refused:invalid_credentials'";
    assert_eq!(app.number(sql, &[]).await, 2);
    app.finish().await;
}
