//! Fees of cards, and what the wallet pays in a card's place: fees that a card cannot pay, and what
//! it owes after a settlement.
//!
//! Law: a fee is paid whole by one account. What the wallet pays is a record of its own, with an
//! event; where it cannot pay either, the debt stays where it arose.

use cardwright_core::{
    Account, AccountKind, Amount, Billing, CardFee, CardFeeId, CardFeeKind, CardId, CardState,
    CardWishes, Event, LeftOnCard, Order, OrderId, OrderKind, OrderRoute, OrderStatus, Refusal,
    Transaction, Transfer, TransferKind, covers_fee, overdraft,
};

use super::{accounts as account_ops, authorizations::run_out, cards};
use crate::{
    error::Result,
    store::{
        Tx, accounts, card_fees,
        journal::{self, Cause, FloorRule, Posting},
        orders,
        trades::Trade,
    },
};

/// Charges a card for being kept. Where the card cannot pay, the wallet does.
pub async fn maintain(
    tx: &mut Tx,
    id: CardId,
    amount: Amount,
    description: Option<String>,
) -> Result<CardFee> {
    let card = cards::current(tx, id).await?;
    if let CardState::Closed { .. } = card.state {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    let account = accounts::get(tx, card.account).await?;
    if account.currency != amount.currency() {
        return Err(Refusal::CurrencyMismatch.into());
    }
    account.require_active()?;
    let fees = account_ops::book(tx, AccountKind::FeesIncome, amount.currency()).await?;
    let fee = CardFee {
        id: next(tx).await?,
        kind: CardFeeKind::Maintenance,
        card: id,
        origin: None,
        amount,
        description,
        created_at: tx.now(),
    };
    let payer = if covers_fee(account.kind, account.balance, amount) {
        (account.id, TransferKind::CardMaintenance)
    } else {
        let wallet = account_ops::wallet(tx, amount.currency()).await?;
        wallet.require_active()?;
        (wallet.id, TransferKind::CardFeePatch)
    };
    let transfer = Transfer::new(payer.0, fees.id, amount, payer.1)?;
    let posting = Posting {
        cause: Cause::None,
        hold: None,
        transfers: &[transfer],
        floor: FloorRule::Keep,
    };
    let posted = journal::post(tx, &posting).await?;
    keep(tx, &fee, Some(posted.entry)).await?;
    if payer.1 == TransferKind::CardFeePatch {
        patch(tx, (CardFeeKind::FeePatch, id), Trade::Fee(fee.id), amount).await?;
    }
    Ok(fee)
}

/// What of a payment the card is billed: all of it, or, where it cannot pay the price of the
/// exchange and the wallet can, all but that. `freed_minor` is what its hold gives free for it.
pub(super) async fn billed_to_card(
    tx: &mut Tx,
    card_account: cardwright_core::AccountId,
    billing: Billing,
    freed_minor: i64,
) -> Result<(Billing, Option<Amount>)> {
    if billing.markup.is_zero() {
        return Ok((billing, None));
    }
    let account = accounts::get(tx, card_account).await?;
    let mut after = account.balance;
    after.held_debits = after.held_debits.saturating_sub(freed_minor).max(0);
    let after = after.force_pay(billing.base)?;
    if covers_fee(account.kind, after, billing.markup) {
        return Ok((billing, None));
    }
    let wallet = account_ops::wallet(tx, account.currency).await?;
    if !can_pay(&wallet, billing.markup) {
        return Ok((billing, None));
    }
    let alone = Billing {
        markup: Amount::zero(account.currency),
        ..billing
    };
    Ok((alone, Some(billing.markup)))
}

/// Has the wallet pay the price of an exchange in a card's place.
pub(super) async fn patch_cross_border(
    tx: &mut Tx,
    payment: &Transaction,
    amount: Amount,
) -> Result<()> {
    let wallet = account_ops::wallet(tx, amount.currency()).await?;
    let fees = account_ops::book(tx, AccountKind::FeesIncome, amount.currency()).await?;
    let kind = TransferKind::CrossBorderPatch;
    let transfer = Transfer::new(wallet.id, fees.id, amount, kind)?;
    journal::record(tx, Cause::Transaction(payment.id), &[transfer]).await?;
    let what = (CardFeeKind::CrossBorderPatch, payment.card);
    patch(tx, what, Trade::of(payment), amount).await
}

async fn patch(
    tx: &mut Tx,
    (kind, card): (CardFeeKind, CardId),
    origin: Trade,
    amount: Amount,
) -> Result<()> {
    let fee = CardFee {
        id: next(tx).await?,
        kind,
        card,
        origin: Some(origin.id().to_string()),
        amount,
        description: None,
        created_at: tx.now(),
    };
    // What the wallet paid is read with the number of what it was for.
    keep(tx, &fee, None).await
}

/// Pays out of the wallet what a prepaid card owes after a settlement took it below zero, and
/// records that as an order. Where the wallet cannot pay, the order fails and the card goes on
/// owing. Nothing happens where nothing is owed.
pub(super) async fn settle_overdraft(tx: &mut Tx, card: CardId, account: &Account) -> Result<()> {
    let Some(owed) = overdraft(account.kind, account.currency, account.balance) else {
        return Ok(());
    };
    let id = OrderId::new(tx.next_id().await?).map_err(|_| run_out())?;
    let wallet = account_ops::wallet(tx, owed.currency()).await?;
    let order = Order {
        id,
        kind: OrderKind::OverdraftStatement,
        number: format!("overdraft-{id}"),
        card,
        status: OrderStatus::WaitProcess,
        amount: owed,
        fee: Amount::zero(owed.currency()),
        received: None,
        remark: None,
        description: None,
        account: Some(wallet.id),
        hold: None,
        before: None,
        after: None,
        route: OrderRoute::Current,
        wishes: CardWishes::default(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    tx.audit("order.overdraft_statement", ("card", &card.to_string()))
        .await?;
    let order = order.start(tx.now())?;
    let mut left = account.available_minor();
    let order = if can_pay(&wallet, owed) {
        let kind = TransferKind::OverdraftStatement;
        let transfer = Transfer::new(wallet.id, account.id, owed, kind)?;
        journal::record(tx, Cause::Order(id), &[transfer]).await?;
        left = left.saturating_add(owed.minor());
        order.succeed(owed, tx.now())?
    } else {
        order.fail("The wallet cannot pay what the card owes", tx.now())?
    };
    orders::insert(tx, &order).await?;
    tx.emit(Event::OrderFinished {
        order: id,
        card,
        left: LeftOnCard {
            minor: left,
            currency: account.currency,
        },
    })
    .await
}

fn can_pay(wallet: &Account, amount: Amount) -> bool {
    wallet.require_active().is_ok() && wallet.available_minor() >= amount.minor()
}

async fn next(tx: &mut Tx) -> Result<CardFeeId> {
    CardFeeId::new(tx.next_id().await?).map_err(|_| run_out())
}

async fn keep(tx: &mut Tx, fee: &CardFee, entry: Option<i64>) -> Result<()> {
    card_fees::insert(tx, fee, entry).await?;
    let action = format!("card_fee.{}", fee.kind.word());
    tx.audit(&action, ("card", &fee.card.to_string())).await?;
    tx.emit(Event::CardFeeCharged {
        card: fee.card,
        fee: fee.id,
        kind: fee.kind,
    })
    .await
}
