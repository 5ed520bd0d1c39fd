//! What the card network is told, in the words that the FINCI contract gives it.

use cardwright_core::DeclineReason;

/// The response code of an approval, or of a decline for this reason.
///
/// ```
/// use cardwright_core::DeclineReason;
/// use cardwright_wire::response_code::response_code;
///
/// assert_eq!(response_code(None), "Approved");
/// assert_eq!(response_code(Some(DeclineReason::InsufficientFunds)), "InsufficientFunds");
/// ```
pub fn response_code(declined: Option<DeclineReason>) -> &'static str {
    let Some(reason) = declined else {
        return "Approved";
    };
    match reason {
        DeclineReason::CardNotActive => "CardNotActive",
        DeclineReason::CardExpired => "CardExpired",
        DeclineReason::InvalidExpiry => "InvalidExpiry",
        DeclineReason::InvalidCvv => "InvalidCvv",
        // The contract has one code for whatever stands against the PIN; a missing one is not the
        // card's either.
        DeclineReason::InvalidPin
        | DeclineReason::PinTriesExceeded
        | DeclineReason::PinRequired => "InvalidPin",
        DeclineReason::AccountNotActive => "AccountNotActive",
        DeclineReason::CurrencyNotSupported => "CurrencyNotSupported",
        DeclineReason::ChannelNotAllowed => "ChannelNotAllowed",
        DeclineReason::CountryNotAllowed => "CountryNotAllowed",
        DeclineReason::MerchantNotAllowed => "MerchantNotAllowed",
        DeclineReason::LimitExceeded => "LimitExceeded",
        DeclineReason::InsufficientFunds => "InsufficientFunds",
        DeclineReason::SystemError => "SystemError",
    }
}
