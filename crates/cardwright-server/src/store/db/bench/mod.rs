//! How fast the store is, measured beside what could be had without it.
//!
//! One unit of work everywhere: a durable authorization ([`authorization`]). Four ways to do it, in
//! one run on one disk: only appending it to a file ([`log`], the limit); the same SQL straight on
//! the driver with group commit, and with a transaction each ([`bare`]); and [`Db`](super::Db).
//!
//! Law: all ways get their work from the same clients and are asked in the same manner, and no
//! answer is given before the disk has the work.

mod authorization;
mod bare;
pub mod filling;
mod log;
mod store;
#[cfg(test)]
mod tests;
mod worker;

use std::fmt;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::authorization::Order;
use super::error::DbError;

/// A way to do the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// Appends to a file, one wait for the disk for all who are waiting: nothing can be faster.
    Log,
    /// The SQL on the bare driver, one commit for all who are waiting.
    Bare,
    /// The SQL on the bare driver, a commit each.
    BareAlone,
    /// The SQL through [`Db`](super::Db).
    Store,
}

impl Rival {
    /// All of them, the limit first.
    pub const ALL: [Rival; 4] = [Rival::Log, Rival::Bare, Rival::BareAlone, Rival::Store];
}

impl fmt::Display for Rival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rival::Log => "append and fsync (the limit)",
            Rival::Bare => "bare SQLite, group commit",
            Rival::BareAlone => "bare SQLite, a transaction each",
            Rival::Store => "Cardwright's store",
        })
    }
}

/// Who asks, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Clients, each with one request at a time.
    pub clients: u32,
    /// How long the measured part takes, after a fifth of it that is not counted.
    pub duration: Duration,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Authorizations that were answered.
    pub answered: u64,
    /// How long that took.
    pub elapsed: Duration,
    /// Half of them were answered within this.
    pub p50: Duration,
    /// All but one in a hundred were answered within this.
    pub p99: Duration,
}

impl Figures {
    /// Authorizations per second.
    pub fn per_second(&self) -> u64 {
        let rate = u128::from(self.answered) * 1_000_000 / self.elapsed.as_micros().max(1);
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    fn of(mut latencies: Vec<Duration>, elapsed: Duration) -> Figures {
        latencies.sort_unstable();
        let within = |hundredths: usize| {
            let place = latencies.len() * hundredths / 100;
            let last = latencies.len().saturating_sub(1);
            latencies.get(place.min(last)).copied().unwrap_or_default()
        };
        Figures {
            answered: latencies.len() as u64,
            elapsed,
            p50: within(50),
            p99: within(99),
        }
    }
}

/// Lets one way do the work in a directory that is empty and stays so for nobody: its files are left
/// to the caller to remove.
pub async fn run(rival: Rival, directory: &Path, load: Load) -> Result<Figures, DbError> {
    match rival {
        Rival::Log => log::run(directory, load).await,
        Rival::Bare => bare::run(directory, bare::Grouping::Together, load).await,
        Rival::BareAlone => bare::run(directory, bare::Grouping::Alone, load).await,
        Rival::Store => store::run(directory, load).await,
    }
}

/// Somebody who asks for one authorization after another.
pub trait Client: Send + 'static {
    /// Why one was not made; that ends the measurement.
    type Error: Send + 'static;

    /// Has the authorization of this number made; numbers are counted over all clients, from 0.
    /// It is made when this is answered, and on the disk.
    fn ask(&mut self, number: i64) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A client that has nothing but what all have.
struct Asking<F>(F);

impl<F, Answer> Client for Asking<F>
where
    F: Fn(Order) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<(), DbError>> + Send,
{
    type Error = DbError;

    async fn ask(&mut self, number: i64) -> Result<(), DbError> {
        (self.0)(Order::new(number)).await
    }
}

async fn measure<F, Answer>(load: Load, ask: F) -> Result<Figures, DbError>
where
    F: Fn(Order) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Result<(), DbError>> + Send,
{
    let clients = (0..load.clients.max(1)).map(|_| Asking(ask.clone()));
    measure_clients(clients, load.duration).await
}

/// Has the clients ask, each on its own task, until the time is over, and counts.
pub async fn measure_clients<C: Client>(
    clients: impl IntoIterator<Item = C>,
    duration: Duration,
) -> Result<Figures, C::Error> {
    let numbers = Arc::new(AtomicI64::new(0));
    let counted_from = now() + duration / 5;
    let until = counted_from + duration;
    let mut asking = JoinSet::new();
    for mut client in clients {
        let numbers = Arc::clone(&numbers);
        asking.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let begun = now();
                if begun >= until {
                    return Ok(latencies);
                }
                client.ask(numbers.fetch_add(1, Ordering::Relaxed)).await?;
                let answered = now();
                if answered >= counted_from && answered < until {
                    latencies.push(answered - begun);
                }
            }
        });
    }
    let mut latencies = Vec::new();
    while let Some(ended) = asking.join_next().await {
        // Nobody ends a client but itself, so what did not end well has panicked.
        latencies.extend(ended.unwrap_or_else(|error| resume_unwind(error.into_panic()))?);
    }
    Ok(Figures::of(latencies, duration))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is about the machine's own time"
)]
fn now() -> Instant {
    Instant::now()
}
