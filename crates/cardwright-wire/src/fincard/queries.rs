//! Queries 42 to 47: what was ordered, paid, charged and asked of the holders of cards.
//!
//! Every filter narrows; an id that belongs to nobody narrows to nothing.

mod answer;
#[cfg(test)]
mod tests;

use crate::kind::{GivenId, Kind, Text, core_id, free_text, one_of, text};
use crate::shape::{Fields, Policy, Shape};

use super::ids::CARD_NO;
use super::orders::OrderType;
use super::page::{PAGE_SIZE_MAX, PageRequest, TimeRange};

pub use answer::{
    Authorization, AuthorizationFacts, Bill, BillFacts, CardFacts, Challenge, ChallengeFacts,
    FeePatch, FeePatchFacts, MerchantFacts, Money, TradeStatus,
};

/// What every one of these queries takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Which page.
    pub page: PageRequest,
    /// Only what happened in this time.
    pub time: TimeRange,
    /// Only of this card.
    pub card_no: Option<GivenId>,
}

impl Common {
    fn read(fields: &mut Fields<'_>) -> Option<Common> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let time = TimeRange::read(fields);
        let card_no = fields.optional(CARD_NO, core_id().about("Id of the card"));
        Some(Common {
            page: page?,
            time: time?,
            card_no: card_no?,
        })
    }
}

/// A number that was answered as `tradeNo`, which is an id; or the 18 digits by which FINCI knows an
/// authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenTrade(pub String);

/// The most characters of a number that is looked for; longer ones belong to nobody.
const NUMBER_CHARS_MAX: usize = 65;

fn number() -> Text {
    text(1..=NUMBER_CHARS_MAX)
}

/// It goes out as text; a JSON number with the same digits is the same number.
pub(super) fn number_of_trade(words: &'static str) -> impl Kind<Out = String> {
    free_text(NUMBER_CHARS_MAX)
        .about(words)
        .example("114981460721664")
}

const ANSWERED_AS_TRADE: &str = "A number that was answered as `tradeNo`";

fn order_filters(fields: &mut Fields<'_>) -> Option<(Option<String>, Option<GivenId>)> {
    let number = fields.optional(
        "merchantOrderNo",
        number()
            .about("Your number of the order")
            .example("order-2025-10-01-0001"),
    );
    let order_no = fields.optional("orderNo", core_id().about("Id of the order"));
    Some((number?, order_no?))
}

/// `card/purchase/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListBills {
    /// Page, time, card.
    pub common: Common,
    /// Only the order with this number of the caller's.
    pub merchant_order_no: Option<String>,
    /// Only this order.
    pub order_no: Option<GivenId>,
}

impl Shape for ListBills {
    const NAME: &'static str = "ListBills";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let common = Common::read(fields);
        let filters = order_filters(fields);
        let (merchant_order_no, order_no) = filters?;
        Some(ListBills {
            common: common?,
            merchant_order_no,
            order_no,
        })
    }
}

/// `card/transaction` and `card/v2/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOrders {
    /// Page, time, card.
    pub common: Common,
    /// Only orders for this.
    pub order_type: Option<OrderType>,
    /// Only the order with this number of the caller's.
    pub merchant_order_no: Option<String>,
    /// Only this order.
    pub order_no: Option<GivenId>,
}

const ORDER_TYPES: &[(&str, OrderType)] = &[
    ("create", OrderType::Create),
    ("deposit", OrderType::Deposit),
    ("withdraw", OrderType::Withdraw),
    ("cancel", OrderType::Cancel),
    ("Freeze", OrderType::Freeze),
    ("UnFreeze", OrderType::Unfreeze),
    ("update_pin", OrderType::UpdatePin),
    ("card_update", OrderType::CardUpdate),
    ("blocked", OrderType::Blocked),
    ("overdraft_statement", OrderType::OverdraftStatement),
    ("card_activated", OrderType::CardActivated),
];

impl Shape for ListOrders {
    const NAME: &'static str = "ListOrders";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let common = Common::read(fields);
        let order_type = fields.optional("type", one_of(ORDER_TYPES).about("What was ordered"));
        let filters = order_filters(fields);
        let (merchant_order_no, order_no) = filters?;
        Some(ListOrders {
            common: common?,
            order_type: order_type?,
            merchant_order_no,
            order_no,
        })
    }
}

/// What happened on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeType {
    /// A payment was asked for.
    Auth,
    /// A payment, or a refund, was taken back.
    Void,
    /// Money came back.
    Refund,
    /// A card was checked, for nothing.
    Verification,
    /// The card cost something by itself.
    MaintainFee,
}

