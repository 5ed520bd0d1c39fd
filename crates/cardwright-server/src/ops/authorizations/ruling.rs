//! What limits, controls and secrets say about a use of a card, and what a use counts.

use cardwright_core::{Asked, Authorization, PinCheck, Presented, Ruling, UseOfCard};

use super::NewAuthorization;
use crate::{
    error::Result,
    ops::pins,
    secrets::card_verification,
    store::{Tx, authorizations, cards, standings::CardStanding},
};

/// The use that a new authorization makes of its card.
pub(super) fn new_use(new: &NewAuthorization, amount_minor: i64) -> UseOfCard {
    UseOfCard {
        channel: new.channel,
        country: new.merchant.country,
        mcc: new.merchant.mcc,
        asked: Asked::New { amount_minor },
    }
}

/// Compares a presented CVV2 with what the card's number and month give.
pub(super) async fn cvv(
    tx: &mut Tx,
    new: &NewAuthorization,
    found: &CardStanding,
) -> Result<Presented> {
    let Some(cvv) = &new.proofs.cvv else {
        return Ok(Presented::Nothing);
    };
    let pan = cards::number(tx, found.card).await?;
    let of_card = (&pan, found.standing.expiry);
    let right = card_verification::check(tx.vault(), of_card, cvv.expose())?;
    Ok(if right {
        Presented::Right
    } else {
        Presented::Wrong
    })
}

/// Compares a presented PIN, and counts it if it is wrong.
pub(super) async fn pin(
    tx: &mut Tx,
    new: &NewAuthorization,
    found: &CardStanding,
) -> Result<Presented> {
    let Some(pin) = &new.proofs.pin else {
        return Ok(Presented::Nothing);
    };
    Ok(match pins::check(tx, found.card, pin).await? {
        PinCheck::Right => Presented::Right,
        PinCheck::Wrong | PinCheck::NotSet => Presented::Wrong,
        PinCheck::Locked => Presented::Locked,
    })
}

/// What limits and controls say.
pub(super) async fn rule(
    _tx: &mut Tx,
    _found: &CardStanding,
    _use_of_card: &UseOfCard,
) -> Result<Ruling> {
    Ok(Ruling::FREE)
}

/// Stores an authorization as it is now, and counts what it takes of the limits.
///
/// Everything that changes an authorization ends here, so that nothing is held or posted that the
/// limits do not know of.
pub(in crate::ops) async fn keep(
    tx: &mut Tx,
    before: Option<&Authorization>,
    after: &Authorization,
) -> Result<()> {
    match before {
        None => authorizations::insert(tx, after).await?,
        Some(_) => authorizations::put(tx, after).await?,
    }
    Ok(())
}
