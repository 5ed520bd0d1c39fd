//! The least that an endpoint can do, to measure the others beside it: with the token of a session
//! ([`session`]), and with a signature ([`signed`]).
//!
//! They know no store, keep no log and count nothing.

pub mod session;
pub mod signed;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

/// An endpoint that listens, and answers once it is served.
pub struct Bound {
    listener: TcpListener,
    router: Router,
}

impl Bound {
    /// Listens on a port of its own.
    async fn to(router: Router) -> io::Result<Bound> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Bound { listener, router })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers for ever.
    pub async fn serve(self) -> io::Result<()> {
        let listener = self.listener.tap_io(|stream| {
            // As a server does; where it cannot be done, answers are a little slower.
            let _kept = stream.set_nodelay(true);
        });
        axum::serve(listener, self.router).await
    }
}
