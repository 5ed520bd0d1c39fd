//! The one place that draws random numbers.
//!
//! Two kinds of draws are kept apart by type, because only one of them may ever be repeatable:
//! *secrets* (keys, tokens, nonces, salts) come from the operating system, also under a seed;
//! *records* (generated card numbers, demo people, record ids of a seeded sandbox) repeat exactly
//! when a seed was given. A seed therefore never makes a key guessable.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rand_core::{Rng, SeedableRng, UnwrapErr};
use rand::rngs::SysRng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};
use zeroize::Zeroizing;

/// Where random numbers come from.
///
/// ```
/// use cardwright_server::entropy::Entropy;
/// use rand::Rng;
///
/// let (one, two) = (Entropy::seeded(7), Entropy::seeded(7));
/// assert_eq!(one.record(1).next_u64(), two.record(1).next_u64(), "records repeat");
/// assert_ne!(one.secret_bytes::<32>(), two.secret_bytes::<32>(), "secrets never do");
/// ```
#[derive(Clone)]
pub struct Entropy {
    secrets: SecretSource,
    seed: Option<u64>,
}

#[derive(Clone)]
enum SecretSource {
    OperatingSystem,
    FixedForTests(Arc<Mutex<ChaCha20Rng>>),
}

impl Entropy {
    /// Everything from the operating system.
    pub fn system() -> Entropy {
        Entropy {
            secrets: SecretSource::OperatingSystem,
            seed: None,
        }
    }

    /// Repeatable records; secrets still from the operating system.
    pub fn seeded(seed: u64) -> Entropy {
        Entropy {
            secrets: SecretSource::OperatingSystem,
            seed: Some(seed),
        }
    }

    /// Everything repeatable, keys included: for tests that compare whole answers.
    ///
    /// Copies share one stream of secrets. Never to be reached from configuration.
    pub fn fixed_for_tests(seed: u64) -> Entropy {
        let stream = ChaCha20Rng::from_seed(digest(b"cardwright fixed secrets", seed, b""));
        let secrets = SecretSource::FixedForTests(Arc::new(Mutex::new(stream)));
        Entropy {
            secrets,
            seed: Some(seed),
        }
    }

    /// Bytes fit for keys, nonces and salts, wiped when dropped.
    ///
    /// # Panics
    ///
    /// When the operating system refuses to give randomness: no safe answer exists then.
    pub fn secret_bytes<const N: usize>(&self) -> Zeroizing<[u8; N]> {
        let mut bytes = Zeroizing::new([0; N]);
        match &self.secrets {
            SecretSource::OperatingSystem => UnwrapErr(SysRng).fill_bytes(bytes.as_mut()),
            SecretSource::FixedForTests(stream) => {
                stream
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .fill_bytes(bytes.as_mut());
            }
        }
        bytes
    }

    /// A random id (UUID version 4) nobody can guess, from the side of the secrets.
    pub fn uuid(&self) -> Uuid {
        Builder::from_random_bytes(*self.secret_bytes()).into_uuid()
    }

    /// The numbers a generated record is made of: under a seed the same for the same record id.
    ///
    /// Each id has a stream of its own, so that one more draw for one record changes no other.
    pub fn record(&self, id: i64) -> ChaCha20Rng {
        match self.seed {
            Some(seed) => {
                ChaCha20Rng::from_seed(digest(b"cardwright record", seed, &id.to_be_bytes()))
            }
            None => ChaCha20Rng::from_seed(*self.secret_bytes()),
        }
    }

    /// An id (UUID version 4) for a record: under a seed the same for the same label and number.
    pub fn record_uuid(&self, label: &str, number: i64) -> Uuid {
        let Some(seed) = self.seed else {
            return self.uuid();
        };
        // The number has a fixed width and stands first, so no two inputs make the same bytes.
        let name = [&number.to_be_bytes(), label.as_bytes()].concat();
        let digest = digest(b"cardwright record uuid", seed, &name);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets = match &self.secrets {
            SecretSource::OperatingSystem => "operating system",
            SecretSource::FixedForTests(_) => "fixed for tests",
        };
        formatter
            .debug_struct("Entropy")
            .field("secrets", &secrets)
            .finish_non_exhaustive()
    }
}

