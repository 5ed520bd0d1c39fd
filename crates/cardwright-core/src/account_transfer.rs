//! Money that a tenant moves between its own accounts.

use crate::{
    Account, AccountTransferId, Amount, Currency, Refusal, Timestamp, Transfer, TransferKind,
};

/// Which way money goes, in the tenant's words; the ledger pays from payer to receiver in both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TransferDirection {
    /// Handed out, usually from the wallet into a pool.
    Transfer,
    /// Taken back.
    Collection,
}

impl TransferDirection {
    /// Both.
    pub const ALL: [TransferDirection; 2] =
        [TransferDirection::Transfer, TransferDirection::Collection];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            TransferDirection::Transfer => "transfer",
            TransferDirection::Collection => "collection",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<TransferDirection> {
        TransferDirection::ALL
            .into_iter()
            .find(|direction| direction.word() == word)
    }

    /// What the ledger calls it.
    pub fn kind(self) -> TransferKind {
        match self {
            TransferDirection::Transfer => TransferKind::AccountTransfer,
            TransferDirection::Collection => TransferKind::AccountCollection,
        }
    }

    /// The movement of an amount from the one account to the other, both of which must be able to
    /// move money of its currency.
    pub fn between(
        self,
        (payer, receiver): (&Account, &Account),
        amount: Amount,
    ) -> Result<Transfer, Refusal> {
        if check_parties(payer, receiver)? != amount.currency() {
            return Err(Refusal::CurrencyMismatch);
        }
        Transfer::new(payer.id, receiver.id, amount, self.kind())
    }
}

/// A movement between two accounts of a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountTransfer {
    /// Its id (`orderNo`).
    pub id: AccountTransferId,
    /// Which way.
    pub direction: TransferDirection,
    /// The caller's own number for it.
    pub number: String,
    /// Who pays, who receives, how much.
    pub transfer: Transfer,
    /// The caller's note.
    pub remark: Option<String>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// The currency of both accounts. The order of the checks is the order in which a caller can do
/// something about them.
fn check_parties(payer: &Account, receiver: &Account) -> Result<Currency, Refusal> {
    if payer.id == receiver.id {
        return Err(Refusal::SameAccount);
    }
    payer.require_active()?;
    receiver.require_active()?;
    if payer.currency != receiver.currency {
        return Err(Refusal::CurrencyMismatch);
    }
    Ok(payer.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, AccountKind, AccountStatus};

    fn account(id: i64, currency: Currency) -> Account {
        let id = AccountId::new(id).expect("positive");
        Account::open(id, AccountKind::Margin, currency, Timestamp::UNIX_EPOCH)
    }

    fn one(currency: Currency) -> Amount {
        Amount::from_minor(1, currency).expect("not negative")
    }

    #[test]
    fn money_moves_between_two_active_accounts_of_one_currency() {
        let (wallet, pool) = (account(1, Currency::USD), account(2, Currency::USD));
        let euros = account(3, Currency::EUR);
        let closed = Account {
            status: AccountStatus::Closed,
            ..account(4, Currency::USD)
        };
        for direction in TransferDirection::ALL {
            let moved = |payer, receiver, currency| {
                let moved = direction.between((payer, receiver), one(currency));
                moved.map(|transfer| (transfer.payer, transfer.receiver, transfer.kind))
            };
            let usd = Currency::USD;
            let expected = Ok((wallet.id, pool.id, direction.kind()));
            assert_eq!(moved(&wallet, &pool, usd), expected);
            assert_eq!(moved(&wallet, &wallet, usd), Err(Refusal::SameAccount));
            let mismatch = Err(Refusal::CurrencyMismatch);
            assert_eq!(moved(&wallet, &euros, usd), mismatch);
            assert_eq!(moved(&wallet, &pool, Currency::EUR), mismatch);
            let inactive = Err(Refusal::AccountNotActive);
            assert_eq!(moved(&wallet, &closed, usd), inactive);
            assert_eq!(moved(&closed, &wallet, usd), inactive);
        }
    }

    #[test]
    fn words_read_back() {
        for direction in TransferDirection::ALL {
            assert_eq!(
                TransferDirection::from_word(direction.word()),
                Some(direction)
            );
        }
    }
}
