//! Fees of a card that belong to no merchant, and what the wallet pays in a card's place.
//!
//! Law: a fee is paid whole by one account. The card pays where it can; where it cannot, the
//! wallet does, and that is a record of its own.

use crate::{AccountKind, Amount, Balance, CardFeeId, CardId, Currency, Timestamp};

/// Which fee.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardFeeKind {
    /// What keeping the card costs.
    Maintenance,
    /// A fee of the card that the wallet paid.
    FeePatch,
    /// The price of paying in another currency, which the wallet paid.
    CrossBorderPatch,
}

impl CardFeeKind {
    /// Every kind.
    pub const ALL: [CardFeeKind; 3] = [
        CardFeeKind::Maintenance,
        CardFeeKind::FeePatch,
        CardFeeKind::CrossBorderPatch,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            CardFeeKind::Maintenance => "maintenance",
            CardFeeKind::FeePatch => "fee_patch",
            CardFeeKind::CrossBorderPatch => "cross_border_patch",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<CardFeeKind> {
        CardFeeKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A fee of a card, paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardFee {
    /// Its record id (`tradeNo`).
    pub id: CardFeeId,
    /// Which fee.
    pub kind: CardFeeKind,
    /// Of which card.
    pub card: CardId,
    /// The record id (`originTradeNo`) of what it was for, if it was for something.
    pub origin: Option<String>,
    /// How much.
    pub amount: Amount,
    /// Why, in words.
    pub description: Option<String>,
    /// When it was paid.
    pub created_at: Timestamp,
}

/// Whether the account behind a card, left with this balance, can also pay a fee of so much.
///
/// Only money that was loaded by the tenant can fail to: a holder's own account pays for its card
/// whatever is on it.
pub fn covers_fee(kind: AccountKind, after: Balance, fee: Amount) -> bool {
    match kind {
        AccountKind::CardBalance | AccountKind::Margin => after.available() >= fee.minor(),
        AccountKind::Wallet
        | AccountKind::Customer
        | AccountKind::FeesIncome
        | AccountKind::ExternalFunding
        | AccountKind::NetworkSettlement
        | AccountKind::CryptoClearing
        | AccountKind::Loss => true,
    }
}

/// What a prepaid card owes after a settlement took it below zero; nothing of any other account.
pub fn overdraft(kind: AccountKind, currency: Currency, after: Balance) -> Option<Amount> {
    if kind != AccountKind::CardBalance || !after.is_below_floor() {
        return None;
    }
    let owed = after.posted().checked_neg()?;
    Amount::from_minor(owed, currency).filter(|owed| !owed.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Floor;

    fn left(posted: i64, held_debits: i64) -> Balance {
        let empty = Balance::empty(Floor::At(0));
        match posted {
            0.. => Balance {
                credits: posted,
                held_debits,
                ..empty
            },
            _ => Balance {
                debits: -posted,
                held_debits,
                ..empty
            },
        }
    }

    #[test]
    fn a_card_pays_its_fee_out_of_what_is_free_or_not_at_all() {
        let fee = Amount::from_minor(30, Currency::USD).expect("not negative");
        // kind, posted, held, pays
        let table = [
            (AccountKind::CardBalance, 30, 0, true),
            (AccountKind::CardBalance, 29, 0, false),
            (AccountKind::CardBalance, 50, 21, false),
            (AccountKind::Margin, 29, 0, false),
            (AccountKind::Customer, 0, 0, true),
            (AccountKind::Wallet, 0, 0, true),
        ];
        for (kind, posted, held, pays) in table {
            let covers = covers_fee(kind, left(posted, held), fee);
            assert_eq!(covers, pays, "{kind:?} {posted} {held}");
        }
    }

    #[test]
    fn only_a_prepaid_card_below_zero_owes_and_owes_all_of_it() {
        let owed = |kind, posted| overdraft(kind, Currency::USD, left(posted, 0));
        assert_eq!(
            owed(AccountKind::CardBalance, -70).map(Amount::minor),
            Some(70)
        );
        assert_eq!(owed(AccountKind::CardBalance, 0), None);
        assert_eq!(owed(AccountKind::Margin, -70), None);
        assert_eq!(owed(AccountKind::Customer, -70), None);
    }

    #[test]
    fn words_read_back() {
        for kind in CardFeeKind::ALL {
            assert_eq!(CardFeeKind::from_word(kind.word()), Some(kind));
        }
    }
}
