//! A whole issuer from one command: a database, a demo program, and everything that serves it.
//!
//! Law: it is ready or it is not there. Whatever cannot be right is found out before anything is
//! written; an environment appears complete; credentials are on stable storage before the first
//! caller can use them.

pub mod file;
pub mod welcome;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::{App, Settings};
use crate::config::{Fault, base_url};
use crate::directory::{Directory, Holdings, Place};
use crate::error::Error;
use crate::init::{self, Filling};
use crate::network::AddressList;
use crate::ops::environments::{self, NewEnvironment, Opened};
use crate::ops::programs::{self, DemoProgram};
use crate::secrets::keys::KeyFile;
use crate::secrets::passwords::Passwords;
use crate::seed_file::SeedFile;
use crate::signals::Signals;
use crate::store::Store;
use crate::store::db::{Db, Durability};
use crate::store::environment::{Environment, EnvironmentName};
use crate::{api, jobs};
use api::front::{Front, Limits, RequestIds, serve};
use file::SandboxFile;

/// What an operator chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// Which data directory.
    pub place: Place,
    /// What an answered write waits for.
    pub durability: Durability,
    /// The seed of generated data, for a new database; one that is there must have the same.
    pub seed: Option<u64>,
    /// What a new database begins with besides the demo program.
    pub seed_file: Option<SeedFile>,
    /// The networks that seeded credentials may be used from.
    pub allowed: AddressList,
    /// The rest.
    pub settings: Settings,
}

/// A sandbox that listens, and answers once it is served.
pub struct Running {
    /// How it is used.
    pub file: SandboxFile,
    listener: TcpListener,
    app: App,
    directory: Directory,
}

/// Runs a sandbox until the process is told to end; `announce` is called when it is ready.
pub async fn run<E: From<Fault>>(
    options: Options,
    announce: impl FnOnce(&Running) -> Result<(), E>,
) -> Result<(), E> {
    let signals = Signals::listen()
        .map_err(|error| Fault::new("signals", format!("cannot be received: {error}")))?;
    let first = signals.clone().first();
    let work = async move {
        let running = start(options).await?;
        match announce(&running) {
            Ok(()) => Ok(running.serve(first).await?),
            Err(error) => {
                running.serve(std::future::ready(())).await?;
                Err(error)
            }
        }
    };
    tokio::select! {
        outcome = work => outcome,
        () = signals.second() => {
            Err(Fault::new("sandbox", "told to end twice, so nothing was waited for").into())
        }
    }
}

/// Brings a sandbox up to the point where only serving is left.
pub async fn start(options: Options) -> Result<Running, Fault> {
    // First, because it is the likeliest to fail and leaves nothing behind.
    let (listener, url) = bind(options.listen).await?;
    let directory = Directory::open(&options.place)?.waiting_for(options.durability);
    let passwords = init::passwords()?;
    let program = match directory.holdings()? {
        Holdings::Database => {
            if let Some(file) = &options.seed_file {
                return Err(file.fault(
                    "it fills a new database, and this directory has one already; leave \
                     --seed-file out, or choose another directory",
                ));
            }
            None
        }
        Holdings::Nothing | Holdings::Key => {
            let new = NewEnvironment {
                name: EnvironmentName::Sandbox,
                seed: options.seed,
            };
            let filling = Filling {
                new,
                passwords: &passwords,
                seed_file: options.seed_file.as_ref(),
            };
            init::create(&directory, filling).await?
        }
    };
    let opened = open(&directory, options.seed).await?;
    let store = opened.store.clone();
    let keeper = Keeper {
        store: &store,
        passwords: &passwords,
        directory: &directory,
    };
    let file = match keeper.prepare(program, url, &options.allowed).await {
        Ok(file) => file,
        Err(fault) => {
            store.db().close().await;
            return Err(fault);
        }
    };
    Ok(Running {
        file,
        listener,
        app: App::new(opened, passwords, options.settings),
        directory,
    })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, String), Fault> {
    let refused = |error: std::io::Error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "; another sandbox may be running, and port 0 takes a free one",
            ErrorKind::PermissionDenied => "; ports below 1024 are for the superuser",
            _ => "",
        };
        Fault::new(format!("--listen {address}"), format!("{error}{advice}"))
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let listening = listener.local_addr().map_err(refused)?;
    Ok((listener, base_url(listening)))
}

/// Takes the database of a directory into use, if it is a sandbox and of this seed.
async fn open(directory: &Directory, seed: Option<u64>) -> Result<Opened, Fault> {
    let key =
        KeyFile::load(&directory.key_path()).map_err(|error| directory.fault(error.to_string()))?;
    let db = init::open_database(directory, directory.database())?;
    let opened = async {
        let environment = environment_of(&db, seed).await.map_err(in_words)?;
        let means = init::means(key, environment.seed);
        let opened = environments::open(db.clone(), means, environment).await;
        opened.map_err(|error| error.log_text())
    };
    match opened.await {
        Ok(opened) => Ok(opened),
        Err(what) => {
            db.close().await;
            Err(directory.fault(what))
        }
    }
}

