//! Operations on cards that `FinCard` callers follow as orders.
//!
//! Law: an order is carried out in the write that placed it, or, where the tenant wants that later,
//! by a job that stands in the database beside it. What a later order needs is kept with it: its
//! money is held, its card is on the way, its PIN is a keyed value. Either way the same function
//! has the effect.

mod closing;
mod controls;
mod money;
mod opening;
mod pins;
mod states;

use cardwright_core::{
    AccountId, Amount, Card, CardSeen, CardWishes, Event, HoldEnd, LeftOnCard, Order, OrderId,
    OrderKind, OrderRoute, OrderStatus, Refusal,
};

pub use closing::{record_expiry, return_rest};
pub use controls::{UpdateCard, update, update_note};
pub use money::{deposit, withdraw};
pub use opening::{OpenCard, Opened, is_opened_by_order, open};
pub use pins::{
    Activation, PinChange, activate, count_wrong_code, count_wrong_pin, is_pin_locked, update_pin,
};
pub use states::{cancel, freeze, unfreeze};

use crate::{
    error::{Error, Result},
    store::{
        Tx, accounts, cards,
        jobs::{self, Task},
        journal::{self, VoidWhat},
        orders, products,
        tenants::{self, OrderCourse},
    },
    webhooks::payloads::fincard::refusals::sentence,
};

/// What every order brings along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewOrder {
    /// The caller's own number for it; one is made where absent.
    pub number: Option<String>,
    /// The caller's note.
    pub remark: Option<String>,
}

/// A card that an order changed, or left as it was because that was what was wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The order.
    pub order: Order,
    /// The card after.
    pub card: Card,
}

/// What an order is about.
struct Draft<'a> {
    kind: OrderKind,
    card: &'a Card,
    placed: NewOrder,
    amount: Amount,
    fee: Amount,
    account: Option<AccountId>,
}

/// An order that moves no money of its own, in the currency of the money behind the card.
async fn of_nothing(tx: &mut Tx, kind: OrderKind, card: &Card, placed: NewOrder) -> Result<Order> {
    let account = accounts::get(tx, card.account).await?;
    let nothing = Amount::zero(account.currency);
    let draft = Draft {
        kind,
        card,
        placed,
        amount: nothing,
        fee: nothing,
        account: None,
    };
    place(tx, draft).await
}

/// Takes an order in; nothing is done yet.
async fn place(tx: &mut Tx, draft: Draft<'_>) -> Result<Order> {
    let id = OrderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let action = format!("order.{}", draft.kind.word());
    tx.audit(&action, ("card", &draft.card.id.to_string()))
        .await?;
    let seen = CardSeen::of(draft.card);
    Ok(Order {
        id,
        kind: draft.kind,
        // As long as the numbers that callers give.
        number: draft.placed.number.unwrap_or_else(|| format!("{id:0>16}")),
        card: draft.card.id,
        status: OrderStatus::WaitProcess,
        amount: draft.amount,
        fee: draft.fee,
        received: None,
        remark: draft.placed.remark,
        description: None,
        account: draft.account,
        hold: None,
        before: Some(seen),
        after: Some(seen),
        route: OrderRoute::Current,
        wishes: CardWishes::default(),
        created_at: tx.now(),
        updated_at: tx.now(),
    })
}

/// Carries a placed order out: at once, or later as the tenant wants it. `prepare` does what a
/// later order needs now, once its row is there.
async fn carry_out<F>(tx: &mut Tx, order: Order, prepare: F) -> Result<Changed>
where
    F: AsyncFnOnce(&mut Tx, Order) -> Result<Order>,
{
    carry_out_with(tx, order, None, prepare).await
}

/// Likewise, with the keyed value of a PIN, which is kept beside the order's row until it is done.
async fn carry_out_with<F>(
    tx: &mut Tx,
    order: Order,
    pin: Option<&[u8]>,
    prepare: F,
) -> Result<Changed>
where
    F: AsyncFnOnce(&mut Tx, Order) -> Result<Order>,
{
    let order = order.start(tx.now())?;
    match tenants::order_course(tx).await? {
        OrderCourse::AtOnce => {
            insert(tx, &order, pin).await?;
            let order = succeed(tx, order).await?;
            finished(tx, order).await
        }
        OrderCourse::After(delay) => {
            let mut order = prepare(tx, order).await?;
            let card = cards::get(tx, order.card).await?;
            order.after = Some(CardSeen::of(&card));
            insert(tx, &order, pin).await?;
            let due_at = tx
                .now()
                .checked_add(delay)
                .map_err(|error| Error::Corrupt(error.to_string()))?;
            jobs::schedule(tx, Task::FinishOrder(order.id), due_at).await?;
            Ok(Changed { order, card })
        }
    }
}

