//! What is checked before a call is understood, and in which order.

mod bodies;
mod tokens;

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use super::support::{BASE, CALLS, failure, headed};
use crate::harness::{FincardCaller, TestApp};

/// The headers every call carries, as they are called in the answer, and in lower case.
const HEADERS: [(&str, &str); 6] = [
    ("X-Tenant-ID", "x-tenant-id"),
    ("X-Forwarded-For", "x-forwarded-for"),
    ("X-Forwarded-From", "x-forwarded-from"),
    ("platform", "platform"),
    ("deviceId", "deviceid"),
    ("Content-Type", "content-type"),
];

fn read(acme: &FincardCaller<'_>) -> Request<Body> {
    acme.request("account/info", "{}")
}

fn missing(names: &str) -> String {
    format!(
        r#"{{"success":false,"code":500,"msg":"Missing required header(s): {names}","data":null,"errorCode":"missing_header"}}"#
    )
}

#[tokio::test]
async fn each_header_is_missed_by_its_name_on_every_call() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for path in CALLS {
        for (name, header) in HEADERS {
            let request = headed(acme.request(path, "{}"), header, &[]);
            let reply = app.send(request).await;
            assert_eq!((reply.status, reply.text), (400, missing(name)), "{path}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn all_missing_headers_are_named_in_order_and_content_type_last() {
    let app = TestApp::new().await;
    let bare = Request::post(format!("{BASE}account/info")).header("host", "127.0.0.1:8080");
    let reply = app.send(bare.body(Body::empty()).unwrap()).await;
    let all = "X-Tenant-ID, X-Forwarded-For, X-Forwarded-From, platform, deviceId, Content-Type";
    assert_eq!((reply.status, reply.text), (400, missing(all)));
    let login = Request::post("/api/auth/login").header("host", "127.0.0.1:8080");
    let reply = app.send(login.body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status, reply.text), (400, missing(all)));
    let session = "/api/v2.1/admin/organization/a/users/b/sessions";
    let session = Request::post(session).header("host", "127.0.0.1:8080");
    let reply = app.send(session.body(Body::empty()).unwrap()).await;
    let few = missing("X-Tenant-ID, Content-Type");
    assert_eq!((reply.status, reply.text), (400, few));
    let acme = app.fincard().await;
    let request = headed(headed(read(&acme), "content-type", &[]), "platform", &[]);
    let reply = app.send(request).await;
    assert_eq!(reply.text, missing("platform, Content-Type"));
    app.finish().await;
}

#[tokio::test]
async fn other_names_of_platform_and_device_count_while_the_main_name_is_absent() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (main, other, value) in [
        ("platform", "sec-ch-ua-platform", "\"Android\""),
        ("platform", "sec-ch-ua-platform", "iOS"),
        ("deviceid", "x-device-id", "device-2"),
        ("deviceid", "device-id", "device-2"),
    ] {
        let request = headed(headed(read(&acme), main, &[]), other, &[value]);
        app.send(request).await.ok();
    }
    let request = headed(read(&acme), "sec-ch-ua-platform", &["\"Windows\""]);
    app.send(request).await.ok();
    let request = headed(
        headed(read(&acme), "platform", &[]),
        "sec-ch-ua-platform",
        &["Linux"],
    );
    let reply = app.send(request).await;
    assert_eq!(failure(&reply), (400, "invalid_header".to_owned()));
    app.finish().await;
}

#[tokio::test]
async fn device_and_forwarding_headers_may_be_empty_and_the_others_may_not() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for empty in ["deviceid", "x-forwarded-for", "x-forwarded-from"] {
        app.send(headed(read(&acme), empty, &[""])).await.ok();
    }
    for (empty, status, code) in [
        ("x-tenant-id", 400, "invalid_header"),
        ("platform", 400, "invalid_header"),
        ("content-type", 415, "unsupported_media_type"),
        ("authorization", 401, "unauthorized"),
    ] {
        let reply = app.send(headed(read(&acme), empty, &[""])).await;
        assert_eq!(failure(&reply), (status, code.to_owned()), "{empty}");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_platform_is_one_of_three_words() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for platform in ["web", "ios", "android"] {
        app.send(headed(read(&acme), "platform", &[platform]))
            .await
            .ok();
    }
    for platform in ["Web", "windows", "web,ios", "\"web\""] {
        let reply = app.send(headed(read(&acme), "platform", &[platform])).await;
        assert_eq!(failure(&reply), (400, "invalid_header".to_owned()));
        assert!(reply.json()["msg"].as_str().unwrap().contains("platform"));
    }
    app.finish().await;
}

