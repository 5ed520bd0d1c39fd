//! The three ways in which a delivery is signed.

use std::fmt;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER, parse_timestamp,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Delivery, Fault};
use crate::{Error, Result, Secret};

const STANDARD_ID: &str = "webhook-id";
const STANDARD_TIMESTAMP: &str = "webhook-timestamp";
const STANDARD_SIGNATURE: &str = "webhook-signature";
const FINCARD_SIGNATURE: &str = "X-FC-SIGNATURE";
const FINCARD_SIGNATURE_OLD: &str = "X-WSB-SIGNATURE";

/// One way of signing, and who is trusted.
#[derive(Clone)]
pub(super) enum Scheme {
    Finci(Vec<SigningKey>),
    Standard(Vec<Hmac<Sha256>>),
    Fincard(Vec<ParsedPublicKey>),
}

impl Scheme {
    pub(super) fn finci(secrets: &[Secret]) -> Scheme {
        let key = |secret: &Secret| SigningKey::new(secret.expose());
        Scheme::Finci(secrets.iter().map(key).collect())
    }

    pub(super) fn standard(secrets: &[Secret]) -> Result<Scheme> {
        let key = |secret: &Secret| {
            let reason = "a webhook secret is `whsec_` and base64";
            let text = secret.expose();
            let encoded = text.strip_prefix("whsec_").unwrap_or(text);
            let bytes = STANDARD.decode(encoded).map(Zeroizing::new);
            bytes
                .ok()
                .filter(|bytes| !bytes.is_empty())
                .and_then(|bytes| Hmac::new_from_slice(&bytes).ok())
                .ok_or(Error::Credentials { reason })
        };
        let keys: Result<Vec<_>> = secrets.iter().map(key).collect();
        Ok(Scheme::Standard(keys?))
    }

    pub(super) fn fincard(public_keys_pem: &[&str]) -> Result<Scheme> {
        let keys: Result<Vec<_>> = public_keys_pem.iter().map(|pem| public_key(pem)).collect();
        Ok(Scheme::Fincard(keys?))
    }

    /// When it was signed, where the scheme says so, once the signature is believed.
    pub(super) fn verify(
        &self,
        delivery: &Delivery<'_>,
    ) -> std::result::Result<Option<i64>, Fault> {
        match self {
            Scheme::Finci(keys) => by_finci(keys, delivery).map(Some),
            Scheme::Standard(keys) => by_standard(keys, delivery).map(Some),
            Scheme::Fincard(keys) => by_fincard(keys, delivery).map(|()| None),
        }
    }
}

impl fmt::Debug for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, count) = match self {
            Scheme::Finci(keys) => ("Finci", keys.len()),
            Scheme::Standard(keys) => ("Standard", keys.len()),
            Scheme::Fincard(keys) => ("Fincard", keys.len()),
        };
        write!(formatter, "{name}({count} hidden)")
    }
}

/// The public half of an RSA pair: SPKI in PEM, as it is downloaded.
fn public_key(pem: &str) -> Result<ParsedPublicKey> {
    let reason = "a public key is RSA of 2048 bits or more, in PEM";
    let encoded: String = pem
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD
        .decode(encoded)
        .map_err(|_| Error::Credentials { reason })?;
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .map_err(|_| Error::Credentials { reason })
}

fn by_finci(keys: &[SigningKey], delivery: &Delivery<'_>) -> std::result::Result<i64, Fault> {
    let timestamp = delivery.text(TIMESTAMP_HEADER)?;
    let signed_at = parse_timestamp(timestamp).map_err(|_| Fault::Malformed(TIMESTAMP_HEADER))?;
    let signature: [u8; 32] = hex::decode(delivery.header(SIGNATURE_HEADER)?)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Fault::Malformed(SIGNATURE_HEADER))?;
    let parts = Parts {
        token: "",
        timestamp,
        method: delivery.method,
        target: delivery.target,
        body: delivery.body,
    };
    let form = &CanonicalForm::Default;
    believed(keys.iter().map(|key| key.verify(form, &parts, &signature)))?;
    Ok(signed_at)
}

fn by_standard(keys: &[Hmac<Sha256>], delivery: &Delivery<'_>) -> std::result::Result<i64, Fault> {
    let id = delivery.header(STANDARD_ID)?;
    let timestamp = delivery.text(STANDARD_TIMESTAMP)?;
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let signed_at: i64 = timestamp
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or(Fault::Malformed(STANDARD_TIMESTAMP))?;
    // A dot in the id would let bytes move between the parts.
    if id.is_empty() || id.contains(&b'.') {
        return Err(Fault::Malformed(STANDARD_ID));
    }
    // Other versions may stand beside ours, each with its own name.
    let signatures: Vec<Vec<u8>> = delivery
        .text(STANDARD_SIGNATURE)?
        .split_ascii_whitespace()
        .filter_map(|entry| STANDARD.decode(entry.strip_prefix("v1,")?).ok())
        .collect();
    let verdicts = keys.iter().flat_map(|key| {
        let mut state = key.clone();
        for piece in [id, b".", timestamp.as_bytes(), b".", delivery.body] {
            state.update(piece);
        }
        signatures
            .iter()
            .map(move |signature| state.clone().verify_slice(signature).is_ok())
    });
    believed(verdicts)?;
    Ok(signed_at)
}

fn by_fincard(keys: &[ParsedPublicKey], delivery: &Delivery<'_>) -> std::result::Result<(), Fault> {
    let (name, text) = match delivery.text(FINCARD_SIGNATURE) {
        Err(Fault::Missing(_)) => (FINCARD_SIGNATURE_OLD, delivery.text(FINCARD_SIGNATURE_OLD)?),
        given => (FINCARD_SIGNATURE, given?),
    };
    let signature = STANDARD.decode(text).map_err(|_| Fault::Malformed(name))?;
    let verdicts = keys
        .iter()
        .map(|key| key.verify_sig(delivery.body, &signature).is_ok());
    believed(verdicts)
}

/// Whether any says yes. All are asked: stopping at the first would tell which one it was.
fn believed(verdicts: impl Iterator<Item = bool>) -> std::result::Result<(), Fault> {
    if verdicts.fold(false, |believed, verdict| believed | verdict) {
        Ok(())
    } else {
        Err(Fault::Forged)
    }
}
