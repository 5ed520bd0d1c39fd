//! New tokens, secrets, keys and passwords, in the forms their readers expect.
//!
//! Texts people have to copy are drawn from plain letters and digits: no shell, URL or
//! double-click cuts them short, and none begins with a hyphen that a command line would misread.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Secret;
use crate::entropy::Entropy;

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Without the pairs people confuse when reading aloud or typing: 0 O o, 1 l I i.
const UNAMBIGUOUS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

/// The public half of a FINCI credential, sent as `X-Auth-Token`: 32 letters and digits.
///
/// Names the credential, proves nothing; within the accepted grammar `[A-Za-z0-9_-]{16,64}`.
pub fn finci_token(entropy: &Entropy) -> String {
    text(LETTERS_AND_DIGITS, 32, entropy).expose().to_owned()
}

/// The secret half of a FINCI credential: 32 random bytes as 64 lower-case hex digits.
///
/// The text as issued is the HMAC key; it is never decoded.
pub fn finci_secret(entropy: &Entropy) -> Secret {
    Secret::new(hex::encode(*entropy.secret_bytes::<32>()))
}

/// A webhook secret in the form of the Standard Webhooks specification: `whsec_` + base64 of 32
/// random bytes.
pub fn webhook_secret(entropy: &Entropy) -> Secret {
    Secret::new(format!(
        "whsec_{}",
        STANDARD.encode(*entropy.secret_bytes::<32>())
    ))
}

/// An admin key: `cwa_` and 43 letters and digits (256 bits).
///
/// The prefix lets secret scanners and people tell what leaked.
pub fn admin_key(entropy: &Entropy) -> Secret {
    Secret::new(format!(
        "cwa_{}",
        text(LETTERS_AND_DIGITS, 43, entropy).expose()
    ))
}

/// A first password: 24 characters (138 bits) that survive being read aloud and typed.
pub fn password(entropy: &Entropy) -> Secret {
    text(UNAMBIGUOUS, 24, entropy)
}

/// A code of so many digits that is sent to somebody who types it in.
pub fn code(digits: usize, entropy: &Entropy) -> Secret {
    text(b"0123456789", digits, entropy)
}

/// Draws each character evenly: bytes past the last whole multiple of the alphabet are thrown away,
/// because a plain remainder would favour its first letters.
fn text(alphabet: &[u8], length: usize, entropy: &Entropy) -> Secret {
    let fair = 256 - 256 % alphabet.len();
    // Reserved in full, so that growing leaves no copy behind in freed memory.
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let bytes = entropy.secret_bytes::<64>();
        let letters = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < fair);
        for letter in letters.take(length - text.len()) {
            text.push(char::from(alphabet[letter % alphabet.len()]));
        }
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    #[test]
    fn every_generator_keeps_its_form() {
        let entropy = Entropy::system();
        for _ in 0..200 {
            let token = finci_token(&entropy);
            assert_eq!(token.len(), 32);
            assert!(
                token.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{token}"
            );

            let secret = finci_secret(&entropy);
            assert_eq!(hex::decode(secret.expose()).unwrap().len(), 32);
            assert_eq!(secret.expose(), secret.expose().to_lowercase());

            let webhook = webhook_secret(&entropy);
            let encoded = webhook.expose().strip_prefix("whsec_").unwrap();
            assert_eq!(STANDARD.decode(encoded).unwrap().len(), 32);

            let key = admin_key(&entropy);
            let rest = key.expose().strip_prefix("cwa_").unwrap();
            assert!(rest.len() == 43 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));

            let code = code(6, &entropy);
            assert!(code.expose().len() == 6 && code.expose().parse::<u32>().is_ok());

            let password = password(&entropy);
            assert_eq!(password.expose().len(), 24);
            assert!(
                !password
                    .expose()
                    .contains(['0', 'O', 'o', '1', 'l', 'I', 'i'])
            );
        }
    }

    #[test]
    fn no_two_draws_are_equal() {
        let entropy = Entropy::system();
        let draws: HashSet<String> = (0..500)
            .flat_map(|_| {
                let secrets = [
                    finci_secret(&entropy),
                    webhook_secret(&entropy),
                    admin_key(&entropy),
                    password(&entropy),
                ];
                let texts = secrets.map(|secret| secret.expose().to_owned());
                texts.into_iter().chain([finci_token(&entropy)])
            })
            .collect();
        assert_eq!(draws.len(), 2_500);
    }

    #[test]
    fn every_letter_is_as_likely_as_every_other() {
        let entropy = Entropy::fixed_for_tests(1);
        for alphabet in [LETTERS_AND_DIGITS, UNAMBIGUOUS, b"0123456789"] {
            let distinct: HashSet<&u8> = alphabet.iter().collect();
            assert_eq!(distinct.len(), alphabet.len(), "no letter stands twice");

            let drawn = text(alphabet, 1_000 * alphabet.len(), &entropy);
            let mut counts: BTreeMap<u8, i32> = BTreeMap::new();
            for letter in drawn.expose().bytes() {
                *counts.entry(letter).or_default() += 1;
            }
            assert_eq!(counts.len(), alphabet.len());
            // Expected 1,000 each, deviation about 32; a plain remainder would miss by 250.
            assert!(
                counts.values().all(|count| (850..1_150).contains(count)),
                "{counts:?}"
            );
        }
    }
}
