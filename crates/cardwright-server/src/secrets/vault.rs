//! Envelope encryption: data keys wrapped by the key-encryption key, values sealed by data keys.
//!
//! A sealed value opens only where it was sealed: table, row, tenant and key are part of what is
//! authenticated, so a ciphertext copied to another row, column or tenant is refused, not shown.
//! The vault holds keys in memory; which rows exist and when they are written is the store's.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use aes_gcm::aead::{Aead, Payload};
use zeroize::Zeroizing;

use super::keys::{KeyBytes, KeyError, KeyProvider, KeyPurpose, WrappedKey, cipher, hmac_sha256};
use super::verification::{VerificationKeys, VerificationUse};
use crate::entropy::Entropy;

const SEAL_VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const HEADER_BYTES: usize = 1 + 8;

/// Where a value is sealed, and therefore the only place it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// Table and column, such as `card.number`: two sealed columns of a row must not be exchanged.
    pub table: &'a str,
    /// The row's key.
    pub row: RowKey<'a>,
    /// The tenant the row belongs to; `None` for what belongs to the environment.
    pub tenant: Option<i64>,
}

/// The key of a row: a number and a text that look alike are different rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKey<'a> {
    /// A numeric key.
    Number(i64),
    /// A textual key.
    Text(&'a str),
}

impl From<i64> for RowKey<'_> {
    fn from(number: i64) -> Self {
        RowKey::Number(number)
    }
}

impl<'a> From<&'a str> for RowKey<'a> {
    fn from(text: &'a str) -> Self {
        RowKey::Text(text)
    }
}

impl<'a> SealContext<'a> {
    /// A row of a tenant, sealed by that tenant's key.
    pub fn of_tenant(tenant: i64, table: &'a str, row: impl Into<RowKey<'a>>) -> Self {
        SealContext {
            table,
            row: row.into(),
            tenant: Some(tenant),
        }
    }

    /// A row of the environment, sealed by the environment's key.
    pub fn of_environment(table: &'a str, row: impl Into<RowKey<'a>>) -> Self {
        SealContext {
            table,
            row: row.into(),
            tenant: None,
        }
    }

    /// Tags and lengths stand before everything of varying length, so no two contexts make the
    /// same bytes.
    fn binding(&self, key_id: i64) -> Vec<u8> {
        let mut bytes = b"cardwright sealed value".to_vec();
        bytes.push(SEAL_VERSION);
        bytes.extend_from_slice(&key_id.to_be_bytes());
        bytes.push(u8::from(self.tenant.is_some()));
        bytes.extend_from_slice(&self.tenant.unwrap_or(0).to_be_bytes());
        push_sized(&mut bytes, self.table.as_bytes());
        match self.row {
            RowKey::Number(number) => {
                bytes.push(0);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            RowKey::Text(text) => {
                bytes.push(1);
                push_sized(&mut bytes, text.as_bytes());
            }
        }
        bytes
    }
}

/// A key that seals values, with the id that goes into each ciphertext.
///
/// Nonces are 96 random bits: NIST SP 800-38D allows 2^32 values per key, far above what one
/// tenant seals between rotations.
pub struct DataKey {
    id: i64,
    key: KeyBytes,
}

impl DataKey {
    /// A new random key.
    pub fn generate(id: i64, entropy: &Entropy) -> DataKey {
        DataKey {
            id,
            key: KeyBytes::generate(entropy),
        }
    }

