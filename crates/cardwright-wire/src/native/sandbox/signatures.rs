//! The debugger of signatures: a question about one request, and the log of those that failed.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, integer, text, verbatim};
use crate::native::{Count, RecordId};
use crate::shape::{Fields, Policy, Shape};

/// Longest header or target that is explained.
const LINE_CHARS_MAX: usize = 8 * 1024;
/// Longest body; the request that holds it has a limit of its own.
const BODY_CHARS_MAX: usize = 256 * 1024;

/// `POST signature/explain`: a request as its caller sent it, or is about to.
#[derive(Clone, PartialEq, Eq)]
pub struct ExplainSignature {
    /// What is sent as `X-Auth-Token`.
    pub token: String,
    /// The method, upper case.
    pub method: String,
    /// The target from its first slash, query included.
    pub target: String,
    /// What is sent as `X-Auth-Timestamp`.
    pub timestamp: String,
    /// The body; empty where there is none.
    pub body: String,
    /// What the caller computed.
    pub signature: String,
}

impl Shape for ExplainSignature {
    const NAME: &'static str = "ExplainSignature";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let line = |about: &'static str| verbatim(LINE_CHARS_MAX).about(about);
        let token = fields.required(
            "token",
            line("What is sent as `X-Auth-Token`").example("demo-token-0123456789"),
        );
        let method = fields.required("method", text(1..=16).about("The method").example("POST"));
        let target = fields.required(
            "target",
            line("The target from its first slash, query included").example("/v1/get-cards"),
        );
        let timestamp = fields.required(
            "timestamp",
            line("What is sent as `X-Auth-Timestamp`").example("1767225600"),
        );
        let body = fields.required(
            "body",
            verbatim(BODY_CHARS_MAX)
                .about("The body exactly as it is sent; empty where there is none")
                .example("{\"person_id\":\"10011000000000000001\"}"),
        );
        let signature = fields.required(
            "signature",
            line("What the caller computed").example("9f86d081884c7d65"),
        );
        Some(ExplainSignature {
            token: token?,
            method: method?,
            target: target?,
            timestamp: timestamp?,
            body: body?,
            signature: signature?,
        })
    }
}

/// One canonical form, worked out for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkedForm {
    /// The form.
    pub name: String,
    /// What is signed in it.
    pub canonical: String,
    /// The digest of that, in hex.
    pub digest: String,
}

/// What was expected of a signature, and what explains the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignatureExplanation {
    /// The form in which the signature is right; null where it is in none.
    pub matched_form: Option<String>,
    /// The digest in the form that the credential is set to, in hex.
    pub expected: String,
    /// The form that the credential is set to, then the named ones.
    pub forms: Vec<WorkedForm>,
    /// The fewest mistakes that explain the signature; none where it matches, or nothing does.
    #[schema(
        example = json!(["query_dropped"]),
    )]
    pub mistakes: Vec<&'static str>,
}

/// How many entries a page of the log has where the caller does not say.
const ENTRIES_DEFAULT: i64 = 50;
/// How many it can have: all that are kept.
const ENTRIES_MAX: i64 = 1_000;

/// `GET request-log`: the newest entries, or those behind one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListFailures {
    /// How many at most.
    pub limit: i64,
    /// The number of the last entry that is known already.
    pub after: Option<i64>,
}

impl Shape for ListFailures {
    const NAME: &'static str = "ListFailures";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let limit = fields.optional(
            "limit",
            Count::of(integer(1..=ENTRIES_MAX))
                .about("How many entries at most; 50 where it is left out")
                .example(20),
        );
        let after = fields.optional(
            "after",
            Count::of(integer(0..=i64::MAX))
                .about("Only entries with a higher number; the newest ones where it is left out")
                .example(17),
        );
        Some(ListFailures {
            limit: limit?.unwrap_or(ENTRIES_DEFAULT),
            after: after?,
        })
    }
}

/// A signed request that was refused for its form, its signature, its time or its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedRequest {
    /// Counts the entries since the server's start.
    pub number: RecordId,
    /// When it came.
    pub at: Rfc3339,
    /// Its id, as the caller was told.
    pub request_id: String,
    /// Whence it came.
    pub address: String,
    /// Which credentials it should have: `finci` or `network`.
    pub kind: &'static str,
    /// What its caller was told.
    pub answer: &'static str,
    /// What was the matter.
    pub detail: String,
    /// Its method.
    pub method: String,
    /// Its target, numbers of cards hidden.
    pub target: String,
    /// What was sent as `X-Auth-Token`; of what is nobody's token, the beginning.
    pub token: String,
    /// What was sent as `X-Auth-Timestamp`.
    pub timestamp: String,
    /// What was sent as `X-Auth-Signature`.
    pub signature: String,
    /// The first 4 KiB of its body, numbers of cards hidden.
    pub body: String,
    /// How long the body was, as far as it was read.
    pub body_bytes: u64,
    /// The form in which the signature is right; null where it is in none.
    pub matched_form: Option<String>,
    /// The digest that was expected, in hex; null where nobody has the token.
    pub expected: Option<String>,
    /// The fewest mistakes that explain the signature.
    pub mistakes: Vec<&'static str>,
    /// The form that the credential is set to, then the named ones; none where nobody has the token.
    /// What is signed is shown with what is shown of target and body; the digest is that of the
    /// request as it was sent.
    pub forms: Vec<WorkedForm>,
}

/// Entries of the log, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedRequests {
    /// The entries.
    pub items: Vec<FailedRequest>,
}
