//! What the typed calls answer: of each record the fields that programs go by, and the rest as it
//! came.
//!
//! Amounts and ids are text, as on the wire: an amount is never a float here. A server may add
//! fields at any time; they are in `more`.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Makes a record of what it is called, its fields and what they mean.
macro_rules! records {
    ($($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $kind:ty,)* })+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_about])* pub $field: $kind,)*
            /// Every other field, as it came.
            #[serde(flatten)]
            pub more: Map<String, Value>,
        }
    )+};
}

records! {
    /// A country.
    Region {
        /// Two letters.
        code: String,
        /// Three letters.
        standard_code: String,
        /// Its name.
        name: String,
    }
    /// A place in a country, with those inside it where the call tells them.
    City {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// What lies inside it.
        #[serde(default)]
        children: Vec<City>,
    }
    /// A dial code.
    AreaCode {
        /// As dialled: `+61`.
        code: String,
        /// The country, two letters.
        area_code: String,
    }
    /// An occupation.
    Occupation {
        /// Its code.
        occupation_code: String,
        /// What it is.
        description: String,
    }
    /// Something staff are asked to do.
    WorkOrder {
        /// Its id.
        order_no: String,
        /// Your number of it.
        merchant_order_no: String,
        /// processing, success, fail.
        trade_status: String,
    }
    /// An account.
    Account {
        /// Its id.
        account_id: String,
        /// WALLET or MARGIN.
        account_type: String,
        /// Its currency.
        currency: String,
        /// What is there.
        total_balance: String,
        /// What can be spent.
        available_balance: String,
    }
    /// A movement on an account.
    LedgerEntry {
        /// Its id.
        transaction_id: String,
        /// Which account.
        account_id: String,
        /// How much.
        amount: String,
        /// Why, in the contract's words.
        biz_type: String,
        /// IN or OUT.
        direction: String,
    }
    /// A coin of the wallet.
    Coin {
        /// Its key: `USDT_TRC20`.
        coin_key: String,
        /// Its chain.
        chain: String,
    }
    /// Where coins are sent.
    Address {
        /// Its id.
        address_id: String,
        /// Which coin.
        coin_key: String,
        /// The address on the chain.
        address: String,
    }
    /// A deposit that was announced.
    WalletDeposit {
        /// Its id.
        order_no: String,
        /// Where the coins go.
        to_address: String,
        /// How far it is.
        status: String,
    }
    /// Coins that came, or went.
    WalletTransaction {
        /// Its id.
        order_no: String,
        /// How far it is.
        status: String,
    }
    /// A cardholder.
    Holder {
        /// Its id.
        holder_id: i64,
        /// `wait_audit`, `under_review`, `pass_audit`, reject.
        status: String,
        /// Where it is checked: admin, channel.
        status_flow_location: String,
    }
    /// A card type.
    CardType {
        /// Its id.
        card_type_id: i64,
        /// Its name.
        card_name: String,
        /// `PREPAID_CARD` or `BUDGET_CARD`.
        mode: String,
        /// What a card costs.
        card_price: String,
        /// online or offline.
        status: String,
    }
    /// A card.
    Card {
        /// Its id; never its number.
        card_no: String,
        /// The last four digits of its number.
        last4: String,
        /// Its state.
        status: String,
        /// Its state in the other vocabulary.
        card_status: String,
        /// Its currency.
        currency: String,
        /// What can be spent.
        available_balance: String,
    }
    /// A card that the older call opened, and the order that opened it.
    OpenedCard {
        /// Its id; never its number.
        card_no: String,
        /// The id of the order.
        order_no: String,
        /// Your number of the order.
        merchant_order_no: Option<String>,
        /// How far the order is: `wait_process`, processing, success, fail.
        order_status: String,
        /// The state of the card.
        status: String,
    }
    /// What a card has.
    CardBalance {
        /// Which card.
        card_no: String,
        /// What can be spent.
        amount: String,
        /// In which currency.
        currency: String,
    }
    /// What became of an operation on a card.
    Order {
        /// Its id.
        order_no: String,
        /// Your number of it.
        merchant_order_no: Option<String>,
        /// Which card.
        card_no: String,
        /// What was ordered.
        #[serde(rename = "type")]
        order_type: String,
        /// `wait_process`, processing, success, fail.
        status: String,
        /// How much was asked for.
        amount: Option<String>,
        /// What it cost.
        fee: Option<String>,
        /// What arrived, once it succeeded.
        received_amount: Option<String>,
    }
    /// What opening a card cost.
    Bill {
        /// The order.
        order_no: String,
        /// The card's price.
        card_fee: String,
        /// What was put on it.
        deposit_amount: String,
        /// Both.
        amount: String,
    }
    /// A payment, or what else moved a card's money.
    Authorization {
        /// Its number.
        trade_no: String,
        /// The number of what it takes or gives back.
        origin_trade_no: Option<String>,
        /// Which card.
        card_no: String,
        /// auth, Void, refund, verification, `maintain_fee`.
        #[serde(rename = "type")]
        trade_type: String,
        /// authorized, succeed, failed.
        status: String,
        /// How much, in the merchant's currency.
        amount: String,
        /// That currency.
        currency: String,
        /// What was approved, in the card's currency.
        authorized_amount: String,
        /// What was settled, once it was.
        settle_amount: Option<String>,
        /// Why, in words.
        description: Option<String>,
    }
    /// A fee that the wallet paid in a card's place.
    FeePatch {
        /// Its number.
        trade_no: String,
        /// The number of what it was for.
        origin_trade_no: Option<String>,
        /// Which fee.
        #[serde(rename = "type")]
        patch_type: String,
        /// How much.
        amount: String,
    }
}

