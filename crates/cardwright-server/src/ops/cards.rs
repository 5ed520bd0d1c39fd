//! Issuing cards and changing them.

use cardwright_core::{
    Account, AccountId, AccountKind, Card, CardId, CardStage, CardState, CardStatusChange, Date,
    Delivery, Event, Expiry, Holder, HolderId, Mode, Pan, PlatformBlock, Product, ProductId,
    Refusal, Transfer, TransferKind,
};
use rand::Rng;

use super::accounts as account_ops;
use crate::{
    error::{Error, Result},
    store::{
        Tx, accounts, cards, holders,
        journal::{self, Cause},
        products, shipments,
    },
};

mod expiring;
mod orders;
mod replacing;
mod reveal;

pub use expiring::{current, expire_due};
pub use orders::{
    Activation, Changed, NewOrder, OpenCard, Opened, PinChange, UpdateCard, activate, cancel,
    count_wrong_code, count_wrong_pin, deposit, finish_later, freeze, is_opened_by_order,
    is_pin_locked, open, return_rest, unfreeze, update, update_note, update_pin, withdraw,
};
pub use replacing::{Replace, replace};
pub use reveal::{Reveal, Revealed, reveal};

/// What a FINCI caller says about a new card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssueCard {
    /// Who holds it: a person or an employee.
    pub holder: HolderId,
    /// The account it spends from; may be left out where the owner has exactly one.
    pub account: Option<AccountId>,
    /// Which product.
    pub product: ProductId,
    /// The name on it.
    pub embossing_name: String,
    /// When it ends; the product's validity where absent.
    pub expiry: Option<Expiry>,
    /// New or active.
    pub state: CardState,
    /// With or without plastic.
    pub stage: CardStage,
    /// Where plastic goes.
    pub delivery: Delivery,
    /// The caller's own id.
    pub external_id: Option<String>,
}

/// Issues a card that spends from its holder's account.
pub async fn issue(tx: &mut Tx, new: IssueCard) -> Result<Card> {
    let holder = holders::get(tx, new.holder).await?;
    let account = funding_account(tx, &holder, new.account).await?;
    let product = products::get(tx, new.product).await?;
    if product.mode != Mode::AccountFunded {
        return Err(Refusal::ProductNotSuitable.into());
    }
    // A repeat of the same request never comes this far: whoever has the id is another card.
    if let Some(id) = &new.external_id
        && cards::external_id_taken(tx, id).await?
    {
        return Err(Refusal::ExternalIdConflict.into());
    }
    check_product(tx, &product, Some(&holder)).await?;
    product.check_stage(new.stage)?;
    let expiry = expiry_of(tx.today(), new.expiry, &product)?;
    let mut card = blank(tx, &product, account.id, expiry).await?;
    card.holder = Some(holder.id);
    card.state = new.state;
    card.stage = new.stage;
    card.embossing_name = Some(new.embossing_name);
    card.external_id = new.external_id;
    card.delivery = Some(new.delivery);
    let card = number_and_store(tx, &product, card).await?;
    charge_price(tx, &product, &account).await?;
    Ok(card)
}

/// The account a new card spends from: the named one if it is the owner's, else the only one.
async fn funding_account(
    tx: &mut Tx,
    holder: &Holder,
    named: Option<AccountId>,
) -> Result<Account> {
    let owner = holder.corporate.unwrap_or(holder.id);
    let account = if let Some(id) = named {
        accounts::get_visible(tx, id).await?
    } else {
        let mut owned = accounts::of_owner(tx, owner).await?;
        match (owned.pop(), owned.is_empty()) {
            (Some(only), true) => only,
            (Some(_), false) => return Err(Refusal::AccountAmbiguous.into()),
            (None, _) => return Err(Refusal::AccountMissing.into()),
        }
    };
    if account.owner != Some(owner) || account.kind != AccountKind::Customer {
        return Err(Refusal::AccountNotOwned.into());
    }
    account.require_active()?;
    Ok(account)
}

/// What every new card must fit: the product is offered, the holder suits, the limit is kept.
async fn check_product(tx: &mut Tx, product: &Product, holder: Option<&Holder>) -> Result<()> {
    product.require_online()?;
    product.check_holder(holder)?;
    if let Some(holder) = holder {
        let open = cards::count_open(tx, holder.id, product.id).await?;
        if open >= product.cards_per_holder {
            return Err(Refusal::CardLimitReached.into());
        }
    }
    Ok(())
}

/// No card lasts longer, in months. A year is shown by two digits, so there has to be an end.
const LONGEST_VALIDITY_MONTHS: u16 = 20 * 12;

fn expiry_of(today: Date, wanted: Option<Expiry>, product: &Product) -> Result<Expiry> {
    let this_month = Expiry::after(today, 0);
    match wanted {
        Some(expiry) if Some(expiry) > Expiry::after(today, LONGEST_VALIDITY_MONTHS) => {
            Err(Refusal::ExpiryTooFar.into())
        }
        Some(expiry) if Some(expiry) > this_month => Ok(expiry),
        Some(_) => Err(Refusal::ExpiryNotInFuture.into()),
        None => Expiry::after(today, product.validity_months)
            .ok_or_else(|| Error::Corrupt("the calendar has run out".to_owned())),
    }
}

