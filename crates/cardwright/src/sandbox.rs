//! `cardwright sandbox`: a whole issuer on this machine.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use cardwright_server::app::Settings;
use cardwright_server::config::{
    WEBHOOK_TARGETS, allowed_networks, call_rate, listen_address, signature_window, webhook_targets,
};
use cardwright_server::directory::Place;
use cardwright_server::network::Breadth;
use cardwright_server::ops::deliveries::Retention;
use cardwright_server::ops::files::MostFiles;
use cardwright_server::ops::reveals::RevealLimits;
use cardwright_server::sandbox::{self, Encryption, Options, Running, welcome};
use cardwright_server::seed_file::SeedFile;
use cardwright_server::store::db::Durability;
use cardwright_server::throttle::CallRate;
use cardwright_server::tls::authorities;
use cardwright_wire::finci::signature::Window;
use clap::{Args, ValueEnum};

use crate::log::LogFlags;
use crate::{Failure, output};

/// Start a sandbox: an embedded database, a demo program, and everything that serves it
///
/// What other programs need to use it is written to sandbox.json in the data directory. Logs go to
/// stderr. It ends on Ctrl-C, SIGTERM or when its terminal closes, once the requests in flight are
/// answered.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a flag of the command line is there or not"
)]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDR:PORT", env = "CARDWRIGHT_LISTEN", default_value = "127.0.0.1:8080", value_parser = listen_address)]
    listen: SocketAddr,

    /// Data directory, made if it is not there
    #[arg(
        long,
        value_name = "DIR",
        env = "CARDWRIGHT_DATA",
        default_value = "./cardwright-data"
    )]
    data: PathBuf,

    /// Keep everything in a temporary directory that is removed in the end; --data is ignored
    #[arg(long)]
    ephemeral: bool,

    /// Make generated ids, card numbers and people repeatable; never secrets
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,

    /// Begin with the holders, accounts and cards of this JSON file; for a new database
    ///
    /// The ids that they were given are written to seeded.json in the data directory.
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,

    /// Print the content of sandbox.json as one line when ready, and nothing else
    #[arg(long)]
    json: bool,

    /// Let the demo credentials be used from this network too; may be repeated
    #[arg(long, value_name = "CIDR")]
    allow: Vec<String>,

    /// Let --allow name the network of all addresses
    #[arg(long)]
    allow_any: bool,

    /// Deliver webhooks to this private network too; may be repeated, and replaces the default
    ///
    /// Other private addresses are never connected to, whatever name stands for them.
    #[arg(long, value_name = "CIDR", default_value = WEBHOOK_TARGETS)]
    allow_webhook_target: Vec<String>,

    /// Let webhook endpoints have certificates of the authorities in this PEM file too, besides those
    /// that this machine trusts
    #[arg(long, value_name = "FILE", env = "CARDWRIGHT_WEBHOOK_CA")]
    webhook_ca: Option<PathBuf>,

    /// How far the timestamp of a signed request may lie from now, 30 to 900 seconds
    #[arg(long, value_name = "SECONDS", env = "CARDWRIGHT_SIGNATURE_WINDOW_S", default_value = "300", allow_negative_numbers = true, value_parser = signature_window)]
    signature_window_s: Window,

    /// Speak TLS, with a certificate that the sandbox signs for itself
    ///
    /// Its path stands in sandbox.json as tls_certificate_path; the commands of this program trust
    /// it by that.
    #[arg(long)]
    tls: bool,

    /// Requests per second of a credential or a FinCard user, 1 to 1000000; any number without it
    #[arg(long, value_name = "COUNT", env = "CARDWRIGHT_RATE_LIMIT_PER_SECOND", value_parser = call_rate)]
    rate_limit_per_second: Option<CallRate>,

    /// How often a user may look at card numbers, codes and links, a minute; all users of a tenant
    /// together four times as often
    #[arg(
        long,
        value_name = "NUMBER",
        env = "CARDWRIGHT_REVEALS_PER_MINUTE",
        default_value = "3000"
    )]
    reveals_per_minute: NonZeroU32,

    /// How many files a tenant can upload in all
    #[arg(
        long,
        value_name = "NUMBER",
        env = "CARDWRIGHT_FILES_PER_TENANT",
        default_value = "20000"
    )]
    files_per_tenant: u32,

    /// How many days of a tenant's time messages to webhook endpoints are kept once they have ended; 0
    /// is for ever
    #[arg(
        long,
        value_name = "DAYS",
        env = "CARDWRIGHT_DELIVERY_RETENTION_DAYS",
        default_value = "90"
    )]
    delivery_retention_days: u16,

    /// What an answer waits for: full is the disk; normal is the operating system, which may lose
    /// answered requests at a power cut, for tests only
    #[arg(long, value_name = "WHAT", default_value = "full")]
    durability: DurabilityFlag,

    #[command(flatten)]
    log: LogFlags,
}

#[derive(Clone, Copy, ValueEnum)]
enum DurabilityFlag {
    Full,
    Normal,
}

impl From<DurabilityFlag> for Durability {
    fn from(flag: DurabilityFlag) -> Durability {
        match flag {
            DurabilityFlag::Full => Durability::Full,
            DurabilityFlag::Normal => Durability::Normal,
        }
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    arguments.log.start()?;
    let as_json = arguments.json;
    let options = options(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(sandbox::run(options, |running| announce(running, as_json)));
    // Told to end twice, nobody wants to wait for a thread that is busy.
    runtime.shutdown_background();
    outcome
}

fn options(arguments: Arguments) -> Result<Options, Failure> {
    let breadth = if arguments.allow_any {
        Breadth::AllowAny
    } else {
        Breadth::Bounded
    };
    let allowed = allowed_networks(&arguments.allow, breadth)
        .map_err(|fault| Failure::Usage(fault.to_string()))?;
    let webhook_targets =
        webhook_targets("--allow-webhook-target", &arguments.allow_webhook_target)
            .map_err(|fault| Failure::Usage(fault.to_string()))?;
    let webhook_ca = arguments.webhook_ca.as_deref();
    let webhook_authorities = webhook_ca.map(|path| authorities("--webhook-ca", path));
    let webhook_authorities = webhook_authorities
        .transpose()
        .map_err(|fault| Failure::Usage(fault.to_string()))?
        .unwrap_or_default();
    let place = if arguments.ephemeral {
        Place::Ephemeral
    } else {
        Place::Kept(arguments.data)
    };
    let seed_file = arguments.seed_file.as_deref().map(SeedFile::read);
    let seed_file = seed_file
        .transpose()
        .map_err(|fault| Failure::Usage(fault.to_string()))?;
    Ok(Options {
        listen: arguments.listen,
        place,
        durability: arguments.durability.into(),
        seed: arguments.seed,
        seed_file,
        allowed,
        encryption: if arguments.tls {
            Encryption::SelfSigned
        } else {
            Encryption::Plain
        },
        settings: Settings {
            signature_window: arguments.signature_window_s,
            call_rate: arguments.rate_limit_per_second,
            reveals: RevealLimits::for_user(arguments.reveals_per_minute),
            most_files: MostFiles(arguments.files_per_tenant.into()),
            webhook_targets,
            delivery_retention: Retention::of_days(arguments.delivery_retention_days),
            webhook_authorities,
            ..Settings::default()
        },
    })
}

fn announce(running: &Running, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let line = running.file.one_line();
        let line = line.map_err(|error| Failure::Failed(error.to_string()))?;
        return output::print(format!("{line}\n").as_bytes());
    }
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("cardwright"));
    output::print(welcome::text(running, &program).as_bytes())
}
