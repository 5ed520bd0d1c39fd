//! Fees of cards.

use cardwright_core::{
    Amount, CardFee, CardFeeId, CardFeeKind, CardId, Currency, Record, Timestamp,
};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
    trades::Trade,
};
use crate::error::{Error, Result};

macro_rules! select {
    () => {
        "SELECT id, kind, card, origin, currency, amount, description, created_at \
         FROM card_fee WHERE tenant = $1 AND "
    };
}

/// The fee with this id.
pub async fn get(tx: &mut ReadTx, id: CardFeeId) -> Result<CardFee> {
    let row = tx
        .optional(concat!(select!(), "id = $2"), &[id.get().into()])
        .await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Transaction))?)
}

/// The fees for what this is.
pub async fn of_origin(tx: &mut ReadTx, origin: Trade) -> Result<Vec<CardFee>> {
    let rows = tx
        .query(
            concat!(select!(), "origin = $2 ORDER BY id"),
            &[origin.id().to_string().into()],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// Which fees a list shows; what is absent does not narrow it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeeFilter {
    /// Only these kinds.
    pub kinds: Vec<CardFeeKind>,
    /// Only of this card.
    pub card: Option<CardId>,
    /// Only this one.
    pub id: Option<CardFeeId>,
    /// Only those for what has this record id.
    pub origin: Option<i64>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only at or before this time.
    pub until: Option<Timestamp>,
}

/// One page of fees, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &FeeFilter,
    window: (i64, i64),
) -> Result<(Vec<CardFee>, i64)> {
    macro_rules! condition {
        () => {
            "$2 LIKE '% ' || kind || ' %' AND ($3 IS NULL OR card = $3) \
             AND ($4 IS NULL OR id = $4) AND ($5 IS NULL OR origin = $5) \
             AND ($6 IS NULL OR created_at >= $6) AND ($7 IS NULL OR created_at <= $7)"
        };
    }
    let kinds = filter.kinds.iter().map(|kind| kind.word());
    let parameters = vec![
        Value::from(kinds.fold(String::from(" "), |text, word| text + word + " ")),
        filter.card.map(CardId::get).into(),
        filter.id.map(CardFeeId::get).into(),
        filter.origin.map(|id| id.to_string()).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
    ];
    let count = concat!(
        "SELECT COUNT(*) FROM card_fee WHERE tenant = $1 AND ",
        condition!()
    );
    let list = concat!(
        select!(),
        condition!(),
        " ORDER BY id DESC LIMIT $8 OFFSET $9"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// Adds a fee, and the journal's entry that paid it if that is to be read with the fee's number.
pub async fn insert(tx: &mut Tx, new: &CardFee, entry: Option<i64>) -> Result<()> {
    let parameters = [
        Value::from(new.id.get()),
        new.kind.word().into(),
        new.card.get().into(),
        new.origin.as_deref().into(),
        new.amount.currency().code().into(),
        new.amount.minor().into(),
        new.description.as_deref().into(),
        new.created_at.as_millisecond().into(),
        entry.into(),
    ];
    tx.execute(
        "INSERT INTO card_fee (tenant, id, kind, card, origin, currency, amount, description, \
         created_at, entry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &parameters,
    )
    .await?;
    Ok(())
}

fn from_row(row: &Row) -> Result<CardFee> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("fee {id}"));
    let kind = CardFeeKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let origin = columns.next()?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    Ok(CardFee {
        id: CardFeeId::new(id).map_err(|_| corrupt())?,
        kind,
        card,
        origin,
        amount: Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?,
        description: columns.next()?,
        created_at: time(columns.next()?)?,
    })
}
