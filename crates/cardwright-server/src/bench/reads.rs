//! Servers that tell of cards, and the clients that ask them.
//!
//! Requests go over connections that are kept, each for another card than the one before. All
//! servers of one measurement are asked the same by the same clients, which do as little as they can.

use std::net::SocketAddr;
use std::sync::Arc;

use super::connection::Connection;
use super::cores::Cores;
use super::fault;
use crate::config::Fault;
use crate::store::db::bench::{self, Figures, Load, measure_clients};

/// Of so many answers one is looked into; the clients must not be what is measured.
const LOOKED_INTO: i64 = 64;

/// How a card is asked for.
pub(super) trait Question: Send + Sync {
    /// Writes the whole request of a number, and gives the card it is for.
    fn write(&self, into: &mut Vec<u8>, number: i64) -> std::io::Result<i64>;
    /// How every good answer begins.
    fn opening(&self) -> &'static [u8];
    /// What an answer about this card holds.
    fn mark(&self, card: i64) -> String;
}

/// A server that tells of cards, and what it is asked.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) address: SocketAddr,
    pub(super) question: Arc<dyn Question>,
}

impl Endpoint {
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

    /// How long an answer is.
    pub async fn answer_bytes(&self) -> Result<usize, Fault> {
        let mut client = Client::connect(self).await?;
        let answer = client.exchange(0).await;
        Ok(answer.map_err(|what| fault(&what))?.len())
    }

    /// Whether it answers as it should.
    pub(super) async fn answers(&self) -> bool {
        self.answer_bytes().await.is_ok()
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
            connection: Connection::open(endpoint.address).await?,
            request: Vec::new(),
        })
    }

    /// Asks for a card; the body of the answer.
    async fn exchange(&mut self, number: i64) -> Result<&[u8], String> {
        let words = |error: std::io::Error| error.to_string();
        self.request.clear();
        let question = &self.endpoint.question;
        let card = question.write(&mut self.request, number).map_err(words)?;
        let asked = self.connection.exchange(&self.request).await;
        let (status, body) = asked.map_err(words)?;
        let good = status == 200 && body.starts_with(question.opening());
        if good && (number % LOOKED_INTO != 0 || holds(body, &question.mark(card))) {
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

fn holds(body: &[u8], mark: &str) -> bool {
    body.windows(mark.len()).any(|part| part == mark.as_bytes())
}
