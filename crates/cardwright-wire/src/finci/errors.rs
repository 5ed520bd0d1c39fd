//! The one table of error codes: code, documents and schemas all read it.
//!
//! Append only. A code that a client may have learned keeps its text, its status and its meaning.

use crate::shape::{Fault, FaultKind};

/// Every reason this dialect can give, faults of single fields apart ([`FIELD_TABLE`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table beside says what each one means, once"
)]
pub enum Code {
    AuthenticationFailed,
    TimestampOutOfRange,
    RequestReplayed,
    IpNotAllowed,
    InvalidTarget,
    BodyNotAllowed,
    InvalidIdempotencyKey,
    MalformedJson,
    NotAnObject,
    DuplicateKey,
    NestingTooDeep,
    NotFound,
    MethodNotAllowed,
    ExternalIdConflict,
    IdempotencyConflict,
    EncryptionKeyRequired,
    BodyTooSlow,
    BodyTooLarge,
    UnsupportedMediaType,
    StatusTransition,
    StatusBlocked,
    CardEnded,
    CardNotExpiring,
    StageTransition,
    StageNotSupported,
    AccountMissing,
    AccountAmbiguous,
    AccountOfAnother,
    AccountNotActive,
    CurrencyMismatch,
    InsufficientFunds,
    HolderNotEligible,
    PersonNotChangeable,
    CardLimitReached,
    ProductNotAvailable,
    ExpirationNotInFuture,
    ExpirationTooFar,
    EncryptedPinAlgorithm,
    EncryptedPinUnreadable,
    EncryptedPinMalformed,
    MccListsExclusive,
    CountryListsExclusive,
    NotPossible,
    RateLimited,
    InternalError,
    /// Stays last: the table is checked against it.
    Unavailable,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The reason.
    pub code: Code,
    /// How it is written in `errors`.
    pub text: &'static str,
    /// The HTTP status it travels with.
    pub http: u16,
    /// What it means to the caller.
    pub meaning: &'static str,
}

/// All codes, in the order of [`Code`]; one line each, however long.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(Code::AuthenticationFailed, "authentication_failed", 401, "The token, the signature or one of the three headers is not right; which one is not said."),
    row(Code::TimestampOutOfRange, "timestamp_out_of_range", 401, "The timestamp is not whole Unix seconds, or too far from the server's time."),
    row(Code::RequestReplayed, "request_replayed", 401, "This signed request was received before; sign it anew to repeat it."),
    row(Code::IpNotAllowed, "ip_not_allowed", 403, "The request is right but comes from an address that is not on the credential's list."),
    row(Code::InvalidTarget, "invalid_target", 400, "The request target holds bytes that must be percent-encoded."),
    row(Code::BodyNotAllowed, "body_not_allowed", 400, "A GET request has no body."),
    row(Code::InvalidIdempotencyKey, "invalid_idempotency_key", 400, "The idempotency key is not 1 to 64 printable ASCII characters, once."),
    row(Code::MalformedJson, "malformed_json", 400, "The body is not one JSON value in UTF-8."),
    row(Code::NotAnObject, "not_an_object", 400, "The body is not a JSON object."),
    row(Code::DuplicateKey, "duplicate_key", 400, "An object in the body names the same key twice."),
    row(Code::NestingTooDeep, "nesting_too_deep", 400, "The body is nested more than 32 levels deep."),
    row(Code::NotFound, "not_found", 404, "There is no such record, or no such path."),
    row(Code::MethodNotAllowed, "method_not_allowed", 405, "The path exists, but not with this method."),
    row(Code::ExternalIdConflict, "external_id_conflict", 409, "The external id belongs to a record with other content."),
    row(Code::IdempotencyConflict, "idempotency_conflict", 409, "The idempotency key was used with another body."),
    row(Code::EncryptionKeyRequired, "encryption_key_required", 409, "Card data goes out encrypted only, and no public key of yours is registered."),
    row(Code::BodyTooSlow, "body_too_slow", 408, "The body did not arrive in time."),
    row(Code::BodyTooLarge, "body_too_large", 413, "The body is larger than 256 KiB."),
    row(Code::UnsupportedMediaType, "unsupported_media_type", 415, "The body must be application/json in UTF-8 without content encoding."),
    row(Code::StatusTransition, "token_status:transition_not_allowed", 422, "The card cannot go from its status to this one."),
    row(Code::StatusBlocked, "token_status:blocked_by_platform", 422, "The platform has blocked the card; only the platform can lift that."),
    row(Code::CardEnded, "token_status:card_ended", 422, "The card has ended."),
    row(Code::CardNotExpiring, "reason:not_expired", 422, "The card is not in its last month yet."),
    row(Code::StageTransition, "token_stage:transition_not_allowed", 422, "The card cannot go from its stage to this one."),
    row(Code::StageNotSupported, "token_stage:not_supported", 422, "The product does not come in this form."),
    row(Code::AccountMissing, "account_id:no_account", 422, "The owner has no account yet; create one first."),
    row(Code::AccountAmbiguous, "account_id:ambiguous", 422, "The owner has several accounts; name the one the card draws on."),
    row(Code::AccountOfAnother, "account_id:owner_mismatch", 422, "The account belongs to another owner than the card."),
    row(Code::AccountNotActive, "account_id:not_active", 422, "The account is not active."),
    row(Code::CurrencyMismatch, "account_id:currency_mismatch", 422, "The product is charged in another currency than the account's."),
    row(Code::InsufficientFunds, "account_id:insufficient_funds", 422, "The account has less than this costs."),
    row(Code::HolderNotEligible, "person_id:not_eligible", 422, "The holder has not passed the checks that the product asks for."),
    row(Code::PersonNotChangeable, "person_id:not_changeable", 422, "The person was recorded and checked through another API and is changed there."),
    row(Code::CardLimitReached, "product_id:card_limit_reached", 422, "The holder has as many open cards of this product as it allows."),
    row(Code::ProductNotAvailable, "product_id:not_available", 422, "There is no such product, or it cannot be issued here."),
    row(Code::ExpirationNotInFuture, "expiration_date:not_in_future", 422, "The month of expiry has begun or passed."),
    row(Code::ExpirationTooFar, "expiration_date:too_far", 422, "The month of expiry is more than twenty years ahead."),
    row(Code::EncryptedPinAlgorithm, "encrypted_pin:algorithm_not_allowed", 422, "The JWE's header must say RSA-OAEP-256 and A256GCM, and may say kid, typ and cty, nothing else."),
    row(Code::EncryptedPinUnreadable, "encrypted_pin:not_readable", 422, "The PIN was not encrypted to the key that get-encryption-key answers."),
    row(Code::EncryptedPinMalformed, "encrypted_pin:not_a_pin", 422, "What was encrypted is not a PIN: four to six digits and nothing else."),
    row(Code::MccListsExclusive, "blocked_mcc:excluded_by_allowed_mcc", 422, "Merchant categories are either allowed or blocked, and the card has the other list; clear that one."),
    row(Code::CountryListsExclusive, "blocked_countries:excluded_by_allowed_countries", 422, "Countries are either allowed or blocked, and the card has the other list; clear that one."),
    row(Code::NotPossible, "request:not_possible", 422, "The record does not allow this now."),
    row(Code::RateLimited, "rate_limited", 429, "Too many requests; Retry-After says when to come back."),
    row(Code::InternalError, "internal_error", 500, "The server failed; the request id finds the reason in its log."),
    row(Code::Unavailable, "unavailable", 503, "The server cannot take the request now; Retry-After says when to come back."),
];

