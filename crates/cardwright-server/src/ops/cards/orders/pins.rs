//! Orders about PINs: activation, and another PIN.
//!
//! Law: a wrong code or PIN is counted though the order it came with is refused. The count is made
//! where the refusal is answered, because what the order did is undone.

use cardwright_core::{
    Amount, CardId, CardStage, CardState, CardWishes, CodeCheck, Order, OrderKind, PinCheck,
    PinTries, Refusal, SecretRefusal, check_pin_strength, is_pin,
};

use super::{Changed, NewOrder, carry_out_with, nothing_to_prepare, of_nothing};
use crate::{
    error::{Error, Result},
    ops::{
        cards::{current, put_state},
        challenges, pins as pin_ops,
    },
    secrets::Secret,
    store::{Tx, cards, orders, pins, products},
};

/// What the holder of new plastic says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Activation {
    /// The PIN it is to have.
    pub pin: Secret,
    /// The code that was sent.
    pub code: Secret,
    /// Payable without PIN, as the caller wrote it.
    pub no_pin_amount: Option<String>,
}

/// Another PIN for a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PinChange {
    /// The one it has, where the caller proves that.
    pub old: Option<Secret>,
    /// The one it is to have.
    pub new: Secret,
}

/// Activates a physical card: by the code that was sent, with a PIN of the holder's choice.
pub async fn activate(
    tx: &mut Tx,
    id: CardId,
    asked: Activation,
    new: NewOrder,
) -> Result<Changed> {
    let card = current(tx, id).await?;
    card.clone().activate(tx.now())?;
    if orders::is_under_way(tx, id, OrderKind::Activate).await? {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    check_new(&asked.pin)?;
    let no_pin_minor = match asked.no_pin_amount {
        Some(text) => {
            let product = products::get(tx, card.product).await?;
            let terms = product.no_pin_terms().ok_or(Refusal::AmountOutOfRange)?;
            let amount = Amount::parse(&text, product.currency)
                .map_err(|_| Error::Invalid("noPinPaymentAmount"))?;
            terms.quota.check(amount)?;
            Some(amount.minor())
        }
        None => None,
    };
    match challenges::check_activation_code(tx, id, &asked.code).await? {
        CodeCheck::Right => {}
        CodeCheck::Wrong | CodeCheck::Void => {
            return Err(Refusal::Secret(SecretRefusal::ActivationCodeInvalid).into());
        }
    }
    let order = Order {
        wishes: CardWishes {
            no_pin_minor,
            ..CardWishes::default()
        },
        ..of_nothing(tx, OrderKind::Activate, &card, new).await?
    };
    with_pin(tx, order, &asked.pin).await
}

/// Gives a card another PIN; the old one is checked where it is given.
pub async fn update_pin(
    tx: &mut Tx,
    id: CardId,
    asked: PinChange,
    new: NewOrder,
) -> Result<Changed> {
    let card = current(tx, id).await?;
    card.require_in_use()?;
    check_new(&asked.new)?;
    if let Some(old) = &asked.old {
        match pin_ops::check(tx, id, old).await? {
            PinCheck::Right => {}
            PinCheck::Wrong | PinCheck::Locked | PinCheck::NotSet => {
                return Err(Refusal::Secret(SecretRefusal::PinIncorrect).into());
            }
        }
    }
    let order = of_nothing(tx, OrderKind::UpdatePin, &card, new).await?;
    with_pin(tx, order, &asked.new).await
}

/// Six digits, as callers of this API set PINs, and not easy to guess.
fn check_new(pin: &Secret) -> Result<()> {
    const DIGITS: usize = 6;
    let digits = pin.expose();
    if digits.len() != DIGITS || !is_pin(digits) {
        return Err(Error::Invalid("pin"));
    }
    Ok(check_pin_strength(digits)?)
}

/// Counts a wrong activation code, after the order that came with it was undone.
pub async fn count_wrong_code(tx: &mut Tx, id: CardId, code: &Secret) -> Result<()> {
    challenges::check_activation_code(tx, id, code).await?;
    Ok(())
}

/// Counts a wrong PIN, after the order that came with it was undone. A card without one has
/// nothing to guess.
pub async fn count_wrong_pin(tx: &mut Tx, id: CardId, presented: &Secret) -> Result<()> {
    match pin_ops::check(tx, id, presented).await? {
        PinCheck::NotSet => Ok(()),
        PinCheck::Right | PinCheck::Wrong | PinCheck::Locked => {
            tx.audit("card.present_wrong_pin", ("card", &id.to_string()))
                .await
        }
    }
}

/// Whether so many wrong PINs came that none is compared any more.
pub async fn is_pin_locked(tx: &mut Tx, id: CardId) -> Result<bool> {
    let stored = pins::find(tx, id).await?;
    Ok(stored.is_some_and(|stored| stored.tries >= PinTries::LOCKING))
}

/// Carries out an order whose PIN is kept beside it, as the keyed value that cards have.
async fn with_pin(tx: &mut Tx, order: Order, pin: &Secret) -> Result<Changed> {
    let value = tx.vault().pin_value(order.card, pin)?;
    carry_out_with(tx, order, Some(value.as_slice()), nothing_to_prepare).await
}

/// The card has the PIN and transacts.
pub(super) async fn activate_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let before = cards::get(tx, order.card).await?;
    let mut after = before.clone().activate(tx.now())?;
    after.no_pin_minor = order.wishes.no_pin_minor.or(before.no_pin_minor);
    put_state(tx, &before, &after).await?;
    take_pin(tx, order).await?;
    Ok(order.amount)
}

/// The code of an activation that came to nothing is used up. Where the card can still be activated
/// its holder gets another one.
pub(super) async fn issue_another_code(tx: &mut Tx, order: &Order) -> Result<()> {
    let card = cards::get(tx, order.card).await?.age(tx.today(), tx.now());
    if card.state == CardState::Inactive && card.stage != CardStage::Digital {
        challenges::issue_activation_code(tx, card.id).await?;
    }
    Ok(())
}

/// The card has the PIN.
pub(super) async fn set_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let card = cards::get(tx, order.card).await?;
    // It was in use when the order came; only an end makes the PIN useless.
    card.require_revealable()?;
    take_pin(tx, order).await?;
    Ok(order.amount)
}

async fn take_pin(tx: &mut Tx, order: &Order) -> Result<()> {
    let value = orders::take_pin(tx, order.id).await?;
    let value = value.ok_or_else(|| Error::Corrupt(format!("PIN of order {}", order.id)))?;
    pins::put(tx, order.card, &value).await
}
