//! Connections: a name looked up, its addresses judged, one of them connected to, TLS on top.

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
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower::Service;

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
        }
    }

    async fn link(self, uri: Uri) -> Result<Link, Unlinked> {
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
                Ok(Ok(wire)) => return Ok(Link(TokioIo::new(wire))),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last.into())
    }

    async fn encrypted(&self, wire: Box<dyn Wire>, host: &str) -> Result<Link, Unlinked> {
        let tls = self.tls.get_or_init(|| connector(&self.trust));
        let tls = tls
            .as_ref()
            .map_err(|what| io::Error::other(what.clone()))?;
        let name = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = ServerName::try_from(name).map_err(io::Error::other)?;
        let wire: Box<dyn Wire> = Box::new(tls.connect(name, wire).await?);
        Ok(Link(TokioIo::new(wire)))
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
pub(super) struct Link(TokioIo<Box<dyn Wire>>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
