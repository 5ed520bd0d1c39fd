//! Holders of one kind in the order of their recording, for lists that are followed by a cursor.

use cardwright_core::{Holder, HolderId, HolderKind};

use super::{ReadTx, Result, Value, from_row};

/// Which holders of a kind a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct KindFilter {
    /// Only this one.
    pub id: Option<i64>,
    /// Only with this published number.
    pub number: Option<String>,
    /// Only with this caller's id.
    pub external_id: Option<String>,
    /// Only employees of this corporate.
    pub corporate: Option<HolderId>,
}

/// A statement for the index of a caller's ids, and one for all else. The pluses keep the order of
/// all holders of a kind from being walked for one of them.
macro_rules! condition {
    (external_id) => {
        condition!("AND +kind = $2 AND external_id = $5")
    };
    (all) => {
        condition!("AND kind = $2 AND $5 IS NULL")
    };
    ($whose:literal) => {
        concat!(
            " FROM holder WHERE tenant = $1 ",
            $whose,
            " AND ($3 IS NULL OR id = $3) AND ($4 IS NULL OR number = $4) \
             AND ($6 IS NULL OR corporate = $6)"
        )
    };
}

macro_rules! list {
    (external_id) => {
        list!(external_id, " AND +id > $7 ORDER BY +id LIMIT $8")
    };
    (all) => {
        list!(all, " AND id > $7 ORDER BY id LIMIT $8")
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

fn parameters(kind: HolderKind, filter: &KindFilter) -> Vec<Value> {
    vec![
        kind.word().into(),
        filter.id.into(),
        filter.number.clone().into(),
        filter.external_id.clone().into(),
        filter.corporate.map(HolderId::get).into(),
    ]
}

/// Those recorded after the one with this id, the oldest first, at most `limit` of them.
pub async fn after(
    tx: &mut ReadTx,
    kind: HolderKind,
    filter: &KindFilter,
    (last, limit): (i64, i64),
) -> Result<Vec<Holder>> {
    let sql = match filter.external_id {
        Some(_) => list!(external_id),
        None => list!(all),
    };
    let mut parameters = parameters(kind, filter);
    parameters.extend([last.into(), limit.into()]);
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// How many there are in all.
pub async fn count(tx: &mut ReadTx, kind: HolderKind, filter: &KindFilter) -> Result<i64> {
    let sql = match filter.external_id {
        Some(_) => count!(external_id),
        None => count!(all),
    };
    Ok(tx.one(sql, &parameters(kind, filter)).await?.get(0)?)
}
