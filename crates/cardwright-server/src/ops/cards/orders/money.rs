//! Money put on cards and taken off them.

use cardwright_core::{
    Account, AccountId, AccountKind, Amount, Card, CardId, CardState, HoldId, Order, OrderKind,
    Refusal, Transfer, TransferKind,
};

use super::{Changed, Draft, NewOrder, carry_out, place};
use crate::{
    error::{Error, Result},
    ops::{accounts as account_ops, cards::current},
    store::{
        Tx, accounts, cards,
        journal::{self, Cause, FloorRule, HoldUse, NewHold, Posting, Rest},
        products,
    },
};

/// Puts money on a card. The account that paid for it pays the amount and its fee.
pub async fn deposit(tx: &mut Tx, id: CardId, amount: &str, new: NewOrder) -> Result<Changed> {
    let card = current(tx, id).await?;
    let terms = products::get(tx, card.product).await?.recharge_terms()?;
    card.require_in_use()?;
    let own = accounts::get(tx, card.account).await?;
    let amount = Amount::parse(amount, own.currency).map_err(|_| Error::Invalid("amount"))?;
    terms.quota.check(amount)?;
    let fee = terms.fee(amount)?;
    let payer = counterpart(tx, &card, &own).await?;
    own.require_active()?;
    payer.require_active()?;
    let draft = Draft {
        kind: OrderKind::Deposit,
        card: &card,
        placed: new,
        amount,
        fee,
        account: Some(payer.id),
    };
    let order = place(tx, draft).await?;
    let all = amount.checked_add(fee).ok_or(Refusal::BalanceOverflow)?;
    carry_out(tx, order, async |tx, order| {
        hold(tx, order, (&payer, &own), all).await
    })
    .await
}

/// Takes money off a card, back to the account that paid for it. The card keeps what its product
/// says it must.
pub async fn withdraw(tx: &mut Tx, id: CardId, amount: &str, new: NewOrder) -> Result<Changed> {
    let card = current(tx, id).await?;
    let product = products::get(tx, card.product).await?;
    product.require_withdrawing()?;
    card.require_in_use()?;
    let own = accounts::get(tx, card.account).await?;
    let amount = Amount::parse(amount, own.currency).map_err(|_| Error::Invalid("amount"))?;
    if amount.is_zero() {
        return Err(Refusal::AmountOutOfRange.into());
    }
    let payee = counterpart(tx, &card, &own).await?;
    own.require_active()?;
    payee.require_active()?;
    let left = i128::from(own.available_minor()) - i128::from(amount.minor());
    if left < 0 {
        return Err(Refusal::InsufficientFunds.into());
    }
    if left < i128::from(product.retention.minor()) {
        return Err(Refusal::RetentionQuota.into());
    }
    let draft = Draft {
        kind: OrderKind::Withdraw,
        card: &card,
        placed: new,
        amount,
        fee: Amount::zero(own.currency),
        account: Some(payee.id),
    };
    let order = place(tx, draft).await?;
    carry_out(tx, order, async |tx, order| {
        hold(tx, order, (&own, &payee), amount).await
    })
    .await
}

/// The account on the other side of a card's money: the one that paid for it, else the wallet.
pub(super) async fn counterpart(tx: &mut Tx, card: &Card, own: &Account) -> Result<Account> {
    match card.paying_account {
        Some(id) => accounts::get(tx, id).await,
        None => account_ops::book(tx, AccountKind::Wallet, own.currency).await,
    }
}

/// Keeps the money of a later order together.
async fn hold(
    tx: &mut Tx,
    order: Order,
    (payer, receiver): (&Account, &Account),
    amount: Amount,
) -> Result<Order> {
    let id = HoldId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let new = NewHold {
        id,
        payer: payer.id,
        receiver: receiver.id,
        amount,
        floor: FloorRule::Keep,
    };
    journal::hold(tx, &new).await?;
    Ok(Order {
        hold: Some(id),
        ..order
    })
}

/// Moves the money of a deposit. A card that ended meanwhile takes none.
pub(super) async fn deposit_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let card = cards::get(tx, order.card).await?;
    if let CardState::Closed { .. } = card.state {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    let payer = order.account.ok_or_else(|| corrupt(order))?;
    require_both(tx, (payer, card.account)).await?;
    let kind = TransferKind::CardDeposit;
    let mut transfers = vec![Transfer::new(payer, card.account, order.amount, kind)?];
    if !order.fee.is_zero() {
        let fees = account_ops::book(tx, AccountKind::FeesIncome, order.fee.currency()).await?;
        let kind = TransferKind::CardDepositFee;
        transfers.push(Transfer::new(payer, fees.id, order.fee, kind)?);
    }
    pay(tx, order, &transfers).await?;
    Ok(order.amount)
}

/// Moves the money of a withdrawal.
pub(super) async fn withdraw_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let card = cards::get(tx, order.card).await?;
    let payee = order.account.ok_or_else(|| corrupt(order))?;
    require_both(tx, (card.account, payee)).await?;
    let kind = TransferKind::CardWithdraw;
    let transfer = Transfer::new(card.account, payee, order.amount, kind)?;
    pay(tx, order, &[transfer]).await?;
    Ok(order.amount)
}

/// An account that was frozen after the order was placed neither pays nor takes.
async fn require_both(tx: &mut Tx, (payer, payee): (AccountId, AccountId)) -> Result<()> {
    accounts::get(tx, payer).await?.require_active()?;
    accounts::get(tx, payee).await?.require_active()?;
    Ok(())
}

/// Makes the transfers of an order, out of what was held for it where it came later.
async fn pay(tx: &mut Tx, order: &Order, transfers: &[Transfer]) -> Result<()> {
    let cause = Cause::Order(order.id);
    let Some(hold) = order.hold else {
        return journal::record(tx, cause, transfers).await;
    };
    let held = order.amount.checked_add(order.fee);
    let posting = Posting {
        cause,
        hold: Some(HoldUse {
            hold,
            release: held.ok_or(Refusal::BalanceOverflow)?,
            rest: Rest::Release,
        }),
        transfers,
        floor: FloorRule::Keep,
    };
    journal::post(tx, &posting).await?;
    Ok(())
}

fn corrupt(order: &Order) -> Error {
    Error::Corrupt(format!("account of order {}", order.id))
}
