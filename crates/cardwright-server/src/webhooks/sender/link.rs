//! Connections: a name looked up, its addresses judged, one of them connected to, TLS on top.
//!
//! Law: each has its place from before its name is looked up until it is closed, and there are only
//! so many places. A connection that found no place among those that are kept is used once.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::{BuilderVerifierExt, Verifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower::Service;

use super::LONGEST;
use crate::capacity::Connections;
use crate::webhooks::guard::{Barred, Guard, Later, Wire};

/// How long one of several addresses is waited for, before the next has its turn.
const PER_ADDRESS: Duration = Duration::from_secs(4);

/// Whose certificates are believed.
#[derive(Clone)]
pub enum Trust {
    /// Those that this machine believes.
    Machine,
    /// Those, and these authorities' too.
    MachineAnd(Arc<[CertificateDer<'static>]>),
    /// These and no others.
    Only(Arc<RootCertStore>),
}

/// Makes connections for the HTTP client.
#[derive(Clone)]
pub(super) struct Connector {
    guard: Guard,
    trust: Trust,
    /// Reading the machine's certificates takes its time, and plain sandboxes never need them.
    tls: Arc<OnceLock<Result<TlsConnector, String>>>,
    /// Places for connections, and those among them for such as are kept.
    places: Arc<Semaphore>,
    kept: Arc<Semaphore>,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Unlinked {
    /// Its address is not delivered to.
    Barred(Barred),
    /// It could not be made.
    Failed(io::Error),
}

impl fmt::Display for Unlinked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unlinked::Barred(barred) => barred.fmt(f),
            Unlinked::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unlinked {}

impl From<io::Error> for Unlinked {
    fn from(error: io::Error) -> Unlinked {
        Unlinked::Failed(error)
    }
}

impl Connector {
    pub(super) fn new(guard: Guard, trust: Trust) -> Connector {
        Connector {
            guard,
            trust,
            tls: Arc::default(),
            places: Arc::new(Semaphore::new(0)),
            kept: Arc::new(Semaphore::new(0)),
        }
    }

    /// The same with so many places of its own.
    pub(super) fn having(self, connections: Connections) -> Connector {
        Connector {
            places: Arc::new(Semaphore::new(connections.in_all)),
            kept: Arc::new(Semaphore::new(connections.kept)),
            ..self
        }
    }

    /// It takes no longer than a message may: the client goes on with a connection that nobody waits
    /// for any more, and one that never came about would keep its place for ever.
    async fn link(self, uri: Uri) -> Result<Link, Unlinked> {
        let making = async {
            let place = self.places.clone().acquire_owned().await;
            let place = place.map_err(io::Error::other)?;
            Ok::<_, Unlinked>((place, self.wire(uri).await?))
        };
        let made = tokio::time::timeout(LONGEST, making).await;
        let (place, wire) = made.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        Ok(Link {
            wire: TokioIo::new(wire),
            kept: self.kept.try_acquire_owned().ok(),
            _place: place,
        })
    }

    async fn wire(&self, uri: Uri) -> Result<Box<dyn Wire>, Unlinked> {
        let host = uri.host().unwrap_or_default();
        let is_encrypted = uri.scheme_str() == Some("https");
        let port = uri
            .port_u16()
            .unwrap_or(if is_encrypted { 443 } else { 80 });
        let admitted = self.guard.addresses(host).await?;
        let admitted = admitted.map_err(Unlinked::Barred)?;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in admitted {
            let connecting = self.guard.network().connect((address, port).into());
            match tokio::time::timeout(PER_ADDRESS, connecting).await {
                Ok(Ok(wire)) if is_encrypted => return self.encrypted(wire, host).await,
                Ok(Ok(wire)) => return Ok(wire),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last.into())
    }

    async fn encrypted(&self, wire: Box<dyn Wire>, host: &str) -> Result<Box<dyn Wire>, Unlinked> {
        let tls = self.tls.get_or_init(|| connector(&self.trust));
        let tls = tls
            .as_ref()
            .map_err(|what| io::Error::other(what.clone()))?;
        let name = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = ServerName::try_from(name).map_err(io::Error::other)?;
        Ok(Box::new(tls.connect(name, wire).await?))
    }
}

fn connector(trust: &Trust) -> Result<TlsConnector, String> {
    let provider = Arc::new(default_provider());
    let unusable = |error: tokio_rustls::rustls::Error| {
        format!("this machine's certificates cannot be used: {error}")
    };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = match trust {
        Trust::Machine => builder
            .with_platform_verifier()
            .map_err(unusable)?
            .with_no_client_auth(),
        Trust::MachineAnd(more) => {
            let verifier = Verifier::new_with_extra_roots(more.iter().cloned(), provider);
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier.map_err(unusable)?))
                .with_no_client_auth()
        }
        Trust::Only(roots) => builder
            .with_root_certificates(roots.clone())
            .with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Service<Uri> for Connector {
    type Response = Link;
    type Error = Unlinked;
    type Future = Later<'static, Result<Link, Unlinked>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unlinked>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().link(uri))
    }
}

/// A connection as the HTTP client wants it.
pub(super) struct Link {
    wire: TokioIo<Box<dyn Wire>>,
    /// Its place among those that are kept, if it found one.
    kept: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        if self.kept.is_none() {
            // What is poisoned is used this once and not put back.
            connected.poison();
        }
        connected
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_read(context, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};
    use std::sync::Mutex;

    use tokio::io::DuplexStream;

    use super::*;
    use crate::network::{AddressList, Breadth};
    use crate::webhooks::guard::Network;

    /// Takes every connection and says nothing on any.
    #[derive(Default)]
    struct Silence(Mutex<Vec<DuplexStream>>);

    impl Network for Silence {
        fn resolve<'a>(&'a self, _: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
            Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
        }

        fn connect(&self, _: SocketAddr) -> Later<'_, io::Result<Box<dyn Wire>>> {
            let (ours, theirs) = tokio::io::duplex(1024);
            self.0.lock().unwrap().push(theirs);
            Box::pin(async { Ok(Box::new(ours) as Box<dyn Wire>) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_that_is_never_answered_gives_its_place_back() {
        let loopback = AddressList::parse(["127.0.0.1"], Breadth::Bounded).unwrap();
        let guard = Guard::new(loopback, Arc::new(Silence::default()));
        let nobody = Trust::Only(Arc::new(RootCertStore::empty()));
        let connector = Connector::new(guard, nobody).having(Connections { in_all: 1, kept: 1 });
        let uri = Uri::from_static("https://hook.example/");
        // Nobody waits for it: it is the client's to end it, or nobody's.
        let linking = tokio::spawn(connector.clone().link(uri.clone()));
        while connector.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let ended = linking.await.unwrap().err().unwrap();
        assert!(
            matches!(&ended, Unlinked::Failed(error) if error.kind() == io::ErrorKind::TimedOut)
        );
        assert_eq!(connector.places.available_permits(), 1);
    }
}
