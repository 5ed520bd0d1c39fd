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

/// A statement for each index, the narrowest first, and one for all of a kind. The pluses keep the
/// order of all holders of a kind from being walked for a few of them.
macro_rules! condition {
    (external_id) => {
        condition!("AND +kind = $2 AND external_id = $5")
    };
    (number) => {
        condition!("AND +kind = $2 AND number = $4")
    };
    (id) => {
        condition!("AND +kind = $2 AND id = $3")
    };
    (corporate) => {
        condition!("AND +kind = $2 AND corporate = $6")
    };
    (all) => {
        condition!("AND kind = $2")
    };
    ($whose:literal) => {
        concat!(
            " FROM holder WHERE tenant = $1 ",
            $whose,
            " AND ($3 IS NULL OR +id = $3) AND ($4 IS NULL OR +number = $4) \
             AND ($5 IS NULL OR +external_id = $5) AND ($6 IS NULL OR +corporate = $6)"
        )
    };
}

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

/// The statement of this form for what a filter names.
macro_rules! by_filter {
    ($form:ident, $filter:expr) => {
        match $filter {
            KindFilter {
                external_id: Some(_),
                ..
            } => $form!(external_id),
            KindFilter {
                number: Some(_), ..
            } => $form!(number),
            KindFilter { id: Some(_), .. } => $form!(id),
            KindFilter {
                corporate: Some(_), ..
            } => $form!(corporate),
            KindFilter { .. } => $form!(all),
        }
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
    let sql = by_filter!(list, filter);
    let mut parameters = parameters(kind, filter);
    parameters.extend([last.into(), limit.into()]);
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// How many there are in all.
pub async fn count(tx: &mut ReadTx, kind: HolderKind, filter: &KindFilter) -> Result<i64> {
    let sql = by_filter!(count, filter);
    Ok(tx.one(sql, &parameters(kind, filter)).await?.get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession},
    };

    macro_rules! explain_list {
        ($whose:ident) => {
            concat!("EXPLAIN QUERY PLAN ", list!($whose))
        };
    }

    macro_rules! explain_count {
        ($whose:ident) => {
            concat!("EXPLAIN QUERY PLAN ", count!($whose))
        };
    }

    async fn plan(db: &Db, sql: &'static str, filter: &KindFilter, page: &[Value]) -> Vec<String> {
        // The tenant is the first parameter of every statement.
        let mut given = vec![1.into()];
        given.extend(parameters(HolderKind::Person, filter));
        given.extend(page.iter().cloned());
        let plan = db.read(async move |mut session: ReadSession| {
            let rows = session.query(sql, &given).await?;
            rows.iter().map(|row| row.get::<String>(3)).collect()
        });
        let plan: std::result::Result<Vec<String>, DbError> = plan.await;
        plan.expect("a plan")
    }

    #[tokio::test]
    async fn each_list_of_holders_goes_by_the_index_of_what_it_names() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(MIGRATIONS).await.expect("all steps");
        let named = |text: &str| Some(text.to_owned());
        let filters = [
            (
                KindFilter {
                    external_id: named("p-1"),
                    ..KindFilter::default()
                },
                "holder_by_external_id (tenant=? AND external_id=?)",
            ),
            (
                KindFilter {
                    number: named("10011000000000000001"),
                    ..KindFilter::default()
                },
                "(number=?)",
            ),
            (
                KindFilter {
                    id: Some(7),
                    ..KindFilter::default()
                },
                "(tenant=? AND id=?)",
            ),
            (
                KindFilter {
                    corporate: HolderId::new(7).ok(),
                    ..KindFilter::default()
                },
                "holder_by_corporate (tenant=? AND corporate=?)",
            ),
            (KindFilter::default(), "holder_by_kind (tenant=? AND kind=?"),
        ];
        for (filter, index) in &filters {
            let page = [0.into(), 50.into()];
            let listed = plan(&db, by_filter!(explain_list, filter), filter, &page).await;
            let counted = plan(&db, by_filter!(explain_count, filter), filter, &[]).await;
            for plan in [listed, counted] {
                assert!(plan[0].starts_with("SEARCH holder USING "), "{plan:?}");
                assert!(plan[0].contains(index), "{index}: {plan:?}");
            }
        }
        let (all, page) = (KindFilter::default(), [0.into(), 50.into()]);
        let walked = plan(&db, explain_list!(all), &all, &page).await;
        assert_eq!(walked.len(), 1, "in the order of the index: {walked:?}");
        db.close().await;
    }
}
