//! Accounts in the order of their opening, for lists that are followed by a cursor: those of persons
//! and corporates for their callers, all for operators.

use cardwright_core::{Account, AccountKind, HolderId};

use super::{ReadTx, Result, Value, from_row};

/// Which accounts a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct OwnedFilter {
    /// Only this one.
    pub id: Option<i64>,
    /// Only those of this owner.
    pub owner: Option<HolderId>,
    /// Only with this caller's id.
    pub external_id: Option<String>,
}

macro_rules! condition {
    () => {
        " WHERE tenant = $1 AND kind = 'customer' AND ($2 IS NULL OR id = $2) \
         AND ($3 IS NULL OR owner = $3) AND ($4 IS NULL OR external_id = $4)"
    };
}

fn parameters(filter: &OwnedFilter) -> Vec<Value> {
    vec![
        filter.id.into(),
        filter.owner.map(HolderId::get).into(),
        filter.external_id.clone().into(),
    ]
}

/// Those opened after the one with this id, the oldest first, at most `limit` of them.
pub async fn after(
    tx: &mut ReadTx,
    filter: &OwnedFilter,
    (last, limit): (i64, i64),
) -> Result<Vec<Account>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM account",
        condition!(),
        " AND id > $5 ORDER BY id LIMIT $6"
    );
    let mut parameters = parameters(filter);
    parameters.extend([last.into(), limit.into()]);
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// How many there are in all.
pub async fn count(tx: &mut ReadTx, filter: &OwnedFilter) -> Result<i64> {
    let sql = concat!("SELECT COUNT(*) FROM account_record", condition!());
    Ok(tx.one(sql, &parameters(filter)).await?.get(0)?)
}

/// The accounts of a tenant that were opened after the one with this id, its books included, the
/// oldest first: all, or those of a kind.
pub async fn all_after(
    tx: &mut ReadTx,
    kind: Option<AccountKind>,
    (last, limit): (i64, i64),
) -> Result<Vec<Account>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM account WHERE tenant = $1 AND ($2 IS NULL OR kind = $2) AND id > $3 \
         ORDER BY id LIMIT $4"
    );
    let kind = kind.map(AccountKind::word);
    let rows = tx
        .query(sql, &[kind.into(), last.into(), limit.into()])
        .await?;
    rows.iter().map(from_row).collect()
}
