//! A server on a data directory that `init` made: production, or a sandbox that is kept.
//!
//! Law: what cannot be right stops it at its start, names the entry, and has changed nothing. What
//! is safe in production needs no word: there, connections are encrypted or come from a proxy on
//! this machine, and credentials have a rate.

pub mod wishes;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::api::front::Limits;
use crate::app::{App, Settings};
use crate::capacity::Capacity;
use crate::config::{Fault, Scheme, WEBHOOK_TARGETS, base_url, bind, webhook_targets};
use crate::directory::{Directory, Holdings, Place};
use crate::error::Error;
use crate::init;
use crate::network::AddressList;
use crate::ops::{deliveries::Retention, environments};
use crate::secrets::keys::KeyFile;
use crate::server::{Door, Server};
use crate::signals::{Hangup, Signals};
use crate::store::MIGRATIONS;
use crate::store::db::Db;
use crate::store::environment::{Environment, EnvironmentName};
use crate::throttle::CallRate;
use crate::tls::{Tls, TlsFiles, authorities};
use cardwright_wire::finci::signature::Window;

/// What an operator chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Which data directory.
    pub data: PathBuf,
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// The certificate, where connections are encrypted.
    pub tls: Option<TlsFiles>,
    /// Proxies that may say for whom they speak.
    pub proxies: AddressList,
    /// Where figures are told, if anywhere: in production nowhere else.
    pub metrics: Option<SocketAddr>,
    /// How far the timestamp of a signed request may lie from now.
    pub signature_window: Window,
    /// Requests per second of a credential; without it, what the environment has by itself.
    pub call_rate: Option<CallRate>,
    /// Open connections of one address; without it, the default.
    pub connections_per_address: Option<usize>,
    /// Private networks that webhooks are delivered to all the same; in a sandbox only, and without
    /// it, on this machine.
    pub webhook_targets: Option<AddressList>,
    /// How long messages to webhook endpoints are kept once they have ended.
    pub delivery_retention: Retention,
    /// Certificates of authorities that endpoints may have theirs from, besides those that this
    /// machine believes.
    pub webhook_ca: Option<PathBuf>,
    /// What to do about a schema that is older than the program's.
    pub upgrade: Upgrade,
}

/// What to do about a schema that is older than the program's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Upgrade {
    /// Say so and stop: whoever runs several servers wants to choose the moment.
    Refuse,
    /// Bring it up to date.
    Perform,
}

/// Serves until the process is told to end; `announce` is called when it is ready. SIGHUP reads the
/// certificate again.
pub async fn run<E: From<Fault>>(
    options: Options,
    announce: impl FnOnce(&Ready) -> Result<(), E>,
) -> Result<(), E> {
    let signals = Signals::listen(Hangup::Reloads)
        .map_err(|error| Fault::new("signals", format!("cannot be received: {error}")))?;
    let (first, hangups) = (signals.clone().first(), signals.clone());
    let work = async move {
        let ready = start(options).await?;
        let reloading = tokio::spawn(reload(ready.server.tls().cloned(), hangups));
        let outcome = match announce(&ready) {
            Ok(()) => Ok(ready.server.run(first).await?),
            Err(error) => {
                ready.server.run(std::future::ready(())).await?;
                Err(error)
            }
        };
        reloading.abort();
        outcome
    };
    tokio::select! {
        outcome = work => outcome,
        () = signals.second() => {
            Err(Fault::new("serve", "told to end twice, so nothing was waited for").into())
        }
    }
}

/// Reads the certificate again at every SIGHUP.
async fn reload(tls: Option<Tls>, mut signals: Signals) {
    loop {
        signals.hangup().await;
        match tls.as_ref().map(Tls::reload) {
            Some(Ok(())) => tracing::info!("the certificate was read again"),
            Some(Err(fault)) => {
                tracing::error!(%fault, "the old certificate stays: the new one cannot be used");
            }
            None => tracing::info!("there is no certificate to read again"),
        }
    }
}

