//! Who is calling: the checks that every signed surface makes in the same order.
//!
//! Law: an unknown token, a wrong secret, a revoked credential and a credential of another kind
//! are one and the same outcome, and none of them skips the check of the signature.

use std::{fmt, net::IpAddr, sync::Arc};

use cardwright_core::{TenantId, Timestamp};
use cardwright_wire::finci::signature::{
    CanonicalForm, FormSetting, Parts, Presented, SigningKey, Window, parse_timestamp,
};

use crate::{
    error::{Error, Result},
    network::{AddressList, Breadth},
    secrets::{SealContext, Secret, Vault},
    store::{
        Store,
        callers::KnownCaller,
        credentials::{self, Credential, CredentialKind},
        environment::EnvironmentName,
    },
};

/// Where the secrets of credentials are sealed.
pub(super) const SECRET_PLACE: &str = "credential.secret";

/// A caller whose signature was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Whose credential it is.
    pub tenant: TenantId,
    /// Which credential.
    pub credential: i64,
    /// The signature, by which a repeat of the same request is noticed.
    pub signature: [u8; 32],
    /// When the request can no longer be accepted, so that its signature may be forgotten.
    pub forgotten_at: Timestamp,
    /// The form that was found to match, where the credential is set to have it found.
    pub detected: Option<CanonicalForm>,
}

/// What a credential must be for to be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Door {
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// Where that surface is.
    pub environment: EnvironmentName,
}

/// Why a signed request is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rejection {
    /// Whatever is wrong with the signature or its credential.
    NotAuthenticated,
    /// The timestamp is too far from now, or none.
    OutOfTime,
    /// Everything is right, but not from this address.
    AddressNotAllowed,
}

/// Judges the timestamp of a request: the first thing looked at after the headers' shape.
pub fn check_time(
    presented: &Presented,
    window: Window,
    now: Timestamp,
) -> std::result::Result<Timestamp, Rejection> {
    let seconds = parse_timestamp(&presented.timestamp_text).map_err(|_| Rejection::OutOfTime)?;
    if !window.contains(now.as_second(), seconds) {
        return Err(Rejection::OutOfTime);
    }
    // By the widest window that there may be: after a restart with a wider one than now, what was
    // taken under this one must still be known.
    let remembered = *Window::ALLOWED_SECONDS.end();
    Timestamp::from_second(seconds + remembered + 1).map_err(|_| Rejection::OutOfTime)
}

