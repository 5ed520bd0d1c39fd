//! Where the plastic of cards is.

use cardwright_core::{CardId, Shipment, Timestamp};

use super::{ReadTx, Tx, db::Value, holders::time};
use crate::error::{Error, Result};

/// Where a card's plastic is.
pub async fn of_card(tx: &mut ReadTx, card: CardId) -> Result<Shipment> {
    let sql = "SELECT shipped_at, delivered_at FROM shipment WHERE tenant = $1 AND card = $2";
    let Some(row) = tx.optional(sql, &[card.get().into()]).await? else {
        return Ok(Shipment::Here);
    };
    let (shipped_at, delivered_at): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
    let shipped_at = shipped_at.map(time).transpose()?;
    let delivered_at = delivered_at.map(time).transpose()?;
    Shipment::from_parts(shipped_at, delivered_at)
        .ok_or_else(|| Error::Corrupt(format!("shipment of card {card}")))
}

/// Writes where a card's plastic is.
pub async fn put(tx: &mut Tx, card: CardId, shipment: Shipment) -> Result<()> {
    let sql = "INSERT INTO shipment (tenant, card, shipped_at, delivered_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, card) DO UPDATE \
               SET shipped_at = excluded.shipped_at, delivered_at = excluded.delivered_at, \
               updated_at = excluded.updated_at";
    let now = tx.now().as_millisecond();
    let parameters = [
        Value::from(card.get()),
        shipment.shipped_at().map(Timestamp::as_millisecond).into(),
        shipment
            .delivered_at()
            .map(Timestamp::as_millisecond)
            .into(),
        now.into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}
