//! `cardwright ledger`: looks at the ledger of a data directory.

use std::path::PathBuf;

use cardwright_server::ledger;
use clap::{Args, Subcommand};

use crate::log::LogFlags;
use crate::{Failure, output};

/// Look at the ledger of a data directory
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Verify(Verify),
}

/// See whether every law of the ledger holds, also while a server is running
///
/// Sums are zero, stored balances are what the journal adds up to, entries have no gaps, holds are
/// open or ended, and authorizations are told of cards what cards say. Prints what was looked at. Exit
/// code 1 when something is wrong, with the first such record on stderr; 2 when the database cannot be
/// read.
#[derive(Args)]
struct Verify {
    /// Data directory to look into; nothing in it is changed
    #[arg(
        long,
        value_name = "DIR",
        env = "CARDWRIGHT_DATA",
        default_value = "./cardwright-data"
    )]
    data: PathBuf,

    #[command(flatten)]
    log: LogFlags,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Command::Verify(verify) = &arguments.command;
    verify.log.start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let outcome = runtime
        .block_on(ledger::verify(&verify.data))
        .map_err(|fault| Failure::Usage(fault.to_string()))?;
    output::print(ledger::table(&outcome.figures).as_bytes())?;
    match outcome.violation {
        None => Ok(()),
        Some(violation) => Err(Failure::Failed(violation.to_string())),
    }
}