/// A request whose signature is to be verified. `Debug` shows neither body nor signature.
#[derive(Clone)]
pub struct SignedRequest {
    /// What its headers say.
    pub presented: Presented,
    /// Method, upper case.
    pub method: String,
    /// The raw target.
    pub target: String,
    /// The raw body.
    pub body: Vec<u8>,
    /// Whence it came.
    pub address: IpAddr,
    /// When its signature may be forgotten, from [`check_time`].
    pub forgotten_at: Timestamp,
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignedRequest")
            .field("method", &self.method)
            .field("address", &self.address)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Verifies a signed request against the credential that it names.
pub async fn verify(
    store: &Store,
    door: Door,
    request: &SignedRequest,
) -> Result<std::result::Result<Caller, Rejection>> {
    let now = store.resources().clock.now();
    let found = known(store, &request.presented.token).await?;
    let found = found.filter(|caller| {
        caller.kind == door.kind && caller.expires_at.is_none_or(|expires_at| now < expires_at)
    });
    let parts = Parts {
        token: &request.presented.token,
        timestamp: &request.presented.timestamp_text,
        method: &request.method,
        target: &request.target,
        body: &request.body,
    };
    let signature = &request.presented.signature;
    let matched = if let Some(caller) = &found {
        tried(&caller.form, door.environment)
            .iter()
            .find(|form| caller.key.verify(form, &parts, signature))
            .cloned()
    } else {
        // A token that nobody has is checked against a key that nobody has.
        let nobody = SigningKey::new("no such credential");
        nobody.verify(&CanonicalForm::Default, &parts, signature);
        None
    };
    let (Some(caller), Some(form)) = (found, matched) else {
        return Ok(Err(Rejection::NotAuthenticated));
    };
    if !caller.allowed.contains(request.address) {
        return Ok(Err(Rejection::AddressNotAllowed));
    }
    Ok(Ok(Caller {
        tenant: caller.tenant,
        credential: caller.credential,
        signature: request.presented.signature,
        forgotten_at: request.forgotten_at,
        detected: match caller.form {
            FormSetting::Detect => Some(form),
            FormSetting::Fixed(_) => None,
        },
    }))
}

/// The forms that a signature may be in. Trying several is for sandboxes: elsewhere a credential
/// that is set to it, however that came about, opens nothing.
fn tried(setting: &FormSetting, environment: EnvironmentName) -> &[CanonicalForm] {
    match (setting, environment) {
        (FormSetting::Detect, EnvironmentName::Production) => {
            tracing::warn!("a credential is set to detect its form, which production never does");
            &[]
        }
        (FormSetting::Detect, EnvironmentName::Sandbox) | (FormSetting::Fixed(_), _) => {
            setting.candidates()
        }
    }
}

/// The caller with this token: out of memory, or read and remembered.
async fn known(store: &Store, token: &str) -> Result<Option<Arc<KnownCaller>>> {
    let callers = &store.resources().callers;
    let (known, generation) = callers.find(token);
    if known.is_some() {
        return Ok(known);
    }
    let named = token.to_owned();
    let found = store
        .recognize(async move |session| credentials::find_unrevoked(session, &named).await)
        .await?;
    let Some(credential) = found else {
        return Ok(None);
    };
    let caller = Arc::new(ready(&store.resources().vault, &credential)?);
    callers.remember(credential.token, Arc::clone(&caller), generation);
    Ok(Some(caller))
}

/// The secret of a credential, out of the vault.
pub(super) fn secret_of(vault: &Vault, credential: &Credential) -> Result<Secret> {
    let place = SealContext::of_tenant(credential.tenant.get(), SECRET_PLACE, credential.id);
    let plain = vault.open(&place, &credential.secret_sealed)?;
    let text = std::str::from_utf8(&plain);
    let text = text.map_err(|_| Error::Corrupt(format!("credential {}: secret", credential.id)));
    Ok(Secret::new(text?.to_owned()))
}

/// A credential with its secret out of the vault.
fn ready(vault: &Vault, credential: &Credential) -> Result<KnownCaller> {
    let corrupt = |what: &str| Error::Corrupt(format!("credential {}: {what}", credential.id));
    let secret = secret_of(vault, credential)?;
    let form = credential
        .canonical_form
        .parse()
        .map_err(|_| corrupt("canonical form"))?;
    let allowed = AddressList::parse(credential.allowlist.split_whitespace(), Breadth::AllowAny)
        .map_err(|error| corrupt(&error.to_string()))?;
    Ok(KnownCaller {
        tenant: credential.tenant,
        credential: credential.id,
        kind: credential.kind,
        key: SigningKey::new(secret.expose()),
        form,
        allowed,
        expires_at: credential.expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_request_shows_neither_its_content_nor_what_proves_it() {
        let request = SignedRequest {
            presented: Presented {
                token: "token_of_somebody".to_owned(),
                timestamp_text: "1700000000".to_owned(),
                signature: [0xAB; 32],
            },
            method: "POST".to_owned(),
            target: "/cards?holder=jonas".to_owned(),
            body: b"4111111111111111".to_vec(),
            address: IpAddr::from([192, 0, 2, 1]),
            forgotten_at: Timestamp::UNIX_EPOCH,
        };
        let shown = format!("{request:?}");
        assert!(shown.contains("POST"), "{shown}");
        // A body of bytes would show as the numbers 52, 49, …
        for hidden in ["token_of", "171", "jonas", "4111", "52, 49"] {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
    }
}
