//! The example integrator of the client, and receivers like it, at an address of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRef, Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use cardwright_client::Secret;
use cardwright_client::webhook::finci::Event;
use cardwright_client::webhook::receiver::Delivered;
use cardwright_client::webhook::{Delivery, Verifier};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;

use crate::authority::Encrypted;

#[path = "../../../cardwright-client/examples/integrator.rs"]
#[allow(
    dead_code,
    reason = "its `main` is for those who run it; here its receiver is served"
)]
mod example;

pub(crate) use example::Book;

/// What a receiver says to an event, and after how long.
type Says = dyn Fn(&Event) -> (String, Duration) + Send + Sync;

#[derive(Clone)]
struct Desk {
    verifier: Arc<Verifier>,
    says: Arc<Says>,
}

impl FromRef<Desk> for Arc<Verifier> {
    fn from_ref(desk: &Desk) -> Arc<Verifier> {
        Arc::clone(&desk.verifier)
    }
}

/// Serves the example.
pub(crate) fn serve(secret: Secret, book: Book) -> SocketAddr {
    listening(example::receiver(secret, book))
}

/// Serves another one that verifies in the same way.
pub(crate) fn serve_by(
    secret: Secret,
    says: impl Fn(&Event) -> (String, Duration) + Send + Sync + 'static,
) -> SocketAddr {
    serve_with(Verifier::finci(&[secret]), says)
}

/// Serves another one that verifies in a way of its own.
pub(crate) fn serve_with(
    verifier: Verifier,
    says: impl Fn(&Event) -> (String, Duration) + Send + Sync + 'static,
) -> SocketAddr {
    let desk = Desk {
        verifier: Arc::new(verifier),
        says: Arc::new(says),
    };
    listening(
        Router::new()
            .route("/hooks", post(receive))
            .with_state(desk),
    )
}

/// Serves one that believes whoever comes.
pub(crate) fn serve_to_anybody(
    says: impl Fn(&Event) -> (String, Duration) + Send + Sync + 'static,
) -> SocketAddr {
    let says: Arc<Says> = Arc::new(says);
    let believe = async |State(says): State<Arc<Says>>, body: Bytes| {
        let event: Event = serde_json::from_slice(&body).unwrap();
        says(&event).0
    };
    listening(
        Router::new()
            .route("/hooks", post(believe))
            .with_state(says),
    )
}

#[allow(
    clippy::disallowed_methods,
    reason = "what is tested is how a slow answer is taken"
)]
async fn receive(State(desk): State<Desk>, Delivered(event): Delivered<Event>) -> String {
    let (answer, delay) = (desk.says)(&event);
    tokio::time::sleep(delay).await;
    answer
}

/// Serves the example behind a certificate.
pub(crate) fn serve_encrypted(secret: Secret, book: Book, tls: Arc<ServerConfig>) -> SocketAddr {
    listening_by(example::receiver(secret, book), Some(tls))
}

/// What reached a receiver that verifies.
#[derive(Debug)]
pub(crate) struct Received {
    /// The `webhook-id`.
    pub(crate) id: String,
    /// The family, for FinCard.
    pub(crate) category: Option<String>,
    /// The body.
    pub(crate) body: Value,
}

/// Serves a receiver that takes whatever is signed as its verifier wants, and hands it on; anything
/// else is answered with 401.
pub(crate) fn serve_any(verifier: Verifier, taken: Sender<Received>) -> SocketAddr {
    listening(any(verifier, taken))
}

/// The same behind a certificate.
pub(crate) fn serve_any_encrypted(
    verifier: Verifier,
    taken: Sender<Received>,
    tls: Arc<ServerConfig>,
) -> SocketAddr {
    listening_by(any(verifier, taken), Some(tls))
}

fn any(verifier: Verifier, taken: Sender<Received>) -> Router {
    let take = async move |request: Request| {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let headers: Vec<(&str, &[u8])> = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let delivery = Delivery {
            method: head.method.as_str(),
            target: head.uri.path_and_query().unwrap().as_str(),
            headers: &headers,
            body: &body,
        };
        if verifier.verify(&delivery).is_err() {
            return (StatusCode::UNAUTHORIZED, r#"{"success":false}"#);
        }
        let text = |name: &str| {
            let value = head.headers.get(name)?.to_str().unwrap();
            Some(value.to_owned())
        };
        let received = Received {
            id: text("webhook-id").unwrap(),
            category: text("x-wsb-category"),
            body: serde_json::from_slice(&body).unwrap(),
        };
        // The test may be over.
        let _ = taken.send(received);
        (StatusCode::OK, r#"{"success":true}"#)
    };
    Router::new().fallback(take)
}

/// Listens until the tests are over.
fn listening(app: Router) -> SocketAddr {
    listening_by(app, None)
}

fn listening_by(app: Router, tls: Option<Arc<ServerConfig>>) -> SocketAddr {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            match tls {
                Some(config) => axum::serve(Encrypted { listener, config }, app).await,
                None => axum::serve(listener, app).await,
            }
            .unwrap();
        });
    });
    receiver.recv().unwrap()
}
