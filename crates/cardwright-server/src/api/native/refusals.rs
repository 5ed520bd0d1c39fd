//! What the domain's refusals mean here: a status and a sentence. The code is the domain's own.

use cardwright_core::{
    HolderRefusal, PaymentRefusal, Refusal, SandboxRefusal, SecretRefusal, WebhookRefusal,
};
use cardwright_wire::native::errors::Row;

/// The line of a refusal.
///
/// Who collides with what is there gets 409, who asks for what cannot be 422.
#[rustfmt::skip]
pub(super) fn row(refusal: Refusal) -> Row {
    let (http, meaning) = match refusal {
        Refusal::Holder(refusal) => of_holder(refusal),
        Refusal::Payment(refusal) => of_payment(refusal),
        Refusal::Secret(refusal) => of_secret(refusal),
        Refusal::Sandbox(refusal) => of_sandbox(refusal),
        Refusal::Webhook(refusal) => of_webhook(refusal),
        Refusal::NotFound(_) => (404, "There is no such record, or no such path."),
        Refusal::ExternalIdConflict => (409, "The external id belongs to a record with other content."),
        Refusal::IdempotencyConflict => (409, "The idempotency key was used for another request."),
        Refusal::OrderNumberConflict => (409, "The order number was used with other content."),
        Refusal::CardTransitionNotAllowed => (409, "The card cannot go from its state to this one."),
        Refusal::StageTransitionNotAllowed => (409, "The card cannot go from its stage to this one."),
        Refusal::HolderTransitionNotAllowed => (409, "The holder has been decided at this stage, or is not there yet."),
        Refusal::OrderTransitionNotAllowed => (409, "The order has ended, or has not begun."),
        Refusal::DisputeTransitionNotAllowed => (409, "The dispute has been decided."),
        Refusal::WorkOrderTransitionNotAllowed => (409, "The work order has been decided."),
        Refusal::DepositTransitionNotAllowed => (409, "Where the deposit is, that cannot be done."),
        Refusal::DuplicateEmail => (409, "The e-mail address is taken."),
        Refusal::DuplicateUsername => (409, "The login name is taken."),
        Refusal::ProductConflict => (409, "Another product has this id."),
        Refusal::ChallengeTransitionNotAllowed => (409, "The challenge has ended."),
        Refusal::WalletTokenTransitionNotAllowed => (409, "The wallet token cannot go from its state to this one."),
        Refusal::DepositConflict => (409, "The transaction on the chain was reported with other content."),
        Refusal::CardBlocked => (422, "The card is blocked; only an operator lifts that."),
        Refusal::StageNotSupported => (422, "The product does not come in this form."),
        Refusal::AccountNotOwned => (422, "The account belongs to another owner."),
        Refusal::AccountMissing => (422, "The owner has no account."),
        Refusal::AccountAmbiguous => (422, "The owner has several accounts; name one."),
        Refusal::AccountNotActive => (422, "The account is not active."),
        Refusal::InsufficientFunds => (422, "Less is available than was asked for."),
        Refusal::CurrencyMismatch | Refusal::AccountInOtherCurrency => (422, "The account is in another currency."),
        Refusal::SameAccount => (422, "Payer and receiver are the same account."),
        Refusal::BalanceOverflow => (422, "The account cannot hold that much."),
        Refusal::AmountZero => (422, "Nothing would be moved."),
        Refusal::AmountOutOfRange => (422, "The amount is outside of what the product allows."),
        Refusal::InitialDepositNotSupported => (422, "The product takes no deposit at its opening."),
        Refusal::ProductNotSuitable => (422, "The product cannot be used this way."),
        Refusal::ProductOffline => (422, "The product is not offered at present."),
        Refusal::HolderRequired => (422, "The product is issued to a holder only."),
        Refusal::HolderNotApproved => (422, "The holder has not passed the checks."),
        Refusal::HolderModelMismatch => (422, "The holder was checked for another kind of product."),
        Refusal::FileLimitReached => (422, "The tenant has as many files as are kept of one."),
        Refusal::CardLimitReached => (422, "The holder has as many cards of the product as it allows."),
        Refusal::ExpiryNotInFuture => (422, "The month of expiry has begun or passed."),
        Refusal::ExpiryTooFar => (422, "The month of expiry is too far away."),
        Refusal::CurrencyNotSupported => (422, "No rate leads from the one currency to the other."),
        Refusal::CoinNotEnabled => (422, "The coin takes no deposits at present."),
        Refusal::CoinWithoutAddresses => (422, "No address was brought for the coin yet, and of one that is made up nobody has the key; bring addresses first."),
        Refusal::CoinOfOtherCurrency => (422, "The coin is not turned into money of the account's currency."),
        Refusal::TimeRangeTooLong => (422, "That is more time than one question may span."),
        Refusal::CredentialRevoked => (422, "The credential was revoked."),
        Refusal::AccountKindNotAllowed => (422, "The product's cards do not draw on accounts of this kind."),
        Refusal::CardNumberInvalid => (422, "Not a number of the product's cards."),
        Refusal::CardNumberInUse => (409, "Another card has this number."),
        Refusal::RetentionQuota => (422, "The card must keep more than would be left."),
        Refusal::ControlNotSupported => (422, "The product's cards do not have this control."),
        Refusal::MerchantListsExclusive => (422, "Merchants are either allowed or blocked."),
        Refusal::CountryListsExclusive => (422, "Countries are either allowed or blocked."),
        Refusal::HolderKeptElsewhere => (422, "The holder was checked by the platform."),
        Refusal::CardEnded => (422, "The card has ended."),
        Refusal::CardNotExpiring => (422, "The card ends of itself only later."),
    };
    Row { text: refusal.code(), http, meaning }
}

