//! Who operates: recognized by a key, with a role and a home.

use cardwright_core::TenantId;

use crate::{
    error::Result,
    secrets::{Secret, hash_api_key},
    store::{
        Store,
        admin_keys::{self, Role},
        tenants,
    },
};

/// Whoever holds an operator's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operator {
    /// The id of the key.
    pub key: i64,
    /// What it may do.
    pub role: Role,
    /// The tenant that it acts on unless a call names another.
    pub home: TenantId,
}

/// Whose key this is; nothing for a key that was never made or has ended.
pub async fn recognize(store: &Store, key: &Secret) -> Result<Option<Operator>> {
    let hash = hash_api_key(key);
    let found = store
        .system_read(async move |session| admin_keys::find_active(session, &hash).await)
        .await?;
    Ok(found.map(|key| Operator {
        key: key.id,
        role: key.role,
        home: key.tenant,
    }))
}

/// The tenant that a call names.
pub async fn tenant(store: &Store, uuid: &str) -> Result<Option<TenantId>> {
    let uuid = uuid.to_owned();
    let found = store
        .system_read(async move |session| tenants::find_by_uuid(session, &uuid).await)
        .await?;
    Ok(found.map(|tenant| tenant.id))
}
