//! The key-encryption key: the one secret that lives outside the database.
//!
//! Whoever has the database alone has nothing; whoever has this key and the database has
//! everything. So the key is created once, never overwritten, readable by its owner only, and
//! every refusal to load it says what to do. It encrypts nothing but other keys, each bound to the
//! purpose it was made for, so that a wrapped key moved to another row does not open.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::entropy::Entropy;

/// The bytes of an AES-256 or HMAC-SHA-256 key: wiped when dropped, hidden in `Debug`.
#[derive(Clone)]
pub struct KeyBytes(Zeroizing<[u8; 32]>);

impl KeyBytes {
    /// A new random key.
    pub fn generate(entropy: &Entropy) -> KeyBytes {
        KeyBytes(entropy.secret_bytes())
    }

    /// Takes a key out of stored bytes; `None` unless there are exactly 32.
    pub fn from_slice(bytes: &[u8]) -> Option<KeyBytes> {
        // Copied into its place, so that no second copy is left on the stack.
        let mut key = KeyBytes(Zeroizing::new([0; 32]));
        if bytes.len() != key.0.len() {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    /// The bytes themselves; the name makes every use easy to find.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for KeyBytes {
    fn eq(&self, other: &KeyBytes) -> bool {
        self.0.ct_eq(other.expose()).into()
    }
}

impl Eq for KeyBytes {}

impl fmt::Debug for KeyBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyBytes(…)")
    }
}

const WRAP_VERSION: u8 = 1;
const FINGERPRINT_BYTES: usize = 8;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const WRAPPED_BYTES: usize = 1 + FINGERPRINT_BYTES + NONCE_BYTES + 32 + TAG_BYTES;

/// What a wrapped key is for; it opens for no other purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Seals what belongs to the environment as a whole: token signing keys, operator secrets.
    Environment,
    /// Keys the digests by which sealed values are found and kept unique.
    Lookup,
    /// Seals what belongs to the tenant with this id.
    Tenant(i64),
}

impl KeyPurpose {
    /// The name of the purpose, for a column of its own beside the tenant.
    pub fn code(self) -> &'static str {
        match self {
            KeyPurpose::Environment => "environment",
            KeyPurpose::Lookup => "lookup",
            KeyPurpose::Tenant(_) => "tenant",
        }
    }

    /// The tenant, where the purpose has one.
    pub fn tenant(self) -> Option<i64> {
        match self {
            KeyPurpose::Tenant(tenant) => Some(tenant),
            KeyPurpose::Environment | KeyPurpose::Lookup => None,
        }
    }

    /// Puts a purpose together again from its two columns; `None` when they do not fit.
    pub fn from_columns(code: &str, tenant: Option<i64>) -> Option<KeyPurpose> {
        match (code, tenant) {
            ("environment", None) => Some(KeyPurpose::Environment),
            ("lookup", None) => Some(KeyPurpose::Lookup),
            ("tenant", Some(tenant)) => Some(KeyPurpose::Tenant(tenant)),
            _ => None,
        }
    }
}

/// A key as the store keeps it: useless without the key-encryption key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Unique among all keys of the environment; newer keys have higher ids.
    pub id: i64,
    /// What the key is for.
    pub purpose: KeyPurpose,
    /// Version, fingerprint of the key-encryption key, nonce, encrypted key, tag.
    pub bytes: Vec<u8>,
}

/// Wraps and unwraps keys; where the key-encryption key is kept is the provider's secret.
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// Encrypts a key for its id and purpose.
    fn wrap(
        &self,
        id: i64,
        purpose: KeyPurpose,
        key: &KeyBytes,
        entropy: &Entropy,
    ) -> Result<WrappedKey, KeyError>;

    /// Decrypts a key; refuses it when id or purpose are not those it was wrapped for.
    fn open(&self, wrapped: &WrappedKey) -> Result<KeyBytes, KeyError>;
}

/// The key-encryption key out of a file of exactly 32 bytes with mode 0600.
pub struct KeyFile {
    path: PathBuf,
    key: KeyBytes,
    fingerprint: [u8; FINGERPRINT_BYTES],
}

