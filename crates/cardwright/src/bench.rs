//! `cardwright bench`: how fast this machine does the work, and how much of that is ours.

mod authorize;
mod machine;
mod reads;
mod webhooks;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cardwright_server::clock::Clock;
use cardwright_server::logging::{self, Format, Level};
use cardwright_server::store::db::bench::{self, Figures, Load, Rival};
use clap::{Args, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::{Failure, output};

/// Measure how fast the work is done on this machine
///
/// Everything that is compared runs in turn, several times, on the same disk. The table goes to stdout as
/// Markdown, progress to stderr.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    Store(StoreArguments),
    Authorize(authorize::Arguments),
    CardInfo(reads::CardInfoArguments),
    GetCard(reads::GetCardArguments),
    Webhooks(webhooks::Arguments),
}

/// The store alone: durable authorizations, beside the same SQL without it
#[derive(Args)]
struct StoreArguments {
    /// How many clients ask at once, each number for itself
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,8,64,512", value_parser = clap::value_parser!(u32).range(1..=4096))]
    clients: Vec<u32>,

    /// How long each measurement takes
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// How often each is repeated; the median counts
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,

    /// Directory on the disk that is measured; what is written there is removed again
    #[arg(long, value_name = "DIR", default_value = ".")]
    data: PathBuf,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let table = match arguments.subject {
        Subject::Store(arguments) => runtime()?.block_on(store(&arguments))?,
        Subject::Authorize(arguments) => {
            let work = || runtime()?.block_on(authorize::run(&arguments));
            let table = with_log(arguments.place(), work)?;
            machine::description() + &table
        }
        Subject::Webhooks(arguments) => {
            let work = || runtime()?.block_on(webhooks::run(&arguments));
            let table = with_log(arguments.place(), work)?;
            machine::description() + &table
        }
        Subject::CardInfo(arguments) => {
            // It makes its own runtime, after it has taken its core.
            let table = reads::card_info(&arguments)?;
            machine::description() + &table
        }
        Subject::GetCard(arguments) => {
            let table = reads::get_card(&arguments)?;
            machine::description() + &table
        }
    };
    output::print(table.as_bytes())
}

fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::Failed(format!("cannot start: {error}")))
}

/// Runs a measurement of a server that is at work and tells of each request, though nobody reads it.
fn with_log(
    data: &Path,
    work: impl FnOnce() -> Result<String, Failure>,
) -> Result<String, Failure> {
    if let Err(error) = std::fs::read_dir(data) {
        let place = data.display();
        return Err(Failure::Usage(format!("--data {place}: {error}")));
    }
    let nobody = std::fs::OpenOptions::new().write(true).open("/dev/null");
    nobody
        .and_then(|nobody| {
            let looks = (Format::Json, Level::Info);
            logging::start_into(nobody, looks, Clock::system())
        })
        .map_err(|error| Failure::Failed(format!("cannot start the log: {error}")))?;
    let outcome = work();
    if let Err(Failure::Usage(words) | Failure::Failed(words)) = &outcome {
        // The log, where a failure ends up, goes to nobody here.
        eprintln!("{words}");
    }
    outcome
}

/// What one measurement gave.
struct Measured<R> {
    rival: R,
    clients: u32,
    figures: Figures,
}

