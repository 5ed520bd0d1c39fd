//! SQLite: the only file of the store that names the driver, and the only place that knows this
//! engine's ways.
//!
//! What it sees to: how a connection is set up, how parameters and rows cross over, which of the
//! engine's errors mean what, and that no statement ever runs outside a transaction. SQLite ends a
//! transaction by itself after some errors; the next statement would then commit alone, so each
//! one checks first.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ToSql, ffi, params_from_iter};

use super::Durability;
use super::drawing::Drawn;
use super::error::DbError;
use super::folding;
use super::parameters;
use super::parts::Parts;
use super::value::{Params, Row, Value};

/// The oldest SQLite we trust: before it, a checkpoint could overtake a writer and corrupt a file
/// in write-ahead mode.
const OLDEST_VERSION: i32 = 3_051_003;

/// How long a connection waits for another program that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept by each connection: more than the program has.
const STATEMENTS: usize = 512;

/// How far the log is copied.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Copied {
    /// Pages in the log.
    pub log: i64,
    /// Those of them that are in the file.
    pub copied: i64,
}

/// What every connection is told. Temporary results stay in memory so that no row is ever written
/// to a directory we do not own; `recursive_triggers` lets an append-only trigger see `OR REPLACE`.
const SETTINGS: &str = "
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
";

/// What the writing connection is told besides; its cache is fitted to the file, see [`cache_kib`]. A
/// log that grew under a long read shrinks again, but not below what it comes to between two copies:
/// writing over what the file has already is sooner on the disk than making it longer. We checkpoint
/// ourselves because the automatic one keeps the disk's errors to itself.
const WRITER_SETTINGS: &str = "
    PRAGMA journal_size_limit = 209715200;
    PRAGMA wal_autocheckpoint = 0;
";

/// From how many pages on a file is a large one: one GiB.
const LARGE_FILE_PAGES: u32 = 262_144;

/// The writer's cache for a file of so many pages. It holds what most batches change, so that no page is
/// written to the log twice, and what authorizations look at.
///
/// A larger one costs: whenever SQLite divides pages anew in a file that is not large, it has one
/// beyond the end for a moment, and then searches the whole cache for such at the commit. So a small
/// file has a small cache, and only a large one, which has no such page, as much as suits it: what is
/// looked at of a million cards.
fn cache_kib(pages: u32) -> u32 {
    const SMALLEST: u32 = 16 * 1_024;
    const LARGEST: u32 = 64 * 1_024;
    const OF_LARGE_FILE: u32 = 96 * 1_024;
    if pages > LARGE_FILE_PAGES {
        return OF_LARGE_FILE;
    }
    // A sixteenth of the file, whose pages have 4 KiB.
    (pages / 4).clamp(SMALLEST, LARGEST)
}

/// What a connection that only looks is told besides. Its cache holds the upper parts of the indexes of
/// a million cards and what most of their accounts have, so that a card costs one or two pages from the
/// file. The last line looks into the file, so that a broken one is known at once.
const READER_SETTINGS: &str = "
    PRAGMA cache_size = -61440;
    PRAGMA query_only = ON;
    SELECT count(*) FROM sqlite_schema;
";

/// Where applied migrations are remembered.
pub(super) const MIGRATION_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS schema_migration (
        version INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL
    ) STRICT;
";

/// What the last connection does about the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tidy {
    /// Leaves it.
    No,
    /// Copies and removes it.
    Yes,
}

/// One connection and what we must remember about it.
pub(super) struct Engine {
    connection: Connection,
    translated: RefCell<HashMap<(usize, usize), Arc<str>>>,
    trouble: RefCell<Option<DbError>>,
    pub(super) drawn: RefCell<Drawn>,
    pub(super) parts: Parts,
    log_pages: Arc<AtomicU32>,
    commits: Arc<AtomicU64>,
}

