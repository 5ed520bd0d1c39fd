//! How fast a whole issuer authorizes, its engine alone and behind HTTP, and how fast it tells of
//! its cards ([`card_info`]).
//!
//! An issuer is made as `cardwright sandbox` makes one, waits for the disk at every answer, listens
//! and counts as in earnest, and is filled with as many cards and entries as are wanted. It is used
//! for all measurements of a run and grows with each, as a real one does; in the end its ledger is
//! looked at.
//!
//! Law: an authorization that is not approved ends the measurement. Each is for another card than
//! the one before, under a reference of its own.

pub mod card_info;
mod connection;
pub mod cores;
mod engine;
pub mod get_card;
pub mod reads;
mod signed;
#[cfg(test)]
mod tests;
pub mod webhooks;

use std::fmt::{self, Display};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};

use cardwright_core::{Controlled, Controls, Limit, OrderRoute, ProductId, TenantId, Window};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::{App, Settings};
use crate::config::Fault;
use crate::directory::Place;
use crate::ledger;
use crate::network::{AddressList, Breadth};
use crate::ops::cards::{self, OpenCard};
use crate::ops::controls;
use crate::ops::programs::LOOPBACK;
use crate::sandbox::file::SandboxFile;
use crate::sandbox::{self, Encryption, Options};
use crate::store::db::Durability;
use crate::store::db::bench::filling::{self, Filling};
use crate::store::db::bench::{Figures, Load, measure_clients};
use crate::store::{Actor, Scope};

/// How an authorization is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As what `POST /network/v1/authorization` carries out, without HTTP and signature.
    Engine,
    /// As a signed message over a connection that is kept.
    Http,
}

impl Way {
    /// Both.
    pub const ALL: [Way; 2] = [Way::Engine, Way::Http];
}

impl Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Engine => "the engine, without HTTP",
            Way::Http => "signed messages over HTTP",
        })
    }
}

/// How much an issuer has before it is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Cards, at least one.
    pub cards: u32,
    /// Entries of the journal; every card has as many, and at least the one that paid into it.
    pub entries: u64,
}

impl Size {
    /// How many entries each card has.
    fn entries_per_card(self) -> u32 {
        let each = self.entries.div_ceil(u64::from(self.cards.max(1)));
        u32::try_from(each).unwrap_or(u32::MAX).max(1)
    }
}

/// The limits that its cards are under: how much and how often in a day, more than is ever reached.
/// Every authorization is judged by them; what they have used is added up for a card's first few and
/// counted from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// None.
    None,
    /// Those of their product.
    Product,
    /// Each card has its own.
    Cards,
}

impl Limits {
    /// All of them.
    pub const ALL: [Limits; 3] = [Limits::None, Limits::Product, Limits::Cards];

    /// The word for them.
    pub fn word(self) -> &'static str {
        match self {
            Limits::None => "none",
            Limits::Product => "product",
            Limits::Cards => "cards",
        }
    }
}

/// An issuer that is measured.
pub struct Issuer {
    directory: TempDir,
    app: App,
    file: SandboxFile,
    address: SocketAddr,
    scope: Scope,
    cards: Cards,
    measured: AtomicI64,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), Fault>>,
}

/// Which cards there are.
#[derive(Debug, Clone, Copy)]
struct Cards {
    first: i64,
    count: i64,
}

impl Cards {
    /// The card of a number; they come in an order that no cache likes.
    fn of(self, number: i64) -> i64 {
        self.first + number.wrapping_mul(7_919).rem_euclid(self.count)
    }
}

/// Room for the numbers of one measurement.
const NUMBERS: i64 = 1_000_000_000;

impl Issuer {
    /// Makes an issuer in a directory of its own below `place`, which disappears with it.
    pub async fn start(place: &Path, size: Size, limits: Limits) -> Result<Issuer, Fault> {
        let named = |error: &dyn Display| {
            Fault::new(format!("--data {}", place.display()), error.to_string())
        };
        let directory = tempfile::Builder::new()
            .prefix(".cardwright-bench-")
            .tempdir_in(place)
            .map_err(|error| named(&error))?;
        let running = sandbox::start(options(directory.path())?).await?;
        let (app, file) = (running.app().clone(), running.file.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let address = running.address().map_err(|error| named(&error))?;
        let filled = fill(&app, size, limits).await;
        let serving = tokio::spawn(running.serve(async {
            // Dropping the sender is the signal too.
            let _ended = stopped.await;
        }));
        let (scope, cards) = filled?;
        Ok(Issuer {
            directory,
            app,
            file,
            address,
            scope,
            cards,
            measured: AtomicI64::new(0),
            stop,
            serving,
        })
    }

    /// Has clients authorize in one way.
    pub async fn measure(&self, way: Way, load: Load) -> Result<Figures, Fault> {
        let from = self.measured.fetch_add(NUMBERS, Ordering::Relaxed);
        let measured = match way {
            Way::Engine => {
                let clients = (0..load.clients).map(|_| engine::Client::new(self, from));
                measure_clients(clients, load.duration).await
            }
            Way::Http => {
                let signer = signed::Signer::new(self);
                let mut clients = Vec::new();
                for _ in 0..load.clients {
                    clients.push(signed::Client::connect(self, &signer, from).await?);
                }
                measure_clients(clients, load.duration).await
            }
        };
        measured.map_err(|what| fault(&what))
    }

    /// Reads the files of the issuer once, so that the system has them in its memory as it has those of
    /// an issuer that has been at work for long. What a machine drops of them, and when, would be
    /// measured otherwise, and not how an issuer grows.
    pub fn warm_up(&self) -> Result<(), Fault> {
        let named = |error: std::io::Error| {
            let directory = self.directory.path().display();
            fault(&format!("{directory}: {error}"))
        };
        let entries = std::fs::read_dir(self.directory.path()).map_err(named)?;
        let files: Vec<_> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.is_file())
            .collect();
        // Another process: whoever closes a file gives up the locks that his own process has on it.
        let read = Command::new("cat")
            .args(files)
            .stdout(Stdio::null())
            .status();
        let read = read.map_err(named)?;
        read.success()
            .then_some(())
            .ok_or_else(|| fault(&format!("cat: {read}")))
    }

