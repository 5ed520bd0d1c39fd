//! RSA key pairs that sign webhook deliveries (`SHA256withRSA`: PKCS #1 v1.5).
//!
//! The private half leaves this module only as PKCS #8 to be sealed by the vault; the public half
//! is a PEM text anybody may download.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A key pair, RSA 2048.
pub struct WebhookKey {
    pair: KeyPair,
}

impl WebhookKey {
    /// Makes a new pair, from the library's own randomness: never repeatable, not even in tests.
    ///
    /// Takes a good part of a second; call it where blocking is allowed.
    pub fn generate() -> Result<WebhookKey, WebhookKeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| WebhookKeyError::Generate)?;
        Ok(WebhookKey { pair })
    }

    /// Reads a pair back from PKCS #8 DER; only the size made here is accepted.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<WebhookKey, WebhookKeyError> {
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| WebhookKeyError::Malformed)?;
        if pair.public_modulus_len() != KeySize::Rsa2048.len() {
            return Err(WebhookKeyError::Malformed);
        }
        Ok(WebhookKey { pair })
    }

    /// The pair as PKCS #8 DER, to be sealed.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, WebhookKeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| WebhookKeyError::Encode)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// The public key as PEM (`BEGIN PUBLIC KEY`, `SubjectPublicKeyInfo`).
    pub fn public_pem(&self) -> Result<String, WebhookKeyError> {
        let der: PublicKeyX509Der<'_> = self
            .pair
            .public_key()
            .as_der()
            .map_err(|_| WebhookKeyError::Encode)?;
        Ok(pem(der.as_ref()))
    }

    /// Signs the exact bytes of a body; base64 with padding.
    pub fn sign_sha256(&self, body: &[u8]) -> Result<String, WebhookKeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                body,
                &mut signature,
            )
            .map_err(|_| WebhookKeyError::Sign)?;
        Ok(STANDARD.encode(signature))
    }
}

/// A public key in DER as PEM.
pub(super) fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        // RFC 7468: lines of exactly 64 characters but for the last.
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

/// Whether a pair with this public half signed these bytes. Text that is no signature is a wrong one.
pub fn verify_sha256(pem: &str, body: &[u8], signature: &str) -> Result<bool, WebhookKeyError> {
    let encoded: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD
        .decode(encoded)
        .map_err(|_| WebhookKeyError::Malformed)?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .map_err(|_| WebhookKeyError::Malformed)?;
    let Ok(signature) = STANDARD.decode(signature) else {
        return Ok(false);
    };
    Ok(key.verify_sig(body, &signature).is_ok())
}

impl fmt::Debug for WebhookKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookKey(…)")
    }
}

/// What did not work; the library tells no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookKeyError {
    /// No pair could be made.
    Generate,
    /// Not the PKCS #8 form of an RSA 2048 pair.
    Malformed,
    /// The pair could not be written out.
    Encode,
    /// The body could not be signed.
    Sign,
}

impl fmt::Display for WebhookKeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            WebhookKeyError::Generate => "no RSA key pair could be made",
            WebhookKeyError::Malformed => "stored RSA key pair is damaged",
            WebhookKeyError::Encode => "RSA key could not be encoded",
            WebhookKeyError::Sign => "RSA signature could not be made",
        })
    }
}

impl std::error::Error for WebhookKeyError {}

#[cfg(test)]
mod tests;
