//! Accounts: the tenant's wallet and its shared pools, and what they can be asked.

mod entries;
mod requests;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::ids::TextId;
use crate::instant::UnixMs;

pub use entries::{BizType, Direction, EntryFacts, LedgerEntry, ListEntries};
pub use requests::{CreateAccount, ListAccounts, NameAccount, TransferMoney, TransferType};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccountType {
    /// The main account.
    Wallet,
    /// A shared pool that several cards draw on.
    Margin,
}

/// Whether an account moves money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccountStatus {
    /// It does.
    Active,
    /// Not until someone lifts the freeze.
    Frozen,
    /// Never again.
    Closed,
}

/// What the server knows about an account; [`Account`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFacts {
    /// Core id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub account_type: AccountType,
    /// Currency, ISO 4217.
    pub currency: String,
    /// Posted, held amounts included; a decimal string, like all amounts.
    pub total: String,
    /// What can be spent.
    pub available: String,
    /// What is held.
    pub frozen: String,
    /// How many decimals to show.
    pub display_decimals: u32,
    /// Whether it moves money.
    pub status: AccountStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Account {
    /// Id of the account.
    account_id: TextId,
    /// Its name.
    account_name: String,
    /// What it is for.
    account_type: AccountType,
    /// Currency, ISO 4217.
    currency: String,
    /// Posted, held amounts included.
    total_balance: String,
    /// What can be spent.
    available_balance: String,
    /// What is held.
    frozen_balance: String,
    /// How many decimals to show.
    digital: u32,
    /// Same as `totalBalance`.
    current_balance: String,
    /// Whether it moves money.
    account_status: AccountStatus,
    /// When it was created.
    create_time: UnixMs,
    /// When it last changed.
    update_time: UnixMs,
    /// Same as `availableBalance`.
    balance: String,
}

impl From<AccountFacts> for Account {
    fn from(facts: AccountFacts) -> Account {
        Account {
            account_id: TextId(facts.id),
            account_name: facts.name,
            account_type: facts.account_type,
            currency: facts.currency,
            current_balance: facts.total.clone(),
            total_balance: facts.total,
            balance: facts.available.clone(),
            available_balance: facts.available,
            frozen_balance: facts.frozen,
            digital: facts.display_decimals,
            account_status: facts.status,
            create_time: UnixMs(facts.created_at),
            update_time: UnixMs(facts.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_written_under_every_published_name() {
        let account = Account::from(AccountFacts {
            id: 7,
            name: "Wallet".to_owned(),
            account_type: AccountType::Wallet,
            currency: "USD".to_owned(),
            total: "100.00".to_owned(),
            available: "90.00".to_owned(),
            frozen: "10.00".to_owned(),
            display_decimals: 2,
            status: AccountStatus::Active,
            created_at: Timestamp::from_millisecond(1).expect("an instant"),
            updated_at: Timestamp::from_millisecond(2).expect("an instant"),
        });
        let expected = concat!(
            r#"{"accountId":"7","accountName":"Wallet","accountType":"WALLET","currency":"USD","#,
            r#""totalBalance":"100.00","availableBalance":"90.00","frozenBalance":"10.00","digital":2,"#,
            r#""currentBalance":"100.00","accountStatus":"ACTIVE","createTime":1,"updateTime":2,"balance":"90.00"}"#,
        );
        assert_eq!(serde_json::to_string(&account).expect("plain"), expected);
    }
}
