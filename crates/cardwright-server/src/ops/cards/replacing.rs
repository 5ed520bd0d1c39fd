//! Replacing a card: it ends, and another one takes its place on the same account.

use cardwright_core::{
    Address, Capability, Card, CardId, CardState, CloseReason, Controlled, Delivery, Mode, Product,
    Refusal,
};

use super::{blank, check_product, current, expiry_of, number_and_store, put_state};
use crate::{
    error::Result,
    store::{Tx, accounts, card_replacements, cards, controls, holders, products},
};

/// What a caller says about a replacement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replace {
    /// Why: how the old card ends, unless it has ended.
    pub reason: CloseReason,
    /// Where plastic goes; where the old card's went, if absent.
    pub address: Option<Address>,
    /// How fast plastic goes; as the old card's, if absent.
    pub express: Option<Capability>,
}

/// Ends a card and issues the one that takes its place: of the same product and holder, on the same
/// account, under the same limits with what was used of them. It has a number and an expiry of its
/// own and no PIN yet, and costs nothing.
///
/// A card that was replaced before keeps its replacement, whatever is asked: that is the answer.
pub async fn replace(tx: &mut Tx, id: CardId, asked: Replace) -> Result<Card> {
    let before = current(tx, id).await?;
    tx.audit("card.replace", ("card", &id.to_string())).await?;
    if let Some(existing) = card_replacements::replacement_of(tx, id).await? {
        return cards::get(tx, existing).await;
    }
    let product = products::get(tx, before.product).await?;
    // A prepaid card's money is on an account of its own, which ends with it.
    if product.mode != Mode::AccountFunded {
        return Err(Refusal::ProductNotSuitable.into());
    }
    check(tx, &before, &product).await?;
    accounts::get(tx, before.account).await?.require_active()?;
    let (today, now) = (tx.today(), tx.now());
    let ended = before.clone().replace(asked.reason, today, now)?;
    put_state(tx, &before, &ended).await?;
    let expiry = expiry_of(today, None, &product)?;
    let mut card = blank(tx, &product, before.account, expiry).await?;
    (card.state, card.stage) = before.successor_begins();
    card.holder = before.holder;
    card.embossing_name.clone_from(&before.embossing_name);
    card.delivery = delivery(before.delivery.clone(), asked.address, asked.express);
    let card = number_and_store(tx, &product, card).await?;
    card_replacements::insert(tx, (id, card.id), asked.reason).await?;
    let own = controls::get(tx, Controlled::Card(id)).await?;
    if !own.is_none() {
        controls::put(tx, Controlled::Card(card.id), &own).await?;
    }
    Ok(card)
}

/// The new card must fit like any other. Where the old one ends only now there will be no more
/// cards than before; one that had ended counts no longer.
async fn check(tx: &mut Tx, before: &Card, product: &Product) -> Result<()> {
    let holder = match before.holder {
        Some(holder) => Some(holders::get(tx, holder).await?),
        None => None,
    };
    if let CardState::Closed { .. } = before.state {
        return check_product(tx, product, holder.as_ref()).await;
    }
    product.require_online()?;
    product.check_holder(holder.as_ref())?;
    Ok(())
}

fn delivery(
    before: Option<Delivery>,
    address: Option<Address>,
    express: Option<Capability>,
) -> Option<Delivery> {
    let express_before = before.as_ref().map(|before| before.express);
    let address = address.or(before.map(|before| before.address))?;
    Some(Delivery {
        address,
        express: express.or(express_before).unwrap_or(Capability::No),
    })
}