#[rustfmt::skip]
fn of_holder(refusal: HolderRefusal) -> (u16, &'static str) {
    match refusal {
        HolderRefusal::CountryNotSupported => (422, "The product is not for holders from this country."),
        HolderRefusal::AreaCodeNotSupported => (422, "The product is not for holders with telephone numbers of this country."),
        HolderRefusal::IdTypeNotAllowed => (422, "People of this nationality do not identify by this kind of document."),
        HolderRefusal::KycVerificationRequired => (422, "The product asks for proof of an external identity check."),
        HolderRefusal::EmailUpdateNotSupported => (422, "The product does not let its holders change their e-mail address."),
        HolderRefusal::FileTooLarge => (422, "The file is too large."),
        HolderRefusal::FileTypeNotSupported => (422, "The file is of no kind that is kept."),
        HolderRefusal::DuplicateIdNumber => (409, "Another holder has this identity document."),
        HolderRefusal::RestrictedCountry => (422, "Holders from this country are not served."),
    }
}

#[rustfmt::skip]
fn of_secret(refusal: SecretRefusal) -> (u16, &'static str) {
    match refusal {
        SecretRefusal::EncryptionKeyRequired => (409, "No key is registered that secrets could be encrypted to."),
        SecretRefusal::EncryptionNotAllowed => (422, "Not encrypted in a way that is taken."),
        SecretRefusal::SecretUnreadable => (422, "Not encrypted to the platform's key."),
        SecretRefusal::PinMalformed => (422, "A PIN has four to six digits."),
        SecretRefusal::PinTooWeak => (422, "The PIN is too easy to guess."),
        SecretRefusal::PinIncorrect => (422, "The PIN is not the card's."),
        SecretRefusal::ActivationCodeInvalid => (422, "The activation code is not the card's, or void."),
    }
}

#[rustfmt::skip]
fn of_sandbox(refusal: SandboxRefusal) -> (u16, &'static str) {
    match refusal {
        SandboxRefusal::ClockBackwards => (409, "Time does not go back."),
        SandboxRefusal::ClockTooFar => (422, "A sandbox's clock does not go that far."),
        SandboxRefusal::SnapshotTooLarge => (422, "The tenant has more rows than a saved state holds."),
        SandboxRefusal::SnapshotOutdated => (409, "The saved state is of an older version of the program."),
    }
}

#[rustfmt::skip]
fn of_webhook(refusal: WebhookRefusal) -> (u16, &'static str) {
    match refusal {
        WebhookRefusal::EndpointLimitReached => (422, "The tenant has as many webhook endpoints as it may have."),
        WebhookRefusal::DecidedElsewhere => (409, "Another webhook endpoint of the tenant is the one that decides."),
        WebhookRefusal::SecretLimitReached => (422, "As many older secrets of the endpoint are still good as there may be; rotate without an overlap to end them."),
    }
}

#[rustfmt::skip]
fn of_payment(refusal: PaymentRefusal) -> (u16, &'static str) {
    match refusal {
        PaymentRefusal::AuthorizationNotOpen => (422, "The authorization holds nothing, or no more."),
        PaymentRefusal::AuthorizationCleared => (422, "The authorization was cleared; money goes back by a refund."),
        PaymentRefusal::ExceedsHold => (422, "That is more than is still held."),
        PaymentRefusal::ExceedsOriginal => (422, "That is more than is left of the original amount."),
        PaymentRefusal::HoldEnded => (422, "The hold has ended."),
        PaymentRefusal::TransactionNotRefundable => (422, "A transaction of this kind is not given back this way."),
        PaymentRefusal::TransactionNotDisputable => (422, "The transaction cannot be disputed, or is in dispute already."),
    }
}
