//! How fast an issuer tells of a card in a session, beside a bare endpoint that is asked the same.
//!
//! One login, then requests of one session over connections that are kept, each for another card
//! than the one before. The clients of both are the same, and do as little as they can.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::connection::Connection;
use super::cores::Cores;
use super::{Cards, Issuer, fault};
use crate::api::bare;
use crate::config::Fault;
use crate::ops::logins::{self, Attempt};
use crate::store::Actor;
use crate::store::db::bench::{self, Figures, Load, measure_clients};
use crate::store::users::Login;

const TARGET: &str = "/api/v2.1/fincard/virtual/card/info";

/// Of so many answers one is looked into; the clients must not be what is measured.
const LOOKED_INTO: i64 = 64;

/// A server that tells of cards, and who may ask it.
#[derive(Clone)]
pub struct Endpoint(Arc<Asked>);

struct Asked {
    address: SocketAddr,
    tenant: String,
    token: String,
    cards: Cards,
}

impl Endpoint {
    /// Logs in at an issuer.
    pub async fn of(issuer: &Issuer) -> Result<Endpoint, Fault> {
        let fincard = &issuer.file.fincard;
        let login = Login::Email {
            tenant: fincard.tenant_id.clone(),
            email: fincard.email.clone(),
        };
        let attempt = Attempt {
            login: Some(login),
            password: fincard.password.clone(),
            device_id: "bench".to_owned(),
            address: issuer.address.ip(),
            actor: Actor::system("bench"),
        };
        let begun = logins::log_in(&issuer.app, attempt).await;
        let begun = begun.map_err(|error| fault(&error.log_text()))?;
        let session = begun.ok_or_else(|| fault(&"the demo user cannot log in"))?;
        Ok(Endpoint(Arc::new(Asked {
            address: issuer.address,
            tenant: fincard.tenant_id.clone(),
            token: session.access_token.expose().to_owned(),
            cards: issuer.cards,
        })))
    }

    /// Has clients ask, on their core.
    pub fn measure(&self, cores: &Cores, load: Load) -> Result<Figures, Fault> {
        cores.run_clients(async {
            let mut clients = Vec::new();
            for _ in 0..load.clients {
                clients.push(Client::connect(self).await?);
            }
            let measured = measure_clients(clients, load.duration).await;
            measured.map_err(|what| fault(&what))
        })
    }
}

impl Asked {
    /// Writes the whole request of a number, and gives the card it is for.
    fn write_request(&self, into: &mut Vec<u8>, number: i64) -> std::io::Result<i64> {
        let card = self.cards.of(number);
        let body = format!("{{\"cardNo\":\"{card}\"}}");
        write!(
            into,
            "POST {TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             X-Tenant-ID: {}\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-From: bench\r\n\
             Platform: web\r\nDeviceID: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.tenant,
            self.token,
            body.len(),
        )?;
        Ok(card)
    }
}

/// The endpoint that does nothing but what no other could leave out.
pub struct Bare {
    endpoint: Endpoint,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Bare {
    /// Starts one that is asked in the same words as the other, but for the signature of the
    /// token, and answers as long.
    pub async fn start(like: &Endpoint) -> Result<Bare, Fault> {
        let mut client = Client::connect(like).await?;
        let length = client.exchange(0).await.map_err(|what| fault(&what))?.len();
        let named = |error: &dyn std::fmt::Display| fault(&format!("the bare endpoint: {error}"));
        let started = bare::start(TARGET, &like.0.token, length).await;
        let (bound, token) = started.map_err(|error| named(&error))?;
        let address = bound.address().map_err(|error| named(&error))?;
        let asked = Asked {
            address,
            tenant: like.0.tenant.clone(),
            token,
            cards: like.0.cards,
        };
        Ok(Bare {
            endpoint: Endpoint(Arc::new(asked)),
            serving: tokio::spawn(bound.serve()),
        })
    }

    /// How it is asked.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// One who asks.
struct Client {
    endpoint: Endpoint,
    connection: Connection,
    request: Vec<u8>,
}

impl Client {
    async fn connect(endpoint: &Endpoint) -> Result<Client, Fault> {
        Ok(Client {
            endpoint: endpoint.clone(),
            connection: Connection::open(endpoint.0.address).await?,
            request: Vec::new(),
        })
    }

    /// Asks for a card; the body of the answer.
    async fn exchange(&mut self, number: i64) -> Result<&[u8], String> {
        let words = |error: std::io::Error| error.to_string();
        self.request.clear();
        let asked = &self.endpoint.0;
        let card = asked
            .write_request(&mut self.request, number)
            .map_err(words)?;
        let (status, body) = self
            .connection
            .exchange(&self.request)
            .await
            .map_err(words)?;
        let good = status == 200 && body.starts_with(b"{\"success\":true,");
        if good && (number % LOOKED_INTO != 0 || is_of_card(body, card)) {
            return Ok(body);
        }
        let body = String::from_utf8_lossy(body);
        Err(format!("not told of card {card}: {status} {body}"))
    }
}

impl bench::Client for Client {
    type Error = String;

    async fn ask(&mut self, number: i64) -> Result<(), String> {
        self.exchange(number).await.map(|_| ())
    }
}

fn is_of_card(body: &[u8], card: i64) -> bool {
    let named = format!("\"cardNo\":\"{card}\"");
    body.windows(named.len())
        .any(|part| part == named.as_bytes())
}
