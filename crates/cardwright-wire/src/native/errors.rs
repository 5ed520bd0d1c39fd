//! How our own surfaces say no: `{"error": {"code", "message", "field", "request_id"}}`.
//!
//! The table has what is wrong with a request as such. What the domain refuses has the domain's
//! own code. Append only: a code that a client may have learned keeps its text and its status.

use serde::Serialize;
use utoipa::ToSchema;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct Failure {
    /// What is wrong.
    pub error: Fields,
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ErrorFields)]
pub struct Fields {
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people; it may change.
    pub message: String,
    /// The field that is wrong, or null.
    pub field: Option<String>,
    /// The request's name in the server's log.
    pub request_id: String,
}

/// Everything that can be wrong with a request as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table beside says what each one means, once"
)]
pub enum Code {
    Unauthorized,
    AuthenticationFailed,
    TimestampOutOfRange,
    Forbidden,
    IpNotAllowed,
    InvalidTarget,
    BodyNotAllowed,
    MalformedJson,
    NotAnObject,
    DuplicateKey,
    NestingTooDeep,
    FieldRequired,
    FieldUnknown,
    FieldInvalid,
    FieldNotAllowed,
    InvalidIdempotencyKey,
    IdempotencyKeyNotAllowed,
    ReferenceConflict,
    NotFound,
    MethodNotAllowed,
    BodyTooSlow,
    BodyTooLarge,
    UnsupportedMediaType,
    RateLimited,
    InternalError,
    /// Stays last: the table is checked against it.
    Unavailable,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The word on the wire.
    pub text: &'static str,
    /// The HTTP status it travels with.
    pub http: u16,
    /// What it means to the caller.
    pub meaning: &'static str,
}

/// All codes, in the order of [`Code`]; one line each, however long.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("unauthorized", 401, "There is no API key, or none that is active."),
    row("authentication_failed", 401, "The token, the signature or one of the three headers is not right; which one is not said."),
    row("timestamp_out_of_range", 401, "The timestamp is not whole Unix seconds, or too far from the server's time."),
    row("forbidden", 403, "The role of the API key does not allow this."),
    row("ip_not_allowed", 403, "The request is right but comes from an address that is not on the credential's list."),
    row("invalid_target", 400, "The request target holds bytes that must be percent-encoded."),
    row("body_not_allowed", 400, "A GET request has no body."),
    row("malformed_json", 400, "The body is not one JSON value in UTF-8."),
    row("not_an_object", 400, "The body is not a JSON object."),
    row("duplicate_key", 400, "An object in the body, or the query, names the same key twice."),
    row("nesting_too_deep", 400, "The body is nested more than 32 levels deep."),
    row("field_required", 400, "The field is missing."),
    row("field_unknown", 400, "There is no such field."),
    row("field_invalid", 400, "The value has the wrong type or form."),
    row("field_not_allowed", 400, "The value is none of those the field takes, or the field excludes another that was sent."),
    row("invalid_idempotency_key", 400, "The idempotency key is not 1 to 64 printable ASCII characters, once."),
    row("idempotency_key_not_allowed", 400, "The answer holds a secret that is not kept, so it cannot be given again."),
    row("reference_conflict", 409, "The reference stands for a message with other content; the field is one that differs."),
    row("not_found", 404, "There is no such record, or no such path."),
    row("method_not_allowed", 405, "The path exists, but not with this method."),
    row("body_too_slow", 408, "The body did not arrive in time."),
    row("body_too_large", 413, "The body is larger than 256 KiB."),
    row("unsupported_media_type", 415, "The body must be application/json in UTF-8 without content encoding."),
    row("rate_limited", 429, "Too many requests; Retry-After says when to come back."),
    row("internal_error", 500, "The server failed; the request id finds the reason in its log."),
    row("unavailable", 503, "The server cannot take the request now; Retry-After says when to come back."),
];

const fn row(text: &'static str, http: u16, meaning: &'static str) -> Row {
    Row {
        text,
        http,
        meaning,
    }
}

const _: () = assert!(
    TABLE.len() == Code::Unavailable as usize + 1,
    "a code is missing from the table"
);

impl Code {
    /// Its line of the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own_on_its_own_line() {
        let texts: BTreeSet<&str> = TABLE.iter().map(|row| row.text).collect();
        assert_eq!(texts.len(), TABLE.len());
        assert!(TABLE.iter().all(|row| row.meaning.ends_with('.')));
        for (code, text) in [
            (Code::Unauthorized, "unauthorized"),
            (Code::DuplicateKey, "duplicate_key"),
            (Code::FieldNotAllowed, "field_not_allowed"),
            (Code::NotFound, "not_found"),
            (Code::UnsupportedMediaType, "unsupported_media_type"),
            (Code::Unavailable, "unavailable"),
        ] {
            assert_eq!(code.row().text, text);
        }
    }
}
