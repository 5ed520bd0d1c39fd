//! `cardwright migrate`: brings a database to the schema of this program.

use std::fmt::Write;
use std::path::PathBuf;

use cardwright_server::upgrade;
use clap::Args;

use crate::connection::wait_for;
use crate::log::LogFlags;
use crate::{Failure, output};

/// Bring the schema of a database up to date, while no server uses it
///
/// Forward only: make a backup first. The steps that were taken go to stdout. A database of a newer
/// program is left as it is.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Data directory
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
        let taken = upgrade::migrate(&arguments.data).await?;
        let mut text = String::new();
        for step in taken {
            // Writing to a String does not fail.
            let _ = writeln!(text, "step {} {}", step.version, step.name);
        }
        if text.is_empty() {
            text.push_str("the schema is up to date\n");
        }
        output::print(text.as_bytes())
    })
}
