//! The journal: entries of one or more transfers, append-only, and the balances they add up to.

use cardwright_core::{AccountId, Amount, Balance, OrderId, Refusal, Transfer};

use super::{Tx, db::Value};
use crate::error::{Error, Result};

/// One account after a transfer.
struct Side {
    sequence: i64,
    balance: i64,
}

/// Records an entry: all its transfers, or none. Refuses when a payer's floor is in the way.
pub async fn record(tx: &mut Tx, order: Option<OrderId>, transfers: &[Transfer]) -> Result<()> {
    if transfers.is_empty() {
        return Ok(());
    }
    let entry = tx.next_id().await?;
    let now = tx.now().as_millisecond();
    let sql = "INSERT INTO journal_entry (tenant, id, card_order, created_at) \
               VALUES ($1, $2, $3, $4)";
    tx.execute(
        sql,
        &[entry.into(), order.map(OrderId::get).into(), now.into()],
    )
    .await?;
    for transfer in transfers {
        let payer = pay(tx, transfer).await?;
        let receiver = receive(tx, transfer).await?;
        insert(tx, entry, transfer, (&payer, &receiver)).await?;
    }
    Ok(())
}

/// The floor is part of the statement, so that no two payments can both see the same money.
async fn pay(tx: &mut Tx, transfer: &Transfer) -> Result<Side> {
    let now = tx.now().as_millisecond();
    let sql = "UPDATE account SET debits = debits + $3, entry_sequence = entry_sequence + 1, \
               updated_at = $5 WHERE tenant = $1 AND id = $2 AND currency = $4 \
               AND debits <= 9223372036854775807 - $3 \
               AND (floor IS NULL OR credits - debits - $3 >= floor) \
               RETURNING entry_sequence, credits - debits";
    change(tx, (sql, now), transfer.payer, transfer, Balance::pay).await
}

async fn receive(tx: &mut Tx, transfer: &Transfer) -> Result<Side> {
    let now = tx.now().as_millisecond();
    let sql = "UPDATE account SET credits = credits + $3, entry_sequence = entry_sequence + 1, \
               updated_at = $5 WHERE tenant = $1 AND id = $2 AND currency = $4 \
               AND credits <= 9223372036854775807 - $3 \
               RETURNING entry_sequence, credits - debits";
    change(
        tx,
        (sql, now),
        transfer.receiver,
        transfer,
        Balance::receive,
    )
    .await
}

/// What a balance becomes by an amount, as the core rules it.
type Rule = fn(Balance, Amount) -> std::result::Result<Balance, Refusal>;

async fn change(
    tx: &mut Tx,
    (sql, now): (&'static str, i64),
    account: AccountId,
    transfer: &Transfer,
    rule: Rule,
) -> Result<Side> {
    let parameters = [
        Value::from(account.get()),
        transfer.amount.minor().into(),
        transfer.amount.currency().code().into(),
        now.into(),
    ];
    match tx.change(sql, &parameters).await? {
        Some(row) => Ok(Side {
            sequence: row.get(0)?,
            balance: row.get(1)?,
        }),
        None => Err(reason(tx, account, transfer, rule).await?),
    }
}

/// The statement changed nothing: the core, which rules the same, says why.
async fn reason(tx: &mut Tx, account: AccountId, transfer: &Transfer, rule: Rule) -> Result<Error> {
    let found = super::accounts::get(tx, account).await?;
    if found.currency != transfer.amount.currency() {
        return Ok(Refusal::CurrencyMismatch.into());
    }
    Ok(match rule(found.balance, transfer.amount) {
        Err(refusal) => refusal.into(),
        Ok(_) => Error::Corrupt(format!("account {account} and the core's rule disagree")),
    })
}

async fn insert(
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
            payer.balance.into(),
            transfer.receiver.get().into(),
            receiver.sequence.into(),
            receiver.balance.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}
