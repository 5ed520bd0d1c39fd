//! Authorizations in the order of their making, for lists that are followed by a cursor.

use cardwright_core::{AccountId, Authorization, CardId, Timestamp};

use super::{ReadTx, Result, Value, from_row};

/// Which authorizations a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct AuthorizationFilter {
    /// Only of this card.
    pub card: Option<CardId>,
    /// Only of this account.
    pub account: Option<AccountId>,
    /// Only where it stands so, by the stored word.
    pub status: Option<&'static str>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub before: Option<Timestamp>,
}

/// The statements about those of one card, of an account's cards, and of all. Each is answered by an
/// index of its own, which one statement for all of them would not be.
macro_rules! condition {
    (card) => {
        condition!("AND card = $6")
    };
    (account) => {
        condition!("AND card IN (SELECT id FROM card WHERE tenant = $1 AND account = $6)")
    };
    (all) => {
        condition!("AND $6 IS NULL")
    };
    ($whose:literal) => {
        concat!(
            " FROM card_authorization WHERE tenant = $1 ",
            $whose,
            " AND ($2 IS NULL OR account = $2) AND ($3 IS NULL OR status = $3) \
             AND ($4 IS NULL OR created_at >= $4) AND ($5 IS NULL OR created_at < $5)"
        )
    };
}

macro_rules! list {
    ($whose:ident) => {
        concat!(
            "SELECT ",
            columns!(),
            condition!($whose),
            " AND id > $7 ORDER BY id LIMIT $8"
        )
    };
}

macro_rules! count {
    ($whose:ident) => {
        concat!("SELECT COUNT(*)", condition!($whose))
    };
}

/// A list's statement and its count's.
fn statements(filter: &AuthorizationFilter) -> (&'static str, &'static str) {
    match (filter.card, filter.account) {
        (Some(_), _) => (list!(card), count!(card)),
        (None, Some(_)) => (list!(account), count!(account)),
        (None, None) => (list!(all), count!(all)),
    }
}

fn parameters(filter: &AuthorizationFilter) -> Vec<Value> {
    let account = filter.account.map(AccountId::get);
    vec![
        account.into(),
        filter.status.into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.before.map(Timestamp::as_millisecond).into(),
        filter.card.map(CardId::get).or(account).into(),
    ]
}

/// Those made after the one with this id, the oldest first, at most `limit` of them.
pub async fn after(
    tx: &mut ReadTx,
    filter: &AuthorizationFilter,
    (last, limit): (i64, i64),
) -> Result<Vec<Authorization>> {
    let mut parameters = parameters(filter);
    parameters.extend([last.into(), limit.into()]);
    let rows = tx.query(statements(filter).0, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// How many there are in all.
pub async fn count(tx: &mut ReadTx, filter: &AuthorizationFilter) -> Result<i64> {
    let row = tx.one(statements(filter).1, &parameters(filter)).await?;
    Ok(row.get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession},
    };

    #[tokio::test]
    async fn a_page_of_one_card_is_found_without_a_look_at_other_cards() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(MIGRATIONS).await.expect("all steps");
        for (explain, expected) in [
            (
                concat!("EXPLAIN QUERY PLAN ", list!(card)),
                "card_authorization_by_card (tenant=? AND card=?",
            ),
            (
                concat!("EXPLAIN QUERY PLAN ", list!(account)),
                "card_authorization_by_card (tenant=? AND card=?",
            ),
            (
                concat!("EXPLAIN QUERY PLAN ", list!(all)),
                "PRIMARY KEY (tenant=? AND id>?)",
            ),
        ] {
            let plan: std::result::Result<Vec<String>, DbError> = db
                .read(async move |mut session: ReadSession| {
                    let rows = session.query(explain, &vec![Value::from(1); 8]).await?;
                    rows.iter().map(|row| row.get(3)).collect()
                })
                .await;
            let plan = plan.expect("a plan").join("\n");
            assert!(plan.contains(expected), "{plan}");
        }
        db.close().await;
    }
}
