//! `cardwright bench card-info` and `cardwright bench get-card`: a whole issuer that tells of its
//! cards, in a session and by signed requests, beside the least that such an endpoint can do.

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use cardwright_server::bench::cores::Cores;
use cardwright_server::bench::get_card::Rival;
use cardwright_server::bench::reads::Endpoint;
use cardwright_server::bench::{Issuer, Limits, Size, card_info, get_card};
use cardwright_server::store::db::bench::Load;
use clap::Args;
use tokio::runtime::Runtime;

use super::{Measured, median, milliseconds, row, with_log};
use crate::Failure;

/// A whole issuer: `card/info` of the FinCard Virtual API, beside a bare endpoint
///
/// The server has one core and the clients, in the same process, another. The bare endpoint is
/// axum with the same requests, the check of the token, and an answer as long. Every request of
/// the issuer is logged, but nobody reads the log. Before each measurement of an issuer its files are
/// read once.
#[derive(Args)]
pub(super) struct CardInfoArguments {
    #[command(flatten)]
    common: Common,
}

/// A whole issuer: signed `get-card` of the FINCI Card API, beside a bare endpoint and other programs
///
/// The server has one core and the clients, in the same process, another. The bare endpoint is
/// axum with the same requests, the check of the signature, and an answer as long. Every request of
/// the issuer is logged, but nobody reads the log.
#[derive(Args)]
pub(super) struct GetCardArguments {
    #[command(flatten)]
    common: Common,

    /// Measure another program that checks the same signature, too; it is started on the server's core
    /// with PORT, TOKEN, SECRET, ANSWER_BYTES and DIRECTORY in its environment
    #[arg(long, value_name = "PROGRAM")]
    rival: Vec<PathBuf>,
}

#[derive(Args)]
struct Common {
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

    /// How many entries of the journal that other issuer has; 0 for one a card
    #[arg(long, value_name = "N", default_value = "0")]
    compare_entries: u64,

    /// Directory on the disk that is measured; what is written there is removed again
    #[arg(long, value_name = "DIR", default_value = ".")]
    data: PathBuf,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Contender {
    Bare(&'static str),
    /// Another program.
    Rival(String),
    /// An issuer with so many cards.
    Issuer(u32),
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contender::Bare(what) => write!(f, "bare axum, {what}"),
            Contender::Rival(name) => f.write_str(name),
            Contender::Issuer(cards) => write!(f, "Cardwright, {cards} cards"),
        }
    }
}

/// Those that are measured, and what keeps them alive.
struct Arena {
    runtime: Runtime,
    issuers: Vec<Issuer>,
    contenders: Vec<(Contender, Endpoint)>,
    rivals: Vec<Rival>,
}

pub(super) fn card_info(arguments: &CardInfoArguments) -> Result<String, Failure> {
    let common = &arguments.common;
    with_cores(common, |cores| {
        let mut arena = arena(common, cores, &async |issuer| {
            Ok(card_info::endpoint(issuer).await?)
        })?;
        let bare = arena.runtime.block_on(async {
            let (issuer, (_, like)) = (&arena.issuers[0], &arena.contenders[0]);
            let (endpoint, _served) = card_info::bare(issuer, like.answer_bytes().await?).await?;
            Ok::<_, Failure>(endpoint)
        })?;
        let bare = (Contender::Bare("the token checked"), bare);
        arena.contenders.insert(0, bare);
        compare(common, cores, arena, "`card/info`")
    })
}

pub(super) fn get_card(arguments: &GetCardArguments) -> Result<String, Failure> {
    let common = &arguments.common;
    with_cores(common, |cores| {
        let mut arena = arena(common, cores, &async |issuer| {
            Ok(get_card::endpoint(issuer))
        })?;
        let (bare, rivals) = arena.runtime.block_on(async {
            let (issuer, (_, like)) = (&arena.issuers[0], &arena.contenders[0]);
            let bytes = like.answer_bytes().await?;
            let (endpoint, _served) = get_card::bare(issuer, bytes).await?;
            let mut rivals = Vec::new();
            for program in &arguments.rival {
                rivals.push(Rival::start(issuer, program, bytes).await?);
            }
            Ok::<_, Failure>((endpoint, rivals))
        })?;
        let bare = (Contender::Bare("the signature checked"), bare);
        arena.contenders.insert(0, bare);
        for (program, rival) in arguments.rival.iter().zip(&rivals) {
            let name = program.file_name().unwrap_or(program.as_os_str());
            let name = Contender::Rival(name.to_string_lossy().into_owned());
            arena.contenders.push((name, rival.endpoint.clone()));
        }
        arena.rivals = rivals;
        compare(common, cores, arena, "signed `get-card`")
    })
}

fn with_cores(
    common: &Common,
    work: impl FnOnce(&Cores) -> Result<String, Failure>,
) -> Result<String, Failure> {
    with_log(&common.data, || {
        // Before any thread is started: they all go where this one is.
        let cores = Cores::take_server();
        eprintln!("{cores}");
        work(&cores)
    })
}

