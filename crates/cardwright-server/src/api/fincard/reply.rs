//! How this dialect says yes and no.

use std::time::Duration;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use cardwright_core::Refusal;
use cardwright_wire::fincard::{
    envelope::{Failure, Reply},
    errors::Code,
};
use serde::Serialize;

use crate::{
    api::json, error::Error, ops::once::Answer, throttle::RetryAfter,
    webhooks::payloads::fincard::refusals::code_of,
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

/// A refusal that is ready to go out.
pub(super) enum Refused {
    /// For this reason.
    For(Failure),
    /// Because its caller has none left for now.
    TooMany(RetryAfter),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Refused::For(reason) => failure(&reason),
            Refused::TooMany(RetryAfter { seconds }) => {
                too_many(Duration::from_secs(seconds.into()))
            }
        }
    }
}

impl<T: Into<Failure>> From<T> for Refused {
    fn from(failure: T) -> Refused {
        Refused::For(failure.into())
    }
}

/// What a caller reads about an error; what it hides goes to the log.
pub(super) fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Refused(Refusal::CoinOfOtherCurrency) => Failure::saying(
            Code::CoinNotEnabled,
            "The coin is not turned into money of the account's currency.",
        ),
        Error::Refused(Refusal::AccountInOtherCurrency) => Failure::saying(
            Code::CurrencyMismatch,
            "The currency is not that of the accounts.",
        ),
        Error::Refused(refusal) => code_of(*refusal).into(),
        Error::Invalid(field @ ("amount" | "noPinPaymentAmount" | "spendingControls.amount")) => {
            Failure::field(Code::AmountInvalid, field)
        }
        Error::Invalid(field) => Failure::field(Code::InvalidField, field),
        Error::Unfit(field, why) => Failure::saying(
            Code::InvalidField,
            format!("A field cannot be taken: {field}: {why}"),
        ),
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
