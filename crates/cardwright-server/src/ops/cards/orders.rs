//! Operations on cards that `FinCard` callers follow as orders.

use cardwright_core::{Order, OrderId, OrderKind};

use super::{
    Account, AccountId, AccountKind, Amount, Card, CardForm, CardId, Category, Error, Event,
    HolderId, Mode, Product, ProductId, Record, Refusal, Result, Timestamp, Transfer, TransferKind,
    Tx, account_ops, accounts, blank, cards, check_product, expiry_of, holders,
    journal::{self, Cause},
    number_and_store, products, put_state,
};
use crate::store::orders;

/// What a caller says about a new card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenCard {
    /// The caller's own number for the order.
    pub number: String,
    /// Which product.
    pub product: ProductId,
    /// What to put on it, as the caller wrote it; nothing where absent.
    pub amount: Option<String>,
    /// Who holds it.
    pub holder: Option<HolderId>,
    /// Which account pays; the wallet where absent.
    pub account: Option<AccountId>,
}

/// A card that was opened, and the order that did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The order.
    pub order: Order,
    /// The card.
    pub card: Card,
    /// Its product.
    pub product: Product,
}

/// Whether cards of a product are opened by order: virtual prepaid ones, but no gifts.
pub fn is_opened_by_order(product: &Product) -> bool {
    product.mode == Mode::Prepaid
        && product.form == CardForm::Virtual
        && product.category != Category::Gift
}

/// Opens a virtual prepaid card: price and first deposit are paid, the card is active at once.
pub async fn open(tx: &mut Tx, new: OpenCard) -> Result<Opened> {
    let product = products::get(tx, new.product).await?;
    if product.mode == Mode::AccountFunded {
        // Not part of this API's catalogue, so not there for its callers.
        return Err(Error::not_found(Record::Product));
    }
    if !is_opened_by_order(&product) {
        return Err(Refusal::ProductNotSuitable.into());
    }
    let holder = match new.holder {
        Some(id) => Some(holders::get(tx, id).await?),
        None => None,
    };
    check_product(tx, &product, holder.as_ref()).await?;
    let amount = first_deposit(&product, new.amount.as_deref())?;
    let payer = paying_account(tx, new.account, &product).await?;
    let balance = account_ops::open_card_balance(tx, new.holder, product.currency).await?;
    let expiry = expiry_of(tx.today(), None, &product)?;
    let mut card = blank(tx, &product, balance.id, expiry).await?;
    card.holder = new.holder;
    card.paying_account = Some(payer.id);
    let card = number_and_store(tx, &product, card).await?;
    let placed = NewOrder {
        number: new.number,
        remark: None,
    };
    let order = place(
        tx,
        OrderKind::Create,
        &card,
        placed,
        (amount, product.price),
    )
    .await?;
    pay_opening(tx, &order, &payer, &balance).await?;
    let order = finish(tx, order).await?;
    Ok(Opened {
        order,
        card,
        product,
    })
}

/// What is put on a new card; only where nothing may be put on it need nothing be said.
fn first_deposit(product: &Product, text: Option<&str>) -> Result<Amount> {
    let amount = match (text, product.initial_deposit) {
        (Some(text), _) => {
            Amount::parse(text, product.currency).map_err(|_| Error::Invalid("amount"))?
        }
        (None, Some(_)) => return Err(Error::Missing("amount")),
        (None, None) => Amount::zero(product.currency),
    };
    product.check_initial_deposit(amount)?;
    Ok(amount)
}

/// The account that pays: one of the tenant's own, in the product's currency.
async fn paying_account(
    tx: &mut Tx,
    named: Option<AccountId>,
    product: &Product,
) -> Result<Account> {
    let account = match named {
        Some(id) => accounts::get_visible(tx, id).await?,
        None => account_ops::book(tx, AccountKind::Wallet, product.currency).await?,
    };
    if account.kind == AccountKind::CardBalance {
        return Err(Error::not_found(Record::Account));
    }
    account.require_active()?;
    if account.currency != product.currency {
        return Err(Refusal::CurrencyMismatch.into());
    }
    Ok(account)
}

/// Price and first deposit, in one entry.
async fn pay_opening(tx: &mut Tx, order: &Order, payer: &Account, card: &Account) -> Result<()> {
    let mut transfers = Vec::new();
    if !order.fee.is_zero() {
        let fees = account_ops::book(tx, AccountKind::FeesIncome, order.fee.currency()).await?;
        transfers.push(Transfer::new(
            payer.id,
            fees.id,
            order.fee,
            TransferKind::CardPurchase,
        )?);
    }
    if !order.amount.is_zero() {
        transfers.push(Transfer::new(
            payer.id,
            card.id,
            order.amount,
            TransferKind::CardDeposit,
        )?);
    }
    journal::record(tx, Cause::Order(order.id), &transfers).await
}

/// What every order brings along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewOrder {
    /// The caller's own number for it.
    pub number: String,
    /// The caller's note.
    pub remark: Option<String>,
}

/// A card that an order changed, or left as it was because that was what was wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The order.
    pub order: Order,
    /// The card before.
    pub before: Card,
    /// The card after.
    pub after: Card,
}

/// Freezes a card by order.
pub async fn freeze(tx: &mut Tx, id: CardId, new: NewOrder) -> Result<Changed> {
    change_by_order(tx, (OrderKind::Freeze, Card::freeze), id, new).await
}

/// Lifts the freeze of a card by order.
pub async fn unfreeze(tx: &mut Tx, id: CardId, new: NewOrder) -> Result<Changed> {
    change_by_order(tx, (OrderKind::Unfreeze, Card::unfreeze), id, new).await
}

/// What becomes of a card, as the core rules it.
type Rule = fn(Card, Timestamp) -> std::result::Result<Card, Refusal>;

async fn change_by_order(
    tx: &mut Tx,
    (kind, rule): (OrderKind, Rule),
    id: CardId,
    new: NewOrder,
) -> Result<Changed> {
    let before = cards::get(tx, id).await?;
    let product = products::get(tx, before.product).await?;
    if !product.capabilities.freezing.is_yes() {
        return Err(Refusal::ProductNotSuitable.into());
    }
    let after = rule(before.clone(), tx.now())?;
    // The currency of the money behind the card: a card of a holder's account has the account's.
    let account = accounts::get(tx, after.account).await?;
    let nothing = Amount::zero(account.currency);
    let order = place(tx, kind, &after, new, (nothing, nothing)).await?;
    put_state(tx, &before, &after).await?;
    let order = finish(tx, order).await?;
    Ok(Changed {
        order,
        before,
        after,
    })
}

async fn place(
    tx: &mut Tx,
    kind: OrderKind,
    card: &Card,
    new: NewOrder,
    (amount, fee): (Amount, Amount),
) -> Result<Order> {
    let id = OrderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    tx.audit(
        &format!("order.{}", kind.word()),
        ("card", &card.id.to_string()),
    )
    .await?;
    Ok(Order {
        id,
        kind,
        number: new.number,
        card: card.id,
        status: cardwright_core::OrderStatus::WaitProcess,
        amount,
        fee,
        received: None,
        remark: new.remark,
        description: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    })
}

/// Ends an order in the transaction that placed it: what it asked for has been done.
async fn finish(tx: &mut Tx, order: Order) -> Result<Order> {
    let received = order.amount;
    let order = order.start(tx.now())?.succeed(received, tx.now())?;
    orders::insert(tx, &order).await?;
    tx.emit(Event::OrderFinished {
        order: order.id,
        card: order.card,
    })
    .await?;
    Ok(order)
}