/// A server that is ready, and how it is reached.
pub struct Ready {
    /// The server.
    pub server: Server,
    /// Where it is reached from this machine.
    pub base_url: String,
    /// Where its figures are told, if that is a listener of its own.
    pub metrics_url: Option<String>,
    /// What it is.
    pub environment: EnvironmentName,
}

/// Brings a server up to the point where only serving is left.
pub async fn start(options: Options) -> Result<Ready, Fault> {
    let tls = options.tls.clone().map(Tls::load).transpose()?;
    let webhook_ca = options.webhook_ca.as_deref();
    let webhook_authorities = webhook_ca.map(|path| authorities("webhook_ca", path));
    let webhook_authorities = webhook_authorities.transpose()?.unwrap_or_default();
    let listener = bind("listen", options.listen).await?;
    let metrics = match options.metrics {
        Some(address) => Some(bind("metrics_listen", address).await?),
        None => None,
    };
    let scheme = if tls.is_some() {
        Scheme::Https
    } else {
        Scheme::Http
    };
    let base = base_url(scheme, local(&listener, "listen")?);
    let metrics_url = match &metrics {
        Some(listener) => Some(base_url(Scheme::Http, local(listener, "metrics_listen")?)),
        None => None,
    };
    let capacity = Capacity::of_this_program();
    let directory = existing(&options.data)?;
    let passwords = init::passwords()?;
    let db = init::open_database(&directory, directory.database())?;
    let opened = match prepare(&directory, &db, &options).await {
        Ok(opened) => opened,
        Err(fault) => {
            db.close().await;
            return Err(fault);
        }
    };
    let environment = opened.environment.name;
    let settings = Settings {
        signature_window: options.signature_window,
        call_rate: options.call_rate.or(match environment {
            EnvironmentName::Production => Some(CallRate::PRODUCTION),
            EnvironmentName::Sandbox => None,
        }),
        webhook_targets: match (options.webhook_targets, environment) {
            (Some(targets), _) => targets,
            (None, EnvironmentName::Production) => AddressList::default(),
            (None, EnvironmentName::Sandbox) => this_machine()?,
        },
        delivery_retention: options.delivery_retention,
        webhook_authorities,
        capacity,
        ..Settings::default()
    };
    let defaults = Limits::default();
    let door = Door {
        listener,
        tls,
        proxies: options.proxies,
        limits: Limits {
            connections_per_address: options
                .connections_per_address
                .unwrap_or(defaults.connections_per_address),
            ..defaults
        }
        .within(capacity.callers),
        metrics,
    };
    let app = App::new(opened, passwords, settings);
    Ok(Ready {
        server: Server::new(app, directory, door),
        base_url: base,
        metrics_url,
        environment,
    })
}

/// Where a listener really is: a port that nobody chose is known only now.
fn local(listener: &tokio::net::TcpListener, entry: &str) -> Result<SocketAddr, Fault> {
    let address = listener.local_addr();
    address.map_err(|error| Fault::new(entry, error.to_string()))
}

/// Where webhooks of a sandbox are delivered to where nobody says.
fn this_machine() -> Result<AddressList, Fault> {
    webhook_targets("allow_webhook_target", &[WEBHOOK_TARGETS.to_owned()])
}

/// A data directory that holds a database; none is made.
pub(crate) fn existing(data: &std::path::Path) -> Result<Directory, Fault> {
    let missing = || {
        Fault::new(
            format!("data {}", data.display()),
            "there is no database in it; make one with `cardwright init`",
        )
    };
    if !data.join("cardwright.db").exists() {
        return Err(missing());
    }
    let directory = Directory::open(&Place::Kept(data.to_owned()))?;
    match directory.holdings()? {
        Holdings::Database => Ok(directory),
        Holdings::Nothing | Holdings::Key => Err(missing()),
    }
}

