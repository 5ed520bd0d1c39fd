//! Which card took another's place.

use cardwright_core::{CardId, CloseReason};

use super::{ReadTx, Tx, db::Value};
use crate::error::{Error, Result};

/// The card that took this one's place, if one did.
pub async fn replacement_of(tx: &mut ReadTx, card: CardId) -> Result<Option<CardId>> {
    let sql = "SELECT replacement FROM card_replacement WHERE tenant = $1 AND card = $2";
    other(tx, sql, card).await
}

/// The card whose place this one took, if it took one's.
pub async fn replaced_by(tx: &mut ReadTx, card: CardId) -> Result<Option<CardId>> {
    let sql = "SELECT card FROM card_replacement WHERE tenant = $1 AND replacement = $2";
    other(tx, sql, card).await
}

async fn other(tx: &mut ReadTx, sql: &'static str, card: CardId) -> Result<Option<CardId>> {
    let Some(row) = tx.optional(sql, &[card.get().into()]).await? else {
        return Ok(None);
    };
    let corrupt = |_| Error::Corrupt(format!("replacement of card {card}"));
    CardId::new(row.get(0)?).map(Some).map_err(corrupt)
}

/// Remembers that a card takes another's place, and why.
pub async fn insert(
    tx: &mut Tx,
    (card, replacement): (CardId, CardId),
    reason: CloseReason,
) -> Result<()> {
    let now = tx.now().as_millisecond();
    let sql = "INSERT INTO card_replacement (tenant, card, replacement, reason, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let parameters = [
        Value::from(card.get()),
        replacement.get().into(),
        reason.word().into(),
        now.into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}
