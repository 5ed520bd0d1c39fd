//! The records of the queries, under every published name.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ChallengeType, PatchType, TradeType};
use crate::fincard::card_types::{Form, Organization};
use crate::fincard::ids::TextId;
use crate::fincard::orders::OrderStatus;
use crate::instant::UnixMs;
use crate::pan::MaskedPan;

/// An amount in a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Decimal string.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

fn apart(money: Option<Money>) -> (Option<String>, Option<String>) {
    money.map(|money| (money.amount, money.currency)).unzip()
}

/// The card a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    /// Core id.
    pub id: i64,
    /// The visible digits.
    pub pan: MaskedPan,
}

/// Where a card was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantFacts {
    /// Its name.
    pub name: String,
    /// Its id at its bank.
    pub id: String,
    /// Its category, four digits.
    pub category_code: String,
    /// Its category in words.
    pub category: &'static str,
    /// Its city.
    pub city: String,
    /// Its country, alpha-3.
    pub country: String,
    /// The wallet that the card was in.
    pub wallet: Option<&'static str>,
}

/// A merchant; what nobody told is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShownMerchant {
    /// Its name.
    name: String,
    /// Its category, four digits of ISO 18245.
    category_code: String,
    /// Its category in words: the part of ISO 18245 that has its code.
    category: &'static str,
    /// Its country, ISO 3166 alpha-3.
    country: String,
    /// Always null: networks do not say it.
    state: Option<String>,
    /// Its city.
    city: String,
    /// Always null: networks do not say it.
    zip_code: Option<String>,
    /// Its id at its bank.
    mid: String,
    /// The wallet that the card was in: apple, google, samsung.
    wallet_type: Option<&'static str>,
}

impl From<MerchantFacts> for ShownMerchant {
    fn from(facts: MerchantFacts) -> ShownMerchant {
        ShownMerchant {
            name: facts.name,
            category_code: facts.category_code,
            category: facts.category,
            country: facts.country,
            state: None,
            city: facts.city,
            zip_code: None,
            mid: facts.id,
            wallet_type: facts.wallet,
        }
    }
}

/// What became of a record of query 45.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeStatus {
    /// Approved, money is set aside.
    Authorized,
    /// Settled.
    Succeed,
    /// Declined, taken back in full, or out of time.
    Failed,
}

impl TradeStatus {
    /// The word in `status`.
    pub fn word(self) -> &'static str {
        match self {
            TradeStatus::Authorized => "authorized",
            TradeStatus::Succeed => "succeed",
            TradeStatus::Failed => "failed",
        }
    }
}

/// What the server knows about a record of query 45.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationFacts {
    /// Its card.
    pub card: CardFacts,
    /// Its number.
    pub trade_no: String,
    /// The number of what it takes or gives back.
    pub origin_trade_no: Option<String>,
    /// In the merchant's currency.
    pub money: Money,
    /// In the account's currency: what was approved.
    pub authorized: Money,
    /// What it cost besides.
    pub fee: Money,
    /// What the exchange cost; known once settled.
    pub cross_border_fee: Option<Money>,
    /// What was settled, without that.
    pub settled: Option<Money>,
    /// When, as a date.
    pub settled_on: Option<String>,
    /// The code the merchant was given.
    pub authorization_code: Option<String>,
    /// Where.
    pub merchant: Option<MerchantFacts>,
    /// What happened.
    pub trade_type: TradeType,
    /// What became of it.
    pub status: TradeStatus,
    /// Why, in words.
    pub description: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A payment, or what else moved a card's money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Authorization {
    /// Id of the card.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// Its number.
    trade_no: String,
    /// The number of what it takes or gives back.
    origin_trade_no: Option<String>,
    /// Currency of `amount`: the merchant's.
    currency: String,
    /// How much.
    amount: String,
    /// What was approved, in the currency of the money behind the card, `crossBoardFee` included.
    authorized_amount: String,
    /// That currency.
    authorized_currency: String,
    /// What it cost besides.
    fee: String,
    /// In which currency.
    fee_currency: String,
    /// What the exchange cost; null until settled.
    cross_board_fee: Option<String>,
    /// In which currency.
    cross_board_fee_currency: Option<String>,
    /// What was settled, `crossBoardFee` not included; null until then.
    settle_amount: Option<String>,
    /// In which currency.
    settle_currency: Option<String>,
    /// The day it was settled, `yyyy-MM-dd`.
    settle_date: Option<String>,
    /// The code the merchant was given.
    #[serde(rename = "authorizationCode")]
    code: Option<String>,
    /// The merchant's name.
    merchant_name: Option<String>,
    /// The merchant.
    merchant_data: Option<ShownMerchant>,
    /// What happened: auth, Void, refund, verification, `maintain_fee`.
    #[serde(rename = "type")]
    trade_type: &'static str,
    /// What became of it: authorized, succeed, failed.
    status: &'static str,
    /// Why, in words.
    description: Option<String>,
    /// When.
    transaction_time: UnixMs,
}

