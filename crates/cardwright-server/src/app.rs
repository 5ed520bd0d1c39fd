//! What a running server is made of, handed to every handler.

use std::sync::Arc;

use cardwright_core::{TenantId, Timestamp};
use cardwright_wire::finci::signature::Window;
use rustls::pki_types::CertificateDer;
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    capacity::Capacity,
    error::Result,
    metrics::Metrics,
    network::AddressList,
    ops::{
        decisions::{InFlight, Room},
        deliveries::Retention,
        environments::Opened,
        files::MostFiles,
        reveals::{RevealLimits, Reveals},
    },
    request_log::RequestLog,
    secrets::{passwords::Passwords, tokens::TokenKeys},
    store::{
        ReadTx, Scope, Store, Tx,
        environment::{Environment, EnvironmentName},
        tenants,
    },
    streams::Streams,
    throttle::{CallRate, Counted, RetryAfter, Throttle},
    webhooks::{
        guard::{Guard, Internet, Network},
        sender::{Sender, Trust},
        target::Plain,
    },
};

/// A running server. Cheap to clone; every clone is the same server.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    store: Store,
    environment: Environment,
    tokens: TokenKeys,
    passwords: Passwords,
    settings: Settings,
    reveals: Reveals,
    sender: Sender,
    questions: InFlight,
    room: Room,
    jobs_turn: Mutex<()>,
    throttle: Throttle,
    request_log: Option<RequestLog>,
    streams: Arc<Streams>,
}

/// The right to take due steps: whoever has it knows that nobody else takes any meanwhile.
pub struct JobsTurn<'a> {
    _held: MutexGuard<'a, ()>,
}

/// What lies outside of the server: its network, and whose certificates are believed there.
pub struct Outside {
    /// Names and connections.
    pub network: Arc<dyn Network>,
    /// Certificates.
    pub trust: Trust,
}

/// What an operator may choose.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Settings {
    /// How far the timestamp of a signed request may lie from now.
    pub signature_window: Window,
    /// How many requests a credential, or a user in its sessions, may make; without it, any number.
    pub call_rate: Option<CallRate>,
    /// How often what is secret about cards may be looked at.
    pub reveals: RevealLimits,
    /// How many files a tenant can have.
    pub most_files: MostFiles,
    /// Private networks that webhooks are delivered to all the same; in a sandbox.
    pub webhook_targets: AddressList,
    /// How long messages to webhook endpoints are kept once they have ended.
    pub delivery_retention: Retention,
    /// Authorities whose certificates endpoints may have, besides those that this machine believes.
    pub webhook_authorities: Vec<CertificateDer<'static>>,
    /// What may be open at a time.
    pub capacity: Capacity,
}

impl App {
    /// Puts a server together.
    pub fn new(opened: Opened, passwords: Passwords, settings: Settings) -> App {
        let outside = Outside {
            network: Arc::new(Internet::of_this_machine()),
            trust: match settings.webhook_authorities.as_slice() {
                [] => Trust::Machine,
                more => Trust::MachineAnd(more.into()),
            },
        };
        App::with_outside(opened, passwords, settings, outside)
    }

    /// Puts a server together on a network of its own, as tests have it.
    pub fn with_outside(
        opened: Opened,
        passwords: Passwords,
        settings: Settings,
        outside: Outside,
    ) -> App {
        let (allowed, plain) = match opened.environment.name {
            EnvironmentName::Sandbox => (settings.webhook_targets.clone(), Plain::Allowed),
            // Whatever is set, nobody's word opens the inside of a production network.
            EnvironmentName::Production => (AddressList::default(), Plain::Refused),
        };
        let guard = Guard::new(allowed, outside.network);
        let clock = opened.store.resources().clock.clone();
        let capacity = &settings.capacity;
        let sender = Sender::new((guard, plain), outside.trust, capacity, clock.clone());
        let request_log = match opened.environment.name {
            EnvironmentName::Sandbox => Some(RequestLog::default()),
            EnvironmentName::Production => None,
        };
        App(Arc::new(Parts {
            sender,
            reveals: Reveals::new(clock, settings.reveals),
            questions: InFlight::default(),
            room: Room::new(settings.capacity.questions, settings.capacity.late),
            store: opened.store,
            environment: opened.environment,
            tokens: opened.tokens,
            passwords,
            settings,
            jobs_turn: Mutex::new(()),
            throttle: Throttle::default(),
            request_log,
            streams: Arc::default(),
        }))
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Which environment this is.
    pub fn environment(&self) -> EnvironmentName {
        self.0.environment.name
    }

    /// The keys of session tokens.
    pub fn tokens(&self) -> &TokenKeys {
        &self.0.tokens
    }

    /// The pool that hashes passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// What the operator chose.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Takes a place for a request of a caller, where the operator bounded them.
    pub fn take_place(&self, who: Counted) -> std::result::Result<(), RetryAfter> {
        match self.0.settings.call_rate {
            Some(rate) => self.0.throttle.take(who, rate, self.now()),
            None => Ok(()),
        }
    }

    /// The signed requests that failed; only a sandbox keeps them.
    pub fn request_log(&self) -> Option<&RequestLog> {
        self.0.request_log.as_ref()
    }

    /// Counts looks at what is secret about cards.
    pub fn reveals(&self) -> &Reveals {
        &self.0.reveals
    }

    /// Sends to webhook endpoints.
    pub fn sender(&self) -> &Sender {
        &self.0.sender
    }

    /// Streams of events.
    pub fn streams(&self) -> &Arc<Streams> {
        &self.0.streams
    }

    /// Questions to integrators that somebody waits for.
    pub fn questions(&self) -> &InFlight {
        &self.0.questions
    }

    /// Room for questions to integrators.
    pub fn room(&self) -> &Room {
        &self.0.room
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.store.resources().metrics
    }

    /// Real time.
    pub fn now(&self) -> Timestamp {
        self.0.store.resources().clock.now()
    }

    /// Runs one write of a tenant.
    pub async fn write<T, F>(&self, scope: &Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T> + Send + 'static,
    {
        self.0.store.write(scope, work).await
    }

    /// Runs one write of a tenant that can be done again: see [`Store::write_often`].
    pub async fn write_often<T, F>(&self, scope: &Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + 'static,
    {
        self.0.store.write_often(scope, work).await
    }

    /// Runs one read of a tenant.
    pub async fn read<T, F>(&self, tenant: TenantId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<T> + Send + 'static,
    {
        self.0.store.read(tenant, work).await
    }

    /// Runs one read of a tenant of a few rows that are found by their keys: see [`Store::glance`].
    pub async fn glance<T, F>(&self, tenant: TenantId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<T> + Send + 'static,
    {
        self.0.store.glance(tenant, work).await
    }

    /// A tenant's time: real time, unless a sandbox moved its clock.
    pub fn now_of(&self, tenant: TenantId) -> Timestamp {
        self.0.store.resources().clocks.of(tenant).now(self.now())
    }

    /// Waits for the turn to take due steps.
    pub async fn jobs_turn(&self) -> JobsTurn<'_> {
        JobsTurn {
            _held: self.0.jobs_turn.lock().await,
        }
    }

    /// Waits until a job was added, or time has jumped, since the last time.
    pub async fn job_added(&self) {
        self.0.store.resources().job_added.notified().await;
    }

    /// The id under which a tenant's callers know it.
    pub async fn tenant_uuid(&self, tenant: TenantId) -> Result<String> {
        self.read(tenant, async |tx| Ok(tenants::current(tx).await?.uuid))
            .await
    }
}
