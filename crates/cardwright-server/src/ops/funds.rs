//! Money that comes in from outside or goes out again, by nobody's card.

use cardwright_core::{
    Account, AccountId, AccountKind, Amount, Currency, Refusal, Transfer, TransferKind,
};

use super::accounts as account_ops;
use crate::{
    error::{Error, Result},
    store::{
        Tx, accounts,
        journal::{self, Cause},
    },
};

/// Which way money goes, seen from the account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// It comes in.
    In,
    /// It goes out, as far as the account's floor allows.
    Out,
}

/// Money that moves between an account and the outside world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Movement {
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Amount,
    /// Why, in the ledger's words.
    pub kind: TransferKind,
    /// Why, in the actor's words.
    pub reason: Option<String>,
}

/// An amount out of what a request says: minor units and a currency's code.
pub fn amount(minor: i64, currency: &str) -> Result<Amount> {
    let currency = Currency::parse(currency).ok_or(Error::Invalid("currency"))?;
    Amount::from_minor(minor, currency).ok_or(Error::Invalid("amount"))
}

/// Moves money between an account that its tenant can see and the outside world; the account after
/// it.
pub async fn move_money(tx: &mut Tx, id: AccountId, movement: Movement) -> Result<Account> {
    let account = accounts::get_visible(tx, id).await?;
    account.require_active()?;
    let Movement {
        direction,
        amount,
        kind,
        reason,
    } = movement;
    if account.currency != amount.currency() {
        return Err(Refusal::CurrencyMismatch.into());
    }
    let outside = account_ops::book(tx, AccountKind::ExternalFunding, account.currency).await?;
    let (payer, receiver) = match direction {
        Direction::In => (outside.id, id),
        Direction::Out => (id, outside.id),
    };
    let transfer = Transfer::new(payer, receiver, amount, kind)?;
    journal::record(tx, Cause::None, &[transfer]).await?;
    let action = format!("account.{}", kind.word());
    let subject = id.to_string();
    tx.audit_reasoned(&action, ("account", &subject), reason.as_deref())
        .await?;
    accounts::get(tx, id).await
}
