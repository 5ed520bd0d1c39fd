//! Who operates: recognized by a key, with a role and a home.

use cardwright_core::TenantId;

use crate::{
    error::{Error, Result},
    secrets::{Secret, generate, hash_api_key},
    store::{
        Store, Tx,
        admin_keys::{self, AdminKey, Role},
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
        .recognize(async move |session| admin_keys::find_active(session, &hash).await)
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
        .recognize(async move |session| tenants::find_by_uuid(session, &uuid).await)
        .await?;
    Ok(found.map(|tenant| tenant.id))
}

/// Makes a key of an operator; it is shown now or never.
pub async fn create_key(tx: &mut Tx, role: Role) -> Result<(AdminKey, Secret)> {
    let key = generate::admin_key(tx.entropy());
    let made = admin_keys::insert(tx, role, &hash_api_key(&key)).await?;
    tx.audit("admin_key.create", ("admin_key", &made.id.to_string()))
        .await?;
    Ok((made, key))
}

/// Ends a key of an operator at once. No key ends itself, so that one is always left.
pub async fn end_key(tx: &mut Tx, id: i64, own: i64) -> Result<AdminKey> {
    if id == own {
        return Err(Error::Invalid("admin_key_id"));
    }
    let key = admin_keys::get(tx, id).await?;
    admin_keys::revoke(tx, id).await?;
    tx.audit("admin_key.end", ("admin_key", &id.to_string()))
        .await?;
    Ok(key)
}
