//! `cardwright call`: real calls to a FINCI or FinCard server, signed or logged in.

mod fincard;
mod finci;

use std::time::Duration;

use cardwright_client::{Error, PlainHttp, ProxyChoice, Response, Settings};
use clap::{Args, Subcommand};

use crate::Failure;
use crate::local::DataDirectory;

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
    // One call needs one thread.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    match &arguments.api {
        Api::Finci(arguments) => runtime.block_on(finci::run(arguments)),
        Api::Fincard(arguments) => runtime.block_on(fincard::run(arguments)),
    }
}

/// Which server, and how to reach it.
#[derive(Args)]
struct Connection {
    /// Base URL of the server; without it, that of sandbox.json
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// Longest wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,

    /// Allow http:// to a server that is not on this machine
    #[arg(long)]
    allow_plain_http: bool,

    /// Use the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name
    #[arg(long)]
    proxy_from_environment: bool,

    #[command(flatten)]
    directory: DataDirectory,
}

impl Connection {
    fn base_url(&self) -> Result<String, Failure> {
        match &self.base_url {
            Some(url) => Ok(url.clone()),
            None => self
                .directory
                .sandbox("--base-url and credentials")?
                .entry(|file| file.base_url().map(str::to_owned)),
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            timeout: Duration::from_secs(self.timeout),
            plain_http: if self.allow_plain_http {
                PlainHttp::Anywhere
            } else {
                PlainHttp::LoopbackOnly
            },
            proxy: if self.proxy_from_environment {
                ProxyChoice::FromEnvironment
            } else {
                ProxyChoice::Direct
            },
            ..Settings::default()
        }
    }
}

/// Names the argument at fault, and tells wrong arguments from a call that failed.
fn failure(error: &Error) -> Failure {
    let argument = match error {
        Error::BaseUrl { .. } => "--base-url",
        Error::PlainHttp { .. } => "--base-url (see --allow-plain-http)",
        Error::Credentials { .. } => "--token, --secret",
        Error::Method { .. } => "METHOD",
        Error::Target { .. } | Error::Rewritten { .. } => "PATH",
        Error::Body(_) => "BODY",
        Error::Header { .. } => "a flag",
        _ => return Failure::Failed(error.to_string()),
    };
    Failure::Usage(format!("{argument}: {error}"))
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
