//! `cardwright bench card-info`: a whole issuer that tells of its cards in a session, beside the
//! least that such an endpoint can do.

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use cardwright_server::bench::card_info::{Bare, Endpoint};
use cardwright_server::bench::cores::Cores;
use cardwright_server::bench::{Issuer, Size};
use cardwright_server::store::db::bench::Load;
use clap::Args;

use super::{Measured, median, milliseconds, row, with_log};
use crate::Failure;

/// A whole issuer: `card/info` of the FinCard Virtual API, beside a bare endpoint
///
/// The server has one core and the clients, in the same process, another. The bare endpoint is
/// axum with the same requests, the check of the token, and an answer as long. Every request of
/// the issuer is logged, but nobody reads the log.
#[derive(Args)]
pub(super) struct Arguments {
    /// How many clients ask at once
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u32).range(1..=1024))]
    clients: u32,

    /// How long each measurement takes
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// How often each is repeated; the median counts
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,

    /// How many cards there are
    #[arg(long, value_name = "N", default_value = "10000", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    cards: u32,

    /// Measure an issuer with so many cards, too
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    compare_cards: Option<u32>,

    /// Directory on the disk that is measured; what is written there is removed again
    #[arg(long, value_name = "DIR", default_value = ".")]
    data: PathBuf,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    Bare,
    /// An issuer with so many cards.
    Issuer(u32),
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contender::Bare => f.write_str("bare axum, the token checked"),
            Contender::Issuer(cards) => write!(f, "Cardwright, {cards} cards"),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<String, Failure> {
    with_log(&arguments.data, || {
        // Before any thread is started: they all go where this one is.
        let cores = Cores::take_server();
        eprintln!("{cores}");
        compare(arguments, &cores)
    })
}

fn compare(arguments: &Arguments, cores: &Cores) -> Result<String, Failure> {
    let runtime = cores.server_runtime()?;
    let mut issuers = Vec::new();
    let mut contenders = Vec::new();
    for cards in [Some(arguments.cards), arguments.compare_cards] {
        let Some(cards) = cards else { continue };
        eprintln!("filling {cards} cards");
        let size = Size { cards, entries: 0 };
        let issuer = runtime.block_on(Issuer::start(&arguments.data, size))?;
        let endpoint = runtime.block_on(Endpoint::of(&issuer))?;
        issuers.push(issuer);
        contenders.push((Contender::Issuer(cards), endpoint));
    }
    let (_, first) = contenders.first().ok_or(Failure::Refused)?;
    let bare = runtime.block_on(Bare::start(first))?;
    contenders.insert(0, (Contender::Bare, bare.endpoint().clone()));
    let measured = measure(arguments, cores, &contenders)?;
    let contenders: Vec<Contender> = contenders.iter().map(|(contender, _)| *contender).collect();
    for issuer in issuers {
        let outcome = runtime.block_on(issuer.end())?;
        if let Some(violation) = outcome.violation {
            return Err(Failure::Failed(format!("the ledger: {violation}")));
        }
    }
    Ok(format!(
        "- Cores: {cores}.\n\n{}",
        table(&measured, arguments.clients, &contenders)
    ))
}

fn measure(
    arguments: &Arguments,
    cores: &Cores,
    contenders: &[(Contender, Endpoint)],
) -> Result<Vec<Measured<Contender>>, Failure> {
    let load = Load {
        clients: arguments.clients,
        duration: Duration::from_secs(arguments.seconds),
    };
    let mut measured = Vec::new();
    for round in 0..arguments.rounds as usize {
        for place in 0..contenders.len() {
            // Nobody is always the first.
            let (rival, endpoint) = &contenders[(round + place) % contenders.len()];
            let figures = endpoint.measure(cores, load)?;
            let rate = figures.per_second();
            eprintln!("round {}: {rival}: {rate}/s", round + 1);
            measured.push(Measured {
                rival: *rival,
                clients: load.clients,
                figures,
            });
        }
    }
    Ok(measured)
}

/// The rates and times of all, and what part of the bare endpoint's rate each has.
fn table(measured: &[Measured<Contender>], clients: u32, contenders: &[Contender]) -> String {
    let head = ["requests/s", "p50", "p99", "of bare axum"].map(str::to_owned);
    let name = format!("`card/info`, {clients} clients");
    let mut text = row(&name, &head) + &row("---", &head.map(|_| "---".to_owned()));
    let bare = median(measured, Contender::Bare, clients);
    let bare = bare.map_or(0, |figures| figures.per_second()).max(1);
    let mut shares = String::new();
    for contender in contenders {
        let Some(figures) = median(measured, *contender, clients) else {
            continue;
        };
        let rate = figures.per_second();
        let share = format!("{} %", rate * 100 / bare);
        if *contender != Contender::Bare {
            // Writing to a string cannot fail.
            let _ = writeln!(
                shares,
                "- {contender}: {share} of bare axum (target: at least 60 %)."
            );
        }
        let times = [figures.p50, figures.p99].map(milliseconds);
        let [p50, p99] = times;
        text += &row(&contender.to_string(), &[rate.to_string(), p50, p99, share]);
    }
    text + "\n" + &shares
}

#[cfg(test)]
mod tests {
    use cardwright_server::store::db::bench::Figures;

    use super::*;

    #[test]
    fn each_issuer_is_told_as_a_share_of_the_bare_endpoint() {
        let small = Contender::Issuer(10);
        let large = Contender::Issuer(20);
        let measured = [
            (Contender::Bare, 200),
            (small, 130),
            (large, 50),
            (small, 90),
        ];
        let measured = measured.map(|(rival, answered)| Measured {
            rival,
            clients: 64,
            figures: Figures {
                answered,
                elapsed: Duration::from_secs(1),
                p50: Duration::from_millis(1),
                p99: Duration::from_micros(2_500),
            },
        });
        let expected = "\
            | `card/info`, 64 clients | requests/s | p50 | p99 | of bare axum |\n\
            | --- | --- | --- | --- | --- |\n\
            | bare axum, the token checked | 200 | 1.00 ms | 2.50 ms | 100 % |\n\
            | Cardwright, 10 cards | 130 | 1.00 ms | 2.50 ms | 65 % |\n\
            | Cardwright, 20 cards | 50 | 1.00 ms | 2.50 ms | 25 % |\n\
            \n\
            - Cardwright, 10 cards: 65 % of bare axum (target: at least 60 %).\n\
            - Cardwright, 20 cards: 25 % of bare axum (target: at least 60 %).\n";
        assert_eq!(
            table(&measured, 64, &[Contender::Bare, small, large]),
            expected
        );
    }
}
