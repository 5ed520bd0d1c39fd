//! What an operator asks for, from flags, the environment and a file, read into what can be served.
//!
//! Law: a flag or variable stands before the file, entry by entry. An entry that nobody knows, or
//! whose value cannot be right, is named.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Options, Upgrade};
use crate::config::{Fault, call_rate, listen_address, signature_window, webhook_targets};
use crate::network::{AddressList, Breadth};
use crate::ops::deliveries::Retention;
use crate::tls::TlsFiles;

/// Where to listen where nobody says.
const LISTEN: &str = "127.0.0.1:8080";
/// The data directory where nobody says.
const DATA: &str = "./cardwright-data";
/// The most connections of one address that can be configured.
const CONNECTIONS_MAX: u64 = 1_000_000;

/// What was asked for, entry by entry; nothing where it was left out.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wishes {
    /// The data directory.
    pub data: Option<PathBuf>,
    /// Address and port to listen on.
    pub listen: Option<String>,
    /// The certificate in PEM, then those of its issuers.
    pub tls_cert: Option<PathBuf>,
    /// Its private key in PEM.
    pub tls_key: Option<PathBuf>,
    /// Networks of proxies that may say for whom they speak.
    pub trusted_proxies: Option<Vec<String>>,
    /// Address and port to tell figures on.
    pub metrics_listen: Option<String>,
    /// How far a signed request's timestamp may lie from now, in seconds.
    pub signature_window_s: Option<i64>,
    /// Requests per second of a credential or a user.
    pub rate_limit_per_second: Option<u64>,
    /// Open connections of one address.
    pub connections_per_address: Option<u64>,
    /// Private networks that webhooks of a sandbox are delivered to.
    pub allow_webhook_target: Option<Vec<String>>,
    /// How many days messages to webhook endpoints are kept once they have ended; 0 is for ever.
    pub delivery_retention_days: Option<u16>,
    /// Certificates in PEM of authorities that webhook endpoints may have theirs from too.
    pub webhook_ca: Option<PathBuf>,
    /// Whether an older schema is brought up to date at the start.
    pub migrate: Option<bool>,
    /// How log lines look.
    pub log_format: Option<String>,
    /// The least important lines that are logged.
    pub log_level: Option<String>,
}

impl Wishes {
    /// Reads a file in TOML.
    pub fn read(path: &Path) -> Result<Wishes, Fault> {
        let fault = |what: String| Fault::new(format!("--config {}", path.display()), what);
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| {
                let before = text.get(..span.start).unwrap_or_default();
                format!("line {}: ", before.matches('\n').count() + 1)
            });
            fault(format!("{}{}", line.unwrap_or_default(), error.message()))
        })
    }

    /// These wishes, and those of another place where these say nothing.
    #[must_use]
    pub fn before(self, other: Wishes) -> Wishes {
        Wishes {
            data: self.data.or(other.data),
            listen: self.listen.or(other.listen),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            metrics_listen: self.metrics_listen.or(other.metrics_listen),
            signature_window_s: self.signature_window_s.or(other.signature_window_s),
            rate_limit_per_second: self.rate_limit_per_second.or(other.rate_limit_per_second),
            connections_per_address: self
                .connections_per_address
                .or(other.connections_per_address),
            allow_webhook_target: self.allow_webhook_target.or(other.allow_webhook_target),
            delivery_retention_days: self
                .delivery_retention_days
                .or(other.delivery_retention_days),
            webhook_ca: self.webhook_ca.or(other.webhook_ca),
            migrate: self.migrate.or(other.migrate),
            log_format: self.log_format.or(other.log_format),
            log_level: self.log_level.or(other.log_level),
        }
    }

    /// What is to be served, or the entry that cannot be right.
    pub fn options(self) -> Result<Options, Fault> {
        let listen = self.listen.as_deref().unwrap_or(LISTEN);
        let proxies = self.trusted_proxies.unwrap_or_default();
        let proxies = AddressList::parse(&proxies, Breadth::Bounded)
            .map_err(|error| Fault::new("trusted_proxies", error.to_string()))?;
        Ok(Options {
            data: self.data.unwrap_or_else(|| PathBuf::from(DATA)),
            listen: named("listen", listen, listen_address)?,
            tls: tls(self.tls_cert, self.tls_key)?,
            proxies,
            metrics: self
                .metrics_listen
                .map(|text| named("metrics_listen", text, |text| listen_address(&text)))
                .transpose()?,
            signature_window: match self.signature_window_s {
                Some(seconds) => named("signature_window_s", seconds, |s| {
                    signature_window(&s.to_string())
                })?,
                None => cardwright_wire::finci::signature::Window::default(),
            },
            call_rate: self
                .rate_limit_per_second
                .map(|count| {
                    named("rate_limit_per_second", count, |count| {
                        call_rate(&count.to_string())
                    })
                })
                .transpose()?,
            connections_per_address: self
                .connections_per_address
                .map(|count| named("connections_per_address", count, connections))
                .transpose()?,
            webhook_targets: self
                .allow_webhook_target
                .map(|networks| webhook_targets("allow_webhook_target", &networks))
                .transpose()?,
            delivery_retention: self
                .delivery_retention_days
                .map_or_else(Retention::default, Retention::of_days),
            webhook_ca: self.webhook_ca,
            upgrade: if self.migrate == Some(true) {
                Upgrade::Perform
            } else {
                Upgrade::Refuse
            },
        })
    }
}

