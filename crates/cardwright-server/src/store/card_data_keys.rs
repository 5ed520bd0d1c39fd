//! The public keys that tenants' card data is encrypted to; at most one each.

use cardwright_core::Timestamp;

use super::{ReadTx, Tx, db::Value, holders::time};
use crate::{
    error::{Error, Result},
    secrets::card_encryption::CardDataKey,
};

/// A registered key.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// The key.
    pub key: CardDataKey,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// The tenant's key, if it registered one.
pub async fn find(tx: &mut ReadTx) -> Result<Option<StoredKey>> {
    let sql = "SELECT public_key, created_at FROM card_data_key WHERE tenant = $1";
    let Some(row) = tx.optional(sql, &[]).await? else {
        return Ok(None);
    };
    let der: Vec<u8> = row.get(0)?;
    let key = CardDataKey::from_der(&der)
        .map_err(|error| Error::Corrupt(format!("card data key: {error}")))?;
    Ok(Some(StoredKey {
        key,
        created_at: time(row.get(1)?)?,
    }))
}

/// Registers a key, in place of the one before. By real time: it belongs to a caller, not to what
/// happens in the tenant's time.
pub async fn put(tx: &mut Tx, key: CardDataKey) -> Result<StoredKey> {
    let created_at = tx.real_now();
    let bits = i64::try_from(key.bits()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO card_data_key (tenant, public_key, bits, fingerprint, created_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant) DO UPDATE \
               SET public_key = excluded.public_key, bits = excluded.bits, \
               fingerprint = excluded.fingerprint, created_at = excluded.created_at";
    let parameters = [
        Value::from(key.der()),
        bits.into(),
        key.fingerprint().into(),
        created_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(StoredKey { key, created_at })
}

/// Forgets the tenant's key; whether there was one.
pub async fn remove(tx: &mut Tx) -> Result<bool> {
    let sql = "DELETE FROM card_data_key WHERE tenant = $1";
    Ok(tx.execute(sql, &[]).await? == 1)
}
