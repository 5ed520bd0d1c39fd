//! Making a new environment in a data directory: its key, its database, and for a sandbox the
//! demo program.
//!
//! Law: a database appears under its name only when it is complete. It is made in a private place
//! beside it; whatever ends the program before leaves at most a key, which the next attempt uses,
//! and that place, which nobody looks at. A key is never taken from under a database.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Fault;
use crate::directory::{Directory, Holdings, Place};
use crate::entropy::Entropy;
use crate::error::Error;
use crate::ops::environments::{self, Means, NewEnvironment};
use crate::ops::programs::{self, DemoProgram};
use crate::secrets::keys::KeyFile;
use crate::secrets::passwords::{Passwords, PoolSize};
use crate::seed_file::SeedFile;
use crate::store::db::{Db, DbError, DbOptions};
use crate::store::environment::EnvironmentName;

/// How many logins may wait for a thread.
const PASSWORD_QUEUE: usize = 64;

/// What was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// The key file.
    pub key: PathBuf,
    /// The database.
    pub database: PathBuf,
}

/// What a new database is to hold.
#[derive(Clone, Copy)]
pub struct Filling<'a> {
    /// The environment.
    pub new: NewEnvironment,
    /// Hashes the demo user's password.
    pub passwords: &'a Passwords,
    /// What a sandbox begins with besides the demo program.
    pub seed_file: Option<&'a SeedFile>,
}

/// Makes a new environment where there is none; a key that an earlier attempt left is used.
///
/// A sandbox gets the demo program; its first start issues the credentials. Production gets
/// nothing but itself.
pub async fn run(place: PathBuf, new: NewEnvironment) -> Result<Made, Fault> {
    let directory = Directory::open(&Place::Kept(place))?;
    let key = directory.key_path();
    if directory.holdings()? == Holdings::Database {
        return Err(directory.fault("there is an environment already, and it never changes"));
    }
    let passwords = passwords()?;
    let filling = Filling {
        new,
        passwords: &passwords,
        seed_file: None,
    };
    create(&directory, filling).await?;
    let made = Made {
        key,
        database: directory.database_path(),
    };
    directory.leave();
    Ok(made)
}

/// Makes the environment in a directory that holds no database. A sandbox's demo program is
/// described; nobody can read its admin key and password again later.
pub async fn create(
    directory: &Directory,
    filling: Filling<'_>,
) -> Result<Option<DemoProgram>, Fault> {
    let path = directory.key_path();
    let had_key = directory.holdings()? == Holdings::Key;
    let key = if had_key {
        KeyFile::load(&path)
    } else {
        directory.make_key_directory()?;
        KeyFile::create(&path, &Entropy::system())
    };
    let key = key.map_err(|error| directory.fault(error.to_string()))?;
    let created = create_with(directory, means(key, filling.new.seed), filling).await;
    if created.is_err() && !had_key {
        withdraw_key(directory);
    }
    created
}

/// Removes a key that was made a moment ago, if nothing was made with it. A database may be in its
/// place although something failed after that, and without its key it would be lost.
fn withdraw_key(directory: &Directory) {
    let removed = match fs::symlink_metadata(directory.database_path()) {
        Err(error) if error.kind() == ErrorKind::NotFound => fs::remove_file(directory.key_path()),
        Ok(_) => return,
        // Who cannot look does not know that it is not there.
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        tracing::warn!(%error, "the unused key could not be removed");
    }
}

async fn create_with(
    directory: &Directory,
    means: Means,
    filling: Filling<'_>,
) -> Result<Option<DemoProgram>, Fault> {
    let workshop = directory.workshop()?;
    let db = open_database(directory, directory.unfinished_database(&workshop))?;
    let filled = fill(directory, db.clone(), (means, filling)).await;
    db.close().await;
    let program = filled?;
    directory.put_database(&workshop)?;
    Ok(program)
}

async fn fill(
    directory: &Directory,
    db: Db,
    (means, filling): (Means, Filling<'_>),
) -> Result<Option<DemoProgram>, Fault> {
    let fault = |error: Error| directory.fault(error.log_text());
    let opened = environments::create(db, means, filling.new).await;
    let store = opened.map_err(fault)?.store;
    if filling.new.name == EnvironmentName::Production {
        return Ok(None);
    }
    let program = programs::create(&store, filling.passwords).await;
    let program = program.map_err(fault)?;
    if let Some(seed_file) = filling.seed_file {
        let seeded = seed_file.apply(&store).await?;
        // Before the database is in its place: whoever finds that one finds the ids, too.
        directory.write_seeded_file(&format!("{seeded:#}\n"))?;
    }
    Ok(Some(program))
}

/// What an environment with this seed or none brings to its store.
pub fn means(key: KeyFile, seed: Option<u64>) -> Means {
    Means {
        clock: Clock::system(),
        entropy: seed.map_or_else(Entropy::system, Entropy::seeded),
        keys: Arc::new(key),
    }
}

/// Opens a database of a directory.
pub fn open_database(directory: &Directory, options: DbOptions) -> Result<Db, Fault> {
    Db::open(options).map_err(|error: DbError| directory.fault(error.to_string()))
}

/// The pool that hashes passwords, on half of the machine at most.
pub fn passwords() -> Result<Passwords, Fault> {
    let threads = std::thread::available_parallelism()
        .ok()
        .and_then(|all| (all.get() / 2).try_into().ok())
        .unwrap_or(std::num::NonZeroUsize::MIN);
    let size = PoolSize {
        threads,
        queue: PASSWORD_QUEUE,
    };
    Passwords::new(size, Entropy::system())
        .map_err(|error| Fault::new("password hashing", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_withdrawn_only_while_no_database_stands_there() {
        let outer = tempfile::TempDir::new().unwrap();
        let directory = Directory::open(&Place::Kept(outer.path().to_owned())).unwrap();
        directory.make_key_directory().unwrap();
        fs::write(directory.key_path(), [7; 32]).unwrap();
        fs::write(directory.database_path(), "complete").unwrap();
        withdraw_key(&directory);
        assert!(directory.key_path().exists());

        fs::remove_file(directory.database_path()).unwrap();
        withdraw_key(&directory);
        assert!(!directory.key_path().exists());
    }
}