    /// Stops the issuer and looks whether its ledger is in order.
    pub async fn end(self) -> Result<ledger::Outcome, Fault> {
        drop(self.app);
        drop(self.stop);
        let served = self.serving.await;
        served.map_err(|error| fault(&error))??;
        ledger::verify(self.directory.path()).await
    }
}

fn fault(what: &dyn Display) -> Fault {
    Fault::new("bench", what.to_string())
}

fn options(directory: &Path) -> Result<Options, Fault> {
    let loopback = LOOPBACK.split(' ');
    Ok(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        place: Place::Kept(directory.to_owned()),
        durability: Durability::Full,
        seed: None,
        seed_file: None,
        allowed: AddressList::parse(loopback, Breadth::Bounded).map_err(|error| fault(&error))?,
        encryption: Encryption::Plain,
        settings: Settings {
            webhook_targets: AddressList::parse(LOOPBACK.split(' '), Breadth::Bounded)
                .map_err(|error| fault(&error))?,
            ..Settings::default()
        },
    })
}

/// The product of the cards: virtual, prepaid, in dollars.
const PRODUCT: i64 = 111_001;

/// Opens one card in the ordinary way and multiplies it.
async fn fill(app: &App, size: Size, limits: Limits) -> Result<(Scope, Cards), Fault> {
    let tenants = app
        .store()
        .system_read(async |session| crate::store::tenants::ids(session).await);
    let tenants = tenants.await.map_err(|error| fault(&error.log_text()))?;
    let tenant: TenantId = *tenants.first().ok_or_else(|| fault(&"no tenant"))?;
    // What a message of the network says about its sender.
    let scope = Scope {
        tenant,
        actor: Actor {
            request_id: "01234567-89ab-7cde-8f01-23456789abcd".to_owned(),
            address: Ipv4Addr::LOCALHOST.to_string(),
            ..Actor::system("bench")
        },
    };
    let opened = app.write(&scope, async move |tx| {
        let new = OpenCard {
            number: "bench-1".to_owned(),
            product: ProductId::new(PRODUCT)
                .map_err(|_| crate::error::Error::Invalid("product"))?,
            amount: Some("10.00".to_owned()),
            holder: None,
            account: None,
            card_number: None,
            design: None,
            route: OrderRoute::Current,
        };
        let opened = cards::open(tx, new).await?;
        let whose = match limits {
            Limits::None => return Ok(opened),
            Limits::Product => Controlled::Product(opened.card.product),
            Limits::Cards => Controlled::Card(opened.card.id),
        };
        controls::set(tx, whose, daily()).await?;
        Ok(opened)
    });
    let opened = opened.await.map_err(|error| fault(&error.log_text()))?;
    let filling = Filling {
        tenant: tenant.get(),
        like: opened.card.id.get(),
        cards: size.cards.max(1),
        entries_per_card: size.entries_per_card(),
    };
    let first = filling::fill(app.store().db(), filling).await;
    let cards = Cards {
        first: first.map_err(|error| fault(&error))?,
        count: i64::from(filling.cards),
    };
    Ok((scope, cards))
}

/// A limit of a day for both, amount and number.
fn daily() -> Controls {
    Controls {
        limits: vec![Limit {
            window: Window::Day,
            amount_minor: Some(100_000_000),
            count: Some(1_000_000),
        }],
        ..Controls::none()
    }
}

/// Writes the message of a number: small, and as long as real ones are.
fn write_message(into: &mut Vec<u8>, cards: Cards, number: i64) -> std::io::Result<()> {
    use std::io::Write;
    let (card, amount) = (cards.of(number), 100 + number.rem_euclid(900));
    write!(
        into,
        "{{\"reference\":\"rrn-{number:012}\",\"card_id\":\"{card}\",\"type\":\"purchase\",\
         \"amount\":{amount},\"currency\":\"USD\",\"channel\":\"ecommerce\",\"merchant\":\
         {{\"name\":\"Kavinė Vilnius\",\"id\":\"M-100200\",\"mcc\":\"5812\",\"city\":\"Vilnius\",\
         \"country\":\"LT\"}}}}"
    )
}

/// Whether an answer is what every authorization here must be answered.
fn is_approved(answer: &[u8]) -> bool {
    const APPROVED: &[u8] = b"\"approved\":true";
    answer.windows(APPROVED.len()).any(|part| part == APPROVED)
}
