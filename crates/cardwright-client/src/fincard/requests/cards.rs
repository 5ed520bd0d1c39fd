//! What the calls about cards send.

use serde::Serialize;

use super::{exposed, exposed_if_any, requests};
use crate::Secret;

/// The most that a card may be used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpendingControl {
    /// Over which time: `PER_TRANSACTION`.
    pub interval: String,
    /// How much.
    pub amount: String,
}

/// Where a card may be used: one of the two lists, by merchant category codes. An empty one lifts the
/// rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RiskControls {
    /// Nowhere but there.
    #[serde(rename = "allowedMcc")]
    Allowed(Vec<String>),
    /// Everywhere but there.
    #[serde(rename = "blockedMcc")]
    Blocked(Vec<String>),
}

/// What a sandbox makes happen to a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum Happening {
    /// A payment.
    #[serde(rename = "auth")]
    Auth,
    /// A payment is taken back before it is settled.
    Void {
        /// The `tradeNo` of the payment.
        #[serde(rename = "originSerialNumber")]
        origin: String,
    },
    /// A merchant gives money back.
    #[serde(rename = "refund")]
    Refund {
        /// The `tradeNo` of the payment.
        #[serde(rename = "originSerialNumber")]
        origin: String,
    },
    /// The card costs something by itself.
    #[serde(rename = "maintain_fee")]
    MaintainFee,
}

requests! {
    /// `card/openCard`, `card/v2/openCard`
    OpenCard {
        /// Your number of the order.
        merchant_order_no: String,
        /// Which kind of card.
        card_type_id: i64,
    } also {
        /// What is put on it at once.
        amount: String,
        /// Who holds it.
        holder_id: i64,
        /// The account that pays; the main one where none is named.
        account_id: String,
        /// The number that is printed on it, where it is plastic.
        #[serde(serialize_with = "exposed_if_any")]
        card_number: Secret,
        /// What a gift card looks like.
        design_id: String,
    }
    /// `card/info`
    CardInfo {
        /// Which card.
        card_no: String,
    } also {
        /// Whether `balanceInfo` is left out, which it is unless this is false.
        only_simple_info: bool,
    }
    /// `card/info/sensitive`, `card/balance`
    NamedCard {
        /// Which card.
        card_no: String,
    } also {}
    /// `card/v2/freeze`, `card/v2/unfreeze`, `card/cancel`
    CardOrder {
        /// Which card.
        card_no: String,
        /// Your number of the order.
        merchant_order_no: String,
    } also {
        /// Why.
        remark: String,
    }
    /// `card/deposit`, `card/withdraw`
    MoveMoney {
        /// Which card.
        card_no: String,
        /// Your number of the order.
        merchant_order_no: String,
        /// How much.
        amount: String,
    } also {
        /// Why.
        remark: String,
    }
    /// `card/v2/updateNote`
    UpdateNote {
        /// Which card.
        card_no: String,
        /// Your note on the card; empty where there is to be none.
        remark: String,
    } also {
        /// Your number of the change; with it the call is made again after a failure on the way.
        merchant_order_no: String,
    }
    /// `card/v2/update`
    UpdateCard {
        /// Which card.
        card_no: String,
    } also {
        /// Your number of the order; with it the call is made again after a failure on the way.
        merchant_order_no: String,
        /// Your note on the card.
        remark: String,
        /// Up to how much is paid without a PIN.
        no_pin_payment_amount: String,
        /// The most that it may be used for, in place of what was set before.
        spending_controls: Vec<SpendingControl>,
        /// Where it may be used, in place of what was set before.
        risk_controls: RiskControls,
    }
    /// `card/activate`
    Activate {
        /// Which card.
        card_no: String,
        /// Your number of the order.
        merchant_order_no: String,
        /// The PIN it is to have: six digits.
        #[serde(serialize_with = "exposed")]
        pin: Secret,
        /// The code that came with it.
        #[serde(serialize_with = "exposed")]
        activation_code: Secret,
    } also {
        /// Up to how much is paid without a PIN.
        no_pin_payment_amount: String,
    }
    /// `card/updatePin`
    UpdatePin {
        /// Which card.
        card_no: String,
        /// Your number of the order.
        merchant_order_no: String,
        /// The PIN it is to have: six digits.
        #[serde(serialize_with = "exposed")]
        pin: Secret,
    } also {
        /// The PIN it has; where it is given, it must be right.
        #[serde(serialize_with = "exposed_if_any")]
        old_pin: Secret,
    }
    /// `card/simulateAuthTransaction`
    Simulate {
        /// Which card.
        card_no: String,
        /// What happens.
        #[serde(flatten)]
        happening: Happening,
        /// How much.
        amount: String,
        /// In which currency.
        currency: String,
    } also {
        /// Why.
        description: String,
    }
}
