//! Accepting connections, counting them per address, and stopping without losing a request.

use super::answer::Front;
use super::clock;
use super::request_id::Peer;
use crate::network::counted_network;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// Pause after an error that the next accept would meet again, such as no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until `shutdown` completes, then lets requests in flight finish for at most
/// `Limits::drain` and returns.
///
/// # Errors
/// Only if the listener has no local address, that is, never listened.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    run(listener, front, shutdown).await;
    Ok(())
}

/// Where connections come from; a trait so that tests can let it fail.
pub(super) trait Listen {
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    async fn accept(&mut self) -> io::Result<(Self::Io, SocketAddr)>;
}

impl Listen for TcpListener {
    type Io = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = TcpListener::accept(self).await?;
        // Answers are small and complete: waiting to fill a packet only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        Ok((stream, peer))
    }
}

/// [`serve`] over any source of connections.
pub(super) async fn run<L: Listen>(
    mut listener: L,
    front: Front,
    shutdown: impl Future<Output = ()>,
) {
    let addresses = Arc::new(Addresses::new(front.limits.connections_per_address));
    let (close, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut fullness = Fullness::Room;
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept() => match accepted {
                Ok((io, peer)) => {
                    while let Some(ended) = connections.try_join_next() {
                        report(ended);
                    }
                    fullness = fullness.with((connections.len(), front.limits.connections));
                    if fullness == Fullness::Full {
                        continue;
                    }
                    let address = Peer::new(peer).ip();
                    // Everybody behind a proxy of ours comes from its one address.
                    let seat = if front.speaks_for_others(address) {
                        None
                    } else if let Some(seat) = addresses.admit(address) {
                        Some(seat)
                    } else {
                        tracing::debug!(peer = %peer.ip(), "too many connections of one address");
                        continue;
                    };
                    let front = front.clone();
                    let mut closing = closing.clone();
                    connections.spawn(async move {
                        let _seat = seat;
                        // An error means the sender is gone, which is the signal.
                        let closed = async move { while closing.changed().await.is_ok() {} };
                        front.welcome(io, peer, closed).await;
                    });
                }
                Err(error) => pause_after(&error).await,
            },
        }
    }
    // No new connections; the open ones hear that they are to end.
    drop(listener);
    drop(close);
    let rest = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(front.limits.drain, rest)
        .await
        .is_err()
    {
        tracing::warn!(
            open = connections.len(),
            "closing connections that did not finish"
        );
        connections.shutdown().await;
    }
}

/// Whether there is room for one more connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fullness {
    Room,
    Full,
}

impl Fullness {
    /// With so many of so many connections. What changes is told, once.
    fn with(self, (open, most): (usize, usize)) -> Fullness {
        let now = if open < most {
            Fullness::Room
        } else {
            Fullness::Full
        };
        if (self, now) == (Fullness::Room, Fullness::Full) {
            tracing::warn!(
                open,
                "no room for more connections: further ones are closed"
            );
        }
        now
    }
}

/// A connection whose peer left before we looked is no reason to wait; everything else is.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) {
        return;
    }
    tracing::error!(%error, "cannot accept connections");
    clock::alarm(ACCEPT_PAUSE).await;
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection panicked");
    }
}

/// Open connections by address.
#[derive(Debug)]
pub(super) struct Addresses {
    limit: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Addresses {
    pub(super) fn new(limit: usize) -> Addresses {
        Addresses {
            limit,
            open: Mutex::new(HashMap::new()),
        }
    }

    /// A seat for one more connection of this address, unless it has all of its own.
    pub(super) fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Seat> {
        let network = counted_network(ip);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_insert(0);
        if *count >= self.limit {
            // A limit of zero must not leave entries behind.
            if *count == 0 {
                open.remove(&network);
            }
            return None;
        }
        *count += 1;
        Some(Seat {
            addresses: Arc::clone(self),
            network,
        })
    }
}

/// One counted connection; dropping it frees the place.
#[derive(Debug)]
pub(super) struct Seat {
    addresses: Arc<Addresses>,
    network: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self
            .addresses
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
}
