//! Each time that an authorization was taken back.

use cardwright_core::{Amount, AuthorizationId, CardId, Currency, Record, Void, VoidId};

use super::{ReadTx, Tx, db::Value, holders::time};
use crate::error::{Error, Result};

/// The taking back with this id.
pub async fn get(tx: &mut ReadTx, id: VoidId) -> Result<Void> {
    let sql = "SELECT authorization_id, card, currency, amount, billing_currency, billing, \
               created_at FROM card_void WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    let row = row.ok_or_else(|| Error::not_found(Record::Transaction))?;
    let mut columns = row.reader();
    let corrupt = || Error::Corrupt(format!("void {id}"));
    let authorization = AuthorizationId::new(columns.next()?).map_err(|_| corrupt())?;
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    Ok(Void {
        id,
        authorization,
        card,
        amount,
        billing: Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?,
        created_at: time(columns.next()?)?,
    })
}

/// The last time that an authorization was taken back.
pub async fn newest_of(tx: &mut ReadTx, authorization: AuthorizationId) -> Result<Void> {
    let sql = "SELECT MAX(id) FROM card_void WHERE tenant = $1 AND card = (SELECT card FROM \
               card_authorization WHERE tenant = $1 AND id = $2) AND authorization_id = $2";
    let id: Option<i64> = tx.one(sql, &[authorization.get().into()]).await?.get(0)?;
    let missing = || Error::not_found(Record::Transaction);
    get(
        tx,
        VoidId::new(id.ok_or_else(missing)?).map_err(|_| missing())?,
    )
    .await
}

/// Adds one.
pub async fn insert(tx: &mut Tx, new: &Void) -> Result<()> {
    let parameters = [
        Value::from(new.id.get()),
        new.authorization.get().into(),
        new.card.get().into(),
        new.amount.currency().code().into(),
        new.amount.minor().into(),
        new.billing.currency().code().into(),
        new.billing.minor().into(),
        new.created_at.as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO card_void (tenant, id, authorization_id, card, currency, amount, \
         billing_currency, billing, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &parameters,
    )
    .await?;
    Ok(())
}
