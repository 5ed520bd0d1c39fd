//! Sliding windows around a time that has passed.
//!
//! More of an authorization counts when that was made, and by now others may have followed. Every
//! window of so many seconds with that time in it has to have room for it, so it is judged by the
//! fullest of them. A window begins or ends with an authorization; those that end with a later one
//! are looked at here, each once, by a sum that moves along.

use cardwright_core::{Timestamp, Usage, UsageSubject};

use super::{super::ReadTx, Place, THOUSAND_MILLION};
use crate::{error::Result, store::db::Value};

/// What the fullest window around `at` has used: `until_then` is what the one has that ends there.
/// Amount and number may be of different windows, as each has a limit of its own.
pub(super) async fn fullest(
    tx: &mut ReadTx,
    (place, at): (Place, Timestamp),
    until_then: Usage,
) -> Result<Usage> {
    // Nothing follows a payment that is only being made.
    if place.window.seconds().is_none() || at >= tx.now() {
        return Ok(until_then);
    }
    macro_rules! fullest {
        ($with:literal, $of:literal, $whose:literal) => {
            concat!(
                "WITH RECURSIVE ", $with,
                "used (created_at, counted) AS (SELECT made.created_at, made.counted FROM ", $of,
                " CROSS JOIN card_authorization AS made WHERE ", $whose,
                " AND made.tenant = $1 AND made.created_at >= $3 AND made.created_at <= $4 \
                 AND made.counted > 0), \
                 ending (at, large, small, uses) AS (SELECT created_at, \
                 SUM(counted / 1000000000) OVER back, SUM(counted % 1000000000) OVER back, \
                 COUNT(*) OVER back FROM used \
                 WINDOW back AS (ORDER BY created_at RANGE BETWEEN $5 PRECEDING AND CURRENT ROW)) \
                 SELECT CAST(large AS BIGINT), CAST(small AS BIGINT), \
                 (SELECT MAX(uses) FROM ending WHERE at >= $6) FROM ending WHERE at >= $6 \
                 ORDER BY large + small / 1000000000 DESC, small % 1000000000 DESC LIMIT 1"
            )
        };
    }
    // Sums are taken apart for the reason that `add_up_few` gives.
    let sql = match place.subject {
        UsageSubject::Card => fullest!(
            "line (card) AS (SELECT $2 UNION SELECT earlier.card FROM line \
             CROSS JOIN card_replacement AS earlier \
             WHERE earlier.tenant = $1 AND earlier.replacement = line.card), ",
            "line",
            "made.card = line.card"
        ),
        UsageSubject::Account => fullest!(
            "",
            "card",
            "card.tenant = $1 AND card.account = $2 AND made.card = card.id"
        ),
    };
    // As long as the one that ends at that time, whichever end belongs to it.
    let now = at.as_millisecond();
    let span = now.saturating_sub(place.starts_at);
    let parameters = [
        Value::from(place.id),
        place.starts_at.into(),
        now.saturating_add(span).into(),
        span.into(),
        now.into(),
    ];
    let Some(row) = tx.optional(sql, &parameters).await? else {
        return Ok(until_then);
    };
    let mut columns = row.reader();
    let (large, small): (i64, i64) = (columns.next()?, columns.next()?);
    let amount_minor = large.saturating_mul(THOUSAND_MILLION).saturating_add(small);
    Ok(Usage {
        amount_minor: amount_minor.max(until_then.amount_minor),
        count: columns.next::<i64>()?.max(until_then.count),
    })
}
