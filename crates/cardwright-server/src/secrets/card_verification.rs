//! The printed card verification value (CVV2, CVC2): derived when it is asked for, kept nowhere.
//!
//! The construction is the one the card schemes publish and payment security modules offer as
//! "CVV generate" (IBM ICSF programmer's guide, *VISA CVV service*): number, expiry and service
//! code, enciphered under a pair of DES keys, read as decimal digits. DES is not chosen here, it
//! is the definition; what protects the value is that its key never leaves the vault.
//! Law: a value is compared in constant time, and neither stored nor logged.

use std::fmt;

use cardwright_core::{Expiry, Pan};
use des::{
    Des, TdesEde2,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Secret, Vault, VaultError};

/// The service code that tells the printed value from those on stripe and chip.
const PRINTED: &str = "000";
/// Digits of a value.
const DIGITS: usize = 3;
const BLOCK_BYTES: usize = 8;

/// The pair of DES keys that card verification values are made with: wiped when dropped, hidden in
/// `Debug`.
pub struct CardVerificationKey(Zeroizing<[u8; 16]>);

impl CardVerificationKey {
    /// Takes the two halves, A before B; `None` unless there are exactly 16 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<CardVerificationKey> {
        // Copied into its place, so that no second copy is left on the stack.
        let mut key = CardVerificationKey(Zeroizing::new([0; 16]));
        if bytes.len() != key.0.len() {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    /// The value printed on the card with this number and expiry: three digits.
    ///
    /// The expiry goes in as it is printed, month before year. The schemes leave the order to the
    /// issuer; it only has to stay the same.
    pub fn cvv2(&self, pan: &Pan, expiry: Expiry) -> Secret {
        let printed = format!("{:02}{:02}", expiry.month(), expiry.year() % 100);
        self.value(pan.expose(), &printed, PRINTED)
    }

    /// The construction itself, over digits: at most 32 of them in all.
    fn value(&self, number: &str, expiry: &str, service_code: &str) -> Secret {
        let packed = pack([number, expiry, service_code]);
        let (left, right) = packed.split_at(BLOCK_BYTES);
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        block.copy_from_slice(left);
        let mut half = Zeroizing::new([0; BLOCK_BYTES]);
        half.copy_from_slice(&self.0[..BLOCK_BYTES]);
        Des::new(&Array(*half)).encrypt_block((&mut *block).into());
        for (byte, other) in block.iter_mut().zip(right) {
            *byte ^= other;
        }
        TdesEde2::new(&Array(*self.0)).encrypt_block((&mut *block).into());
        decimal(u64::from_be_bytes(*block))
    }
}

impl fmt::Debug for CardVerificationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CardVerificationKey(…)")
    }
}

/// Whether a presented value is the one of the card with this number and expiry.
///
/// Constant-time in the digits. A presented value of another length is not it.
pub fn check(
    vault: &Vault,
    (pan, expiry): (&Pan, Expiry),
    presented: &str,
) -> Result<bool, VaultError> {
    let right = vault.cvv2(pan, expiry)?;
    Ok(right.expose().as_bytes().ct_eq(presented.as_bytes()).into())
}

/// Two digits to a byte, filled up with zeros.
fn pack(parts: [&str; 3]) -> Zeroizing<[u8; 2 * BLOCK_BYTES]> {
    let mut packed = Zeroizing::new([0; 2 * BLOCK_BYTES]);
    let digits = parts.iter().flat_map(|part| part.bytes());
    for (position, digit) in digits.enumerate().take(4 * BLOCK_BYTES) {
        let shift = if position.is_multiple_of(2) { 4 } else { 0 };
        packed[position / 2] |= digit.wrapping_sub(b'0') << shift;
    }
    packed
}

/// The first digits of a block read as hexadecimal: those that are decimal first, from left to
/// right, then the letters less ten.
fn decimal(block: u64) -> Secret {
    let nibbles = || {
        block
            .to_be_bytes()
            .into_iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
    };
    let plain = nibbles().filter(|nibble| *nibble < 10);
    let letters = nibbles().filter(|nibble| *nibble > 9);
    // Reserved in full, so that growing leaves no copy behind in freed memory.
    let mut value = String::with_capacity(DIGITS);
    let digits = plain.chain(letters.map(|nibble| nibble - 10)).take(DIGITS);
    value.extend(digits.map(|digit| char::from(b'0' + digit)));
    Secret::new(value)
}

#[cfg(test)]
mod tests;
