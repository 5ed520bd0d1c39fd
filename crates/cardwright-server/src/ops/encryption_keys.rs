//! The key pair of a tenant that its callers encrypt secrets to: made when it is first asked for.

use cardwright_core::{Refusal, SecretRefusal, TenantId};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    secrets::{
        SealContext,
        jwe::{DecryptionKey, JweError},
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
        public_text: None,
    };
    keys::insert_tenant_secret(tx, &secret).await?;
    let fingerprint = key.public().fingerprint();
    tx.audit("encryption_key.create", ("key", &fingerprint))
        .await
}

/// The tenant's pair; nothing where nobody asked for its public half yet.
pub async fn find(tx: &mut ReadTx) -> Result<Option<DecryptionKey>> {
    let Some(kept) = keys::find_tenant_secret(tx, PURPOSE).await? else {
        return Ok(None);
    };
    let place = SealContext::of_tenant(tx.tenant().get(), "tenant_secret", PURPOSE);
    let pkcs8 = tx.vault().open(&place, &kept.sealed)?;
    DecryptionKey::from_pkcs8(&pkcs8).map(Some).map_err(broken)
}

/// What was encrypted to the tenant's public half.
pub async fn decrypt(tx: &mut ReadTx, jwe: &str) -> Result<Zeroizing<Vec<u8>>> {
    // Without a pair there is nothing that anybody could have encrypted to.
    let key = find(tx)
        .await?
        .ok_or(Refusal::Secret(SecretRefusal::SecretUnreadable))?;
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
