//! Movements of coins on their chains.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CHAIN, STATUS, STATUSES, TYPE};
use crate::fincard::ids::TextId;
use crate::fincard::page::{PAGE_SIZE_MAX, PageRequest, TimeRange};
use crate::instant::UnixMs;
use crate::kind::{GivenId, Kind, core_id, one_of, text};
use crate::shape::{Fields, Policy, Shape};

/// Which way coins move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = WalletTransactionType)]
pub enum TransactionType {
    /// They come.
    Deposit,
    /// They go.
    Withdraw,
}

const TYPES: &[(&str, TransactionType)] = &[
    ("DEPOSIT", TransactionType::Deposit),
    ("WITHDRAW", TransactionType::Withdraw),
];

/// How far a movement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WalletTransactionStatus)]
pub enum Status {
    /// Announced, in no block yet.
    WaitProcess,
    /// In a block, with too few on it.
    Processing,
    /// Turned into money.
    Success,
    /// It never will be.
    Fail,
}

/// `wallet/v2/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTransactions {
    /// Which page.
    pub page: PageRequest,
    /// Only those of this time.
    pub time: TimeRange,
    /// Only of this coin.
    pub coin_key: Option<String>,
    /// Only of coins with this name.
    pub coin_name: Option<String>,
    /// Only on this chain.
    pub chain_key: Option<String>,
    /// Only this transaction of a chain.
    pub tx_hash: Option<String>,
    /// Only from this address.
    pub source_address: Option<String>,
    /// Only to this address.
    pub destination_address: Option<String>,
    /// Only this one.
    pub order_no: Option<GivenId>,
    /// Only this way.
    pub transaction_type: Option<TransactionType>,
    /// Only those that stand like this.
    pub status: Option<Status>,
    /// Only where transaction, addresses or coin contain this.
    pub search_term: Option<String>,
}

impl Shape for ListTransactions {
    const NAME: &'static str = "ListWalletTransactions";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let time = TimeRange::read_with(
            fields,
            "Not before, Unix milliseconds; 90 days before `endTime` if left out",
            "Not after, Unix milliseconds, at most 90 days after `startTime`; if left out, that \
             or now, whichever is sooner",
        );
        let mut exact =
            |names: &[&'static str; 2], about| fields.optional(names, text(0..=100).about(about));
        let tx_hash = exact(
            &["txHash", "transactionHash"],
            "Only this transaction of a chain",
        );
        let source_address = exact(&["sourceAddress", "fromAddress"], "Only from this address");
        let destination_address =
            exact(&["destinationAddress", "toAddress"], "Only to this address");
        let chain_key = exact(CHAIN, "Only on this chain");
        let coin_key = fields.optional("coinKey", text(0..=40).about("Only of this coin"));
        let coin_name = fields.optional(
            "coinName",
            text(0..=40).about("Only of coins with this short name"),
        );
        let order_no = fields.optional(
            "orderNo",
            core_id().about("Only this one; also by the number under which it was announced"),
        );
        let transaction_type = fields.optional(TYPE, one_of(TYPES).about("Only this way"));
        let status = fields.optional(
            STATUS,
            one_of(STATUSES).about("Only those that stand like this"),
        );
        let search_term = fields.optional(
            "searchTerm",
            text(0..=100).about("Only where transaction, addresses or coin contain this"),
        );
        Some(ListTransactions {
            page: page?,
            time: time?,
            coin_key: coin_key?,
            coin_name: coin_name?,
            chain_key: chain_key?,
            tx_hash: tx_hash?,
            source_address: source_address?,
            destination_address: destination_address?,
            order_no: order_no?,
            transaction_type: transaction_type?,
            status: status?,
            search_term: search_term?,
        })
    }
}

/// What a movement costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionFee {
    /// Part of the amount; 1 means one percent.
    pub rate: String,
    /// Added to it.
    pub fixed: String,
    /// Both together; known once the movement was turned into money.
    pub total: Option<String>,
}

/// A block of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockFacts {
    /// How many came before it.
    pub number: i64,
    /// Its hash.
    pub hash: String,
    /// When it was made.
    pub at: Timestamp,
}