/// Reads a value; a fault names the entry and what stands there.
fn named<V: Display + Clone, T>(
    entry: &str,
    value: V,
    read: impl FnOnce(V) -> Result<T, String>,
) -> Result<T, Fault> {
    read(value.clone()).map_err(|what| Fault::new(format!("{entry} {value}"), what))
}

fn tls(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>, Fault> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Fault::new("tls_key", "tls_cert needs its key; set tls_key")),
        (None, Some(_)) => Err(Fault::new(
            "tls_cert",
            "tls_key needs its certificate; set tls_cert",
        )),
    }
}

fn connections(count: u64) -> Result<usize, String> {
    let fits = (1..=CONNECTIONS_MAX).contains(&count);
    usize::try_from(count)
        .ok()
        .filter(|_| fits)
        .ok_or_else(|| format!("one address has 1 to {CONNECTIONS_MAX} connections"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Wishes, String> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("cardwright.toml");
        std::fs::write(&path, text).unwrap();
        Wishes::read(&path).map_err(|fault| fault.to_string())
    }

    #[test]
    fn an_entry_that_nobody_knows_or_of_another_type_is_named_with_its_line() {
        for (text, words) in [
            (
                "listen = \"127.0.0.1:1\"\nlisten_on = 2",
                ["line 2", "listen_on"],
            ),
            ("[tls]\ncert = \"x\"", ["line 1", "tls"]),
            ("\n\nlisten = 8080", ["line 3", "string"]),
            ("trusted_proxies = \"10.0.0.0/8\"", ["line 1", "sequence"]),
            ("rate_limit_per_second = -1", ["line 1", "-1"]),
            ("migrate = \"yes\"", ["line 1", "boolean"]),
            ("data = ", ["line 1", "value"]),
            ("data = \"a\"\ndata = \"b\"", ["line 2", "duplicate"]),
        ] {
            let said = read(text).unwrap_err();
            for word in words {
                assert!(said.contains(word), "{word}: {said}");
            }
        }
        assert_eq!(read("# nothing\n"), Ok(Wishes::default()));
    }

    #[test]
    fn what_stands_before_counts_and_the_rest_fills_the_gaps() {
        let flags = Wishes {
            listen: Some("127.0.0.1:1".to_owned()),
            ..Wishes::default()
        };
        let file =
            read("listen = \"127.0.0.1:2\"\nsignature_window_s = 60\nmigrate = true").unwrap();
        let options = flags.before(file).options().unwrap();
        assert_eq!(options.listen.port(), 1);
        assert_eq!(options.signature_window.seconds(), 60);
        assert_eq!(options.upgrade, Upgrade::Perform);
        assert_eq!(options.data, PathBuf::from("./cardwright-data"));
        assert_eq!(
            (options.tls, options.metrics, options.call_rate),
            (None, None, None)
        );
    }

    #[test]
    fn a_value_that_cannot_be_right_names_its_entry() {
        for (text, entry) in [
            ("listen = \"8080\"", "listen 8080: "),
            ("metrics_listen = \"here\"", "metrics_listen here: "),
            ("tls_cert = \"c.pem\"", "tls_key: "),
            ("tls_key = \"k.pem\"", "tls_cert: "),
            ("trusted_proxies = [\"10.0.0.1/8\"]", "trusted_proxies: "),
            ("trusted_proxies = [\"0.0.0.0/0\"]", "trusted_proxies: "),
            ("signature_window_s = 0", "signature_window_s 0: "),
            ("signature_window_s = 901", "signature_window_s 901: "),
            ("rate_limit_per_second = 0", "rate_limit_per_second 0: "),
            (
                "rate_limit_per_second = 1000001",
                "rate_limit_per_second 1000001: ",
            ),
            ("connections_per_address = 0", "connections_per_address 0: "),
            (
                "allow_webhook_target = [\"::/0\"]",
                "allow_webhook_target ::/0: opens every network",
            ),
            (
                "allow_webhook_target = [\"10.0.0.1/8\"]",
                "allow_webhook_target 10.0.0.1/8: ",
            ),
        ] {
            let said = read(text).unwrap().options().unwrap_err().to_string();
            assert!(said.starts_with(entry), "{text}: {said}");
        }
    }
}
