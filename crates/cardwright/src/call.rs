//! `cardwright call`: real calls to a FINCI or FinCard server, signed or logged in.

mod fincard;
mod finci;

use cardwright_client::Response;
use clap::{Args, Subcommand};

use crate::Failure;
use crate::connection::{Connection, failure, wait_for};

/// Make a real, signed or logged-in call; exit code 0 means that it succeeded
///
/// The body of the answer goes to stdout, its status to stderr. Base URL and credentials come from
/// the sandbox.json of a sandbox unless flags give them.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    api: Api,
}

#[derive(Subcommand)]
enum Api {
    Finci(finci::Arguments),
    Fincard(fincard::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.api {
        Api::Finci(arguments) => wait_for(finci::run(arguments)),
        Api::Fincard(arguments) => wait_for(fincard::run(arguments)),
    }
}

/// The status of an answer, for stderr.
fn status_line(response: &Response) -> String {
    let mut facts = vec![format!("HTTP {}", response.status)];
    facts.extend(
        response
            .request_id
            .as_ref()
            .map(|id| format!("request {}", id.escape_debug())),
    );
    facts.extend(
        response
            .retry_after_seconds
            .map(|seconds| format!("retry after {seconds} s")),
    );
    let form = response.canonical_form.as_ref();
    facts.extend(form.map(|form| format!("canonical form {}", form.escape_debug())));
    facts.join(", ")
}
