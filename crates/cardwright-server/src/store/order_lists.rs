//! Orders on cards as lists show them.

use cardwright_core::{
    Amount, CardId, Currency, Order, OrderId, OrderKind, OrderStatus, Record, Timestamp,
};

use super::{
    ReadTx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, kind, number, card, status, currency, amount, fee, received, remark, description, \
         created_at, updated_at"
    };
}

/// Which orders a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct OrderFilter {
    /// Only of this card.
    pub card: Option<CardId>,
    /// Only this one.
    pub id: Option<OrderId>,
    /// Only with this number of the caller's.
    pub number: Option<String>,
    /// Only these kinds; nothing: every kind.
    pub kinds: Option<Vec<OrderKind>>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only at or before this time.
    pub until: Option<Timestamp>,
}

/// One page of orders, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &OrderFilter,
    window: (i64, i64),
) -> Result<(Vec<Order>, i64)> {
    macro_rules! condition {
        () => {
            " FROM card_order WHERE tenant = $1 AND ($2 IS NULL OR card = $2) \
             AND ($3 IS NULL OR id = $3) AND ($4 IS NULL OR number = $4) \
             AND ($5 IS NULL OR $5 LIKE '% ' || kind || ' %') \
             AND ($6 IS NULL OR created_at >= $6) AND ($7 IS NULL OR created_at <= $7)"
        };
    }
    let kinds = filter.kinds.as_ref().map(|kinds| {
        let words = kinds.iter().map(|kind| kind.word());
        words.fold(String::from(" "), |text, word| text + word + " ")
    });
    let parameters = vec![
        Value::from(filter.card.map(CardId::get)),
        filter.id.map(OrderId::get).into(),
        filter.number.as_deref().into(),
        kinds.into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
    ];
    let count = concat!("SELECT COUNT(*)", condition!());
    let list = concat!(
        "SELECT ",
        columns!(),
        condition!(),
        " ORDER BY id DESC LIMIT $8 OFFSET $9"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// The order with this id.
pub async fn get(tx: &mut ReadTx, id: OrderId) -> Result<Order> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_order WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Transaction))?)
}

fn from_row(row: &Row) -> Result<Order> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("order {id}"));
    let kind = OrderKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let number = columns.next()?;
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let status = OrderStatus::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let fee = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let received: Option<i64> = columns.next()?;
    let received = received
        .map(|minor| Amount::from_minor(minor, currency).ok_or_else(corrupt))
        .transpose()?;
    Ok(Order {
        id: OrderId::new(id).map_err(|_| corrupt())?,
        kind,
        number,
        card,
        status,
        amount,
        fee,
        received,
        remark: columns.next()?,
        description: columns.next()?,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}
