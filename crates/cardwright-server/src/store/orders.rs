//! Orders on cards.

use cardwright_core::{Amount, Order};

use super::{Tx, db::Value};
use crate::error::Result;

/// Adds an order.
pub async fn insert(tx: &mut Tx, order: &Order) -> Result<()> {
    let parameters = [
        Value::from(order.id.get()),
        order.kind.word().into(),
        order.number.as_str().into(),
        order.card.get().into(),
        order.status.word().into(),
        order.amount.currency().code().into(),
        order.amount.minor().into(),
        order.fee.minor().into(),
        order.received.map(Amount::minor).into(),
        order.remark.as_deref().into(),
        order.description.as_deref().into(),
        order.created_at.as_millisecond().into(),
        order.updated_at.as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO card_order (tenant, id, kind, number, card, status, currency, amount, fee, \
         received, remark, description, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &parameters,
    )
    .await?;
    Ok(())
}
