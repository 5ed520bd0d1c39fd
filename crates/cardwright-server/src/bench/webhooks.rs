//! How fast events reach a receiver: all that is in the way of many at once, and how long one takes
//! at a steady rate.
//!
//! The receiver is in the same process and as lean as it can be. The limit beside it is the same
//! sender with the same connections and bodies, without store and signatures.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cardwright_core::{CardId, Event, WebhookDialect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

use super::{Issuer, fault};
use crate::config::Fault;
use crate::error::{Error, Result};
use crate::ops::webhook_endpoints::{self, NewEndpoint};
use crate::store::Tx;
use crate::webhooks::sender::{Outcome, Outgoing, Purpose};
use crate::webhooks::target::{Plain, Target};

/// How many are on their way at once, as to one endpoint of an issuer.
const PLACES: u32 = 32;
/// How many events one write makes where their number is what counts.
const BATCH: u32 = 200;
/// Nothing here takes as long.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many messages at once.
    pub messages: u32,
    /// How many events a second, afterwards.
    pub per_second: u32,
    /// For how long.
    pub duration: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Messages a second of the sender alone.
    pub bare_per_second: u64,
    /// Messages a second of the issuer.
    pub per_second: u64,
    /// At the steady rate, half of the events arrived within this.
    pub p50: Duration,
    /// All but one in a hundred.
    pub p99: Duration,
}

impl Issuer {
    /// Tells a receiver of events. The cards must be as many as there are events at the steady rate.
    pub async fn tell(&self, plan: Plan) -> std::result::Result<Told, Fault> {
        let receiver = Receiver::start().await.map_err(|error| fault(&error))?;
        let told = self.told(&receiver, plan).await;
        told.map_err(|error| fault(&error.log_text()))
    }

    async fn told(&self, receiver: &Receiver, plan: Plan) -> Result<Told> {
        let url = format!("http://{}/hooks", receiver.address);
        let target = Target::parse(&url, Plain::Allowed).map_err(|_| Error::Invalid("url"))?;
        let bare = self.send_bare(&target, plan.messages).await?;
        receiver.forget();
        let endpoint = NewEndpoint {
            target,
            dialect: WebhookDialect::Standard,
            events: vec!["card_created".to_owned()],
            timeout_ms: 10_000,
            headers: Vec::new(),
            secret: None,
        };
        webhook_endpoints::register(&self.app, &self.scope, endpoint).await?;
        let began = Instant::now();
        let mut left = plan.messages;
        while left > 0 {
            let now = left.min(BATCH);
            self.happen(
                (0..now)
                    .map(|number| self.cards.of(number.into()))
                    .collect(),
            )
            .await?;
            left -= now;
        }
        receiver.wait_for(plan.messages as usize).await?;
        let per_second = rate(plan.messages, began.elapsed());
        receiver.forget();
        let mut latencies = self.at_a_steady_rate(receiver, plan).await?;
        latencies.sort_unstable();
        let within = |hundredths: usize| {
            let place = latencies.len() * hundredths / 100;
            latencies.get(place).copied().unwrap_or_default()
        };
        Ok(Told {
            bare_per_second: rate(plan.messages, bare),
            per_second,
            p50: within(50),
            p99: within(99),
        })
    }

    /// What the sender does with nothing around it.
    async fn send_bare(&self, target: &Target, messages: u32) -> Result<Duration> {
        let began = Instant::now();
        let mut running = JoinSet::new();
        for place in 0..PLACES {
            let (sender, target) = (self.app.sender().clone(), target.clone());
            let share = messages / PLACES + u32::from(place < messages % PLACES);
            running.spawn(async move {
                for _ in 0..share {
                    let outgoing = Outgoing {
                        target: &target,
                        purpose: Purpose::Delivery,
                        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                        body: vec![b' '; BODY_BYTES],
                        limit: PATIENCE,
                    };
                    let attempt = sender.post(outgoing).await;
                    if !matches!(attempt.outcome, Outcome::Answered(_)) {
                        return Err(Error::Corrupt(attempt.outcome.word().to_owned()));
                    }
                }
                Ok(())
            });
        }
        for done in running.join_all().await {
            done?;
        }
        Ok(began.elapsed())
    }

