//! Orders on cards as lists show them.

use cardwright_core::{CardId, Order, OrderId, OrderKind, OrderRoute, Timestamp};

use super::{ReadTx, db::Value, orders};
use crate::error::{Error, Result};

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
    /// Only placed by this kind of call.
    pub route: Option<OrderRoute>,
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
             AND ($6 IS NULL OR created_at >= $6) AND ($7 IS NULL OR created_at <= $7) \
             AND ($8 IS NULL OR route = $8)"
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
        filter.route.map(OrderRoute::word).into(),
    ];
    let count = concat!("SELECT COUNT(*)", condition!());
    let list = concat!(
        "SELECT id",
        condition!(),
        " ORDER BY id DESC LIMIT $9 OFFSET $10"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id = OrderId::new(row.get(0)?);
        let id = id.map_err(|_| Error::Corrupt("an order's id".to_owned()))?;
        found.push(orders::get(tx, id).await?);
    }
    Ok((found, total))
}
