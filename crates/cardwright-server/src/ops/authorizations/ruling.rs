//! What limits, controls and secrets say about a use of a card, and what a use counts.

use cardwright_core::{
    Asked, Authorization, Breach, DeclineReason, PinCheck, Presented, Ruling, Timestamp, UseOfCard,
};

use super::NewAuthorization;
use crate::{
    error::Result,
    ops::pins,
    secrets::card_verification,
    store::{
        Tx, authorizations, cards, controls,
        standings::CardStanding,
        usage::{self, Spender},
    },
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

/// What limits and controls say. `at` is when the use counts: now, or, for more of an authorization
/// that was made before, when that was.
pub(super) async fn rule(
    tx: &mut Tx,
    found: &CardStanding,
    use_of_card: &UseOfCard,
    at: Timestamp,
) -> Result<Ruling> {
    let combined = controls::load(tx, found.card, found.account, found.product).await?;
    let spender = Spender {
        card: found.card,
        account: found.account,
    };
    let usages = usage::load(tx, spender, &combined.needed(), at).await?;
    let against = combined.judge(&usages, use_of_card).err().map(reason);
    // What limits on amounts leave is of no use where a limit on their number is reached.
    let room_minor = combined.room(&usages);
    let within_room = UseOfCard {
        asked: Asked::New {
            amount_minor: room_minor,
        },
        ..*use_of_card
    };
    let has_room = combined.judge(&usages, &within_room).is_ok();
    Ok(Ruling {
        against,
        room_minor: if has_room { room_minor } else { 0 },
    })
}

fn reason(breach: Breach) -> DeclineReason {
    match breach {
        Breach::ChannelNotAllowed => DeclineReason::ChannelNotAllowed,
        Breach::CountryNotAllowed => DeclineReason::CountryNotAllowed,
        Breach::MerchantNotAllowed => DeclineReason::MerchantNotAllowed,
        Breach::LimitExceeded { .. } => DeclineReason::LimitExceeded,
    }
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
    let counted_before = before.map_or(0, Authorization::counted_minor);
    usage::follow(tx, counted_before, after).await
}
