//! Refusals that belong together, each family in an enum of its own.

use super::Refusal;

/// What stands against a holder's description, or against a file that a holder brought.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HolderRefusal {
    /// The product is not for holders from this country.
    CountryNotSupported,
    /// The product is not for holders with telephone numbers of this country.
    AreaCodeNotSupported,
    /// People of this nationality do not identify by this kind of document.
    IdTypeNotAllowed,
    /// The product asks for proof of an external identity check.
    KycVerificationRequired,
    /// The product does not let its holders change their e-mail address.
    EmailUpdateNotSupported,
    /// The file is larger than files may be.
    FileTooLarge,
    /// The file is of no kind that is kept.
    FileTypeNotSupported,
    /// Another holder has this identity document.
    DuplicateIdNumber,
    /// Holders from this country are not served.
    RestrictedCountry,
}

impl HolderRefusal {
    /// The stable snake-case code.
    pub fn code(self) -> &'static str {
        match self {
            HolderRefusal::CountryNotSupported => "country_not_supported",
            HolderRefusal::AreaCodeNotSupported => "area_code_not_supported",
            HolderRefusal::IdTypeNotAllowed => "id_type_not_allowed",
            HolderRefusal::KycVerificationRequired => "kyc_verification_required",
            HolderRefusal::EmailUpdateNotSupported => "email_update_not_supported",
            HolderRefusal::FileTooLarge => "file_too_large",
            HolderRefusal::FileTypeNotSupported => "file_type_not_supported",
            HolderRefusal::DuplicateIdNumber => "duplicate_id_number",
            HolderRefusal::RestrictedCountry => "restricted_country",
        }
    }
}

impl From<HolderRefusal> for Refusal {
    fn from(refusal: HolderRefusal) -> Refusal {
        Refusal::Holder(refusal)
    }
}

/// What stands against a PIN, an activation code or a secret that travels encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SecretRefusal {
    /// The caller has registered no key that secrets could be encrypted to.
    EncryptionKeyRequired,
    /// What came encrypted was encrypted in a way that is not taken.
    EncryptionNotAllowed,
    /// What came encrypted was not encrypted to the platform's key.
    SecretUnreadable,
    /// Not a PIN: something else than four to six digits.
    PinMalformed,
    /// The PIN is too easy to guess.
    PinTooWeak,
    /// The PIN is not the card's.
    PinIncorrect,
    /// The activation code is not the card's, or void.
    ActivationCodeInvalid,
}

impl SecretRefusal {
    /// The stable snake-case code.
    pub fn code(self) -> &'static str {
        match self {
            SecretRefusal::EncryptionKeyRequired => "encryption_key_required",
            SecretRefusal::EncryptionNotAllowed => "encryption_not_allowed",
            SecretRefusal::SecretUnreadable => "secret_unreadable",
            SecretRefusal::PinMalformed => "pin_malformed",
            SecretRefusal::PinTooWeak => "pin_too_weak",
            SecretRefusal::PinIncorrect => "pin_incorrect",
            SecretRefusal::ActivationCodeInvalid => "activation_code_invalid",
        }
    }
}

impl From<SecretRefusal> for Refusal {
    fn from(refusal: SecretRefusal) -> Refusal {
        Refusal::Secret(refusal)
    }
}

/// What stands against a sandbox's clock or one of its saved states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SandboxRefusal {
    /// Time does not go back.
    ClockBackwards,
    /// Further into the future than a sandbox's clock goes.
    ClockTooFar,
    /// More rows than a saved state holds.
    SnapshotTooLarge,
    /// The saved state is of an older version of the program.
    SnapshotOutdated,
}

impl SandboxRefusal {
    /// The stable snake-case code.
    pub fn code(self) -> &'static str {
        match self {
            SandboxRefusal::ClockBackwards => "clock_backwards",
            SandboxRefusal::ClockTooFar => "clock_too_far",
            SandboxRefusal::SnapshotTooLarge => "snapshot_too_large",
            SandboxRefusal::SnapshotOutdated => "snapshot_outdated",
        }
    }
}

impl From<SandboxRefusal> for Refusal {
    fn from(refusal: SandboxRefusal) -> Refusal {
        Refusal::Sandbox(refusal)
    }
}

/// What stands against an endpoint or one of its secrets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WebhookRefusal {
    /// The tenant has as many endpoints as it may have.
    EndpointLimitReached,
    /// As many older secrets are still good as there may be.
    SecretLimitReached,
    /// Another endpoint of the tenant is the one that is asked to decide.
    DecidedElsewhere,
}

impl WebhookRefusal {
    /// The stable snake-case code.
    pub fn code(self) -> &'static str {
        match self {
            WebhookRefusal::EndpointLimitReached => "webhook_endpoint_limit_reached",
            WebhookRefusal::SecretLimitReached => "webhook_secret_limit_reached",
            WebhookRefusal::DecidedElsewhere => "decided_elsewhere",
        }
    }
}

impl From<WebhookRefusal> for Refusal {
    fn from(refusal: WebhookRefusal) -> Refusal {
        Refusal::Webhook(refusal)
    }
}

/// What stands against going on with a payment: its authorization, hold or transaction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PaymentRefusal {
    /// The authorization holds nothing any more, or never did.
    AuthorizationNotOpen,
    /// The authorization was cleared; money goes back by a refund.
    AuthorizationCleared,
    /// More than is still held.
    ExceedsHold,
    /// More than is left of what is to be given back.
    ExceedsOriginal,
    /// The hold was posted, voided or expired before.
    HoldEnded,
    /// A transaction of this kind is not given back this way.
    TransactionNotRefundable,
    /// A transaction of this kind, or one in dispute already, is not disputed.
    TransactionNotDisputable,
}

impl PaymentRefusal {
    /// The stable snake-case code.
    pub fn code(self) -> &'static str {
        match self {
            PaymentRefusal::AuthorizationNotOpen => "authorization_not_open",
            PaymentRefusal::AuthorizationCleared => "authorization_cleared",
            PaymentRefusal::ExceedsHold => "exceeds_hold",
            PaymentRefusal::ExceedsOriginal => "exceeds_original",
            PaymentRefusal::HoldEnded => "hold_ended",
            PaymentRefusal::TransactionNotRefundable => "transaction_not_refundable",
            PaymentRefusal::TransactionNotDisputable => "transaction_not_disputable",
        }
    }
}

impl From<PaymentRefusal> for Refusal {
    fn from(refusal: PaymentRefusal) -> Refusal {
        Refusal::Payment(refusal)
    }
}