    async fn at_a_steady_rate(&self, receiver: &Receiver, plan: Plan) -> Result<Vec<Duration>> {
        let count = plan.per_second.saturating_mul(seconds(plan.duration));
        let mut ticks = interval(Duration::from_secs(1) / plan.per_second.max(1));
        let mut begun: HashMap<i64, Instant> = HashMap::new();
        let mut writing = JoinSet::new();
        for number in 0..count {
            ticks.tick().await;
            let card = self.cards.of(number.into());
            begun.insert(card, Instant::now());
            let (app, scope) = (self.app.clone(), self.scope.clone());
            let happen = async move |tx: &mut Tx| emit(tx, vec![card]).await;
            writing.spawn(async move { app.write(&scope, happen).await });
        }
        for written in writing.join_all().await {
            written?;
        }
        receiver.wait_for(begun.len()).await?;
        let arrived = receiver.arrived();
        let took = arrived.iter().filter_map(|(card, at)| {
            let begun = begun.get(card)?;
            Some(at.duration_since(*begun))
        });
        Ok(took.collect())
    }

    async fn happen(&self, cards: Vec<i64>) -> Result<()> {
        let work = async move |tx: &mut Tx| emit(tx, cards).await;
        self.app.write(&self.scope, work).await
    }
}

/// As long as the bodies that are sent.
const BODY_BYTES: usize = 190;

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn rate(count: u32, took: Duration) -> u64 {
    let rate = u128::from(count) * 1_000_000 / took.as_micros().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// Events of cards, as those that make cards leave them.
async fn emit(tx: &mut Tx, cards: Vec<i64>) -> Result<()> {
    for card in cards {
        let card = CardId::new(card).map_err(|_| Error::Invalid("card"))?;
        tx.emit(Event::CardCreated { card }).await?;
    }
    tx.audit("bench", ("event", "")).await
}

/// Somebody who takes everything at once.
struct Receiver {
    address: SocketAddr,
    taken: Arc<Taken>,
}

#[derive(Default)]
struct Taken {
    arrived: Mutex<Vec<(i64, Instant)>>,
    more: Notify,
}

impl Receiver {
    async fn start() -> std::io::Result<Receiver> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let taken = Arc::new(Taken::default());
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taken = kept.clone();
                // An end in the middle shows in what has arrived.
                tokio::spawn(async move { drop(take(stream, &taken).await) });
            }
        });
        Ok(Receiver { address, taken })
    }

    fn arrived(&self) -> Vec<(i64, Instant)> {
        let arrived = self.taken.arrived.lock();
        arrived.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget(&self) {
        let arrived = self.taken.arrived.lock();
        arrived.unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn wait_for(&self, count: usize) -> Result<()> {
        let all = async {
            while self.arrived().len() < count {
                self.taken.more.notified().await;
            }
        };
        let in_time = timeout(PATIENCE, all).await;
        in_time.map_err(|_| Error::Corrupt("messages did not arrive".to_owned()))
    }
}

async fn take(mut stream: TcpStream, taken: &Taken) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::with_capacity(4_096);
    loop {
        while let Some((head, whole)) = complete(&bytes) {
            let card = card_of(&bytes[head..whole]);
            bytes.drain(..whole);
            let arrived = taken.arrived.lock();
            arrived
                .unwrap_or_else(PoisonError::into_inner)
                .push((card, Instant::now()));
            taken.more.notify_one();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await?;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// Where the head of a request ends and where the request does, once all of it is there.
fn complete(bytes: &[u8]) -> Option<(usize, usize)> {
    const END: &[u8] = b"\r\n\r\n";
    let head = bytes.windows(END.len()).position(|part| part == END)? + END.len();
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length: usize = text.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.parse().ok()).flatten()
    })?;
    (bytes.len() >= head + length).then_some((head, head + length))
}

/// The card that a body tells of; 0 where it tells of none.
fn card_of(body: &[u8]) -> i64 {
    const MARK: &str = "\"kind\":\"card\",\"id\":\"";
    let text = std::str::from_utf8(body).unwrap_or_default();
    let behind = text.split_once(MARK).map_or("", |(_, behind)| behind);
    let digits = behind.split('"').next().unwrap_or_default();
    digits.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_when_all_of_it_is_there_and_its_card_is_read() {
        let body = r#"{"data":{"subject":{"kind":"card","id":"42"}}}"#;
        let request = format!(
            "POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let bytes = request.as_bytes();
        for length in 0..bytes.len() {
            assert_eq!(complete(&bytes[..length]), None, "{length}");
        }
        let (head, whole) = complete(bytes).expect("all of it");
        assert_eq!(whole, bytes.len());
        assert_eq!(card_of(&bytes[head..whole]), 42);
        assert_eq!(card_of(b"{}"), 0);
    }
}
