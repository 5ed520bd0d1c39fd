//! What the server counts about itself, for Prometheus.
//!
//! Law: a label has few values, all chosen by us. No path, id, token, address or card number ever
//! becomes one. Counting belongs to a server and not to the process: two servers in one process,
//! as tests have them, count apart.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::store::db::Db;

/// How an answer with [`Metrics::text`] announces it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Why a caller was not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disbelief {
    /// Headers, signature or credential of a signed request.
    Signature,
    /// The time of a signed request.
    Timestamp,
    /// The address of a signed request that is right otherwise.
    Address,
    /// The token of a session.
    Session,
    /// The key of an operator.
    OperatorKey,
    /// Name or password of a login, or a lock on it.
    Login,
}

impl Disbelief {
    fn word(self) -> &'static str {
        match self {
            Disbelief::Signature => "signature",
            Disbelief::Timestamp => "timestamp",
            Disbelief::Address => "address",
            Disbelief::Session => "session",
            Disbelief::OperatorKey => "operator_key",
            Disbelief::Login => "login",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

/// The counts of one server. Clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<Parts>);

struct Parts {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    disbelieved: Family<[(&'static str, &'static str); 1], Counter>,
    decisions: Histogram,
    webhooks: WebhookMetrics,
    questions: Histogram,
    answers: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Metrics {
    /// The counts of a server with this database, all at zero but for what the database did so far.
    pub fn of(db: &Db) -> Metrics {
        let mut registry = Registry::with_prefix("cardwright");
        let requests = Family::default();
        let help = "Requests answered, by the pattern of their route";
        registry.register("requests", help, requests.clone());
        let disbelieved = Family::default();
        let help = "Requests refused because of who sent them, by reason";
        registry.register("authentication_failures", help, disbelieved.clone());
        let decisions = seconds();
        let help = "Time to decide an authorization, until it is on stable storage";
        registry.register_with_unit("decision", help, Unit::Seconds, decisions.clone());
        let questions = seconds();
        let help = "Time until an integrator answered the question about an authorization";
        registry.register_with_unit("question", help, Unit::Seconds, questions.clone());
        let answers = Family::default();
        let help = "Questions to integrators about authorizations, by what came of them";
        registry.register("questions", help, answers.clone());
        let commits = db.commits();
        let help = "Time of a commit of the store, its operations included";
        registry.register_with_unit("commit", help, Unit::Seconds, commits.time.clone());
        let help = "Operations that shared a commit of the store";
        registry.register("commit_operations", help, commits.operations.clone());
        let waits = db.waits();
        let help = "Writes that wait for the store now";
        registry.register("writes_waiting", help, waits.waiting.clone());
        let help = "Writes refused because too many were waiting";
        registry.register("writes_refused", help, waits.refused.clone());
        let webhooks = WebhookMetrics::within(&mut registry);
        Metrics(Arc::new(Parts {
            registry,
            requests,
            disbelieved,
            decisions,
            webhooks,
            questions,
            answers,
        }))
    }

    /// Counts an answered request. The route is a pattern of ours, never a path.
    pub fn request(&self, method: &'static str, route: &str, status: u16) {
        let labels = RequestLabels {
            method,
            route: route.to_owned(),
            status,
        };
        self.0.requests.get_or_create(&labels).inc();
    }

    /// Counts a caller who was not believed.
    pub fn disbelieved(&self, why: Disbelief) {
        let labels = [("reason", why.word())];
        self.0.disbelieved.get_or_create(&labels).inc();
    }

    /// Counts a decision about an authorization, and how long it took until it was kept.
    pub fn decision(&self, took: Duration) {
        self.0.decisions.observe(took.as_secs_f64());
    }

    /// What is counted about deliveries.
    pub fn webhooks(&self) -> &WebhookMetrics {
        &self.0.webhooks
    }

    /// Counts a question to an integrator, what came of it, and how long that took.
    pub fn question(&self, outcome: &'static str, took: Duration) {
        self.0.questions.observe(took.as_secs_f64());
        let labels = [("outcome", outcome)];
        self.0.answers.get_or_create(&labels).inc();
    }

    /// Everything, in the text form of `OpenMetrics` 1.0.
    pub fn text(&self) -> String {
        let mut all = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut all, &self.0.registry);
        all
    }
}

/// The counts of deliveries. Clones count together.
#[derive(Clone)]
pub struct WebhookMetrics {
    attempts: Family<[(&'static str, &'static str); 1], Counter>,
    durations: Histogram,
    events_waiting: Gauge,
    messages_waiting: Gauge,
    oldest: Gauge<f64, AtomicU64>,
    unsent: Gauge,
}

impl WebhookMetrics {
    fn within(registry: &mut Registry) -> WebhookMetrics {
        let attempts = Family::default();
        let help = "Times that a message was sent to an endpoint, by how it ended";
        registry.register("webhook_attempts", help, attempts.clone());
        let durations = seconds();
        let help = "Time until an endpoint had answered, or had not";
        let name = "webhook_attempt";
        registry.register_with_unit(name, help, Unit::Seconds, durations.clone());
        let events_waiting = Gauge::default();
        let help = "Events that are not handed out to endpoints yet, counted up to 10,000";
        registry.register("webhook_events_waiting", help, events_waiting.clone());
        let messages_waiting = Gauge::default();
        let help = "Messages that no endpoint has taken yet, counted up to 10,000";
        registry.register("webhook_messages_waiting", help, messages_waiting.clone());
        let oldest = Gauge::<f64, AtomicU64>::default();
        let help = "Age of the oldest of these messages";
        let name = "webhook_oldest_message";
        registry.register_with_unit(name, help, Unit::Seconds, oldest.clone());
        let unsent = Gauge::default();
        let help = "Events that no message could be made of, counted up to 10,000";
        registry.register("webhook_events_unsent", help, unsent.clone());
        WebhookMetrics {
            attempts,
            durations,
            events_waiting,
            messages_waiting,
            oldest,
            unsent,
        }
    }

    /// Counts that a message was sent, how that ended and how long it took.
    pub fn sent(&self, outcome: &'static str, took: Duration) {
        let labels = [("outcome", outcome)];
        self.attempts.get_or_create(&labels).inc();
        self.durations.observe(took.as_secs_f64());
    }

    /// Says what waits: events, messages, and since when the oldest message does.
    pub fn backlog(&self, events: i64, messages: i64, oldest: Duration) {
        self.events_waiting.set(events);
        self.messages_waiting.set(messages);
        self.oldest.set(oldest.as_secs_f64());
    }

    /// Says how many events no message could be made of.
    pub fn unsent(&self, events: i64) {
        self.unsent.set(events);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

/// Times from a tenth of a millisecond to over three seconds, each bucket twice the one before.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 2.0, 16))
}
