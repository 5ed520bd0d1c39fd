//! `cardwright trigger`: one event of a running sandbox, made to happen.

use cardwright_client::trigger::{Desk, EVENTS};
use cardwright_client::{Error, SandboxFile};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::connection::{Connection, failure, wait_for};
use crate::{Failure, output};

/// Make an event happen in a running sandbox
///
/// Nothing is made up: what causes the event is done, by the calls of both APIs and by what the
/// sandbox's world outside can do, so that whatever the event says is so. What must be there first is
/// made first. The ids of it go to stdout as JSON. `--list` prints every name and what is done for
/// it.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The event: FINCI's by their `event`, FinCard's by category and type with a dot between
    #[arg(value_name = "EVENT", required_unless_present = "list", hide_possible_values = true, value_parser = PossibleValuesParser::new(EVENTS.iter().map(|event| event.name)))]
    event: Option<String>,

    /// Print the names of all events
    #[arg(long, conflicts_with = "event")]
    list: bool,

    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.event {
        Some(event) => wait_for(pull(arguments, event)),
        None => output::print(listed().as_bytes()),
    }
}

fn listed() -> String {
    let width = EVENTS.iter().map(|event| event.name.len()).max();
    let width = width.unwrap_or_default();
    let line = |event: &cardwright_client::trigger::Event| {
        format!("{:width$}  {}\n", event.name, event.about.trim())
    };
    EVENTS.iter().map(line).collect()
}

async fn pull(arguments: &Arguments, event: &str) -> Result<(), Failure> {
    let connection = &arguments.connection;
    let file: SandboxFile = connection.directory.sandbox("--data")?.into_file();
    let base_url = connection.base_url()?;
    let desk = Desk::new(&file, &base_url, connection.settings()?);
    let desk = desk.map_err(|error| failure(&error))?;
    match desk.pull(event).await {
        Ok(made) => output::print_body(&made.to_string()),
        Err(error @ (Error::Refused(_) | Error::FinciRefused(_) | Error::FincardRefused(_))) => {
            Err(Failure::Failed(error.to_string()))
        }
        Err(error) if error.is_unreachable() => {
            Err(Failure::Usage(format!("{error}; does the sandbox run?")))
        }
        Err(error) => Err(failure(&error)),
    }
}
