//! Opening cards: virtual or physical, with a balance of their own, a pool, or to be given away.

use cardwright_core::{
    Account, AccountId, AccountKind, Amount, Card, CardForm, CardStage, CardState, HolderId, Mode,
    Order, OrderKind, OrderRoute, Pan, Product, ProductId, Record, Refusal, Transfer, TransferKind,
};

use super::{Changed, Draft, NewOrder, carry_out, nothing_to_prepare, place};
use crate::{
    error::{Error, Result},
    ops::{
        accounts as account_ops,
        cards::{blank, check_product, expiry_of, number_and_store, put_state, store_numbered},
        challenges,
    },
    secrets::Secret,
    store::{
        Tx, accounts, cards, designs, holders,
        journal::{self, Cause},
        products,
        tenants::{self, OrderCourse},
    },
};

/// What a caller says about a new card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenCard {
    /// The caller's own number for the order.
    pub number: String,
    /// Which product.
    pub product: ProductId,
    /// What to put on it, as the caller wrote it.
    pub amount: Option<String>,
    /// Who holds it.
    pub holder: Option<HolderId>,
    /// Which account pays; the wallet where absent.
    pub account: Option<AccountId>,
    /// The number printed on plastic.
    pub card_number: Option<Secret>,
    /// What it looks like, if it is one to give away.
    pub design: Option<i64>,
    /// By which call it is opened: the older one puts the least on a card where nothing is said.
    pub route: OrderRoute,
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

/// Whether cards of a product are opened by order.
pub fn is_opened_by_order(product: &Product) -> bool {
    product.require_opened_by_order().is_ok()
}

/// Opens a card: price and first deposit are paid at once, whenever the card is made.
pub async fn open(tx: &mut Tx, new: OpenCard) -> Result<Opened> {
    let product = products::get_ordered(tx, new.product).await?;
    product.require_opened_by_order()?;
    check_holder(tx, &product, new.holder).await?;
    let amount = first_deposit(&product, new.amount.as_deref(), new.route)?;
    if let Some(design) = new.design {
        designs::require(tx, design, product.id).await?;
    }
    let number = printed_number(&product, new.card_number.as_ref())?;
    let payer = paying_account(tx, new.account, &product).await?;
    // Before anybody learns whether a number is taken: who cannot pay cannot try numbers for nothing.
    let price = i128::from(amount.minor()) + i128::from(product.price.minor());
    if price > i128::from(payer.available_minor()) {
        return Err(Refusal::InsufficientFunds.into());
    }
    let card = make(tx, &product, &payer, &new).await?;
    let card = match number {
        Some(pan) => store_numbered(tx, card, &pan)
            .await?
            .ok_or(Refusal::CardNumberInUse)?,
        None => number_and_store(tx, &product, card).await?,
    };
    let placed = NewOrder {
        number: Some(new.number),
        remark: None,
    };
    let draft = Draft {
        kind: OrderKind::Create,
        card: &card,
        placed,
        amount,
        fee: product.price,
        account: Some(payer.id),
    };
    let order = Order {
        before: None,
        route: new.route,
        ..place(tx, draft).await?
    };
    pay(tx, &order, &payer, card.account).await?;
    let Changed { order, card } = carry_out(tx, order, nothing_to_prepare).await?;
    Ok(Opened {
        order,
        card,
        product,
    })
}

async fn check_holder(tx: &mut Tx, product: &Product, holder: Option<HolderId>) -> Result<()> {
    let holder = match holder {
        Some(id) => Some(holders::get_cardholder(tx, id).await?),
        None => None,
    };
    check_product(tx, product, holder.as_ref()).await?;
    if product.is_gift() && holder.is_some() {
        // Whoever is given it is nobody we know.
        return Err(Refusal::HolderModelMismatch.into());
    }
    Ok(())
}

/// What is put on a new card. Only where nothing may be put on it need nothing be said; the older
/// call takes silence for the least.
fn first_deposit(product: &Product, text: Option<&str>, route: OrderRoute) -> Result<Amount> {
    let amount = match (text, product.initial_deposit, route) {
        (Some(text), _, _) => {
            Amount::parse(text, product.currency).map_err(|_| Error::Invalid("amount"))?
        }
        (None, Some(quota), OrderRoute::Deprecated) => quota.min,
        (None, Some(_), OrderRoute::Current) => return Err(Error::Missing("amount")),
        (None, None, _) => Amount::zero(product.currency),
    };
    product.check_initial_deposit(amount)?;
    Ok(amount)
}

