//! Every "no" that the domain can say, in one list.
//!
//! The list only grows: codes are read by programs and stored in audit rows.

mod families;

use std::fmt;

pub use families::{HolderRefusal, PaymentRefusal, SandboxRefusal, SecretRefusal, WebhookRefusal};

/// What kind of record a refusal is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Record {
    /// A company using the platform.
    Tenant,
    /// A holder of any kind, where the caller did not say which.
    Holder,
    /// A natural person.
    Person,
    /// A company that holds accounts.
    Corporate,
    /// An employee of a corporate.
    Employee,
    /// An account of the ledger.
    Account,
    /// A card product.
    Product,
    /// A card.
    Card,
    /// An authorization.
    Authorization,
    /// A transaction of a card: what was cleared, posted or refunded.
    Transaction,
    /// A dispute about a transaction.
    Dispute,
    /// A user of the session API.
    User,
    /// A credential of a signed caller.
    Credential,
    /// A request to staff.
    WorkOrder,
    /// A coin of the wallet.
    Coin,
    /// A deposit of coins.
    Deposit,
    /// A wallet token of a card.
    WalletToken,
    /// A challenge by which a holder confirms an online payment.
    Challenge,
    /// A saved state of a sandbox.
    Snapshot,
    /// A country, where places are looked for.
    Region,
    /// A place in a country.
    City,
    /// What somebody does for a living.
    Occupation,
    /// A file that a caller sent.
    File,
    /// What a gift card looks like.
    Design,
    /// The public key that card data is encrypted to.
    CardDataKey,
    /// Where a tenant's events are delivered to.
    WebhookEndpoint,
    /// Something that happened.
    Event,
    /// A message on its way to an endpoint.
    Delivery,
}

impl Record {
    /// The record's word, as used in codes and rows.
    pub fn word(self) -> &'static str {
        match self {
            Record::Tenant => "tenant",
            Record::Holder => "holder",
            Record::Person => "person",
            Record::Corporate => "corporate",
            Record::Employee => "employee",
            Record::Account => "account",
            Record::Product => "product",
            Record::Card => "card",
            Record::Authorization => "authorization",
            Record::Transaction => "transaction",
            Record::Dispute => "dispute",
            Record::User => "user",
            Record::Credential => "credential",
            Record::WorkOrder => "work_order",
            Record::Coin => "coin",
            Record::Deposit => "deposit",
            Record::WalletToken => "wallet_token",
            Record::Challenge => "challenge",
            Record::Snapshot => "snapshot",
            Record::Region => "region",
            Record::City => "city",
            Record::Occupation => "occupation",
            Record::File => "file",
            Record::Design => "design",
            Record::CardDataKey => "card_data_key",
            Record::WebhookEndpoint => "webhook_endpoint",
            Record::Event => "event",
            Record::Delivery => "delivery",
        }
    }
}

