//! Whether authorizations are told of cards what cards are.

use super::super::db::{ReadSession, Row};
use super::{Stop, Violation};

/// The first card whose standing is missing or another one, and the first standing without a card.
/// By such a one somebody would pay with a blocked card, or be declined with a good one.
pub(super) async fn look(session: &mut ReadSession) -> std::result::Result<(), Stop> {
    let differing = "SELECT card.tenant, card.id FROM card \
        LEFT JOIN card_standing AS standing ON standing.card = card.id \
        WHERE standing.card IS NULL OR standing.tenant <> card.tenant \
        OR standing.product <> card.product OR standing.account <> card.account \
        OR standing.state <> card.state OR standing.state_since IS NOT card.state_since \
        OR standing.close_reason IS NOT card.close_reason \
        OR standing.blocked_since IS NOT card.blocked_since \
        OR standing.expiry_month <> card.expiry_month \
        OR standing.no_pin_payment IS NOT card.no_pin_payment LIMIT 1";
    if let Some(row) = session.optional(differing, &[]).await? {
        let what = "authorizations are told something else about it than it says";
        return Err(found(&row, "card", what)?.into());
    }
    let stray = "SELECT standing.tenant, standing.card FROM card_standing AS standing \
        LEFT JOIN card ON card.id = standing.card WHERE card.id IS NULL LIMIT 1";
    if let Some(row) = session.optional(stray, &[]).await? {
        return Err(found(&row, "standing", "its card does not exist")?.into());
    }
    Ok(())
}

fn found(row: &Row, record: &'static str, what: &str) -> std::result::Result<Violation, Stop> {
    Ok(Violation {
        tenant: row.get(0)?,
        record,
        id: row.get(1)?,
        what: what.to_owned(),
    })
}
