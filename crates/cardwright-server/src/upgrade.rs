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
