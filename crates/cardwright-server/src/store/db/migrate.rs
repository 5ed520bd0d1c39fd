//! Brings the schema in the file to the schema of the program, forward only.
//!
//! Law: an applied migration never changes. Its text is remembered by digest, so a program whose
//! history differs from the file's refuses to start instead of guessing.

use std::path::Path;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::error::DbError;
use super::operation::poll_once;
use super::session::{ReadSession, WriteSession};
use super::sqlite::{Engine, MIGRATION_TABLE};
use super::{Db, Durability};

/// One step of the schema's history.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the history: 1, 2, 3 … without gaps.
    pub version: i64,
    /// What it is for, in a few words.
    pub name: &'static str,
    /// Its statements. They run in one transaction and must not end it.
    ///
    /// Foreign keys must not be deferred: operations share a transaction, so a check that waits
    /// for the commit would refuse everyone's work instead of one's.
    pub sql: &'static str,
    /// What becomes of rows that refer to others meanwhile.
    pub references: References,
}

/// What becomes of rows that refer to others while a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// They refer to something that is there after each statement.
    Kept,
    /// A table takes the place of one that others refer to. Nobody looks while that is done, and all of
    /// the database is looked at when it has been done: where a row refers to nothing then, the step
    /// has not been taken.
    Rebuilt,
}

impl Migration {
    fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql.as_bytes()))
    }
}

/// A migration as the file remembers it.
struct Applied {
    version: i64,
    name: String,
    checksum: String,
}

pub(super) async fn run(db: &Db, known: &'static [Migration]) -> Result<(), DbError> {
    require_order(known)?;
    let seen = db.write(async move |mut session: WriteSession| {
        session.run_script(MIGRATION_TABLE)?;
        applied_prefix(known, &applied(&mut session).await?)
    });
    for migration in &known[seen.await?..] {
        let step = async move |session| take(session, known, migration).await;
        match migration.references {
            References::Kept => db.write(step).await?,
            References::Rebuilt => {
                // The store stays open for as long as this takes, whoever stops waiting for it.
                let held = db.clone();
                let rebuilt = move || {
                    let (path, durability) = &held.shared.opened;
                    let rebuilt = rebuild(path, *durability, step);
                    if let Err(DbError::Failed { what }) = &rebuilt {
                        held.shared.health.fail(what);
                    }
                    rebuilt
                };
                tokio::task::spawn_blocking(rebuilt)
                    .await
                    .map_err(|_| DbError::Panicked)??;
            }
        }
    }
    Ok(())
}

/// Takes a step that replaces what others refer to: on a connection of its own, because whether anybody
/// looks at references cannot be changed inside a transaction, and without a savepoint, for which all
/// that is replaced would be in memory.
fn rebuild(
    path: &Path,
    durability: Durability,
    step: impl AsyncFnOnce(WriteSession) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let engine = Rc::new(Engine::open_writer(path, durability)?);
    engine.look_away_from_references()?;
    engine.begin_write()?;
    let session = WriteSession::new(&engine);
    let taken = poll_once(|| step(session)).flatten();
    match taken.and_then(|()| engine.spoiled()) {
        // What has become a long log is copied here, so that the first writes need not wait for it.
        Ok(()) => engine.commit().and_then(|()| engine.checkpoint()).map(drop),
        Err(error) => {
            engine.rollback();
            Err(error)
        }
    }
}

/// Takes a step if nobody else came first: the transaction shows what is true now.
async fn take(
    mut session: WriteSession,
    known: &'static [Migration],
    migration: &'static Migration,
) -> Result<(), DbError> {
    let so_far = applied_prefix(known, &applied(&mut session).await?)?;
    if known[..so_far]
        .iter()
        .any(|done| done.version == migration.version)
    {
        return Ok(());
    }
    apply(&mut session, migration).await
}

/// The known migrations that the file lacks.
pub(super) async fn pending(
    db: &Db,
    known: &'static [Migration],
) -> Result<&'static [Migration], DbError> {
    let applied = db.read(async move |mut session: ReadSession| {
        applied_prefix(known, &applied(&mut session).await?)
    });
    Ok(&known[applied.await?..])
}

/// Sees to it that the file has all of the known migrations and no others.
pub(super) async fn require(db: &Db, known: &'static [Migration]) -> Result<(), DbError> {
    match pending(db, known).await?.first() {
        None => Ok(()),
        Some(Migration { version, name, .. }) => Err(DbError::Migration {
            what: format!("the file lacks {version} ({name}); start its server with this program"),
        }),
    }
}

async fn apply(session: &mut WriteSession, migration: &Migration) -> Result<(), DbError> {
    let Migration {
        version,
        name,
        sql,
        references,
    } = *migration;
    session.run_script(sql).map_err(|error| match error {
        passing @ (DbError::Busy | DbError::Full | DbError::Failed { .. }) => passing,
        error => DbError::Migration {
            what: format!("{version} ({name}): {error}"),
        },
    })?;
    if references == References::Rebuilt {
        let broken = "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1";
        if let Some(row) = session.optional(broken, &[]).await? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(1)?);
            let what = format!("{version} ({name}): a row of {table} refers to no {parent}");
            return Err(DbError::Migration { what });
        }
    }
    let remember = "INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)";
    session
        .execute(
            remember,
            &[version.into(), name.into(), migration.checksum().into()],
        )
        .await?;
    Ok(())
}

async fn applied(session: &mut ReadSession) -> Result<Vec<Applied>, DbError> {
    let sql = "SELECT version, name, checksum FROM schema_migration ORDER BY version";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = row.reader();
            Ok(Applied {
                version: columns.next()?,
                name: columns.next()?,
                checksum: columns.next()?,
            })
        })
        .collect()
}

fn require_order(known: &[Migration]) -> Result<(), DbError> {
    for (migration, expected) in known.iter().zip(1_i64..) {
        let Migration { version, name, .. } = migration;
        if *version != expected {
            let what = format!("{version} ({name}) stands where {expected} is expected");
            return Err(DbError::Migration { what });
        }
    }
    Ok(())
}

/// How many of the known migrations the file has, provided that it has them as we know them.
fn applied_prefix(known: &[Migration], applied: &[Applied]) -> Result<usize, DbError> {
    for (
        index,
        Applied {
            version,
            name,
            checksum,
        },
    ) in applied.iter().enumerate()
    {
        let Some(migration) = known.get(index) else {
            let what =
                format!("the file has {version} ({name}), which this program is too old for");
            return Err(DbError::Migration { what });
        };
        if *version != migration.version {
            let what = format!(
                "the file has {version} ({name}) but not {}",
                migration.version
            );
            return Err(DbError::Migration { what });
        }
        if *checksum != migration.checksum() {
            let what = format!("{version} ({name}) was changed after it had been applied");
            return Err(DbError::Migration { what });
        }
    }
    Ok(applied.len())
}
