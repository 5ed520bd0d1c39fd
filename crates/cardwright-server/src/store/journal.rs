//! The journal: entries of one or more transfers, append-only, and the balances they add up to.
//!
//! Law: floors and bounds are part of the statements that change balances, so that no two
//! payments can both see the same money. The core rules the same, and names the reason of a "no".

mod holds;
mod sides;

use cardwright_core::{
    AccountId, Amount, Balance, HoldEnd, HoldId, OrderId, TransactionId, Transfer,
};

pub use holds::{HeldOn, NewHold, VoidWhat, get_hold, hold, raise, void};

use super::{Tx, db::Value};
use crate::error::{Error, Result};
use sides::{Side, change};

/// What an entry of the journal comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// An operation on a card.
    Order(OrderId),
    /// A transaction of a card.
    Transaction(TransactionId),
    /// Nothing that has a record of its own.
    None,
}

/// Whether money is moved or held only as far as a payer's floor allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloorRule {
    /// It is.
    Keep,
    /// It is not: somebody else has settled or promised it already.
    Ignore,
}

/// What becomes of the part of a hold that an entry does not use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// It stays set aside.
    Keep,
    /// It is given free, which ends the hold as posted.
    Release,
}

/// How an entry uses a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HoldUse {
    /// Which one. One that has ended gives nothing, and is left as it is.
    pub hold: HoldId,
    /// How much of it becomes posted at most; the transfers themselves may be more, or less.
    pub release: Amount,
    /// What becomes of the rest.
    pub rest: Rest,
}

/// An entry to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Posting<'a> {
    /// What it comes from.
    pub cause: Cause,
    /// The hold it is made on, if any.
    pub hold: Option<HoldUse>,
    /// Its transfers, at least one.
    pub transfers: &'a [Transfer],
    /// Whether they may take a payer below its floor.
    pub floor: FloorRule,
}

/// An entry that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posted {
    /// Its id.
    pub entry: i64,
    /// How much of the hold became posted; less than was asked for when less was open.
    pub released: i64,
    balances: Vec<(AccountId, Balance)>,
}

impl Posted {
    /// What an account that took part has afterwards; whether that is below its floor is asked
    /// by [`Balance::is_below_floor`].
    pub fn balance_of(&self, account: AccountId) -> Option<Balance> {
        let of_account = |(id, _): &&(AccountId, Balance)| *id == account;
        self.balances
            .iter()
            .rev()
            .find(of_account)
            .map(|(_, balance)| *balance)
    }
}

/// Records an entry of these transfers: all, or none. Refuses when a payer's floor is in the way,
/// and what is held for others is not there to be paid.
pub async fn record(tx: &mut Tx, cause: Cause, transfers: &[Transfer]) -> Result<()> {
    if transfers.is_empty() {
        return Ok(());
    }
    let posting = Posting {
        cause,
        hold: None,
        transfers,
        floor: FloorRule::Keep,
    };
    post(tx, &posting).await?;
    Ok(())
}

/// Records an entry: takes its part out of the hold, makes all transfers, and gives the rest of
/// the hold free if that is wanted. All of it, or nothing.
pub async fn post(tx: &mut Tx, posting: &Posting<'_>) -> Result<Posted> {
    if posting.transfers.is_empty() {
        return Err(Error::Corrupt("an entry without transfers".to_owned()));
    }
    let mut balances = Vec::new();
    let released = match posting.hold {
        Some(used) => use_hold(tx, used).await?,
        None => 0,
    };
    let entry = insert_entry(tx, posting.cause).await?;
    for transfer in posting.transfers {
        let pay = match posting.floor {
            FloorRule::Keep => &sides::PAY,
            FloorRule::Ignore => &sides::FORCE_PAY,
        };
        let payer = change(tx, pay, transfer.payer, transfer.amount).await?;
        let receiver = change(tx, &sides::RECEIVE, transfer.receiver, transfer.amount).await?;
        insert_transfer(tx, entry, transfer, (&payer, &receiver)).await?;
        balances.push((transfer.payer, payer.balance));
        balances.push((transfer.receiver, receiver.balance));
    }
    Ok(Posted {
        entry,
        released,
        balances,
    })
}

/// The hold is changed before the transfers, so that the money it kept can be paid.
async fn use_hold(tx: &mut Tx, used: HoldUse) -> Result<i64> {
    let before = get_hold(tx, used.hold).await?;
    let currency = before.amount.currency();
    if used.release.currency() != currency {
        return Err(cardwright_core::Refusal::CurrencyMismatch.into());
    }
    let released = used.release.minor().min(before.open().minor());
    let mut after = before;
    if let Some(part) = Amount::from_minor(released, currency).filter(|part| !part.is_zero()) {
        after = after.post(part)?;
    }
    if used.rest == Rest::Release && !after.open().is_zero() {
        after = after.end(HoldEnd::Posted)?;
    }
    holds::settle(tx, &before, &after).await?;
    Ok(released)
}

async fn insert_entry(tx: &mut Tx, cause: Cause) -> Result<i64> {
    let entry = tx.next_id().await?;
    let now = tx.now().as_millisecond();
    let (order, transaction) = match cause {
        Cause::Order(id) => (Some(id.get()), None),
        Cause::Transaction(id) => (None, Some(id.get())),
        Cause::None => (None, None),
    };
    tx.execute(
        "INSERT INTO journal_entry (tenant, id, card_order, card_transaction, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
        &[entry.into(), order.into(), transaction.into(), now.into()],
    )
    .await?;
    Ok(entry)
}

async fn insert_transfer(
    tx: &mut Tx,
    entry: i64,
    transfer: &Transfer,
    (payer, receiver): (&Side, &Side),
) -> Result<()> {
    let id = tx.next_id().await?;
    let now = tx.now().as_millisecond();
    tx.execute(
        "INSERT INTO transfer (tenant, id, entry, kind, currency, amount, payer, payer_sequence, \
         payer_balance, receiver, receiver_sequence, receiver_balance, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            Value::from(id),
            entry.into(),
            transfer.kind.word().into(),
            transfer.amount.currency().code().into(),
            transfer.amount.minor().into(),
            transfer.payer.get().into(),
            payer.sequence.into(),
            payer.balance.posted().into(),
            transfer.receiver.get().into(),
            receiver.sequence.into(),
            receiver.balance.posted().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}
