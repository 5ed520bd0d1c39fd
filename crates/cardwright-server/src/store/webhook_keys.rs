//! RSA key pairs that sign a tenant's deliveries: the first one, made with the tenant, is among its
//! other secrets, those that took its place are rows of their own.

use cardwright_core::Timestamp;

use super::{ReadTx, Tx, db::Value, holders::time, keys};
use crate::{
    error::{Error, Result},
    secrets::{SealContext, webhook_keys::WebhookKey},
};

/// Under which purpose the first key pair of a tenant is kept.
pub const FIRST: &str = "webhook_rsa";
/// Where later ones are sealed.
const PLACE: &str = "webhook_key";
/// The number of the first key pair among a tenant's.
const FIRST_ID: i64 = 0;

/// A key pair as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredKey {
    /// Its number among the tenant's; 0 is the first.
    pub id: i64,
    /// The private half, sealed.
    sealed: Vec<u8>,
    /// The public half.
    pub public_pem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs, until another one does.
    pub signs_from: Timestamp,
}

/// Every key pair of the tenant, the oldest first.
pub async fn all(tx: &mut ReadTx) -> Result<Vec<StoredKey>> {
    let mut found = Vec::new();
    if let Some((first, created_at)) = keys::find_dated_tenant_secret(tx, FIRST).await? {
        found.push(StoredKey {
            id: FIRST_ID,
            sealed: first.sealed,
            public_pem: first.public_text.unwrap_or_default(),
            created_at,
            signs_from: created_at,
        });
    }
    let sql = "SELECT id, sealed, public_pem, created_at, signs_from FROM webhook_key \
               WHERE tenant = $1 ORDER BY id";
    for row in tx.query(sql, &[]).await? {
        let mut columns = row.reader();
        found.push(StoredKey {
            id: columns.next()?,
            sealed: columns.next()?,
            public_pem: columns.next()?,
            created_at: time(columns.next()?)?,
            signs_from: time(columns.next()?)?,
        });
    }
    Ok(found)
}

/// The one that signs now: of those whose time has come, the one that was made last. So a key that
/// replaces another at once stays, whatever was planned before it. Nothing where the tenant has
/// none yet.
pub fn current(all: &[StoredKey], now: Timestamp) -> Option<&StoredKey> {
    let begun = all.iter().filter(|key| key.signs_from <= now);
    begun.max_by_key(|key| key.id)
}

/// When a key has signed for the last time: when one that was made later begins. One that never has
/// its turn ends when it was to begin.
pub fn signs_until(all: &[StoredKey], key: &StoredKey) -> Option<Timestamp> {
    let later = all.iter().filter(|other| other.id > key.id);
    let next = later.map(|other| other.signs_from).min()?;
    Some(next.max(key.signs_from))
}

/// The key pair that signs at the transaction's real time.
pub async fn signing(tx: &mut ReadTx) -> Result<Option<WebhookKey>> {
    let all = all(tx).await?;
    let Some(stored) = current(&all, tx.real_now()) else {
        return Ok(None);
    };
    let place = place(tx, stored.id);
    let plain = tx.vault().open(&place, &stored.sealed)?;
    let key = WebhookKey::from_pkcs8(&plain);
    key.map(Some)
        .map_err(|error| Error::Corrupt(error.to_string()))
}

fn place(tx: &ReadTx, id: i64) -> SealContext<'static> {
    if id == FIRST_ID {
        SealContext::of_tenant(tx.tenant().get(), "tenant_secret", FIRST)
    } else {
        SealContext::of_tenant(tx.tenant().get(), PLACE, id)
    }
}

/// Keeps a key pair that signs from then on.
pub async fn insert(tx: &mut Tx, key: &WebhookKey, signs_from: Timestamp) -> Result<()> {
    let broken =
        |error: crate::secrets::webhook_keys::WebhookKeyError| Error::Corrupt(error.to_string());
    let public_pem = key.public_pem().map_err(broken)?;
    let plain = key.to_pkcs8().map_err(broken)?;
    let id = tx.next_id().await?;
    let sealed = tx.vault().seal(&place(tx, id), &plain, tx.entropy())?;
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO webhook_key (tenant, id, sealed, public_pem, created_at, signs_from) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            Value::from(id),
            sealed.into(),
            public_pem.into(),
            now.into(),
            signs_from.as_millisecond().into(),
        ],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: i64, signs_from: i64) -> StoredKey {
        let at = |second| Timestamp::from_second(second).expect("a time");
        StoredKey {
            id,
            sealed: Vec::new(),
            public_pem: String::new(),
            created_at: at(0),
            signs_from: at(signs_from),
        }
    }

    #[test]
    fn a_key_that_took_over_at_once_is_not_undone_by_one_planned_before() {
        let all = [key(0, 0), key(1, 1_000), key(2, 500)];
        let signs = |second| {
            let now = Timestamp::from_second(second).expect("a time");
            current(&all, now).map(|key| key.id)
        };
        let at = [499, 500, 999, 1_000, 2_000].map(signs);
        assert_eq!(at, [Some(0), Some(2), Some(2), Some(2), Some(2)]);
        let until = all.iter().map(|key| signs_until(&all, key));
        let until: Vec<_> = until.map(|at| at.map(Timestamp::as_second)).collect();
        assert_eq!(until, [Some(500), Some(1_000), None]);
    }

    #[test]
    fn keys_that_take_over_as_planned_follow_one_another() {
        let all = [key(0, 0), key(1, 500), key(2, 1_000)];
        let until = all.iter().map(|key| signs_until(&all, key));
        let until: Vec<_> = until.map(|at| at.map(Timestamp::as_second)).collect();
        assert_eq!(until, [Some(500), Some(1_000), None]);
    }
}