/// SHA-256 over purpose, seed and name, unambiguous because purposes are constants ended by a zero.
fn digest(purpose: &[u8], seed: u64, name: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(purpose);
    hash.update([0]);
    hash.update(seed.to_be_bytes());
    hash.update(name);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn first(entropy: &Entropy, id: i64) -> u64 {
        entropy.record(id).next_u64()
    }

    #[test]
    fn a_seed_repeats_records_and_each_record_has_its_own_stream() {
        let (one, two, other) = (Entropy::seeded(7), Entropy::seeded(7), Entropy::seeded(8));
        assert_eq!(first(&one, 1), first(&two, 1));
        assert_eq!(
            first(&one, 1),
            first(&one, 1),
            "asking twice changes nothing"
        );
        assert_ne!(first(&one, 1), first(&one, 2));
        assert_ne!(first(&one, 1), first(&other, 1));
        assert_ne!(first(&one, 1), first(&one, -1));
    }

    #[test]
    fn the_records_of_a_seed_never_change_between_versions() {
        // People write down what a seeded sandbox shows; a new release must show it again. Both
        // values were computed outside, from SHA-256 and plain ChaCha20.
        assert_eq!(
            first(&Entropy::seeded(42), 1_000),
            14_031_928_351_932_835_525
        );
        assert_eq!(
            Entropy::seeded(42).record_uuid("user", 3).to_string(),
            "76b78ed9-440a-4181-ab38-9b8f7f47b766"
        );
    }

    #[test]
    fn a_seed_never_repeats_a_secret() {
        let (one, two) = (Entropy::seeded(7), Entropy::seeded(7));
        assert_ne!(one.secret_bytes::<16>(), two.secret_bytes::<16>());
        assert_ne!(one.uuid(), two.uuid());
    }

    #[test]
    fn without_a_seed_nothing_repeats() {
        let entropy = Entropy::system();
        let draws: HashSet<u64> = (0..1_000).map(|_| first(&entropy, 1)).collect();
        assert_eq!(draws.len(), 1_000);
        assert_ne!(
            entropy.record_uuid("user", 1),
            entropy.record_uuid("user", 1)
        );
        assert_ne!(*entropy.secret_bytes::<32>(), [0; 32]);
    }

    #[test]
    fn entropy_fixed_for_tests_repeats_secrets_in_order_but_never_gives_one_twice() {
        let (one, two) = (Entropy::fixed_for_tests(7), Entropy::fixed_for_tests(7));
        let secret = one.secret_bytes::<32>();
        assert_eq!(secret, two.secret_bytes::<32>());
        assert_eq!(one.uuid(), two.uuid());
        assert_ne!(
            secret,
            one.clone().secret_bytes::<32>(),
            "a copy goes on with the stream"
        );
        assert_eq!(
            first(&one, 5),
            first(&Entropy::seeded(7), 5),
            "records as under the seed"
        );
    }

    #[test]
    fn record_ids_are_version_four_and_depend_on_label_and_number() {
        let entropy = Entropy::seeded(7);
        let id = entropy.record_uuid("user", 1);
        assert_eq!(id.get_version_num(), 4);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(id, entropy.record_uuid("user", 1));
        assert_ne!(id, entropy.record_uuid("user", 2));
        assert_ne!(id, entropy.record_uuid("organization", 1));
        assert_eq!(Entropy::system().uuid().get_version_num(), 4);
    }

    #[test]
    fn debug_output_shows_neither_seed_nor_stream() {
        assert_eq!(
            format!("{:?}", Entropy::fixed_for_tests(912_345)),
            "Entropy { secrets: \"fixed for tests\", .. }"
        );
    }
}
