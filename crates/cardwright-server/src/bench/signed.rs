//! Clients that sign messages of the network, each anew.

use std::io::Write;
use std::sync::Arc;

use super::connection::Connection;
use super::{Cards, Issuer, is_approved, write_message};
use crate::app::App;
use crate::config::Fault;
use crate::store::db::bench;
use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER, TOKEN_HEADER,
};

const TARGET: &str = "/network/v1/authorization";

/// What all clients sign with.
pub(super) struct Signer {
    app: App,
    token: String,
    key: SigningKey,
}

impl Signer {
    pub(super) fn new(issuer: &Issuer) -> Arc<Signer> {
        let network = &issuer.file.network;
        Arc::new(Signer {
            app: issuer.app.clone(),
            token: network.token.clone(),
            key: SigningKey::new(network.secret.expose()),
        })
    }

    /// Writes the whole request for a body, signed now.
    fn write_request(&self, into: &mut Vec<u8>, body: &[u8]) -> std::io::Result<()> {
        let timestamp = self.app.now().as_second().to_string();
        let parts = Parts {
            token: &self.token,
            timestamp: &timestamp,
            method: "POST",
            target: TARGET,
            body,
        };
        let signature = hex::encode(self.key.sign(&CanonicalForm::Default, &parts));
        write!(
            into,
            "POST {TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             {TOKEN_HEADER}: {}\r\n{TIMESTAMP_HEADER}: {timestamp}\r\n\
             {SIGNATURE_HEADER}: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        )?;
        into.extend_from_slice(body);
        Ok(())
    }
}

/// One who asks.
pub(super) struct Client {
    signer: Arc<Signer>,
    connection: Connection,
    cards: Cards,
    from: i64,
    message: Vec<u8>,
    request: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(
        issuer: &Issuer,
        signer: &Arc<Signer>,
        from: i64,
    ) -> Result<Client, Fault> {
        Ok(Client {
            signer: Arc::clone(signer),
            connection: Connection::open(issuer.address).await?,
            cards: issuer.cards,
            from,
            message: Vec::new(),
            request: Vec::new(),
        })
    }
}

impl bench::Client for Client {
    type Error = String;

    async fn ask(&mut self, number: i64) -> Result<(), String> {
        let words = |error: std::io::Error| error.to_string();
        self.message.clear();
        write_message(&mut self.message, self.cards, self.from + number).map_err(words)?;
        self.request.clear();
        self.signer
            .write_request(&mut self.request, &self.message)
            .map_err(words)?;
        let (status, body) = self
            .connection
            .exchange(&self.request)
            .await
            .map_err(words)?;
        if status == 200 && is_approved(body) {
            return Ok(());
        }
        let body = String::from_utf8_lossy(body);
        Err(format!("not approved: {status} {body}"))
    }
}