/// What the server knows about a movement; [`Transaction`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionFacts {
    /// Core id.
    pub id: i64,
    /// Core id of the announced deposit that it is.
    pub announced_id: Option<i64>,
    /// The coin's key.
    pub coin_key: String,
    /// The coin's short name.
    pub coin_name: String,
    /// The chain's key.
    pub chain: &'static str,
    /// Core id of the address.
    pub address_id: Option<i64>,
    /// Core id of the account.
    pub account_id: i64,
    /// Where coins came from.
    pub from_address: String,
    /// Where they went.
    pub to_address: String,
    /// The transaction on the chain.
    pub tx_hash: String,
    /// How many coins.
    pub units: String,
    /// What that costs.
    pub fee: TransactionFee,
    /// What the account received.
    pub received: Option<String>,
    /// In which currency.
    pub currency: String,
    /// How far it is.
    pub status: Status,
    /// Why it failed, in words.
    pub message: Option<&'static str>,
    /// The block it is in.
    pub block: Option<BlockFacts>,
    /// How many blocks lie on it.
    pub confirmations: u32,
    /// How many it needs.
    pub required_confirmations: u32,
    /// When it was first seen.
    pub seen_at: Timestamp,
    /// When it had blocks enough.
    pub confirmed_at: Option<Timestamp>,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// A movement of coins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WalletTransaction)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Transaction {
    /// Id of the movement.
    order_no: TextId,
    /// The `orderNo` under which it was announced by `account/walletDeposit`; null where it was not.
    announced_order_no: Option<TextId>,
    /// Key of the coin.
    coin_key: String,
    /// The number of the block it is in; null until it is in one.
    block: Option<String>,
    /// Where coins came from.
    source_address: String,
    /// Where they went.
    destination_address: String,
    /// The transaction on the chain.
    tx_hash: String,
    /// When it was first seen.
    transaction_time: UnixMs,
    /// When it had blocks enough.
    confirm_time: Option<UnixMs>,
    /// Short name of the coin.
    coin_name: String,
    /// How many coins.
    tx_amount: String,
    /// Part of the amount that is kept; 1 means one percent.
    fee_rate: String,
    /// What was kept; null until the coins were turned into money.
    fee: Option<String>,
    /// Kept on top of the rate.
    fixed_fee: String,
    /// What the account received; null until it did.
    received_amount: Option<String>,
    /// In which currency.
    received_currency: String,
    /// Which way.
    #[serde(rename = "type")]
    kind: TransactionType,
    /// Same as `type`.
    transaction_type: TransactionType,
    /// How far it is.
    status: Status,
    /// Same as `status`.
    transaction_status: Status,
    /// When it was first seen.
    create_time: UnixMs,
    /// When it last moved.
    update_time: UnixMs,
    /// Same as `txHash`.
    transaction_hash: String,
    /// Why it failed, in words.
    message: Option<&'static str>,
    /// Same as `orderNo`.
    transaction_id: TextId,
    /// Id of the address.
    address_id: Option<TextId>,
    /// Which account received.
    account_id: TextId,
    /// Key of the chain.
    chain: &'static str,
    /// Same as `chain`.
    chain_key: &'static str,
    /// The hash of that block.
    block_hash: Option<String>,
    /// Same as `block`, as a number.
    block_number: Option<i64>,
    /// Same as `blockNumber`.
    block_height: Option<i64>,
    /// Same as `receivedAmount`.
    amount: Option<String>,
    /// Same as `fee`.
    fee_amount: Option<String>,
    /// How many blocks lie on it.
    confirmations: u32,
    /// How many it needs.
    required_confirmations: u32,
    /// Same as `sourceAddress`.
    from_address: String,
    /// Same as `destinationAddress`.
    to_address: String,
    /// Always null: these chains need none.
    memo: Option<String>,
    /// When that block was made.
    block_time: Option<UnixMs>,
}

