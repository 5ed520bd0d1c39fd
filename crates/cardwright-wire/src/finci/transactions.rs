//! Transactions: what merchants were paid and gave back.

use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::account_id;
use super::authorizations::{Merchant, Range, authorization_id};
use super::cards::token_id;
use super::paging::Paging;
use crate::instant::Rfc3339;
use crate::kind::{Kind, PaddedId, one_of};
use crate::shape::{Fields, Policy, Shape};

/// What a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransactionType {
    /// The merchant was paid for what had been authorized.
    Presentment,
    /// The merchant was paid without an authorization, or after its end.
    DeferredPresentment,
    /// The merchant gave money back.
    Return,
    /// The merchant took a return back.
    ReturnReversal,
}

/// What became of a transaction since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransactionStatus {
    /// It stands as it was posted.
    Posted,
    /// Part of it was given back, or is in dispute.
    PartiallyReturned,
    /// All of it was given back, or is in dispute.
    Returned,
}

const STATUSES: &[(&str, TransactionStatus)] = &[
    ("posted", TransactionStatus::Posted),
    ("partially_returned", TransactionStatus::PartiallyReturned),
    ("returned", TransactionStatus::Returned),
];

/// `POST get-transactions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetTransactions {
    /// Only of this card.
    pub token_id: Option<PaddedId>,
    /// Only of this account.
    pub account_id: Option<PaddedId>,
    /// Only what was authorized by this.
    pub authorization_id: Option<String>,
    /// Only of which this became.
    pub transaction_status: Option<TransactionStatus>,
    /// Only of this time.
    pub range: Range,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetTransactions {
    const NAME: &'static str = "GetTransactions";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token_id = fields.optional("token_id", token_id());
        let account_id = fields.optional("account_id", account_id());
        let authorization_id = fields.optional("authorization_id", authorization_id());
        let status = one_of(STATUSES).about("Only those that stand so");
        let transaction_status = fields.optional("transaction_status", status);
        let range = Range::read(fields);
        let paging = Paging::read(fields);
        Some(GetTransactions {
            token_id: token_id?,
            account_id: account_id?,
            authorization_id: authorization_id?,
            transaction_status: transaction_status?,
            range: range?,
            paging: paging?,
        })
    }
}

/// A transaction, as `get-transaction` answers it and `get-transactions` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Transaction {
    /// Id of the transaction.
    pub transaction_id: PaddedId,
    /// What it is.
    pub transaction_type: TransactionType,
    /// What became of it since.
    pub transaction_status: TransactionStatus,
    /// The authorization that preceded it; null where none did.
    #[schema(pattern = "^[0-9]{18}$")]
    pub authorization_id: Option<String>,
    /// The transaction that it gives or takes back; null where that is not known.
    pub original_transaction_id: Option<PaddedId>,
    /// The card.
    pub token_id: PaddedId,
    /// The account.
    pub account_id: PaddedId,
    /// How much, in `currency`; a decimal string.
    pub amount: String,
    /// The merchant's currency, ISO 4217.
    pub currency: String,
    /// How much that is for the account, markup included, in `billing_currency`.
    pub billing_amount: String,
    /// The account's currency, ISO 4217.
    pub billing_currency: String,
    /// The markup in it, in `billing_currency`.
    pub markup_amount: String,
    /// How much of `amount` was given back since, or is in dispute.
    pub returned_amount: String,
    /// Whether it took the account below its floor.
    pub overdrawn: bool,
    /// Where.
    pub merchant: Merchant,
    /// When it was posted.
    pub created_at: Rfc3339,
}

/// The answer to `get-transactions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TransactionList {
    /// The transactions, the oldest first.
    pub items: Vec<Transaction>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}
