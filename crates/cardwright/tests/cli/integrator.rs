//! The example integrator of the client, and receivers like it, at an address of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRef, State};
use axum::routing::post;
use cardwright_client::Secret;
use cardwright_client::webhook::Verifier;
use cardwright_client::webhook::finci::Event;
use cardwright_client::webhook::receiver::Delivered;
use tokio::net::TcpListener;

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

/// Listens until the tests are over.
fn listening(app: Router) -> SocketAddr {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    receiver.recv().unwrap()
}
