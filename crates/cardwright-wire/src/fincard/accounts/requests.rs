//! What is asked about accounts, and moving money between them.

use super::AccountType;
use crate::fincard::ids::merchant_order_no;
use crate::fincard::page::{ACCOUNT_PAGE_SIZE_MAX, PageRequest};
use crate::kind::{GivenId, Kind, amount, core_id, one_of, text};
use crate::shape::{Fields, Policy, Shape};

const ACCOUNT_TYPES: &[(&str, AccountType)] = &[
    ("WALLET", AccountType::Wallet),
    ("MARGIN", AccountType::Margin),
];

/// The names of an account's type.
const TYPE: &[&str; 2] = &["type", "accountType"];

/// `account/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAccounts {
    /// Which page.
    pub page: PageRequest,
    /// Only this one.
    pub account_id: Option<GivenId>,
    /// Only of this type.
    pub account_type: Option<AccountType>,
}

impl Shape for ListAccounts {
    const NAME: &'static str = "ListAccounts";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, ACCOUNT_PAGE_SIZE_MAX);
        let account_id = fields.optional("accountId", core_id().about("Only this account"));
        let account_type = fields.optional(
            TYPE,
            one_of(ACCOUNT_TYPES).about("Only accounts of this type"),
        );
        Some(ListAccounts {
            page: page?,
            account_id: account_id?,
            account_type: account_type?,
        })
    }
}

/// `account/single/query`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAccount {
    /// Which one.
    pub account_id: GivenId,
}

impl Shape for NameAccount {
    const NAME: &'static str = "NameAccount";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account_id = fields.required(
            "accountId",
            core_id().about("Which account").example("1734567890123"),
        );
        Some(NameAccount {
            account_id: account_id?,
        })
    }
}

/// `account/create`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAccount {
    /// Its name.
    pub account_name: String,
    /// Three capitals where all is well; not yet known to be a currency.
    pub currency: Option<String>,
}

/// The main account exists already: what can be opened is a pool.
const OPENED_TYPES: &[(&str, AccountType)] = &[("MARGIN", AccountType::Margin)];

impl Shape for CreateAccount {
    const NAME: &'static str = "CreateAccount";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account_name = fields.required(
            "accountName",
            text(1..=50).about("A name for it").example("Marketing"),
        );
        let currency = fields.optional(
            "currency",
            text(1..=10)
                .about("Currency, ISO 4217; USD when left out")
                .example("USD"),
        );
        let account_type = fields.optional(
            &["accountType", "type"],
            one_of(OPENED_TYPES).about("What it is for; MARGIN when left out"),
        );
        account_type?;
        Some(CreateAccount {
            account_name: account_name?,
            currency: currency?,
        })
    }
}

/// Which way money is moved; it goes from `fromAccountId` to `toAccountId` in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferType {
    /// Handed out, usually from the wallet into a pool.
    Transfer,
    /// Taken back.
    Collection,
}

const TRANSFER_TYPES: &[(&str, TransferType)] = &[
    ("TRANSFER", TransferType::Transfer),
    ("COLLECTION", TransferType::Collection),
];

/// `account/transfer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferMoney {
    /// Which way.
    pub transfer_type: TransferType,
    /// The integrator's number for it.
    pub merchant_order_no: String,
    /// Who pays.
    pub from_account_id: GivenId,
    /// Who receives.
    pub to_account_id: GivenId,
    /// How much.
    pub amount: String,
    /// The currency of both accounts, as the caller believes.
    pub currency: Option<String>,
    /// The integrator's note.
    pub remark: Option<String>,
}

