//! An environment in files of its own, which outlive the server that uses them.

use std::{fs, path::PathBuf, sync::Arc};

use cardwright_server::{
    clock::{Clock, ManualClock},
    entropy::Entropy,
    error::Result,
    ops::{
        environments::{self, Means, NewEnvironment, Opened},
        programs::{self, DemoProgram},
    },
    secrets::{keys::KeyFile, passwords::Passwords},
    store::{
        db::{Db, DbOptions},
        environment::EnvironmentName,
    },
};

use super::{START, TestApp, front, on_network, passwords};

/// A directory with a store and its key.
pub struct Disk {
    directory: tempfile::TempDir,
    seed: Option<u64>,
    clock: Clock,
    hand: ManualClock,
}

impl Disk {
    /// An empty directory for an environment with this seed or none; secrets are truly random.
    pub fn new(seed: Option<u64>) -> Disk {
        let (clock, hand) = Clock::manual(START.parse().unwrap());
        Disk {
            directory: tempfile::tempdir().unwrap(),
            seed,
            clock,
            hand,
        }
    }

    /// Where the key is.
    pub fn key_path(&self) -> PathBuf {
        self.directory.path().join("master.key")
    }

    /// The content of every file of the store, the key not among them.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(self.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| *path != self.key_path())
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, fs::read(path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    /// Makes the environment and starts a server on it.
    pub async fn create(&self) -> TestApp {
        let key = KeyFile::create(&self.key_path(), &self.entropy()).unwrap();
        let new = NewEnvironment {
            name: EnvironmentName::Sandbox,
            seed: self.seed,
        };
        let opened = environments::create(self.db(), self.means(key), new)
            .await
            .unwrap();
        let passwords = passwords(self.entropy());
        let demo = programs::create(&opened.store, &passwords).await.unwrap();
        self.serve(opened, (passwords, demo))
    }

    /// Tries to make an environment where there is one, with its own key.
    pub async fn create_again(&self) -> Result<Opened> {
        let key = KeyFile::load(&self.key_path()).unwrap();
        let new = NewEnvironment {
            name: EnvironmentName::Sandbox,
            seed: self.seed,
        };
        environments::create(self.db(), self.means(key), new).await
    }

    /// Starts a server on the environment that is there.
    pub async fn start(&self, demo: &DemoProgram) -> TestApp {
        let key = KeyFile::load(&self.key_path()).unwrap();
        let opened = self.open(key).await.unwrap();
        self.serve(opened, (passwords(self.entropy()), demo.clone()))
    }

    /// Opens the environment that is there with a key.
    pub async fn open(&self, key: KeyFile) -> Result<Opened> {
        let db = self.db();
        let environment = environments::find(&db).await?.unwrap();
        environments::open(db, self.means(key), environment).await
    }

    fn serve(&self, opened: Opened, (passwords, demo): (Passwords, DemoProgram)) -> TestApp {
        let outside = Arc::default();
        let app = on_network(opened, passwords.clone(), &outside);
        TestApp {
            outside,
            front: front(&app),
            app,
            clock: self.hand.clone(),
            demo,
            passwords,
            // The files are the disk's, not the server's.
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn db(&self) -> Db {
        Db::open(DbOptions::file(self.directory.path().join("cardwright.db"))).unwrap()
    }

    fn entropy(&self) -> Entropy {
        self.seed.map_or_else(Entropy::system, Entropy::seeded)
    }

    fn means(&self, key: KeyFile) -> Means {
        Means {
            clock: self.clock.clone(),
            entropy: self.entropy(),
            keys: Arc::new(key),
        }
    }
}
