//! The data directory: what stands where, who may read it, and that one server uses it at a time.
//!
//! ```text
//!  cardwright.db     the database, 0600; SQLite keeps two more files beside it while in use
//!  keys/master.key   the key-encryption key, 0600 in a directory of 0700
//!  sandbox.json      credentials of a sandbox, 0600
//!  tls-*.pem         certificate and key that a sandbox signed for itself, 0600
//!  lock              held while a server uses the directory; its content means nothing
//! ```
//!
//! Law: a directory may hold files of others, and none of them is ever changed, renamed or
//! removed. What we write appears whole under its name or not at all, and is on stable storage
//! before anybody relies on it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::config::Fault;
use crate::store::db::{DbOptions, Durability};
use crate::tls::TlsFiles;

const DATABASE: &str = "cardwright.db";
const LOCK: &str = "lock";
const SANDBOX_FILE: &str = "sandbox.json";
const TLS_CERTIFICATE: &str = "tls-certificate.pem";
const TLS_KEY: &str = "tls-key.pem";
/// What came of a seed file.
const SEEDED_FILE: &str = "seeded.json";

/// Which directory to use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// This one, made if it is not there.
    Kept(PathBuf),
    /// A new one among the temporary files of the machine, removed in the end.
    Ephemeral,
}

/// What a directory holds of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holdings {
    /// Nothing.
    Nothing,
    /// A key that no database was made with yet.
    Key,
    /// A database and its key.
    Database,
}

/// A data directory that nobody else uses while this value lives.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    entry: String,
    durability: Durability,
    temporary: Option<TempDir>,
    _lock: Lock,
}

impl Directory {
    /// Takes a directory into use, and makes it where it is missing.
    pub fn open(place: &Place) -> Result<Directory, Fault> {
        match place {
            Place::Kept(named) => {
                let entry = format!("--data {}", named.display());
                let path = make(named).map_err(|error| Fault::new(&entry, error.to_string()))?;
                let lock = lock(&path).map_err(|what| Fault::new(&entry, what))?;
                Ok(Directory {
                    path,
                    entry,
                    durability: Durability::Full,
                    temporary: None,
                    _lock: lock,
                })
            }
            Place::Ephemeral => {
                let made = private("cardwright-").tempdir();
                let made = made.map_err(|error| Fault::new("--ephemeral", error.to_string()))?;
                let path = made.path().to_owned();
                let entry = format!("--ephemeral (in {})", path.display());
                let lock = lock(&path).map_err(|what| Fault::new(&entry, what))?;
                Ok(Directory {
                    path,
                    entry,
                    // It outlives no power cut anyway.
                    durability: Durability::Normal,
                    temporary: Some(made),
                    _lock: lock,
                })
            }
        }
    }

    /// The same directory with a database whose writes wait for this. An ephemeral one outlives no
    /// power cut and stays as it is.
    #[must_use]
    pub fn waiting_for(self, durability: Durability) -> Directory {
        match self.temporary {
            None => Directory { durability, ..self },
            Some(_) => self,
        }
    }

    /// Where it is, from the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key file.
    pub fn key_path(&self) -> PathBuf {
        self.path.join("keys").join("master.key")
    }

    /// The database file.
    pub fn database_path(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The credentials of a sandbox.
    pub fn sandbox_path(&self) -> PathBuf {
        self.path.join(SANDBOX_FILE)
    }

    /// The certificate that a sandbox signs for itself.
    pub fn tls_files(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.path.join(TLS_CERTIFICATE),
            key: self.path.join(TLS_KEY),
        }
    }

    /// How to open the database.
    pub fn database(&self) -> DbOptions {
        self.database_at(self.database_path())
    }

    /// How to open a database that is being made in [`Directory::workshop`].
    pub fn unfinished_database(&self, workshop: &TempDir) -> DbOptions {
        self.database_at(workshop.path().join(DATABASE))
    }

    fn database_at(&self, path: PathBuf) -> DbOptions {
        DbOptions {
            durability: self.durability,
            ..DbOptions::file(path)
        }
    }

