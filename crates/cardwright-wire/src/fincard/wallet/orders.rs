//! The older calls about deposits: announcing one, and listing what came.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CHAIN, STATUSES, Status, TransactionFee};
use crate::fincard::ids::TextId;
use crate::fincard::page::{PAGE_SIZE_MAX, PageRequest, TimeRange};
use crate::instant::UnixMs;
use crate::kind::{GivenId, Kind, amount, core_id, ignored, one_of, text};
use crate::shape::{Fields, Policy, Shape};

/// `account/walletDeposit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletDeposit {
    /// Which account receives; the wallet where it is left out.
    pub account_id: Option<GivenId>,
    /// How much is going to be sent.
    pub amount: String,
    /// The currency of the amount, as the caller believes.
    pub currency: Option<String>,
    /// The chain's key; the first where it is left out.
    pub chain: Option<String>,
}

impl Shape for WalletDeposit {
    const NAME: &'static str = "WalletDeposit";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account_id = fields.optional(
            "accountId",
            core_id().about("Which account receives; the wallet when left out"),
        );
        let amount = fields.required(
            "amount",
            amount()
                .about("How much you are going to send")
                .example("100.00"),
        );
        let currency = fields.optional(
            "currency",
            text(1..=10)
                .about("Currency of the amount: that of the account, or the coin")
                .example("USD"),
        );
        let chain = fields.optional(
            CHAIN,
            text(1..=40)
                .about("Chain: TRC20, which it is when left out, or BEP20")
                .example("TRC20"),
        );
        let payment_method = fields.optional("paymentMethod", ignored());
        payment_method?;
        Some(WalletDeposit {
            account_id: account_id?,
            amount: amount?,
            currency: currency?,
            chain: chain?,
        })
    }
}

/// What the server knows about an announced deposit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedFacts {
    /// Core id.
    pub id: i64,
    /// Core id of the account.
    pub account_id: i64,
    /// How much was announced.
    pub amount: String,
    /// In which currency.
    pub currency: String,
    /// How it stands.
    pub status: Status,
    /// The chain's key.
    pub chain: &'static str,
    /// Where to send it.
    pub to_address: String,
    /// How long it is awaited, in seconds.
    pub expire_second: i64,
    /// When it was announced.
    pub created_at: Timestamp,
}

/// An announced deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnnouncedDeposit {
    /// Id of the announced deposit.
    order_id: TextId,
    /// Same as `orderId`.
    order_no: TextId,
    /// Which account receives.
    account_id: TextId,
    /// How much was announced.
    amount: String,
    /// In which currency.
    currency: String,
    /// How it stands.
    status: Status,
    /// When it was announced.
    create_time: UnixMs,
    /// What you said.
    user_input_deposit_amount: String,
    /// What to send: the same.
    actual_deposit_amount: String,
    /// Key of the chain.
    chain: &'static str,
    /// Same as `chain`.
    chain_key: &'static str,
    /// Where to send it.
    to_address: String,
    /// How many seconds it is awaited.
    expire_second: i64,
}

impl From<AnnouncedFacts> for AnnouncedDeposit {
    fn from(facts: AnnouncedFacts) -> AnnouncedDeposit {
        AnnouncedDeposit {
            order_id: TextId(facts.id),
            order_no: TextId(facts.id),
            account_id: TextId(facts.account_id),
            user_input_deposit_amount: facts.amount.clone(),
            actual_deposit_amount: facts.amount.clone(),
            amount: facts.amount,
            currency: facts.currency,
            status: facts.status,
            create_time: UnixMs(facts.created_at),
            chain: facts.chain,
            chain_key: facts.chain,
            to_address: facts.to_address,
            expire_second: facts.expire_second,
        }
    }
}

/// `account/walletDepositTransaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDeposits {
    /// Which page.
    pub page: PageRequest,
    /// Only those of this time.
    pub time: TimeRange,
    /// Only of this account.
    pub account_id: Option<GivenId>,
    /// Only this one.
    pub order_no: Option<GivenId>,
    /// Only from this address.
    pub from_address: Option<String>,
    /// Only to this address.
    pub to_address: Option<String>,
    /// Only this transaction of a chain.
    pub tx_id: Option<String>,
    /// Only those that stand like this.
    pub status: Option<Status>,
}

impl Shape for ListDeposits {
    const NAME: &'static str = "ListDeposits";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let time = TimeRange::read(fields);
        let account_id = fields.optional("accountId", core_id().about("Only of this account"));
        let order_no = fields.optional(
            "orderNo",
            core_id()
                .about("Only this one: by the announced deposit's number, or by that of what came"),
        );
        let mut exact = |name, about| fields.optional(name, text(0..=100).about(about));
        let from_address = exact("fromAddress", "Only from this address");
        let to_address = exact("toAddress", "Only to this address");
        let tx_id = exact("txId", "Only this transaction of a chain, by its hash");
        let status = fields.optional(
            "status",
            one_of(STATUSES).about("Only those that stand like this"),
        );
        Some(ListDeposits {
            page: page?,
            time: time?,
            account_id: account_id?,
            order_no: order_no?,
            from_address: from_address?,
            to_address: to_address?,
            tx_id: tx_id?,
            status: status?,
        })
    }
}

