//! What the network is answered.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    instant::Rfc3339,
    native::{RecordId, sandbox::Balances},
};

/// The answer to `authorization`, `advice`, `increment`, `balance-inquiry` and `expiry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthorizationAnswer {
    /// The authorization's number, 18 digits.
    pub authorization_id: String,
    /// Whether it was approved; of an increment, whether that was.
    pub approved: bool,
    /// What is approved in all; in minor units of `currency`. Less than was asked for where part of
    /// it would do.
    pub approved_amount: i64,
    /// The currency that was asked in, ISO 4217.
    pub currency: String,
    /// What the approved amount means for the account, markup included; in minor units.
    pub billing_amount: i64,
    /// The account's currency, ISO 4217.
    pub billing_currency: String,
    /// Why it was declined; null where it was not.
    pub decline_reason: Option<&'static str>,
    /// Why we would have declined what an advice says was approved; null where we would not.
    pub overruled_reason: Option<&'static str>,
    /// The same as the network is told it: `Approved`, `InsufficientFunds`, …
    pub response_code: &'static str,
    /// Where the authorization stands: `declined`, `answered` (of nothing), `open`, `cleared`,
    /// `reversed` or `expired`.
    pub status: &'static str,
    /// When what is still held is given free, RFC 3339; null where nothing is open.
    pub expires_at: Option<Rfc3339>,
    /// The account; null for a declined balance inquiry, whose sender is not to learn what is there.
    pub balances: Option<Balances>,
}

/// The answer to `reversal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReversalAnswer {
    /// The authorization's number, 18 digits.
    pub authorization_id: String,
    /// What this reversal gave back; in minor units of `currency`. Nothing where nothing was open.
    pub reversed_amount: i64,
    /// What is still open; in minor units of `currency`.
    pub open_amount: i64,
    /// The currency that was asked in, ISO 4217.
    pub currency: String,
    /// Where the authorization stands.
    pub status: &'static str,
    /// The account; null for a declined balance inquiry, as in its own answer.
    pub balances: Option<Balances>,
}

/// The answer to `clearing`, `force-post`, `refund` and `refund-reversal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TransactionAnswer {
    /// The transaction.
    pub transaction_id: RecordId,
    /// What it is: `clearing`, `forced_posting`, `refund` or `refund_reversal`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The authorization it belongs to; null where there was none.
    pub authorization_id: Option<String>,
    /// Where that authorization stands; null where there was none.
    pub authorization_status: Option<&'static str>,
    /// The transaction that it gives or takes back; null where it does not.
    pub original_transaction_id: Option<RecordId>,
    /// How much; in minor units of `currency`.
    pub amount: i64,
    /// The merchant's currency, ISO 4217.
    pub currency: String,
    /// How much that is for the account, markup included; in minor units.
    pub billing_amount: i64,
    /// The account's currency, ISO 4217.
    pub billing_currency: String,
    /// The markup in it; in minor units of the account.
    pub markup_amount: i64,
    /// Whether the account is below its floor after it.
    pub overdrawn: bool,
    /// The account.
    pub balances: Balances,
}

/// The answer to `dispute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisputeAnswer {
    /// The dispute.
    pub dispute_id: RecordId,
    /// The payment it is about.
    pub transaction_id: RecordId,
    /// How it stands: `open`, `won` or `lost`.
    pub status: &'static str,
    /// How much of the payment; in minor units of `currency`.
    pub amount: i64,
    /// The merchant's currency, ISO 4217.
    pub currency: String,
    /// What was credited in advance; in minor units of the account.
    pub credited_amount: i64,
    /// The account's currency, ISO 4217.
    pub credited_currency: String,
    /// The account.
    pub balances: Balances,
}
