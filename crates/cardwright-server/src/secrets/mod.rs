//! Everything that must not be read by the wrong eyes: keys, sealed values, passwords, tokens.
//!
//! Nothing here knows the database or HTTP. Sealed bytes and wrapped keys come in and go out; the
//! store keeps them. Every type that holds a secret hides it in `Debug` and wipes it when dropped.
//!
//! - [`keys`]: the key-encryption key, which lives outside the database;
//! - [`vault`]: data keys wrapped by it, sealing of card numbers and secrets, keyed lookup;
//! - [`passwords`]: argon2id on threads of its own;
//! - [`tokens`]: session tokens (JWT);
//! - [`webhook_keys`]: RSA key pairs that sign deliveries;
//! - [`card_encryption`]: public keys that card data is encrypted to;
//! - [`jwe`]: what travels encrypted, to those keys and to ours;
//! - [`card_verification`], [`pin_verification`]: what a cardholder presents; their keys are in
//!   [`verification`];
//! - [`generate`]: new tokens, secrets, keys and passwords.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub mod card_encryption;
pub mod card_verification;
pub mod generate;
pub mod jwe;
pub mod keys;
pub mod passwords;
pub mod pin_verification;
mod pool;
pub mod tokens;
pub mod vault;
pub mod verification;
pub mod webhook_keys;

pub use keys::{KeyProvider, KeyPurpose, WrappedKey};
pub use vault::{SealContext, Vault, VaultError};
pub use verification::VerificationUse;

/// Text nobody but its owner may read: wiped when dropped, hidden in `Debug`, without `Display`.
///
/// ```
/// use cardwright_server::secrets::Secret;
///
/// let secret = Secret::new("correct horse".to_owned());
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "correct horse");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// The text itself; the name makes every use easy to find.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not even the length: it narrows a search.
        formatter.write_str("Secret(…)")
    }
}

/// Constant-time in the content; the length shows, as it does for any comparison of texts.
impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

/// What the store keeps of an admin key: its SHA-256.
///
/// A plain digest is enough because these keys have 256 random bits: there is nothing to guess
/// that a slow hash would protect. Never use it for passwords.
pub fn hash_api_key(key: &Secret) -> [u8; 32] {
    Sha256::digest(key.expose()).into()
}

/// Whether a presented key is the one behind a stored digest, compared in constant time.
pub fn api_key_matches(presented: &Secret, stored: &[u8; 32]) -> bool {
    hash_api_key(presented).ct_eq(stored).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_neither_text_nor_length() {
        let secrets = [
            Secret::new("tiger".into()),
            Secret::from("a longer one".to_owned()),
        ];
        for secret in &secrets {
            assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(…) Secret(…)");
        }
        assert_ne!(secrets[0], secrets[1]);
        assert_eq!(secrets[0], Secret::new("tiger".into()));
        assert_ne!(secrets[0], Secret::new("tigeR".into()));
        assert_ne!(secrets[0], Secret::new("tige".into()));
    }

    #[test]
    fn an_api_key_is_kept_as_its_sha_256_and_recognized_by_it() {
        // The digest of "abc" from FIPS 180-2, appendix B.1.
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let stored = hash_api_key(&Secret::new("abc".into()));
        assert_eq!(hex::encode(stored), published);
        assert!(api_key_matches(&Secret::new("abc".into()), &stored));
        assert!(!api_key_matches(&Secret::new("abC".into()), &stored));
        assert!(!api_key_matches(&Secret::new(String::new()), &stored));
        assert!(
            !api_key_matches(&Secret::new(published.into()), &stored),
            "the digest is no key"
        );
    }
}