    /// A fault of this directory.
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(&self.entry, what)
    }

    /// Looks what is there, and refuses what cannot be used as it is.
    pub fn holdings(&self) -> Result<Holdings, Fault> {
        if fs::metadata(self.sandbox_path()).is_ok_and(|there| !there.is_file()) {
            return Err(self.fault(format!("{SANDBOX_FILE} is not a file; move it away")));
        }
        // Also what only looks like one, such as a dangling link, must not be built upon.
        let key = fs::symlink_metadata(self.key_path()).is_ok();
        let database = fs::symlink_metadata(self.database_path()).ok();
        match (database, key) {
            (None, false) => Ok(Holdings::Nothing),
            (None, true) => Ok(Holdings::Key),
            (Some(database), _) if !database.is_file() || database.len() == 0 => {
                let what = format!("{DATABASE} is no database; move it away");
                Err(self.fault(what))
            }
            (Some(_), true) => Ok(Holdings::Database),
            (Some(_), false) => Err(self.fault(format!(
                "there is a {DATABASE} but not its key {}; restore the key from its backup, \
                 without it the database cannot be read",
                self.key_path().display()
            ))),
        }
    }

    /// Makes the directory of the key file.
    pub fn make_key_directory(&self) -> Result<(), Fault> {
        let path = self.path.join("keys");
        make(&path)
            .map(drop)
            .map_err(|error| self.fault(error.to_string()))
    }

    /// A private place inside the directory to make a database in. Whatever is not put into its
    /// place disappears with it.
    pub fn workshop(&self) -> Result<TempDir, Fault> {
        private(".cardwright-new-")
            .tempdir_in(&self.path)
            .map_err(|error| self.fault(format!("cannot write in it: {error}")))
    }

    /// Puts a finished, closed database into its place.
    pub fn put_database(&self, workshop: &TempDir) -> Result<(), Fault> {
        let finished = workshop.path().join(DATABASE);
        if workshop.path().join(format!("{DATABASE}-wal")).exists() {
            return Err(self.fault("the new database was not closed completely; try again"));
        }
        fs::rename(finished, self.database_path())
            .and_then(|()| sync(&self.path))
            .map_err(|error| self.fault(format!("{DATABASE}: {error}")))
    }

    /// Writes `sandbox.json` for its owner alone, whole or not at all.
    pub fn write_sandbox_file(&self, text: &str) -> Result<(), Fault> {
        self.write_private(SANDBOX_FILE, text)
            .map_err(|error| self.fault(format!("{SANDBOX_FILE}: {error}")))
    }

    /// Writes which ids the records of a seed file were given, likewise.
    pub fn write_seeded_file(&self, text: &str) -> Result<(), Fault> {
        self.write_private(SEEDED_FILE, text)
            .map_err(|error| self.fault(format!("{SEEDED_FILE}: {error}")))
    }

    /// Writes a certificate and its key likewise, the key first: a certificate that is there can be
    /// used.
    pub fn write_tls_files(&self, certificate: &str, key: &str) -> Result<(), Fault> {
        for (name, text) in [(TLS_KEY, key), (TLS_CERTIFICATE, certificate)] {
            self.write_private(name, text)
                .map_err(|error| self.fault(format!("{name}: {error}")))?;
        }
        Ok(())
    }

    fn write_private(&self, name: &str, text: &str) -> io::Result<()> {
        // Temporary files are made with 0600, and a rename keeps that.
        let mut file = tempfile::Builder::new()
            .prefix(".sandbox-")
            .tempfile_in(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(self.path.join(name))
            .map_err(|error| error.error)?;
        sync(&self.path)
    }

    /// Gives the directory back; an ephemeral one is gone afterwards.
    pub fn leave(self) {
        if let Some(temporary) = self.temporary
            && let Err(error) = temporary.close()
        {
            tracing::warn!(%error, "the temporary directory could not be removed");
        }
    }
}

/// The database in a directory that a server may be using, to be read and nothing else.
pub fn find_database(directory: &Path) -> Result<PathBuf, String> {
    let path = directory.join(DATABASE);
    match fs::metadata(&path) {
        Ok(there) if there.is_file() && there.len() > 0 => Ok(path),
        Ok(_) => Err(format!("{DATABASE} is no database")),
        Err(error) => Err(format!("{DATABASE}: {error}")),
    }
}

