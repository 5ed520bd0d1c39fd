//! How this dialect says yes and no.

use std::time::Duration;

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use cardwright_core::{Record, Refusal, SecretRefusal};
use cardwright_wire::{
    finci::{
        envelope::{Failure, Success},
        errors::Code,
    },
    shape::FaultKind,
};
use serde::Serialize;

use crate::{api::json, error::Error, ops::once::Answer};

/// The envelope of a request that was done.
pub(super) fn success<T: Serialize>(fields: T) -> Result<Answer, Error> {
    let body = json::written(&Success::of(fields))?;
    Ok((200, body))
}

/// The envelope of a request that was refused.
pub(super) fn refusal(failure: &Failure) -> Answer {
    // A failure is two strings and a list of strings: it always serializes.
    (
        failure.http(),
        serde_json::to_string(failure).unwrap_or_default(),
    )
}

/// A refusal as it goes out.
pub(super) fn failure(failure: &Failure) -> Response {
    json::response(refusal(failure))
}

/// The refusal of what came too often, with the seconds to wait.
pub(super) fn too_many(wait: Duration) -> Response {
    let mut response = failure(&Code::RateLimited.into());
    // A started second counts: whoever comes back sooner is refused again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let seconds = HeaderValue::from(seconds.max(1));
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// What a caller reads about an error; what it hides goes to the log.
pub(super) fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Refused(refusal) => failure_of_refusal(*refusal),
        Error::Invalid(field) | Error::Unfit(field, _) => Failure::field(field, FaultKind::Invalid),
        Error::Missing(field) => Failure::field(field, FaultKind::Required),
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

fn failure_of_refusal(refusal: Refusal) -> Failure {
    let code = match refusal {
        Refusal::NotFound(record) => code_of_missing(record),
        Refusal::Secret(refusal) => code_of_secret(refusal),
        Refusal::ProductNotSuitable | Refusal::ProductOffline => Code::ProductNotAvailable,
        Refusal::ExternalIdConflict => Code::ExternalIdConflict,
        Refusal::IdempotencyConflict => Code::IdempotencyConflict,
        Refusal::CardTransitionNotAllowed => Code::StatusTransition,
        Refusal::CardBlocked => Code::StatusBlocked,
        Refusal::StageTransitionNotAllowed => Code::StageTransition,
        Refusal::StageNotSupported => Code::StageNotSupported,
        Refusal::AccountNotOwned => Code::AccountOfAnother,
        Refusal::AccountMissing => Code::AccountMissing,
        Refusal::AccountAmbiguous => Code::AccountAmbiguous,
        Refusal::AccountNotActive => Code::AccountNotActive,
        Refusal::InsufficientFunds => Code::InsufficientFunds,
        Refusal::CurrencyMismatch => Code::CurrencyMismatch,
        Refusal::HolderRequired | Refusal::HolderNotApproved | Refusal::HolderModelMismatch => {
            Code::HolderNotEligible
        }
        Refusal::CardLimitReached => Code::CardLimitReached,
        Refusal::ExpiryNotInFuture => Code::ExpirationNotInFuture,
        Refusal::ExpiryTooFar => Code::ExpirationTooFar,
        Refusal::HolderKeptElsewhere => Code::PersonNotChangeable,
        Refusal::CardEnded => Code::CardEnded,
        Refusal::CardNotExpiring => Code::CardNotExpiring,
        Refusal::MerchantListsExclusive => Code::MccListsExclusive,
        Refusal::CountryListsExclusive => Code::CountryListsExclusive,
        // No operation of this dialect asks for these; a caller could do nothing about them.
        Refusal::OrderNumberConflict
        | Refusal::FileLimitReached
        | Refusal::Holder(_)
        | Refusal::Payment(_)
        | Refusal::Sandbox(_)
        | Refusal::Webhook(_)
        | Refusal::SameAccount
        | Refusal::BalanceOverflow
        | Refusal::AmountZero
        | Refusal::AmountOutOfRange
        | Refusal::InitialDepositNotSupported
        | Refusal::DuplicateEmail
        | Refusal::HolderTransitionNotAllowed
        | Refusal::OrderTransitionNotAllowed
        | Refusal::CurrencyNotSupported
        | Refusal::DisputeTransitionNotAllowed
        | Refusal::WorkOrderTransitionNotAllowed
        | Refusal::DepositTransitionNotAllowed
        | Refusal::CoinNotEnabled
        | Refusal::CoinWithoutAddresses
        | Refusal::CoinOfOtherCurrency
        | Refusal::AccountInOtherCurrency
        | Refusal::DuplicateUsername
        | Refusal::CredentialRevoked
        | Refusal::ProductConflict
        | Refusal::ChallengeTransitionNotAllowed
        | Refusal::WalletTokenTransitionNotAllowed
        | Refusal::DepositConflict
        | Refusal::TimeRangeTooLong
        | Refusal::AccountKindNotAllowed
        | Refusal::CardNumberInvalid
        | Refusal::CardNumberInUse
        | Refusal::RetentionQuota
        | Refusal::ControlNotSupported => Code::NotPossible,
    };
    code.into()
}

fn code_of_secret(refusal: SecretRefusal) -> Code {
    match refusal {
        SecretRefusal::EncryptionKeyRequired => Code::EncryptionKeyRequired,
        SecretRefusal::EncryptionNotAllowed => Code::EncryptedPinAlgorithm,
        SecretRefusal::SecretUnreadable => Code::EncryptedPinUnreadable,
        SecretRefusal::PinMalformed => Code::EncryptedPinMalformed,
        // No operation of this dialect asks for these.
        SecretRefusal::PinTooWeak
        | SecretRefusal::PinIncorrect
        | SecretRefusal::ActivationCodeInvalid => Code::NotPossible,
    }
}

/// A product that is not there is a field that is wrong; everything else is simply not there.
fn code_of_missing(record: Record) -> Code {
    match record {
        Record::Product => Code::ProductNotAvailable,
        Record::Tenant
        | Record::Holder
        | Record::Person
        | Record::Corporate
        | Record::Employee
        | Record::Account
        | Record::Card
        | Record::Authorization
        | Record::Transaction
        | Record::Dispute
        | Record::User
        | Record::Credential
        | Record::WorkOrder
        | Record::Coin
        | Record::Deposit
        | Record::WalletToken
        | Record::Challenge
        | Record::Snapshot
        | Record::Region
        | Record::City
        | Record::Occupation
        | Record::File
        | Record::Design
        | Record::CardDataKey
        | Record::WebhookEndpoint
        | Record::Event
        | Record::Delivery => Code::NotFound,
    }
}
