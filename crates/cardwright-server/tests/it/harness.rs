//! A server in a test: requests go in by the front door, time moves by hand.
//!
//! Each test makes its own [`TestApp`] and ends it with [`TestApp::finish`], which fails if the
//! platform still had something to do.

pub mod callers;
mod disk;
mod documented;
mod operators;
mod outgoing;
pub mod outside;
mod restart;
mod stored;
mod transcript;

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Request, Response},
};
use cardwright_server::{
    api::{
        self,
        front::{Front, Limits, RequestIds},
    },
    app::{App, Outside, Settings},
    clock::{Clock, ManualClock},
    entropy::Entropy,
    jobs,
    network::{AddressList, Breadth},
    ops::{
        environments::{self, Means, NewEnvironment, Opened},
        ledger,
        programs::{self, DemoProgram},
    },
    secrets::{
        KeyProvider,
        keys::KeyFile,
        passwords::{Cost, Passwords, PoolSize},
    },
    store::{
        db::{Db, DbOptions},
        environment::EnvironmentName,
    },
    webhooks::sender::Trust,
};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

pub use callers::{
    FincardCaller, FinciCaller, address, card, context, finci_signature, holder, person,
};
pub use disk::Disk;
pub use operators::{Network, Operator};
pub use outgoing::{Draft, Outgoing};
pub use outside::{FakeNetwork, Listener, Reaction, Received};
pub use transcript::{Conversation, assert_golden};

/// When every test begins.
pub const START: &str = "2026-11-21T12:00:00Z";
/// Whence the callers of a test come.
pub const LOOPBACK: &str = "127.0.0.1:50000";

/// Where a test's server keeps its key, in a directory of its own.
const KEY_FILE: &str = "master.key";

/// A server with its clock in the test's hand.
pub struct TestApp {
    /// The server.
    pub app: App,
    /// Its clock.
    pub clock: ManualClock,
    /// The demo tenant.
    pub demo: DemoProgram,
    /// What is outside of the server.
    pub outside: Arc<FakeNetwork>,
    front: Front,
    passwords: Passwords,
    directory: tempfile::TempDir,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Reply {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The body of an answer that must be a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        let json = self.json();
        let fine = json["status"] == "success" || json["success"] == true;
        assert!(
            self.status == 200 && fine,
            "not a success: {} {}",
            self.status,
            self.text
        );
        json
    }

    /// The body of an answer of our own surfaces that must be a success.
    #[track_caller]
    pub fn record(&self) -> Value {
        assert_eq!(self.status, 200, "not a success: {}", self.text);
        self.json()
    }

    /// Code and field of a refusal of our own surfaces, as `code` or `code field`.
    pub fn native_code(&self) -> String {
        let error = self.json()["error"].clone();
        let words = [&error["code"], &error["field"]];
        let words: Vec<&str> = words.into_iter().filter_map(Value::as_str).collect();
        words.join(" ")
    }

    /// The code of a FINCI refusal; several are joined by commas.
    pub fn code(&self) -> String {
        let codes: Vec<String> =
            serde_json::from_value(self.json()["errors"].clone()).unwrap_or_default();
        codes.join(",")
    }

    /// Status and body of an answer, without what differs from request to request.
    pub fn bytes(&self) -> (u16, String, Vec<(String, String)>) {
        let varying = ["x-request-id", "date"];
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| !varying.contains(&name.as_str()))
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        headers.sort();
        // A refusal of our own surfaces says the request's id in its body, too.
        let id = self.headers.get("x-request-id");
        let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
        let text = self.text.replace(&format!("\"{id}\""), "\"…\"");
        (self.status, text, headers)
    }
}

fn is_stream(media_type: &HeaderValue) -> bool {
    media_type == "text/event-stream"
}

impl TestApp {
    /// A fresh sandbox with the demo program.
    pub async fn new() -> TestApp {
        TestApp::in_environment(EnvironmentName::Sandbox).await
    }

    /// A fresh environment with the demo program.
    pub async fn in_environment(name: EnvironmentName) -> TestApp {
        let new = NewEnvironment {
            name,
            seed: Some(7),
        };
        let directory = tempfile::tempdir().unwrap();
        TestApp::create(new, directory, DbOptions::temporary()).await
    }

    /// A fresh sandbox in whose queues so many operations can wait.
    pub async fn with_queue(length: usize) -> TestApp {
        let new = NewEnvironment {
            name: EnvironmentName::Sandbox,
            seed: Some(7),
        };
        let directory = tempfile::tempdir().unwrap();
        let options = DbOptions {
            queue_length: length,
            ..DbOptions::temporary()
        };
        TestApp::create(new, directory, options).await
    }

    /// A fresh sandbox with the demo program, run as its operator chose.
    pub async fn with_settings(settings: Settings) -> TestApp {
        let new = NewEnvironment {
            name: EnvironmentName::Sandbox,
            seed: Some(7),
        };
        let directory = tempfile::tempdir().unwrap();
        TestApp::create_with(new, directory, (DbOptions::temporary(), settings)).await
    }

    /// A fresh sandbox that numbers its records by the time.
    pub async fn without_seed() -> TestApp {
        let new = NewEnvironment {
            name: EnvironmentName::Sandbox,
            seed: None,
        };
        let directory = tempfile::tempdir().unwrap();
        TestApp::create(new, directory, DbOptions::temporary()).await
    }

    /// The same server behind these proxies.
    #[must_use]
    pub fn behind(self, proxies: &[&str]) -> TestApp {
        let proxies = AddressList::parse(proxies, Breadth::Bounded).unwrap();
        TestApp {
            front: self.front.behind(proxies),
            ..self
        }
    }

