//! `cardwright serve`: a server on a data directory that `init` made.

use std::path::PathBuf;

use cardwright_server::serve::wishes::Wishes;
use cardwright_server::serve::{self, Ready};
use clap::Args;
use serde_json::json;

use crate::log::LogFlags;
use crate::{Failure, output};

/// Serve a data directory that `init` made: production, or a sandbox that is kept
///
/// Every setting may stand in a TOML file under the name of its flag with underscores; a variable
/// stands before the file, a flag before both. In production connections are encrypted, or come
/// from a trusted proxy on this machine. SIGHUP reads the certificate again; SIGTERM ends the server
/// once the requests in flight are answered.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Settings in TOML
    #[arg(long, value_name = "FILE", env = "CARDWRIGHT_CONFIG")]
    config: Option<PathBuf>,

    /// Data directory; ./cardwright-data where nothing is said
    #[arg(long, value_name = "DIR", env = "CARDWRIGHT_DATA")]
    data: Option<PathBuf>,

    /// Where to listen; 127.0.0.1:8080 where nothing is said, and port 0 takes any free one
    #[arg(long, value_name = "ADDR:PORT", env = "CARDWRIGHT_LISTEN")]
    listen: Option<String>,

    /// Certificate in PEM, then those of its issuers
    #[arg(long, value_name = "FILE", env = "CARDWRIGHT_TLS_CERT")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate in PEM
    #[arg(long, value_name = "FILE", env = "CARDWRIGHT_TLS_KEY")]
    tls_key: Option<PathBuf>,

    /// Networks of proxies whose X-Forwarded-For is believed, apart by commas
    #[arg(
        long,
        value_name = "CIDR",
        env = "CARDWRIGHT_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    trusted_proxies: Option<Vec<String>>,

    /// Where to tell figures at /metrics; in production nowhere where nothing is said
    #[arg(long, value_name = "ADDR:PORT", env = "CARDWRIGHT_METRICS_LISTEN")]
    metrics_listen: Option<String>,

    /// How far the timestamp of a signed request may lie from now, 30 to 900 seconds; 300 where
    /// nothing is said
    #[arg(
        long,
        value_name = "SECONDS",
        env = "CARDWRIGHT_SIGNATURE_WINDOW_S",
        allow_negative_numbers = true
    )]
    signature_window_s: Option<i64>,

    /// Requests per second of a credential or a FinCard user; 1000 in production by default
    #[arg(long, value_name = "COUNT", env = "CARDWRIGHT_RATE_LIMIT_PER_SECOND")]
    rate_limit_per_second: Option<u64>,

    /// Open connections of one address; 1024 where nothing is said
    #[arg(long, value_name = "COUNT", env = "CARDWRIGHT_CONNECTIONS_PER_ADDRESS")]
    connections_per_address: Option<u64>,

    /// Private networks that webhooks of a sandbox are delivered to, apart by commas; 127.0.0.0/8
    /// where nothing is said
    #[arg(
        long,
        value_name = "CIDR",
        env = "CARDWRIGHT_ALLOW_WEBHOOK_TARGET",
        value_delimiter = ','
    )]
    allow_webhook_target: Option<Vec<String>>,

    /// How many days messages to webhook endpoints are kept once they have ended, 0 for ever; 90
    /// where nothing is said
    #[arg(long, value_name = "DAYS", env = "CARDWRIGHT_DELIVERY_RETENTION_DAYS")]
    delivery_retention_days: Option<u16>,
    /// Let webhook endpoints have certificates of the authorities in this PEM file too, besides those
    /// that this machine trusts
    #[arg(long, value_name = "FILE", env = "CARDWRIGHT_WEBHOOK_CA")]
    webhook_ca: Option<PathBuf>,

    /// Bring an older schema up to date at the start, instead of saying so and stopping
    #[arg(long, env = "CARDWRIGHT_MIGRATE")]
    migrate: bool,

    /// Print how it is reached as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    log: LogFlags,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let file = match &arguments.config {
        Some(path) => Wishes::read(path)?,
        None => Wishes::default(),
    };
    let words = (file.log_format.as_deref(), file.log_level.as_deref());
    arguments.log.start_or(words)?;
    let as_json = arguments.json;
    let options = wishes(arguments).before(file).options()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(serve::run(options, |ready| announce(ready, as_json)));
    // Told to end twice, nobody wants to wait for a thread that is busy.
    runtime.shutdown_background();
    outcome
}

fn wishes(arguments: Arguments) -> Wishes {
    Wishes {
        data: arguments.data,
        listen: arguments.listen,
        tls_cert: arguments.tls_cert,
        tls_key: arguments.tls_key,
        trusted_proxies: arguments.trusted_proxies,
        metrics_listen: arguments.metrics_listen,
        signature_window_s: arguments.signature_window_s,
        rate_limit_per_second: arguments.rate_limit_per_second,
        connections_per_address: arguments.connections_per_address,
        allow_webhook_target: arguments.allow_webhook_target,
        delivery_retention_days: arguments.delivery_retention_days,
        webhook_ca: arguments.webhook_ca,
        migrate: arguments.migrate.then_some(true),
        log_format: None,
        log_level: None,
    }
}

fn announce(ready: &Ready, as_json: bool) -> Result<(), Failure> {
    let environment = ready.environment.word();
    let line = if as_json {
        json!({
            "environment": environment,
            "base_url": ready.base_url,
            "metrics_url": ready.metrics_url,
        })
        .to_string()
    } else {
        format!("Cardwright {environment} is ready at {}", ready.base_url)
    };
    output::print(format!("{line}\n").as_bytes())
}