/// What the server knows about a deposit, announced or not, come or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositRecordFacts {
    /// Core id of the announced deposit, or of the deposit that came unannounced.
    pub id: i64,
    /// Core id of what came.
    pub movement_id: Option<i64>,
    /// Core id of the account.
    pub account_id: i64,
    /// How much was announced.
    pub announced: Option<String>,
    /// How many coins came.
    pub units: Option<String>,
    /// What it costs.
    pub fee: TransactionFee,
    /// The coin's short name.
    pub coin_name: String,
    /// What the account received.
    pub received: Option<String>,
    /// In which currency.
    pub received_currency: String,
    /// The chain's key.
    pub chain: &'static str,
    /// Where coins came from.
    pub from_address: Option<String>,
    /// Where they went.
    pub to_address: String,
    /// The transaction on the chain.
    pub tx_hash: Option<String>,
    /// The number of the block it is in.
    pub block: Option<String>,
    /// When it had blocks enough.
    pub confirmed_at: Option<Timestamp>,
    /// How it stands.
    pub status: Status,
    /// Why it failed, in words.
    pub remark: Option<&'static str>,
    /// When it was announced, or first seen.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// A deposit, announced or not, come or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DepositRecord {
    /// Id of the announced deposit, or of the deposit that came unannounced.
    order_no: TextId,
    /// Id of what came: its `orderNo` in `wallet/v2/transaction` and in the book; null until
    /// something is on its way.
    transaction_id: Option<TextId>,
    /// Which account receives.
    account_id: TextId,
    /// How much was announced; null for what came unannounced.
    need_deposit_tx_amount: Option<String>,
    /// How many coins came.
    tx_amount: Option<String>,
    /// Part of the amount that is kept; 1 means one percent.
    fee_rate: String,
    /// What was kept; null until the coins were turned into money.
    fee: Option<String>,
    /// Kept on top of the rate.
    fixed_fee: String,
    /// Short name of the coin.
    currency: String,
    /// What the account received; null until it did.
    received_amount: Option<String>,
    /// In which currency.
    received_currency: String,
    /// Key of the chain.
    chain: &'static str,
    /// Same as `chain`.
    chain_key: &'static str,
    /// Where coins came from.
    from_address: Option<String>,
    /// Where they went, or are to go.
    to_address: String,
    /// The transaction on the chain.
    tx_id: Option<String>,
    /// The number of the block it is in; null until it is in one.
    block: Option<String>,
    /// When it had blocks enough.
    confirm_time: Option<UnixMs>,
    /// Always `chain_deposit`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// How it stands.
    status: Status,
    /// Why it failed, in words.
    remark: Option<&'static str>,
    /// When it was announced, or first seen.
    create_time: UnixMs,
    /// When it last moved.
    update_time: UnixMs,
}

impl From<DepositRecordFacts> for DepositRecord {
    fn from(facts: DepositRecordFacts) -> DepositRecord {
        DepositRecord {
            order_no: TextId(facts.id),
            transaction_id: facts.movement_id.map(TextId),
            account_id: TextId(facts.account_id),
            need_deposit_tx_amount: facts.announced,
            tx_amount: facts.units,
            fee_rate: facts.fee.rate,
            fee: facts.fee.total,
            fixed_fee: facts.fee.fixed,
            currency: facts.coin_name,
            received_amount: facts.received,
            received_currency: facts.received_currency,
            chain: facts.chain,
            chain_key: facts.chain,
            from_address: facts.from_address,
            to_address: facts.to_address,
            tx_id: facts.tx_hash,
            block: facts.block,
            confirm_time: facts.confirmed_at.map(UnixMs),
            kind: "chain_deposit",
            status: facts.status,
            remark: facts.remark,
            create_time: UnixMs(facts.created_at),
            update_time: UnixMs(facts.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    #[test]
    fn only_the_amount_of_a_deposit_need_be_said() {
        let read = shape::from_body::<WalletDeposit>(br#"{"amount": 100, "chainKey": "BEP20"}"#);
        let read = read.expect("right").value;
        assert_eq!(read.chain.as_deref(), Some("BEP20"));
        assert_eq!((read.account_id, read.currency), (None, None));
        assert!(shape::from_body::<WalletDeposit>(b"{}").is_err());
        let paid = br#"{"amount": "1", "paymentMethod": {"any": "thing"}}"#;
        assert!(shape::from_body::<WalletDeposit>(paid).is_ok());
    }

    #[test]
    fn announced_deposits_and_records_have_exactly_the_published_names() {
        let announced = AnnouncedDeposit::from(AnnouncedFacts {
            id: 5,
            account_id: 2,
            amount: "100.00".to_owned(),
            currency: "USD".to_owned(),
            status: Status::WaitProcess,
            chain: "TRC20",
            to_address: "T2".to_owned(),
            expire_second: 10_800,
            created_at: Timestamp::UNIX_EPOCH,
        });
        let written = serde_json::to_value(announced).expect("plain");
        let names = "orderId orderNo accountId amount currency status createTime \
            userInputDepositAmount actualDepositAmount chain chainKey toAddress expireSecond";
        crate::fincard::assert_names(&written, names);
        assert_eq!(written["status"], "wait_process");
        let record = DepositRecord::from(DepositRecordFacts {
            block: Some("88123456".to_owned()),
            id: 5,
            movement_id: Some(6),
            account_id: 2,
            announced: Some("100.00".to_owned()),
            units: None,
            fee: TransactionFee {
                rate: "1.5".to_owned(),
                fixed: "0.00".to_owned(),
                total: None,
            },
            coin_name: "USDT".to_owned(),
            received: None,
            received_currency: "USD".to_owned(),
            chain: "TRC20",
            from_address: None,
            to_address: "T2".to_owned(),
            tx_hash: None,
            confirmed_at: None,
            status: Status::WaitProcess,
            remark: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        });
        let written = serde_json::to_value(record).expect("plain");
        let names = "orderNo transactionId accountId needDepositTxAmount txAmount feeRate fee fixedFee currency \
            receivedAmount receivedCurrency chain chainKey fromAddress toAddress txId block \
            confirmTime type status remark createTime updateTime";
        crate::fincard::assert_names(&written, names);
        assert_eq!(written["transactionId"], "6");
        assert_eq!(written["type"], "chain_deposit");
    }
}
