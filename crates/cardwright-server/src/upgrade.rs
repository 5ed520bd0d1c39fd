//! Bringing a database to the schema of this program, and making what a new one begins with.
//!
//! Law: forward only, each step once; a database from the future is left alone.

use std::path::Path;

use crate::config::Fault;
use crate::directory::Directory;
use crate::init;
use crate::ops::tenants::NewTenant;
use crate::ops::{environments, operators, tenants};
use crate::secrets::Secret;
use crate::secrets::keys::KeyFile;
use crate::serve::{environment_of, existing};
use crate::store::admin_keys::Role;
use crate::store::db::{Db, Migration};
use crate::store::tenants::KycMode;
use crate::store::{Actor, MIGRATIONS, Scope};

/// The steps that a database lacked and has now.
pub async fn migrate(data: &Path) -> Result<&'static [Migration], Fault> {
    let directory = existing(data)?;
    let db = init::open_database(&directory, directory.database())?;
    let outcome = steps(&directory, &db).await;
    db.close().await;
    directory.leave();
    outcome
}

async fn steps(directory: &Directory, db: &Db) -> Result<&'static [Migration], Fault> {
    environment_of(directory, db).await?;
    let fault = |error: crate::store::db::DbError| directory.fault(error.to_string());
    let pending = db.pending(MIGRATIONS).await.map_err(fault)?;
    db.migrate(MIGRATIONS).await.map_err(fault)?;
    Ok(pending)
}

/// A tenant that was made, with the key of its first operator.
pub struct Founded {
    /// Its id.
    pub tenant_id: String,
    /// Its organization's id.
    pub organization_id: String,
    /// The key of an owner; it is shown now or never.
    pub admin_key: Secret,
}

/// Makes a tenant and the key of its first operator, where no server runs: a new production
/// environment has nobody yet who could ask one.
pub async fn found_tenant(data: &Path, name: String) -> Result<Founded, Fault> {
    let directory = existing(data)?;
    let db = init::open_database(&directory, directory.database())?;
    let outcome = found(&directory, &db, name).await;
    db.close().await;
    directory.leave();
    outcome
}

async fn found(directory: &Directory, db: &Db, name: String) -> Result<Founded, Fault> {
    let environment = environment_of(directory, db).await?;
    let pending = db.pending(MIGRATIONS).await;
    if !pending
        .map_err(|error| directory.fault(error.to_string()))?
        .is_empty()
    {
        return Err(directory.fault("the schema is of an older program; run `cardwright migrate`"));
    }
    let key =
        KeyFile::load(&directory.key_path()).map_err(|error| directory.fault(error.to_string()))?;
    let means = init::means(key, environment.seed);
    let work = async {
        let store = environments::open(db.clone(), means, environment)
            .await?
            .store;
        let new = NewTenant {
            name,
            kyc_mode: KycMode::Manual,
        };
        let actor = Actor::system("command line");
        let tenant = tenants::create(&store, actor.clone(), new).await?;
        let scope = Scope {
            tenant: tenant.id,
            actor,
        };
        let made = store
            .write(&scope, async |tx| {
                operators::create_key(tx, Role::Owner).await
            })
            .await?;
        Ok::<_, crate::error::Error>(Founded {
            tenant_id: tenant.uuid,
            organization_id: tenant.organization_uuid,
            admin_key: made.1,
        })
    };
    work.await
        .map_err(|error| directory.fault(error.log_text()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::ops::environments::NewEnvironment;
    use crate::store::db::References;
    use crate::store::db::{DbOptions, ReadSession, WriteSession};
    use crate::store::environment::EnvironmentName;

    /// A data directory whose database was made by the first steps only.
    async fn older(steps: usize) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        let new = NewEnvironment {
            name: EnvironmentName::Production,
            seed: None,
        };
        let made = init::run(place.path().to_owned(), new).await.unwrap();
        for name in ["cardwright.db", "cardwright.db-wal", "cardwright.db-shm"] {
            // Only the first of them is always there.
            let _missing = fs::remove_file(place.path().join(name));
        }
        let db = Db::open(DbOptions::file(made.database)).unwrap();
        db.migrate(&MIGRATIONS[..steps]).await.unwrap();
        let written = db.write(async |mut session: WriteSession| {
            let sql = "INSERT INTO environment (name, created_at) VALUES ('production', 7)";
            session.execute(sql, &[]).await
        });
        written.await.unwrap();
        db.close().await;
        place
    }

    /// Everything that the schema of a database says, and when its environment was made.
    async fn schema(place: &Path) -> Vec<String> {
        let db = Db::open(DbOptions::file(place.join("cardwright.db"))).unwrap();
        let read = db.read(async |mut session: ReadSession| {
            let sql = "SELECT COALESCE(sql, name) FROM sqlite_schema \
                       UNION ALL SELECT name || created_at FROM environment ORDER BY 1";
            let rows = session.query(sql, &[]).await?;
            rows.iter().map(|row| row.get(0)).collect()
        });
        let rows: Result<Vec<String>, crate::store::db::DbError> = read.await;
        db.close().await;
        rows.unwrap()
    }

    #[tokio::test]
    async fn a_database_of_any_earlier_program_comes_to_the_schema_of_a_new_one() {
        let newest = older(MIGRATIONS.len()).await;
        let expected = schema(newest.path()).await;
        assert!(expected.contains(&"production7".to_owned()));
        for steps in 1..MIGRATIONS.len() {
            let place = older(steps).await;
            let taken = migrate(place.path()).await.unwrap();
            let versions: Vec<i64> = taken.iter().map(|step| step.version).collect();
            let missing: Vec<i64> = MIGRATIONS[steps..]
                .iter()
                .map(|step| step.version)
                .collect();
            assert_eq!(versions, missing);
            assert_eq!(
                migrate(place.path()).await.unwrap().len(),
                0,
                "once is enough"
            );
            assert_eq!(schema(place.path()).await, expected, "from {steps} steps");
        }
    }

    #[tokio::test]
    async fn a_database_of_a_later_program_is_refused_and_left_alone() {
        let place = older(MIGRATIONS.len()).await;
        let version = MIGRATIONS.last().unwrap().version + 1;
        let later = Migration {
            version,
            name: "from the future",
            references: References::Kept,
            sql: "CREATE TABLE future (id INTEGER PRIMARY KEY) STRICT",
        };
        let known: &'static [Migration] = [MIGRATIONS, &[later]].concat().leak();
        let db = Db::open(DbOptions::file(place.path().join("cardwright.db"))).unwrap();
        db.migrate(known).await.unwrap();
        db.close().await;
        let before = schema(place.path()).await;
        let refused = migrate(place.path()).await.unwrap_err().to_string();
        let words = [
            format!("{version} (from the future)"),
            "this program is too old for".to_owned(),
            place.path().display().to_string(),
        ];
        for word in words {
            assert!(refused.contains(&word), "{word}: {refused}");
        }
        assert_eq!(schema(place.path()).await, before);
    }
}
