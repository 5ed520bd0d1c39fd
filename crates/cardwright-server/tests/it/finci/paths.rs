//! Paths and methods: what is there, what is not, and that nobody has to sign to be told so.

use axum::http::Method;
use cardwright_server::api::finci::SURFACE;

use crate::harness::{Outgoing, Reply, TestApp};

async fn unsigned(app: &TestApp, method: &str, target: &str) -> Reply {
    let request = Outgoing {
        method: method.to_owned(),
        target: target.to_owned(),
        body: Vec::new(),
        headers: vec![("host".to_owned(), b"127.0.0.1:8080".to_vec())],
    };
    app.send(request.request()).await
}

fn example(path: &str) -> String {
    let path = path.split('{').next().unwrap();
    if path.ends_with('/') {
        format!("{path}0000000000000042")
    } else {
        path.to_owned()
    }
}

#[tokio::test]
async fn every_operation_is_under_both_prefixes_and_asks_for_a_signature() {
    let app = TestApp::new().await;
    assert_eq!(SURFACE.routes().count(), 31);
    assert_eq!(SURFACE.prefixes, ["/v1", "/api/v1"]);
    for prefix in SURFACE.prefixes {
        for route in SURFACE.routes() {
            let target = format!("{prefix}{}", example(route.path));
            let reply = unsigned(&app, route.method.as_str(), &target).await;
            assert_eq!(reply.status, 401, "{} {target}", route.method);
            assert_eq!(reply.code(), "authentication_failed", "{target}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn another_method_is_told_which_one_the_path_knows() {
    let app = TestApp::new().await;
    for prefix in SURFACE.prefixes {
        for route in SURFACE.routes() {
            let target = format!("{prefix}{}", example(route.path));
            let known = route.method.as_str();
            let lower = known.to_lowercase();
            for method in [
                "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", &lower, "SPEAK",
            ] {
                let head_of_get = method == "HEAD" && route.method == Method::GET;
                if method == known || head_of_get {
                    continue;
                }
                let reply = unsigned(&app, method, &target).await;
                assert_eq!(reply.status, 405, "{method} {target}");
                let allow = reply.headers["allow"].to_str().unwrap();
                let expected = if known == "GET" { "GET,HEAD" } else { known };
                assert_eq!(allow, expected, "{method} {target}");
                if method != "HEAD" {
                    assert_eq!(
                        reply.text,
                        r#"{"status":"error","errors":["method_not_allowed"]}"#
                    );
                }
                assert!(reply.headers.contains_key("x-request-id"));
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_path_that_is_not_there_is_not_found_signed_or_not() {
    let app = TestApp::new().await;
    for target in [
        "/v1",
        "/v1/",
        "/api/v1",
        "/api/v1/",
        "/v1/nothing",
        "/v1/create-person/",
        "/v1//create-person",
        "/v1/get-card",
        "/v1/get-card/",
        "/v1/get-card//0000000000000042",
        "/v1/get-card/0000000000000042/",
        "/v1/get-card/0000000000000042/x",
        "/v1/Get-Card/0000000000000042",
        "/v1/get%2Dcard/0000000000000042",
        "/v1/./create-person",
        "/v1/x/../create-person",
        "/api/v1/../v1/create-person",
        "/api/v1/api/v1/create-person",
    ] {
        for method in ["GET", "POST", "PATCH"] {
            let reply = unsigned(&app, method, target).await;
            assert_eq!(reply.status, 404, "{method} {target}");
            assert_eq!(
                reply.text, r#"{"status":"error","errors":["not_found"]}"#,
                "{target}"
            );
            let signed = app.finci().draft(method, target, "").sign();
            let signed = app.send(signed.request()).await;
            assert_eq!(signed.bytes(), reply.bytes(), "{method} {target}");
        }
    }
    for target in [
        "//v1/create-person",
        "/V1/create-person",
        "/v2/create-person",
        "/",
    ] {
        let reply = unsigned(&app, "POST", target).await;
        assert_eq!(reply.status, 404, "{target}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_head_request_is_answered_like_its_get_without_a_body() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let target = format!("/v1/get-account/{account}");
    let get = app
        .send(acme.draft("GET", &target, "").sign().request())
        .await;
    let head = app
        .send(acme.draft("HEAD", &target, "").sign().request())
        .await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.bytes().2, get.bytes().2);
    let mut swapped = acme.draft("GET", &target, "").sign();
    swapped.method = "HEAD".to_owned();
    assert_eq!(app.send(swapped.request()).await.status, 401);
    app.finish().await;
}
