//! Deposits that callers announced, and which of those that come are theirs.
//!
//! Law: an announcement is of an exact amount, and only a deposit of that amount is what was
//! announced. It has one at a time: where that fails while others may still come, it waits again. So
//! it ends once: with the money, with the failure of what was on its way at its end, or with nothing.

use cardwright_core::{
    AccountId, Amount, Coin, Deposit, DepositOrder, DepositOrderId, DepositOrderState, Event,
};

use super::address;
use crate::{
    error::{Error, Result},
    store::{
        Tx, accounts, coins, deposit_orders,
        jobs::{self, Task},
    },
};

/// Announces a deposit of a coin for an account: where to send it, and until when.
pub async fn announce(
    tx: &mut Tx,
    account: AccountId,
    coin: &Coin,
    amount: Amount,
) -> Result<DepositOrder> {
    let to = address(tx, account, coin, None).await?;
    coin.check_bounds(amount)?;
    let id = DepositOrderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let order = DepositOrder {
        id,
        account,
        coin: coin.key.clone(),
        amount,
        to_address: to.address,
        deposit: None,
        created_at: tx.now(),
        expires_at: DepositOrder::end_of(tx.now())?,
    };
    deposit_orders::insert(tx, &order).await?;
    jobs::schedule(tx, Task::EndDepositOrder(id), order.expires_at).await?;
    tx.audit("deposit.announce", ("deposit_order", &id.to_string()))
        .await?;
    Ok(order)
}

/// Ends the time of an announced deposit: where nothing came of it, that is told, once.
pub async fn expire(tx: &mut Tx, id: DepositOrderId) -> Result<()> {
    let order = deposit_orders::get(tx, id).await?;
    if order.deposit.is_some() {
        return Ok(());
    }
    let account = accounts::get(tx, order.account).await?;
    tx.audit("deposit.expire", ("deposit_order", &id.to_string()))
        .await?;
    tx.emit(Event::DepositExpired {
        account: order.account,
        order: id,
        balance_minor: account.available_minor(),
    })
    .await
}

/// Finds the announcement that a deposit belongs to: the oldest of exactly this amount that was
/// waited for when the deposit was first seen.
pub(super) async fn fulfil(tx: &mut Tx, coin: &Coin, deposit: &Deposit) -> Result<()> {
    let Some(amount) = coin.exact_worth(deposit.units) else {
        return Ok(());
    };
    match deposit_orders::awaited(tx, deposit, amount).await? {
        Some(order) => deposit_orders::fulfil(tx, order.id, deposit.id).await,
        None => Ok(()),
    }
}

/// A deposit has failed: while its announcement has time, another one may come in its place, and may
/// be on its way already.
pub(super) async fn let_go(tx: &mut Tx, failed: &Deposit) -> Result<()> {
    let Some(order) = deposit_orders::of_deposit(tx, failed.id).await? else {
        return Ok(());
    };
    match order.state(tx.now()) {
        // Nothing is waited for any more: this failure is what came of it.
        DepositOrderState::Expired => return Ok(()),
        DepositOrderState::Waiting => {}
    }
    deposit_orders::release(tx, order.id).await?;
    match coins::find_unannounced(tx, failed, order.created_at).await? {
        Some(other) => deposit_orders::fulfil(tx, order.id, other.id).await,
        None => Ok(()),
    }
}

/// Staff took a deposit that had failed. It is what was announced, if nothing else was: also where
/// that was given up meanwhile.
pub(super) async fn take_up(tx: &mut Tx, coin: &Coin, accepted: &Deposit) -> Result<()> {
    match deposit_orders::of_deposit(tx, accepted.id).await? {
        Some(_) => Ok(()),
        None => fulfil(tx, coin, accepted).await,
    }
}
