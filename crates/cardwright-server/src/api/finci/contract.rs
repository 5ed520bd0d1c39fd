//! What holds for the whole FINCI Card API, as its document tells it.
//!
//! Law: every code of the table has its place in [`given`], and every field fault its example, so
//! that a new one cannot be left out of the document.

use cardwright_wire::finci::{
    envelope::{Failure, Success},
    errors::{Code, FIELD_TABLE, TABLE},
    signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER},
};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{Array, Object, Schema, Type},
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use super::events;
use crate::api::route::{
    BodyDoc, Contract, Effect, ErrorDoc, Given, Note, Parameter, Presence, Route, Schemas,
    answer_schema, named, with_member,
};

/// The contract of the surface.
pub(super) const CONTRACT: Contract = Contract {
    about: ABOUT,
    schemes,
    security: |_| &[TOKEN_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER],
    headers,
    path_parameters: &[
        Parameter {
            name: "token_id",
            about: "Id of the card",
            pattern: Some("^[0-9]{16}$"),
            example: "0000000000000042",
            presence: Presence::Required,
        },
        number("person_id", "Id of the person", "10011000000000000001"),
        number(
            "corporate_id",
            "Id of the corporate",
            "10011100000000000001",
        ),
        Parameter {
            name: "employee_id",
            about: "Id of the employee",
            pattern: Some("^[0-9]{16}$"),
            example: "0000000000000042",
            presence: Presence::Required,
        },
        Parameter {
            name: "authorization_id",
            about: "Id of the authorization",
            pattern: Some("^[0-9]{18}$"),
            example: "251001435963146785",
            presence: Presence::Required,
        },
        Parameter {
            name: "transaction_id",
            about: "Id of the transaction",
            pattern: Some("^[0-9]{16}$"),
            example: "0000000000000099",
            presence: Presence::Required,
        },
        Parameter {
            name: "account_id",
            about: "Id of the account",
            pattern: Some("^[0-9]{16}$"),
            example: "0000000000000017",
            presence: Presence::Required,
        },
    ],
    base: "",
    group,
    refusal: BodyDoc {
        name: "Error",
        schema: answer_schema::<Failure>,
    },
    errors,
    note: |_| Note::default(),
    events: events::EVENTS,
};

/// A published number of twenty digits in a path.
const fn number(name: &'static str, about: &'static str, example: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        pattern: Some("^[0-9]{20}$"),
        example,
        presence: Presence::Required,
    }
}

const ABOUT: &str = "\
Backend systems issue and manage cards through this API; a browser or a phone never calls it.

## Authentication

Every request is signed and carries three headers, each exactly once:

| Header | Value |
|---|---|
| `X-Auth-Token` | the token of your credential |
| `X-Auth-Timestamp` | the time of signing: Unix time in whole seconds |
| `X-Auth-Signature` | the HMAC-SHA256, in hex, of the canonical string under your secret |

Unless your credential is set to another form, the canonical string is timestamp, method, request \
target and body, joined without anything between them:

```
1767225600POST/v1/get-cards{\"person_id\":\"10011000000000000001\"}
```

The target is the path as it stands on the request line, query string included. The body is its \
exact bytes, and nothing where there is no body. The timestamp may be 300 seconds away from the \
server's time. The request must come from an address on the credential's list. \
`cardwright sign` computes the headers of any request and shows every part.

## Repeating a request

A signed request that changes something is accepted once. To repeat it, sign it anew: with the \
same `Idempotency-Key` or the same `external_id` and the same content it answers what the first \
one did, and does nothing. Reads, those by `POST` too, can be repeated as they are.

## Lists

A list answers `items`, the oldest first, `total`, and `next_cursor`, by which the same filter goes \
on; null means that this was the end. Records that come meanwhile stand at the end. A page has 50 \
records unless `limit` asks for others; `get-cards` without a limit answers all cards.

## Secrets

Card numbers, verification values and PINs travel only as JWE in compact form, with `RSA-OAEP-256` \
and `A256GCM`. `get-card-details` encrypts to the public key that your operator registered for you; \
`set-card-pin` takes what is encrypted to the key of `get-encryption-key`.

## Answers

Every answer is `{\"status\", \"errors\", …}`: `status` is `success` or `error`, and `errors` \
lists codes that never change their meaning. Ids are strings, amounts decimal strings, times \
RFC 3339 in UTC. A record of somebody else is answered like one that does not exist. \
`X-Request-Id` names the request in the server's log.";

