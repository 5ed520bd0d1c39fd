//! How our own surfaces say yes and no.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cardwright_wire::{
    json::JsonFault,
    native::errors::{Code, Row},
    shape::{BodyFault, Fault, FaultKind},
};
use serde::Serialize;

use super::refusals;
use crate::{
    api::{front::NativeError, json},
    error::{Error, Result},
    ops::once::Answer,
};

/// How long a caller should wait when the server has too much to do, in seconds.
const RETRY_AFTER_S: u32 = 1;

/// The answer to a request that was done.
pub(in crate::api) fn success<T: Serialize>(fields: T) -> Result<Answer> {
    Ok((200, json::written(&fields)?))
}

/// An answer as it goes out. Some hold secrets: none is kept on the way.
pub(in crate::api) fn respond(outcome: Result<Answer>) -> Response {
    match outcome {
        Ok(answer) => {
            let mut response = json::response(answer);
            let no_store = HeaderValue::from_static("no-store");
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, no_store);
            response
        }
        Err(error) => of_error(&error).into_response(),
    }
}

/// A refusal of the request as such.
pub(in crate::api) fn of_code(code: Code) -> NativeError {
    of_row(*code.row())
}

fn of_row(row: Row) -> NativeError {
    let status = StatusCode::from_u16(row.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = NativeError::new(status, row.text, row.meaning);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        error.with_retry_after_s(RETRY_AFTER_S)
    } else {
        error
    }
}

/// A body, or a query, that is not what the operation takes.
pub(in crate::api) fn of_body(fault: &BodyFault) -> NativeError {
    let code = match fault {
        BodyFault::Json(JsonFault::NotJson) => Code::MalformedJson,
        BodyFault::Json(JsonFault::NotObject) => Code::NotAnObject,
        BodyFault::Json(JsonFault::DuplicateKey(_)) => Code::DuplicateKey,
        BodyFault::Json(JsonFault::TooDeep) => Code::NestingTooDeep,
        BodyFault::Fields(faults) => return of_fields(faults),
    };
    of_code(code)
}

/// The first fault is the one that is told.
fn of_fields(faults: &[Fault]) -> NativeError {
    let Some(fault) = faults.first() else {
        return of_code(Code::MalformedJson);
    };
    let code = match fault.kind {
        FaultKind::Required => Code::FieldRequired,
        FaultKind::Unknown => Code::FieldUnknown,
        FaultKind::Invalid | FaultKind::InvalidAmount => Code::FieldInvalid,
        FaultKind::NotAllowed | FaultKind::Conflict => Code::FieldNotAllowed,
    };
    of_code(code).with_field(fault.field.clone())
}

/// What a caller reads about an error; what it hides goes to the log.
pub(in crate::api) fn of_error(error: &Error) -> NativeError {
    match error {
        Error::Refused(refusal) => of_row(refusals::row(*refusal)),
        Error::Invalid(field) => of_code(Code::FieldInvalid).with_field(*field),
        Error::Unfit(field, why) => {
            let message = format!("The value cannot be taken: {why}.");
            of_code(Code::FieldInvalid)
                .with_field(*field)
                .with_message(message)
        }
        Error::Missing(field) => of_code(Code::FieldRequired).with_field(*field),
        Error::ReferenceTaken(field) => of_code(Code::ReferenceConflict).with_field(*field),
        Error::Busy => of_code(Code::Unavailable),
        Error::Storage(storage) if storage.is_temporary() => {
            tracing::error!(error = error.log_text(), "the store cannot take requests");
            of_code(Code::Unavailable)
        }
        Error::Storage(_) | Error::Corrupt(_) => {
            tracing::error!(error = error.log_text(), "a request failed");
            of_code(Code::InternalError)
        }
    }
}

/// The word of a refusal for the audit log; nothing for a failure of ours, which is none.
pub(in crate::api) fn refused_word(error: &Error) -> Option<String> {
    let word = match error {
        Error::Refused(refusal) => refusal.code().to_owned(),
        Error::Invalid(field) | Error::Unfit(field, _) => {
            format!("{}:{field}", Code::FieldInvalid.row().text)
        }
        Error::Missing(field) => format!("{}:{field}", Code::FieldRequired.row().text),
        Error::ReferenceTaken(field) => format!("{}:{field}", Code::ReferenceConflict.row().text),
        Error::Busy | Error::Storage(_) | Error::Corrupt(_) => return None,
    };
    Some(format!("refused:{word}"))
}
