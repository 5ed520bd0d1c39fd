//! Users of the session API.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::Request,
};
use cardwright_server::ops::programs::DemoProgram;
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::call;
use crate::harness::{FincardCaller, Reply, TestApp, assert_golden, context};

/// A login with this password.
async fn log_in(app: &TestApp, program: &DemoProgram, password: &str) -> Reply {
    let body = json!({
        "email": program.email, "password": password, "tenantId": program.tenant_uuid,
    });
    let request = context(&program.tenant_uuid, "/api/auth/login");
    app.send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

#[tokio::test]
async fn users_are_added_and_looked_after() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let list = format!("tenants/{}/users", app.demo.tenant_uuid);
    let create = |email: &str, username: &str| {
        let body = json!({"email": email, "username": username});
        call(&operator, &format!("POST {list}"), &body)
    };
    let id = &app.demo.user_uuid;
    let of_it = |what: &str| call(&operator, &format!("POST users/{id}/{what}"), &Value::Null);
    let chosen = json!({"password": "correct-horse-battery"});
    let requests = vec![
        (
            "A user with a password made here",
            create("Ona@acme.example", "ona.onaite"),
        ),
        ("The address is taken", create("ona@ACME.example", "ona2")),
        (
            "The name is taken",
            create("ona2@acme.example", "ona.onaite"),
        ),
        (
            "A name is no address",
            create("ona2@acme.example", "ona@acme.example"),
        ),
        ("Disabled", of_it("disable")),
        ("Enabled", of_it("enable")),
        ("Unlocked", of_it("unlock")),
        (
            "A password of its own",
            call(&operator, &format!("POST users/{id}/password"), &chosen),
        ),
        (
            "All users",
            call(&operator, &format!("GET {list}"), &Value::Null),
        ),
    ];
    assert_golden(&app, "admin_users", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_new_user_logs_in_with_the_password_that_was_shown() {
    let app = TestApp::new().await;
    let path = format!("tenants/{}/users", app.demo.tenant_uuid);
    let body = json!({"email": "ona@acme.example", "username": "ona"});
    let made = app.operator().post(&path, &body).await.record();
    let mut program = app.demo.clone();
    "ona@acme.example".clone_into(&mut program.email);
    let password = made["password"].as_str().unwrap();
    assert_eq!(log_in(&app, &program, password).await.status, 200);
    let body = json!({"email": "a@acme.example", "username": "ona3", "password": "short"});
    let reply = app.operator().post(&path, &body).await;
    assert_eq!(reply.native_code(), "field_invalid password");
    app.finish().await;
}

/// A body of which the second half waits until it is let go.
struct InHalves {
    rest: Vec<Bytes>,
    begun: Option<oneshot::Sender<()>>,
    gate: oneshot::Receiver<()>,
}

impl HttpBody for InHalves {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.begun.is_none() && !self.rest.is_empty() {
            let _told = std::task::ready!(Pin::new(&mut self.gate).poll(context));
        }
        let part = self.rest.pop().map(|part| Ok(Frame::data(part)));
        if let Some(begun) = self.begun.take() {
            begun.send(()).unwrap();
        }
        Poll::Ready(part)
    }
}

#[tokio::test]
async fn a_session_that_ends_while_its_request_still_arrives_does_nothing_any_more() {
    let app = TestApp::new().await;
    let session = app.fincard().await;
    let (begun, is_begun) = oneshot::channel();
    let (go_on, gate) = oneshot::channel();
    let (head, _) = session.request("account/create", "").into_parts();
    let body = InHalves {
        // The last one goes first.
        rest: vec![
            Bytes::from_static(br#""Travel"}"#),
            Bytes::from_static(br#"{"accountName":"#),
        ],
        begun: Some(begun),
        gate,
    };
    let request = Request::from_parts(head, Body::new(body));
    let ending = async {
        is_begun.await.unwrap();
        let path = format!("users/{}/disable", app.demo.user_uuid);
        app.operator().post(&path, &Value::Null).await.record();
        go_on.send(()).unwrap();
    };
    let (answer, ()) = tokio::join!(app.send(request), ending);
    assert_eq!(answer.status, 401, "{}", answer.text);
    let made = "SELECT COUNT(*) FROM account WHERE kind = 'margin'";
    assert_eq!(app.number(made, &[]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_disabled_user_has_no_session_left_and_gets_none() {
    let app = TestApp::new().await;
    let session = app.fincard().await;
    session.call("account/info", &json!({})).await.ok();
    let id = &app.demo.user_uuid;
    let of_it = async |what: &str| {
        let path = format!("users/{id}/{what}");
        app.operator().post(&path, &Value::Null).await.record()
    };
    let disabled = of_it("disable").await;
    assert_eq!(session.call("account/info", &json!({})).await.status, 401);
    let password = app.demo.password.expose();
    assert_eq!(log_in(&app, &app.demo, password).await.status, 401);
    app.pass(60);
    assert_eq!(of_it("disable").await, disabled, "it keeps its first date");
    of_it("enable").await;
    assert_eq!(session.call("account/info", &json!({})).await.status, 401);
    assert_eq!(log_in(&app, &app.demo, password).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn another_password_ends_the_sessions_and_the_old_password() {
    let app = TestApp::new().await;
    let session = app.fincard().await;
    session.call("account/info", &json!({})).await.ok();
    let path = format!("users/{}/password", app.demo.user_uuid);
    let made = app.operator().post(&path, &Value::Null).await.record();
    assert_eq!(session.call("account/info", &json!({})).await.status, 401);
    let old = app.demo.password.expose();
    assert_eq!(log_in(&app, &app.demo, old).await.status, 401);
    let new = made["password"].as_str().unwrap();
    assert_eq!(log_in(&app, &app.demo, new).await.status, 200);
    let body = json!({"password": "correct-horse-battery"});
    let chosen = app.operator().post(&path, &body).await.record();
    assert_eq!(chosen["password"], Value::Null, "the caller knows it");
    let reply = log_in(&app, &app.demo, "correct-horse-battery").await;
    assert_eq!(reply.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn an_unlocked_user_logs_in_again() {
    let app = TestApp::new().await;
    let password = app.demo.password.expose();
    for guess in 0..10 {
        app.pass(10);
        log_in(&app, &app.demo, &format!("wrong-{guess}")).await;
    }
    app.pass(10);
    assert_ne!(
        log_in(&app, &app.demo, password).await.status,
        200,
        "locked"
    );
    let path = format!("users/{}/unlock", app.demo.user_uuid);
    app.operator().post(&path, &Value::Null).await.record();
    app.pass(10);
    assert_eq!(log_in(&app, &app.demo, password).await.status, 200);
    FincardCaller::log_in(&app, &app.demo).await;
    app.finish().await;
}
