//! What holds for the whole sandbox surface, as its document tells it.

use cardwright_core::Refusal;
use cardwright_wire::native::errors::Code;

use crate::api::{
    native::{
        contract::{IDEMPOTENCY_KEY, KEY_SCHEME, REFUSAL, TENANT, key_schemes, operator_errors},
        messages::refusals,
    },
    route::{Contract, Effect, ErrorDoc, Given, Parameter, Route},
};

/// The contract of the surface.
pub(super) const CONTRACT: Contract = Contract {
    about: ABOUT,
    schemes: key_schemes,
    security: |_| &[KEY_SCHEME],
    headers,
    path_parameters: &[],
    base: "",
    group: |_| "Simulation",
    refusal: REFUSAL,
    errors,
};

const ABOUT: &str = "\
Makes happen what a card network, a bank or time itself would do. Only a sandbox has these calls; \
what they bring about goes the same ways as in earnest.

## Authentication

`Authorization: Bearer` and an operator's API key: in a new sandbox the one in `sandbox.json`. A \
call acts on the tenant that the key belongs to, or on the one that `X-Tenant-ID` names.

## Requests and answers

Bodies are JSON objects; what is not known is refused. Ids are strings of digits, amounts whole \
numbers of minor units (cents) next to their currency, times RFC 3339 in UTC. An answer is the \
record itself. A refusal is `{\"error\": {\"code\", \"message\", \"field\", \"request_id\"}}`; \
codes never change their meaning. A change under the same `Idempotency-Key` happens once.";

fn headers(route: &Route) -> &'static [Parameter] {
    match route.effect {
        Effect::Reads => &[TENANT],
        Effect::Changes => &[TENANT, IDEMPOTENCY_KEY],
    }
}

/// Those that a network would send, under references of its own.
const MESSAGES: Given = Given::AtPaths(&[
    "/authorization",
    "/advice",
    "/increment",
    "/reversal",
    "/clearing",
    "/force-post",
    "/refund",
    "/refund-reversal",
    "/expiry",
    "/balance-inquiry",
    "/dispute",
]);
const FUNDING: Given = Given::AtPaths(&["/simulate/funding"]);

fn errors() -> Vec<ErrorDoc> {
    let of_funding = [
        (Refusal::CurrencyMismatch, FUNDING),
        (Refusal::AccountNotActive, FUNDING),
        (Refusal::BalanceOverflow, FUNDING),
    ];
    operator_errors(
        |route| route.effect == Effect::Changes,
        &[(Code::ReferenceConflict, MESSAGES)],
        &[of_funding.as_slice(), &refusals()].concat(),
    )
}
