//! `cardwright clock`: the time of a running sandbox.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::Failure;
use crate::connection::wait_for;
use crate::operator::{self, OperatorFlags};

/// Read and move the time of a running sandbox
///
/// The clock that comes out goes to stdout as JSON, with how many steps were taken that became due.
/// Time never goes back. Signatures, sessions and audit rows keep real time.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show the time
    Get {
        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Set the time
    Set {
        /// Time, such as 2027-01-31T08:00:00Z
        time: String,

        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Move the time forward
    Advance {
        /// ISO 8601 duration, such as PT36H, P7D or P1M
        #[arg(
            value_name = "DURATION",
            required_unless_present = "to",
            allow_hyphen_values = true
        )]
        by: Option<String>,

        /// Move to this time instead
        #[arg(long, value_name = "TIME", conflicts_with = "by")]
        to: Option<String>,

        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Let the time stand still
    Freeze {
        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Let the time run on from where it stands
    Unfreeze {
        #[command(flatten)]
        operator: OperatorFlags,
    },
}

const CLOCK: &str = "/sandbox/v1/clock";
const ADVANCE: &str = "/sandbox/v1/clock/advance";

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    wait_for(call(&arguments.action))
}

async fn call(action: &Action) -> Result<(), Failure> {
    let answer = match action {
        Action::Get { operator } => operator.client()?.get(CLOCK).await,
        Action::Set { time, operator } => {
            operator.client()?.put(CLOCK, &json!({"now": time})).await
        }
        Action::Advance { by, to, operator } => {
            let body = match (by, to) {
                (Some(by), _) => json!({"by": by}),
                (None, to) => json!({"to": to}),
            };
            operator.client()?.post(ADVANCE, &body).await
        }
        Action::Freeze { operator } => operator.client()?.put(CLOCK, &mode("frozen")).await,
        Action::Unfreeze { operator } => operator.client()?.put(CLOCK, &mode("running")).await,
    };
    operator::print(answer)
}

fn mode(word: &str) -> Value {
    json!({ "mode": word })
}
