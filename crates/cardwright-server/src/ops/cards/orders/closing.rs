//! What becomes of the money on a card that ends.

use cardwright_core::{
    AccountKind, Amount, Card, CardId, CardMove, CardState, Mode, Order, OrderKind, Transfer,
    TransferKind,
};

use super::{
    Draft, NewOrder, finished, is_opened_by_order, money::counterpart, place, states, succeed,
};
use crate::{
    error::Result,
    ops::{accounts as account_ops, cards::put_state},
    store::{
        Tx, accounts, cards,
        journal::{self, Cause},
        orders, products,
    },
};

/// Ends the card and gives back what is free on it. One that was closed another way meanwhile is
/// what was wanted.
pub(super) async fn cancel_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let card = cards::get(tx, order.card).await?;
    match card.state {
        CardState::Closed { .. } => {}
        _ => drop(states::complete(tx, order, CardMove::Cancel).await?),
    }
    let nothing = Amount::zero(order.amount.currency());
    let Some(payee) = order.account else {
        return Ok(nothing);
    };
    let own = accounts::get(tx, card.account).await?;
    let free = Amount::from_minor(own.available_minor(), own.currency);
    // What is frozen stays, and goes back when it is let go.
    let (Ok(()), Some(free)) = (own.require_active(), free.filter(|free| !free.is_zero())) else {
        return Ok(nothing);
    };
    let transfer = Transfer::new(own.id, payee, free, TransferKind::CardCancel)?;
    journal::record(tx, Cause::Order(order.id), &[transfer]).await?;
    Ok(free)
}

/// Takes back what the opening of a card did that came to nothing: price and first deposit go to
/// where they came from, as far as the card still has its own, and the card has failed.
pub(super) async fn undo_opening(tx: &mut Tx, order: &Order) -> Result<()> {
    let before = cards::get(tx, order.card).await?;
    if before.state == CardState::Pending {
        let after = before.clone().fail(tx.now())?;
        put_state(tx, &before, &after).await?;
    }
    let Some(payer) = order.account else {
        return Ok(());
    };
    let mut transfers = Vec::new();
    if !order.fee.is_zero() {
        let fees = account_ops::book_id(tx, AccountKind::FeesIncome, order.fee.currency()).await?;
        let kind = TransferKind::CardCancel;
        transfers.push(Transfer::new(fees, payer, order.fee, kind)?);
    }
    let own = accounts::get(tx, before.account).await?;
    let left = order.amount.minor().min(own.available_minor());
    if let Some(left) = Amount::from_minor(left, own.currency)
        && own.kind == AccountKind::CardBalance
        && !left.is_zero()
    {
        let kind = TransferKind::CardCancel;
        transfers.push(Transfer::new(own.id, payer, left, kind)?);
    }
    journal::record(tx, Cause::Order(order.id), &transfers).await
}

/// Records as an order that a card ended of its age, and gives back what is free on it: so those who
/// follow orders learn of it as of any other end. Cards that are not opened by order have none.
pub async fn record_expiry(tx: &mut Tx, before: &Card) -> Result<()> {
    let product = products::get(tx, before.product).await?;
    if !is_opened_by_order(&product) {
        return Ok(());
    }
    let placed = NewOrder {
        number: None,
        remark: None,
    };
    let draft = states::end_of(tx, before).await?.draft(before, placed);
    let order = place(tx, draft).await?.start(tx.now())?;
    orders::insert(tx, &order).await?;
    let order = succeed(tx, order).await?;
    finished(tx, order).await.map(drop)
}

/// Gives back what is free on a card that has ended, however it did, as an order of its own: how
/// much. Where there is nothing to give back, nothing happens; what is frozen stays until it is let
/// go.
pub async fn return_rest(tx: &mut Tx, id: CardId) -> Result<Option<Amount>> {
    if !cards::has_ended_with_money(tx, id).await? {
        return Ok(None);
    }
    let card = cards::get(tx, id).await?;
    let product = products::get(tx, card.product).await?;
    let own = accounts::get(tx, card.account).await?;
    if own.require_active().is_err() {
        return Ok(None);
    }
    let free = Amount::from_minor(own.available_minor(), own.currency);
    let (Mode::Prepaid, Some(free)) = (product.mode, free.filter(|free| !free.is_zero())) else {
        return Ok(None);
    };
    let payee = counterpart(tx, &card, &own).await?;
    let placed = NewOrder {
        number: None,
        remark: None,
    };
    let draft = Draft {
        kind: OrderKind::LateReturn,
        card: &card,
        placed,
        amount: free,
        fee: Amount::zero(own.currency),
        account: Some(payee.id),
    };
    let order = place(tx, draft).await?.start(tx.now())?;
    orders::insert(tx, &order).await?;
    let transfer = Transfer::new(own.id, payee.id, free, TransferKind::CardCancel)?;
    journal::record(tx, Cause::Order(order.id), &[transfer]).await?;
    let order = succeed(tx, order).await?;
    finished(tx, order).await?;
    Ok(Some(free))
}
