//! `cardwright logs`: the signed requests that a sandbox refused, and why.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::connection::wait_for;
use crate::operator::{self, OperatorFlags};
use crate::{Failure, output};

/// How long to wait before asking again for new entries.
const PAUSE: Duration = Duration::from_secs(1);

/// Read what a sandbox keeps about requests
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show the signed requests that failed, each as a line of JSON, with what explains them
    ///
    /// The caller's own answer never says why. The last 1,000 are kept in memory; bodies are cut at
    /// 4 KiB and numbers of cards hidden.
    Tail {
        /// How many of those that are there to begin with, 1 to 1000
        #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
        lines: u16,

        /// Go on with those that come
        #[arg(long, short = 'f')]
        follow: bool,

        #[command(flatten)]
        operator: OperatorFlags,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    wait_for(tail(&arguments.action))
}

async fn tail(action: &Action) -> Result<(), Failure> {
    let Action::Tail {
        lines,
        follow,
        operator,
    } = action;
    let client = operator.client()?;
    let mut path = format!("/sandbox/v1/request-log?limit={lines}");
    let mut last = String::from("0");
    loop {
        let answer = match client.get(&path).await {
            Ok(answer) => answer,
            refused => return operator::print(refused),
        };
        let json = answer
            .json()
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let items = json["items"].as_array().cloned().unwrap_or_default();
        for item in &items {
            if let Some(number) = item["number"].as_str() {
                number.clone_into(&mut last);
            }
            output::print(format!("{}\n", shown(item)).as_bytes())?;
        }
        if !follow {
            return Ok(());
        }
        path = format!("/sandbox/v1/request-log?limit=1000&after={last}");
        pause().await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever follows a log waits between two looks at it"
)]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// One line; JSON has no control characters that could steer a terminal but those above ASCII.
fn shown(item: &Value) -> String {
    let visible = |letter: char| {
        if letter.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        }
    };
    item.to_string().chars().map(visible).collect()
}