/// Why the domain refuses. Each dialect translates this exhaustively into its own words.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Refusal {
    /// No such record of this tenant; somebody else's record is the same as none.
    NotFound(Record),
    /// The caller's own id for a record was used before with other content.
    ExternalIdConflict,
    /// The idempotency key was used before with another body.
    IdempotencyConflict,
    /// The order number was used before with other content.
    OrderNumberConflict,
    /// The card's state has no arrow to the wanted one.
    CardTransitionNotAllowed,
    /// An operator blocked the card; only an operator lifts that.
    CardBlocked,
    /// The card's stage has no arrow to the wanted one.
    StageTransitionNotAllowed,
    /// The product's cards do not come in the wanted form.
    StageNotSupported,
    /// The named account is not the owner's.
    AccountNotOwned,
    /// No account was named and the owner has none.
    AccountMissing,
    /// No account was named and the owner has several.
    AccountAmbiguous,
    /// The account takes part in no payments.
    AccountNotActive,
    /// Less is available than was asked for.
    InsufficientFunds,
    /// The two sides hold different currencies.
    CurrencyMismatch,
    /// Payer and receiver are the same account.
    SameAccount,
    /// The ledger could not count the result.
    BalanceOverflow,
    /// A transfer of nothing.
    AmountZero,
    /// The amount is outside what the product allows.
    AmountOutOfRange,
    /// The product takes no initial deposit.
    InitialDepositNotSupported,
    /// The product cannot be used this way, or not through this API.
    ProductNotSuitable,
    /// The product is not offered at present.
    ProductOffline,
    /// The product is issued to a holder only.
    HolderRequired,
    /// The holder has not passed the checks.
    HolderNotApproved,
    /// The holder was checked for another kind of product.
    HolderModelMismatch,
    /// The tenant has sent as many files as are kept of one.
    FileLimitReached,
    /// The holder has as many cards of the product as it allows.
    CardLimitReached,
    /// Another holder has this e-mail address.
    DuplicateEmail,
    /// The holder's stage has no arrow to the wanted one.
    HolderTransitionNotAllowed,
    /// The order has ended or not begun.
    OrderTransitionNotAllowed,
    /// The expiry month is not in the future.
    ExpiryNotInFuture,
    /// The expiry month is further away than a card lasts.
    ExpiryTooFar,
    /// No rate leads from the one currency to the other.
    CurrencyNotSupported,
    /// The dispute has been decided.
    DisputeTransitionNotAllowed,
    /// The work order has been decided.
    WorkOrderTransitionNotAllowed,
    /// The deposit has ended.
    DepositTransitionNotAllowed,
    /// The coin takes no deposits at present.
    CoinNotEnabled,
    /// Nobody has brought an address whose key somebody has, so that coins would be lost.
    CoinWithoutAddresses,
    /// The account is in another currency than that which the coin is turned into.
    CoinOfOtherCurrency,
    /// The account is in another currency than its caller believes.
    AccountInOtherCurrency,
    /// Another user of the tenant has this login name.
    DuplicateUsername,
    /// The credential was revoked; it is not changed any more.
    CredentialRevoked,
    /// Another product has this id.
    ProductConflict,
    /// The challenge has been decided, or its time is over.
    ChallengeTransitionNotAllowed,
    /// The wallet token's state has no arrow to the wanted one.
    WalletTokenTransitionNotAllowed,
    /// The deposit was reported before with other content.
    DepositConflict,
    /// More time than one question may span.
    TimeRangeTooLong,
    /// The product's cards do not draw on accounts of this kind.
    AccountKindNotAllowed,
    /// Not a number of the product's cards.
    CardNumberInvalid,
    /// Another card has this number.
    CardNumberInUse,
    /// The card must keep more than would be left.
    RetentionQuota,
    /// The product's cards do not have this control.
    ControlNotSupported,
    /// Merchants are either allowed or blocked, not both.
    MerchantListsExclusive,
    /// Countries are either allowed or blocked, not both.
    CountryListsExclusive,
    /// The holder was checked by the platform, and is described where that is done.
    HolderKeptElsewhere,
    /// The card has ended.
    CardEnded,
    /// The card ends of itself only later.
    CardNotExpiring,
    /// Something about a holder, or about a file that a holder brought.
    Holder(HolderRefusal),
    /// Something about going on with a payment.
    Payment(PaymentRefusal),
    /// Something about a PIN, a code or what came encrypted.
    Secret(SecretRefusal),
    /// Something about a sandbox's clock or saved states.
    Sandbox(SandboxRefusal),
    /// Something about where events are delivered to.
    Webhook(WebhookRefusal),
}

