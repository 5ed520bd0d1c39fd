//! What holds for the whole network surface, as its document tells it.

use cardwright_wire::{
    finci::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER},
    native::errors::Code,
};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use crate::api::{
    native::{
        contract::{REFUSAL, TENANT, errors as native_errors},
        messages::refusals,
    },
    route::{Contract, ErrorDoc, Given, Note, Parameter},
};

/// The contract of the surface.
pub(super) const CONTRACT: Contract = Contract {
    about: ABOUT,
    schemes,
    security: |_| &[TOKEN_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER],
    headers: |_| &[OWN_TENANT],
    path_parameters: &[],
    base: "",
    group: |_| "Messages",
    refusal: REFUSAL,
    errors,
    note: |_| Note::default(),
    events: &[],
};

const ABOUT: &str = "\
The card network, or the processor that stands for it, sends its messages here.

## Authentication

Requests are signed like those of the FINCI Card API, with three headers and the same canonical \
string, by a credential of kind `network`. The timestamp may be 300 seconds away from the server's \
time, and the address must be on the credential's list.

## Repeating a message

Every message has a `reference` of the network's own, unique per tenant. A repeat with equal \
content, signed anew or not, is answered what the first one was.

## Requests and answers

Bodies are JSON objects; what is not known is refused. Ids are strings of digits, amounts whole \
numbers of minor units (cents) next to their currency, times RFC 3339 in UTC. A refusal is \
`{\"error\": {\"code\", \"message\", \"field\", \"request_id\"}}`; codes never change their \
meaning.";

/// Names the tenant that the credential belongs to.
const OWN_TENANT: Parameter = Parameter {
    about: "The tenant that the credential belongs to; it may be left out.",
    ..TENANT
};

fn schemes() -> Vec<(&'static str, SecurityScheme)> {
    let header = |name, about: &str| {
        let value = ApiKeyValue::with_description(name, about);
        (name, SecurityScheme::ApiKey(ApiKey::Header(value)))
    };
    vec![
        header(TOKEN_HEADER, "The token of the credential."),
        header(
            TIMESTAMP_HEADER,
            "The time of signing: Unix time in whole seconds.",
        ),
        header(
            SIGNATURE_HEADER,
            "The HMAC-SHA256 of timestamp, method, target and body under the secret, in hex.",
        ),
    ]
}

fn errors() -> Vec<ErrorDoc> {
    native_errors(
        &[
            (Code::AuthenticationFailed, Given::Everywhere),
            (Code::TimestampOutOfRange, Given::Everywhere),
            (Code::IpNotAllowed, Given::Everywhere),
            (Code::InvalidTarget, Given::Everywhere),
            (Code::RateLimited, Given::Everywhere),
            (Code::ReferenceConflict, Given::IN_CHANGES),
        ],
        &refusals(),
    )
}
