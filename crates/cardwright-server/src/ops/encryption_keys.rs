//! The key pair of a tenant that its callers encrypt secrets to: made when it is first asked for.

use cardwright_core::{Refusal, SecretRefusal, TenantId};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    secrets::{
        SealContext,
        card_encryption::CardDataKey,
        jwe::{self, DecryptionKey, JweError},
    },
    store::{
        Actor, ReadTx, Scope, Store, Tx,
        keys::{self, TenantSecret},
    },
};

/// What the pair is kept as.
const PURPOSE: &str = "secrets_rsa";

/// Sees to it that the tenant has a pair. Making one takes long, so no transaction is open
/// meanwhile; of two that are made at once the first one stays.
pub async fn ensure(store: &Store, tenant: TenantId) -> Result<()> {
    let known = store
        .read(tenant, async |tx| {
            Ok(keys::find_tenant_secret(tx, PURPOSE).await?.is_some())
        })
        .await?;
    if known {
        return Ok(());
    }
    let made = tokio::task::spawn_blocking(DecryptionKey::generate).await;
    let made = made.map_err(|error| Error::Corrupt(error.to_string()))?;
    let made = made.map_err(broken)?;
    let scope = Scope {
        tenant,
        actor: Actor::system("encryption key"),
    };
    store
        .write(&scope, async move |tx| keep(tx, &made).await)
        .await
}

async fn keep(tx: &mut Tx, key: &DecryptionKey) -> Result<()> {
    if keys::find_tenant_secret(tx, PURPOSE).await?.is_some() {
        return Ok(());
    }
    let pkcs8 = key.to_pkcs8().map_err(broken)?;
    let place = SealContext::of_tenant(tx.tenant().get(), "tenant_secret", PURPOSE);
    let secret = TenantSecret {
        purpose: PURPOSE,
        sealed: tx.vault().seal(&place, &pkcs8, tx.entropy())?,
        public_text: Some(jwe::public_pem(key.public())),
    };
    keys::insert_tenant_secret(tx, &secret).await?;
    let fingerprint = key.public().fingerprint();
    tx.audit("encryption_key.create", ("key", &fingerprint))
        .await
}

/// The public half of the tenant's pair; nothing where nobody asked for it yet. The private half
/// stays sealed.
pub async fn public(tx: &mut ReadTx) -> Result<Option<CardDataKey>> {
    let Some(kept) = keys::find_tenant_secret(tx, PURPOSE).await? else {
        return Ok(None);
    };
    let Some(pem) = &kept.public_text else {
        // A pair of before public halves were kept.
        let pair = DecryptionKey::from_pkcs8(&opened(tx, &kept)?).map_err(broken)?;
        return Ok(Some(pair.public().clone()));
    };
    let public = CardDataKey::from_pem(pem);
    public
        .map(Some)
        .map_err(|error| Error::Corrupt(error.to_string()))
}

fn opened(tx: &ReadTx, kept: &TenantSecret) -> Result<Zeroizing<Vec<u8>>> {
    let place = SealContext::of_tenant(tx.tenant().get(), "tenant_secret", PURPOSE);
    Ok(tx.vault().open(&place, &kept.sealed)?)
}

/// What was encrypted to the tenant's public half. Reading the key and decrypting
/// take long, so no transaction is open meanwhile.
pub async fn decrypt(store: &Store, tenant: TenantId, jwe: String) -> Result<Zeroizing<Vec<u8>>> {
    let pkcs8 = store
        .read(tenant, async |tx| {
            let kept = keys::find_tenant_secret(tx, PURPOSE).await?;
            kept.map(|kept| opened(tx, &kept)).transpose()
        })
        .await?;
    // Without a pair there is nothing that anybody could have encrypted to.
    let pkcs8 = pkcs8.ok_or(Refusal::Secret(SecretRefusal::SecretUnreadable))?;
    let content = tokio::task::spawn_blocking(move || decrypted(&pkcs8, &jwe)).await;
    content.map_err(|error| Error::Corrupt(error.to_string()))?
}

fn decrypted(pkcs8: &[u8], jwe: &str) -> Result<Zeroizing<Vec<u8>>> {
    let key = DecryptionKey::from_pkcs8(pkcs8).map_err(broken)?;
    key.decrypt(jwe).map_err(|error| match error {
        JweError::Malformed | JweError::Unreadable => {
            Refusal::Secret(SecretRefusal::SecretUnreadable).into()
        }
        JweError::NotAllowed => Refusal::Secret(SecretRefusal::EncryptionNotAllowed).into(),
        JweError::Encrypt | JweError::Key => broken(error),
    })
}

fn broken(error: JweError) -> Error {
    Error::Corrupt(error.to_string())
}