    /// The id that ciphertexts name.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Encrypts a value for its place: version, key id, nonce, ciphertext with tag.
    pub fn seal(
        &self,
        context: &SealContext<'_>,
        plaintext: &[u8],
        entropy: &Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        let nonce = entropy.secret_bytes::<NONCE_BYTES>();
        let payload = Payload {
            msg: plaintext,
            aad: &context.binding(self.id),
        };
        let ciphertext = cipher(&self.key)
            .encrypt((&*nonce).into(), payload)
            .map_err(|_| VaultError::TooLong)?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + NONCE_BYTES + ciphertext.len());
        sealed.push(SEAL_VERSION);
        sealed.extend_from_slice(&self.id.to_be_bytes());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Decrypts a value; refuses it anywhere but in its place.
    pub fn open(
        &self,
        context: &SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (key_id, rest) = split_key_id(sealed)?;
        if key_id != self.id {
            return Err(VaultError::UnknownKey(key_id));
        }
        let (nonce, ciphertext) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(VaultError::Malformed)?;
        let payload = Payload {
            msg: ciphertext,
            aad: &context.binding(self.id),
        };
        let plain = cipher(&self.key)
            .decrypt(nonce.into(), payload)
            .map_err(|_| VaultError::Altered)?;
        Ok(Zeroizing::new(plain))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DataKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Turns a value into the digest by which it is found and kept unique, without telling the value.
///
/// Keyed, because a card number has so few possible values that a plain hash is as good as the
/// number itself.
pub struct LookupKey {
    key: KeyBytes,
}

impl LookupKey {
    /// A new random key.
    pub fn generate(entropy: &Entropy) -> LookupKey {
        LookupKey {
            key: KeyBytes::generate(entropy),
        }
    }

    /// HMAC-SHA-256 over domain and value; equal values of different domains differ.
    pub fn lookup(&self, domain: &str, value: &[u8]) -> [u8; 32] {
        let mut message = Zeroizing::new(Vec::with_capacity(8 + domain.len() + value.len()));
        push_sized(&mut message, domain.as_bytes());
        message.extend_from_slice(value);
        hmac_sha256(&self.key, &message)
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LookupKey(…)")
    }
}

/// All keys of an environment, unwrapped, in memory.
///
/// A new key is not used before the caller has stored it: `new_key` only makes and wraps one;
/// [`Vault::add_wrapped`], called after the commit, lets the vault use it. Otherwise values could
/// be sealed by a key that a rolled-back transaction took away. What must be sealed within the
/// same transaction is sealed with the [`DataKey`] from [`Vault::unwrap_data_key`].
pub struct Vault {
    provider: Arc<dyn KeyProvider>,
    ring: RwLock<Ring>,
    pub(super) verification: VerificationKeys,
}

#[derive(Default)]
struct Ring {
    keys: HashMap<i64, (KeyPurpose, Arc<DataKey>)>,
    current: HashMap<KeyPurpose, Arc<DataKey>>,
    lookup: Option<(i64, Arc<LookupKey>)>,
}

impl Vault {
    /// An empty vault.
    pub fn new(provider: Arc<dyn KeyProvider>) -> Vault {
        Vault {
            provider,
            ring: RwLock::default(),
            verification: VerificationKeys::default(),
        }
    }

    /// Makes the data key of a tenant; store it, then [`Vault::add_wrapped`] it.
    pub fn new_tenant_key(
        &self,
        tenant: i64,
        id: i64,
        entropy: &Entropy,
    ) -> Result<WrappedKey, VaultError> {
        self.new_key(KeyPurpose::Tenant(tenant), id, entropy)
    }

    /// Makes a key for any purpose; store it, then [`Vault::add_wrapped`] it.
    pub fn new_key(
        &self,
        purpose: KeyPurpose,
        id: i64,
        entropy: &Entropy,
    ) -> Result<WrappedKey, VaultError> {
        Ok(self
            .provider
            .wrap(id, purpose, &KeyBytes::generate(entropy), entropy)?)
    }

    /// Takes a stored key into use; the newest (highest id) of a purpose seals, all of them open.
    ///
    /// Adding a key again changes nothing, so loading may be repeated.
    pub fn add_wrapped(&self, wrapped: &WrappedKey) -> Result<(), VaultError> {
        let key = self.provider.open(wrapped)?;
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.add(wrapped.id, wrapped.purpose, key)
    }

    /// The data key in a stored key, without taking it into use.
    pub fn unwrap_data_key(&self, wrapped: &WrappedKey) -> Result<DataKey, VaultError> {
        if wrapped.purpose == KeyPurpose::Lookup {
            return Err(VaultError::WrongPurpose(wrapped.id));
        }
        Ok(DataKey {
            id: wrapped.id,
            key: self.provider.open(wrapped)?,
        })
    }

    /// Whether the vault has a key for this purpose.
    pub fn has(&self, purpose: KeyPurpose) -> bool {
        let ring = self.ring();
        match purpose {
            KeyPurpose::Lookup => ring.lookup.is_some(),
            KeyPurpose::Environment | KeyPurpose::Tenant(_) => ring.current.contains_key(&purpose),
        }
    }

    /// Encrypts a value for its place, by the current key of its tenant or of the environment.
    pub fn seal(
        &self,
        context: &SealContext<'_>,
        plaintext: &[u8],
        entropy: &Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        let purpose = purpose_of(context);
        let key = self.ring().current.get(&purpose).cloned();
        key.ok_or(VaultError::NoKey(purpose))?
            .seal(context, plaintext, entropy)
    }

    /// Decrypts a value, by the key it names.
    ///
    /// [`VaultError::UnknownKey`] may mean that another instance has made the key since: load it,
    /// add it, and ask again.
    pub fn open(
        &self,
        context: &SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (key_id, _) = split_key_id(sealed)?;
        let found = self.ring().keys.get(&key_id).cloned();
        let (purpose, key) = found.ok_or(VaultError::UnknownKey(key_id))?;
        if purpose != purpose_of(context) {
            return Err(VaultError::Altered);
        }
        key.open(context, sealed)
    }

    /// The digest by which a value is found; see [`LookupKey::lookup`].
    pub fn lookup(&self, domain: &str, value: &[u8]) -> Result<[u8; 32], VaultError> {
        let found = self.ring().lookup.clone();
        let (_, key) = found.ok_or(VaultError::NoKey(KeyPurpose::Lookup))?;
        Ok(key.lookup(domain, value))
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("provider", &self.provider)
            .field("keys", &self.ring().keys.len())
            .finish_non_exhaustive()
    }
}

impl Ring {
    fn add(&mut self, id: i64, purpose: KeyPurpose, key: KeyBytes) -> Result<(), VaultError> {
        if purpose == KeyPurpose::Lookup {
            // A second lookup key would find nothing the first one filed.
            return match &self.lookup {
                Some((known, _)) if *known != id => Err(VaultError::DoubledKey(id)),
                Some((_, known)) if known.key != key => Err(VaultError::DoubledKey(id)),
                Some(_) => Ok(()),
                None if self.keys.contains_key(&id) => Err(VaultError::DoubledKey(id)),
                None => {
                    self.lookup = Some((id, Arc::new(LookupKey { key })));
                    Ok(())
                }
            };
        }
        if self.lookup.as_ref().is_some_and(|(known, _)| *known == id) {
            return Err(VaultError::DoubledKey(id));
        }
        if let Some((known_purpose, known)) = self.keys.get(&id) {
            let same = *known_purpose == purpose && known.key == key;
            return if same {
                Ok(())
            } else {
                Err(VaultError::DoubledKey(id))
            };
        }
        let key = Arc::new(DataKey { id, key });
        self.keys.insert(id, (purpose, key.clone()));
        let current = self.current.entry(purpose).or_insert_with(|| key.clone());
        if current.id < id {
            *current = key;
        }
        Ok(())
    }
}

/// Why a value was not sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultError {
    /// Not a sealed value of this format.
    Malformed,
    /// Changed since it was sealed, or moved from another row, column or tenant.
    Altered,
    /// Sealed by a key the vault does not have.
    UnknownKey(i64),
    /// No key was added for this purpose.
    NoKey(KeyPurpose),
    /// No key was taken into use to check these values by.
    NoVerificationKey(VerificationUse),
    /// Another key with this id, or a second lookup key, is in use.
    DoubledKey(i64),
    /// A lookup key where a data key was wanted.
    WrongPurpose(i64),
    /// More than the cipher takes at once (64 GiB).
    TooLong,
    /// The key-encryption key did not open a stored key.
    Key(KeyError),
}

impl fmt::Display for VaultError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaultError::Malformed => formatter.write_str("not a sealed value"),
            VaultError::Altered => {
                formatter.write_str("sealed value was changed or belongs elsewhere")
            }
            VaultError::UnknownKey(id) => write!(formatter, "sealed by unknown key {id}"),
            VaultError::NoKey(purpose) => write!(formatter, "no key for {purpose:?}"),
            VaultError::NoVerificationKey(wanted) => {
                write!(formatter, "no key to check {} values by", wanted.word())
            }
            VaultError::DoubledKey(id) => {
                write!(formatter, "key {id} stands against a key already in use")
            }
            VaultError::WrongPurpose(id) => write!(formatter, "key {id} is not a data key"),
            VaultError::TooLong => formatter.write_str("value too long to seal"),
            VaultError::Key(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for VaultError {}

impl From<KeyError> for VaultError {
    fn from(error: KeyError) -> VaultError {
        VaultError::Key(error)
    }
}

fn purpose_of(context: &SealContext<'_>) -> KeyPurpose {
    context
        .tenant
        .map_or(KeyPurpose::Environment, KeyPurpose::Tenant)
}

fn split_key_id(sealed: &[u8]) -> Result<(i64, &[u8]), VaultError> {
    let rest = sealed
        .strip_prefix(&[SEAL_VERSION])
        .ok_or(VaultError::Malformed)?;
    let (id, rest) = rest.split_first_chunk::<8>().ok_or(VaultError::Malformed)?;
    Ok((i64::from_be_bytes(*id), rest))
}

fn push_sized(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
    bytes.extend_from_slice(part);
}

#[cfg(test)]
mod tests;