/// One way a field can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRow {
    /// What follows the colon after the path of the field.
    pub suffix: &'static str,
    /// What it means to the caller.
    pub meaning: &'static str,
}

/// Faults of single fields, written `path:suffix`; all travel with 400.
pub const FIELD_TABLE: &[FieldRow] = &[
    FieldRow {
        suffix: "required",
        meaning: "The field is missing.",
    },
    FieldRow {
        suffix: "unknown",
        meaning: "There is no such field.",
    },
    FieldRow {
        suffix: "invalid",
        meaning: "The value has the wrong type or form.",
    },
    FieldRow {
        suffix: "not_allowed",
        meaning: "The value is none of those the field takes, or the field excludes another that was sent.",
    },
];

const fn row(code: Code, text: &'static str, http: u16, meaning: &'static str) -> Row {
    Row {
        code,
        text,
        http,
        meaning,
    }
}

const _: () = {
    assert!(
        TABLE.len() == Code::Unavailable as usize + 1,
        "a code is missing from the table"
    );
    let mut index = 0;
    while index < TABLE.len() {
        assert!(
            TABLE[index].code as usize == index,
            "the table is out of order"
        );
        index += 1;
    }
};

impl Code {
    /// Its line of the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

/// How a fault of one field is written.
pub fn fault_code(fault: &Fault) -> String {
    let suffix = match fault.kind {
        FaultKind::Required => "required",
        FaultKind::Unknown => "unknown",
        FaultKind::Invalid | FaultKind::InvalidAmount => "invalid",
        // No field of this dialect has a second name; were there one, a clash would read so.
        FaultKind::NotAllowed | FaultKind::Conflict => "not_allowed",
    };
    format!("{}:{suffix}", fault.field)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_written_differently_and_in_snake_case() {
        let texts: BTreeSet<&str> = TABLE.iter().map(|row| row.text).collect();
        assert_eq!(texts.len(), TABLE.len());
        let allowed = |c: char| c.is_ascii_lowercase() || c == '_' || c == ':';
        assert!(
            texts.iter().all(|text| text.chars().all(allowed)),
            "{texts:?}"
        );
    }

    #[test]
    fn only_refusals_of_state_name_a_field_and_every_meaning_is_a_sentence() {
        for row in TABLE {
            assert_eq!(row.text.contains(':'), row.http == 422, "{}", row.text);
            assert!(row.meaning.ends_with('.'), "{}", row.text);
        }
    }

    #[test]
    fn every_fault_is_written_with_a_documented_suffix() {
        use FaultKind::{Conflict, Invalid, InvalidAmount, NotAllowed, Required, Unknown};
        for kind in [
            Required,
            Unknown,
            Invalid,
            NotAllowed,
            Conflict,
            InvalidAmount,
        ] {
            let code = fault_code(&Fault::new("a.b", kind));
            let suffix = code.strip_prefix("a.b:").expect("the path comes first");
            assert!(FIELD_TABLE.iter().any(|row| row.suffix == suffix), "{code}");
        }
    }
}
