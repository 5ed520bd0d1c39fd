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
/// index of its own, which one statement for all of them would not be. That an account has few of all
/// cards has to be said.
macro_rules! condition {
    (card) => {
        condition!("", "AND card = $6")
    };
    (account) => {
        condition!(
            " INDEXED BY card_authorization_by_card",
            "AND card IN (SELECT id FROM card WHERE tenant = $1 AND account = $6)"
        )
    };
    (all) => {
        condition!("", "AND $6 IS NULL")
    };
    ($index:literal, $whose:literal) => {
        concat!(
            " FROM card_authorization",
            $index,
            " WHERE tenant = $1 ",
            $whose,
            " AND ($2 IS NULL OR account = $2) AND ($3 IS NULL OR status = $3) \
             AND created_at >= $4 AND created_at < $5"
        )
    };
}

/// The plus keeps the order of all authorizations from being walked for those of one card.
macro_rules! list {
    (all) => {
        list!(all, " AND id > $7 ORDER BY id LIMIT $8")
    };
    ($whose:ident) => {
        list!($whose, " AND +id > $7 ORDER BY +id LIMIT $8")
    };
    ($whose:ident, $page:literal) => {
        concat!("SELECT ", columns!(), condition!($whose), $page)
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
        // A time in any case: without one the index of a card's authorizations is not taken.
        filter
            .from
            .map_or(i64::MIN, Timestamp::as_millisecond)
            .into(),
        filter
            .before
            .map_or(i64::MAX, Timestamp::as_millisecond)
            .into(),
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
    async fn a_page_of_a_card_or_an_account_is_found_without_a_look_at_others() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(MIGRATIONS).await.expect("all steps");
        for (explain, parameters, expected) in [
            (
                concat!("EXPLAIN QUERY PLAN ", list!(card)),
                8,
                "card_authorization_by_card (tenant=? AND card=?",
            ),
            (
                concat!("EXPLAIN QUERY PLAN ", list!(account)),
                8,
                "card_authorization_by_card (tenant=? AND card=?",
            ),
            (
                concat!("EXPLAIN QUERY PLAN ", list!(account)),
                8,
                "card_by_account (tenant=? AND account=?)",
            ),
            (
                concat!("EXPLAIN QUERY PLAN ", count!(account)),
                6,
                "card_authorization_by_card (tenant=? AND card=?",
            ),
            (
                concat!("EXPLAIN QUERY PLAN ", list!(all)),
                8,
                "PRIMARY KEY (tenant=? AND id>?)",
            ),
        ] {
            let plan: std::result::Result<Vec<String>, DbError> = db
                .read(async move |mut session: ReadSession| {
                    let rows = session
                        .query(explain, &vec![Value::from(1); parameters])
                        .await?;
                    rows.iter().map(|row| row.get(3)).collect()
                })
                .await;
            let plan = plan.expect("a plan").join("\n");
            assert!(plan.contains(expected), "{plan}");
        }
        db.close().await;
    }
}
