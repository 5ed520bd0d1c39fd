//! What holds for the whole sandbox surface, as its document tells it.

use cardwright_core::{Refusal, SandboxRefusal};
use cardwright_wire::native::errors::Code;

use crate::api::{
    native::{
        contract::{IDEMPOTENCY_KEY, KEY_SCHEME, REFUSAL, TENANT, key_schemes, operator_errors},
        messages::refusals,
    },
    route::{Contract, Effect, ErrorDoc, Given, Note, Parameter, Presence, Route},
};

/// The contract of the surface.
pub(super) const CONTRACT: Contract = Contract {
    about: ABOUT,
    schemes: key_schemes,
    security: |_| &[KEY_SCHEME],
    headers,
    path_parameters: &[
        number("webhook_endpoint_id", "Id of the webhook endpoint"),
        Parameter {
            name: "event_id",
            about: "The event: its `event_id`, or the id of a message that a receiver knows (`evt_…`)",
            pattern: Some("^([1-9][0-9]{0,15}|evt_[0-9]{1,16}(_[0-9]{1,16})?)$"),
            example: "1734567890123",
            presence: Presence::Required,
        },
    ],
    base: "",
    group,
    refusal: REFUSAL,
    errors,
    note: |_| Note::default(),
    events: &[],
};

const fn number(name: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        pattern: Some("^[1-9][0-9]{0,15}$"),
        example: "1734567890123",
        presence: Presence::Required,
    }
}

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
codes never change their meaning. A change under the same `Idempotency-Key` happens once.

## Time

Each tenant has a time of its own: real time until it is moved. What is recorded about holders, \
cards and money, and what becomes due, goes by it; signatures, sessions, credentials and the audit \
log keep real time. It never goes back (409 `clock_backwards`) and ends with 2075. What becomes due \
by a move is done before the answer, the earliest first, at the time the clock then shows: nothing \
between two due times is lived through.

## Faulty deliveries

A plan says how many of a hundred messages to an endpoint are sent twice, put off, overtaken, lost, \
slow, signed wrongly, cut, or answered in vain. Which ones depends on its seed and their number alone: the \
same plan does the same again.

## Saved states

A saved state holds what a tenant has: holders, accounts, cards, money, authorizations, events, \
answers under keys of the caller's own, and its settings. Products, their terms and controls, and \
exchange rates belong to the environment and stay. Who may call, sessions, taken signatures, \
the audit log, the numbering of ids and the time are not part of it. Saving under a name that is \
taken replaces the state. A state has 1,000,000 rows at most, and all other changes wait while it \
is saved or put back.

## Signatures

A signed request that fails is told nothing about the cause. Here its sender finds out: \
`signature/explain` works a request out in every named form and names the mistakes that lead to \
the signature that was computed, and `request-log` has the last 1,000 requests that failed, with \
the same explanation. It is kept in memory, bodies are cut at 4 KiB, and numbers of cards are \
hidden.";

fn group(route: &Route) -> &'static str {
    match route.path {
        "/clock" | "/clock/advance" => "Time",
        "/snapshot" | "/restore" | "/reset" => "Saved states",
        "/signature/explain" | "/request-log" => "Signatures",
        "/webhook-endpoints/{webhook_endpoint_id}/faults" | "/events/{event_id}/deliver" => {
            "Faulty deliveries"
        }
        _ => "Simulation",
    }
}

fn headers(route: &Route) -> &'static [Parameter] {
    if is_keyed(route) {
        &[TENANT, IDEMPOTENCY_KEY]
    } else {
        &[TENANT]
    }
}

/// Whether a call is repeated under a key. A clock that was set stays set, and a state that was put
/// back is there again: a repeat finds what the first one did. Codes in answers are not kept.
fn is_keyed(route: &Route) -> bool {
    let is_kept = !NOT_REPEATED.contains(&route.path);
    route.effect == Effect::Changes && is_kept && !moves_time(route) && !goes_back(route)
}

/// Operations that are not repeated under a key: their answers hold a code, which is not kept.
const NOT_REPEATED: &[&str] = &[ACTIVATION_CODE, THREE_DS];

fn moves_time(route: &Route) -> bool {
    route.path.starts_with("/clock") && route.effect == Effect::Changes
}

fn goes_back(route: &Route) -> bool {
    matches!(route.path, "/restore" | "/reset")
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
const ACTIVATION_CODE: &str = "/simulate/activation-code";
const THREE_DS: &str = "/simulate/three-ds";
const DEPOSIT: Given = Given::AtPaths(&["/simulate/crypto-deposit"]);
const SHIPPING: Given = Given::AtPaths(&["/simulate/shipping"]);
const TOKEN: Given = Given::AtPaths(&["/simulate/wallet-token"]);
const CARD_STATES: Given = Given::AtPaths(&[ACTIVATION_CODE, THREE_DS, "/simulate/wallet-token"]);

const MONEY: Given = Given::AtPaths(&["/simulate/funding", "/simulate/crypto-deposit"]);

fn errors() -> Vec<ErrorDoc> {
    let of_time = [
        (
            Refusal::Sandbox(SandboxRefusal::ClockBackwards),
            Given::Where(moves_time),
        ),
        (
            Refusal::Sandbox(SandboxRefusal::ClockTooFar),
            Given::Where(moves_time),
        ),
        (
            Refusal::Sandbox(SandboxRefusal::SnapshotTooLarge),
            Given::AtPaths(&["/snapshot"]),
        ),
        (
            Refusal::Sandbox(SandboxRefusal::SnapshotOutdated),
            Given::Where(goes_back),
        ),
    ];
    let of_parties = [
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
    ];
    operator_errors(
        is_keyed,
        &[(Code::ReferenceConflict, MESSAGES)],
        &[of_parties.as_slice(), &of_time, &refusals()].concat(),
    )
}
