//! `cardwright bench authorize`: a whole issuer, its engine alone and behind HTTP, beside the same
//! work on bare SQLite.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cardwright_server::bench::{Issuer, Limits, Size, Way};
use cardwright_server::ledger;
use cardwright_server::store::db::bench::{Figures, Load, Rival};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Measured, client_counts, median, milliseconds, once, row, rows};
use crate::Failure;

/// A whole issuer: authorizations by its engine alone and through HTTP, beside bare SQLite
///
/// The clients run in the same process, and each signs its requests anew: their time counts. Every
/// request is logged, but nobody reads the log. The issuer is made once and grows with each
/// measurement; before each its files are read once, and in the end its ledger is verified.
#[derive(Args)]
pub(super) struct Arguments {
    /// How many clients ask at once, each number for itself
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,8,64,512", value_parser = clap::value_parser!(u32).range(1..=1024))]
    clients: Vec<u32>,

    /// How long each measurement takes
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// How often each is repeated; the median counts
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,

    /// How many cards there are
    #[arg(long, value_name = "N", default_value = "10000", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    cards: u32,

    /// How many entries the ledger has before; every card has as many, and at least one
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u64).range(0..=1_000_000_000))]
    entries: u64,

    /// Measure an issuer with so many cards, too, and compare
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    compare_cards: Option<u32>,

    /// How many entries that one has
    #[arg(long, value_name = "N", default_value = "0", requires = "compare_cards", value_parser = clap::value_parser!(u64).range(0..=1_000_000_000))]
    compare_entries: u64,

    /// Under which limits the cards are, of amount and number in a day
    #[arg(long, value_name = "WHOSE", default_value = "product", value_parser = limits())]
    limits: Limits,

    /// Directory on the disk that is measured; what is written there is removed again
    #[arg(long, value_name = "DIR", default_value = ".")]
    data: PathBuf,
}

fn limits() -> impl TypedValueParser<Value = Limits> {
    PossibleValuesParser::new(Limits::ALL.map(Limits::word)).map(|word| {
        let named = Limits::ALL.into_iter().find(|one| one.word() == word);
        named.unwrap_or(Limits::None)
    })
}

/// Which of the issuers of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Compared,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    Bare,
    Issuer(Which, Way),
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contender::Bare => Rival::Bare.fmt(f),
            Contender::Issuer(Which::First, way) => way.fmt(f),
            Contender::Issuer(Which::Compared, way) => write!(f, "{way}, compared size"),
        }
    }
}

/// An issuer of a run, and how large it began.
struct Entrant {
    which: Which,
    size: Size,
    issuer: Issuer,
}

impl Arguments {
    /// Where it measures.
    pub(super) fn place(&self) -> &Path {
        &self.data
    }
}

pub(super) async fn run(arguments: &Arguments) -> Result<String, Failure> {
    let mut sizes = vec![(
        Which::First,
        Size {
            cards: arguments.cards,
            entries: arguments.entries,
        },
    )];
    let entries = arguments.compare_entries;
    let compared = arguments.compare_cards.map(|cards| Size { cards, entries });
    sizes.extend(compared.map(|size| (Which::Compared, size)));
    let mut entrants = Vec::new();
    for (which, size) in sizes {
        eprintln!("filling {} cards, {} entries", size.cards, size.entries);
        let issuer = Issuer::start(&arguments.data, size, arguments.limits).await?;
        entrants.push(Entrant {
            which,
            size,
            issuer,
        });
    }
    let measured = measure(arguments, &entrants).await?;
    let mut text = table(&measured, &arguments.clients, &contenders(&entrants));
    for entrant in entrants {
        text += &ended(entrant).await?;
    }
    Ok(text)
}

fn contenders(entrants: &[Entrant]) -> Vec<Contender> {
    let issuers = entrants.iter().map(|entrant| entrant.which);
    let both = issuers.flat_map(|which| Way::ALL.map(|way| Contender::Issuer(which, way)));
    std::iter::once(Contender::Bare).chain(both).collect()
}

async fn measure(
    arguments: &Arguments,
    entrants: &[Entrant],
) -> Result<Vec<Measured<Contender>>, Failure> {
    let contenders = contenders(entrants);
    let mut measured = Vec::new();
    for round in 0..arguments.rounds as usize {
        for clients in &arguments.clients {
            for place in 0..contenders.len() {
                // Nobody is always the first.
                let rival = contenders[(round + place) % contenders.len()];
                let load = Load {
                    clients: *clients,
                    duration: Duration::from_secs(arguments.seconds),
                };
                let figures = match rival {
                    Contender::Bare => once(Rival::Bare, &arguments.data, load).await?,
                    Contender::Issuer(which, way) => {
                        let found = entrants.iter().find(|entrant| entrant.which == which);
                        let found = found.ok_or(Failure::Refused)?;
                        found.issuer.warm_up()?;
                        found.issuer.measure(way, load).await?
                    }
                };
                let rate = figures.per_second();
                eprintln!("round {}: {rival}, {clients} clients: {rate}/s", round + 1);
                measured.push(Measured {
                    rival,
                    clients: *clients,
                    figures,
                });
            }
        }
    }
    Ok(measured)
}

