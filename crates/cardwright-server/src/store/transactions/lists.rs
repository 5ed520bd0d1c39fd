//! Transactions in the order of their posting, for lists that are followed by a cursor.

use cardwright_core::{AccountId, AuthorizationId, CardId, Timestamp, Transaction};

use super::{ReadTx, Result, Value, from_row};

/// Which transactions a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct TransactionFilter {
    /// Only of this card.
    pub card: Option<CardId>,
    /// Only of this account.
    pub account: Option<AccountId>,
    /// Only what was authorized by this.
    pub authorization: Option<AuthorizationId>,
    /// Only of which so much was given back.
    pub returned: Option<Returned>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub before: Option<Timestamp>,
}

/// How much of a transaction was given back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returned {
    /// Nothing.
    Nothing,
    /// Some of it.
    Part,
    /// All of it.
    All,
}

impl Returned {
    fn number(self) -> i64 {
        match self {
            Returned::Nothing => 0,
            Returned::Part => 1,
            Returned::All => 2,
        }
    }
}

/// As for authorizations: a statement for each index.
macro_rules! condition {
    (authorization) => {
        condition!("AND authorization_id = $7")
    };
    (card) => {
        condition!("AND card = $7")
    };
    (account) => {
        condition!("AND card IN (SELECT id FROM card WHERE tenant = $1 AND account = $7)")
    };
    (all) => {
        condition!("AND $7 IS NULL")
    };
    ($whose:literal) => {
        concat!(
            " FROM card_transaction WHERE tenant = $1 ",
            $whose,
            " AND ($2 IS NULL OR account = $2) AND ($3 IS NULL OR card = $3) \
             AND ($4 IS NULL OR (returned > 0) + (returned = amount) = $4) \
             AND ($5 IS NULL OR created_at >= $5) AND ($6 IS NULL OR created_at < $6)"
        )
    };
}

macro_rules! list {
    ($whose:ident) => {
        concat!(
            "SELECT ",
            columns!(),
            condition!($whose),
            " AND id > $8 ORDER BY id LIMIT $9"
        )
    };
}

macro_rules! count {
    ($whose:ident) => {
        concat!("SELECT COUNT(*)", condition!($whose))
    };
}

/// A list's statement, its count's, and the id that they find by.
fn statements(filter: &TransactionFilter) -> (&'static str, &'static str, Option<i64>) {
    match filter {
        TransactionFilter {
            authorization: Some(id),
            ..
        } => (list!(authorization), count!(authorization), Some(id.get())),
        TransactionFilter { card: Some(id), .. } => (list!(card), count!(card), Some(id.get())),
        TransactionFilter {
            account: Some(id), ..
        } => (list!(account), count!(account), Some(id.get())),
        _ => (list!(all), count!(all), None),
    }
}

fn parameters(filter: &TransactionFilter) -> Vec<Value> {
    vec![
        filter.account.map(AccountId::get).into(),
        filter.card.map(CardId::get).into(),
        filter.returned.map(Returned::number).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.before.map(Timestamp::as_millisecond).into(),
        statements(filter).2.into(),
    ]
}

/// Those posted after the one with this id, the oldest first, at most `limit` of them.
pub async fn after(
    tx: &mut ReadTx,
    filter: &TransactionFilter,
    (last, limit): (i64, i64),
) -> Result<Vec<Transaction>> {
    let mut parameters = parameters(filter);
    parameters.extend([last.into(), limit.into()]);
    let rows = tx.query(statements(filter).0, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// How many there are in all.
pub async fn count(tx: &mut ReadTx, filter: &TransactionFilter) -> Result<i64> {
    let row = tx.one(statements(filter).1, &parameters(filter)).await?;
    Ok(row.get(0)?)
}
