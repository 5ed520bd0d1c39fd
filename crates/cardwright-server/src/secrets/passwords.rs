//! Passwords, hashed by argon2id on threads of their own.
//!
//! Hashing is slow on purpose, so a flood of logins must not take the threads that answer signed
//! requests: it fills a short queue and is then refused at once. Every way to be wrong costs the
//! same work — unknown user, wrong password, a password too long to be right — so the time of an
//! answer tells nothing.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::oneshot;

use super::Secret;
use super::pool::Pool;
use crate::entropy::Entropy;

/// Passwords longer than this are never right; nothing is ever cut off to fit.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// A stored hash asking for more than this is damaged, not strong: 1 GiB.
const MAX_STORED_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_STORED_PASSES: u32 = 32;
const MAX_STORED_LANES: u32 = 16;

/// How much work a hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that could be filled in parallel.
    pub lanes: u32,
}

impl Cost {
    /// 19 MiB, two passes, one lane: the first recommendation of the OWASP Password Storage Cheat
    /// Sheet for argon2id.
    pub const STANDARD: Cost = Cost {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
    };
}

/// How much hashing may go on at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// Hashes computed at once; each holds its memory meanwhile.
    pub threads: NonZeroUsize,
    /// Requests that may wait for a thread; beyond them the answer is [`PasswordError::Busy`].
    pub queue: usize,
}

/// Hashes and verifies passwords; copies share the threads.
#[derive(Clone)]
pub struct Passwords {
    pool: Arc<Pool>,
    hasher: Argon2<'static>,
    entropy: Entropy,
    /// A hash of the same cost that no password has: what unknown users are checked against.
    dummy: Arc<str>,
}

impl Passwords {
    /// Starts the threads, with [`Cost::STANDARD`].
    pub fn new(size: PoolSize, entropy: Entropy) -> Result<Passwords, PasswordError> {
        Passwords::with_cost(Cost::STANDARD, size, entropy)
    }

    /// Starts the threads, with another cost; tests use a cheap one.
    pub fn with_cost(
        cost: Cost,
        size: PoolSize,
        entropy: Entropy,
    ) -> Result<Passwords, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|error| PasswordError::Failed(error.to_string()))?;
        let pool = Pool::start("passwords", size.threads, size.queue)
            .map_err(|error: io::Error| PasswordError::Failed(error.to_string()))?;
        let dummy =
            dummy(&params, &entropy).map_err(|error| PasswordError::Failed(error.to_string()))?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Passwords {
            pool: Arc::new(pool),
            hasher,
            entropy,
            dummy: dummy.into(),
        })
    }

    /// Hashes a password under a fresh salt; answers a PHC string for the store.
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        if !has_valid_length(&password) {
            return Err(PasswordError::Length);
        }
        let hasher = self.hasher.clone();
        let salt = self.entropy.secret_bytes::<16>();
        let hash = move || {
            let hash = hasher.hash_password_with_salt(password.expose().as_bytes(), salt.as_ref());
            hash.map(|hash| hash.to_string())
        };
        self.run(hash)
            .await?
            .map_err(|error| PasswordError::Failed(error.to_string()))
    }

    /// Whether this is the password behind a stored hash; `None` stands for an unknown user.
    ///
    /// Without a hash, or with a password of impossible length, the answer is `false` after the
    /// same work. A stored hash is verified at the cost it was made with.
    pub async fn verify(&self, password: Secret, phc: Option<&str>) -> Result<bool, PasswordError> {
        let stored = phc
            .filter(|_| has_valid_length(&password))
            .map(str::to_owned);
        let (hasher, dummy) = (self.hasher.clone(), self.dummy.clone());
        let check = move || match stored {
            Some(phc) => check(&hasher, &password, &phc),
            None => check(&hasher, &Secret::new(String::new()), &dummy).map(|_| false),
        };
        self.run(check).await?
    }

    /// Does work on the pool; a caller who went away before its turn costs nothing.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (reply, answer) = oneshot::channel();
        let job = move || {
            if !reply.is_closed() {
                let _ = reply.send(work());
            }
        };
        self.pool.submit(job).map_err(|_| PasswordError::Busy)?;
        answer
            .await
            .map_err(|_| PasswordError::Failed("hashing thread panicked".to_owned()))
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Passwords")
            .field("hasher", &self.hasher)
            .finish_non_exhaustive()
    }
}

/// Why a password was neither hashed nor checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// A new password must have 1 to [`MAX_PASSWORD_BYTES`] bytes.
    Length,
    /// All threads are busy and the queue is full: to be answered with 503.
    Busy,
    /// The stored hash is not argon2id as this server makes it; the store is damaged.
    Malformed,
    /// Memory or threads could not be had.
    Failed(String),
}

impl fmt::Display for PasswordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PasswordError::Length => {
                write!(
                    formatter,
                    "a password must have 1 to {MAX_PASSWORD_BYTES} bytes"
                )
            }
            PasswordError::Busy => formatter.write_str("too many passwords are being checked"),
            PasswordError::Malformed => formatter.write_str("stored password hash is damaged"),
            PasswordError::Failed(reason) => write!(formatter, "hashing failed: {reason}"),
        }
    }
}

impl std::error::Error for PasswordError {}

fn has_valid_length(password: &Secret) -> bool {
    (1..=MAX_PASSWORD_BYTES).contains(&password.expose().len())
}

fn check(hasher: &Argon2<'_>, password: &Secret, phc: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(phc).map_err(|_| PasswordError::Malformed)?;
    let params = Params::try_from(&hash).map_err(|_| PasswordError::Malformed)?;
    let complete = hash.salt.is_some() && hash.hash.is_some();
    let ours = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into());
    let sane = params.m_cost() <= MAX_STORED_MEMORY_KIB
        && params.t_cost() <= MAX_STORED_PASSES
        && params.p_cost() <= MAX_STORED_LANES;
    if !(complete && ours && sane) {
        return Err(PasswordError::Malformed);
    }
    match hasher.verify_password(password.expose().as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(PasswordError::Failed(error.to_string())),
    }
}

/// A random digest instead of a computed one: as good as unmatchable, and starting costs nothing.
fn dummy(params: &Params, entropy: &Entropy) -> password_hash::Result<String> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(entropy.secret_bytes::<16>().as_ref())?),
        hash: Some(Output::new(entropy.secret_bytes::<32>().as_ref())?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests;
