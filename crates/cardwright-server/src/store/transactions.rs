//! What was settled on cards, and disputes about it.

use cardwright_core::{
    AccountId, Amount, AuthorizationId, CardId, Currency, Dispute, DisputeId, DisputeState, Record,
    Settlement, Transaction, TransactionId, TransactionKind,
};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
    merchants,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, kind, authorization_id, original, card, account, currency, amount, \
         billing_currency, billing, markup, returned, returned_billing, settlement, merchant, \
         reference, created_at"
    };
}

pub mod lists;

/// The transaction with this id.
pub async fn get(tx: &mut ReadTx, id: TransactionId) -> Result<Transaction> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_transaction WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Transaction))?)
}

/// What was posted for an authorization, the oldest first.
pub async fn of_authorization(tx: &mut ReadTx, id: AuthorizationId) -> Result<Vec<Transaction>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_transaction WHERE tenant = $1 AND authorization_id = $2 ORDER BY id"
    );
    let rows = tx.query(sql, &[id.get().into()]).await?;
    rows.iter().map(from_row).collect()
}

/// Adds a transaction.
pub async fn insert(tx: &mut Tx, new: &Transaction) -> Result<()> {
    let parameters = [
        Value::from(new.id.get()),
        new.kind.word().into(),
        new.authorization.map(AuthorizationId::get).into(),
        new.original.map(TransactionId::get).into(),
        new.card.get().into(),
        new.account.get().into(),
        new.amount.currency().code().into(),
        new.amount.minor().into(),
        new.billing.currency().code().into(),
        new.billing.minor().into(),
        new.markup_minor.into(),
        new.returned_minor.into(),
        new.returned_billing_minor.into(),
        settlement_word(new.settlement).into(),
        merchants::text(&new.merchant)?.into(),
        new.reference.as_str().into(),
        new.created_at.as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO card_transaction (tenant, id, kind, authorization_id, original, card, \
         account, currency, amount, billing_currency, billing, markup, returned, \
         returned_billing, settlement, merchant, reference, created_at) VALUES ($1, $2, $3, $4, \
         $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        &parameters,
    )
    .await?;
    Ok(())
}

/// Writes how much of a transaction was given or taken back.
pub async fn put_returned(tx: &mut Tx, changed: &Transaction) -> Result<()> {
    let parameters = [
        Value::from(changed.id.get()),
        changed.returned_minor.into(),
        changed.returned_billing_minor.into(),
    ];
    let sql = "UPDATE card_transaction SET returned = $3, returned_billing = $4 \
               WHERE tenant = $1 AND id = $2";
    if tx.execute(sql, &parameters).await? == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::Transaction))
    }
}

fn settlement_word(settlement: Settlement) -> &'static str {
    match settlement {
        Settlement::Covered => "covered",
        Settlement::Overdrawn => "overdrawn",
    }
}

fn from_row(row: &Row) -> Result<Transaction> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("transaction {id}"));
    let kind = TransactionKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let authorization = columns.next::<Option<i64>>()?;
    let authorization = authorization
        .map(|id| AuthorizationId::new(id).map_err(|_| corrupt()))
        .transpose()?;
    let original = columns.next::<Option<i64>>()?;
    let original = original
        .map(|id| TransactionId::new(id).map_err(|_| corrupt()))
        .transpose()?;
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let amount = amount(&mut columns)?.ok_or_else(corrupt)?;
    let billing = self::amount(&mut columns)?.ok_or_else(corrupt)?;
    Ok(Transaction {
        id: TransactionId::new(id).map_err(|_| corrupt())?,
        kind,
        authorization,
        original,
        card,
        account,
        amount,
        billing,
        markup_minor: columns.next()?,
        returned_minor: columns.next()?,
        returned_billing_minor: columns.next()?,
        settlement: match columns.next::<String>()?.as_str() {
            "covered" => Settlement::Covered,
            "overdrawn" => Settlement::Overdrawn,
            _ => return Err(corrupt()),
        },
        merchant: merchants::from_text(&columns.next::<String>()?)?,
        reference: columns.next()?,
        created_at: time(columns.next()?)?,
    })
}

/// A currency and minor units of it.
fn amount(columns: &mut super::db::RowReader<'_>) -> Result<Option<Amount>> {
    let currency = Currency::parse(&columns.next::<String>()?);
    let minor: i64 = columns.next()?;
    Ok(currency.and_then(|currency| Amount::from_minor(minor, currency)))
}

/// The dispute with this id.
pub async fn dispute(tx: &mut ReadTx, id: DisputeId) -> Result<Dispute> {
    let sql = "SELECT id, card_transaction, state, currency, amount, billing_currency, billing, \
               reason, created_at, updated_at FROM dispute WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    dispute_from_row(&row.ok_or_else(|| Error::not_found(Record::Dispute))?)
}

fn dispute_from_row(row: &Row) -> Result<Dispute> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("dispute {id}"));
    Ok(Dispute {
        id: DisputeId::new(id).map_err(|_| corrupt())?,
        transaction: TransactionId::new(columns.next()?).map_err(|_| corrupt())?,
        state: DisputeState::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        amount: amount(&mut columns)?.ok_or_else(corrupt)?,
        billing: amount(&mut columns)?.ok_or_else(corrupt)?,
        reason: columns.next()?,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}

/// Adds a dispute.
pub async fn insert_dispute(tx: &mut Tx, new: &Dispute) -> Result<()> {
    let parameters = [
        Value::from(new.id.get()),
        new.transaction.get().into(),
        new.state.word().into(),
        new.amount.currency().code().into(),
        new.amount.minor().into(),
        new.billing.currency().code().into(),
        new.billing.minor().into(),
        new.reason.as_str().into(),
        new.created_at.as_millisecond().into(),
        new.updated_at.as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO dispute (tenant, id, card_transaction, state, currency, amount, \
         billing_currency, billing, reason, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &parameters,
    )
    .await?;
    Ok(())
}

/// Writes how a dispute stands.
pub async fn put_dispute(tx: &mut Tx, changed: &Dispute) -> Result<()> {
    let sql = "UPDATE dispute SET state = $3, updated_at = $4 WHERE tenant = $1 AND id = $2";
    let parameters = [
        Value::from(changed.id.get()),
        changed.state.word().into(),
        changed.updated_at.as_millisecond().into(),
    ];
    if tx.execute(sql, &parameters).await? == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::Dispute))
    }
}
