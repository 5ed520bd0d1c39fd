//! Ledger entries: what moved an account's balance.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::fincard::ids::TextId;
use crate::fincard::page::{PAGE_SIZE_MAX, PageRequest, TimeRange};
use crate::instant::UnixMs;
use crate::kind::{GivenId, Kind, core_id, one_of};
use crate::shape::{Fields, Policy, Shape};

macro_rules! biz_types {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// Why a balance moved.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        // Not each by its own `rename`: the derived schema cannot see a word that a macro hands on.
        #[serde(rename_all = "snake_case")]
        pub enum BizType { $($(#[$doc])* $name),+ }

        const BIZ_TYPES: &[(&str, BizType)] = &[$(($word, BizType::$name)),+];
    };
}

biz_types! {
    /// Coins were turned into money.
    ChainDeposit = "chain_deposit",
    /// Money was turned into coins.
    ChainWithdraw = "chain_withdraw",
    /// The price of a card.
    CardPurchase = "card_purchase",
    /// Money put onto a card.
    CardDeposit = "card_deposit",
    /// Money taken from a card.
    CardWithdraw = "card_withdraw",
    /// What was left on a cancelled card.
    CardCancel = "card_cancel",
    /// A fee of an authorization that the card could not pay.
    CardAuthFeePatch = "card_auth_fee_patch",
    /// A fee for paying abroad that the card could not pay.
    CardCrossBoardPatch = "card_cross_board_patch",
    /// A card below zero was made good.
    CardOverdraftStatement = "card_overdraft_statement",
    /// A payment by card.
    CardSettlement = "card_settlement",
    /// A merchant gave money back.
    CardRefund = "card_refund",
    /// The price of a declined payment.
    CardDeclineFee = "card_decline_fee",
    /// Money moved to another account.
    FundTransfer = "fund_transfer",
    /// Money moved back from another account.
    FundCollection = "fund_collection",
    /// Money sent to a bank account.
    GtTransfer = "gt_transfer",
    /// Money that came back from there.
    GtTransferRefund = "gt_transfer_refund",
    /// Money that came or went by another way, put right by staff for instance.
    Fixed = "fixed",
}

/// `account/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntries {
    /// Which page.
    pub page: PageRequest,
    /// Only entries of this time.
    pub time: TimeRange,
    /// Only what this made.
    pub order_no: Option<GivenId>,
    /// Only of this account.
    pub account_id: Option<GivenId>,
    /// Only for this reason.
    pub biz_type: Option<BizType>,
}

impl Shape for ListEntries {
    const NAME: &'static str = "ListEntries";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let time = TimeRange::read_with(
            fields,
            "Not before, Unix milliseconds; 30 days before `endTime` if left out",
            "Not after, Unix milliseconds, at most 30 days after `startTime`; if left out, that \
             or now, whichever is sooner",
        );
        let order_no = fields.optional(
            "orderNo",
            core_id().about("Only what this order, `tradeNo` of a card, deposit or transfer made"),
        );
        let account_id = fields.optional("accountId", core_id().about("Only of this account"));
        let biz_type = fields.optional("bizType", one_of(BIZ_TYPES).about("Only for this reason"));
        Some(ListEntries {
            page: page?,
            time: time?,
            order_no: order_no?,
            account_id: account_id?,
            biz_type: biz_type?,
        })
    }
}

/// Which way money went, seen from the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = EntryDirection)]
pub enum Direction {
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// What the server knows about an entry; [`LedgerEntry`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFacts {
    /// Id of the transfer.
    pub id: i64,
    /// Core id of the account.
    pub account_id: i64,
    /// Currency, ISO 4217.
    pub currency: String,
    /// How much; a decimal string, like all amounts.
    pub amount: String,
    /// What the account had before.
    pub before: String,
    /// What it had afterwards.
    pub after: String,
    /// What made the entry.
    pub order_no: i64,
    /// Why.
    pub biz_type: BizType,
    /// Which way.
    pub direction: Direction,
    /// The integrator's note.
    pub remark: Option<String>,
    /// Why, in words.
    pub description: &'static str,
    /// When.
    pub at: Timestamp,
}

