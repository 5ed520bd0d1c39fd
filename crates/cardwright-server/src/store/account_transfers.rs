//! What tenants moved between their own accounts.

use cardwright_core::AccountTransfer;

use super::{Tx, db::Value};
use crate::error::Result;

/// Adds a movement with its entry of the journal; whether its number was free.
pub async fn insert(tx: &mut Tx, moved: &AccountTransfer, entry: i64) -> Result<bool> {
    let sql = "INSERT INTO account_transfer (tenant, id, direction, number, payer, receiver, \
               currency, amount, remark, entry, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
               ON CONFLICT (tenant, number) DO NOTHING";
    let transfer = moved.transfer;
    let parameters = [
        Value::from(moved.id.get()),
        moved.direction.word().into(),
        moved.number.as_str().into(),
        transfer.payer.get().into(),
        transfer.receiver.get().into(),
        transfer.amount.currency().code().into(),
        transfer.amount.minor().into(),
        moved.remark.as_deref().into(),
        entry.into(),
        moved.created_at.as_millisecond().into(),
    ];
    Ok(tx.execute(sql, &parameters).await? == 1)
}
