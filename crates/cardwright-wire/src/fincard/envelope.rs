//! The envelope around every answer: `success`, `code`, `msg`, `data`, always all four.

use serde::Serialize;
use utoipa::ToSchema;

use super::errors::Code;
use crate::json::JsonFault;
use crate::shape::{BodyFault, Fault, FaultKind};

/// An answer to a call that was done.
///
/// ```
/// use cardwright_wire::fincard::envelope::Reply;
///
/// let reply = serde_json::to_string(&Reply::of(["a"])).unwrap();
/// assert_eq!(reply, r#"{"success":true,"code":200,"msg":"Success","data":["a"]}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reply<T> {
    /// Always true.
    success: bool,
    /// Always 200.
    #[schema(minimum = 200, maximum = 200)]
    code: i32,
    /// Always `Success`.
    msg: &'static str,
    /// What was asked for.
    data: T,
}

impl<T> Reply<T> {
    /// Wraps what was asked for.
    pub fn of(data: T) -> Reply<T> {
        Reply {
            success: true,
            code: 200,
            msg: "Success",
            data,
        }
    }
}

/// An answer to a call that was refused, and the HTTP status it travels with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub struct Failure {
    /// Always false.
    success: bool,
    /// -1 for a business error, otherwise 401, 404 or 500.
    code: i32,
    /// Why, in words; may change.
    msg: String,
    /// Always null.
    #[schema(value_type = Option<String>)]
    data: (),
    /// Why, in one stable word.
    error_code: &'static str,
    #[serde(skip)]
    http: u16,
}

impl Failure {
    /// A refusal with words of its own, where the table's say too little.
    pub fn saying(code: Code, msg: impl Into<String>) -> Failure {
        let row = code.row();
        Failure {
            success: false,
            code: row.number,
            msg: msg.into(),
            data: (),
            error_code: row.text,
            http: row.http,
        }
    }

    /// A refusal that names a field, for a reason only the server can see: excess decimals, an
    /// order number used before.
    pub fn field(code: Code, field: &str) -> Failure {
        let words = code.row().meaning.trim_end_matches('.');
        Failure::saying(code, format!("{words}: {field}"))
    }

    /// The HTTP status.
    pub fn http(&self) -> u16 {
        self.http
    }

    /// The stable word.
    pub fn error_code(&self) -> &'static str {
        self.error_code
    }

    /// Why, in words.
    pub fn msg(&self) -> &str {
        &self.msg
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Failure {
        Failure::saying(code, code.row().meaning)
    }
}

/// The first fault decides the error; all faults that would give the same error are named.
impl From<BodyFault> for Failure {
    fn from(fault: BodyFault) -> Failure {
        let faults = match fault {
            BodyFault::Json(fault) => {
                return Failure::saying(Code::MalformedJson, json_msg(&fault));
            }
            BodyFault::Fields(faults) => faults,
        };
        let Some(first) = faults.first().map(code_of) else {
            return Code::InvalidField.into();
        };
        let alike = faults.iter().filter(|fault| code_of(fault) == first);
        let names: Vec<&str> = alike.map(|fault| fault.field.as_str()).collect();
        Failure::field(first, &names.join(", "))
    }
}

fn json_msg(fault: &JsonFault) -> &'static str {
    match fault {
        JsonFault::NotJson => "The body is not valid JSON.",
        JsonFault::NotObject => "The body is not a JSON object.",
        JsonFault::DuplicateKey(_) => "An object in the body names the same key twice.",
        JsonFault::TooDeep => "The body is nested more than 32 levels deep.",
    }
}

fn code_of(fault: &Fault) -> Code {
    match fault.kind {
        FaultKind::Required => Code::MissingField,
        FaultKind::Conflict => Code::AliasConflict,
        FaultKind::InvalidAmount => Code::AmountInvalid,
        FaultKind::Invalid | FaultKind::NotAllowed | FaultKind::Unknown => Code::InvalidField,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(failure: &Failure) -> String {
        serde_json::to_string(failure).expect("plain")
    }

    #[test]
    fn a_business_error_travels_with_200_and_minus_one() {
        let failure = Failure::from(Code::CardNotFound);
        let expected = r#"{"success":false,"code":-1,"msg":"There is no such card.","data":null,"errorCode":"card_not_found"}"#;
        assert_eq!(written(&failure), expected);
        assert_eq!(failure.http(), 200);
    }

    #[test]
    fn a_dead_session_and_wrong_credentials_have_their_own_words() {
        let session = r#"{"success":false,"code":401,"msg":"The session is not valid.","data":null,"errorCode":"unauthorized"}"#;
        assert_eq!(written(&Code::Unauthorized.into()), session);
        let login = r#"{"success":false,"code":401,"msg":"Invalid credentials","data":null,"errorCode":"invalid_credentials"}"#;
        assert_eq!(written(&Code::InvalidCredentials.into()), login);
    }

    #[test]
    fn the_first_fault_decides_and_its_like_are_named() {
        let failure = Failure::from(BodyFault::Fields(vec![
            Fault::new("firstName", FaultKind::Required),
            Fault::new("email", FaultKind::Invalid),
            Fault::new("birthday", FaultKind::Required),
        ]));
        assert_eq!(failure.error_code(), "missing_field");
        assert_eq!(
            failure.msg(),
            "A required field is missing: firstName, birthday"
        );
        let one = |kind| Failure::from(BodyFault::Fields(vec![Fault::new("x", kind)])).error_code();
        assert_eq!(one(FaultKind::Conflict), "alias_conflict");
        assert_eq!(one(FaultKind::InvalidAmount), "amount_invalid");
        assert_eq!(one(FaultKind::NotAllowed), "invalid_field");
    }

    #[test]
    fn a_body_that_is_no_object_is_malformed() {
        let failure = Failure::from(BodyFault::Json(JsonFault::DuplicateKey("k".to_owned())));
        assert_eq!(
            (failure.http(), failure.error_code()),
            (400, "malformed_json")
        );
        assert_eq!(
            failure.msg(),
            "An object in the body names the same key twice."
        );
    }
}
