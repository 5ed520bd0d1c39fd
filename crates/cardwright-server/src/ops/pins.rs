//! PINs: setting one, checking one, and what wrong ones lead to.
//!
//! Law: a PIN reaches neither a row nor an event nor the log; audit rows say that one was set, not
//! which.

use cardwright_core::{CardId, CardState, PinCheck, PinMatch, PinTries, Refusal, is_pin};

use crate::{
    error::{Error, Result},
    secrets::Secret,
    store::{Tx, cards, pins},
};

/// Sets a card's PIN, of four to six digits. It also ends a lock that wrong PINs led to.
pub async fn set(tx: &mut Tx, card: CardId, pin: &Secret) -> Result<()> {
    if !is_pin(pin.expose()) {
        return Err(Error::Invalid("pin"));
    }
    let found = super::cards::current(tx, card).await?;
    if let CardState::Closed { .. } = found.state {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    pins::set(tx, card, pin).await?;
    tx.audit("card.set_pin", ("card", &card.to_string())).await
}

/// Checks a presented PIN and counts it: a wrong one towards the lock, a right one ends the count.
///
/// Writes no audit row: the write that a PIN was presented for explains itself. A right PIN on a
/// locked card does not unlock it, else the lock would only slow down whoever tries them all.
pub async fn check(tx: &mut Tx, card: CardId, pin: &Secret) -> Result<PinCheck> {
    let Some(stored) = pins::find(tx, card).await? else {
        return Ok(PinCheck::NotSet);
    };
    let presented = if tx.vault().pin_matches(card, pin, &stored.value)? {
        PinMatch::Same
    } else {
        PinMatch::Other
    };
    let (outcome, tries) = stored.tries.present(presented);
    if tries != stored.tries {
        pins::count(tx, card, tries).await?;
    }
    Ok(outcome)
}

/// Gives a card's PIN its tries back; a card without one has nothing to give back.
pub async fn reset_tries(tx: &mut Tx, card: CardId) -> Result<()> {
    cards::get(tx, card).await?;
    pins::count(tx, card, PinTries::NONE).await?;
    tx.audit("card.reset_pin_tries", ("card", &card.to_string()))
        .await
}
