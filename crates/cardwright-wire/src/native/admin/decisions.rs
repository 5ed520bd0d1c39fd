//! Questions to integrators about authorizations, as operators look at them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::native::RecordId;

/// A question to the integrator, how it was answered, and what the network was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = IntegratorDecision)]
pub struct Decision {
    /// Its id.
    pub id: RecordId,
    /// The authorization it is about: eighteen digits.
    pub authorization_id: String,
    /// What was asked: `authorization`, or `incremental` for more of an open one.
    pub kind: &'static str,
    /// How much, in minor units of `currency`.
    pub amount: i64,
    /// The merchant's currency.
    pub currency: String,
    /// What that means for the account, in minor units of `billing_currency`.
    pub billing_amount: i64,
    /// The account's currency.
    pub billing_currency: String,
    /// How it ended: `success`, `error`, `invalid`, `late`, `unreachable`, `crowded` (too many
    /// questions were open, so it was not asked), `no_endpoint`, `crashed` or `abandoned`; null as
    /// long as it is open.
    pub outcome: Option<String>,
    /// What the network was told; null as long as it was told nothing.
    pub response_code: Option<&'static str>,
    /// The whole answer to the network, as it was kept for repeats; null as long as there is none.
    pub network_answer: Option<String>,
    /// How long the integrator was waited for, in milliseconds; null where nobody knows.
    pub duration_ms: Option<i64>,
    /// What came in time and was neither a yes nor a no (`outcome` is `invalid`): the HTTP status
    /// and the first 1,024 bytes of the body. Null otherwise.
    pub invalid: Option<String>,
    /// What came after the time was over: the HTTP status and the beginning of the body, or why
    /// nothing came. It changed nothing. Null where nothing came late, or where so many answers were
    /// late that this one was not waited for.
    pub late: Option<String>,
    /// How long that took, in milliseconds.
    pub late_ms: Option<i64>,
    /// When it was asked, by the tenant's time.
    pub created_at: Rfc3339,
    /// When it ended, by the tenant's time.
    pub decided_at: Option<Rfc3339>,
}

/// The questions about one authorization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = IntegratorDecisionList)]
pub struct DecisionList {
    /// The questions, the oldest first: at most the first hundred.
    pub items: Vec<Decision>,
}
