//! Keys of operators, of which only hashes are kept, and what each may do.

use cardwright_core::{Record, TenantId, Timestamp};

use super::{
    ReadTx, SystemTx, Tx,
    db::{ReadSession, Row},
    holders::time,
};
use crate::error::{Error, Result};

/// What an operator may do; each role may do what those before it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Looks, and changes nothing.
    Auditor,
    /// Decides about holders, blocks cards, unlocks users.
    Support,
    /// Everything but tenants, credentials, users and keys.
    Operator,
    /// Everything.
    Owner,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Role; 4] = [Role::Auditor, Role::Support, Role::Operator, Role::Owner];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Role::Auditor => "auditor",
            Role::Support => "support",
            Role::Operator => "operator",
            Role::Owner => "owner",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// An operator's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AdminKey {
    /// The tenant that it acts on unless a call names another.
    pub tenant: TenantId,
    /// Its id.
    pub id: i64,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
}

fn from_row(row: &Row) -> Result<AdminKey> {
    let mut columns = row.reader();
    let (tenant, id): (i64, i64) = (columns.next()?, columns.next()?);
    let corrupt = || Error::Corrupt(format!("admin key {id}"));
    Ok(AdminKey {
        tenant: TenantId::new(tenant).map_err(|_| corrupt())?,
        id,
        role: Role::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        created_at: time(columns.next()?)?,
    })
}

/// Adds a key, of which only the hash is kept.
pub async fn insert(tx: &mut Tx, role: Role, hash: &[u8]) -> Result<AdminKey> {
    let id = tx.next_id().await?;
    let key = AdminKey {
        tenant: tx.tenant(),
        id,
        role,
        created_at: tx.real_now(),
    };
    let sql = "INSERT INTO admin_key (tenant, id, role, hash, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let now = key.created_at.as_millisecond();
    let parameters = [id.into(), role.word().into(), hash.into(), now.into()];
    tx.execute(sql, &parameters).await?;
    Ok(key)
}

/// The active key with this hash.
pub async fn find_active(session: &mut ReadSession, hash: &[u8]) -> Result<Option<AdminKey>> {
    let sql = "SELECT tenant, id, role, created_at FROM admin_key \
               WHERE hash = $1 AND revoked_at IS NULL";
    session
        .optional(sql, &[hash.into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// The active key of the tenant with this id.
pub async fn get(tx: &mut ReadTx, id: i64) -> Result<AdminKey> {
    let sql = "SELECT tenant, id, role, created_at FROM admin_key \
               WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL";
    let row = tx.optional(sql, &[id.into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Credential))?)
}

/// The active keys of the tenant behind an id, the oldest first.
pub async fn list(tx: &mut ReadTx, after: i64, limit: i64) -> Result<Vec<AdminKey>> {
    let sql = "SELECT tenant, id, role, created_at FROM admin_key \
               WHERE tenant = $1 AND id > $2 AND revoked_at IS NULL ORDER BY id LIMIT $3";
    let rows = tx.query(sql, &[after.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// Ends every key of the tenant.
pub async fn revoke_all(tx: &mut Tx) -> Result<u64> {
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE admin_key SET revoked_at = $2 WHERE tenant = $1 AND revoked_at IS NULL";
    tx.execute(sql, &[now.into()]).await
}

/// Ends one active key.
pub async fn revoke(tx: &mut Tx, id: i64) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE admin_key SET revoked_at = $3 \
               WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL";
    tx.execute(sql, &[id.into(), now.into()]).await?;
    Ok(())
}

/// Whether a key with this hash is active.
pub async fn is_active(tx: &mut SystemTx, hash: &[u8]) -> Result<bool> {
    Ok(find_active(tx.reading(), hash).await?.is_some())
}