/// The number that is printed on plastic; a virtual card is given one.
fn printed_number(product: &Product, given: Option<&Secret>) -> Result<Option<Pan>> {
    match product.form {
        CardForm::Virtual | CardForm::AsOrdered => Ok(None),
        CardForm::Physical => {
            let given = given.ok_or(Error::Missing("cardNumber"))?;
            let pan = Pan::parse(given.expose()).map_err(|_| Refusal::CardNumberInvalid)?;
            if !pan.is_issued_under(&product.bin) {
                return Err(Refusal::CardNumberInvalid.into());
            }
            Ok(Some(pan))
        }
    }
}

/// The account that pays: one of the tenant's own, in the product's currency. A pool where the
/// card is to spend from it.
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
    let is_pool = matches!(account.kind, AccountKind::Margin | AccountKind::Customer);
    if product.mode == Mode::SharedPool && !is_pool {
        return Err(Refusal::AccountKindNotAllowed.into());
    }
    account.require_active()?;
    if account.currency != product.currency {
        return Err(Refusal::AccountKindNotAllowed.into());
    }
    Ok(account)
}

/// The card as it begins, still without a number.
async fn make(tx: &mut Tx, product: &Product, payer: &Account, new: &OpenCard) -> Result<Card> {
    let account = match product.mode {
        Mode::Prepaid => {
            let owned = account_ops::open_card_balance(tx, new.holder, product.currency);
            owned.await?.id
        }
        Mode::SharedPool | Mode::AccountFunded => payer.id,
    };
    let expiry = expiry_of(tx.today(), None, product)?;
    let state = match tenants::order_course(tx).await? {
        OrderCourse::AtOnce => first_state(product),
        OrderCourse::After(_) => CardState::Pending,
    };
    let stage = match product.form {
        // It was printed before it is opened, and is where its number was read from.
        CardForm::Physical => CardStage::PlasticDelivered,
        CardForm::Virtual | CardForm::AsOrdered => CardStage::Digital,
    };
    Ok(Card {
        holder: new.holder,
        paying_account: Some(payer.id),
        state,
        stage,
        design: new.design,
        no_pin_minor: product.no_pin_terms().map(|terms| terms.default.minor()),
        ..blank(tx, product, account, expiry).await?
    })
}

fn first_state(product: &Product) -> CardState {
    if product.capabilities.activation.is_yes() {
        CardState::Inactive
    } else {
        CardState::Active
    }
}

/// Price and first deposit, in one entry.
async fn pay(tx: &mut Tx, order: &Order, payer: &Account, card: AccountId) -> Result<()> {
    let mut transfers = Vec::new();
    if !order.fee.is_zero() {
        let fees = account_ops::book(tx, AccountKind::FeesIncome, order.fee.currency()).await?;
        let kind = TransferKind::CardPurchase;
        transfers.push(Transfer::new(payer.id, fees.id, order.fee, kind)?);
    }
    if !order.amount.is_zero() {
        let kind = TransferKind::CardDeposit;
        transfers.push(Transfer::new(payer.id, card, order.amount, kind)?);
    }
    journal::record(tx, Cause::Order(order.id), &transfers).await
}

/// The card is made, if it was not at once; plastic then waits for its activation code.
pub(super) async fn take_effect(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let before = cards::get(tx, order.card).await?;
    let product = products::get(tx, before.product).await?;
    let card = match before.state {
        CardState::Pending => {
            let state = first_state(&product);
            let after = before.clone().come_to_be(state, tx.now())?;
            put_state(tx, &before, &after).await?;
            after
        }
        CardState::Closed { .. } => return Err(Refusal::CardTransitionNotAllowed.into()),
        _ => before,
    };
    if card.state == CardState::Inactive {
        challenges::issue_activation_code(tx, card.id).await?;
    }
    Ok(order.amount)
}
