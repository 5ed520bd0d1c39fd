//! Which cards are to end because their last month is over, and when the next ones will.
//!
//! Law: only the index of cards that have not ended is asked. A card's month ends by the time of
//! its tenant, in UTC; where that stands still, no month ends.

use cardwright_core::{CardId, Expiry, TenantId, Timestamp};

use super::{
    ReadTx,
    db::{ReadSession, Row},
};
use crate::error::{Error, Result};

macro_rules! overdue {
    () => {
        "SELECT id FROM card WHERE tenant = $1 AND state <> 'closed' AND expiry_month < $2 \
         ORDER BY expiry_month, id LIMIT $3"
    };
}

/// For each tenant that has open cards, the month that ends first, beside its clock.
macro_rules! first {
    () => {
        "SELECT tenant.id, clock.offset_ms, clock.frozen_at, \
         (SELECT MIN(card.expiry_month) FROM card \
         WHERE card.tenant = tenant.id AND card.state <> 'closed') AS month \
         FROM tenant LEFT JOIN domain_clock AS clock ON clock.tenant = tenant.id \
         WHERE month IS NOT NULL ORDER BY tenant.id"
    };
}

/// The cards whose last month is over, those first that should have ended first, at most `limit`.
pub async fn overdue(tx: &mut ReadTx, limit: i64) -> Result<Vec<CardId>> {
    let this_month = Expiry::after(tx.today(), 0).map_or(i64::MAX, Expiry::index);
    let rows = tx
        .query(overdue!(), &[this_month.into(), limit.into()])
        .await?;
    rows.iter()
        .map(|row| CardId::new(row.get(0)?).map_err(|_| Error::Corrupt("a card's id".to_owned())))
        .collect()
}

/// The tenants with cards whose last month is over by their own time.
pub async fn tenants_overdue(
    session: &mut ReadSession,
    real_now: Timestamp,
) -> Result<Vec<TenantId>> {
    let rows = session.query(first!(), &[]).await?;
    let mut overdue = Vec::new();
    for row in &rows {
        let first = First::from_row(row)?;
        let running = |offset_ms: i64| real_now.as_millisecond().saturating_add(offset_ms);
        let now_ms = first.frozen_at_ms.unwrap_or(running(first.offset_ms));
        if first
            .ends_at_ms
            .is_some_and(|ends_at_ms| ends_at_ms <= now_ms)
        {
            overdue.push(first.tenant);
        }
    }
    Ok(overdue)
}

/// When the next card's last month is over, in real time, if all clocks run on as they do.
pub async fn next_end(session: &mut ReadSession) -> Result<Option<Timestamp>> {
    let rows = session.query(first!(), &[]).await?;
    let mut next: Option<i64> = None;
    for row in &rows {
        let first = First::from_row(row)?;
        if let (Some(ends_at_ms), None) = (first.ends_at_ms, first.frozen_at_ms) {
            let real_ms = ends_at_ms.saturating_sub(first.offset_ms);
            next = Some(next.map_or(real_ms, |next| next.min(real_ms)));
        }
    }
    // Before time begins is as good as now.
    Ok(next.map(|ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN)))
}

/// The first of a tenant's cards to end.
struct First {
    tenant: TenantId,
    /// By the tenant's time; nothing where the calendar ends before.
    ends_at_ms: Option<i64>,
    offset_ms: i64,
    frozen_at_ms: Option<i64>,
}

impl First {
    fn from_row(row: &Row) -> Result<First> {
        let mut columns = row.reader();
        let tenant: i64 = columns.next()?;
        let corrupt = || Error::Corrupt(format!("the cards of tenant {tenant}"));
        let (offset_ms, frozen_at_ms): (Option<i64>, Option<i64>) =
            (columns.next()?, columns.next()?);
        let month = Expiry::from_index(columns.next()?).ok_or_else(corrupt)?;
        Ok(First {
            tenant: TenantId::new(tenant).map_err(|_| corrupt())?,
            ends_at_ms: month.ends_at().map(Timestamp::as_millisecond),
            offset_ms: offset_ms.unwrap_or(0),
            frozen_at_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, Value},
    };

    #[tokio::test]
    async fn cards_that_are_to_end_are_found_without_a_look_at_others() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(MIGRATIONS).await.expect("all steps");
        for (sql, parameters) in [
            (concat!("EXPLAIN QUERY PLAN ", overdue!()), 3),
            (concat!("EXPLAIN QUERY PLAN ", first!()), 0),
        ] {
            let plan = db.read(async move |mut session: ReadSession| {
                let given: Vec<Value> = (0..parameters).map(Value::from).collect();
                let rows = session.query(sql, &given).await?;
                rows.iter().map(|row| row.get::<String>(3)).collect()
            });
            let plan: std::result::Result<Vec<String>, DbError> = plan.await;
            let plan = plan.expect("a plan").join("; ");
            assert!(plan.contains("card_by_expiry"), "{plan}");
            assert!(!plan.contains("SCAN card"), "{plan}");
        }
        db.close().await;
    }
}
