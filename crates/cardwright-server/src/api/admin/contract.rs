//! What holds for the whole operator surface, as its document tells it.

use cardwright_core::{Refusal, WebhookRefusal};
use cardwright_wire::native::errors::Code;

use super::deposits::DEPOSITS;
use crate::api::{
    native::contract::{
        IDEMPOTENCY_KEY, KEY_SCHEME, REFUSAL, TENANT, key_schemes, operator_errors,
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
        uuid("tenant_id", "Id of the tenant"),
        uuid("user_id", "Id of the user"),
        number("credential_id", "Id of the credential"),
        number("admin_key_id", "Id of the key"),
        number("product_id", "Id of the product"),
        number("holder_id", "Id of the holder"),
        number("card_id", "Id of the card"),
        number("account_id", "Id of the account"),
        number("work_order_id", "Id of the work order"),
        number("deposit_id", "Id of the deposit"),
        number("design_id", "Id of the card design"),
        uuid("file_id", "Id of the file, as its caller names it"),
        number("webhook_endpoint_id", "Id of the webhook endpoint"),
        Parameter {
            name: "event_id",
            about: "The event: its `event_id`, or the id of a message that a receiver knows (`evt_…`)",
            pattern: Some("^([1-9][0-9]{0,15}|evt_[0-9]{1,16}(_[0-9]{1,16})?)$"),
            example: "1734567890123",
            presence: Presence::Required,
        },
        number("webhook_delivery_id", "Id of the message"),
        Parameter {
            name: "authorization_id",
            about: "Number of the authorization, 18 digits, or its `tradeNo` of FinCard",
            pattern: Some("^[0-9]{1,18}$"),
            example: "251001435963146785",
            presence: Presence::Required,
        },
        Parameter {
            name: "coin_key",
            about: "Key of the coin",
            pattern: Some("^[A-Z0-9_]{1,40}$"),
            example: "USDT_TRC20",
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

const fn uuid(name: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        pattern: TENANT.pattern,
        example: TENANT.example,
        presence: Presence::Required,
    }
}

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
Operators run the platform through this API: tenants, their credentials and users, products, and \
the decisions that people make.

## Authentication

`Authorization: Bearer` and an operator's API key. A call acts on the tenant that the key belongs \
to, or on the one that `X-Tenant-ID` or the path names.

| Role | May |
|---|---|
| `auditor` | look at everything that belongs to a tenant |
| `support` | also decide about holders, block cards, issue activation codes, unlock users |
| `operator` | also everything else but tenants, credentials, users, keys and addresses of coins |
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

const CREDENTIALS: &str = "/tenants/{tenant_id}/credentials";
const ROTATE: &str = "/credentials/{credential_id}/rotate";
const ALLOWLIST: &str = "/credentials/{credential_id}/allowlist";
const CANONICAL_FORM: &str = "/credentials/{credential_id}/canonical-form";
const USERS: &str = "/tenants/{tenant_id}/users";
const PASSWORD: &str = "/users/{user_id}/password";
const ENDPOINTS: &str = "/webhook-endpoints";
const ENDPOINT: &str = "/webhook-endpoints/{webhook_endpoint_id}";
const ROTATE_WEBHOOK: &str = "/webhook-endpoints/{webhook_endpoint_id}/rotate";
const PING: &str = "/webhook-endpoints/{webhook_endpoint_id}/ping";
const ROTATE_WEBHOOK_KEY: &str = "/tenants/{tenant_id}/webhook-keys/rotate";
const PRODUCTS: &str = "/products";
const DECISION: &str = "/holders/{holder_id}/decision";
const BLOCK: &str = "/cards/{card_id}/block";
const ACTIVATION_CODE: &str = "/cards/{card_id}/activation-code";
const CREDIT: &str = "/accounts/{account_id}/credit";
const ACCEPT: &str = "/deposits/{deposit_id}/accept";
const DEBIT: &str = "/accounts/{account_id}/debit";
const FREEZE: &str = "/accounts/{account_id}/freeze";
const UNFREEZE: &str = "/accounts/{account_id}/unfreeze";
const COIN: &str = "/coins/{coin_key}";

/// Operations that are not repeated under a key: they make a secret, reach beyond one tenant, or wait
/// for something outside of their transactions.
const NOT_REPEATED: &[&str] = &[
    "/tenants",
    CREDENTIALS,
    ROTATE,
    USERS,
    PASSWORD,
    "/admin-keys",
    super::files::CONTENT,
    ENDPOINTS,
    ROTATE_WEBHOOK,
    PING,
    ROTATE_WEBHOOK_KEY,
];

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
    let words = route.path.split('/');
    let first = words.clone().nth(1).unwrap_or_default();
    // What belongs to a tenant is listed under its own name.
    match words
        .clone()
        .nth(3)
        .filter(|_| first == "tenants")
        .unwrap_or(first)
    {
        "credentials" => "Credentials",
        "users" => "Users",
        "admin-keys" => "Keys of operators",
        "products" => "Products",
        "holders" => "Holders",
        "cards" => "Cards",
        "accounts" => "Accounts",
        "audit" => "Audit log",
        "authorizations" => "Authorizations",
        "rates" => "Rates",
        "coins" => "Coins",
        "deposits" => "Deposits",
        "files" => "Files",
        "card-designs" => "Card designs",
        "work-orders" => "Work orders",
        "webhook-endpoints" | "webhook-keys" | "webhook-public-keys" => "Webhooks",
        "events" | "webhook-deliveries" => "Events and deliveries",
        _ => "Tenants",
    }
}

fn errors() -> Vec<ErrorDoc> {
    const MONEY: Given = Given::AtPaths(&[CREDIT, DEBIT]);
    operator_errors(
        is_keyed,
        &[(
            Code::RateLimited,
            Given::AtPaths(&[super::event_streams::STREAM]),
        )],
        &[
            (
                Refusal::WorkOrderTransitionNotAllowed,
                Given::AtPaths(&["/work-orders/{work_order_id}/decision"]),
            ),
            (
                Refusal::CardTransitionNotAllowed,
                Given::AtPaths(&[BLOCK, ACTIVATION_CODE]),
            ),
            (
                Refusal::StageNotSupported,
                Given::AtPaths(&[ACTIVATION_CODE]),
            ),
            (
                Refusal::HolderTransitionNotAllowed,
                Given::AtPaths(&[DECISION]),
            ),
            (Refusal::DuplicateEmail, Given::AtPaths(&[USERS])),
            (Refusal::DuplicateUsername, Given::AtPaths(&[USERS])),
            (Refusal::ProductConflict, Given::AtPaths(&[PRODUCTS])),
            (
                Refusal::CredentialRevoked,
                Given::AtPaths(&[ROTATE, ALLOWLIST, CANONICAL_FORM]),
            ),
            (
                Refusal::Webhook(WebhookRefusal::EndpointLimitReached),
                Given::AtPaths(&[ENDPOINTS]),
            ),
            (
                Refusal::Webhook(WebhookRefusal::DecidedElsewhere),
                Given::AtPaths(&[ENDPOINTS, ENDPOINT]),
            ),
            (
                Refusal::Webhook(WebhookRefusal::SecretLimitReached),
                Given::AtPaths(&[ROTATE_WEBHOOK]),
            ),
            (
                Refusal::ProductNotSuitable,
                Given::AtPaths(&[super::designs::DESIGNS]),
            ),
            (
                Refusal::DepositTransitionNotAllowed,
                Given::AtPaths(&[DEPOSITS, ACCEPT]),
            ),
            (Refusal::DepositConflict, Given::AtPaths(&[DEPOSITS])),
            (Refusal::CoinWithoutAddresses, Given::AtPaths(&[COIN])),
            (Refusal::AmountOutOfRange, Given::AtPaths(&[ACCEPT])),
            (Refusal::CurrencyMismatch, MONEY),
            (
                Refusal::AccountNotActive,
                Given::AtPaths(&[CREDIT, DEBIT, ACCEPT, FREEZE, UNFREEZE]),
            ),
            (Refusal::InsufficientFunds, Given::AtPaths(&[DEBIT])),
            (
                Refusal::BalanceOverflow,
                Given::AtPaths(&[CREDIT, DEBIT, ACCEPT, DEPOSITS]),
            ),
        ],
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::api::admin::SURFACE;

    #[test]
    fn an_error_is_given_only_at_paths_that_exist() {
        let known = |path: &&str| SURFACE.routes().any(|route| route.path == *path);
        for error in errors() {
            if let Given::AtPaths(paths) = error.given {
                assert!(paths.iter().all(known), "{}: {paths:?}", error.text);
            }
        }
        assert!(NOT_REPEATED.iter().all(known));
    }

    #[test]
    fn whatever_answers_a_secret_takes_no_key_for_a_repeat() {
        for route in SURFACE.routes() {
            let mut schemas = Vec::new();
            let answer = (route.answer.schema)(&mut schemas);
            let answer = serde_json::to_value(answer).expect("a schema");
            let shows = |name: &str| {
                let own = |schema: &Value| schema["properties"][name].is_object();
                let parts = answer["allOf"].as_array().into_iter().flatten();
                own(&answer) || parts.into_iter().any(own)
            };
            if ["secret", "password", "key"].into_iter().any(shows) {
                assert!(!is_keyed(route), "{} {}", route.method, route.path);
            }
        }
    }
}
