//! What the domain refuses, in the codes of this dialect: for who is answered, and for what a failed
//! order says of itself.

use cardwright_core::{HolderRefusal, PaymentRefusal, Record, Refusal, SecretRefusal};
use cardwright_wire::fincard::errors::Code;

/// Why something was refused, as a sentence.
pub(crate) fn sentence(refusal: Refusal) -> &'static str {
    code_of(refusal).row().meaning
}

/// The code of a refusal.
pub(crate) fn code_of(refusal: Refusal) -> Code {
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
        Refusal::CurrencyMismatch | Refusal::AccountInOtherCurrency => Code::CurrencyMismatch,
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
        Refusal::CoinNotEnabled | Refusal::CoinWithoutAddresses | Refusal::CoinOfOtherCurrency => {
            Code::CoinNotEnabled
        }
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