/// The number of a card, its code and its last month. What it holds does not show in `Debug`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardSecrets {
    /// The card number; absent on a gift card.
    pub card_number: Option<crate::Secret>,
    /// The code on its back.
    pub cvv: Option<crate::Secret>,
    /// `MM/YYYY`.
    pub expire_date: Option<crate::Secret>,
    /// Where a gift card is taken into use.
    pub activate_url: Option<crate::Secret>,
}

impl std::fmt::Debug for CardSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CardSecrets(…)")
    }
}

/// What a cardholder was asked to prove.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// Its number.
    pub trade_no: String,
    /// Which card.
    pub card_no: String,
    /// `third_3ds_otp`, `auth_url`, `activation_code`.
    #[serde(rename = "type")]
    pub challenge_type: String,
    /// The code or link.
    pub values: crate::Secret,
}

/// One page of records.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// How many there are on all pages.
    pub total: u64,
    /// Which page this is, from 1.
    pub page_num: u64,
    /// How many a page has at most.
    pub page_size: u64,
    /// The records, newest first.
    pub records: Vec<T>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_record_keeps_the_fields_that_nobody_named() {
        let text = r#"{"occupationCode":"11-1011","description":"Chief","since":2018}"#;
        let occupation: Occupation = serde_json::from_str(text).unwrap();
        assert_eq!(occupation.occupation_code, "11-1011");
        assert_eq!(occupation.more["since"], 2018);
    }

    #[test]
    fn what_must_not_be_logged_does_not_show() {
        let text = r#"{"cardNumber":"4242424242424242","cvv":"123","expireDate":"01/2030"}"#;
        let secrets: CardSecrets = serde_json::from_str(text).unwrap();
        assert!(!format!("{secrets:?}").contains("4242"));
        let text = r#"{"tradeNo":"1","cardNo":"2","type":"third_3ds_otp","values":"987654"}"#;
        let challenge: Challenge = serde_json::from_str(text).unwrap();
        assert!(!format!("{challenge:?}").contains("987654"));
    }
}