const ENGINE: Contender = Contender::Issuer(Which::First, Way::Engine);
const HTTP: Contender = Contender::Issuer(Which::First, Way::Http);

/// The rates, what part of the bare figure is reached, and what part of the compared size's.
fn table(measured: &[Measured<Contender>], clients: &[u32], contenders: &[Contender]) -> String {
    let mut text = client_counts(clients) + &rows(measured, clients, contenders);
    let share = |of: Contender, whole: Contender| {
        let rate = |rival, count| median(measured, &rival, count).map(|found| found.per_second());
        let cell = |count: &u32| match (rate(of, *count), rate(whole, *count)) {
            (Some(part), Some(whole)) if whole > 0 => format!("{} %", part * 100 / whole),
            _ => String::new(),
        };
        clients.iter().map(cell).collect::<Vec<String>>()
    };
    text += &row(
        "the engine, of bare SQLite",
        &share(ENGINE, Contender::Bare),
    );
    for (way, first) in [(Way::Engine, ENGINE), (Way::Http, HTTP)] {
        let other = Contender::Issuer(Which::Compared, way);
        if contenders.contains(&other) {
            let name = format!("{way}: compared size, of the first");
            text += &row(&name, &share(other, first));
        }
    }
    text + &targets(measured)
}

/// What is promised of 64 clients, beside what was measured.
fn targets(measured: &[Measured<Contender>]) -> String {
    let at_64 = |rival| median(measured, &rival, 64);
    let (Some(bare), Some(engine), Some(http)) =
        (at_64(Contender::Bare), at_64(ENGINE), at_64(HTTP))
    else {
        return String::new();
    };
    let (bare, engine) = (bare.per_second().max(1), engine.per_second());
    let Figures { p99, .. } = http;
    format!(
        "\n- The engine with 64 clients, of bare SQLite: {} % (target: at least 60 %).\n\
         - Through HTTP with 64 clients: {}/s, p99 {} (target: at least 15000/s, p99 at most \
         15 ms).\n",
        engine * 100 / bare,
        http.per_second(),
        milliseconds(p99),
    )
}

/// Ends an issuer and tells what its ledger looks like, which must be in order.
async fn ended(entrant: Entrant) -> Result<String, Failure> {
    let Size { cards, entries } = entrant.size;
    let outcome = entrant.issuer.end().await?;
    if let Some(violation) = outcome.violation {
        return Err(Failure::Failed(format!("the ledger: {violation}")));
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\nThe ledger of the issuer that began with {cards} cards and {entries} entries, verified \
         after all of it:\n\n```text\n{}```\n",
        ledger::table(&outcome.figures)
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_targets_are_of_the_same_number_of_clients() {
        let figures = |rate: u64| Figures {
            answered: rate,
            elapsed: Duration::from_secs(1),
            p50: Duration::from_millis(1),
            p99: Duration::from_micros(2_500),
        };
        let compared = Contender::Issuer(Which::Compared, Way::Engine);
        let measured = [
            (Contender::Bare, 8, 10),
            (Contender::Bare, 64, 40_000),
            (ENGINE, 64, 30_000),
            (HTTP, 64, 16_000),
            (compared, 64, 27_000),
        ];
        let measured = measured.map(|(rival, clients, rate)| Measured {
            rival,
            clients,
            figures: figures(rate),
        });
        let expected = "\
            | Durable authorizations per second (p50, p99) | 64 clients |\n\
            | --- | --- |\n\
            | bare SQLite, group commit | 40000 (1.00 ms, 2.50 ms) |\n\
            | the engine, without HTTP | 30000 (1.00 ms, 2.50 ms) |\n\
            | signed messages over HTTP | 16000 (1.00 ms, 2.50 ms) |\n\
            | the engine, without HTTP, compared size | 27000 (1.00 ms, 2.50 ms) |\n\
            | the engine, of bare SQLite | 75 % |\n\
            | the engine, without HTTP: compared size, of the first | 90 % |\n\
            \n\
            - The engine with 64 clients, of bare SQLite: 75 % (target: at least 60 %).\n\
            - Through HTTP with 64 clients: 16000/s, p99 2.50 ms (target: at least 15000/s, p99 \
            at most 15 ms).\n";
        let contenders = [Contender::Bare, ENGINE, HTTP, compared];
        assert_eq!(table(&measured, &[64], &contenders), expected);
    }
}
