//! `cardwright certify`: the go-live scenarios of a FINCI integration, and a report of how it did.

use std::fs;
use std::path::{Path, PathBuf};

use cardwright_client::Error;
use cardwright_client::certify::{self, Plan, Report, Verdict};
use clap::Args;

use crate::connection::{Connection, failure, trust_of, wait_for};
use crate::{Failure, output};

/// Run the go-live scenarios of a FINCI integration against its webhook receiver and a sandbox
///
/// The receiver is given to a sandbox as its endpoint; then owners are recorded, cards issued,
/// payments made, approved, declined, timed out, repeated, cleared, reversed and returned. What the
/// receiver answers decides. It verifies signatures by the `finci.webhook_secret` of sandbox.json,
/// and gives every card that it has not seen the balance of --card-balance.
///
/// Beyond the contract it looks whether the receiver refuses what the platform did not sign, or signed
/// long ago, and whether it counts increments: H1 to H3, which change no verdict.
///
/// The evidence goes to report.html and report.json in the directory of --out; one line for each
/// scenario goes to stdout. The exit code is 0 where all twelve passed, 1 where one did not.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the receiver takes deliveries
    #[arg(long, value_name = "URL")]
    webhook: String,

    /// Directory for the report; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// What the receiver gives a card that it has not seen, as a decimal such as 1000.00
    #[arg(long, value_name = "AMOUNT", default_value = "1000.00", value_parser = cents)]
    card_balance: i64,

    /// Currency of the accounts; one with two decimals
    #[arg(long, value_name = "CODE", default_value = "EUR", value_parser = currency)]
    currency: String,

    /// Where certify listens for deliveries, to pass them on; the sandbox must reach it there
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    relay: String,

    /// Trust the certificates in this PEM file at --webhook, and no others
    #[arg(long, value_name = "FILE")]
    webhook_ca: Option<PathBuf>,

    #[command(flatten)]
    connection: Connection,
}

/// A decimal with two places; at least 10.00, so that it has parts.
fn cents(text: &str) -> Result<i64, String> {
    let rule = || "a decimal with two places, from 10.00 to 100000.00".to_owned();
    let (whole, cents) = text.split_once('.').ok_or_else(rule)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if cents.len() != 2 || whole.is_empty() || !digits(cents) || !digits(whole) {
        return Err(rule());
    }
    let amount = format!("{whole}{cents}").parse().map_err(|_| rule())?;
    if (1_000..=10_000_000).contains(&amount) {
        Ok(amount)
    } else {
        Err(rule())
    }
}

fn currency(text: &str) -> Result<String, String> {
    match cardwright_core::Currency::parse(text) {
        Some(currency) if currency.decimals() == 2 => Ok(text.to_owned()),
        _ => Err("three capital letters of a currency with two decimals".to_owned()),
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    wait_for(certify(arguments))
}

async fn certify(arguments: &Arguments) -> Result<(), Failure> {
    let sandbox = arguments.connection.directory.sandbox("--data")?;
    let plan = Plan {
        base_url: Some(arguments.connection.base_url()?),
        relay: arguments.relay.clone(),
        card_balance_cents: arguments.card_balance,
        currency: arguments.currency.clone(),
        settings: arguments.connection.settings()?,
        receiver_trust: trust_of("--webhook-ca", arguments.webhook_ca.as_deref())?,
        ..Plan::new(&arguments.webhook, sandbox.into_file())
    };
    // Before the scenarios: their evidence must have somewhere to go.
    prepared(&arguments.out)?;
    let report = certify::run(&plan).await.map_err(|error| stopped(&error))?;
    write(&arguments.out, "report.json", &report.to_json())?;
    write(&arguments.out, "report.html", &report.to_html())?;
    output::print(told(&report, &arguments.out).as_bytes())?;
    match report.verdict {
        Verdict::Passed => Ok(()),
        Verdict::Failed => Err(Failure::Refused),
    }
}

fn stopped(error: &Error) -> Failure {
    match error {
        Error::BaseUrl { .. } | Error::PlainHttp { .. } => {
            Failure::Usage(format!("--webhook, --relay or --base-url: {error}"))
        }
        error if error.is_unreachable() => {
            Failure::Usage(format!("{error}; does the sandbox run?"))
        }
        error => failure(error),
    }
}

fn prepared(directory: &Path) -> Result<(), Failure> {
    fs::create_dir_all(directory)
        .map_err(|error| Failure::Usage(format!("--out: {}: {error}", directory.display())))
}

fn write(directory: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = directory.join(name);
    fs::write(&path, text).map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))
}

/// One line for each scenario, with what a failed one stumbled over, and one for all.
fn told(report: &Report, directory: &Path) -> String {
    let mut lines = Vec::new();
    let of_contract = report.scenarios.iter().map(|one| ("", one));
    let beyond = report.hardening.iter().map(|one| ("H", one));
    for (letter, scenario) in of_contract.chain(beyond) {
        let verdict = scenario.verdict.word();
        let number = format!("{letter}{}", scenario.number);
        lines.push(format!("{verdict} {number:>2} {}", scenario.title));
        let stumbled = scenario.checks.last();
        if let (Verdict::Failed, Some(check)) = (scenario.verdict, stumbled) {
            let seen: String = check.seen.chars().take(300).collect();
            let line = format!("not so: {}; seen: {seen}", check.claim);
            lines.push(format!("          {}", line.escape_debug()));
        }
    }
    let (passed, of) = (report.passed, report.of);
    let page = directory.join("report.html");
    lines.push(format!("{passed} of {of} passed; see {}\n", page.display()));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_has_two_places_and_parts() {
        assert_eq!(cents("1000.00"), Ok(100_000));
        assert_eq!(cents("10.05"), Ok(1_005));
        for wrong in [
            "1000",
            "9.99",
            "100000.01",
            "1.000",
            "-5.00",
            "1e3",
            ".50",
            "",
            "+10.00",
        ] {
            assert!(cents(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_currency_has_two_decimals() {
        assert!(currency("EUR").is_ok() && currency("USD").is_ok());
        for wrong in ["JPY", "eur", "KWD", "XXQ", ""] {
            assert!(currency(wrong).is_err(), "{wrong}");
        }
    }
}
