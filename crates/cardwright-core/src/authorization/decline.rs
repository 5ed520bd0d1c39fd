//! Why the card network is told no.

/// The first reason, in the order of the checks, for which an authorization is declined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeclineReason {
    /// The card does not transact: new, frozen, dormant, closed, or stopped by the platform.
    CardNotActive,
    /// The card's last month is over.
    CardExpired,
    /// The presented expiry month is not the card's.
    InvalidExpiry,
    /// The presented CVV2 is not the card's.
    InvalidCvv,
    /// The presented PIN is not the card's, or the card has none.
    InvalidPin,
    /// The PIN was wrong too often; it is not looked at any more.
    PinTriesExceeded,
    /// So much is not paid with the card at hand unless its PIN is presented.
    PinRequired,
    /// The account takes part in no payments.
    AccountNotActive,
    /// No rate leads from the asked currency to the account's.
    CurrencyNotSupported,
    /// The card is not used this way.
    ChannelNotAllowed,
    /// The card is not used in this country.
    CountryNotAllowed,
    /// The card is not used at such merchants.
    MerchantNotAllowed,
    /// A limit of amount or count is reached.
    LimitExceeded,
    /// Less is available than was asked for.
    InsufficientFunds,
    /// The platform could not decide.
    SystemError,
}

impl DeclineReason {
    /// Every reason, in the order of the checks.
    pub const ALL: [DeclineReason; 15] = [
        DeclineReason::CardNotActive,
        DeclineReason::CardExpired,
        DeclineReason::InvalidExpiry,
        DeclineReason::InvalidCvv,
        DeclineReason::InvalidPin,
        DeclineReason::PinTriesExceeded,
        DeclineReason::PinRequired,
        DeclineReason::AccountNotActive,
        DeclineReason::CurrencyNotSupported,
        DeclineReason::ChannelNotAllowed,
        DeclineReason::CountryNotAllowed,
        DeclineReason::MerchantNotAllowed,
        DeclineReason::LimitExceeded,
        DeclineReason::InsufficientFunds,
        DeclineReason::SystemError,
    ];

    /// The stored word, also the one on the native wire.
    pub fn word(self) -> &'static str {
        match self {
            DeclineReason::CardNotActive => "card_not_active",
            DeclineReason::CardExpired => "card_expired",
            DeclineReason::InvalidExpiry => "invalid_expiry",
            DeclineReason::InvalidCvv => "invalid_cvv",
            DeclineReason::InvalidPin => "invalid_pin",
            DeclineReason::PinTriesExceeded => "pin_tries_exceeded",
            DeclineReason::PinRequired => "pin_required",
            DeclineReason::AccountNotActive => "account_not_active",
            DeclineReason::CurrencyNotSupported => "currency_not_supported",
            DeclineReason::ChannelNotAllowed => "channel_not_allowed",
            DeclineReason::CountryNotAllowed => "country_not_allowed",
            DeclineReason::MerchantNotAllowed => "merchant_not_allowed",
            DeclineReason::LimitExceeded => "limit_exceeded",
            DeclineReason::InsufficientFunds => "insufficient_funds",
            DeclineReason::SystemError => "system_error",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<DeclineReason> {
        DeclineReason::ALL
            .into_iter()
            .find(|reason| reason.word() == word)
    }
}
