//! `cardwright doctor`: looks whether a data directory is in order.

use std::path::PathBuf;

use cardwright_server::clock::Clock;
use cardwright_server::doctor;
use clap::Args;

use crate::connection::wait_for;
use crate::log::LogFlags;
use crate::{Failure, output};

/// See whether a data directory is in order, also while a server is running
///
/// Files and who may read them, the schema, the keys, the clock, and every law of the ledger. Prints
/// what was found and the figures, and no secret. Exit code 1 when something is broken; 2 when there
/// is nothing to look at.
#[derive(Args)]
pub(crate) struct Arguments {
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
    arguments.log.start()?;
    wait_for(async {
        let report = doctor::examine(&arguments.data, &Clock::system()).await;
        let report = report.map_err(|fault| Failure::Usage(fault.to_string()))?;
        output::print(report.text().as_bytes())?;
        match report.broken() {
            0 => Ok(()),
            count => Err(Failure::Failed(format!(
                "{count} of the checks found something broken"
            ))),
        }
    })
}
