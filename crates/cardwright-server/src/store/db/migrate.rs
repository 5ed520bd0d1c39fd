//! Brings the schema in the file to the schema of the program, forward only.
//!
//! Law: an applied migration never changes. Its text is remembered by digest, so a program whose
//! history differs from the file's refuses to start instead of guessing.

use sha2::{Digest, Sha256};

use super::Db;
use super::error::DbError;
use super::session::{ReadSession, WriteSession};
use super::sqlite::MIGRATION_TABLE;

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
        db.write(async move |mut session: WriteSession| {
            // Another process may have come first; the transaction shows what is true now.
            let so_far = applied_prefix(known, &applied(&mut session).await?)?;
            if known[..so_far]
                .iter()
                .any(|done| done.version == migration.version)
            {
                return Ok(());
            }
            apply(&mut session, migration).await
        })
        .await?;
    }
    Ok(())
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
    let Migration { version, name, sql } = *migration;
    session.run_script(sql).map_err(|error| match error {
        passing @ (DbError::Busy | DbError::Full | DbError::Failed { .. }) => passing,
        error => DbError::Migration {
            what: format!("{version} ({name}): {error}"),
        },
    })?;
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
