//! Which server a command calls, how it is reached, and how long it is waited for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cardwright_client::{Error, PlainHttp, ProxyChoice, Settings, Trust};
use clap::Args;

use crate::Failure;
use crate::local::DataDirectory;

/// Which server, and how to reach it.
#[derive(Args)]
pub(crate) struct Connection {
    /// Base URL of the server; without it, that of sandbox.json
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,

    /// Longest wait for an answer, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,

    /// Allow http:// to a server that is not on this machine
    #[arg(long, global = true)]
    allow_plain_http: bool,

    /// Trust the certificates in this PEM file and no others; without it those that the machine
    /// trusts, or, where the server is that of sandbox.json, the one that it signed for itself
    #[arg(long, global = true, value_name = "FILE")]
    ca_cert: Option<PathBuf>,

    /// Use the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name
    #[arg(long, global = true)]
    proxy_from_environment: bool,

    #[command(flatten)]
    pub(crate) directory: DataDirectory,
}

impl Connection {
    pub(crate) fn base_url(&self) -> Result<String, Failure> {
        match &self.base_url {
            Some(url) => Ok(url.clone()),
            None => self
                .directory
                .sandbox("--base-url and credentials")?
                .entry(|file| file.base_url().map(str::to_owned)),
        }
    }

    /// Whose certificates are believed.
    fn trust(&self) -> Result<Trust, Failure> {
        let path = match (&self.ca_cert, &self.base_url) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(_)) => None,
            (None, None) => self
                .directory
                .sandbox("--base-url and credentials")?
                .entry(|file| Ok(file.tls_certificate_path().map(PathBuf::from)))?,
        };
        trust_of("--ca-cert", path.as_deref())
    }

    /// Whether the server is the one that sandbox.json is about.
    pub(crate) fn is_of_sandbox_file(&self) -> bool {
        self.base_url.is_none()
    }

    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings {
            trust: self.trust()?,
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
        })
    }
}

/// The certificates in the file of a flag and no others; without a file those that the machine
/// trusts.
pub(crate) fn trust_of(flag: &str, path: Option<&Path>) -> Result<Trust, Failure> {
    let Some(path) = path else {
        return Ok(Trust::System);
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("{flag}: {}: {error}", path.display())))?;
    Ok(Trust::Only(text))
}

/// Names the argument at fault, and tells wrong arguments from a call that failed.
pub(crate) fn failure(error: &Error) -> Failure {
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

/// Runs a call to its end. One call needs one thread.
pub(crate) fn wait_for(call: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?
        .block_on(call)
}
