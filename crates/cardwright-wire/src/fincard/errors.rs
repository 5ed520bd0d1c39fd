//! The errors of this dialect: which there are, and what each one says to whom.
//!
//! Append only. An `errorCode` that a client may have learned keeps its text and its meaning.

mod table;

pub use table::TABLE;

/// Every `errorCode` there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each one means, once")]
pub enum Code {
    MissingHeader,
    InvalidHeader,
    MalformedJson,
    Unauthorized,
    InvalidCredentials,
    NotFound,
    MethodNotAllowed,
    BodyTooLarge,
    UnsupportedMediaType,
    RateLimited,
    InternalError,
    Unavailable,
    MissingField,
    InvalidField,
    AliasConflict,
    OrderNoConflict,
    AmountInvalid,
    AccountNotFound,
    CardNotFound,
    CardTypeNotFound,
    HolderNotFound,
    FileNotFound,
    CoinNotFound,
    RegionNotFound,
    CityNotFound,
    OccupationNotFound,
    DesignNotFound,
    TransactionNotFound,
    AmountOutOfRange,
    InsufficientBalance,
    RetentionQuota,
    CurrencyNotSupported,
    CurrencyMismatch,
    SameAccount,
    AccountNotActive,
    CoinNotEnabled,
    TimeRangeTooLong,
    DuplicateEmail,
    DuplicateIdNumber,
    RestrictedCountry,
    CountryNotSupported,
    AreaCodeNotSupported,
    IdTypeNotAllowed,
    KycVerificationRequired,
    HolderModelMismatch,
    EmailUpdateNotSupported,
    FileTooLarge,
    UnsupportedFileType,
    CardTypeOffline,
    HolderRequired,
    HolderNotApproved,
    LimitReached,
    InitialDepositNotSupported,
    AccountTypeNotAllowed,
    CardNumberInvalid,
    CardNumberInUse,
    OperationNotSupported,
    StateNotAllowed,
    CardBlocked,
    ControlNotSupported,
    MccListsExclusive,
    PinTooWeak,
    PinIncorrect,
    /// Stays last: the table is checked against it.
    ActivationCodeInvalid,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The error.
    pub code: Code,
    /// How it is written in `errorCode`.
    pub text: &'static str,
    /// The HTTP status it travels with; 200 for a business error.
    pub http: u16,
    /// The number in `code`; -1 for a business error.
    pub number: i32,
    /// What it means to the caller; also the `msg`, unless a field is named.
    pub meaning: &'static str,
    /// Which endpoints answer it.
    pub endpoints: Endpoints,
}

/// Which endpoints answer an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoints {
    /// Any of them, where it makes sense.
    Any,
    /// These, by their published number.
    Numbers(&'static [u8]),
    /// One that has no number.
    Path(&'static str),
}

const _: () = {
    assert!(
        TABLE.len() == Code::ActivationCodeInvalid as usize + 1,
        "a code is not in the table"
    );
    let mut index = 0;
    while index < TABLE.len() {
        assert!(
            TABLE[index].code as usize == index,
            "the table is out of order"
        );
        index += 1;
    }
};

impl Code {
    /// Its line of the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_error_code_is_written_differently_and_in_snake_case() {
        let texts: BTreeSet<&str> = TABLE.iter().map(|row| row.text).collect();
        assert_eq!(texts.len(), TABLE.len());
        let allowed = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(
            texts.iter().all(|text| text.chars().all(allowed)),
            "{texts:?}"
        );
    }

    #[test]
    fn status_and_number_come_only_in_the_published_pairs() {
        for row in TABLE {
            let number = match row.http {
                200 => -1,
                401 => 401,
                404 => 404,
                400 | 405 | 413 | 415 | 429 | 500 | 503 => 500,
                other => panic!("{} travels with {other}", row.text),
            };
            assert_eq!(row.number, number, "{}", row.text);
        }
    }

    #[test]
    fn the_endpoints_of_an_error_are_published_numbers_in_order() {
        for row in TABLE {
            if let Endpoints::Numbers(numbers) = row.endpoints {
                assert!(!numbers.is_empty() && numbers.is_sorted(), "{}", row.text);
                assert!(
                    numbers.iter().all(|number| (1..=48).contains(number)),
                    "{}",
                    row.text
                );
            }
        }
    }

    #[test]
    fn every_meaning_is_a_sentence_except_the_published_one() {
        for row in TABLE
            .iter()
            .filter(|row| row.code != Code::InvalidCredentials)
        {
            let ends_well = row.meaning.ends_with('.') || row.code == Code::MissingHeader;
            assert!(ends_well, "{}", row.text);
        }
        assert_eq!(
            Code::InvalidCredentials.row().meaning,
            "Invalid credentials"
        );
    }
}