impl KeyFile {
    /// Makes a new key and stores it durably; never overwrites, whatever stands at the path.
    ///
    /// When this returns, file and directory entry are on stable storage: nothing can be encrypted
    /// under a key that a power loss takes back.
    pub fn create(path: &Path, entropy: &Entropy) -> Result<KeyFile, KeyError> {
        let key = KeyBytes::generate(entropy);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => KeyError::file(path, FileFault::Exists),
                _ => KeyError::io(path, "create", &error),
            })?;
        let written = write_durably(file, path, &key);
        if let Err(error) = written {
            // Nobody has used this key yet; a half-written file would only block the next attempt.
            let _ = fs::remove_file(path);
            return Err(KeyError::io(path, "write", &error));
        }
        Ok(KeyFile::new(path, key))
    }

    /// Reads the key, and refuses a file that others could have read or put there: one that is
    /// not of the user we run as, or that anybody else has rights on.
    pub fn load(path: &Path) -> Result<KeyFile, KeyError> {
        KeyFile::load_as(path, rustix::process::geteuid().as_raw())
    }

    fn load_as(path: &Path, user: u32) -> Result<KeyFile, KeyError> {
        let named = fs::symlink_metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyError::file(path, FileFault::Missing),
            _ => KeyError::io(path, "look at", &error),
        })?;
        // Before opening: opening a pipe would wait for its other end.
        check_file(path, &named, user)?;
        let file = File::open(path).map_err(|error| KeyError::io(path, "open", &error))?;
        let opened = file
            .metadata()
            .map_err(|error| KeyError::io(path, "look at", &error))?;
        // Looked at and opened must be one file, else a link was slipped in between.
        if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
            return Err(KeyError::file(path, FileFault::Changed));
        }
        check_file(path, &opened, user)?;
        let key = read_key(file, path)?;
        Ok(KeyFile::new(path, key))
    }

    /// Where the key was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn new(path: &Path, key: KeyBytes) -> KeyFile {
        let digest = hmac_sha256(&key, b"cardwright key-encryption key fingerprint");
        let mut fingerprint = [0; FINGERPRINT_BYTES];
        fingerprint.copy_from_slice(&digest[..FINGERPRINT_BYTES]);
        KeyFile {
            path: path.to_owned(),
            key,
            fingerprint,
        }
    }
}

impl KeyProvider for KeyFile {
    fn wrap(
        &self,
        id: i64,
        purpose: KeyPurpose,
        key: &KeyBytes,
        entropy: &Entropy,
    ) -> Result<WrappedKey, KeyError> {
        let nonce = entropy.secret_bytes::<NONCE_BYTES>();
        let sealed = cipher(&self.key)
            .encrypt(
                (&*nonce).into(),
                Payload {
                    msg: key.expose(),
                    aad: &wrap_aad(id, purpose),
                },
            )
            .map_err(|_| KeyError::Refused {
                id,
                fault: WrapFault::NotEncryptable,
            })?;
        let mut bytes = Vec::with_capacity(WRAPPED_BYTES);
        bytes.push(WRAP_VERSION);
        bytes.extend_from_slice(&self.fingerprint);
        bytes.extend_from_slice(nonce.as_ref());
        bytes.extend_from_slice(&sealed);
        Ok(WrappedKey { id, purpose, bytes })
    }

    fn open(&self, wrapped: &WrappedKey) -> Result<KeyBytes, KeyError> {
        let id = wrapped.id;
        let refused = |fault| KeyError::Refused { id, fault };
        if wrapped.bytes.len() != WRAPPED_BYTES || wrapped.bytes[0] != WRAP_VERSION {
            return Err(refused(WrapFault::Malformed));
        }
        let (fingerprint, rest) = wrapped.bytes[1..].split_at(FINGERPRINT_BYTES);
        if fingerprint != self.fingerprint {
            return Err(refused(WrapFault::OtherKeyEncryptionKey(self.path.clone())));
        }
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(|| refused(WrapFault::Malformed))?;
        let plain = cipher(&self.key)
            .decrypt(
                nonce.into(),
                Payload {
                    msg: sealed,
                    aad: &wrap_aad(id, wrapped.purpose),
                },
            )
            .map_err(|_| refused(WrapFault::Altered))?;
        let plain = Zeroizing::new(plain);
        KeyBytes::from_slice(&plain).ok_or_else(|| refused(WrapFault::Malformed))
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KeyFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Why a key could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The key file is not what it must be.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: FileFault,
    },
    /// A wrapped key does not open.
    Refused {
        /// Its id.
        id: i64,
        /// What is wrong.
        fault: WrapFault,
    },
}

/// What is wrong with a key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// Nothing stands at the path.
    Missing,
    /// Something stands at the path where a new key was to be made.
    Exists,
    /// A symbolic link, directory, pipe or device.
    NotAFile,
    /// It belongs to somebody else than the user we run as; the ids of both.
    Foreign {
        /// Whose it is.
        owner: u32,
        /// Who we are.
        user: u32,
    },
    /// Group or others have rights; the mode is given.
    Exposed(u32),
    /// The length is given: 32 is right, 33 stands for anything longer.
    Length(usize),
    /// The file was exchanged while it was being opened.
    Changed,
    /// The operating system said no: what was tried, and its answer.
    Io(&'static str, String),
}

/// What is wrong with a wrapped key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrapFault {
    /// Not of this format.
    Malformed,
    /// Wrapped by a key-encryption key other than the one in this file.
    OtherKeyEncryptionKey(PathBuf),
    /// Changed, or moved from another id, purpose or tenant.
    Altered,
    /// The cipher refused to encrypt.
    NotEncryptable,
}