async fn insert(tx: &mut Tx, order: &Order, pin: Option<&[u8]>) -> Result<()> {
    orders::insert(tx, order).await?;
    match pin {
        Some(value) => orders::keep_pin(tx, order.id, value).await,
        None => Ok(()),
    }
}

/// Nothing has to be done before a later order is carried out.
async fn nothing_to_prepare(_: &mut Tx, order: Order) -> Result<Order> {
    Ok(order)
}

/// Carries out an order that was left for later. One that can no longer be carried out fails: its
/// money is given free, its card goes back to where it was.
pub async fn finish_later(tx: &mut Tx, id: OrderId) -> Result<()> {
    let order = orders::get(tx, id).await?;
    if order.status != OrderStatus::Processing {
        return Ok(());
    }
    let action = format!("order.finish_{}", order.kind.word());
    tx.audit(&action, ("card", &order.card.to_string())).await?;
    if states::found_it_so(&order) {
        let received = order.amount;
        let order = order.succeed(received, tx.now())?;
        let card = cards::get(tx, order.card).await?;
        return told(tx, &order, &card).await;
    }
    let wanted = order.clone();
    let order = match tx.attempt(async |tx| succeed(tx, wanted).await).await? {
        Ok(order) => order,
        Err(Error::Refused(refusal)) => give_up(tx, order, refusal).await?,
        Err(error) => return Err(error),
    };
    finished(tx, order).await?;
    Ok(())
}

/// Does what an order asks for.
async fn succeed(tx: &mut Tx, order: Order) -> Result<Order> {
    let received = match order.kind {
        OrderKind::Create => opening::take_effect(tx, &order).await?,
        OrderKind::Deposit => money::deposit_now(tx, &order).await?,
        OrderKind::Withdraw => money::withdraw_now(tx, &order).await?,
        OrderKind::Cancel => closing::cancel_now(tx, &order).await?,
        OrderKind::Freeze | OrderKind::Unfreeze => states::move_now(tx, &order).await?,
        OrderKind::Activate => pins::activate_now(tx, &order).await?,
        OrderKind::UpdatePin => pins::set_now(tx, &order).await?,
        OrderKind::Update => controls::update_now(tx, &order).await?,
        // Whoever placed them had done it before.
        OrderKind::LateReturn | OrderKind::Block | OrderKind::OverdraftStatement => order.amount,
    };
    order.succeed(received, tx.now()).map_err(Error::from)
}

async fn give_up(tx: &mut Tx, order: Order, refusal: Refusal) -> Result<Order> {
    if let Some(hold) = order.hold {
        journal::void(tx, hold, VoidWhat::Rest, HoldEnd::Voided).await?;
        // It was the card's own money, and the card has ended meanwhile.
        closing::return_rest(tx, order.card).await?;
    }
    orders::take_pin(tx, order.id).await?;
    match order.kind {
        // It was paid for when it was placed.
        OrderKind::Create => closing::undo_opening(tx, &order).await?,
        OrderKind::Activate => pins::issue_another_code(tx, &order).await?,
        _ => states::go_back(tx, &order).await?,
    }
    // Only callers of one dialect follow orders, so the reason is kept in its words.
    Ok(order.fail(sentence(refusal), tx.now())?)
}

/// Records as an order that the platform stopped a card. Cards that are not opened by order have
/// none.
pub async fn record_block(tx: &mut Tx, card: &Card) -> Result<()> {
    let product = products::get(tx, card.product).await?;
    if !is_opened_by_order(&product) {
        return Ok(());
    }
    let placed = NewOrder {
        number: None,
        remark: None,
    };
    let order = of_nothing(tx, OrderKind::Block, card, placed).await?;
    let order = order.start(tx.now())?;
    orders::insert(tx, &order).await?;
    let order = succeed(tx, order).await?;
    finished(tx, order).await.map(drop)
}

/// Stores an order that ended, and tells of it.
async fn finished(tx: &mut Tx, order: Order) -> Result<Changed> {
    let card = cards::get(tx, order.card).await?;
    let order = Order {
        after: Some(CardSeen::of(&card)),
        ..order
    };
    told(tx, &order, &card).await?;
    Ok(Changed { order, card })
}

/// Likewise, with the card as the order saw it last.
async fn told(tx: &mut Tx, order: &Order, card: &Card) -> Result<()> {
    orders::put(tx, order).await?;
    let event = Event::OrderFinished {
        order: order.id,
        card: order.card,
        left: LeftOnCard::of(&accounts::get(tx, card.account).await?),
    };
    tx.emit(event).await
}