async fn store(arguments: &StoreArguments) -> Result<String, Failure> {
    let mut measured = Vec::new();
    for round in 0..arguments.rounds as usize {
        for clients in &arguments.clients {
            for place in 0..Rival::ALL.len() {
                // Nobody is always the first.
                let rival = Rival::ALL[(round + place) % Rival::ALL.len()];
                let load = Load {
                    clients: *clients,
                    duration: Duration::from_secs(arguments.seconds),
                };
                let figures = once(rival, &arguments.data, load).await?;
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
    Ok(table(&measured, &arguments.clients))
}

/// One measurement, in a directory that disappears with it.
async fn once(rival: Rival, place: &Path, load: Load) -> Result<Figures, Failure> {
    let directory = tempfile::Builder::new()
        .prefix(".cardwright-bench-")
        .tempdir_in(place)
        .map_err(|error| Failure::Usage(format!("--data {}: {error}", place.display())))?;
    bench::run(rival, directory.path(), load)
        .await
        .map_err(|error| Failure::Failed(error.to_string()))
}

/// The measurement in the middle of its rounds.
fn median<R: PartialEq>(measured: &[Measured<R>], rival: &R, clients: u32) -> Option<Figures> {
    let mut rounds: Vec<Figures> = measured
        .iter()
        .filter(|one| one.rival == *rival && one.clients == clients)
        .map(|one| one.figures)
        .collect();
    rounds.sort_unstable_by_key(Figures::per_second);
    rounds.get(rounds.len() / 2).copied()
}

/// Durable authorizations per second, with the times of half and of all but one in a hundred, and
/// what part of the bare figure the store reaches.
fn table(measured: &[Measured<Rival>], clients: &[u32]) -> String {
    let text = client_counts(clients) + &rows(measured, clients, &Rival::ALL);
    let share = |count: &u32| {
        let rate = |rival| median(measured, &rival, *count).map(|found| found.per_second());
        match (rate(Rival::Store), rate(Rival::Bare)) {
            (Some(ours), Some(bare)) if bare > 0 => format!("{} %", ours * 100 / bare),
            _ => String::new(),
        }
    };
    text + &row(
        "the store, of bare SQLite",
        &clients.iter().map(share).collect::<Vec<String>>(),
    )
}

fn row(name: &str, cells: &[String]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}

/// The head of a table with a column for each number of clients.
fn client_counts(clients: &[u32]) -> String {
    let head = clients.iter().map(|count| match count {
        1 => "1 client".to_owned(),
        count => format!("{count} clients"),
    });
    let head: Vec<String> = head.collect();
    let name = "Durable authorizations per second (p50, p99)";
    row(name, &head) + &row("---", &vec!["---".to_owned(); clients.len()])
}

/// A row for each rival.
fn rows<R: Copy + PartialEq + Display>(
    measured: &[Measured<R>],
    clients: &[u32],
    rivals: &[R],
) -> String {
    let cell =
        |rival: R, count: &u32| median(measured, &rival, *count).map_or_else(String::new, shown);
    let mut text = String::new();
    for rival in rivals {
        let cells: Vec<String> = clients.iter().map(|count| cell(*rival, count)).collect();
        text += &row(&rival.to_string(), &cells);
    }
    text
}

fn shown(figures: Figures) -> String {
    let rate = figures.per_second();
    format!(
        "{rate} ({}, {})",
        milliseconds(figures.p50),
        milliseconds(figures.p99)
    )
}

fn milliseconds(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_the_round_in_the_middle_and_the_share_of_the_bare_figure() {
        let figures = |answered: u64| Figures {
            answered,
            elapsed: Duration::from_secs(2),
            p50: Duration::from_micros(1_234),
            p99: Duration::from_micros(56_070),
        };
        let measured: Vec<Measured<Rival>> = [
            (Rival::Store, 1_500),
            (Rival::Store, 2),
            (Rival::Bare, 2_000),
            (Rival::Store, 9_000),
        ]
        .map(|(rival, answered)| Measured {
            rival,
            clients: 8,
            figures: figures(answered),
        })
        .into();
        let expected = "\
            | Durable authorizations per second (p50, p99) | 8 clients |\n\
            | --- | --- |\n\
            | append and fsync (the limit) |  |\n\
            | bare SQLite, group commit | 1000 (1.23 ms, 56.07 ms) |\n\
            | bare SQLite, a transaction each |  |\n\
            | Cardwright's store | 750 (1.23 ms, 56.07 ms) |\n\
            | the store, of bare SQLite | 75 % |\n";
        assert_eq!(table(&measured, &[8]), expected);
    }
}
