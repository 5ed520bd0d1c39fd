//! Orders about what a card may be used for, and the caller's note on it.

use cardwright_core::{
    Amount, Bound, Card, CardId, CardState, CardWishes, Controlled, Controls, Currency, Limit, Mcc,
    MerchantRule, Order, OrderKind, Product, Refusal, Window,
};

use super::{Changed, NewOrder, carry_out, nothing_to_prepare, of_nothing};
use crate::{
    error::{Error, Result},
    ops::{cards::current, controls as control_ops},
    store::{Tx, accounts, cards, controls, products},
};

/// What a caller wants changed about a card; what is absent stays. Amounts are as the caller wrote
/// them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UpdateCard {
    /// The caller's note on the card.
    pub remark: Option<String>,
    /// Payable without PIN.
    pub no_pin_amount: Option<String>,
    /// The most of one payment; nothing inside lifts the bound.
    pub per_payment: Option<Option<String>>,
    /// Which merchants.
    pub merchants: Option<MerchantRule>,
}

/// Changes by order what a card may be used for.
pub async fn update(tx: &mut Tx, id: CardId, asked: UpdateCard, new: NewOrder) -> Result<Changed> {
    let card = current(tx, id).await?;
    card.require_changeable()?;
    let product = products::get(tx, card.product).await?;
    let currency = accounts::get(tx, card.account).await?.currency;
    let wishes = wishes(&product, currency, asked)?;
    let order = Order {
        wishes,
        ..of_nothing(tx, OrderKind::Update, &card, new).await?
    };
    carry_out(tx, order, nothing_to_prepare).await
}

/// Replaces the caller's note on a card; nothing takes it away.
pub async fn update_note(tx: &mut Tx, id: CardId, remark: Option<String>) -> Result<Card> {
    let before = current(tx, id).await?;
    before.require_unblocked()?;
    tx.audit("card.update_note", ("card", &id.to_string()))
        .await?;
    if before.remark == remark {
        return Ok(before);
    }
    let after = Card {
        remark,
        updated_at: tx.now(),
        ..before
    };
    cards::put(tx, &after).await?;
    Ok(after)
}

/// What is asked for, checked against what the product's cards have.
fn wishes(product: &Product, currency: Currency, asked: UpdateCard) -> Result<CardWishes> {
    let no_pin_minor = match asked.no_pin_amount {
        Some(text) => {
            let terms = product.no_pin_terms().ok_or(Refusal::ControlNotSupported)?;
            let amount = parsed(&text, product.currency, "noPinPaymentAmount")?;
            terms.quota.check(amount)?;
            Some(amount.minor())
        }
        None => None,
    };
    let touches_controls = asked.per_payment.is_some() || asked.merchants.is_some();
    if touches_controls && !product.controls().is_yes() {
        return Err(Refusal::ControlNotSupported.into());
    }
    let per_payment = match asked.per_payment {
        Some(Some(text)) => {
            let amount = parsed(&text, currency, "spendingControls.amount")?;
            if amount.is_zero() {
                return Err(Refusal::AmountOutOfRange.into());
            }
            Some(Bound::At(amount.minor()))
        }
        Some(None) => Some(Bound::Lifted),
        None => None,
    };
    let says_something =
        |list: &Option<Vec<Mcc>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let exclusive =
        |rule: &MerchantRule| !(says_something(&rule.allowed) && says_something(&rule.blocked));
    if !asked.merchants.as_ref().is_none_or(exclusive) {
        return Err(Refusal::MerchantListsExclusive.into());
    }
    Ok(CardWishes {
        remark: asked.remark,
        no_pin_minor,
        per_payment,
        merchants: asked.merchants,
    })
}

fn parsed(text: &str, currency: Currency, field: &'static str) -> Result<Amount> {
    Amount::parse(text, currency).map_err(|_| Error::Invalid(field))
}

/// The card is used as the order wants it. One that ended meanwhile is not used any more.
pub(super) async fn update_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let before = cards::get(tx, order.card).await?;
    if let CardState::Closed { .. } = before.state {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    let wishes = &order.wishes;
    let after = Card {
        remark: wishes.remark.clone().or_else(|| before.remark.clone()),
        no_pin_minor: wishes.no_pin_minor.or(before.no_pin_minor),
        ..before.clone()
    };
    if after != before {
        let updated_at = tx.now();
        let after = Card {
            updated_at,
            ..after
        };
        cards::put(tx, &after).await?;
    }
    if wishes.per_payment.is_some() || wishes.merchants.is_some() {
        let whose = Controlled::Card(order.card);
        let own = controls::get(tx, whose).await?;
        control_ops::set(tx, whose, changed(own, wishes)).await?;
    }
    Ok(order.amount)
}

/// A list in the place of its own; as only one of the two can hold, something in it ends the other.
fn put_list(wanted: Option<&Vec<Mcc>>, (own, other): (&mut Vec<Mcc>, &mut Vec<Mcc>)) {
    let Some(wanted) = wanted else { return };
    if !wanted.is_empty() {
        other.clear();
    }
    own.clone_from(wanted);
}

/// Controls with the wishes in the place of what they are about; all others stay.
fn changed(mut own: Controls, wishes: &CardWishes) -> Controls {
    if let Some(bound) = wishes.per_payment {
        own.limits
            .retain(|limit| limit.window != Window::PerTransaction);
        if let Bound::At(minor) = bound {
            own.limits.push(Limit {
                window: Window::PerTransaction,
                amount_minor: Some(minor),
                count: None,
            });
        }
    }
    if let Some(rule) = &wishes.merchants {
        let lists = (&mut own.allowed_mcc, &mut own.blocked_mcc);
        put_list(rule.allowed.as_ref(), lists);
        let lists = (&mut own.blocked_mcc, &mut own.allowed_mcc);
        put_list(rule.blocked.as_ref(), lists);
    }
    own
}