impl Engine {
    /// Opens the connection that writes, creating the file for its owner alone.
    pub(super) fn open_writer(path: &Path, durability: Durability) -> Result<Engine, DbError> {
        require_version(rusqlite::version_number(), rusqlite::version())?;
        create_private(path)?;
        let engine = Engine::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        engine
            .set_up_writer(durability)
            .map_err(|error| cannot_open(path, &error))
    }

    /// Opens a connection that can only look.
    pub(super) fn open_reader(path: &Path) -> Result<Engine, DbError> {
        let engine = Engine::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        engine
            .connection
            .execute_batch(READER_SETTINGS)
            .map_err(|error| cannot_open(path, &error))?;
        Ok(engine)
    }

    fn open(path: &Path, flags: OpenFlags) -> Result<Engine, DbError> {
        let connect = || {
            let connection =
                Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.execute_batch(SETTINGS)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
            // Otherwise many a statement is compiled again whenever a parameter gets another value,
            // in case another plan were better: a third of the time of an authorization.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            // Otherwise a misspelt column in double quotes quietly becomes a string.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            folding::install(&connection)?;
            Ok(connection)
        };
        Ok(Engine {
            connection: connect().map_err(|error| cannot_open(path, &error))?,
            translated: RefCell::default(),
            trouble: RefCell::default(),
            drawn: RefCell::default(),
            parts: Parts::default(),
            log_pages: Arc::default(),
            commits: Arc::default(),
        })
    }

