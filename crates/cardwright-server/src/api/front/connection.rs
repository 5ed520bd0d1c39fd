//! One connection: hyper with every limit set, between the gate and the router.

use super::answer::Front;
use super::gate::{Gate, REQUEST_LINE_SLACK_BYTES};
use super::request_id::Peer;
use super::streams::{Outbound, Traffic};
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

/// hyper's buffer per connection and direction; its own default is over 400 KiB.
const BUFFER_BYTES: usize = 64 * 1024;

impl Front {
    /// Serves one connection from its acceptance on: where there is a certificate, it is met by TLS
    /// first. A handshake has a time of its own, and one that is under way when the server closes
    /// is dropped: nothing was asked yet.
    pub(super) async fn welcome<Io>(
        &self,
        io: Io,
        peer: SocketAddr,
        closing: impl Future<Output = ()>,
    ) where
        Io: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let Some(tls) = &self.tls else {
            return self.serve_connection(io, peer, closing).await;
        };
        let mut closing = pin!(closing);
        let handshake = TlsAcceptor::from(tls.current()).accept(io);
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(self.limits.handshake, handshake) => shaken,
            () = &mut closing => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.serve_connection(stream, peer, closing).await,
            Ok(Err(error)) => {
                tracing::debug!(peer = %peer.ip(), %error, "a handshake failed");
            }
            Err(_elapsed) => {
                tracing::debug!(peer = %peer.ip(), "a handshake took too long");
            }
        }
    }

    /// Serves one connection until the peer leaves, a limit closes it, or `closing` completes and
    /// the request in flight, if any, is answered.
    pub async fn serve_connection<Io>(
        &self,
        io: Io,
        peer: SocketAddr,
        closing: impl Future<Output = ()>,
    ) where
        Io: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let peer = Peer::new(peer);
        let traffic = Arc::new(Traffic::default());
        let request_ids = self.request_ids.clone();
        let gate = Gate::new(io, peer, self.limits, request_ids, Arc::clone(&traffic));
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let open = traffic.open();
            async move {
                let response = self.answer(peer.0, request.map(Body::new)).await;
                Ok::<_, Infallible>(response.map(|body| Outbound::new(body, open)))
            }
        });
        let engine = self.engine();
        let mut connection = pin!(engine.serve_connection(TokioIo::new(gate), service));
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = closing => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(peer = %peer.ip(), %error, "a connection ended early");
        }
    }

    fn engine(&self) -> http1::Builder {
        let limits = &self.limits;
        let head_bytes = limits.header_block_bytes + limits.target_bytes + REQUEST_LINE_SLACK_BYTES;
        let mut engine = http1::Builder::new();
        engine
            .max_headers(limits.header_count)
            .max_header_size(head_bytes)
            .max_buf_size(BUFFER_BYTES.max(head_bytes))
            // A peer that shuts its writing side still gets its answer, and one that vanishes
            // does not tear a handler down between two of its steps. It also keeps hyper from
            // reading ahead while it writes, when the gate's idle clock would run over an answer
            // that is taken slowly.
            .half_close(true)
            // The gate keeps the promised times; this wider timer is a second net under it.
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle + limits.headers);
        engine
    }
}