/// Why a database is not the sandbox that was asked for.
enum Unfit {
    /// It cannot be read.
    Unreadable(Error),
    /// It was never initialized.
    Empty,
    /// It is of another environment.
    Production,
    /// Its generated data come from another seed, or from none.
    Seed { its: Option<u64>, asked: u64 },
}

async fn environment_of(db: &Db, asked: Option<u64>) -> Result<Environment, Unfit> {
    let found = environments::find(db).await.map_err(Unfit::Unreadable)?;
    let environment = found.ok_or(Unfit::Empty)?;
    match (environment.name, asked) {
        (EnvironmentName::Production, _) => Err(Unfit::Production),
        (EnvironmentName::Sandbox, Some(asked)) if environment.seed != Some(asked) => {
            Err(Unfit::Seed {
                its: environment.seed,
                asked,
            })
        }
        (EnvironmentName::Sandbox, _) => Ok(environment),
    }
}

fn in_words(unfit: Unfit) -> String {
    match unfit {
        Unfit::Unreadable(error) => format!(
            "cardwright.db cannot be used: {}; move it away if it is not ours",
            error.log_text()
        ),
        Unfit::Empty => "cardwright.db was never initialized; move it away".to_owned(),
        Unfit::Production => "this database is of environment production, and a sandbox never \
                              opens one; choose another directory"
            .to_owned(),
        Unfit::Seed { its, asked } => {
            let its = its.map_or("without a seed".to_owned(), |its| {
                format!("with seed {its}")
            });
            format!(
                "--seed {asked} cannot be used: the database was made {its}; leave --seed out, or \
                 choose another directory"
            )
        }
    }
}

/// Keeps the description of the demo program true.
struct Keeper<'a> {
    store: &'a Store,
    passwords: &'a Passwords,
    directory: &'a Directory,
}

impl Keeper<'_> {
    /// Sets who may call, and writes how.
    async fn prepare(
        &self,
        program: Option<DemoProgram>,
        url: String,
        allowed: &AddressList,
    ) -> Result<SandboxFile, Fault> {
        let fault = |error: Error| self.directory.fault(error.log_text());
        programs::set_allowlist(self.store, allowed.entries().join(" "))
            .await
            .map_err(fault)?;
        let file = self.describe(program, url).await.map_err(fault)?;
        let text = file
            .text()
            .map_err(|error| self.directory.fault(error.to_string()))?;
        self.directory.write_sandbox_file(&text)?;
        Ok(file)
    }

    /// What was just made, else what was kept and still opens, else what can be issued anew.
    async fn describe(
        &self,
        program: Option<DemoProgram>,
        url: String,
    ) -> Result<SandboxFile, Error> {
        if let Some(program) = program {
            return Ok(SandboxFile::new(url, program));
        }
        if let Some(kept) = self.kept().await? {
            return Ok(SandboxFile {
                base_url: url,
                ..kept
            });
        }
        tracing::warn!(
            "sandbox.json is not there or not of this database: the admin key and the password \
             are issued anew, the old ones end"
        );
        let program = programs::recover(self.store, self.passwords).await?;
        Ok(SandboxFile::new(url, program))
    }

    async fn kept(&self) -> Result<Option<SandboxFile>, Error> {
        let text = std::fs::read_to_string(self.directory.sandbox_path()).ok();
        let Some(kept) = text.as_deref().and_then(SandboxFile::parse) else {
            return Ok(None);
        };
        let (key, token) = (&kept.admin.api_key, &kept.finci.token);
        let current = programs::is_current(self.store, key, token).await?;
        Ok(current.then_some(kept))
    }
}

impl Running {
    /// The data directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The server behind the listener.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Answers until `shutdown` resolves; then finishes what was begun and closes the store.
    ///
    /// After a failure of the disk nothing is acknowledged any more: this ends with a fault.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), Fault> {
        let Running {
            listener,
            app,
            directory,
            file: _,
        } = self;
        let failed = app.store().db().failed();
        let (stop_jobs, stopped) = oneshot::channel::<()>();
        let stop = async {
            // Dropping the sender is the signal too.
            let _ended = stopped.await;
        };
        let mut jobs = tokio::spawn(jobs::run(app.clone(), stop));
        let front = Front::new(api::router(&app), Limits::default(), request_ids(&app))
            .counted_by(app.metrics().clone());
        let outcome = tokio::select! {
            reason = failed => Err(directory.fault(format!(
                "the disk failed, and nothing after it can be trusted: {reason}"
            ))),
            served = serve(listener, front, shutdown) => {
                served.map_err(|error| Fault::new("--listen", error.to_string()))
            }
            ended = &mut jobs => Err(Fault::new(
                "jobs",
                ended.map_or_else(|error| error.to_string(), |()| "ended early".to_owned()),
            )),
        };
        drop(stop_jobs);
        if !jobs.is_finished() {
            let _ended = jobs.await;
        }
        app.store().db().close().await;
        directory.leave();
        tracing::info!("ended");
        outcome
    }
}

fn request_ids(app: &App) -> RequestIds {
    let (time, randomness) = (
        app.store().resources().clone(),
        app.store().resources().clone(),
    );
    RequestIds::time_ordered(
        move || u64::try_from(time.clock.now().as_millisecond()).unwrap_or_default(),
        move || *randomness.entropy.secret_bytes(),
    )
}

#[cfg(test)]
mod tests;
