//! `cardwright bench webhooks`: a whole issuer that tells a receiver of events, beside the sender
//! alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cardwright_server::bench::webhooks::{Plan, Told};
use cardwright_server::bench::{Issuer, Limits, Size};
use clap::Args;

use super::{milliseconds, row};
use crate::Failure;

/// A whole issuer: events delivered to a receiver, beside the sender alone
///
/// First many at once: how many reach the receiver per second, from the first event on. Then events
/// at a steady rate: how long each takes from before its write to its arrival. The receiver is in
/// the same process.
#[derive(Args)]
pub(super) struct Arguments {
    /// How many messages at once
    #[arg(long, value_name = "N", default_value = "20000", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    messages: u32,

    /// How many events a second afterwards
    #[arg(long, value_name = "N", default_value = "500", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,

    /// For how long
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,

    /// How often all of that is repeated; the run in the middle counts
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,

    /// Directory on the disk that is measured; what is written there is removed again
    #[arg(long, value_name = "DIR", default_value = ".")]
    data: PathBuf,
}

impl Arguments {
    pub(super) fn place(&self) -> &Path {
        &self.data
    }
}

pub(super) async fn run(arguments: &Arguments) -> Result<String, Failure> {
    let plan = Plan {
        messages: arguments.messages,
        per_second: arguments.rate,
        duration: Duration::from_secs(arguments.seconds.into()),
    };
    let size = Size {
        cards: arguments.rate.saturating_mul(arguments.seconds),
        entries: 0,
    };
    let mut rounds = Vec::new();
    for number in 1..=arguments.rounds {
        let issuer = Issuer::start(&arguments.data, size, Limits::None).await?;
        let told = issuer.tell(plan).await?;
        let (rate, bare) = (told.per_second, told.bare_per_second);
        eprintln!("round {number}: {rate}/s, the sender alone {bare}/s");
        let outcome = issuer.end().await?;
        if let Some(violation) = outcome.violation {
            return Err(Failure::Failed(format!("the ledger: {violation}")));
        }
        rounds.push(told);
    }
    rounds.sort_unstable_by_key(|told| told.per_second);
    let middle = rounds.get(rounds.len() / 2).ok_or(Failure::Refused)?;
    Ok(table(middle, arguments.rate))
}

fn table(told: &Told, rate: u32) -> String {
    let head = ["messages/s".to_owned(), "p50".to_owned(), "p99".to_owned()];
    let [p50, p99] = [told.p50, told.p99].map(milliseconds);
    let none = String::new;
    let name = format!("Webhooks; times at {rate} events/s");
    row(&name, &head)
        + &row("---", &vec!["---".to_owned(); head.len()])
        + &row(
            "the sender alone (the limit)",
            &[told.bare_per_second.to_string(), none(), none()],
        )
        + &row("Cardwright", &[told.per_second.to_string(), p50, p99])
        + "\nTargets: at least 3,000 messages/s; event to attempt within 100 ms for all but one in a \
           hundred.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_the_limit_the_rate_and_the_times() {
        let told = Told {
            bare_per_second: 20_000,
            per_second: 5_000,
            p50: Duration::from_micros(4_200),
            p99: Duration::from_millis(31),
        };
        let expected = "\
            | Webhooks; times at 500 events/s | messages/s | p50 | p99 |\n\
            | --- | --- | --- | --- |\n\
            | the sender alone (the limit) | 20000 |  |  |\n\
            | Cardwright | 5000 | 4.20 ms | 31.00 ms |\n";
        assert!(table(&told, 500).starts_with(expected));
    }
}