/// Documents the envelope around the fields of an answer.
pub(super) fn answer<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    named::<T>(schemas);
    Success::<T>::schemas(schemas);
    let mut errors = Array::new(Object::with_type(Type::String));
    errors.description = Some("Always empty.".to_owned());
    errors.max_items = Some(0);
    errors.examples = vec![Value::Array(Vec::new())];
    with_member(Success::<T>::schema(), "errors", errors)
}

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
            "The HMAC-SHA256 of timestamp, method, target and body under the secret, in hex. It \
             holds for one request only.",
        ),
    ]
}

const IDEMPOTENCY_KEY: Parameter = Parameter {
    name: "Idempotency-Key",
    about: "A name of your own for this change, kept for 24 hours: a repeat of the same body to \
            the same path under the same key answers what the first one did.",
    pattern: Some("^[ -~]{1,64}$"),
    example: "order-2031-0042",
    presence: Presence::Optional,
};

fn headers(route: &Route) -> &'static [Parameter] {
    match route.effect {
        Effect::Reads => &[],
        Effect::Changes => &[IDEMPOTENCY_KEY],
    }
}

fn group(route: &Route) -> &'static str {
    let names = |word: &str| {
        route
            .path
            .split(['/', '-'])
            .any(|part| part.starts_with(word))
    };
    if names("person") {
        "Persons"
    } else if names("corporate") {
        "Corporates"
    } else if names("employee") {
        "Employees"
    } else if names("authorization") || names("transaction") || names("ledger") {
        "Payments"
    } else if names("account") {
        "Accounts"
    } else {
        "Cards"
    }
}

fn errors() -> Vec<ErrorDoc> {
    let of_requests = TABLE.iter().map(|row| ErrorDoc {
        text: row.text.to_owned(),
        http: row.http,
        meaning: row.meaning,
        given: given(row.code),
        example: written(&row.code.into()),
    });
    let of_fields = FIELD_TABLE.iter().map(|row| {
        let mut example = written(&Code::MalformedJson.into());
        example["errors"] = [format!("address.country:{}", row.suffix)]
            .as_slice()
            .into();
        ErrorDoc {
            text: format!("field:{}", row.suffix),
            http: 400,
            meaning: row.meaning,
            given: Given::WITH_BODY,
            example,
        }
    });
    of_requests.chain(of_fields).collect()
}

fn written(failure: &Failure) -> Value {
    // A failure is two strings and a list of strings: it always serializes.
    serde_json::to_value(failure).unwrap_or_default()
}

const CREATE_PERSON: &str = "/create-person";
const UPDATE_PERSON: &str = "/update-person/{person_id}";
const CREATE_CORPORATE: &str = "/create-corporate";
const CREATE_EMPLOYEE: &str = "/create-employee";
const CREATE_ACCOUNT: &str = "/create-account";
const CREATE_CARD: &str = "/create-card";
const UPDATE_STATUS: &str = "/update-card-status/{token_id}";
const GET_DETAILS: &str = "/get-card-details/{token_id}";
const UPDATE_LIMITS: &str = "/update-card-limits/{token_id}";
const SET_PIN: &str = "/set-card-pin/{token_id}";
const REPLACE: &str = "/replace-card/{token_id}";
const UPDATE_STAGE: &str = "/update-card-stage/{token_id}";

/// The operations that name a record.
const NAMING_A_RECORD: &[&str] = &[
    CREATE_ACCOUNT,
    CREATE_CARD,
    "/get-cards",
    "/get-card/{token_id}",
    "/get-account/{account_id}",
    "/get-accounts",
    "/get-employees",
    UPDATE_PERSON,
    "/get-person/{person_id}",
    "/update-corporate/{corporate_id}",
    "/get-corporate/{corporate_id}",
    "/get-authorizations",
    "/get-authorization/{authorization_id}",
    "/get-transactions",
    "/get-transaction/{transaction_id}",
    "/get-ledger-transactions",
    CREATE_EMPLOYEE,
    "/update-employee/{employee_id}",
    "/get-employee/{employee_id}",
    UPDATE_STATUS,
    UPDATE_STAGE,
    UPDATE_LIMITS,
    "/get-card-limits/{token_id}",
    GET_DETAILS,
    SET_PIN,
    REPLACE,
];

