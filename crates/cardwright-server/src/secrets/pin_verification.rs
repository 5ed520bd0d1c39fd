//! PIN verification values: what is kept of a PIN instead of the PIN.
//!
//! A PIN has so few possible values that a plain digest of it is the PIN. Its value is therefore
//! keyed, and bound to its card: equal PINs of two cards have different values.

use cardwright_core::CardId;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Secret,
    keys::{KeyBytes, hmac_sha256},
};

/// The key of PIN verification values: wiped when dropped, hidden in `Debug`.
#[derive(Debug)]
pub struct PinVerificationKey(KeyBytes);

impl PinVerificationKey {
    /// Takes the key.
    pub fn new(key: KeyBytes) -> PinVerificationKey {
        PinVerificationKey(key)
    }

    /// HMAC-SHA-256 over the card's id, as eight bytes, and the digits of the PIN.
    pub fn value(&self, card: CardId, pin: &Secret) -> [u8; 32] {
        let message = Zeroizing::new([&card.get().to_be_bytes(), pin.expose().as_bytes()].concat());
        hmac_sha256(&self.0, &message)
    }

    /// Whether a PIN has this value, compared in constant time.
    pub fn matches(&self, card: CardId, pin: &Secret, value: &[u8]) -> bool {
        self.value(card, pin).ct_eq(value).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(digits: &str) -> Secret {
        Secret::new(digits.to_owned())
    }

    #[test]
    fn a_value_is_the_published_hmac_over_card_and_pin() {
        // python3 -c "import hmac, struct; print(hmac.digest(bytes(range(32)),
        //   struct.pack('>q', 42) + b'7391', 'sha256').hex())"
        let key =
            PinVerificationKey::new(KeyBytes::from_slice(&(0..32).collect::<Vec<u8>>()).unwrap());
        let card = CardId::new(42).unwrap();
        assert_eq!(
            hex::encode(key.value(card, &pin("7391"))),
            "8709489af394b6634bb0e87ec01bb4a93e9fb0f01a4d867c666cc126ec8892b5"
        );
        assert_eq!(format!("{key:?}"), "PinVerificationKey(KeyBytes(…))");
    }

    #[test]
    fn a_pin_fits_its_own_card_only() {
        let key = PinVerificationKey::new(KeyBytes::from_slice(&[9; 32]).unwrap());
        let (one, two) = (CardId::new(1).unwrap(), CardId::new(2).unwrap());
        let value = key.value(one, &pin("7391"));
        assert!(key.matches(one, &pin("7391"), &value));
        assert!(!key.matches(two, &pin("7391"), &value), "another card");
        assert!(!key.matches(one, &pin("7392"), &value), "another PIN");
        assert!(!key.matches(one, &pin("73910"), &value), "a longer one");
        assert!(
            !key.matches(one, &pin("7391"), &value[..31]),
            "half a value"
        );
    }
}
