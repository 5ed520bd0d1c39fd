//! How this dialect says yes and no.

use std::time::Duration;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use cardwright_core::{HolderRefusal, PaymentRefusal, Record, Refusal, SecretRefusal};
use cardwright_wire::fincard::{
    envelope::{Failure, Reply},
    errors::Code,
};
use serde::Serialize;

use crate::{api::json, error::Error, ops::once::Answer};

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

fn code_of(refusal: Refusal) -> Code {
    match refusal {
        Refusal::NotFound(record) => code_of_missing(record),
        Refusal::Holder(refusal) => code_of_holder(refusal),
        Refusal::Payment(refusal) => code_of_payment(refusal),
        Refusal::Secret(refusal) => code_of_secret(refusal),
        Refusal::OrderNumberConflict => Code::OrderNoConflict,
        Refusal::CardTransitionNotAllowed
        | Refusal::StageTransitionNotAllowed
        | Refusal::HolderTransitionNotAllowed
        | Refusal::OrderTransitionNotAllowed => Code::StateNotAllowed,
        Refusal::CardBlocked => Code::CardBlocked,
        Refusal::AccountNotOwned
        | Refusal::AccountMissing
        | Refusal::AccountAmbiguous
        | Refusal::AccountKindNotAllowed => Code::AccountTypeNotAllowed,
        Refusal::CardNumberInvalid => Code::CardNumberInvalid,
        Refusal::CardNumberInUse => Code::CardNumberInUse,
        Refusal::RetentionQuota => Code::RetentionQuota,
        Refusal::ControlNotSupported => Code::ControlNotSupported,
        Refusal::MerchantListsExclusive => Code::MccListsExclusive,
        Refusal::AccountNotActive => Code::AccountNotActive,
        Refusal::InsufficientFunds => Code::InsufficientBalance,
        Refusal::CurrencyMismatch => Code::CurrencyMismatch,
        Refusal::SameAccount => Code::SameAccount,
        Refusal::AmountZero | Refusal::AmountOutOfRange | Refusal::BalanceOverflow => {
            Code::AmountOutOfRange
        }
        Refusal::InitialDepositNotSupported => Code::InitialDepositNotSupported,
        Refusal::ProductNotSuitable | Refusal::StageNotSupported => Code::OperationNotSupported,
        Refusal::ProductOffline => Code::CardTypeOffline,
        Refusal::HolderRequired => Code::HolderRequired,
        Refusal::HolderNotApproved => Code::HolderNotApproved,
        Refusal::HolderModelMismatch => Code::HolderModelMismatch,
        Refusal::CardLimitReached | Refusal::FileLimitReached => Code::LimitReached,
        Refusal::DuplicateEmail => Code::DuplicateEmail,
        Refusal::CurrencyNotSupported => Code::CurrencyNotSupported,
        Refusal::CoinNotEnabled => Code::CoinNotEnabled,
        Refusal::TimeRangeTooLong => Code::TimeRangeTooLong,
        // No call of this dialect asks for what is refused like this.
        Refusal::ExternalIdConflict
        | Refusal::IdempotencyConflict
        | Refusal::ExpiryNotInFuture
        | Refusal::ExpiryTooFar
        | Refusal::DisputeTransitionNotAllowed
        | Refusal::WorkOrderTransitionNotAllowed
        | Refusal::DepositTransitionNotAllowed
        | Refusal::Sandbox(_)
        | Refusal::Webhook(_)
        | Refusal::DuplicateUsername
        | Refusal::CredentialRevoked
        | Refusal::ProductConflict
        | Refusal::ChallengeTransitionNotAllowed
        | Refusal::WalletTokenTransitionNotAllowed
        | Refusal::DepositConflict
        | Refusal::CountryListsExclusive
        | Refusal::HolderKeptElsewhere
        | Refusal::CardEnded
        | Refusal::CardNotExpiring => Code::InvalidField,
    }
}

fn code_of_holder(refusal: HolderRefusal) -> Code {
    match refusal {
        HolderRefusal::CountryNotSupported => Code::CountryNotSupported,
        HolderRefusal::AreaCodeNotSupported => Code::AreaCodeNotSupported,
        HolderRefusal::IdTypeNotAllowed => Code::IdTypeNotAllowed,
        HolderRefusal::KycVerificationRequired => Code::KycVerificationRequired,
        HolderRefusal::EmailUpdateNotSupported => Code::EmailUpdateNotSupported,
        HolderRefusal::FileTooLarge => Code::FileTooLarge,
        HolderRefusal::FileTypeNotSupported => Code::UnsupportedFileType,
        HolderRefusal::DuplicateIdNumber => Code::DuplicateIdNumber,
        HolderRefusal::RestrictedCountry => Code::RestrictedCountry,
    }
}

fn code_of_payment(refusal: PaymentRefusal) -> Code {
    match refusal {
        PaymentRefusal::AuthorizationNotOpen
        | PaymentRefusal::AuthorizationCleared
        | PaymentRefusal::TransactionNotRefundable => Code::StateNotAllowed,
        PaymentRefusal::ExceedsHold | PaymentRefusal::ExceedsOriginal => Code::AmountOutOfRange,
        // No call of this dialect asks for what is refused like this.
        PaymentRefusal::HoldEnded | PaymentRefusal::TransactionNotDisputable => Code::InvalidField,
    }
}

fn code_of_secret(refusal: SecretRefusal) -> Code {
    match refusal {
        SecretRefusal::PinTooWeak => Code::PinTooWeak,
        SecretRefusal::PinIncorrect => Code::PinIncorrect,
        SecretRefusal::ActivationCodeInvalid => Code::ActivationCodeInvalid,
        // Nothing comes encrypted in this dialect.
        SecretRefusal::EncryptionKeyRequired
        | SecretRefusal::EncryptionNotAllowed
        | SecretRefusal::SecretUnreadable
        | SecretRefusal::PinMalformed => Code::InvalidField,
    }
}

fn code_of_missing(record: Record) -> Code {
    match record {
        Record::Card => Code::CardNotFound,
        Record::Product => Code::CardTypeNotFound,
        Record::Account => Code::AccountNotFound,
        Record::Design => Code::DesignNotFound,
        Record::Holder | Record::Person | Record::Corporate | Record::Employee | Record::Tenant => {
            Code::HolderNotFound
        }
        Record::Region => Code::RegionNotFound,
        Record::City => Code::CityNotFound,
        Record::Occupation => Code::OccupationNotFound,
        Record::File => Code::FileNotFound,
        Record::Coin => Code::CoinNotFound,
        Record::Authorization | Record::Transaction => Code::TransactionNotFound,
        // No call of this dialect names one of these yet.
        Record::Dispute
        | Record::User
        | Record::Credential
        | Record::WorkOrder
        | Record::Deposit
        | Record::WalletToken
        | Record::Challenge
        | Record::CardDataKey
        | Record::WebhookEndpoint
        | Record::Event
        | Record::Delivery
        | Record::Snapshot => Code::InvalidField,
    }
}