/// The issuers, filled.
fn arena(
    common: &Common,
    cores: &Cores,
    endpoint: &impl AsyncFn(&Issuer) -> Result<Endpoint, Failure>,
) -> Result<Arena, Failure> {
    let runtime = cores.server_runtime()?;
    let mut issuers = Vec::new();
    let mut contenders = Vec::new();
    let sizes = [
        Some((common.cards, 0)),
        common
            .compare_cards
            .map(|cards| (cards, common.compare_entries)),
    ];
    for (cards, entries) in sizes.into_iter().flatten() {
        eprintln!("filling {cards} cards");
        let issuer = runtime.block_on(Issuer::start(
            &common.data,
            Size { cards, entries },
            Limits::None,
        ))?;
        let endpoint = runtime.block_on(endpoint(&issuer))?;
        issuers.push(issuer);
        contenders.push((Contender::Issuer(cards), endpoint));
    }
    Ok(Arena {
        runtime,
        issuers,
        contenders,
        rivals: Vec::new(),
    })
}

fn compare(common: &Common, cores: &Cores, arena: Arena, subject: &str) -> Result<String, Failure> {
    let measured = measure(common, cores, &arena)?;
    let contenders = arena.contenders.iter();
    let contenders: Vec<Contender> = contenders.map(|(contender, _)| contender.clone()).collect();
    drop(arena.rivals);
    for issuer in arena.issuers {
        let outcome = arena.runtime.block_on(issuer.end())?;
        if let Some(violation) = outcome.violation {
            return Err(Failure::Failed(format!("the ledger: {violation}")));
        }
    }
    Ok(format!(
        "- Cores: {cores}.\n\n{}",
        table(&measured, (subject, common.clients), &contenders)
    ))
}

fn measure(
    common: &Common,
    cores: &Cores,
    Arena {
        issuers,
        contenders,
        ..
    }: &Arena,
) -> Result<Vec<Measured<Contender>>, Failure> {
    let load = Load {
        clients: common.clients,
        duration: Duration::from_secs(common.seconds),
    };
    let mut measured = Vec::new();
    for round in 0..common.rounds as usize {
        for place in 0..contenders.len() {
            // Nobody is always the first.
            let (rival, endpoint) = &contenders[(round + place) % contenders.len()];
            if matches!(rival, Contender::Issuer(_)) {
                for issuer in issuers {
                    issuer.warm_up()?;
                }
            }
            let figures = endpoint.measure(cores, load)?;
            let rate = figures.per_second();
            eprintln!("round {}: {rival}: {rate}/s", round + 1);
            measured.push(Measured {
                rival: rival.clone(),
                clients: load.clients,
                figures,
            });
        }
    }
    Ok(measured)
}

/// The rates and times of all, and what part of the bare endpoint's rate each has.
fn table(
    measured: &[Measured<Contender>],
    (subject, clients): (&str, u32),
    contenders: &[Contender],
) -> String {
    let head = ["requests/s", "p50", "p99", "of bare axum"].map(str::to_owned);
    let name = format!("{subject}, {clients} clients");
    let mut text = row(&name, &head) + &row("---", &head.map(|_| "---".to_owned()));
    let rate = |contender: &Contender| {
        let figures = median(measured, contender, clients);
        figures.map_or(0, |figures| figures.per_second()).max(1)
    };
    let of_kind = |is: fn(&Contender) -> bool| contenders.iter().filter(move |one| is(one));
    let bare = of_kind(|one| matches!(one, Contender::Bare(_)))
        .map(rate)
        .max();
    let bare = bare.unwrap_or(1);
    let mut shares = String::new();
    for contender in contenders {
        let Some(figures) = median(measured, contender, clients) else {
            continue;
        };
        let share = format!("{} %", figures.per_second() * 100 / bare);
        if matches!(contender, Contender::Issuer(_)) {
            // Writing to a string cannot fail.
            let _ = writeln!(
                shares,
                "- {contender}: {share} of bare axum (target: at least 60 %)."
            );
            for rival in of_kind(|one| matches!(one, Contender::Rival(_))) {
                let tenths = figures.per_second() * 10 / rate(rival);
                let _ = writeln!(
                    shares,
                    "- {contender}: {}.{} times {rival} (target: at least 1.5).",
                    tenths / 10,
                    tenths % 10
                );
            }
        }
        let [p50, p99] = [figures.p50, figures.p99].map(milliseconds);
        let cells = [figures.per_second().to_string(), p50, p99, share];
        text += &row(&contender.to_string(), &cells);
    }
    text + "\n" + &shares
}

#[cfg(test)]
mod tests {
    use cardwright_server::store::db::bench::Figures;

    use super::*;

    #[test]
    fn each_issuer_is_told_as_a_share_of_the_bare_endpoint_and_of_each_rival() {
        let bare = Contender::Bare("the token checked");
        let (small, large) = (Contender::Issuer(10), Contender::Issuer(20));
        let rival = Contender::Rival("other".to_owned());
        let measured = [
            (&bare, 200),
            (&small, 130),
            (&large, 50),
            (&small, 90),
            (&rival, 60),
        ];
        let measured = measured.map(|(rival, answered)| Measured {
            rival: rival.clone(),
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
            | other | 60 | 1.00 ms | 2.50 ms | 30 % |\n\
            \n\
            - Cardwright, 10 cards: 65 % of bare axum (target: at least 60 %).\n\
            - Cardwright, 10 cards: 2.1 times other (target: at least 1.5).\n\
            - Cardwright, 20 cards: 25 % of bare axum (target: at least 60 %).\n\
            - Cardwright, 20 cards: 0.8 times other (target: at least 1.5).\n";
        let contenders = [bare, small, large, rival];
        assert_eq!(table(&measured, ("`card/info`", 64), &contenders), expected);
    }
}
