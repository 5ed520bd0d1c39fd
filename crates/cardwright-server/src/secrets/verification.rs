//! The two keys by which what a cardholder presents is checked, one of each per environment.
//!
//! They are sealed like every long-lived secret and opened once, when the environment is taken
//! into use. Law: there is one of each for good; a second one would make every card already
//! printed and every PIN already set a wrong one.

use std::sync::OnceLock;

use cardwright_core::{CardId, Expiry, Pan};

use super::{
    SealContext, Secret, Vault, VaultError, card_verification::CardVerificationKey, keys::KeyBytes,
    pin_verification::PinVerificationKey,
};
use crate::entropy::Entropy;

/// Where verification keys are sealed.
const PLACE: &str = "verification_key";

/// What a verification key is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VerificationUse {
    /// The values printed on cards.
    Card,
    /// PINs.
    Pin,
}

impl VerificationUse {
    /// Every use.
    pub const ALL: [VerificationUse; 2] = [VerificationUse::Card, VerificationUse::Pin];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            VerificationUse::Card => "card",
            VerificationUse::Pin => "pin",
        }
    }

    fn place(self) -> SealContext<'static> {
        SealContext::of_environment(PLACE, self.word())
    }
}

/// The keys, once they are known.
#[derive(Default)]
pub(super) struct VerificationKeys {
    card: OnceLock<CardVerificationKey>,
    pin: OnceLock<PinVerificationKey>,
}

impl Vault {
    /// Makes a verification key, sealed; store it, then [`Vault::take_verification_key`] it.
    pub fn new_verification_key(
        &self,
        wanted: VerificationUse,
        entropy: &Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        match wanted {
            VerificationUse::Card => {
                self.seal(&wanted.place(), &*entropy.secret_bytes::<16>(), entropy)
            }
            VerificationUse::Pin => {
                self.seal(&wanted.place(), &*entropy.secret_bytes::<32>(), entropy)
            }
        }
    }

    /// Takes a stored verification key into use. The first one stays: taking it again changes
    /// nothing.
    pub fn take_verification_key(
        &self,
        of: VerificationUse,
        sealed: &[u8],
    ) -> Result<(), VaultError> {
        let opened = self.open(&of.place(), sealed)?;
        match of {
            VerificationUse::Card => {
                let key = CardVerificationKey::from_slice(&opened).ok_or(VaultError::Malformed)?;
                self.verification.card.get_or_init(|| key);
            }
            VerificationUse::Pin => {
                let key = KeyBytes::from_slice(&opened).ok_or(VaultError::Malformed)?;
                self.verification
                    .pin
                    .get_or_init(|| PinVerificationKey::new(key));
            }
        }
        Ok(())
    }

    /// The value printed on the card with this number and expiry; see
    /// [`CardVerificationKey::cvv2`].
    pub fn cvv2(&self, pan: &Pan, expiry: Expiry) -> Result<Secret, VaultError> {
        let key = self.verification.card.get();
        let key = key.ok_or(VaultError::NoVerificationKey(VerificationUse::Card))?;
        Ok(key.cvv2(pan, expiry))
    }

    /// What is kept of a PIN; see [`PinVerificationKey::value`].
    pub fn pin_value(&self, card: CardId, pin: &Secret) -> Result<[u8; 32], VaultError> {
        Ok(self.pin_key()?.value(card, pin))
    }

    /// Whether a PIN has this value, compared in constant time.
    pub fn pin_matches(
        &self,
        card: CardId,
        pin: &Secret,
        value: &[u8],
    ) -> Result<bool, VaultError> {
        Ok(self.pin_key()?.matches(card, pin, value))
    }

    fn pin_key(&self) -> Result<&PinVerificationKey, VaultError> {
        let key = self.verification.pin.get();
        key.ok_or(VaultError::NoVerificationKey(VerificationUse::Pin))
    }
}