    fn set_up_writer(mut self, durability: Durability) -> Result<Engine, rusqlite::Error> {
        let as_told = |_: &rusqlite::Row<'_>| Ok(());
        self.connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| {
                let mode: String = row.get(0)?;
                if mode == "wal" {
                    Ok(())
                } else {
                    Err(rusqlite::Error::InvalidQuery)
                }
            })?;
        self.connection.execute_batch(WRITER_SETTINGS)?;
        self.connection.execute_batch(match durability {
            // The second is for macOS, where a plain fsync stops at the drive's own cache.
            Durability::Full => "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;",
            Durability::Normal => "PRAGMA synchronous = NORMAL;",
        })?;
        self.give_cache()?;
        let (log_pages, commits) = (self.log_pages.clone(), self.commits.clone());
        self.connection.wal_hook(Some(move |_: &mut Wal, pages| {
            log_pages.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            commits.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }))?;
        self.connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], as_told)?;
        self.tidy_up_at_the_end(Tidy::No)?;
        Ok(self)
    }

    /// Whether the log is copied and removed when this is the last connection to close. Not by itself:
    /// where the disk failed, nobody can say what the log holds, and a copy of what may not be there
    /// would spoil a file that is sound. Opened again, SQLite takes of the log what is whole.
    fn tidy_up_at_the_end(&self, tidy: Tidy) -> Result<(), rusqlite::Error> {
        let setting = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        self.connection
            .set_db_config(setting, tidy == Tidy::No)
            .map(drop)
    }

    /// Leaves it to others to wait for the disk after a commit. Where the log begins anew and where
    /// it is copied, the engine still waits itself.
    pub(super) fn commit_without_waiting(&self) -> Result<(), DbError> {
        self.connection
            .execute_batch("PRAGMA synchronous = NORMAL")
            .map_err(|error| self.note(error))
    }

    /// Lets rows refer to nothing from the next transaction on. Whoever says that must look himself.
    pub(super) fn look_away_from_references(&self) -> Result<(), DbError> {
        self.connection
            .execute_batch("PRAGMA foreign_keys = OFF")
            .map_err(|error| self.note(error))
    }

    /// Opens the transaction of a batch, taking the right to write at once.
    pub(super) fn begin_write(&self) -> Result<(), DbError> {
        self.begin("BEGIN IMMEDIATE")
    }

    /// Opens a transaction whose first statement fixes what all the others see.
    pub(super) fn begin_read(&self) -> Result<(), DbError> {
        self.begin("BEGIN DEFERRED")
    }

    fn begin(&self, sql: &'static str) -> Result<(), DbError> {
        self.trouble.replace(None);
        self.drawn.take();
        self.parts.forget();
        self.control(sql)
    }

    /// Puts the transaction on the disk, or leaves nothing of it.
    pub(super) fn commit(&self) -> Result<(), DbError> {
        let committed = self.settle_drawn().and_then(|()| self.control("COMMIT"));
        if committed.is_err() {
            self.rollback();
        }
        committed
    }

    /// Ends the transaction without keeping anything. Where SQLite already did, nothing is left to
    /// do; whatever else goes wrong shows when the next one begins.
    pub(super) fn rollback(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.control("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// The trouble that spoils the whole transaction and not just one operation: the disk failed,
    /// or SQLite has ended the transaction by itself.
    pub(super) fn spoiled(&self) -> Result<(), DbError> {
        let trouble = self.trouble.borrow().clone();
        match trouble {
            Some(failed @ DbError::Failed { .. }) => Err(failed),
            _ => self.in_transaction(),
        }
    }

    pub(super) fn in_transaction(&self) -> Result<(), DbError> {
        if !self.connection.is_autocommit() {
            return Ok(());
        }
        let ended = || DbError::Engine {
            what: "the transaction ended by itself".to_owned(),
        };
        Err(self.trouble.borrow().clone().unwrap_or_else(ended))
    }

    /// Runs a statement to its end and gives back its rows.
    pub(super) fn query(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, DbError> {
        let mut rows = Vec::new();
        self.query_each(sql, params, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Runs a statement to its end and shows its rows one after another, so that they need not all
    /// be in memory at once.
    pub(super) fn query_each(
        &self,
        sql: &'static str,
        params: Params<'_>,
        mut each: impl FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        self.in_transaction()?;
        let mut statement = self.prepare(sql)?;
        let width = statement.column_count();
        let mut found = statement
            .query(params_from_iter(params.all()))
            .map_err(|error| self.note(error))?;
        while let Some(row) = found.next().map_err(|error| self.note(error))? {
            let mut values = Vec::with_capacity(width);
            for index in 0..width {
                let value = row.get_ref(index).map_err(|error| self.note(error))?;
                values.push(read_value(value, index)?);
            }
            each(Row::new(values))?;
        }
        Ok(())
    }

    /// Runs a statement without rows and counts those it changed itself, not by triggers.
    pub(super) fn execute(&self, sql: &'static str, params: Params<'_>) -> Result<u64, DbError> {
        self.in_transaction()?;
        let mut statement = self.prepare(sql)?;
        let changed = statement
            .execute(params_from_iter(params.all()))
            .map_err(|error| self.note(error))?;
        Ok(changed as u64)
    }

    /// Runs the statements of a migration, which alone may change the schema.
    pub(super) fn run_script(&self, sql: &str) -> Result<(), DbError> {
        self.in_transaction()?;
        self.connection
            .execute_batch(sql)
            .map_err(|error| self.note(error))
    }

    /// A `'static` text never moves, so its address stands for it and is cheaper to look up.
    fn prepare(&self, sql: &'static str) -> Result<CachedStatement<'_>, DbError> {
        let place = (sql.as_ptr().addr(), sql.len());
        let known = self.translated.borrow().get(&place).cloned();
        let text = if let Some(text) = known {
            text
        } else {
            let text: Arc<str> = parameters::translate(sql)?.into();
            self.translated
                .borrow_mut()
                .insert(place, Arc::clone(&text));
            text
        };
        self.connection
            .prepare_cached(&text)
            .map_err(|error| self.note(error))
    }

    pub(super) fn control(&self, sql: &'static str) -> Result<(), DbError> {
        let mut statement = self
            .connection
            .prepare_cached(sql)
            .map_err(|error| self.note(error))?;
        statement.execute([]).map_err(|error| self.note(error))?;
        Ok(())
    }

    /// How many rows were changed since the connection was opened.
    pub(super) fn changed_rows(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Pages in the write-ahead log after the last commit.
    pub(super) fn log_pages(&self) -> u32 {
        self.log_pages.load(Ordering::Relaxed)
    }

    /// Commits that have written to the log. One that changed nothing does not.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Gives the writer the cache that suits what has become of the file.
    pub(super) fn fit_cache(&self) -> Result<(), DbError> {
        self.give_cache().map_err(|error| self.note(error))
    }

    fn give_cache(&self) -> Result<(), rusqlite::Error> {
        let pages = self
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let kib = i64::from(cache_kib(pages));
        // Negative: in KiB and not in pages.
        self.connection.pragma_update(None, "cache_size", -kib)
    }

    /// Copies the log into the database file as far as it is there, without waiting for readers. A
    /// full disk only leaves the log longer; a failed one is reported.
    pub(super) fn checkpoint(&self) -> Result<Copied, DbError> {
        self.copy_log("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Copies all of the log and empties it: the last act before closing, which removes it.
    pub(super) fn checkpoint_fully(&self) -> Result<(), DbError> {
        self.copy_log("PRAGMA wal_checkpoint(TRUNCATE)")?;
        self.tidy_up_at_the_end(Tidy::Yes)
            .map_err(|error| self.note(error))
    }

    fn copy_log(&self, sql: &'static str) -> Result<Copied, DbError> {
        match self
            .connection
            .query_row(sql, [], |row| {
                let (log, copied) = (row.get(1)?, row.get(2)?);
                Ok(Copied { log, copied })
            })
            .map_err(classify)
        {
            Err(failed @ DbError::Failed { .. }) => Err(failed),
            Err(error) => {
                tracing::warn!(%error, "the log of the store could not be copied yet");
                Ok(Copied::default())
            }
            Ok(copied) => Ok(copied),
        }
    }

    /// Classifies an error and remembers the kinds that may concern more than one operation.
    fn note(&self, error: rusqlite::Error) -> DbError {
        let error = classify(error);
        let mut trouble = self.trouble.borrow_mut();
        match (&error, trouble.as_ref()) {
            (DbError::Failed { .. }, None | Some(DbError::Full)) | (DbError::Full, None) => {
                *trouble = Some(error.clone());
            }
            _ => {}
        }
        error
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How often a statement that was run before had to be compiled again.
    #[cfg(test)]
    pub(super) fn compiled_again(&self, sql: &'static str) -> i32 {
        let statement = self.prepare(sql).expect("a statement");
        statement.get_status(rusqlite::StatementStatus::RePrepare)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn read_value(value: ValueRef<'_>, index: usize) -> Result<Value, DbError> {
    let corrupt = |what: &str| DbError::Corrupt {
        what: format!("column {index}: {what}"),
    };
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
            .map(Value::Text)
            .map_err(|_| corrupt("the text is not UTF-8")),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => Err(corrupt("a floating-point number has no place here")),
    }
}

pub(super) fn classify(error: rusqlite::Error) -> DbError {
    match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            let message = message.unwrap_or_else(|| code.to_string());
            classify_code(code, message)
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => classify_code(error, msg),
        rusqlite::Error::InvalidParameterCount(given, wanted) => DbError::Misuse {
            what: format!("the statement takes {wanted} parameters, {given} were given"),
        },
        misuse @ (rusqlite::Error::MultipleStatement
        | rusqlite::Error::ExecuteReturnedResults
        | rusqlite::Error::InvalidQuery
        | rusqlite::Error::NulError(_)) => DbError::Misuse {
            what: misuse.to_string(),
        },
        other => DbError::Engine {
            what: other.to_string(),
        },
    }
}

/// The engine's messages name tables, columns and rules. They never quote a bound value.
fn classify_code(code: ffi::Error, message: String) -> DbError {
    let numbered = |message: String| format!("{message} (SQLite code {})", code.extended_code);
    match code.code {
        ErrorCode::DiskFull => DbError::Full,
        ErrorCode::SystemIoFailure => DbError::Failed {
            what: numbered(message),
        },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DbError::Busy,
        ErrorCode::ReadOnly => DbError::ReadOnly,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => DbError::Corrupt {
            what: numbered(message),
        },
        ErrorCode::ConstraintViolation => match code.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => {
                let what = message.split_once(": ").map(|(_, what)| what.to_owned());
                DbError::Conflict {
                    what: what.unwrap_or(message),
                }
            }
            _ => DbError::Constraint { what: message },
        },
        _ => DbError::Engine {
            what: numbered(message),
        },
    }
}

fn require_version(number: i32, text: &str) -> Result<(), DbError> {
    if number >= OLDEST_VERSION {
        return Ok(());
    }
    Err(DbError::Open {
        what: format!("SQLite {text} was found, 3.51.3 or newer is needed"),
    })
}

/// Creates the file readable by its owner alone, before SQLite would do it for everyone, and takes
/// the rights of others from one that is there. The log and the index beside it inherit the mode.
pub(super) fn create_private(path: &Path) -> Result<(), DbError> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let settled = match created {
        // The name must survive a power cut as well as what will stand under it.
        Ok(_file) => path
            .parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => make_private(path),
        Err(error) => Err(error),
    };
    settled.map_err(|error| DbError::Open {
        what: format!("{}: {error}", path.display()),
    })
}

/// A copy or a restored backup easily comes with the rights of any other file. By its name only:
/// opening and closing a file of SQLite's would end the locks of this process on it.
fn make_private(database: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        let mode = match fs::metadata(&name) {
            Ok(found) => found.permissions().mode() & 0o7777,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if mode & 0o077 != 0 {
            fs::set_permissions(&name, Permissions::from_mode(0o600))?;
            tracing::warn!(
                file = %name.display(),
                mode = format!("{mode:04o}"),
                "others had rights on a file of the database; they are taken"
            );
        }
    }
    Ok(())
}

fn cannot_open(path: &Path, error: &rusqlite::Error) -> DbError {
    DbError::Open {
        what: format!("{}: {error}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_engine_is_refused_and_named() {
        assert_eq!(require_version(3_051_003, "3.51.3"), Ok(()));
        let error = require_version(3_051_002, "3.51.2").expect_err("too old");
        assert!(
            error.to_string().contains("SQLite 3.51.2 was found"),
            "{error}"
        );
    }

    #[test]
    fn the_engine_compiled_in_is_new_enough() {
        assert_eq!(
            require_version(rusqlite::version_number(), rusqlite::version()),
            Ok(())
        );
    }

    #[test]
    fn the_cache_of_the_writer_grows_with_the_file() {
        for (pages, expected) in [
            (0, 16_384),
            (65_536, 16_384),
            (131_072, 32_768),
            (LARGE_FILE_PAGES, 65_536),
            (LARGE_FILE_PAGES + 1, 98_304),
            (u32::MAX, 98_304),
        ] {
            assert_eq!(cache_kib(pages), expected, "{pages}");
        }
    }

    #[test]
    fn a_writer_has_the_cache_that_fits() {
        let directory = tempfile::tempdir().expect("a directory");
        let engine = Engine::open_writer(&directory.path().join("a.db"), Durability::Normal);
        let engine = engine.expect("an engine");
        let kib = || -> i64 {
            engine
                .connection
                .query_row("PRAGMA cache_size", [], |row| row.get(0))
                .expect("a size")
        };
        assert_eq!(kib(), -16_384);
        engine
            .connection
            .pragma_update(None, "cache_size", -5)
            .expect("another size");
        engine.fit_cache().expect("a size");
        assert_eq!(kib(), -16_384);
    }
}
