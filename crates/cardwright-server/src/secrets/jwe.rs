//! JSON Web Encryption in compact form (RFC 7516), with one pair of algorithms: RSA-OAEP-256 for the
//! content's key, A256GCM for the content (RFC 7518, 4.3 and 5.3).
//!
//! Law: what a sender chooses is compared with that pair before anything is decrypted, and a header
//! may say nothing that would have to be understood besides. Whatever goes wrong after that is one
//! and the same error, so that nobody learns from errors what a secret is.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::card_encryption::CardDataKey;
use super::keys::{KeyBytes, cipher};
use super::webhook_keys::pem;
use crate::entropy::Entropy;

/// How the content's key is encrypted.
pub const KEY_ALGORITHM: &str = "RSA-OAEP-256";
/// How the content is.
pub const CONTENT_ALGORITHM: &str = "A256GCM";

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// The header of a JWE. A member that is not here would have to be understood, and is not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    enc: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cty: Option<String>,
}

/// Encrypts a content to a public key, named by its fingerprint.
pub fn encrypt(key: &CardDataKey, content: &[u8], entropy: &Entropy) -> Result<String, JweError> {
    let header = Header {
        alg: KEY_ALGORITHM.to_owned(),
        enc: CONTENT_ALGORITHM.to_owned(),
        kid: Some(key.fingerprint()),
        typ: None,
        cty: None,
    };
    let header = serde_json::to_vec(&header).map_err(|_| JweError::Encrypt)?;
    let header = URL_SAFE_NO_PAD.encode(header);
    let content_key = KeyBytes::generate(entropy);
    let wrapped = key
        .encrypt_bytes(content_key.expose())
        .map_err(|_| JweError::Encrypt)?;
    let nonce = entropy.secret_bytes::<NONCE_BYTES>();
    let payload = Payload {
        msg: content,
        aad: header.as_bytes(),
    };
    let sealed = cipher(&content_key)
        .encrypt((&*nonce).into(), payload)
        .map_err(|_| JweError::Encrypt)?;
    let (ciphertext, tag) = sealed.split_at(sealed.len() - TAG_BYTES);
    let parts = [wrapped.as_slice(), nonce.as_ref(), ciphertext, tag];
    let parts = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(format!("{header}.{}", parts.join(".")))
}

/// A key pair that others encrypt to: RSA 2048.
pub struct DecryptionKey {
    private: PrivateDecryptingKey,
    public: CardDataKey,
}

impl DecryptionKey {
    /// Makes a new pair, from the library's own randomness: never repeatable, not even in tests.
    ///
    /// Takes a good part of a second; call it where blocking is allowed.
    pub fn generate() -> Result<DecryptionKey, JweError> {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048);
        DecryptionKey::of(private.map_err(|_| JweError::Key)?)
    }

    /// Reads a pair back from PKCS #8 DER.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<DecryptionKey, JweError> {
        let private = PrivateDecryptingKey::from_pkcs8(pkcs8);
        DecryptionKey::of(private.map_err(|_| JweError::Key)?)
    }

    fn of(private: PrivateDecryptingKey) -> Result<DecryptionKey, JweError> {
        let der: PublicKeyX509Der<'_> = private.public_key().as_der().map_err(|_| JweError::Key)?;
        let public = CardDataKey::from_der(der.as_ref()).map_err(|_| JweError::Key)?;
        Ok(DecryptionKey { private, public })
    }

    /// The pair as PKCS #8 DER, to be sealed.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let der: Pkcs8V1Der<'_> = self.private.as_der().map_err(|_| JweError::Key)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// The public half.
    pub fn public(&self) -> &CardDataKey {
        &self.public
    }

    /// Decrypts what was encrypted to the public half.
    pub fn decrypt(&self, compact: &str) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let mut parts = compact.split('.');
        let mut next = || parts.next().ok_or(JweError::Malformed);
        let (header, wrapped, nonce) = (next()?, next()?, next()?);
        let (ciphertext, tag) = (next()?, next()?);
        if parts.next().is_some() {
            return Err(JweError::Malformed);
        }
        self.check(header)?;
        let bytes = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| JweError::Unreadable)
        };
        let content_key = self.unwrap(&bytes(wrapped)?)?;
        let nonce = bytes(nonce)?;
        let nonce: &[u8; NONCE_BYTES] = nonce
            .as_slice()
            .try_into()
            .map_err(|_| JweError::Unreadable)?;
        let (mut sealed, tag) = (bytes(ciphertext)?, bytes(tag)?);
        if tag.len() != TAG_BYTES {
            return Err(JweError::Unreadable);
        }
        sealed.extend_from_slice(&tag);
        let payload = Payload {
            msg: &sealed,
            aad: header.as_bytes(),
        };
        cipher(&content_key)
            .decrypt(nonce.into(), payload)
            .map(Zeroizing::new)
            .map_err(|_| JweError::Unreadable)
    }

    /// Whether a header says what we do, for our key, and nothing else.
    fn check(&self, header: &str) -> Result<(), JweError> {
        let json = URL_SAFE_NO_PAD
            .decode(header)
            .map_err(|_| JweError::Malformed)?;
        // First whether it is an object at all: only then does a member of it stand in the way.
        let members: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&json).map_err(|_| JweError::Malformed)?;
        drop(members);
        let header: Header = serde_json::from_slice(&json).map_err(|_| JweError::NotAllowed)?;
        if header.alg != KEY_ALGORITHM || header.enc != CONTENT_ALGORITHM {
            return Err(JweError::NotAllowed);
        }
        match header.kid {
            Some(kid) if kid != self.public.fingerprint() => Err(JweError::Unreadable),
            Some(_) | None => Ok(()),
        }
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<KeyBytes, JweError> {
        let oaep = OaepPrivateDecryptingKey::new(self.private.clone());
        let oaep = oaep.map_err(|_| JweError::Key)?;
        let mut room = Zeroizing::new(vec![0; oaep.min_output_size()]);
        let plain = oaep
            .decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut room, None)
            .map_err(|_| JweError::Unreadable)?;
        KeyBytes::from_slice(plain).ok_or(JweError::Unreadable)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DecryptionKey(…)")
    }
}

/// A public key as PEM (`BEGIN PUBLIC KEY`).
pub fn public_pem(key: &CardDataKey) -> String {
    pem(key.der())
}

/// What did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JweError {
    /// Not a JWE in compact form.
    Malformed,
    /// Its header says something else than what is done here.
    NotAllowed,
    /// Not encrypted to this key, or changed since.
    Unreadable,
    /// Nothing could be encrypted.
    Encrypt,
    /// The key pair could not be made, read or written.
    Key,
}

impl fmt::Display for JweError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            JweError::Malformed => "not a JWE in compact form",
            JweError::NotAllowed => "a JWE of other algorithms",
            JweError::Unreadable => "not encrypted to this key",
            JweError::Encrypt => "a JWE could not be made",
            JweError::Key => "no usable RSA key pair",
        })
    }
}

impl std::error::Error for JweError {}

#[cfg(test)]
mod tests;
