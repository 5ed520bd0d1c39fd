//! What the typed calls answer: of each record the published fields, and the rest as it came.
//!
//! Amounts and ids are text, as on the wire: an amount is never a float here. What a contract lets be
//! absent is an `Option`. Of two names of one field, one is named here. A server may add fields at any
//! time; they are in `more`, and so is the other name.

mod cards;
mod holders;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use cards::{
    Authorization, Bill, Card, CardBalance, CardHolderInfo, CardLimits, CardRules, CardSecrets,
    CardSettings, CardType, CardTypeMetadata, Challenge, FeePatch, Merchant, OpenedCard, Order,
    SpendingLimit,
};
pub use holders::{
    EmploymentInfo, Holder, HolderAddress, KycDocument, KycVerification, PersonalInfo,
};

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
use records;

records! {
    /// A country.
    Region {
        /// Two letters.
        code: String,
        /// Three letters.
        standard_code: String,
        /// Its name.
        name: String,
        /// Whether people from there can be checked.
        enable_kyc: Option<bool>,
        /// Whether people from there can have cards.
        enable_card: Option<bool>,
        /// Whether money can be sent there.
        enable_global_transfer: Option<bool>,
    }
    /// A place in a country, with those inside it where the call tells them.
    City {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// Its country, two letters.
        country: Option<String>,
        /// Its country, three letters.
        country_standard_code: Option<String>,
        /// The code of what it lies in; 0 where that is the country.
        parent_code: Option<String>,
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
        /// The country's name.
        name: Option<String>,
        /// The language of the name: `en_US`.
        language: Option<String>,
        /// Whether money can be sent there.
        enable_global_transfer: Option<bool>,
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
        /// What it is about.
        title: Option<String>,
        /// What it is to be done to.
        target: Option<String>,
        /// Which kind of work.
        trade_type: Option<String>,
        /// What is to be done, in words.
        content: Option<String>,
        /// Your note on it.
        remark: Option<String>,
        /// processing, success, fail.
        trade_status: String,
        /// What staff said.
        description: Option<String>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
    }
    /// An account.
    Account {
        /// Its id.
        account_id: String,
        /// What it is called.
        account_name: Option<String>,
        /// WALLET or MARGIN.
        account_type: String,
        /// Its currency.
        currency: String,
        /// What is there; `currentBalance` is the same.
        total_balance: String,
        /// What can be spent; `balance` is the same.
        available_balance: String,
        /// What is held.
        frozen_balance: Option<String>,
        /// How many decimals are shown.
        digital: Option<u32>,
        /// ACTIVE, FROZEN, CLOSED.
        account_status: Option<String>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
    }
    /// A movement on an account.
    LedgerEntry {
        /// Its id; `txId` is the same as a number.
        transaction_id: String,
        /// Which account.
        account_id: String,
        /// In which currency.
        currency: String,
        /// How much.
        amount: String,
        /// What was there before; `balanceBefore` is the same.
        before_balance: String,
        /// What was there after; `balanceAfter` is the same.
        after_balance: String,
        /// The order it belongs to.
        order_no: Option<String>,
        /// Why, in the contract's words; `transactionType` is the same.
        biz_type: String,
        /// IN or OUT.
        direction: String,
        /// Your note on it.
        remark: Option<String>,
        /// Why, in words.
        description: Option<String>,
        /// COMPLETED.
        transaction_status: Option<String>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
    }
    /// A coin of the wallet.
    Coin {
        /// Its key: `USDT_TRC20`.
        coin_key: String,
        /// Its chain.
        chain: String,
        /// Its name: USDT.
        coin_name: Option<String>,
        /// Its full name.
        coin_full_name: Option<String>,
        /// How many decimals its amounts are shown with.
        show_coin_decimal: Option<u32>,
        /// How many decimals it has.
        coin_decimal: Option<u32>,
        /// What its chain is called.
        block_chain_show_name: Option<String>,
        /// The page of an address, with `{address}` in it.
        browser: Option<String>,
        /// The page of a transaction, with `{txHash}` in it.
        tx_ref_url: Option<String>,
        /// The contract on the chain.
        contract_address: Option<String>,
        /// Whether it can come in.
        enable_deposit: Option<bool>,
        /// Whether it can go out.
        enable_withdraw: Option<bool>,
        /// How many blocks a deposit waits for.
        confirmations: Option<u32>,
        /// Whether it can be used at all.
        enabled: Option<bool>,
        /// What a deposit costs, in percent.
        deposit_fee: Option<String>,
        /// The least that may be sent.
        min_deposit_amount: Option<String>,
        /// The most that may be sent.
        max_deposit_amount: Option<String>,
    }
    /// Where coins are sent.
    Address {
        /// Its id.
        address_id: String,
        /// The account that is credited.
        account_id: Option<String>,
        /// Which coin.
        coin_key: String,
        /// The coin's name.
        coin_name: Option<String>,
        /// The coin's chain.
        chain: Option<String>,
        /// The address on the chain; `walletAddress` is the same.
        address: String,
        /// What it is for.
        address_type: Option<String>,
        /// What you called it.
        label: Option<String>,
        /// What has to go with the coins.
        memo: Option<String>,
        /// A picture of it.
        qr_code_url: Option<String>,
        /// Whether it was derived from another key.
        is_hd_wallet: Option<bool>,
        /// How it was derived.
        derivation_path: Option<String>,
        /// Whether it is in use.
        active: Option<bool>,
        /// What came to it.
        total_received: Option<String>,
        /// What went from it.
        total_sent: Option<String>,
        /// What is there.
        balance: Option<String>,
        /// What is on its way.
        unconfirmed_balance: Option<String>,
        /// How often something came.
        number_of_transactions: Option<i64>,
        /// The least that may be sent.
        min_deposit_amount: Option<String>,
        /// How many blocks a deposit waits for.
        confirmations: Option<u32>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When something last came, Unix milliseconds.
        last_activity_time: Option<i64>,
    }
    /// A deposit that was announced.
    AnnouncedDeposit {
        /// Its id; `orderId` is the same.
        order_no: String,
        /// The account that is going to be credited.
        account_id: Option<String>,
        /// What was announced.
        amount: Option<String>,
        /// In which currency.
        currency: Option<String>,
        /// What was announced, once more.
        user_input_deposit_amount: Option<String>,
        /// What has to be sent, exactly.
        actual_deposit_amount: Option<String>,
        /// By which chain.
        chain: Option<String>,
        /// Where the coins go.
        to_address: String,
        /// How far it is.
        status: String,
        /// For how many seconds it is waited for.
        expire_second: Option<i64>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
    }
    /// A deposit of coins, announced or not, in the older form.
    WalletDeposit {
        /// Its id.
        order_no: String,
        /// The account that is credited.
        account_id: Option<String>,
        /// What was announced.
        need_deposit_tx_amount: Option<String>,
        /// What was sent.
        tx_amount: Option<String>,
        /// What it costs, in percent.
        fee_rate: Option<String>,
        /// What it cost.
        fee: Option<String>,
        /// The part of that which does not depend on the amount.
        fixed_fee: Option<String>,
        /// The coin.
        currency: Option<String>,
        /// What was credited.
        received_amount: Option<String>,
        /// In which currency.
        received_currency: Option<String>,
        /// By which chain.
        chain: Option<String>,
        /// From where.
        from_address: Option<String>,
        /// To which address.
        to_address: Option<String>,
        /// The transaction of the chain.
        tx_id: Option<String>,
        /// The id under which what came is listed as a wallet transaction.
        transaction_id: Option<String>,
        /// The block it is in.
        block: Option<String>,
        /// When it was final, Unix milliseconds.
        confirm_time: Option<i64>,
        /// `chain_deposit`.
        #[serde(rename = "type")]
        deposit_type: Option<String>,
        /// `wait_process`, processing, success, fail.
        status: String,
        /// Why it failed.
        remark: Option<String>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
    }
    /// Coins that came, or went.
    WalletTransaction {
        /// Its id; `transactionId` is the same.
        order_no: String,
        /// The `orderNo` by which it was announced, if it was.
        announced_order_no: Option<String>,
        /// Which coin.
        coin_key: Option<String>,
        /// The coin's name.
        coin_name: Option<String>,
        /// By which chain.
        chain: Option<String>,
        /// DEPOSIT or WITHDRAW.
        #[serde(rename = "type")]
        transaction_type: Option<String>,
        /// `wait_process`, processing, success, fail.
        status: String,
        /// What was sent.
        tx_amount: Option<String>,
        /// What it costs, in percent.
        fee_rate: Option<String>,
        /// What it cost.
        fee: Option<String>,
        /// The part of that which does not depend on the amount.
        fixed_fee: Option<String>,
        /// What was credited; `amount` is the same.
        received_amount: Option<String>,
        /// In which currency.
        received_currency: Option<String>,
        /// Which account.
        account_id: Option<String>,
        /// Which address of yours.
        address_id: Option<String>,
        /// From where; `fromAddress` is the same.
        source_address: Option<String>,
        /// To where; `toAddress` is the same.
        destination_address: Option<String>,
        /// The transaction of the chain; `transactionHash` is the same.
        tx_hash: Option<String>,
        /// The block it is in.
        block: Option<String>,
        /// That block's hash.
        block_hash: Option<String>,
        /// That block's number; `blockHeight` is the same.
        block_number: Option<i64>,
        /// That block's time, Unix milliseconds.
        block_time: Option<i64>,
        /// How many blocks have followed.
        confirmations: Option<u32>,
        /// How many have to.
        required_confirmations: Option<u32>,
        /// What went wrong.
        message: Option<String>,
        /// What went with the coins.
        memo: Option<String>,
        /// When it was seen, Unix milliseconds.
        transaction_time: Option<i64>,
        /// When it was final, Unix milliseconds.
        confirm_time: Option<i64>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
    }
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
