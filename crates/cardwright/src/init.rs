//! `cardwright init`: makes a key and a database.

use std::path::PathBuf;

use cardwright_server::init;
use cardwright_server::ops::environments::NewEnvironment;
use cardwright_server::store::environment::EnvironmentName;
use clap::{Args, ValueEnum};

use crate::log::LogFlags;
use crate::{Failure, output};

/// Make the key file and the database of a new environment, sandbox or production for ever
///
/// What is there already is never touched. No secret is printed: the first start of a sandbox
/// issues its credentials into sandbox.json.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Data directory, made if it is not there
    #[arg(
        long,
        value_name = "DIR",
        env = "CARDWRIGHT_DATA",
        default_value = "./cardwright-data"
    )]
    data: PathBuf,

    /// What the database is for; it never changes
    #[arg(long, value_name = "NAME")]
    environment: Environment,

    /// Make the generated data of a sandbox repeatable; never secrets
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,

    #[command(flatten)]
    log: LogFlags,
}

#[derive(Clone, Copy, ValueEnum)]
enum Environment {
    Sandbox,
    Production,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    arguments.log.start()?;
    let name = match (arguments.environment, arguments.seed) {
        (Environment::Sandbox, _) => EnvironmentName::Sandbox,
        (Environment::Production, None) => EnvironmentName::Production,
        (Environment::Production, Some(_)) => {
            return Err(Failure::Usage(
                "--seed: nothing is generated in production; leave it out".to_owned(),
            ));
        }
    };
    let new = NewEnvironment {
        name,
        seed: arguments.seed,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let made = runtime.block_on(init::run(arguments.data, new))?;
    let text = format!(
        "made an environment: {}\nkey file:  {} (back it up: without it the database cannot be \
         read)\ndatabase:  {}\n",
        name.word(),
        made.key.display(),
        made.database.display()
    );
    output::print(text.as_bytes())
}
