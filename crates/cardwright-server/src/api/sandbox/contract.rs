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

/// Operations that are not repeated under a key: their answers hold a code, which is not kept.
const NOT_REPEATED: &[&str] = &[ACTIVATION_CODE, THREE_DS];

fn is_keyed(route: &Route) -> bool {
    route.effect == Effect::Changes && !NOT_REPEATED.contains(&route.path)
}

fn headers(route: &Route) -> &'static [Parameter] {
    if is_keyed(route) {
        &[TENANT, IDEMPOTENCY_KEY]
    } else {
        &[TENANT]
    }
}

const ACTIVATION_CODE: &str = "/simulate/activation-code";
const THREE_DS: &str = "/simulate/three-ds";
const DEPOSIT: Given = Given::AtPaths(&["/simulate/crypto-deposit"]);
const SHIPPING: Given = Given::AtPaths(&["/simulate/shipping"]);
const TOKEN: Given = Given::AtPaths(&["/simulate/wallet-token"]);
const CARD_STATES: Given = Given::AtPaths(&[ACTIVATION_CODE, THREE_DS, "/simulate/wallet-token"]);

const MONEY: Given = Given::AtPaths(&["/simulate/funding", "/simulate/crypto-deposit"]);

fn errors() -> Vec<ErrorDoc> {
    operator_errors(
        is_keyed,
        &[
            (Refusal::CurrencyMismatch, MONEY),
            (Refusal::AccountNotActive, MONEY),
            (Refusal::BalanceOverflow, MONEY),
            (
                Refusal::HolderTransitionNotAllowed,
                Given::AtPaths(&["/simulate/holder-review"]),
            ),
            (Refusal::CoinNotEnabled, DEPOSIT),
            (Refusal::DepositConflict, DEPOSIT),
            (Refusal::DepositTransitionNotAllowed, DEPOSIT),
            (Refusal::StageTransitionNotAllowed, SHIPPING),
            (Refusal::CardTransitionNotAllowed, CARD_STATES),
            (
                Refusal::StageNotSupported,
                Given::AtPaths(&[ACTIVATION_CODE]),
            ),
            (
                Refusal::ChallengeTransitionNotAllowed,
                Given::AtPaths(&[THREE_DS]),
            ),
            (Refusal::CardBlocked, TOKEN),
            (Refusal::WalletTokenTransitionNotAllowed, TOKEN),
            (
                Refusal::WorkOrderTransitionNotAllowed,
                Given::AtPaths(&["/simulate/work-order"]),
            ),
        ],
    )
}
