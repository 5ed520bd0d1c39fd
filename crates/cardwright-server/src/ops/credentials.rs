//! Credentials of signed callers: made, rotated, ended. Their times are real time.

use cardwright_core::Refusal;
use jiff::SignedDuration;

use super::callers::SECRET_PLACE;
use crate::{
    error::{Error, Result},
    network::{AddressList, Breadth},
    secrets::{Secret, generate},
    store::{
        Tx,
        credentials::{self, Credential, CredentialKind},
        tenants,
    },
};

/// A credential that is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCredential {
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// How its caller puts the parts of a request together before signing.
    pub canonical_form: String,
    /// The networks it may be used from, separated by blanks.
    pub allowlist: String,
}

/// Networks as they are stored, out of what a caller wrote; none admits nobody.
pub fn allowlist<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let list =
        AddressList::parse(entries, Breadth::Bounded).map_err(|_| Error::Invalid("allowlist"))?;
    Ok(list.entries().join(" "))
}

/// Makes a credential in the tenant's form; its secret is shown now or never.
pub async fn create(
    tx: &mut Tx,
    kind: CredentialKind,
    allowlist: String,
) -> Result<(Credential, Secret)> {
    let canonical_form = tenants::current(tx).await?.canonical_form;
    let new = NewCredential {
        kind,
        canonical_form,
        allowlist,
    };
    issue(tx, new).await
}

/// Makes a credential.
pub(super) async fn issue(tx: &mut Tx, new: NewCredential) -> Result<(Credential, Secret)> {
    let id = tx.next_id().await?;
    let token = generate::finci_token(tx.entropy());
    let secret = generate::finci_secret(tx.entropy());
    let place = tx.place(SECRET_PLACE, id);
    let plain = secret.expose().as_bytes();
    let credential = Credential {
        tenant: tx.tenant(),
        id,
        kind: new.kind,
        token,
        secret_sealed: tx.vault().seal(&place, plain, tx.entropy())?,
        canonical_form: new.canonical_form,
        allowlist: new.allowlist,
        created_at: tx.real_now(),
        expires_at: None,
        revoked_at: None,
    };
    credentials::insert(tx, &credential).await?;
    tx.audit("credential.create", subject(&id.to_string()))
        .await?;
    Ok((credential, secret))
}

/// Makes a credential in the place of another, which works on for a while.
///
/// The old one never lives longer than it would have without this.
pub async fn rotate(
    tx: &mut Tx,
    id: i64,
    overlap: SignedDuration,
) -> Result<(Credential, Credential, Secret)> {
    let old = active(tx, id).await?;
    let end = tx.real_now().saturating_add(overlap);
    let end = end.map_err(|_| Error::Invalid("overlap_seconds"))?;
    let old = Credential {
        expires_at: Some(old.expires_at.map_or(end, |sooner| sooner.min(end))),
        ..old
    };
    credentials::put(tx, &old).await?;
    tx.audit("credential.rotate", subject(&id.to_string()))
        .await?;
    let new = NewCredential {
        kind: old.kind,
        canonical_form: old.canonical_form.clone(),
        allowlist: old.allowlist.clone(),
    };
    let (new, secret) = issue(tx, new).await?;
    Ok((old, new, secret))
}

/// Ends a credential at once. One that has ended stays as it is.
pub async fn revoke(tx: &mut Tx, id: i64) -> Result<Credential> {
    let credential = credentials::get(tx, id).await?;
    if credential.revoked_at.is_some() {
        return Ok(credential);
    }
    let revoked = Credential {
        revoked_at: Some(tx.real_now()),
        ..credential
    };
    credentials::put(tx, &revoked).await?;
    tx.audit("credential.revoke", subject(&id.to_string()))
        .await?;
    Ok(revoked)
}

/// Replaces the networks that a credential may be used from.
pub async fn set_allowlist(tx: &mut Tx, id: i64, allowlist: String) -> Result<Credential> {
    let credential = Credential {
        allowlist,
        ..active(tx, id).await?
    };
    credentials::put(tx, &credential).await?;
    tx.audit("credential.set_allowlist", subject(&id.to_string()))
        .await?;
    Ok(credential)
}

async fn active(tx: &mut Tx, id: i64) -> Result<Credential> {
    let credential = credentials::get(tx, id).await?;
    if credential.is_active(tx.real_now()) {
        Ok(credential)
    } else {
        Err(Refusal::CredentialRevoked.into())
    }
}

fn subject(id: &str) -> (&str, &str) {
    ("credential", id)
}