impl TradeType {
    /// Every type.
    pub const ALL: [TradeType; 5] = [
        TradeType::Auth,
        TradeType::Void,
        TradeType::Refund,
        TradeType::Verification,
        TradeType::MaintainFee,
    ];

    /// The word in `type`.
    pub fn word(self) -> &'static str {
        match self {
            TradeType::Auth => "auth",
            TradeType::Void => "Void",
            TradeType::Refund => "refund",
            TradeType::Verification => "verification",
            TradeType::MaintainFee => "maintain_fee",
        }
    }
}

const TRADE_TYPES: &[(&str, TradeType)] = &[
    ("auth", TradeType::Auth),
    ("Void", TradeType::Void),
    ("refund", TradeType::Refund),
    ("verification", TradeType::Verification),
    ("maintain_fee", TradeType::MaintainFee),
];

/// `card/authorize/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAuthorizations {
    /// Page, time, card.
    pub common: Common,
    /// Only this kind.
    pub trade_type: Option<TradeType>,
    /// Only the one with this number.
    pub trade_no: Option<GivenTrade>,
}

impl Shape for ListAuthorizations {
    const NAME: &'static str = "ListAuthorizations";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let common = Common::read(fields);
        let trade_type = fields.optional("type", one_of(TRADE_TYPES).about("What happened"));
        let trade_no = fields.optional("tradeNo", number_of_trade(ANSWERED_AS_TRADE));
        Some(ListAuthorizations {
            common: common?,
            trade_type: trade_type?,
            trade_no: trade_no?.map(GivenTrade),
        })
    }
}

/// Which fee the wallet paid in a card's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchType {
    /// A fee of the card.
    Fee,
    /// The price of paying in another currency.
    CrossBorder,
}

impl PatchType {
    /// The word in `type`.
    pub fn word(self) -> &'static str {
        match self {
            PatchType::Fee => "card_patch_fee",
            PatchType::CrossBorder => "card_patch_cross_border",
        }
    }
}

const PATCH_TYPES: &[(&str, PatchType)] = &[
    ("card_patch_fee", PatchType::Fee),
    ("card_patch_cross_border", PatchType::CrossBorder),
];

/// `card/auth/fee/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFeePatches {
    /// Page, time, card.
    pub common: Common,
    /// Only this kind.
    pub patch_type: Option<PatchType>,
    /// Only the one with this number.
    pub trade_no: Option<GivenTrade>,
    /// Only those for what has this number.
    pub origin_trade_no: Option<GivenTrade>,
}

impl Shape for ListFeePatches {
    const NAME: &'static str = "ListFeePatches";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let common = Common::read(fields);
        let patch_type = fields.optional("tradeType", one_of(PATCH_TYPES).about("Which fee"));
        let trade_no = fields.optional("tradeNo", number_of_trade(ANSWERED_AS_TRADE));
        let origin_trade_no = fields.optional("originTradeNo", number_of_trade(ANSWERED_AS_TRADE));
        Some(ListFeePatches {
            common: common?,
            patch_type: patch_type?,
            trade_no: trade_no?.map(GivenTrade),
            origin_trade_no: origin_trade_no?.map(GivenTrade),
        })
    }
}

/// What a cardholder was asked to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeType {
    /// A payment, by a code.
    Otp,
    /// A payment, on a page.
    AuthUrl,
    /// That the plastic arrived.
    ActivationCode,
}

impl ChallengeType {
    /// The word in `type`.
    pub fn word(self) -> &'static str {
        match self {
            ChallengeType::Otp => "third_3ds_otp",
            ChallengeType::AuthUrl => "auth_url",
            ChallengeType::ActivationCode => "activation_code",
        }
    }
}

const CHALLENGE_TYPES: &[(&str, ChallengeType)] = &[
    ("third_3ds_otp", ChallengeType::Otp),
    ("auth_url", ChallengeType::AuthUrl),
    ("activation_code", ChallengeType::ActivationCode),
];

/// `card/3ds/transaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChallenges {
    /// Page, time, card.
    pub common: Common,
    /// Only this kind.
    pub challenge_type: Option<ChallengeType>,
    /// Only the one with this number.
    pub trade_no: Option<GivenTrade>,
}

impl Shape for ListChallenges {
    const NAME: &'static str = "ListChallenges";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let common = Common::read(fields);
        let kind = fields.optional(
            "type",
            one_of(CHALLENGE_TYPES).about("What the holder was asked to prove"),
        );
        let trade_no = fields.optional("tradeNo", number_of_trade(ANSWERED_AS_TRADE));
        Some(ListChallenges {
            common: common?,
            challenge_type: kind?,
            trade_no: trade_no?.map(GivenTrade),
        })
    }
}
