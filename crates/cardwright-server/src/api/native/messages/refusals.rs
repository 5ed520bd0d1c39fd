//! Which message the domain refuses for what, as the documents say it.

use cardwright_core::{PaymentRefusal, Refusal};

use crate::api::route::Given;

const WITH_AMOUNT: Given = Given::AtPaths(&["/authorization", "/advice"]);
const OF_AUTHORIZATIONS: Given = Given::AtPaths(&["/increment", "/clearing", "/refund", "/expiry"]);
const IN_KNOWN_CURRENCY: Given = Given::AtPaths(&[
    "/increment",
    "/reversal",
    "/refund",
    "/refund-reversal",
    "/dispute",
]);
const EXCHANGED: Given = Given::AtPaths(&["/advice", "/clearing", "/force-post", "/refund"]);
const COUNTED: Given = Given::AtPaths(&[
    "/authorization",
    "/advice",
    "/increment",
    "/clearing",
    "/force-post",
    "/refund",
    "/refund-reversal",
    "/dispute",
]);

/// The refusals of messages and where each is given.
pub(in crate::api) fn refusals() -> Vec<(Refusal, Given)> {
    vec![
        (Refusal::AmountZero, WITH_AMOUNT),
        (Refusal::AmountOutOfRange, WITH_AMOUNT),
        (
            Refusal::Payment(PaymentRefusal::AuthorizationNotOpen),
            OF_AUTHORIZATIONS,
        ),
        (
            Refusal::Payment(PaymentRefusal::AuthorizationCleared),
            Given::AtPaths(&["/reversal"]),
        ),
        (
            Refusal::Payment(PaymentRefusal::ExceedsHold),
            Given::AtPaths(&["/reversal"]),
        ),
        (
            Refusal::Payment(PaymentRefusal::ExceedsOriginal),
            Given::AtPaths(&["/refund", "/refund-reversal", "/dispute"]),
        ),
        (
            Refusal::Payment(PaymentRefusal::TransactionNotRefundable),
            Given::AtPaths(&["/refund", "/refund-reversal"]),
        ),
        (
            Refusal::Payment(PaymentRefusal::TransactionNotDisputable),
            Given::AtPaths(&["/dispute"]),
        ),
        (
            Refusal::DisputeTransitionNotAllowed,
            Given::AtPaths(&["/dispute"]),
        ),
        (Refusal::CurrencyMismatch, IN_KNOWN_CURRENCY),
        (Refusal::CurrencyNotSupported, EXCHANGED),
        (Refusal::BalanceOverflow, COUNTED),
    ]
}
