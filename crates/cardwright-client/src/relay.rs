//! Stands between a server and a receiver of webhooks: passes deliveries on byte for byte, under the
//! path and query of the receiver, so that signatures stay valid; and tells of each.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use reqwest::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, TRANSFER_ENCODING,
};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use serde::Serialize;

use crate::receiver::Receiver;
use crate::webhook::finci::Event;
use crate::{Error, Result};

/// Longest delivery that is passed on.
const DELIVERY_LIMIT_BYTES: usize = 1024 * 1024;

/// A delivery to the receiver and its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// When it went to the receiver, RFC 3339.
    pub at: String,
    /// Its headers, signatures included.
    pub headers: Vec<(String, String)>,
    /// Its exact body.
    pub body: String,
    /// The status of the answer; none where none came.
    pub status: Option<u16>,
    /// The body of the answer, or why none came.
    pub answer: String,
    /// How long the receiver took, in milliseconds.
    pub duration_ms: u64,
    /// Whether it was sent on purpose, as a repeat or as a forgery, and not by the platform.
    pub repeated_by_us: bool,
    /// The body as an event.
    #[serde(skip)]
    pub(crate) event: Option<Event>,
}

/// Who is told of what passes.
pub(crate) trait Sink: Send + Sync + 'static {
    /// The time, RFC 3339.
    fn now(&self) -> String;

    /// A delivery was answered, or will not be.
    fn delivered(&self, delivery: Delivery);
}

/// The relay, while it runs.
pub(crate) struct Relay<S> {
    url: String,
    inner: Arc<Inner<S>>,
    server: JoinHandle<()>,
}

struct Inner<S> {
    receiver: Receiver,
    sink: Arc<S>,
    came: Notify,
    /// Whether answers to questions are kept back now.
    holding: watch::Sender<bool>,
}

impl<S: Sink> Relay<S> {
    /// Listens at an address, under the path and query of the receiver.
    pub(crate) async fn start(receiver: Receiver, address: &str, sink: Arc<S>) -> Result<Relay<S>> {
        let unusable = |reason: String| Error::BaseUrl {
            url: address.to_owned(),
            reason,
        };
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| unusable(format!("the relay cannot listen there: {error}")))?;
        let address = listener
            .local_addr()
            .map_err(|error| unusable(error.to_string()))?;
        let url = format!("http://{address}{}", receiver.target());
        let inner = Arc::new(Inner {
            receiver,
            sink,
            came: Notify::new(),
            holding: watch::channel(false).0,
        });
        let app = Router::new()
            .fallback(pass::<S>)
            .with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            // Ends when the relay is dropped; what could fail before is a single connection.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Relay { url, inner, server })
    }

    /// Where the sandbox delivers to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on the sandbox does not get the answers to its questions, until
    /// [`Relay::let_go`]. The receiver is asked as always.
    pub(crate) fn hold_back(&self) {
        self.inner.holding.send_replace(true);
    }

    pub(crate) fn let_go(&self) {
        self.inner.holding.send_replace(false);
    }

    /// Waits until there is something among what the sink has.
    pub(crate) async fn until<T>(&self, look: impl Fn(&S) -> Option<T>) -> T {
        loop {
            let came = self.inner.came.notified();
            tokio::pin!(came);
            // Asked for before looking, so that what comes in between is not missed.
            came.as_mut().enable();
            if let Some(found) = look(&self.inner.sink) {
                return found;
            }
            came.await;
        }
    }

    /// What stands on the request line of each delivery: the path, and the query if there is one.
    pub(crate) fn target(&self) -> String {
        self.inner.receiver.target()
    }

    /// Delivers the same bytes again, as a platform does that is not sure of the first time.
    pub(crate) async fn again(&self, delivery: &Delivery) -> Delivery {
        self.send(&delivery.headers, &delivery.body).await
    }

    /// Delivers something that the platform did not send.
    pub(crate) async fn send(&self, headers: &[(String, String)], body: &str) -> Delivery {
        let given = headers;
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            if let (Ok(name), Ok(value)) = (
                reqwest::header::HeaderName::try_from(name),
                reqwest::header::HeaderValue::try_from(value),
            ) {
                headers.append(name, value);
            }
        }
        let sent = self.inner.forward(headers, body.as_bytes().to_vec()).await;
        let sent = Delivery {
            repeated_by_us: true,
            ..sent
        };
        self.inner.keep(sent.clone());
        sent
    }
}

impl<S> Drop for Relay<S> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl<S: Sink> Inner<S> {
    /// Sends a delivery to the receiver; what it was and what came back.
    async fn forward(&self, headers: HeaderMap, body: Vec<u8>) -> Delivery {
        let at = self.sink.now();
        let shown = headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        let mut delivery = Delivery {
            at,
            headers: shown,
            event: serde_json::from_slice(&body).ok(),
            body: String::from_utf8_lossy(&body).into_owned(),
            status: None,
            answer: String::new(),
            duration_ms: 0,
            repeated_by_us: false,
        };
        let answered = self.receiver.post(headers, body).await;
        delivery.status = answered.status;
        delivery.answer = answered.answer;
        delivery.duration_ms = answered.duration_ms;
        delivery
    }

    fn keep(&self, delivery: Delivery) {
        self.sink.delivered(delivery);
        self.came.notify_waiters();
    }
}

/// Passes one delivery on, and its answer back.
async fn pass<S: Sink>(State(inner): State<Arc<Inner<S>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, DELIVERY_LIMIT_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut headers = head.headers;
    for of_the_connection in [HOST, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
        headers.remove(of_the_connection);
    }
    // In a task of its own: the platform may hang up before a slow receiver has answered, and that
    // answer is evidence too.
    let passed = Arc::clone(&inner);
    let forwarded = tokio::spawn(async move {
        let delivery = passed.forward(headers, body.to_vec()).await;
        passed.keep(delivery.clone());
        delivery
    });
    let Ok(delivery) = forwarded.await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if delivery.event.as_ref().is_some_and(Event::asks) {
        // An error would say that the relay is gone, and with it whoever waits.
        let _ = inner.holding.subscribe().wait_for(|holds| !holds).await;
    }
    let Some(status) = delivery.status else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let answer = Body::from(delivery.answer);
    (status, [(CONTENT_TYPE, "application/json")], answer).into_response()
}