    async fn create(
        new: NewEnvironment,
        directory: tempfile::TempDir,
        options: DbOptions,
    ) -> TestApp {
        TestApp::create_with(new, directory, (options, Settings::default())).await
    }

    async fn create_with(
        new: NewEnvironment,
        directory: tempfile::TempDir,
        (options, settings): (DbOptions, Settings),
    ) -> TestApp {
        let (clock, manual) = Clock::manual(START.parse().unwrap());
        let entropy = Entropy::fixed_for_tests(7);
        let provider = KeyFile::create(&directory.path().join(KEY_FILE), &entropy).unwrap();
        let provider: Arc<dyn KeyProvider> = Arc::new(provider);
        let means = Means {
            clock,
            entropy: entropy.clone(),
            keys: provider,
        };
        let db = Db::open(options).unwrap();
        let opened = environments::create(db, means, new).await.unwrap();
        let passwords = passwords(entropy);
        let demo = programs::create(&opened.store, &passwords).await.unwrap();
        let outside = Arc::new(FakeNetwork::default());
        let app = run_on(opened, passwords.clone(), (settings, &outside));
        TestApp {
            outside,
            front: front(&app),
            app,
            clock: manual,
            demo,
            passwords,
            directory,
        }
    }

    /// Another tenant, as well equipped as the demo tenant.
    pub async fn tenant(&self, name: &'static str) -> DemoProgram {
        programs::add_tenant(self.app.store(), &self.passwords, name)
            .await
            .unwrap()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// Lets so many seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Sends a request from the loopback address.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        self.send_from(LOOPBACK, request).await
    }

    /// Sends a request from an address.
    pub async fn send_from(&self, peer: &str, request: Request<Body>) -> Reply {
        let response = self.open_from(peer, request).await;
        let (head, mut body) = response.into_parts();
        let bytes = if head.headers.get("content-type").is_some_and(is_stream) {
            // It has no end; what it begins with is enough.
            let first = body.frame().await.unwrap().unwrap();
            first.into_data().unwrap()
        } else {
            to_bytes(body, 16 << 20).await.unwrap()
        };
        // Files are the only answers that need not be text.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            text,
        }
    }

    /// Sends a request from the loopback address; its answer is not read.
    pub async fn open(&self, request: Request<Body>) -> Response<Body> {
        self.open_from(LOOPBACK, request).await
    }

    async fn open_from(&self, peer: &str, request: Request<Body>) -> Response<Body> {
        let peer: SocketAddr = peer.parse().unwrap();
        self.front.answer(peer, request).await.map(Body::new)
    }

    /// Takes every step that is due. How many were taken.
    pub async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.app).await.unwrap()
    }

    /// The demo tenant as a FINCI caller.
    pub fn finci(&self) -> FinciCaller<'_> {
        FinciCaller::new(self, &self.demo)
    }

    /// The demo tenant as a FinCard caller, logged in.
    pub async fn fincard(&self) -> FincardCaller<'_> {
        FincardCaller::log_in(self, &self.demo).await
    }

    /// The demo tenant's operator.
    pub fn operator(&self) -> Operator<'_> {
        Operator::new(self, "/admin/v1", &self.demo.admin_key)
    }

    /// The demo tenant's operator at the calls of the sandbox.
    pub fn sandbox(&self) -> Operator<'_> {
        Operator::new(self, "/sandbox/v1", &self.demo.admin_key)
    }

    /// The card network, as it talks to the demo tenant.
    pub fn network(&self) -> Network<'_> {
        Network::new(self, &self.demo)
    }

    /// Ends a test: nothing may be left to do, and the ledger must be in order.
    pub async fn finish(self) {
        assert_eq!(
            self.run_jobs().await,
            0,
            "the platform still had something to do"
        );
        let verified = ledger::verify(self.app.store().db()).await.unwrap();
        assert_eq!(verified.violation, None, "{:?}", verified.figures);
    }
}

/// How many random sequences a property test runs: few while one works, many where time is spent
/// on proof.
pub fn sequences() -> u64 {
    asked_for("CARDWRIGHT_SEQUENCES").unwrap_or(1_000)
}

/// How many networks a test of deliveries goes through.
pub fn network_seeds() -> u64 {
    asked_for("CARDWRIGHT_NETWORK_SEEDS").unwrap_or(50)
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a test run is asked for has no other way in"
)]
fn asked_for(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}

/// A server whose network is the test's.
fn on_network(opened: Opened, passwords: Passwords, outside: &Arc<FakeNetwork>) -> App {
    run_on(opened, passwords, (Settings::default(), outside))
}

/// The same, run as its operator chose.
fn run_on(
    opened: Opened,
    passwords: Passwords,
    (settings, outside): (Settings, &Arc<FakeNetwork>),
) -> App {
    let outside = Outside {
        network: outside.clone(),
        trust: Trust::Machine,
    };
    let settings = Settings {
        webhook_targets: AddressList::parse(["127.0.0.0/8"], Breadth::Bounded).unwrap(),
        ..settings
    };
    App::with_outside(opened, passwords, settings, outside)
}

/// A pool whose hashes cost next to nothing.
fn passwords(entropy: Entropy) -> Passwords {
    let size = PoolSize {
        threads: NonZeroUsize::MIN,
        queue: 64,
    };
    let cost = Cost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    Passwords::with_cost(cost, size, entropy).unwrap()
}

/// The front door, with request ids that count.
fn front(app: &App) -> Front {
    let ids = std::sync::atomic::AtomicU64::new(1);
    let request_ids = RequestIds::new(move || {
        let next = ids.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Uuid::from_u128(u128::from(next))
    });
    Front::new(api::router(app), Limits::default(), request_ids).counted_by(app.metrics().clone())
}