/// Which operations give a code.
fn given(code: Code) -> Given {
    match code {
        Code::AuthenticationFailed
        | Code::TimestampOutOfRange
        | Code::IpNotAllowed
        | Code::InvalidTarget
        | Code::RateLimited
        | Code::InternalError
        | Code::Unavailable => Given::Everywhere,
        Code::MalformedJson
        | Code::NotAnObject
        | Code::DuplicateKey
        | Code::NestingTooDeep
        | Code::BodyTooSlow
        | Code::BodyTooLarge
        | Code::UnsupportedMediaType => Given::WITH_BODY,
        Code::BodyNotAllowed => Given::WITHOUT_BODY,
        Code::RequestReplayed | Code::InvalidIdempotencyKey | Code::IdempotencyConflict => {
            Given::IN_CHANGES
        }
        Code::NotFound => Given::AtPaths(NAMING_A_RECORD),
        Code::ExternalIdConflict => Given::AtPaths(&[
            CREATE_PERSON,
            CREATE_CORPORATE,
            CREATE_EMPLOYEE,
            CREATE_ACCOUNT,
            CREATE_CARD,
        ]),
        Code::PersonNotChangeable => Given::AtPaths(&[UPDATE_PERSON]),
        Code::StatusTransition | Code::StatusBlocked => Given::AtPaths(&[UPDATE_STATUS, REPLACE]),
        Code::EncryptionKeyRequired => Given::AtPaths(&[GET_DETAILS]),
        Code::CardEnded => Given::AtPaths(&[GET_DETAILS, SET_PIN, REPLACE]),
        Code::CardNotExpiring => Given::AtPaths(&[REPLACE]),
        Code::EncryptedPinAlgorithm
        | Code::EncryptedPinUnreadable
        | Code::EncryptedPinMalformed => Given::AtPaths(&[SET_PIN]),
        Code::StageTransition => Given::AtPaths(&[UPDATE_STAGE]),
        Code::StageNotSupported => Given::AtPaths(&[CREATE_CARD, UPDATE_STAGE]),
        Code::ProductNotAvailable => Given::AtPaths(&[CREATE_CARD, REPLACE, GET_DETAILS]),
        Code::AccountNotActive | Code::HolderNotEligible | Code::CardLimitReached => {
            Given::AtPaths(&[CREATE_CARD, REPLACE])
        }
        Code::MccListsExclusive | Code::CountryListsExclusive => Given::AtPaths(&[UPDATE_LIMITS]),
        Code::NotPossible => Given::AtPaths(&[CREATE_CARD, GET_DETAILS]),
        Code::AccountMissing
        | Code::AccountAmbiguous
        | Code::AccountOfAnother
        | Code::CurrencyMismatch
        | Code::InsufficientFunds
        | Code::ExpirationNotInFuture
        | Code::ExpirationTooFar => Given::AtPaths(&[CREATE_CARD]),
        // It answers a wrong method, which no operation has.
        Code::MethodNotAllowed => Given::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::finci::SURFACE;

    #[test]
    fn an_error_is_given_only_at_paths_that_exist() {
        for error in errors() {
            let Given::AtPaths(paths) = error.given else {
                continue;
            };
            for path in paths {
                let known = SURFACE.routes().any(|route| route.path == *path);
                assert!(known, "{}: {path}", error.text);
            }
        }
    }

    #[test]
    fn every_example_of_an_error_carries_its_code() {
        for error in errors() {
            let shown = error.example["errors"][0].as_str().expect("one code");
            let code = error.text.replace("field:", "address.country:");
            assert_eq!(shown, code);
            assert_eq!(error.example["status"], "error");
        }
    }

    #[test]
    fn the_canonical_string_that_is_shown_is_the_one_that_is_verified() {
        use cardwright_wire::finci::signature::{CanonicalForm, Parts, canonical_bytes};
        let parts = Parts {
            token: "a-token-of-some-kind",
            timestamp: "1767225600",
            method: "POST",
            target: "/v1/get-cards",
            body: br#"{"person_id":"10011000000000000001"}"#,
        };
        let canonical = canonical_bytes(&CanonicalForm::Default, &parts);
        let canonical = String::from_utf8(canonical).expect("text");
        assert!(
            ABOUT.contains(&format!("```\n{canonical}\n```")),
            "{canonical}"
        );
    }
}
