//! What holds for the whole operator surface, as its document tells it.

use cardwright_core::Refusal;

use crate::api::{
    native::contract::{
        IDEMPOTENCY_KEY, KEY_SCHEME, REFUSAL, TENANT, key_schemes, operator_errors,
    },
    route::{Contract, Effect, ErrorDoc, Given, Parameter, Presence, Route},
};

/// The contract of the surface.
pub(super) const CONTRACT: Contract = Contract {
    about: ABOUT,
    schemes: key_schemes,
    security: |_| &[KEY_SCHEME],
    headers,
    path_parameters: &[CARD, ACCOUNT, PRODUCT, WORK_ORDER],
    base: "",
    group,
    refusal: REFUSAL,
    errors,
};

const CARD: Parameter = of_record("card_id", "Id of the card", "1734567890123");
const ACCOUNT: Parameter = of_record("account_id", "Id of the account", "1734567890124");
const PRODUCT: Parameter = of_record("product_id", "Id of the product", "111001");

const fn of_record(name: &'static str, about: &'static str, example: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        pattern: Some("^[1-9][0-9]{0,15}$"),
        example,
        presence: Presence::Required,
    }
}

const WORK_ORDER: Parameter = Parameter {
    name: "work_order_id",
    about: "Id of the work order",
    pattern: Some("^[1-9][0-9]{0,15}$"),
    example: "1734567890123",
    presence: Presence::Required,
};

const ABOUT: &str = "\
Operators run the platform through this API: tenants, their credentials and users, products, and \
the decisions that people make.

## Authentication

`Authorization: Bearer` and an operator's API key. A call acts on the tenant that the key belongs \
to, or on the one that `X-Tenant-ID` or the path names.

| Role | May |
|---|---|
| `auditor` | look at everything that belongs to a tenant |
| `support` | also decide about holders, block cards, unlock users |
| `operator` | also everything else but tenants, credentials, users and keys |
| `owner` | everything |

Each operation says the least role that may call it.

## Requests and answers

Bodies are JSON objects; what is not known is refused. Ids are strings of digits, those of tenants \
and users UUIDs; amounts are whole numbers of minor units (cents) next to their currency; times \
are RFC 3339 in UTC. An answer is the record itself, a list `{\"items\", \"next_cursor\"}`: pass \
the cursor on as `cursor` for the next page. A refusal is \
`{\"error\": {\"code\", \"message\", \"field\", \"request_id\"}}`; codes never change their \
meaning. A record of another tenant is answered like one that does not exist.

A change under the same `Idempotency-Key` happens once. Secrets are shown once and kept by nobody, \
so operations that make one take no such key.";

/// Operations that are not repeated under a key: they make a secret, or reach beyond one tenant.
const NOT_REPEATED: &[&str] = &["/tenants"];

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

fn group(route: &Route) -> &'static str {
    match route.path.split('/').nth(1) {
        Some("tenants") => "Tenants",
        Some("cards") => "Cards",
        Some("accounts") => "Accounts",
        Some("products") => "Products",
        Some("work-orders") => "Work orders",
        _ => "Operations",
    }
}

fn errors() -> Vec<ErrorDoc> {
    let decided = Given::AtPaths(&["/work-orders/{work_order_id}/decision"]);
    operator_errors(
        is_keyed,
        &[],
        &[(Refusal::WorkOrderTransitionNotAllowed, decided)],
    )
}
