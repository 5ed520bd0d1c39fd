//! Registering the public key that a tenant's card data is encrypted to.

use cardwright_core::Record;

use crate::{
    error::{Error, Result},
    secrets::card_encryption::CardDataKey,
    store::{
        Tx,
        card_data_keys::{self, StoredKey},
    },
};

/// Registers a key, in place of the one before. From the next answer on, card data is encrypted.
pub async fn register(tx: &mut Tx, key: CardDataKey) -> Result<StoredKey> {
    tx.audit("card_data_key.register", ("key", &key.fingerprint()))
        .await?;
    card_data_keys::put(tx, key).await
}

/// Removes the tenant's key. From the next answer on, card data is in the clear.
pub async fn remove(tx: &mut Tx) -> Result<StoredKey> {
    let missing = || Error::not_found(Record::CardDataKey);
    let stored = card_data_keys::find(tx).await?.ok_or_else(missing)?;
    card_data_keys::remove(tx).await?;
    tx.audit("card_data_key.remove", ("key", &stored.key.fingerprint()))
        .await?;
    Ok(stored)
}