#[tokio::test]
async fn a_doubled_header_is_not_valid_even_if_both_say_the_same() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (name, header) in HEADERS {
        let request = read(&acme);
        let value = request.headers()[header].to_str().unwrap().to_owned();
        let reply = app.send(headed(request, header, &[&value, &value])).await;
        assert_eq!(
            failure(&reply),
            (400, "invalid_header".to_owned()),
            "{header}"
        );
        let msg = reply.json()["msg"].as_str().unwrap().to_owned();
        assert!(msg.contains(name), "{msg}");
    }
    let doubled = headed(
        headed(read(&acme), "deviceid", &[]),
        "x-device-id",
        &["1", "1"],
    );
    let reply = app.send(doubled).await;
    assert_eq!(failure(&reply), (400, "invalid_header".to_owned()));
    app.finish().await;
}

#[tokio::test]
async fn a_body_is_json_in_utf8_and_nothing_else() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
    ] {
        app.send(headed(read(&acme), "content-type", &[good]))
            .await
            .ok();
    }
    for bad in [
        "text/plain",
        "text/json",
        "json",
        "application/jsonp",
        "application/problem+json",
        "application/json; charset=iso-8859-1",
        "application/json; version=1",
        "application/json, application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let reply = app.send(headed(read(&acme), "content-type", &[bad])).await;
        let expected = (415, "unsupported_media_type".to_owned());
        assert_eq!(failure(&reply), expected, "{bad}");
    }
    for (coding, status) in [
        ("identity", 200),
        ("gzip", 415),
        ("br", 415),
        ("gzip, identity", 415),
    ] {
        let reply = app
            .send(headed(read(&acme), "content-encoding", &[coding]))
            .await;
        assert_eq!(reply.status, status, "{coding}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_comes_first_in_the_order_of_checks_decides() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let large = "x".repeat(256 * 1024 + 1);
    let without = |request, header| headed(request, header, &[]);
    let typed = |request| headed(request, "content-type", &["text/plain"]);
    let called = |body: &str| acme.request("card/v2/openCard", body);
    let anonymous = |body: &str| without(called(body), "authorization");
    let another = |body: &str| headed(called(body), "x-tenant-id", &["somebody"]);
    let unknown_card_type = r#"{"cardTypeId": 1}"#;
    let table = [
        (
            without(typed(anonymous(&large)), "deviceid"),
            "missing_header",
        ),
        (
            without(headed(anonymous("{"), "platform", &["x"]), "deviceid"),
            "missing_header",
        ),
        (
            headed(typed(anonymous(&large)), "platform", &["x"]),
            "invalid_header",
        ),
        (typed(anonymous(&large)), "unsupported_media_type"),
        (
            headed(anonymous("{"), "content-encoding", &["gzip"]),
            "unsupported_media_type",
        ),
        (anonymous(&large), "unauthorized"),
        (anonymous("{"), "unauthorized"),
        (another(&large), "unauthorized"),
        (another("{"), "unauthorized"),
        (called(&large), "body_too_large"),
        (called("{"), "malformed_json"),
        (called(unknown_card_type), "missing_field"),
    ];
    for (request, code) in table {
        let reply = app.send(request).await;
        assert_eq!(reply.json()["errorCode"], code, "{}", reply.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_a_known_one_wants_to_be_posted_to() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let unknown = [
        "card/nothing",
        "",
        "card/info/",
        "card//info",
        "Card/Info",
        "card/holder/occupation",
    ];
    for path in unknown {
        for method in [Method::POST, Method::GET] {
            let mut request = acme.request("account/info", "{}");
            *request.uri_mut() = format!("{BASE}{path}").parse().unwrap();
            *request.method_mut() = method;
            // Not even the headers are looked at.
            let reply = app.send(headed(request, "platform", &[])).await;
            assert_eq!(failure(&reply), (404, "not_found".to_owned()), "{path}");
        }
    }
    let login = ["/api/auth/login"].into_iter().map(str::to_owned);
    let calls = CALLS.iter().map(|path| format!("{BASE}{path}"));
    for path in calls.chain(login) {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .header("host", "127.0.0.1:8080");
            let reply = app.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(failure(&reply), (405, "method_not_allowed".to_owned()));
            assert_eq!(reply.headers["allow"], "POST", "{path}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn who_a_caller_says_it_calls_for_is_kept_as_its_claim_only() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = super::support::opening(1, &json!({})).to_string();
    let request = acme.request("card/v2/openCard", &body);
    let request = headed(request, "x-forwarded-for", &["198.51.100.1, 10.0.0.1"]);
    let request = headed(request, "x-forwarded-from", &["backoffice"]);
    app.send_from("192.0.2.77:4711", request).await.ok();
    let sql = "SELECT address, claimed_for, claimed_from, actor_kind, actor_id FROM audit \
               WHERE action = 'card.create'";
    let rows = app.rows(sql, vec![]).await;
    let columns: Vec<String> = (0..5).map(|index| rows[0].get(index).unwrap()).collect();
    let user = app.demo.user_uuid.as_str();
    assert_eq!(
        columns,
        [
            "192.0.2.77",
            "198.51.100.1, 10.0.0.1",
            "backoffice",
            "user",
            user
        ]
    );
    app.finish().await;
}