/// A temporary directory, unlike by default for its owner alone.
fn private(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(prefix)
        .permissions(Permissions::from_mode(0o700));
    builder
}

/// Makes a directory and those above it, for their owner alone and durably; the absolute path.
fn make(named: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(named)?;
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|folder| fs::symlink_metadata(folder).is_err())
        .collect();
    for folder in missing.iter().rev() {
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            // Somebody was faster: as good as ours, if it is a directory.
            Ok(()) | Err(_) => sync(folder.parent().unwrap_or(folder))?,
        }
    }
    if fs::metadata(&path)?.is_dir() {
        Ok(path)
    } else {
        Err(io::Error::other(format!(
            "{} is not a directory",
            path.display()
        )))
    }
}

/// The right to use a directory.
#[derive(Debug)]
struct Lock(File);

/// Given up by word, and not only by closing the file: a program that is being started beside has all
/// files of this process for a moment, and would keep the directory for as long.
impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file follows, which frees it where this did not.
        let _freed = self.0.unlock();
    }
}

fn lock(directory: &Path) -> Result<Lock, String> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|error| format!("cannot write in it: {}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(
            "another server is using this directory; stop it, or choose another directory"
                .to_owned(),
        ),
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
    }
}

/// A name survives a power cut only once its directory is on stable storage.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: impl AsRef<Path>) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_directory_is_used_by_one_at_a_time() {
        let outer = TempDir::new().unwrap();
        let place = Place::Kept(outer.path().join("a/b"));
        let first = Directory::open(&place).unwrap();
        let said = Directory::open(&place).unwrap_err().to_string();
        assert!(said.contains("another server is using"), "{said}");
        first.leave();
        assert!(Directory::open(&place).is_ok());
        assert_eq!(mode(outer.path().join("a")), 0o700);
        assert_eq!(mode(outer.path().join("a/b/lock")), 0o600);
    }

    #[test]
    fn a_directory_is_free_though_a_program_that_begins_still_has_its_files() {
        let directory = TempDir::new().unwrap();
        let first = lock(directory.path()).unwrap();
        let inherited = first.0.try_clone().unwrap();
        assert!(lock(directory.path()).is_err());
        drop(first);
        assert!(lock(directory.path()).is_ok());
        drop(inherited);
    }

    #[test]
    fn what_is_no_directory_is_refused_by_name() {
        let outer = TempDir::new().unwrap();
        let file = outer.path().join("file");
        fs::write(&file, "").unwrap();
        for named in [file.clone(), file.join("below")] {
            let said = Directory::open(&Place::Kept(named.clone())).unwrap_err();
            let named = format!("--data {}: ", named.display());
            assert!(said.to_string().starts_with(&named), "{said}");
        }
    }

    #[test]
    fn a_database_without_its_key_is_refused_and_left_alone() {
        let outer = TempDir::new().unwrap();
        let directory = Directory::open(&Place::Kept(outer.path().to_owned())).unwrap();
        assert_eq!(directory.holdings(), Ok(Holdings::Nothing));
        let database = outer.path().join(DATABASE);
        fs::write(&database, "").unwrap();
        let said = directory.holdings().unwrap_err().to_string();
        assert!(said.contains("is no database"), "{said}");
        fs::write(&database, "content").unwrap();
        let said = directory.holdings().unwrap_err().to_string();
        assert!(said.contains("restore the key"), "{said}");
        assert_eq!(fs::read_to_string(&database).unwrap(), "content");
    }

    #[test]
    fn a_sandbox_file_replaces_the_old_one_and_its_rights() {
        let outer = TempDir::new().unwrap();
        let directory = Directory::open(&Place::Kept(outer.path().to_owned())).unwrap();
        let path = directory.sandbox_path();
        fs::write(&path, "old and open").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        directory.write_sandbox_file("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(
            fs::read_dir(outer.path()).unwrap().count(),
            2,
            "with the lock"
        );
    }

    #[test]
    fn an_ephemeral_directory_is_private_and_gone_in_the_end() {
        let directory = Directory::open(&Place::Ephemeral).unwrap();
        let path = directory.path().to_owned();
        assert_eq!(mode(&path), 0o700);
        directory.write_sandbox_file("{}").unwrap();
        directory.leave();
        assert!(!path.exists());
    }
}
