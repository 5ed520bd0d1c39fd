//! The entries of an account: the side of reconciliation that money was moved on.
//!
//! What a card moved is told by its narrative, [`narrative`]: it begins with `CRDS`, and the id of the
//! authorization stands in it where one preceded.

use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::account_id;
use super::authorizations::Range;
use super::paging::Paging;
use crate::instant::Rfc3339;
use crate::kind::PaddedId;
use crate::shape::{Fields, Policy, Shape};

/// How the narrative of what a card moved begins.
pub const CARD_ENTRY: &str = "CRDS";
/// What stands in place of an authorization's id where none preceded.
pub const NO_AUTHORIZATION: &str = "NOAUTH";

/// `POST get-ledger-transactions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetLedgerTransactions {
    /// Of which account.
    pub account_id: PaddedId,
    /// Only of this time.
    pub range: Range,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetLedgerTransactions {
    const NAME: &'static str = "GetLedgerTransactions";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account_id = fields.required("account_id", account_id());
        let range = Range::read(fields);
        let paging = Paging::read(fields);
        Some(GetLedgerTransactions {
            account_id: account_id?,
            range: range?,
            paging: paging?,
        })
    }
}

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the account.
    Credit,
    /// From the account.
    Debit,
}

/// An entry of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerTransaction {
    /// Id of the entry.
    pub id: PaddedId,
    /// Its place in the account's book: 1, 2, 3, without gaps.
    pub sequence: i64,
    /// Which way money went.
    pub direction: Direction,
    /// How much; a decimal string.
    pub amount: String,
    /// The account's currency, ISO 4217.
    pub currency: String,
    /// What was posted on the account after it; a decimal string.
    pub balance_after: String,
    /// What it was, in words for people and programs; see the reconciliation guide.
    #[schema(examples("CRDS 251001435963146785 0000000000000042 PRESENTMENT Kavine Vilnius LT"))]
    pub narrative: String,
    /// When.
    pub created_at: Rfc3339,
}

/// The answer to `get-ledger-transactions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerTransactionList {
    /// The entries, the oldest first.
    pub items: Vec<LedgerTransaction>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

/// What a card moved money for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardMovement<'a> {
    /// The authorization that preceded.
    pub authorization_id: Option<&'a str>,
    /// The transaction.
    pub transaction_id: PaddedId,
    /// What it was, in capitals.
    pub what: &'static str,
    /// The merchant's name, town and country.
    pub merchant: [&'a str; 3],
}

/// The narrative of an entry that a card made.
///
/// ```
/// use cardwright_wire::finci::ledger::{CardMovement, narrative};
/// use cardwright_wire::kind::PaddedId;
///
/// let paid = CardMovement {
///     authorization_id: Some("251001435963146785"),
///     transaction_id: PaddedId(42),
///     what: "PRESENTMENT",
///     merchant: ["Kavine", "Vilnius", "LT"],
/// };
/// assert_eq!(
///     narrative(&paid),
///     "CRDS 251001435963146785 0000000000000042 PRESENTMENT Kavine Vilnius LT"
/// );
/// let offline = CardMovement { authorization_id: None, ..paid };
/// assert!(narrative(&offline).starts_with("CRDS NOAUTH 0000000000000042 "));
/// ```
pub fn narrative(movement: &CardMovement<'_>) -> String {
    let authorization = movement.authorization_id.unwrap_or(NO_AUTHORIZATION);
    let (transaction, what) = (movement.transaction_id, movement.what);
    let mut text = format!("{CARD_ENTRY} {authorization} {transaction} {what}");
    for part in movement.merchant {
        // Whatever blanks a merchant has, one stands between two words.
        for word in part.split_whitespace() {
            text.push(' ');
            text.push_str(word);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_cannot_pass_for_more_than_the_end_of_a_narrative() {
        let movement = CardMovement {
            authorization_id: None,
            transaction_id: PaddedId(7),
            what: "RETURN",
            merchant: ["  CRDS   251001435963146785 ", "", "LT"],
        };
        let text = narrative(&movement);
        assert_eq!(
            text,
            "CRDS NOAUTH 0000000000000007 RETURN CRDS 251001435963146785 LT"
        );
        let second = text.split(' ').nth(1);
        assert_eq!(second, Some(NO_AUTHORIZATION), "the id stands in one place");
    }
}