impl KeyError {
    fn file(path: &Path, fault: FileFault) -> KeyError {
        KeyError::File {
            path: path.to_owned(),
            fault,
        }
    }

    fn io(path: &Path, tried: &'static str, error: &io::Error) -> KeyError {
        KeyError::file(path, FileFault::Io(tried, error.to_string()))
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::File { path, fault } => write_file_fault(formatter, path, fault),
            KeyError::Refused { id, fault } => {
                write!(formatter, "key {id} cannot be used: ")?;
                match fault {
                    WrapFault::Malformed => formatter.write_str("its stored form is damaged"),
                    WrapFault::OtherKeyEncryptionKey(path) => write!(
                        formatter,
                        "it was wrapped by a key other than the one in {}; \
                         start with the key file this database was made with",
                        path.display()
                    ),
                    WrapFault::Altered => {
                        formatter.write_str("its stored form was changed or moved to another row")
                    }
                    WrapFault::NotEncryptable => formatter.write_str("it could not be encrypted"),
                }
            }
        }
    }
}

impl std::error::Error for KeyError {}

fn write_file_fault(
    formatter: &mut fmt::Formatter<'_>,
    path: &Path,
    fault: &FileFault,
) -> fmt::Result {
    let path = path.display();
    match fault {
        FileFault::Missing => write!(
            formatter,
            "key file {path} does not exist; restore it from its backup: without it this \
             database cannot be read"
        ),
        FileFault::Exists => write!(
            formatter,
            "{path} already exists and is never overwritten; use it, or name another key file"
        ),
        FileFault::NotAFile => write!(
            formatter,
            "key file {path} must be a plain file, not a link, directory, pipe or device; name \
             the file itself"
        ),
        FileFault::Foreign { owner, user } => write!(
            formatter,
            "key file {path} belongs to user {owner} and this program runs as user {user}; run it \
             as the owner, or if you know that the key is yours, run chown {user} {path}"
        ),
        FileFault::Exposed(mode) => write!(
            formatter,
            "key file {path} has mode {mode:04o}: others than its owner have rights on it; run \
             chmod 600 {path}, and replace the key if somebody may have read it"
        ),
        FileFault::Length(length) => {
            let length = if *length > 32 {
                "more than 32 bytes".into()
            } else {
                format!("{length} bytes")
            };
            write!(
                formatter,
                "key file {path} has {length} instead of exactly 32; restore it from its backup, \
                 or remove it if no database was ever made with it"
            )
        }
        FileFault::Changed => {
            write!(
                formatter,
                "key file {path} was exchanged while it was being opened; try again"
            )
        }
        FileFault::Io(tried, answer) => {
            write!(formatter, "cannot {tried} key file {path}: {answer}")
        }
    }
}

/// A cipher keyed for one operation; it wipes its key schedule when dropped.
pub(super) fn cipher(key: &KeyBytes) -> Aes256Gcm {
    Aes256Gcm::new(key.expose().into())
}

/// HMAC-SHA-256 with a 32-byte key.
pub(super) fn hmac_sha256(key: &KeyBytes, message: &[u8]) -> [u8; 32] {
    // A block-sized key needs no check of its length, so this form cannot fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key.expose());
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Fixed-width fields only, so no two sets of facts make the same bytes.
fn wrap_aad(id: i64, purpose: KeyPurpose) -> Vec<u8> {
    let tag = match purpose {
        KeyPurpose::Environment => 0,
        KeyPurpose::Lookup => 1,
        KeyPurpose::Tenant(_) => 2,
    };
    let mut aad = b"cardwright wrapped key".to_vec();
    aad.push(WRAP_VERSION);
    aad.extend_from_slice(&id.to_be_bytes());
    aad.push(tag);
    aad.extend_from_slice(&purpose.tenant().unwrap_or(0).to_be_bytes());
    aad
}

fn check_file(path: &Path, metadata: &Metadata, user: u32) -> Result<(), KeyError> {
    if !metadata.is_file() {
        return Err(KeyError::file(path, FileFault::NotAFile));
    }
    let owner = metadata.uid();
    if owner != user {
        return Err(KeyError::file(path, FileFault::Foreign { owner, user }));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::file(path, FileFault::Exposed(mode)));
    }
    Ok(())
}

fn read_key(file: File, path: &Path) -> Result<KeyBytes, KeyError> {
    // One byte more than a key, to notice a longer file; sized up front so that nothing is copied.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64));
    file.take(33)
        .read_to_end(&mut bytes)
        .map_err(|error| KeyError::io(path, "read", &error))?;
    KeyBytes::from_slice(&bytes).ok_or_else(|| KeyError::file(path, FileFault::Length(bytes.len())))
}

fn write_durably(mut file: File, path: &Path, key: &KeyBytes) -> io::Result<()> {
    file.write_all(key.expose())?;
    file.sync_all()?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests;
