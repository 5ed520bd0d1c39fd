//! Record ids: one positive 64-bit number below 2^53 per record, time-ordered, unique per
//! environment. Both APIs show the same number in their own spelling.

use std::fmt;

/// Why a number or text is not a record id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a record id")
    }
}

impl std::error::Error for IdError {}

/// One above the largest id: beyond it a JSON number loses digits in common parsers.
const LIMIT: i64 = 1 << 53;

fn check(number: i64) -> Result<i64, IdError> {
    if (1..LIMIT).contains(&number) {
        Ok(number)
    } else {
        Err(IdError)
    }
}

/// Digits only, so that `+5`, `05` padded elsewhere, or blanks never name a record.
fn parse_digits(text: &str) -> Result<i64, IdError> {
    let plain = !text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit());
    if !plain {
        return Err(IdError);
    }
    text.parse().map_err(|_| IdError).and_then(check)
}

macro_rules! record_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(i64);

        impl $name {
            /// Takes a number that is in the range of ids.
            pub fn new(number: i64) -> Result<Self, IdError> {
                check(number).map(Self)
            }

            /// Reads the decimal spelling without leading zeros.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.starts_with('0') { return Err(IdError); }
                parse_digits(text).map(Self)
            }

            /// Reads the fixed spelling of 16 digits, padded with zeros.
            pub fn parse_padded(text: &str) -> Result<Self, IdError> {
                if text.len() != 16 { return Err(IdError); }
                parse_digits(text).map(Self)
            }

            /// The number itself.
            pub fn get(self) -> i64 {
                self.0
            }

            /// The fixed spelling of 16 digits.
            pub fn padded(self) -> String {
                format!("{:016}", self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )+};
}

record_ids! {
    /// A company whose data nobody else can see.
    TenantId,
    /// A person, corporate or employee.
    HolderId,
    /// A place the ledger keeps money.
    AccountId,
    /// A card; never its number.
    CardId,
    /// A card product (FinCard: card type).
    ProductId,
    /// An operation on a card, as FinCard callers follow it.
    OrderId,
    /// A step the platform takes later by itself.
    JobId,
    /// Money set aside in the ledger until it is posted or given free.
    HoldId,
    /// A question of the card network and its answer; the APIs show it by its own number.
    AuthorizationId,
    /// A transaction of a card.
    TransactionId,
    /// A dispute about a transaction.
    DisputeId,
    /// The taking back of an authorization.
    VoidId,
    /// A fee of a card.
    CardFeeId,
    /// An address that coins are sent to.
    DepositAddressId,
    /// A deposit of coins.
    DepositId,
    /// A deposit of coins that a caller announced.
    DepositOrderId,
    /// Money that a tenant moved between its accounts.
    AccountTransferId,
    /// Something a cardholder is asked to prove.
    ChallengeId,
    /// A card inside a wallet.
    WalletTokenId,
    /// Something the platform's staff are asked to do.
    WorkOrderId,
    /// Where a tenant's events are delivered to.
    EndpointId,
    /// A message on its way to an endpoint.
    DeliveryId,
    /// Something that happened, as integrators are told of it.
    EventId,
}

/// Prefix of a person's published number.
const PERSON_PREFIX: &str = "100110";
/// Prefix of a corporate's published number.
const CORPORATE_PREFIX: &str = "100111";

/// The 20-digit number under which the FINCI API knows a person or corporate: a prefix by kind
/// and a 14-digit sequence of the environment. Employees have none and use their record id.
///
/// ```
/// use cardwright_core::{HolderKind, holder_number};
///
/// assert_eq!(holder_number(HolderKind::Person, 1).as_deref(), Some("10011000000000000001"));
/// assert_eq!(holder_number(HolderKind::Employee, 1), None);
/// ```
pub fn holder_number(kind: crate::HolderKind, sequence: i64) -> Option<String> {
    let prefix = match kind {
        crate::HolderKind::Person => PERSON_PREFIX,
        crate::HolderKind::Corporate => CORPORATE_PREFIX,
        crate::HolderKind::Employee => return None,
    };
    (1..100_000_000_000_000)
        .contains(&sequence)
        .then(|| format!("{prefix}{sequence:014}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_positive_number_that_json_can_carry() {
        assert!(CardId::new(0).is_err());
        assert!(CardId::new(-1).is_err());
        assert!(CardId::new(LIMIT).is_err());
        assert_eq!(
            CardId::new(LIMIT - 1).map(CardId::padded),
            Ok("9007199254740991".into())
        );
    }

    #[test]
    fn only_the_exact_spelling_names_a_record() {
        for text in [
            "",
            "+1",
            "-1",
            " 1",
            "1 ",
            "01",
            "1.0",
            "1e3",
            "99999999999999999999",
            "१",
        ] {
            assert!(CardId::parse(text).is_err(), "{text}");
        }
        for text in [
            "1",
            "0000000000000000",
            "00000000000000001",
            "000000000000001x",
        ] {
            assert!(CardId::parse_padded(text).is_err(), "{text}");
        }
        assert_eq!(
            CardId::parse_padded("0000000000000042").map(CardId::get),
            Ok(42)
        );
    }
}
