//! Accounts: the places where the ledger keeps money.

use crate::{AccountId, Balance, Currency, Floor, HolderId, Refusal, Timestamp};

/// What an account is for. One chart of accounts exists per tenant and currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccountKind {
    /// The tenant's main money.
    Wallet,
    /// A pool that several cards spend from.
    Margin,
    /// The money on one prepaid card.
    CardBalance,
    /// An account of a person or corporate, made through the FINCI API.
    Customer,
    /// What the platform earned.
    FeesIncome,
    /// The other side of money that comes in from outside.
    ExternalFunding,
    /// What is owed to the card network, or by it.
    NetworkSettlement,
    /// Coins received and not yet turned into money.
    CryptoClearing,
    /// What the platform carries itself: overdrafts given up, credits given in advance.
    Loss,
}

impl AccountKind {
    /// Every kind, for tables and tests.
    pub const ALL: [AccountKind; 9] = [
        AccountKind::Wallet,
        AccountKind::Margin,
        AccountKind::CardBalance,
        AccountKind::Customer,
        AccountKind::FeesIncome,
        AccountKind::ExternalFunding,
        AccountKind::NetworkSettlement,
        AccountKind::CryptoClearing,
        AccountKind::Loss,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            AccountKind::Wallet => "wallet",
            AccountKind::Margin => "margin",
            AccountKind::CardBalance => "card_balance",
            AccountKind::Customer => "customer",
            AccountKind::FeesIncome => "fees_income",
            AccountKind::ExternalFunding => "external_funding",
            AccountKind::NetworkSettlement => "network_settlement",
            AccountKind::CryptoClearing => "crypto_clearing",
            AccountKind::Loss => "loss",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<AccountKind> {
        AccountKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// How low a payment may take an account of this kind when it is opened.
    pub fn floor(self) -> Floor {
        match self {
            AccountKind::Wallet
            | AccountKind::Margin
            | AccountKind::CardBalance
            | AccountKind::Customer
            | AccountKind::FeesIncome => Floor::At(0),
            // Our own books: a refund may come before the first payment.
            AccountKind::ExternalFunding
            | AccountKind::NetworkSettlement
            | AccountKind::CryptoClearing
            | AccountKind::Loss => Floor::None,
        }
    }

    /// Whether accounts of this kind are listed as a tenant's money: the balance of a prepaid card
    /// is visible, but shows with its card.
    pub fn is_main(self) -> bool {
        match self {
            AccountKind::Wallet | AccountKind::Margin | AccountKind::Customer => true,
            AccountKind::CardBalance
            | AccountKind::FeesIncome
            | AccountKind::ExternalFunding
            | AccountKind::NetworkSettlement
            | AccountKind::CryptoClearing
            | AccountKind::Loss => false,
        }
    }

    /// Whether the tenant may look at accounts of this kind; the others are the platform's book.
    pub fn is_visible(self) -> bool {
        match self {
            AccountKind::Wallet
            | AccountKind::Margin
            | AccountKind::CardBalance
            | AccountKind::Customer => true,
            AccountKind::FeesIncome
            | AccountKind::ExternalFunding
            | AccountKind::NetworkSettlement
            | AccountKind::CryptoClearing
            | AccountKind::Loss => false,
        }
    }
}

/// Whether an account takes part in payments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccountStatus {
    /// It does.
    Active,
    /// Not at present.
    Frozen,
    /// Never again.
    Closed,
}

impl AccountStatus {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            AccountStatus::Active => "active",
            AccountStatus::Frozen => "frozen",
            AccountStatus::Closed => "closed",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<AccountStatus> {
        [
            AccountStatus::Active,
            AccountStatus::Frozen,
            AccountStatus::Closed,
        ]
        .into_iter()
        .find(|status| status.word() == word)
    }
}

/// An account and what it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its id, the same in both APIs.
    pub id: AccountId,
    /// What it is for.
    pub kind: AccountKind,
    /// Whose it is; none for the tenant's own.
    pub owner: Option<HolderId>,
    /// The currency of all its money.
    pub currency: Currency,
    /// A name for people.
    pub name: String,
    /// Whether it takes part in payments.
    pub status: AccountStatus,
    /// The caller's own id for it.
    pub external_id: Option<String>,
    /// What it holds.
    pub balance: Balance,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it or its balance last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// Opens an empty account.
    pub fn open(id: AccountId, kind: AccountKind, currency: Currency, now: Timestamp) -> Account {
        Account {
            id,
            kind,
            owner: None,
            currency,
            name: String::new(),
            status: AccountStatus::Active,
            external_id: None,
            balance: Balance::empty(kind.floor()),
            created_at: now,
            updated_at: now,
        }
    }

