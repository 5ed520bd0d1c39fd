//! Signing a delivery by a secret, as the platform does: for whoever delivers on its behalf.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, Result, Secret};

/// How many bytes a secret has that is made here.
const SECRET_BYTES: usize = 32;

/// Signs deliveries.
pub(crate) struct Signer {
    finci: SigningKey,
    standard: Hmac<Sha256>,
}

/// What is signed.
#[derive(Clone, Copy)]
pub(crate) struct Unsigned<'a> {
    /// The id of the message.
    pub(crate) id: &'a str,
    /// Path and query of the receiver.
    pub(crate) target: &'a str,
    /// The exact body.
    pub(crate) body: &'a [u8],
    /// When it is sent, in Unix seconds.
    pub(crate) at: i64,
}

/// A secret that nobody has yet.
pub fn fresh_secret() -> Result<Secret> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| Error::Credentials {
        reason: "this machine gives no randomness",
    })?;
    Ok(Secret::new(format!("whsec_{}", STANDARD.encode(*bytes))))
}

impl Signer {
    /// Takes a secret: `whsec_` and base64 of 24 to 64 bytes.
    pub(crate) fn new(secret: &Secret) -> Result<Signer> {
        let reason = "a webhook secret is `whsec_` and base64 of 24 to 64 bytes";
        let encoded = secret.expose().strip_prefix("whsec_");
        let bytes = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
        let bytes = bytes
            .map(Zeroizing::new)
            .filter(|bytes| (24..=64).contains(&bytes.len()));
        let bytes = bytes.ok_or(Error::Credentials { reason })?;
        Ok(Signer {
            finci: SigningKey::new(secret.expose()),
            standard: Hmac::new_from_slice(&bytes).map_err(|_| Error::Credentials { reason })?,
        })
    }

    /// The headers of Standard Webhooks.
    pub(crate) fn standard(&self, what: Unsigned<'_>) -> Vec<(&'static str, String)> {
        let timestamp = what.at.to_string();
        let mut state = self.standard.clone();
        for piece in [
            what.id.as_bytes(),
            b".",
            timestamp.as_bytes(),
            b".",
            what.body,
        ] {
            state.update(piece);
        }
        let signature = STANDARD.encode(state.finalize().into_bytes());
        vec![
            ("webhook-id", what.id.to_owned()),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", format!("v1,{signature}")),
        ]
    }

    /// The headers of FINCI.
    pub(crate) fn finci(&self, what: Unsigned<'_>) -> Vec<(&'static str, String)> {
        let timestamp = what.at.to_string();
        let parts = Parts {
            token: "",
            timestamp: &timestamp,
            method: "POST",
            target: what.target,
            body: what.body,
        };
        let signature = hex::encode(self.finci.sign(&CanonicalForm::Default, &parts));
        vec![(TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature)]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::webhook::{Delivery, Verifier};

    fn verified(verifier: &Verifier, target: &str, headers: &[(&'static str, String)]) -> bool {
        let headers: Vec<(&str, &[u8])> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect();
        let delivery = Delivery {
            method: "POST",
            target,
            headers: &headers,
            body: b"{}",
        };
        verifier.verify(&delivery).is_ok()
    }

    #[test]
    fn what_is_signed_by_a_fresh_secret_is_believed_by_it_and_by_no_other() {
        let (secret, other) = (fresh_secret().unwrap(), fresh_secret().unwrap());
        let signer = Signer::new(&secret).unwrap();
        let what = Unsigned {
            id: "evt_1",
            target: "/hooks?of=cards",
            body: b"{}",
            at: crate::TimeSource::unix_seconds(&crate::SystemClock),
        };
        let by = |secret: &Secret| {
            let secrets = [secret.clone()];
            (
                Verifier::finci(&secrets),
                Verifier::standard(&secrets).unwrap(),
            )
        };
        let (finci, standard) = by(&secret);
        assert!(verified(&finci, what.target, &signer.finci(what)));
        assert!(verified(&standard, "/elsewhere", &signer.standard(what)));
        assert!(!verified(&finci, "/elsewhere", &signer.finci(what)));
        let (finci, standard) = by(&other);
        assert!(!verified(&finci, what.target, &signer.finci(what)));
        assert!(!verified(&standard, what.target, &signer.standard(what)));
    }

    #[test]
    fn a_secret_of_another_form_is_refused() {
        for wrong in [
            "",
            "whsec_",
            "secret",
            "whsec_AAAA",
            "whsec_not base64 at all, is it?",
        ] {
            assert!(Signer::new(&Secret::new(wrong)).is_err(), "{wrong}");
        }
    }
}
