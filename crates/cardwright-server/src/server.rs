//! A server that runs: its listener, what it does by itself, and its end.
//!
//! Law: what was begun is finished. After a failure of the disk nothing is acknowledged any more.

use std::net::SocketAddr;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::api::front::{Front, Limits, RequestIds, serve};
use crate::app::App;
use crate::config::Fault;
use crate::directory::Directory;
use crate::network::AddressList;
use crate::tls::Tls;
use crate::{api, jobs};

/// How many connections ask for the figures at a time.
const FIGURES_CONNECTIONS: usize = 16;

/// How a server meets the world.
pub struct Door {
    /// Where it listens.
    pub listener: TcpListener,
    /// With which certificate, if it is encrypted.
    pub tls: Option<Tls>,
    /// Who may say for whom it speaks.
    pub proxies: AddressList,
    /// How much a stranger may take.
    pub limits: Limits,
    /// Where it tells its figures, if that is a listener of its own.
    pub metrics: Option<TcpListener>,
}

/// A server that listens, and answers once it is run.
pub struct Server {
    app: App,
    directory: Directory,
    door: Door,
}

impl Server {
    /// Puts a server together.
    pub fn new(app: App, directory: Directory, door: Door) -> Server {
        Server {
            app,
            directory,
            door,
        }
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.door.listener.local_addr()
    }

    /// Where it tells its figures, if that is a listener of its own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.door.metrics.as_ref()?.local_addr().ok()
    }

    /// Whether whoever connects is met by TLS.
    pub fn tls(&self) -> Option<&Tls> {
        self.door.tls.as_ref()
    }

    /// The server behind the listener.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Answers until `shutdown` resolves; then finishes what was begun and closes the store.
    ///
    /// After a failure of the disk nothing is acknowledged any more: this ends with a fault.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Fault> {
        let Server {
            app,
            directory,
            door,
        } = self;
        let failed = app.store().db().failed();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopping = async {
            // Dropping the sender is the signal too.
            let _ended = stopped.await;
        };
        let mut jobs = tokio::spawn(jobs::run(app.clone(), stopping));
        let (stop_figures, figures) = figures(&app, door.metrics, door.limits);
        // A stream never ends by itself, and would be waited for.
        let shutdown = async {
            shutdown.await;
            app.streams().close();
        };
        let front = Front::new(api::router(&app), door.limits, request_ids(&app))
            .counted_by(app.metrics().clone())
            .behind(door.proxies)
            .encrypted(door.tls);
        let outcome = tokio::select! {
            reason = failed => Err(directory.fault(format!(
                "the disk failed, and nothing after it can be trusted: {reason}"
            ))),
            served = serve(door.listener, front, shutdown) => {
                served.map_err(|error| Fault::new("--listen", error.to_string()))
            }
            ended = &mut jobs => Err(Fault::new(
                "jobs",
                ended.map_or_else(|error| error.to_string(), |()| "ended early".to_owned()),
            )),
        };
        drop((stop, stop_figures));
        if !jobs.is_finished() {
            let _ended = jobs.await;
        }
        if let Some(figures) = figures {
            let _ended = figures.await;
        }
        app.store().db().close().await;
        directory.leave();
        tracing::info!("ended");
        outcome
    }
}

/// Serves the figures on a listener of their own, until the sender is dropped.
fn figures(
    app: &App,
    listener: Option<TcpListener>,
    limits: Limits,
) -> (oneshot::Sender<()>, Option<tokio::task::JoinHandle<()>>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let Some(listener) = listener else {
        return (stop, None);
    };
    let limits = Limits {
        connections: FIGURES_CONNECTIONS,
        ..limits
    };
    let front = Front::new(api::figures_router(app), limits, request_ids(app));
    let serving = tokio::spawn(async move {
        let stopping = async {
            let _ended = stopped.await;
        };
        if let Err(error) = serve(listener, front, stopping).await {
            tracing::error!(%error, "the figures cannot be told");
        }
    });
    (stop, Some(serving))
}

fn request_ids(app: &App) -> RequestIds {
    let (time, randomness) = (
        app.store().resources().clone(),
        app.store().resources().clone(),
    );
    RequestIds::time_ordered(
        move || u64::try_from(time.clock.now().as_millisecond()).unwrap_or_default(),
        move || *randomness.entropy.secret_bytes(),
    )
}
