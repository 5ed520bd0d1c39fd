//! Tenants: the companies that use the platform.

use cardwright_core::TenantId;

use super::environments::{add_key, load_keys};
use crate::{
    error::{Error, Result},
    secrets::KeyPurpose,
    store::{
        Actor, Scope, Store, SystemTx,
        tenants::{self, KycMode, Tenant},
    },
};

/// A tenant that is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTenant {
    /// Its name.
    pub name: String,
    /// How its holders are checked.
    pub kyc_mode: KycMode,
}

/// Adds a tenant with a data key of its own. It has nothing else yet: no credential, no user.
pub async fn create(store: &Store, actor: Actor, new: NewTenant) -> Result<Tenant> {
    let tenant = store
        .system(async move |tx| {
            let tenant = insert(tx, new).await?;
            let scope = Scope {
                tenant: tenant.id,
                actor,
            };
            tx.audit(scope, "tenant.create", ("tenant", &tenant.uuid))
                .await?;
            Ok(tenant)
        })
        .await?;
    load_keys(store).await?;
    Ok(tenant)
}

/// Stores a tenant and its data key, which is of use only after the commit, see [`load_keys`].
pub(super) async fn insert(tx: &mut SystemTx, new: NewTenant) -> Result<Tenant> {
    let id = TenantId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let entropy = tx.resources().entropy.clone();
    let tenant = Tenant {
        id,
        uuid: entropy.record_uuid("tenant", id.get()).to_string(),
        organization_uuid: entropy.record_uuid("organization", id.get()).to_string(),
        name: new.name,
        kyc_mode: new.kyc_mode,
        created_at: tx.now(),
    };
    tenants::insert(tx, &tenant).await?;
    add_key(tx, KeyPurpose::Tenant(id.get())).await?;
    Ok(tenant)
}
