//! What holds for the whole sandbox surface, as its document tells it.

use cardwright_core::Refusal;

use crate::api::{
    native::contract::{
        IDEMPOTENCY_KEY, KEY_SCHEME, REFUSAL, TENANT, key_schemes, operator_errors,
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

const FUNDING: Given = Given::AtPaths(&["/simulate/funding"]);

fn errors() -> Vec<ErrorDoc> {
    operator_errors(
        |route| route.effect == Effect::Changes,
        &[
            (Refusal::CurrencyMismatch, FUNDING),
            (Refusal::AccountNotActive, FUNDING),
            (Refusal::BalanceOverflow, FUNDING),
        ],
    )
}
