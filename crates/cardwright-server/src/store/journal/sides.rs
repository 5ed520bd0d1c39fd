//! What a movement does to one account: a statement, and the rule of the core that says the same.

use cardwright_core::{AccountId, Amount, Balance, Refusal};

use super::super::{
    Tx,
    accounts::{self, funds},
    db::{Row, Value},
};
use crate::error::{Error, Result};

/// A change of one balance by an amount.
///
/// The statement takes account, amount, currency and time, and answers with the balance, which the
/// blind one does not; where it changes nothing, the rule says why.
pub(super) struct Movement {
    sql: &'static str,
    blind_sql: &'static str,
    rule: fn(Balance, Amount) -> std::result::Result<Balance, Refusal>,
}

macro_rules! movement {
    ($set:literal, $where:literal, $rule:expr) => {
        Movement {
            sql: concat!(
                movement!(@update $set, $where),
                " RETURNING entry_sequence, credits, debits, held_credits, held_debits, floor"
            ),
            blind_sql: movement!(@update $set, $where),
            rule: $rule,
        }
    };
    (@update $set:literal, $where:literal) => {
        concat!(
            "UPDATE account_balance SET ",
            $set,
            ", updated_at = $5 WHERE account = $2 AND tenant = $1 AND currency = $4 AND ",
            $where
        )
    };
}

/// A payment out of what is available.
pub(super) const PAY: Movement = movement!(
    "debits = debits + $3, entry_sequence = entry_sequence + 1",
    "debits <= 9223372036854775807 - $3 \
     AND (floor IS NULL OR credits - debits - held_debits - $3 >= floor)",
    Balance::pay
);

/// A payment of what was settled already.
pub(super) const FORCE_PAY: Movement = movement!(
    "debits = debits + $3, entry_sequence = entry_sequence + 1",
    "debits <= 9223372036854775807 - $3",
    Balance::force_pay
);

/// The other side of a payment.
pub(super) const RECEIVE: Movement = movement!(
    "credits = credits + $3, entry_sequence = entry_sequence + 1",
    "credits <= 9223372036854775807 - $3",
    Balance::receive
);

/// Setting aside, out of what is available.
pub(super) const HOLD: Movement = movement!(
    "held_debits = held_debits + $3",
    "held_debits <= 9223372036854775807 - $3 \
     AND (floor IS NULL OR credits - debits - held_debits - $3 >= floor)",
    Balance::hold
);

/// Setting aside what was promised already.
pub(super) const FORCE_HOLD: Movement = movement!(
    "held_debits = held_debits + $3",
    "held_debits <= 9223372036854775807 - $3",
    Balance::force_hold
);

/// The other side of setting aside.
pub(super) const EXPECT: Movement = movement!(
    "held_credits = held_credits + $3",
    "held_credits <= 9223372036854775807 - $3",
    Balance::expect
);

/// Setting less aside.
pub(super) const RELEASE: Movement = movement!(
    "held_debits = held_debits - $3",
    "held_debits >= $3",
    Balance::release
);

/// The other side of setting less aside.
pub(super) const UNEXPECT: Movement = movement!(
    "held_credits = held_credits - $3",
    "held_credits >= $3",
    Balance::unexpect
);

/// One account after a movement.
pub(super) struct Side {
    /// How many transfers it took part in.
    pub sequence: i64,
    /// What it has.
    pub balance: Balance,
}

/// Changes one account, in one statement.
pub(super) async fn change(
    tx: &mut Tx,
    movement: &Movement,
    account: AccountId,
    amount: Amount,
) -> Result<Side> {
    let parameters = [
        Value::from(account.get()),
        amount.minor().into(),
        amount.currency().code().into(),
        tx.now().as_millisecond().into(),
    ];
    match tx.change(movement.sql, &parameters).await? {
        Some(row) => side(&row),
        None => Err(reason(tx, movement, account, amount).await?),
    }
}

/// Changes one account whose balance nobody asks for.
pub(super) async fn change_blindly(
    tx: &mut Tx,
    movement: &Movement,
    account: AccountId,
    amount: Amount,
) -> Result<()> {
    let parameters = [
        Value::from(account.get()),
        amount.minor().into(),
        amount.currency().code().into(),
        tx.now().as_millisecond().into(),
    ];
    match tx.execute(movement.blind_sql, &parameters).await? {
        0 => Err(reason(tx, movement, account, amount).await?),
        _ => Ok(()),
    }
}

fn side(row: &Row) -> Result<Side> {
    let mut columns = row.reader();
    let sequence = columns.next()?;
    Ok(Side {
        sequence,
        balance: funds::balance(&mut columns)?,
    })
}

/// The statement changed nothing: the core, which rules the same, says why.
async fn reason(
    tx: &mut Tx,
    movement: &Movement,
    account: AccountId,
    amount: Amount,
) -> Result<Error> {
    let found = accounts::get(tx, account).await?;
    if found.currency != amount.currency() {
        return Ok(Refusal::CurrencyMismatch.into());
    }
    Ok(match (movement.rule)(found.balance, amount) {
        Err(refusal) => refusal.into(),
        Ok(_) => Error::Corrupt(format!("account {account} and the core's rule disagree")),
    })
}
