//! The envelope around every answer: `status`, `errors`, then the fields of the answer.

use serde::Serialize;
use utoipa::ToSchema;

use super::errors::{Code, fault_code};
use crate::json::JsonFault;
use crate::shape::{BodyFault, Fault, FaultKind};

/// What happened to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was done.
    Success,
    /// It was refused; `errors` says why.
    Error,
}

/// An answer to a request that was done.
///
/// ```
/// use cardwright_wire::finci::envelope::Success;
/// use cardwright_wire::finci::persons::PersonId;
///
/// let answer = Success::of(PersonId { person_id: "10011000000000000001".to_owned() });
/// assert_eq!(
///     serde_json::to_string(&answer).unwrap(),
///     r#"{"status":"success","errors":[],"person_id":"10011000000000000001"}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Success<T> {
    /// Always `success`.
    status: Status,
    /// Always empty.
    errors: Vec<String>,
    #[serde(flatten)]
    fields: T,
}

impl<T> Success<T> {
    /// Wraps the fields of an answer.
    pub fn of(fields: T) -> Success<T> {
        Success {
            status: Status::Success,
            errors: Vec::new(),
            fields,
        }
    }
}

/// An answer to a request that was refused, and the HTTP status it travels with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct Failure {
    /// Always `error`.
    status: Status,
    /// Why, most important first; never empty.
    errors: Vec<String>,
    #[serde(skip)]
    http: u16,
}

impl Failure {
    /// The HTTP status.
    pub fn http(&self) -> u16 {
        self.http
    }

    /// The codes in the answer.
    pub fn codes(&self) -> &[String] {
        &self.errors
    }

    /// One field of the request is wrong, for a reason only the server can see: a country that
    /// does not exist, an account that must be named.
    pub fn field(path: &str, kind: FaultKind) -> Failure {
        Failure::from(BodyFault::Fields(vec![Fault::new(path, kind)]))
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Failure {
        let row = code.row();
        Failure {
            status: Status::Error,
            errors: vec![row.text.to_owned()],
            http: row.http,
        }
    }
}

impl From<BodyFault> for Failure {
    fn from(fault: BodyFault) -> Failure {
        match fault {
            BodyFault::Json(JsonFault::NotJson) => Code::MalformedJson.into(),
            BodyFault::Json(JsonFault::NotObject) => Code::NotAnObject.into(),
            BodyFault::Json(JsonFault::DuplicateKey(_)) => Code::DuplicateKey.into(),
            BodyFault::Json(JsonFault::TooDeep) => Code::NestingTooDeep.into(),
            BodyFault::Fields(faults) => {
                let errors = faults.iter().map(fault_code).collect();
                Failure {
                    status: Status::Error,
                    errors,
                    http: 400,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(failure: &Failure) -> String {
        serde_json::to_string(failure).expect("plain")
    }

    #[test]
    fn a_refusal_is_its_codes_in_the_envelope() {
        let failure = Failure::from(Code::AuthenticationFailed);
        assert_eq!(
            written(&failure),
            r#"{"status":"error","errors":["authentication_failed"]}"#
        );
        assert_eq!(failure.http(), 401);
    }

    #[test]
    fn faults_of_fields_keep_their_order_and_name_their_paths() {
        let failure = Failure::from(BodyFault::Fields(vec![
            Fault::new("address.line1", FaultKind::Required),
            Fault::new("token_status", FaultKind::NotAllowed),
            Fault::new("amount", FaultKind::InvalidAmount),
            Fault::new("q\"uote", FaultKind::Unknown),
        ]));
        let expected = r#"{"status":"error","errors":["address.line1:required","token_status:not_allowed","amount:invalid","q\"uote:unknown"]}"#;
        assert_eq!(written(&failure), expected);
        assert_eq!(failure.http(), 400);
    }

    #[test]
    fn what_is_not_the_expected_json_has_codes_of_its_own() {
        let code = |fault| Failure::from(BodyFault::Json(fault)).codes().join(",");
        assert_eq!(code(JsonFault::NotJson), "malformed_json");
        assert_eq!(code(JsonFault::NotObject), "not_an_object");
        assert_eq!(
            code(JsonFault::DuplicateKey("a".to_owned())),
            "duplicate_key"
        );
        assert_eq!(code(JsonFault::TooDeep), "nesting_too_deep");
    }

    #[test]
    fn a_field_refused_by_the_server_looks_like_one_refused_by_its_form() {
        let failure = Failure::field("address.country", FaultKind::Invalid);
        assert_eq!(
            written(&failure),
            r#"{"status":"error","errors":["address.country:invalid"]}"#
        );
    }
}
