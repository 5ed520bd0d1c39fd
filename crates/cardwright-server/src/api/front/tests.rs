//! Attacks on the front door with raw bytes, over a pipe in memory and with a paused clock.
//!
//! Every test ends, where a connection was refused or closed, by asking the same front once more:
//! an attack may cost its own connection and nothing else.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on may as well panic"
)]

mod answers;
mod bodies;
mod clocks;
mod heads;
mod listening;
mod log;
mod tls;

use super::{Front, Limits, Peer, RequestId, RequestIds, read_body, with_native_fallbacks};
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use uuid::Uuid;

/// The largest body `POST /echo` takes.
const ECHO_BYTES: usize = 64 * 1024;

pub(super) fn front() -> Front {
    front_with(Limits::default())
}

pub(super) fn front_with(limits: Limits) -> Front {
    let routes = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/cards/{id}", get(async || "card"))
        .route("/echo", post(echo))
        .route("/ignore", post(async || "ignored"))
        .route("/who", get(who))
        .route("/large", get(async || "x".repeat(1024 * 1024)))
        .route("/panic", get(panics));
    let last = AtomicU64::new(0);
    let ids = RequestIds::new(move || {
        Uuid::from_u128(u128::from(last.fetch_add(1, Ordering::Relaxed) + 1))
    });
    Front::new(with_native_fallbacks(routes), limits, ids)
}

async fn echo(headers: HeaderMap, body: Body) -> Response {
    match read_body(&headers, body, ECHO_BYTES, &Limits::default().body).await {
        Ok(bytes) => bytes.into_response(),
        Err(fault) => (fault.status(), format!("{fault:?}")).into_response(),
    }
}

async fn who(Extension(peer): Extension<Peer>, Extension(id): Extension<RequestId>) -> String {
    format!("{} {id}", peer.0)
}

async fn panics() -> StatusCode {
    panic!("a secret the caller must not see");
}

pub(super) fn peer() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 7], 40_000))
}

/// A raw client on a connection of its own.
pub(super) struct Wire {
    stream: DuplexStream,
}

impl Wire {
    pub(super) fn open(front: &Front) -> Wire {
        Wire::open_with_buffer(front, 256 * 1024)
    }

    pub(super) fn open_with_buffer(front: &Front, buffer_bytes: usize) -> Wire {
        let (stream, io) = tokio::io::duplex(buffer_bytes);
        let front = front.clone();
        tokio::spawn(async move {
            front
                .serve_connection(io, peer(), std::future::pending())
                .await;
        });
        Wire { stream }
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream
            .write_all(bytes.as_ref())
            .await
            .expect("the server reads");
    }

    /// Sends although the server may have closed already.
    pub(super) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// One answer, framed by its `Content-Length`.
    pub(super) async fn answer(&mut self) -> Answer {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let byte = self.stream.read_u8().await.expect("the head of an answer");
            bytes.push(byte);
        }
        let head = String::from_utf8(bytes).expect("a head is text");
        let mut answer = Answer {
            head,
            body: String::new(),
        };
        let length = answer
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        self.stream
            .read_exact(&mut body)
            .await
            .expect("the whole body");
        answer.body = String::from_utf8(body).expect("test bodies are text");
        answer
    }

    /// What comes until the server closes.
    pub(super) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        self.stream
            .read_to_end(&mut bytes)
            .await
            .expect("a closed pipe ends");
        String::from_utf8(bytes).expect("test answers are text")
    }

    pub(super) async fn is_closed(&mut self) -> bool {
        self.rest().await.is_empty()
    }
}

pub(super) struct Answer {
    head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.head
            .split(' ')
            .nth(1)
            .expect("a status line")
            .parse()
            .expect("a status")
    }

    /// The value of a header, which must not occur twice.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        });
        let first = values.next();
        assert!(values.next().is_none(), "{name} is doubled: {}", self.head);
        first
    }

    pub(super) fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

/// Sends one request that must be answered with `status`, a request id and a date, and closed.
pub(super) async fn refuses(front: &Front, bytes: impl AsRef<[u8]>, status: u16) -> Answer {
    let mut wire = Wire::open(front);
    wire.send(bytes).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status(), status, "{}", answer.head);
    assert!(answer.header("x-request-id").is_some(), "{}", answer.head);
    assert!(answer.header("date").is_some(), "{}", answer.head);
    assert!(answer.closes(), "{}", answer.head);
    assert!(
        answer.body.len() < 64 && !answer.body.contains('{'),
        "{}",
        answer.body
    );
    assert!(wire.is_closed().await, "nothing follows a refusal");
    still_serves(front).await;
    answer
}

pub(super) async fn still_serves(front: &Front) {
    let mut wire = Wire::open(front);
    wire.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(wire.answer().await.status(), 200);
}