impl Shape for TransferMoney {
    const NAME: &'static str = "TransferMoney";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let transfer_type = fields.required(
            "type",
            one_of(TRANSFER_TYPES).about("TRANSFER hands out, COLLECTION takes back"),
        );
        let number = merchant_order_no(20..=40).example("transfer-2025-10-01-0001");
        let merchant_order_no = fields.required("merchantOrderNo", number);
        let from_account_id = fields.required(
            &["fromAccountId", "payerAccountId"],
            core_id().about("Who pays").example("1734567890123"),
        );
        let to_account_id = fields.required(
            &["toAccountId", "payeeAccountId"],
            core_id().about("Who receives").example("1734567890124"),
        );
        let amount = fields.required("amount", amount().about("How much").example("500.00"));
        let currency = fields.optional(
            "currency",
            text(1..=10)
                .about("The currency of both accounts")
                .example("USD"),
        );
        let remark = fields.optional(
            &["description", "remark", "clientRemark"],
            text(0..=200)
                .about("Your note, shown with the entry")
                .example("Budget of October"),
        );
        Some(TransferMoney {
            transfer_type: transfer_type?,
            merchant_order_no: merchant_order_no?,
            from_account_id: from_account_id?,
            to_account_id: to_account_id?,
            amount: amount?,
            currency: currency?,
            remark: remark?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fincard::envelope::Failure;
    use crate::shape;

    fn msg<T: Shape>(body: &str) -> String {
        match shape::from_body::<T>(body.as_bytes()) {
            Ok(_) => "ok".to_owned(),
            Err(fault) => Failure::from(fault).msg().to_owned(),
        }
    }

    #[test]
    fn a_page_of_accounts_has_ten_at_most_and_a_type_has_two_names() {
        let body = br#"{"pageSize": 50, "accountType": "MARGIN", "accountId": "7"}"#;
        let read = shape::from_body::<ListAccounts>(body).expect("right").value;
        assert_eq!(read.page, PageRequest { num: 1, size: 10 });
        assert_eq!(read.account_type, Some(AccountType::Margin));
        assert_eq!(read.account_id, Some(GivenId::Id(7)));
        let both = r#"{"type": "WALLET", "accountType": "MARGIN"}"#;
        assert_eq!(
            msg::<ListAccounts>(both),
            "Two names of one field have different values: type"
        );
    }

    #[test]
    fn only_a_pool_can_be_opened_and_its_name_has_fifty_letters_at_most() {
        assert_eq!(msg::<CreateAccount>(r#"{"accountName": "Ads"}"#), "ok");
        let wallet = r#"{"accountName": "Ads", "accountType": "WALLET"}"#;
        assert!(msg::<CreateAccount>(wallet).ends_with(": accountType"));
        let long = format!(r#"{{"accountName": "{}"}}"#, "x".repeat(51));
        assert!(msg::<CreateAccount>(&long).ends_with(": accountName"));
        assert!(msg::<CreateAccount>("{}").starts_with("A required field is missing"));
    }

    #[test]
    fn a_transfer_is_read_by_either_names_and_compares_alike() {
        let one = br#"{"type": "TRANSFER", "merchantOrderNo": "transfer-00000000001",
            "fromAccountId": "1", "toAccountId": 2, "amount": "5.0", "description": "why"}"#;
        let other = br#"{"type": "TRANSFER", "merchantOrderNo": "transfer-00000000001",
            "payerAccountId": 1, "payeeAccountId": "2", "amount": 5, "clientRemark": "why"}"#;
        let one = shape::from_body::<TransferMoney>(one).expect("right");
        let other = shape::from_body::<TransferMoney>(other).expect("right");
        assert_eq!(one.canonical(), other.canonical());
        assert_eq!(one.value.remark.as_deref(), Some("why"));
    }

    #[test]
    fn the_number_of_a_transfer_has_twenty_to_forty_signs() {
        let with = |number: &str| {
            msg::<TransferMoney>(&format!(
                r#"{{"type": "COLLECTION", "merchantOrderNo": "{number}",
                "fromAccountId": "1", "toAccountId": "2", "amount": 1}}"#
            ))
        };
        assert_eq!(with(&"a".repeat(20)), "ok");
        assert_eq!(with(&"a".repeat(40)), "ok");
        for wrong in ["a".repeat(19), "a".repeat(41), "a b".repeat(8)] {
            assert!(with(&wrong).ends_with(": merchantOrderNo"), "{wrong}");
        }
    }
}