impl Refusal {
    /// The stable snake-case code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::NotFound(_) => "not_found",
            Refusal::Holder(refusal) => refusal.code(),
            Refusal::Payment(refusal) => refusal.code(),
            Refusal::Secret(refusal) => refusal.code(),
            Refusal::Sandbox(refusal) => refusal.code(),
            Refusal::Webhook(refusal) => refusal.code(),
            Refusal::ExternalIdConflict => "external_id_conflict",
            Refusal::IdempotencyConflict => "idempotency_conflict",
            Refusal::OrderNumberConflict => "order_number_conflict",
            Refusal::CardTransitionNotAllowed => "card_transition_not_allowed",
            Refusal::CardBlocked => "card_blocked",
            Refusal::StageTransitionNotAllowed => "stage_transition_not_allowed",
            Refusal::StageNotSupported => "stage_not_supported",
            Refusal::AccountNotOwned => "account_not_owned",
            Refusal::AccountMissing => "account_missing",
            Refusal::AccountAmbiguous => "account_ambiguous",
            Refusal::AccountNotActive => "account_not_active",
            Refusal::InsufficientFunds => "insufficient_funds",
            Refusal::CurrencyMismatch => "currency_mismatch",
            Refusal::SameAccount => "same_account",
            Refusal::BalanceOverflow => "balance_overflow",
            Refusal::AmountZero => "amount_zero",
            Refusal::AmountOutOfRange => "amount_out_of_range",
            Refusal::InitialDepositNotSupported => "initial_deposit_not_supported",
            Refusal::ProductNotSuitable => "product_not_suitable",
            Refusal::ProductOffline => "product_offline",
            Refusal::HolderRequired => "holder_required",
            Refusal::HolderNotApproved => "holder_not_approved",
            Refusal::HolderModelMismatch => "holder_model_mismatch",
            Refusal::CardLimitReached => "card_limit_reached",
            Refusal::FileLimitReached => "file_limit_reached",
            Refusal::DuplicateEmail => "duplicate_email",
            Refusal::HolderTransitionNotAllowed => "holder_transition_not_allowed",
            Refusal::OrderTransitionNotAllowed => "order_transition_not_allowed",
            Refusal::ExpiryNotInFuture => "expiry_not_in_future",
            Refusal::ExpiryTooFar => "expiry_too_far",
            Refusal::CurrencyNotSupported => "currency_not_supported",
            Refusal::DisputeTransitionNotAllowed => "dispute_transition_not_allowed",
            Refusal::WorkOrderTransitionNotAllowed => "work_order_transition_not_allowed",
            Refusal::DepositTransitionNotAllowed => "deposit_transition_not_allowed",
            Refusal::CoinNotEnabled => "coin_not_enabled",
            Refusal::CoinWithoutAddresses => "coin_without_addresses",
            Refusal::CoinOfOtherCurrency => "coin_of_other_currency",
            Refusal::AccountInOtherCurrency => "account_in_other_currency",
            Refusal::DuplicateUsername => "duplicate_username",
            Refusal::CredentialRevoked => "credential_revoked",
            Refusal::ProductConflict => "product_conflict",
            Refusal::ChallengeTransitionNotAllowed => "challenge_transition_not_allowed",
            Refusal::WalletTokenTransitionNotAllowed => "wallet_token_transition_not_allowed",
            Refusal::DepositConflict => "deposit_conflict",
            Refusal::TimeRangeTooLong => "time_range_too_long",
            Refusal::AccountKindNotAllowed => "account_kind_not_allowed",
            Refusal::CardNumberInvalid => "card_number_invalid",
            Refusal::CardNumberInUse => "card_number_in_use",
            Refusal::RetentionQuota => "retention_quota",
            Refusal::ControlNotSupported => "control_not_supported",
            Refusal::MerchantListsExclusive => "merchant_lists_exclusive",
            Refusal::CountryListsExclusive => "country_lists_exclusive",
            Refusal::HolderKeptElsewhere => "holder_kept_elsewhere",
            Refusal::CardEnded => "card_ended",
            Refusal::CardNotExpiring => "card_not_expiring",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotFound(record) => write!(f, "{}_not_found", record.word()),
            other => f.write_str(other.code()),
        }
    }
}

impl std::error::Error for Refusal {}