impl From<AuthorizationFacts> for Authorization {
    fn from(facts: AuthorizationFacts) -> Authorization {
        let (cross_board_fee, cross_board_fee_currency) = apart(facts.cross_border_fee);
        let (settle_amount, settle_currency) = apart(facts.settled);
        Authorization {
            card_no: TextId(facts.card.id),
            card_id: TextId(facts.card.id),
            last4: facts.card.pan.last_four(),
            trade_no: facts.trade_no,
            origin_trade_no: facts.origin_trade_no,
            currency: facts.money.currency,
            amount: facts.money.amount,
            authorized_amount: facts.authorized.amount,
            authorized_currency: facts.authorized.currency,
            fee: facts.fee.amount,
            fee_currency: facts.fee.currency,
            cross_board_fee,
            cross_board_fee_currency,
            settle_amount,
            settle_currency,
            settle_date: facts.settled_on,
            code: facts.authorization_code,
            merchant_name: facts
                .merchant
                .as_ref()
                .map(|merchant| merchant.name.clone()),
            merchant_data: facts.merchant.map(ShownMerchant::from),
            trade_type: facts.trade_type.word(),
            status: facts.status.word(),
            description: facts.description,
            transaction_time: UnixMs(facts.at),
        }
    }
}

/// What the server knows about the bill of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillFacts {
    /// Core id of the order.
    pub order: i64,
    /// The integrator's number of it.
    pub merchant_order_no: Option<String>,
    /// The card.
    pub card: CardFacts,
    /// Its card type.
    pub card_type_id: i64,
    /// The card type's name.
    pub card_type_name: String,
    /// What it is made of.
    pub form: Form,
    /// The scheme.
    pub organization: Organization,
    /// First digits of its cards.
    pub bin: String,
    /// Currency of all amounts.
    pub currency: String,
    /// What the card cost.
    pub card_fee: String,
    /// What was put on it.
    pub deposit: String,
    /// Both.
    pub total: String,
    /// How far the order is.
    pub status: OrderStatus,
    /// When it was taken in.
    pub at: Timestamp,
}

/// What opening a card cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// Id of the order.
    order_no: TextId,
    /// Your number of the order.
    merchant_order_no: Option<String>,
    /// Id of the card.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// Which card type.
    card_type_id: i64,
    /// What the card is made of: Virtual, Physical.
    #[schema(value_type = String)]
    card_type: Form,
    /// The scheme.
    #[schema(value_type = String)]
    organization: Organization,
    /// First digits of its cards.
    bank_card_bin: String,
    /// Currency of all amounts.
    currency: String,
    /// What the card cost.
    card_fee: String,
    /// What was put on it.
    deposit_amount: String,
    /// Both together.
    amount: String,
    /// The card type's name.
    merchant_name: String,
    /// How far the order is.
    status: &'static str,
    /// When it was taken in.
    transaction_time: UnixMs,
    /// Same as `transactionTime`.
    trade_time: UnixMs,
    /// Same as `transactionTime`.
    create_time: UnixMs,
}