/// An entry in the book of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntry {
    /// Id of the movement. The account at its other end shows the same: `txId` and `accountId` together
    /// name an entry.
    tx_id: i64,
    /// Same as `txId`, as text: of both ends of the movement.
    transaction_id: TextId,
    /// Whose entry it is.
    account_id: TextId,
    /// Currency, ISO 4217.
    currency: String,
    /// How much; `direction` says which way.
    amount: String,
    /// What the account had before, held amounts included.
    before_balance: String,
    /// Same as `beforeBalance`.
    balance_before: String,
    /// What it had afterwards.
    after_balance: String,
    /// Same as `afterBalance`.
    balance_after: String,
    /// What made it: an order, a deposit, a transfer, or what a card was used for, by the `tradeNo` of
    /// `card/authorize/transaction`.
    order_no: TextId,
    /// Why.
    biz_type: BizType,
    /// Same as `bizType`.
    transaction_type: BizType,
    /// Which way.
    direction: Direction,
    /// Your note.
    remark: Option<String>,
    /// Why, in words; your note where there is one.
    description: String,
    /// Always COMPLETED: what is only held is in no book.
    transaction_status: &'static str,
    /// When.
    create_time: UnixMs,
    /// Same as `createTime`.
    update_time: UnixMs,
}

impl From<EntryFacts> for LedgerEntry {
    fn from(facts: EntryFacts) -> LedgerEntry {
        LedgerEntry {
            tx_id: facts.id,
            transaction_id: TextId(facts.id),
            account_id: TextId(facts.account_id),
            currency: facts.currency,
            amount: facts.amount,
            balance_before: facts.before.clone(),
            before_balance: facts.before,
            balance_after: facts.after.clone(),
            after_balance: facts.after,
            order_no: TextId(facts.order_no),
            biz_type: facts.biz_type,
            transaction_type: facts.biz_type,
            direction: facts.direction,
            description: facts
                .remark
                .clone()
                .unwrap_or_else(|| facts.description.to_owned()),
            remark: facts.remark,
            transaction_status: "COMPLETED",
            create_time: UnixMs(facts.at),
            update_time: UnixMs(facts.at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_under_every_published_name() {
        let facts = EntryFacts {
            id: 9,
            account_id: 7,
            currency: "USD".to_owned(),
            amount: "5.00".to_owned(),
            before: "10.00".to_owned(),
            after: "5.00".to_owned(),
            order_no: 8,
            biz_type: BizType::FundTransfer,
            direction: Direction::Out,
            remark: None,
            description: "Moved to another account",
            at: Timestamp::from_millisecond(3).expect("an instant"),
        };
        let expected = concat!(
            r#"{"txId":9,"transactionId":"9","accountId":"7","currency":"USD","amount":"5.00","#,
            r#""beforeBalance":"10.00","balanceBefore":"10.00","afterBalance":"5.00","balanceAfter":"5.00","#,
            r#""orderNo":"8","bizType":"fund_transfer","transactionType":"fund_transfer","direction":"OUT","#,
            r#""remark":null,"description":"Moved to another account","transactionStatus":"COMPLETED","#,
            r#""createTime":3,"updateTime":3}"#,
        );
        let written = |facts| serde_json::to_string(&LedgerEntry::from(facts)).expect("plain");
        assert_eq!(written(facts.clone()), expected);
        let noted = EntryFacts {
            remark: Some("why".to_owned()),
            ..facts
        };
        assert!(written(noted).contains(r#""remark":"why","description":"why""#));
    }

    #[test]
    fn a_reason_has_one_word_in_questions_answers_and_the_document() {
        let words: Vec<serde_json::Value> =
            BIZ_TYPES.iter().map(|(word, _)| (*word).into()).collect();
        for (word, reason) in BIZ_TYPES {
            assert_eq!(serde_json::to_value(reason).expect("a word"), *word);
        }
        let schema = <BizType as utoipa::PartialSchema>::schema();
        let schema = serde_json::to_value(schema).expect("a schema");
        assert_eq!(schema["enum"], serde_json::Value::from(words));
    }
}
