//! A whole issuer from one command: a database, a demo program, and everything that serves it.
//!
//! Law: it is ready or it is not there. Whatever cannot be right is found out before anything is
//! written; an environment appears complete; credentials are on stable storage before the first
//! caller can use them.

pub mod file;
pub mod welcome;

use std::net::SocketAddr;
use std::path::Path;

use crate::api::front::Limits;
use crate::app::{App, Settings};
use crate::capacity::Capacity;
use crate::config::{Fault, Scheme, base_url, bind};
use crate::directory::{Directory, Holdings, Place};
use crate::error::Error;
use crate::init::{self, Filling};
use crate::network::AddressList;
use crate::ops::environments::{self, NewEnvironment, Opened};
use crate::ops::programs::{self, DemoProgram};
use crate::secrets::keys::KeyFile;
use crate::secrets::passwords::Passwords;
use crate::seed_file::SeedFile;
use crate::server::{Door, Server};
use crate::signals::{Hangup, Signals};
use crate::store::Store;
use crate::store::db::{Db, Durability};
use crate::store::environment::{Environment, EnvironmentName};
use crate::tls::{Tls, self_signed};
use file::{Reached, SandboxFile};

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
    /// How its connections travel.
    pub encryption: Encryption,
    /// The rest.
    pub settings: Settings,
}

/// How connections travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encryption {
    /// As they are.
    Plain,
    /// By TLS, with a certificate that the sandbox signs for itself.
    SelfSigned,
}

/// A sandbox that listens, and answers once it is served.
pub struct Running {
    /// How it is used.
    pub file: SandboxFile,
    server: Server,
}

/// Runs a sandbox until the process is told to end; `announce` is called when it is ready.
pub async fn run<E: From<Fault>>(
    options: Options,
    announce: impl FnOnce(&Running) -> Result<(), E>,
) -> Result<(), E> {
    let signals = Signals::listen(Hangup::Ends)
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
    let listener = bind("--listen", options.listen).await?;
    let listening = listener
        .local_addr()
        .map_err(|error| Fault::new("--listen", error.to_string()))?;
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
    let prepared = keeper.meet(program, listening, &options);
    let (file, tls) = match prepared.await {
        Ok(prepared) => prepared,
        Err(fault) => {
            store.db().close().await;
            return Err(fault);
        }
    };
    let capacity = Capacity::of_this_program();
    let door = Door {
        listener,
        tls,
        proxies: AddressList::default(),
        limits: Limits::default().within(capacity.callers),
        metrics: None,
    };
    let settings = Settings {
        capacity,
        ..options.settings
    };
    let app = App::new(opened, passwords, settings);
    Ok(Running {
        file,
        server: Server::new(app, directory, door),
    })
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
    /// Sees to a certificate where one is wanted, and writes how the sandbox is reached.
    async fn meet(
        &self,
        program: Option<DemoProgram>,
        listening: SocketAddr,
        options: &Options,
    ) -> Result<(SandboxFile, Option<Tls>), Fault> {
        let (scheme, tls, path) = match options.encryption {
            Encryption::Plain => (Scheme::Http, None, None),
            Encryption::SelfSigned => {
                let now = self.store.resources().clock.now();
                let (tls, path) = self_signed(self.directory, listening.ip(), now)?;
                (Scheme::Https, Some(tls), Some(path))
            }
        };
        let place = Reached {
            url: base_url(scheme, listening),
            certificate: path.map(|path| path.display().to_string()),
        };
        let file = self.prepare(program, place, &options.allowed).await?;
        Ok((file, tls))
    }

    /// Sets who may call, and writes how.
    async fn prepare(
        &self,
        program: Option<DemoProgram>,
        place: Reached,
        allowed: &AddressList,
    ) -> Result<SandboxFile, Fault> {
        let fault = |error: Error| self.directory.fault(error.log_text());
        programs::set_allowlist(self.store, allowed.entries().join(" "))
            .await
            .map_err(fault)?;
        let file = self.describe(program, place).await.map_err(fault)?;
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
        place: Reached,
    ) -> Result<SandboxFile, Error> {
        if let Some(program) = program {
            return Ok(SandboxFile::new(place, program));
        }
        if let Some(kept) = self.kept().await? {
            return Ok(kept.reached(place));
        }
        tracing::warn!(
            "sandbox.json is not there or not of this database: the admin key and the password \
             are issued anew, the old ones end"
        );
        let program = programs::recover(self.store, self.passwords).await?;
        Ok(SandboxFile::new(place, program))
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
        self.server.directory()
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.server.address()
    }

    /// The server behind the listener.
    pub fn app(&self) -> &App {
        self.server.app()
    }

    /// Answers until `shutdown` resolves; see [`Server::run`].
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), Fault> {
        self.server.run(shutdown).await
    }
}

#[cfg(test)]
mod tests;