async fn blank(tx: &mut Tx, product: &Product, account: AccountId, expiry: Expiry) -> Result<Card> {
    let id = CardId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    Ok(Card {
        id,
        product: product.id,
        holder: None,
        account,
        paying_account: None,
        state: CardState::Active,
        block: PlatformBlock::Clear,
        stage: CardStage::Digital,
        embossing_name: None,
        expiry,
        first_six: String::new(),
        last_four: String::new(),
        remark: None,
        external_id: None,
        delivery: None,
        no_pin_minor: None,
        design: None,
        created_at: tx.now(),
        activated_at: None,
        last_use: None,
        updated_at: tx.now(),
    })
}

/// How many numbers are drawn before the product's range is called used up. With nine free digits
/// and a range filled to nine tenths, all of them miss once in 10^29 cards.
const NUMBER_DRAWS: usize = 640;

/// Gives a card its number, stores it and tells of it.
async fn number_and_store(tx: &mut Tx, product: &Product, card: Card) -> Result<Card> {
    let mut random = tx.entropy().record(card.id.get());
    for _ in 0..NUMBER_DRAWS {
        let pan = Pan::issue(&product.bin, random.next_u64())
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        if let Some(numbered) = store_numbered(tx, card.clone(), &pan).await? {
            return Ok(numbered);
        }
    }
    Err(Error::Corrupt(format!(
        "no free card number for product {}",
        product.id
    )))
}

/// Stores a card with its number and tells of it; nothing where another card has that number.
async fn store_numbered(tx: &mut Tx, card: Card, pan: &Pan) -> Result<Option<Card>> {
    let numbered = Card {
        first_six: pan.first_six().to_owned(),
        last_four: pan.last_four().to_owned(),
        activated_at: (card.state == CardState::Active).then_some(card.created_at),
        ..card
    };
    if !cards::insert(tx, &numbered, pan).await? {
        return Ok(None);
    }
    tx.audit("card.create", ("card", &numbered.id.to_string()))
        .await?;
    tx.emit(Event::CardCreated { card: numbered.id }).await?;
    Ok(Some(numbered))
}

/// Takes the product's price from the account that the card spends from.
async fn charge_price(tx: &mut Tx, product: &Product, account: &Account) -> Result<()> {
    if product.price.is_zero() {
        return Ok(());
    }
    let fees = account_ops::book(tx, AccountKind::FeesIncome, product.currency).await?;
    let price = Transfer::new(
        account.id,
        fees.id,
        product.price,
        TransferKind::CardPurchase,
    )?;
    journal::record(tx, Cause::None, &[price]).await
}

/// Moves a card to the state a FINCI caller names; asking for the present one changes nothing.
pub async fn change_status(tx: &mut Tx, id: CardId, wanted: CardStatusChange) -> Result<Card> {
    let before = current(tx, id).await?;
    let after = before.clone().change_status(wanted, tx.now())?;
    tx.audit("card.change_status", ("card", &id.to_string()))
        .await?;
    put_state(tx, &before, &after).await?;
    // A card that has ended keeps no money of its own, whichever API ended it.
    if matches!(after.state, CardState::Closed { .. }) {
        return_rest(tx, id).await?;
    }
    Ok(after)
}

/// Moves a card's plastic to the stage a FINCI caller names, where the product comes in that form.
pub async fn change_stage(tx: &mut Tx, id: CardId, wanted: CardStage) -> Result<Card> {
    let before = current(tx, id).await?;
    let after = before.clone().change_stage(wanted, tx.now())?;
    if after != before {
        let product = products::get(tx, before.product).await?;
        product.check_stage(wanted)?;
        if wanted == CardStage::Digital {
            shipments::of_card(tx, id).await?.require_here()?;
        }
    }
    tx.audit("card.change_stage", ("card", &id.to_string()))
        .await?;
    if after != before {
        cards::put(tx, &after).await?;
        let event = Event::CardStageChanged {
            card: id,
            from: before.stage,
            to: after.stage,
        };
        tx.emit(event).await?;
    }
    Ok(after)
}

/// Stops a card as the platform.
pub async fn block(tx: &mut Tx, id: CardId, reason: &str) -> Result<Card> {
    let before = current(tx, id).await?;
    let after = before.clone().block(tx.now())?;
    let subject = id.to_string();
    tx.audit_reasoned("card.block", ("card", &subject), Some(reason))
        .await?;
    if after != before {
        cards::put(tx, &after).await?;
        tx.emit(Event::CardBlocked {
            card: id,
            state: after.state,
        })
        .await?;
        orders::record_block(tx, &before).await?;
    }
    Ok(after)
}

/// Lifts the platform's block of a card.
pub async fn unblock(tx: &mut Tx, id: CardId, reason: &str) -> Result<Card> {
    let before = current(tx, id).await?;
    let after = before.clone().unblock(tx.now());
    let subject = id.to_string();
    tx.audit_reasoned("card.unblock", ("card", &subject), Some(reason))
        .await?;
    if after != before {
        cards::put(tx, &after).await?;
        tx.emit(Event::CardUnblocked {
            card: id,
            state: after.state,
        })
        .await?;
    }
    Ok(after)
}

/// Stores a card whose state may have changed, and tells of it if it has.
async fn put_state(tx: &mut Tx, before: &Card, after: &Card) -> Result<()> {
    if after == before {
        return Ok(());
    }
    cards::put(tx, after).await?;
    if after.state == before.state {
        return Ok(());
    }
    let event = Event::CardStatusChanged {
        card: after.id,
        from: before.state,
        to: after.state,
        block: before.block,
    };
    tx.emit(event).await
}
