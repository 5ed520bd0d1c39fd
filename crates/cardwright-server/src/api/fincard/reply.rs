//! How this dialect says yes and no.

use std::time::Duration;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use cardwright_wire::fincard::{
    envelope::{Failure, Reply},
    errors::Code,
};
use serde::Serialize;

use crate::{
    api::json, error::Error, ops::once::Answer, webhooks::payloads::fincard::refusals::code_of,
};

/// The envelope of a call that was done.
pub(super) fn success<T: Serialize>(data: T) -> Result<Answer, Error> {
    Ok((200, json::written(&Reply::of(data))?))
}

/// The envelope of a call that was refused.
pub(super) fn refusal(failure: &Failure) -> Answer {
    // A failure is a few strings and numbers: it always serializes.
    (
        failure.http(),
        serde_json::to_string(failure).unwrap_or_default(),
    )
}

/// A refusal as it goes out.
pub(super) fn failure(failure: &Failure) -> Response {
    json::response(refusal(failure))
}

/// An answer or the refusal in its place, as it goes out.
pub(super) fn respond(answer: Result<Answer, Error>) -> Response {
    json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
}

/// The refusal of what came too often, with the seconds to wait.
pub(super) fn too_many(wait: Duration) -> Response {
    let mut response = failure(&Code::RateLimited.into());
    // A started second counts: whoever comes back sooner is refused again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    headers.insert("x-requests-remaining", HeaderValue::from(0));
    response
}

/// An answer that nobody on the way may keep.
pub(super) fn kept_by_nobody(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// A refusal that is ready to go out.
pub(super) struct Refused(pub(super) Failure);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        failure(&self.0)
    }
}

impl<T: Into<Failure>> From<T> for Refused {
    fn from(failure: T) -> Refused {
        Refused(failure.into())
    }
}

/// What a caller reads about an error; what it hides goes to the log.
pub(super) fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Refused(refusal) => code_of(*refusal).into(),
        Error::Invalid(field @ ("amount" | "noPinPaymentAmount" | "spendingControls.amount")) => {
            Failure::field(Code::AmountInvalid, field)
        }
        Error::Invalid(field) | Error::Unfit(field, _) => Failure::field(Code::InvalidField, field),
        Error::Missing(field) => Failure::field(Code::MissingField, field),
        Error::Busy => Code::Unavailable.into(),
        Error::Storage(storage) if storage.is_temporary() => {
            tracing::error!(error = error.log_text(), "the store cannot take requests");
            Code::Unavailable.into()
        }
        // Messages of the network do not come this way.
        Error::ReferenceTaken(_) | Error::Storage(_) | Error::Corrupt(_) => {
            tracing::error!(error = error.log_text(), "a request failed");
            Code::InternalError.into()
        }
    }
}
