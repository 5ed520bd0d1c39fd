//! Public keys that card data is encrypted to: RSA-OAEP with SHA-256 (RFC 8017, 7.1), the mask
//! generation with SHA-256 too, without a label.
//!
//! Law: only the public half ever comes here. What is encrypted can be read by its tenant alone.

use std::fmt;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::Secret;

/// The shortest modulus, in bits.
pub const BITS_MIN: usize = 2_048;
/// The longest modulus, in bits; longer ones only take time.
pub const BITS_MAX: usize = 8_192;

/// A public key that card data is encrypted to.
#[derive(Clone)]
pub struct CardDataKey {
    key: PublicEncryptingKey,
    der: Vec<u8>,
}

impl CardDataKey {
    /// Takes a `SubjectPublicKeyInfo` in DER.
    pub fn from_der(der: &[u8]) -> Result<CardDataKey, CardDataError> {
        let key = PublicEncryptingKey::from_der(der).map_err(|_| CardDataError::Malformed)?;
        if !(BITS_MIN..=BITS_MAX).contains(&key.key_size_bits()) {
            return Err(CardDataError::Size);
        }
        Ok(CardDataKey {
            key,
            der: der.to_vec(),
        })
    }

    /// Takes PEM (RFC 7468): `BEGIN PUBLIC KEY`.
    pub fn from_pem(pem: &str) -> Result<CardDataKey, CardDataError> {
        let inside = pem
            .trim()
            .strip_prefix("-----BEGIN PUBLIC KEY-----")
            .and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"))
            .ok_or(CardDataError::Malformed)?;
        let base64: String = inside.split_ascii_whitespace().collect();
        let der = STANDARD
            .decode(base64)
            .map_err(|_| CardDataError::Malformed)?;
        CardDataKey::from_der(&der)
    }

    /// Takes the modulus and exponent of a JSON Web Key (RFC 7518, 6.3.1): base64url without
    /// padding, big-endian, no leading zeros.
    pub fn from_jwk(modulus: &str, exponent: &str) -> Result<CardDataKey, CardDataError> {
        let number = |text: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok();
            bytes.filter(|bytes| bytes.first().is_some_and(|first| *first != 0))
        };
        let (modulus, exponent) = number(modulus)
            .zip(number(exponent))
            .ok_or(CardDataError::Malformed)?;
        CardDataKey::from_der(&subject_public_key_info(&modulus, &exponent))
    }

    /// As it is stored: `SubjectPublicKeyInfo` in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The length of its modulus.
    pub fn bits(&self) -> usize {
        self.key.key_size_bits()
    }

    /// SHA-256 of the DER form, in hex: what two people compare to know that they mean one key.
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.der))
    }

    /// Encrypts a value; base64 with padding. The same value never encrypts to the same text.
    pub fn encrypt(&self, value: &Secret) -> Result<String, CardDataError> {
        let sealed = self.encrypt_bytes(value.expose().as_bytes())?;
        Ok(STANDARD.encode(sealed))
    }

    /// Encrypts so few bytes that they fit into the modulus.
    pub(super) fn encrypt_bytes(&self, plain: &[u8]) -> Result<Vec<u8>, CardDataError> {
        let oaep = OaepPublicEncryptingKey::new(self.key.clone());
        let oaep = oaep.map_err(|_| CardDataError::Encrypt)?;
        let mut sealed = vec![0; oaep.ciphertext_size()];
        let written = oaep
            .encrypt(&OAEP_SHA256_MGF1SHA256, plain, &mut sealed, None)
            .map_err(|_| CardDataError::Encrypt)?
            .len();
        sealed.truncate(written);
        Ok(sealed)
    }

    /// Modulus and exponent as a JSON Web Key has them: the inverse of [`CardDataKey::from_jwk`].
    pub fn jwk(&self) -> Result<(String, String), CardDataError> {
        let (modulus, exponent) = numbers(&self.der).ok_or(CardDataError::Malformed)?;
        Ok((
            URL_SAFE_NO_PAD.encode(modulus),
            URL_SAFE_NO_PAD.encode(exponent),
        ))
    }
}

impl fmt::Debug for CardDataKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CardDataKey({} bits)", self.bits())
    }
}

/// What did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardDataError {
    /// Not the public key of RSA.
    Malformed,
    /// Its modulus is too short to protect anything, or too long to be used.
    Size,
    /// Nothing could be encrypted to it.
    Encrypt,
}

impl fmt::Display for CardDataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            CardDataError::Malformed => "not an RSA public key",
            CardDataError::Size => "an RSA key of the wrong size",
            CardDataError::Encrypt => "card data could not be encrypted",
        })
    }
}

impl std::error::Error for CardDataError {}

/// Takes the numbers of a key out of its DER form.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (outer, _) = element(der)?;
    let (_algorithm, rest) = element(outer)?;
    let (bits, _) = element(rest)?;
    let (inner, _) = element(bits.strip_prefix(&[0])?)?;
    let (modulus, rest) = element(inner)?;
    let (exponent, _) = element(rest)?;
    let unsigned = |number: &'_ [u8]| number.iter().position(|byte| *byte != 0);
    Some((
        &modulus[unsigned(modulus)?..],
        &exponent[unsigned(exponent)?..],
    ))
}

/// The content of the first element, and what comes after it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let number = length.iter().try_fold(0_usize, |number, byte| {
            number.checked_mul(256)?.checked_add(usize::from(*byte))
        })?;
        (number, rest)
    };
    rest.split_at_checked(length)
}

/// Puts the numbers of a key together as DER (RFC 3279, 2.3.1).
fn subject_public_key_info(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    // rsaEncryption, 1.2.840.113549.1.1.1, with the NULL that stands for its parameters.
    const ALGORITHM: [u8; 15] = [
        SEQUENCE, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
        0x00,
    ];
    let numbers = tagged(SEQUENCE, &[integer(modulus), integer(exponent)].concat());
    // No bits of the last byte are left over.
    let bits = tagged(BIT_STRING, &[&[0], numbers.as_slice()].concat());
    tagged(SEQUENCE, &[ALGORITHM.as_slice(), &bits].concat())
}

/// A positive number: a zero goes before a first bit that would read as a sign.
fn integer(bytes: &[u8]) -> Vec<u8> {
    const INTEGER: u8 = 0x02;
    let signed = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let zero: &[u8] = if signed { &[0] } else { &[] };
    tagged(INTEGER, &[zero, bytes].concat())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let needed = length.iter().position(|byte| *byte != 0);
    let length = &length[needed.unwrap_or(length.len() - 1)..];
    let mut all = vec![tag];
    if content.len() >= 0x80 {
        // At most eight bytes of length.
        all.push(0x80 | u8::try_from(length.len()).unwrap_or(8));
    }
    all.extend_from_slice(length);
    all.extend_from_slice(content);
    all
}

#[cfg(test)]
mod tests;
