//! The one table of errors: code, documents and schemas all read it.

use super::{Code, Endpoints, Row};

/// All errors, in the order of [`Code`]; one line each, however long.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    // Before a request is understood.
    transport(Code::MissingHeader, "missing_header", (400, 500), "Missing required header(s)"),
    transport(Code::InvalidHeader, "invalid_header", (400, 500), "A header is not valid."),
    transport(Code::MalformedJson, "malformed_json", (400, 500), "The body is not a JSON object."),
    transport(Code::Unauthorized, "unauthorized", (401, 401), "The session is not valid."),
    transport(Code::InvalidCredentials, "invalid_credentials", (401, 401), "Invalid credentials"),
    transport(Code::NotFound, "not_found", (404, 404), "There is no such path."),
    transport(Code::MethodNotAllowed, "method_not_allowed", (405, 500), "Every call is a POST."),
    transport(Code::BodyTooLarge, "body_too_large", (413, 500), "The body is too large."),
    transport(Code::UnsupportedMediaType, "unsupported_media_type", (415, 500), "The Content-Type is not the one expected."),
    transport(Code::RateLimited, "rate_limited", (429, 500), "Too many requests; Retry-After says when to come back."),
    transport(Code::InternalError, "internal_error", (500, 500), "The server failed; the request id finds the reason in its log."),
    transport(Code::Unavailable, "unavailable", (503, 500), "The server cannot take the request now; Retry-After says when to come back."),
    // Any call.
    any(Code::MissingField, "missing_field", "A required field is missing."),
    any(Code::InvalidField, "invalid_field", "A field has the wrong type or form."),
    any(Code::AliasConflict, "alias_conflict", "Two names of one field have different values."),
    any(Code::OrderNoConflict, "order_no_conflict", "The merchantOrderNo was used with other content."),
    any(Code::AmountInvalid, "amount_invalid", "The amount is not a decimal the currency can hold."),
    any(Code::AccountNotFound, "account_not_found", "There is no such account."),
    any(Code::CardNotFound, "card_not_found", "There is no such card."),
    any(Code::CardTypeNotFound, "card_type_not_found", "There is no such card type."),
    any(Code::HolderNotFound, "holder_not_found", "There is no such cardholder."),
    any(Code::FileNotFound, "file_not_found", "There is no such file."),
    any(Code::CoinNotFound, "coin_not_found", "There is no such coin."),
    any(Code::RegionNotFound, "region_not_found", "There is no such region."),
    any(Code::CityNotFound, "city_not_found", "There is no such city."),
    any(Code::OccupationNotFound, "occupation_not_found", "There is no such occupation."),
    any(Code::DesignNotFound, "design_not_found", "There is no such card design."),
    any(Code::TransactionNotFound, "transaction_not_found", "There is no such transaction."),
    // Money.
    at(Code::AmountOutOfRange, "amount_out_of_range", "The amount is outside the allowed range.", &[14, 27, 28, 34, 37, 38, 40]),
    at(Code::InsufficientBalance, "insufficient_balance", "The balance does not suffice.", &[13, 27, 28, 37, 38]),
    at(Code::RetentionQuota, "retention_quota", "The card must keep its retention quota.", &[38]),
    at(Code::CurrencyNotSupported, "currency_not_supported", "The currency is not supported.", &[12]),
    at(Code::CurrencyMismatch, "currency_mismatch", "The accounts have different currencies.", &[13]),
    at(Code::SameAccount, "same_account", "Payer and payee are the same account.", &[13]),
    at(Code::AccountNotActive, "account_not_active", "The account is not active.", &[13, 14, 17, 27, 28, 37, 38, 39]),
    at(Code::CoinNotEnabled, "coin_not_enabled", "The coin is not enabled.", &[14, 17]),
    at(Code::TimeRangeTooLong, "time_range_too_long", "The time range is too long.", &[11, 19]),
    // Holders and files.
    at(Code::DuplicateEmail, "duplicate_email", "Another cardholder has this e-mail address.", &[21, 22, 23, 24]),
    at(Code::DuplicateIdNumber, "duplicate_id_number", "Another cardholder has this id number.", &[21, 22, 23, 24]),
    at(Code::RestrictedCountry, "restricted_country", "The country is restricted.", &[21, 22, 23, 24]),
    at(Code::CountryNotSupported, "country_not_supported", "The card type does not support the country.", &[21, 22, 23, 24]),
    at(Code::AreaCodeNotSupported, "area_code_not_supported", "The card type does not support the area code.", &[21, 22, 23, 24]),
    at(Code::IdTypeNotAllowed, "id_type_not_allowed", "The document type is not allowed for the nationality.", &[21, 22, 23, 24]),
    at(Code::KycVerificationRequired, "kyc_verification_required", "The card type requires kycVerification.", &[21, 22, 23, 24]),
    at(Code::HolderModelMismatch, "holder_model_mismatch", "The cardholder model is not that of the card type.", &[21, 22, 23, 24, 27, 28]),
    Row { endpoints: Endpoints::Path("card/holder/updateEmail"), ..any(Code::EmailUpdateNotSupported, "email_update_not_supported", "The card type does not let the e-mail address change.") },
    at(Code::FileTooLarge, "file_too_large", "The file is larger than 2 MB.", &[5]),
    at(Code::UnsupportedFileType, "unsupported_file_type", "The file is not a jpg, jpeg, png or pdf by its content.", &[5]),
    // Opening.
    at(Code::CardTypeOffline, "card_type_offline", "The card type is offline.", OPENING),
    at(Code::HolderRequired, "holder_required", "The card type requires a cardholder.", OPENING),
    at(Code::HolderNotApproved, "holder_not_approved", "The cardholder is not approved.", OPENING),
    at(Code::LimitReached, "limit_reached", "The cardholder has as many cards as the card type allows, or the tenant as many files as are kept.", &[5, 27, 28]),
    at(Code::InitialDepositNotSupported, "initial_deposit_not_supported", "The card type takes no initial deposit.", OPENING),
    at(Code::AccountTypeNotAllowed, "account_type_not_allowed", "The card type cannot draw on an account of this type.", OPENING),
    at(Code::CardNumberInvalid, "card_number_invalid", "The card number is not one of this card type.", OPENING),
    at(Code::CardNumberInUse, "card_number_in_use", "The card number is in use.", OPENING),
    // Cards.
    at(Code::OperationNotSupported, "operation_not_supported", "The card type does not support the operation.", &[27, 28, 35, 36, 37, 38]),
    at(Code::StateNotAllowed, "state_not_allowed", "The present state does not allow the operation.", &[22, 24, 30, 34, 35, 36, 37, 38, 39, 40, 41]),
    at(Code::CardBlocked, "card_blocked", "The platform has blocked the card.", &[33, 34, 35, 36, 37, 38, 40, 41]),
    at(Code::ControlNotSupported, "control_not_supported", "The card type does not support this control.", &[34]),
    at(Code::MccListsExclusive, "mcc_lists_exclusive", "Give either allowed or blocked merchant categories.", &[34]),
    at(Code::PinTooWeak, "pin_too_weak", "The PIN is too easy to guess.", &[40, 41]),
    at(Code::PinIncorrect, "pin_incorrect", "The old PIN is not right.", &[41]),
    at(Code::ActivationCodeInvalid, "activation_code_invalid", "The activation code is not right.", &[40]),
];

const OPENING: &[u8] = &[27, 28];

const fn transport(
    code: Code,
    text: &'static str,
    (http, number): (u16, i32),
    meaning: &'static str,
) -> Row {
    Row {
        code,
        text,
        http,
        number,
        meaning,
        endpoints: Endpoints::Any,
    }
}

const fn any(code: Code, text: &'static str, meaning: &'static str) -> Row {
    transport(code, text, (200, -1), meaning)
}

const fn at(code: Code, text: &'static str, meaning: &'static str, numbers: &'static [u8]) -> Row {
    Row {
        endpoints: Endpoints::Numbers(numbers),
        ..any(code, text, meaning)
    }
}