impl From<BillFacts> for Bill {
    fn from(facts: BillFacts) -> Bill {
        Bill {
            order_no: TextId(facts.order),
            merchant_order_no: facts.merchant_order_no,
            card_no: TextId(facts.card.id),
            card_id: TextId(facts.card.id),
            last4: facts.card.pan.last_four(),
            card_type_id: facts.card_type_id,
            card_type: facts.form,
            organization: facts.organization,
            bank_card_bin: facts.bin,
            currency: facts.currency,
            card_fee: facts.card_fee,
            deposit_amount: facts.deposit,
            amount: facts.total,
            merchant_name: facts.card_type_name,
            status: facts.status.word(),
            transaction_time: UnixMs(facts.at),
            trade_time: UnixMs(facts.at),
            create_time: UnixMs(facts.at),
        }
    }
}

/// What the server knows about a fee that the wallet paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeePatchFacts {
    /// The card that could not pay.
    pub card: CardFacts,
    /// Its number.
    pub trade_no: String,
    /// The number of what it was for.
    pub origin_trade_no: Option<String>,
    /// How much.
    pub money: Money,
    /// Which fee.
    pub patch_type: PatchType,
    /// When.
    pub at: Timestamp,
}

/// A fee that a card could not pay and the wallet paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeePatch {
    /// Id of the card.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// Its number.
    trade_no: String,
    /// The number of what the fee was for.
    origin_trade_no: Option<String>,
    /// Currency of `amount`.
    currency: String,
    /// How much.
    amount: String,
    /// Which fee: `card_patch_fee`, `card_patch_cross_border`.
    #[serde(rename = "type")]
    patch_type: &'static str,
    /// Who paid: always wallet.
    deduction_source_funds: &'static str,
    /// Always success: it is recorded when it is paid.
    status: &'static str,
    /// When.
    transaction_time: UnixMs,
}

impl From<FeePatchFacts> for FeePatch {
    fn from(facts: FeePatchFacts) -> FeePatch {
        FeePatch {
            card_no: TextId(facts.card.id),
            card_id: TextId(facts.card.id),
            last4: facts.card.pan.last_four(),
            trade_no: facts.trade_no,
            origin_trade_no: facts.origin_trade_no,
            currency: facts.money.currency,
            amount: facts.money.amount,
            patch_type: facts.patch_type.word(),
            deduction_source_funds: "wallet",
            status: OrderStatus::Success.word(),
            transaction_time: UnixMs(facts.at),
        }
    }
}

/// What the server knows about a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeFacts {
    /// The card.
    pub card: CardFacts,
    /// Its number.
    pub trade_no: String,
    /// What is to be paid where; nothing for an activation code.
    pub payment: Option<(String, Money)>,
    /// The code or link; encrypted if the tenant has registered a key.
    pub values: String,
    /// What is asked.
    pub challenge_type: ChallengeType,
    /// How it ended, in words.
    pub description: Option<String>,
    /// When it was asked.
    pub at: Timestamp,
    /// Until when a page can be answered.
    pub expires_at: Option<Timestamp>,
}

/// What a cardholder was asked to prove.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// Id of the card.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// Its number.
    trade_no: String,
    /// Always null: it begins something.
    #[schema(value_type = Option<String>)]
    origin_trade_no: (),
    /// Currency of the payment; null for an activation code.
    currency: Option<String>,
    /// How much is to be paid; 0 for an activation code.
    amount: String,
    /// Where; null for an activation code.
    merchant_name: Option<String>,
    /// The code or link.
    values: String,
    /// What is asked: `third_3ds_otp`, `auth_url`, `activation_code`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it was asked.
    transaction_time: UnixMs,
    /// How it ended, in words; null while it is open.
    description: Option<String>,
    /// Until when the page can be answered; null for codes.
    expiration_time: Option<UnixMs>,
}

impl From<ChallengeFacts> for Challenge {
    fn from(facts: ChallengeFacts) -> Challenge {
        let (merchant_name, money) = facts.payment.unzip();
        let (amount, currency) = apart(money);
        Challenge {
            card_no: TextId(facts.card.id),
            card_id: TextId(facts.card.id),
            last4: facts.card.pan.last_four(),
            trade_no: facts.trade_no,
            origin_trade_no: (),
            currency,
            amount: amount.unwrap_or_else(|| "0".to_owned()),
            merchant_name,
            values: facts.values,
            kind: facts.challenge_type.word(),
            transaction_time: UnixMs(facts.at),
            description: facts.description,
            expiration_time: facts.expires_at.map(UnixMs),
        }
    }
}
