//! What every answer carries, what the log says about it, and our own error shape.

use super::super::{
    Front, Limits, NativeError, Peer, RequestIds, health_routes, with_native_fallbacks,
};
use super::log::Log;
use super::{Wire, front, peer, still_serves};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use std::net::SocketAddr;
use std::time::Duration;
use uuid::Uuid;

fn ask(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

#[tokio::test(start_paused = true)]
async fn every_answer_carries_a_date_and_an_id_of_ours_that_the_handler_saw() {
    let mut wire = Wire::open(&front());
    for number in 1..=3 {
        wire.send("GET /who HTTP/1.1\r\nHost: a\r\nX-Request-Id: forged\r\n\r\n")
            .await;
        let answer = wire.answer().await;
        assert_eq!(answer.body, format!("192.0.2.7:40000 {}", id(number)));
        assert_eq!(answer.header("x-request-id"), Some(id(number).as_str()));
        assert!(
            answer
                .header("date")
                .is_some_and(|date| date.ends_with(" GMT"))
        );
    }
}

#[test]
fn time_ordered_ids_are_version_seven_and_repeat_with_their_sources() {
    let ids = RequestIds::time_ordered(|| 0x0192_aabb_ccdd, || [0xff; 10]);
    let first = ids.next_id();
    assert_eq!(first.0, "0192aabb-ccdd-7fff-bfff-ffffffffffff");
    assert_eq!(ids.next_id(), first);
}

#[test]
fn a_mapped_peer_is_its_ipv4_address() {
    let mapped: SocketAddr = "[::ffff:192.0.2.7]:40000".parse().unwrap();
    assert_eq!(Peer::new(mapped), Peer(peer()));
}

#[tokio::test(start_paused = true)]
async fn the_log_names_the_route_and_never_the_target() {
    let log = Log::start();
    let mut wire = Wire::open(&front());
    wire.send(
        "GET /cards/4111111111111111?token=hidden HTTP/1.1\r\nHost: a\r\nX-Key: hidden\r\n\r\n",
    )
    .await;
    wire.answer().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhidden")
        .await;
    wire.answer().await;
    wire.send("HID\u{44}EN /nowhere/hidden HTTP/1.1\r\nHost: a\r\n\r\n")
        .await;
    wire.answer().await;

    let common = |status: u16| format!("status={status} duration_ms=0 ");
    let tail = |number| format!("peer=192.0.2.7 request_id={} ", id(number));
    let expected = [
        (
            "method=GET route=/cards/{id} ",
            common(200),
            "request_bytes=0 response_bytes=4 ",
            tail(1),
        ),
        (
            "method=POST route=/echo ",
            common(200),
            "request_bytes=6 response_bytes=6 ",
            tail(2),
        ),
        (
            "method=OTHER route=unmatched ",
            common(404),
            "request_bytes=0 ",
            tail(3),
        ),
    ];
    let lines = log.access();
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, (start, status, sizes, end)) in lines.iter().zip(expected) {
        for part in [start, &status, sizes, &end] {
            assert!(line.contains(part), "{part:?} is not in {line:?}");
        }
    }
    let all = log.all().to_lowercase();
    assert!(!all.contains("4111") && !all.contains("hidden"), "{all}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nobody_could_read_is_logged_too() {
    let log = Log::start();
    let mut wire = Wire::open(&front());
    wire.send("GET /hello HTTP/1.1\r\nbad\u{1b}[31m\r\n\r\n")
        .await;
    let answer = wire.answer().await;
    assert_eq!(answer.header("x-request-id"), Some(id(1).as_str()));
    let lines = log.access();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let expected = format!(
        "status=400 duration_ms=0 request_bytes=0 response_bytes=0 peer=192.0.2.7 request_id={}",
        id(1)
    );
    assert!(lines[0].contains(&expected), "{lines:?}");
    assert!(!log.all().contains('\u{1b}'));
}

#[tokio::test(start_paused = true)]
async fn a_panicking_handler_costs_its_request_and_nothing_else() {
    let log = Log::start();
    let front = front();
    let mut wire = Wire::open(&front);
    let mut bystander = Wire::open(&front);
    wire.send(ask("/panic")).await;
    let answer = wire.answer().await;
    assert_eq!(
        (answer.status(), answer.body.as_str()),
        (500, "internal error\n")
    );
    assert_eq!(answer.header("x-request-id"), Some(id(1).as_str()));
    assert!(log.all().contains("ERROR"));
    assert!(log.access()[0].contains("route=/panic status=500"));
    assert!(!log.all().contains("a secret"));

    for wire in [&mut wire, &mut bystander] {
        wire.send(ask("/hello")).await;
        assert_eq!(wire.answer().await.status(), 200);
    }
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_path_is_a_native_404_and_a_wrong_method_a_405_that_says_what_is_allowed() {
    let mut wire = Wire::open(&front());
    wire.send(ask("/nowhere")).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let id = id(1);
    assert_eq!(
        answer.body,
        format!(
            r#"{{"error":{{"code":"not_found","message":"there is nothing at this path","field":null,"request_id":"{id}"}}}}"#
        )
    );

    wire.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let answer = wire.answer().await;
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    assert!(
        answer
            .body
            .starts_with(r#"{"error":{"code":"method_not_allowed","#)
    );
}

#[tokio::test(start_paused = true)]
async fn a_native_error_names_its_field_and_when_to_come_back() {
    async fn busy() -> NativeError {
        NativeError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "try \"later\"",
        )
        .with_field("tenant")
        .with_retry_after_s(7)
    }
    let ids = RequestIds::new(|| Uuid::from_u128(9));
    let front = Front::new(
        Router::new().route("/busy", get(busy)),
        Limits::default(),
        ids,
    );
    let mut wire = Wire::open(&front);
    wire.send(ask("/busy")).await;
    let answer = wire.answer().await;
    assert_eq!(
        (answer.status(), answer.header("retry-after")),
        (503, Some("7"))
    );
    let error: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(error["error"]["field"], "tenant");
    assert_eq!(error["error"]["message"], "try \"later\"");
    assert_eq!(error["error"]["request_id"], id(9).as_str());

    wire.send("HEAD /busy HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let said = {
        wire.send("GET /busy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
        wire.rest().await
    };
    assert_eq!(said.matches("HTTP/1.1 503").count(), 2);
    assert_eq!(
        said.matches("{\"error\"").count(),
        1,
        "a HEAD has no body: {said}"
    );
}

#[derive(Clone, Copy)]
enum Check {
    Passes,
    Fails,
    Hangs,
}

async fn check(outcome: Check) -> Result<(), String> {
    match outcome {
        Check::Passes => Ok(()),
        Check::Fails => Err("the disk at 10.0.0.3\nis full".to_owned()),
        Check::Hangs => std::future::pending().await,
    }
}

async fn health(outcome: Check, target: &str) -> (u16, String, Option<String>) {
    let surfaces = with_native_fallbacks(Router::new());
    let router = surfaces.merge(health_routes(move || check(outcome)));
    let ids = RequestIds::new(|| Uuid::from_u128(1));
    let mut wire = Wire::open(&Front::new(router, Limits::default(), ids));
    wire.send(ask(target)).await;
    let answer = wire.answer().await;
    let retry_after = answer.header("retry-after").map(str::to_owned);
    (answer.status(), answer.body, retry_after)
}

#[tokio::test(start_paused = true)]
async fn live_is_always_ok_and_ready_tells_outsiders_no_reason() {
    let log = Log::start();
    let ok = (200, r#"{"status":"ok"}"#.to_owned(), None);
    let unavailable = (
        503,
        r#"{"status":"unavailable"}"#.to_owned(),
        Some("5".to_owned()),
    );
    for outcome in [Check::Passes, Check::Fails, Check::Hangs] {
        assert_eq!(health(outcome, "/health/live").await, ok);
    }
    assert_eq!(health(Check::Passes, "/health/ready").await, ok);
    assert_eq!(health(Check::Fails, "/health/ready").await, unavailable);
    assert!(
        log.all().contains(r"the disk at 10.0.0.3\nis full"),
        "{}",
        log.all()
    );

    let start = tokio::time::Instant::now();
    assert_eq!(health(Check::Hangs, "/health/ready").await, unavailable);
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}
