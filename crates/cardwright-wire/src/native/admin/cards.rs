//! Cards as operators see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::native::RecordId;

/// A card. Its number is never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Card {
    /// Its id.
    pub id: RecordId,
    /// The product it is of.
    pub product_id: RecordId,
    /// Who holds it; null where nobody does.
    pub holder_id: Option<RecordId>,
    /// The account it spends from.
    pub account_id: RecordId,
    /// First six and last four digits of its number.
    pub masked_number: String,
    /// Where it is in its life: `pending`, `inactive`, `active`, `frozen`, `dormant` or `closed`.
    pub state: &'static str,
    /// Why it was closed; null while it is not.
    pub close_reason: Option<&'static str>,
    /// How far its plastic is.
    pub stage: &'static str,
    /// Since when the platform has it blocked; null where it has not.
    pub blocked_since: Option<Rfc3339>,
    /// The last month in which it works, as `YYYY-MM`.
    pub expiry: String,
    /// When it was made.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}

/// A code that was issued. What it is only the integrator is told, who gives it to the cardholder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssuedCode {
    /// Its id, which is the `tradeNo` of the FinCard API.
    pub challenge_id: RecordId,
    /// The card that it activates.
    pub card_id: RecordId,
    /// `open`: it waits to be used.
    pub status: &'static str,
    /// When it was issued.
    pub created_at: Rfc3339,
}
