//! What is kept of PINs: a keyed value, and how often a wrong one came in a row.

use cardwright_core::{CardId, PinTries};

use super::{ReadTx, Tx, db::Value};
use crate::{
    error::{Error, Result},
    secrets::Secret,
};

/// What is kept of a card's PIN.
pub struct StoredPin {
    /// The keyed value.
    pub value: Vec<u8>,
    /// How often a wrong one came in a row.
    pub tries: PinTries,
}

/// Keeps a PIN, in place of the one before; nothing wrong came since.
pub async fn set(tx: &mut Tx, card: CardId, pin: &Secret) -> Result<()> {
    let value = tx.vault().pin_value(card, pin)?;
    put(tx, card, value.as_slice()).await
}

/// Keeps the keyed value of a PIN, in place of the one before; nothing wrong came since.
pub async fn put(tx: &mut Tx, card: CardId, value: &[u8]) -> Result<()> {
    let now = tx.now().as_millisecond();
    let sql = "INSERT INTO card_pin (tenant, card, value, wrong_tries, updated_at) \
               VALUES ($1, $2, $3, 0, $4) ON CONFLICT (tenant, card) DO UPDATE \
               SET value = excluded.value, wrong_tries = 0, updated_at = excluded.updated_at";
    let parameters = [Value::from(card.get()), value.into(), now.into()];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// What is kept of a card's PIN; nothing where none was set.
pub async fn find(tx: &mut ReadTx, card: CardId) -> Result<Option<StoredPin>> {
    let sql = "SELECT value, wrong_tries FROM card_pin WHERE tenant = $1 AND card = $2";
    let Some(row) = tx.optional(sql, &[card.get().into()]).await? else {
        return Ok(None);
    };
    let tries = PinTries::from_stored(row.get(1)?)
        .ok_or_else(|| Error::Corrupt(format!("PIN of card {card}")))?;
    Ok(Some(StoredPin {
        value: row.get(0)?,
        tries,
    }))
}

/// Remembers how often a wrong PIN came, where the card has one.
pub async fn count(tx: &mut Tx, card: CardId, tries: PinTries) -> Result<()> {
    let sql = "UPDATE card_pin SET wrong_tries = $3, updated_at = $4 \
               WHERE tenant = $1 AND card = $2";
    let now = tx.now().as_millisecond();
    let parameters = [Value::from(card.get()), tries.stored().into(), now.into()];
    tx.execute(sql, &parameters).await?;
    Ok(())
}