    /// Refuses unless money may move here.
    pub fn require_active(&self) -> Result<(), Refusal> {
        match self.status {
            AccountStatus::Active => Ok(()),
            AccountStatus::Frozen | AccountStatus::Closed => Err(Refusal::AccountNotActive),
        }
    }

    /// Takes the account out of all payments until somebody puts it back. Freezing a frozen account
    /// changes nothing.
    pub fn freeze(self, now: Timestamp) -> Result<Account, Refusal> {
        self.moved(AccountStatus::Frozen, now)
    }

    /// Lets a frozen account take part in payments again.
    pub fn unfreeze(self, now: Timestamp) -> Result<Account, Refusal> {
        self.moved(AccountStatus::Active, now)
    }

    fn moved(self, status: AccountStatus, now: Timestamp) -> Result<Account, Refusal> {
        match self.status {
            AccountStatus::Closed => Err(Refusal::AccountNotActive),
            before if before == status => Ok(self),
            AccountStatus::Active | AccountStatus::Frozen => Ok(Account {
                status,
                updated_at: now,
                ..self
            }),
        }
    }

    /// What may be spent, in minor units.
    pub fn available_minor(&self) -> i64 {
        self.balance.available()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_statuses_read_back_from_their_words() {
        for kind in AccountKind::ALL {
            assert_eq!(AccountKind::from_word(kind.word()), Some(kind));
        }
        for status in [
            AccountStatus::Active,
            AccountStatus::Frozen,
            AccountStatus::Closed,
        ] {
            assert_eq!(AccountStatus::from_word(status.word()), Some(status));
        }
    }

    #[test]
    fn an_account_is_frozen_and_thawed_and_a_closed_one_stays_closed() {
        let id = AccountId::new(1).expect("positive");
        let start = Timestamp::UNIX_EPOCH;
        let at = |second| Timestamp::from_second(second).expect("in range");
        let open = Account::open(id, AccountKind::Wallet, Currency::USD, start);
        let frozen = open.clone().freeze(at(1)).expect("active");
        assert_eq!(frozen.status, AccountStatus::Frozen);
        assert_eq!(frozen.updated_at, at(1));
        assert_eq!(frozen.clone().freeze(at(2)), Ok(frozen.clone()));
        let thawed = frozen.unfreeze(at(3)).expect("frozen");
        assert_eq!(thawed.status, AccountStatus::Active);
        assert_eq!(thawed.clone().unfreeze(at(4)), Ok(thawed));
        let closed = Account {
            status: AccountStatus::Closed,
            ..open
        };
        let refused = Err(Refusal::AccountNotActive);
        assert_eq!(closed.clone().freeze(at(1)), refused);
        assert_eq!(closed.unfreeze(at(1)), refused);
    }

    #[test]
    fn only_an_active_account_moves_money_and_only_our_own_books_have_no_floor() {
        let id = AccountId::new(1).expect("positive");
        let account = Account::open(
            id,
            AccountKind::Wallet,
            Currency::USD,
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(account.require_active(), Ok(()));
        let frozen = Account {
            status: AccountStatus::Frozen,
            ..account
        };
        assert_eq!(frozen.require_active(), Err(Refusal::AccountNotActive));
        let unbounded = AccountKind::ALL
            .into_iter()
            .filter(|kind| kind.floor() == Floor::None);
        assert_eq!(
            unbounded.collect::<Vec<_>>(),
            [
                AccountKind::ExternalFunding,
                AccountKind::NetworkSettlement,
                AccountKind::CryptoClearing,
                AccountKind::Loss
            ]
        );
    }
}