/// What the database is; whoever refuses it afterwards has changed nothing in it.
pub(crate) async fn environment_of(directory: &Directory, db: &Db) -> Result<Environment, Fault> {
    let found = environments::find(db).await;
    let found = found.map_err(|error| {
        let what = format!("cardwright.db cannot be used: {}", error.log_text());
        directory.fault(what)
    })?;
    found.ok_or_else(|| directory.fault("cardwright.db was never initialized"))
}

async fn prepare(
    directory: &Directory,
    db: &Db,
    options: &Options,
) -> Result<environments::Opened, Fault> {
    let environment = environment_of(directory, db).await?;
    if environment.name == EnvironmentName::Production {
        check_door(options)?;
        check_metrics(options)?;
        check_targets(options)?;
    }
    let pending = db.pending(MIGRATIONS).await;
    let pending = pending.map_err(|error| directory.fault(error.to_string()))?;
    if let (Some(first), Upgrade::Refuse) = (pending.first(), options.upgrade) {
        return Err(directory.fault(format!(
            "the database lacks {} step(s) of the schema, the first is {} ({}); run `cardwright \
             migrate`, or start with --migrate",
            pending.len(),
            first.version,
            first.name
        )));
    }
    let key =
        KeyFile::load(&directory.key_path()).map_err(|error| directory.fault(error.to_string()))?;
    let means = init::means(key, environment.seed);
    let opened = environments::open(db.clone(), means, environment).await;
    opened.map_err(|error: Error| directory.fault(error.log_text()))
}

/// In production nobody's requests travel as they are, but from a proxy on this machine.
fn check_door(options: &Options) -> Result<(), Fault> {
    let refused = |what: &str| {
        Err(Fault::new(
            format!("listen {}", options.listen),
            format!(
                "in production {what}; set tls_cert and tls_key, or listen on loopback behind \
                     a proxy and set trusted_proxies"
            ),
        ))
    };
    if options.tls.is_some() {
        return Ok(());
    }
    if !options.listen.ip().to_canonical().is_loopback() {
        return refused("a listener without TLS must be on loopback");
    }
    // Whoever connects to loopback comes from there: a proxy that is trusted elsewhere is not heard.
    if !options.proxies.contains(options.listen.ip()) {
        return refused("a listener without TLS must be behind a trusted proxy on its own address");
    }
    Ok(())
}

/// Figures are told to anybody who asks, as they are: so in production only where no stranger comes.
fn check_metrics(options: &Options) -> Result<(), Fault> {
    match options.metrics {
        Some(address) if !is_inside(address.ip()) => Err(Fault::new(
            format!("metrics_listen {address}"),
            "in production figures are told without TLS and to whoever asks, so only on loopback or \
             on an address of a private network; name that address",
        )),
        _ => Ok(()),
    }
}

/// Whether only this machine, or a network that is not the internet, reaches an address.
fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // Clusters number their machines from the range between providers, too (RFC 6598).
            let is_shared = first == 100 && (64..128).contains(&second);
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// Whatever is set, nobody's word opens the inside of a production network: so it is not set at all.
fn check_targets(options: &Options) -> Result<(), Fault> {
    if options.webhook_targets.is_none() {
        return Ok(());
    }
    Err(Fault::new(
        "allow_webhook_target",
        "in production webhooks are never delivered to private networks; take it out",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_on_loopback_and_in_private_networks_only() {
        for (address, inside) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.31.0.1", true),
            ("192.168.0.1", true),
            ("169.254.1.1", true),
            ("100.64.0.1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("0.0.0.0", false),
            ("::", false),
            ("172.32.0.1", false),
            ("100.128.0.1", false),
            ("203.0.113.7", false),
            ("2001:db8::1", false),
            ("::ffff:203.0.113.7", false),
        ] {
            assert_eq!(is_inside(address.parse().unwrap()), inside, "{address}");
        }
    }
}