impl From<TransactionFacts> for Transaction {
    fn from(facts: TransactionFacts) -> Transaction {
        Transaction {
            order_no: TextId(facts.id),
            announced_order_no: facts.announced_id.map(TextId),
            coin_key: facts.coin_key,
            block: facts.block.as_ref().map(|block| block.number.to_string()),
            source_address: facts.from_address.clone(),
            destination_address: facts.to_address.clone(),
            tx_hash: facts.tx_hash.clone(),
            transaction_time: UnixMs(facts.seen_at),
            confirm_time: facts.confirmed_at.map(UnixMs),
            coin_name: facts.coin_name,
            tx_amount: facts.units,
            fee_rate: facts.fee.rate,
            fee: facts.fee.total.clone(),
            fixed_fee: facts.fee.fixed,
            received_amount: facts.received.clone(),
            received_currency: facts.currency,
            kind: TransactionType::Deposit,
            transaction_type: TransactionType::Deposit,
            status: facts.status,
            transaction_status: facts.status,
            create_time: UnixMs(facts.seen_at),
            update_time: UnixMs(facts.updated_at),
            transaction_hash: facts.tx_hash,
            message: facts.message,
            transaction_id: TextId(facts.id),
            address_id: facts.address_id.map(TextId),
            account_id: TextId(facts.account_id),
            chain: facts.chain,
            chain_key: facts.chain,
            block_number: facts.block.as_ref().map(|block| block.number),
            block_height: facts.block.as_ref().map(|block| block.number),
            block_time: facts.block.as_ref().map(|block| UnixMs(block.at)),
            block_hash: facts.block.map(|block| block.hash),
            amount: facts.received,
            fee_amount: facts.fee.total,
            confirmations: facts.confirmations,
            required_confirmations: facts.required_confirmations,
            from_address: facts.from_address,
            to_address: facts.to_address,
            memo: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    #[test]
    fn a_movement_is_found_by_either_name_of_a_field() {
        let body = br#"{"transactionType": "DEPOSIT", "transactionStatus": "success",
            "transactionHash": "c0ffee", "fromAddress": "T1", "toAddress": "T2", "chain": "TRC20"}"#;
        let read = shape::from_body::<ListTransactions>(body)
            .expect("right")
            .value;
        assert_eq!(read.transaction_type, Some(TransactionType::Deposit));
        assert_eq!(read.status, Some(Status::Success));
        assert_eq!(read.tx_hash.as_deref(), Some("c0ffee"));
        assert_eq!(read.source_address.as_deref(), Some("T1"));
        assert_eq!(read.destination_address.as_deref(), Some("T2"));
        assert_eq!(read.chain_key.as_deref(), Some("TRC20"));
        assert_eq!((read.time.start_ms, read.time.end_ms), (None, None));
        let both = br#"{"type": "DEPOSIT", "transactionType": "WITHDRAW"}"#;
        assert!(shape::from_body::<ListTransactions>(both).is_err());
    }

    #[test]
    fn a_movement_has_exactly_the_published_names() {
        let movement = Transaction::from(TransactionFacts {
            id: 9,
            announced_id: Some(8),
            coin_key: "USDT_TRC20".to_owned(),
            coin_name: "USDT".to_owned(),
            chain: "TRC20",
            address_id: Some(3),
            account_id: 2,
            from_address: "T1".to_owned(),
            to_address: "T2".to_owned(),
            tx_hash: "c0ffee".to_owned(),
            units: "9.000000".to_owned(),
            fee: TransactionFee {
                rate: "1.5".to_owned(),
                fixed: "0.00".to_owned(),
                total: Some("0.14".to_owned()),
            },
            received: Some("8.86".to_owned()),
            currency: "USD".to_owned(),
            status: Status::Success,
            message: None,
            block: Some(BlockFacts {
                number: 88_123_456,
                hash: "ab".repeat(32),
                at: Timestamp::UNIX_EPOCH,
            }),
            confirmations: 38,
            required_confirmations: 38,
            seen_at: Timestamp::UNIX_EPOCH,
            confirmed_at: Some(Timestamp::UNIX_EPOCH),
            updated_at: Timestamp::UNIX_EPOCH,
        });
        let written = serde_json::to_value(movement).expect("plain");
        let names = "orderNo announcedOrderNo coinKey block sourceAddress destinationAddress txHash transactionTime \
            confirmTime coinName txAmount feeRate fee fixedFee receivedAmount receivedCurrency type \
            transactionType status transactionStatus createTime updateTime transactionHash message \
            transactionId addressId accountId chain chainKey blockHash blockNumber blockHeight amount \
            feeAmount confirmations requiredConfirmations fromAddress toAddress memo blockTime";
        crate::fincard::assert_names(&written, names);
        assert_eq!(written["announcedOrderNo"], "8");
        assert_eq!(written["amount"], "8.86");
        assert_eq!(written["status"], "success");
        assert_eq!(written["type"], "DEPOSIT");
        assert_eq!(written["block"], "88123456");
        assert_eq!(written["blockHeight"], 88_123_456);
    }
}
