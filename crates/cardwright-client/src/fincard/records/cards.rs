//! Card types, cards, and what becomes of them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::records;

records! {
    /// A card type.
    CardType {
        /// Its id.
        card_type_id: i64,
        /// Its name.
        card_name: String,
        /// What it is.
        card_desc: Option<String>,
        /// `PREPAID_CARD` or `BUDGET_CARD`.
        mode: String,
        /// What a card costs.
        card_price: String,
        /// In which currency.
        card_price_currency: Option<String>,
        /// online or offline.
        status: String,
        /// Visa, MasterCard, Discover.
        organization: Option<String>,
        /// Where it is issued.
        country: Option<String>,
        /// How its numbers begin.
        bank_card_bin: Option<String>,
        /// Virtual or Physical.
        #[serde(rename = "type")]
        form: Option<String>,
        /// GIFT, PURCHASE, SUBSCRIPTION, PHYSICAL.
        category: Option<String>,
        /// What it is good for.
        #[serde(default)]
        support: Vec<String>,
        /// What it is not for.
        #[serde(default)]
        risk: Vec<String>,
        /// Whether a card has to have a cardholder.
        need_card_holder: Option<bool>,
        /// The countries that cardholders may live in, as the field is spelt.
        #[serde(default)]
        support_holder_regin: Vec<String>,
        /// The dial codes that cardholders may have.
        #[serde(default)]
        support_holder_area_code: Vec<String>,
        /// The nationalities that cardholders may have.
        #[serde(default)]
        support_holder_nationality: Vec<String>,
        /// Whether something is put on a card when it is opened.
        need_deposit_for_active_card: Option<bool>,
        /// The least of that.
        deposit_amount_min_quota_for_active_card: Option<String>,
        /// The most of that.
        deposit_amount_max_quota_for_active_card: Option<String>,
        /// The currency of its cards.
        fiat_currency: Option<String>,
        /// What has to stay on a card.
        balance_retention_quota: Option<String>,
        /// In which currency cards are topped up.
        recharge_currency: Option<String>,
        /// The least that can be put on a card.
        recharge_min_quota: Option<String>,
        /// The most that can be put on a card.
        recharge_max_quota: Option<String>,
        /// What that costs, in percent.
        recharge_fee_rate: Option<String>,
        /// What that costs, besides.
        recharge_fixed_fee: Option<String>,
        /// How many decimals amounts may have.
        recharge_digital: Option<u32>,
        /// Whether cards can be opened.
        enable_active_card: Option<bool>,
        /// Whether money can be put on cards.
        enable_deposit: Option<bool>,
        /// Whether cards can be frozen.
        enable_freeze: Option<bool>,
        /// Whether freezes can be lifted.
        enable_un_freeze: Option<bool>,
        /// What cardholders and limits it asks for.
        metadata: Option<CardTypeMetadata>,
    }
    /// What a card type asks for.
    CardTypeMetadata {
        /// How many cards a cardholder may have.
        card_holder_max_card_limit: Option<u32>,
        /// B2B or B2C: what is asked of cardholders.
        card_holder_model: Option<String>,
        /// Whether it can be set up to how much is paid without a PIN.
        support_setting_no_pin_payment_amount: Option<bool>,
        /// Up to how much that is else.
        default_no_pin_payment_amount: Option<String>,
        /// The least it can be set to.
        no_pin_payment_amount_min_quota: Option<String>,
        /// The most it can be set to.
        no_pin_payment_amount_max_quota: Option<String>,
        /// Which limits there are.
        #[serde(default)]
        spending_controls: Vec<SpendingLimit>,
        /// Whether merchant categories can be allowed and blocked.
        support_setting_mcc: Option<bool>,
        /// Whether a cardholder's address can be changed.
        #[serde(rename = "supportUpdateCardHolerEmail")]
        support_update_email: Option<bool>,
    }
    /// How much a card may be used for.
    SpendingLimit {
        /// Over which time: `PER_TRANSACTION`.
        interval: String,
        /// How much; nothing where there is no limit.
        amount: Option<String>,
        /// Whether it can be set.
        support_setting: Option<bool>,
    }
    /// A card. `spendingLimit`, `dailyLimit` and `monthlyLimit` are those of `limits`.
    Card {
        /// Its id; never its number. `cardId` and `cardToken` are the same.
        card_no: String,
        /// The last four digits of its number.
        last4: String,
        /// Its number with most digits hidden; `maskedPan` is the same.
        masked_card_number: Option<String>,
        /// Its type.
        card_type_id: Option<i64>,
        /// How its number begins.
        card_bank_bin: Option<String>,
        /// VIRTUAL or PHYSICAL.
        card_type: Option<String>,
        /// VISA, …; `network` is the same.
        brand: Option<String>,
        /// What is printed on it.
        card_name: Option<String>,
        /// MM/YY.
        expiry_date: Option<String>,
        /// Who holds it.
        holder_id: Option<i64>,
        /// What is printed about them.
        holder_info: Option<CardHolderInfo>,
        /// The account that it spends from, or that paid for it.
        account_id: Option<String>,
        /// Its state.
        status: String,
        /// Its state in the other vocabulary.
        card_status: String,
        /// Whether the platform has blocked it.
        blocked: Option<bool>,
        /// Its currency.
        currency: String,
        /// What can be spent; `balance` is the same.
        available_balance: String,
        /// What is there.
        current_balance: Option<String>,
        /// What is held.
        blocked_amount: Option<String>,
        /// The same in the older form, where it was asked for.
        balance_info: Option<CardBalance>,
        /// Your note on it.
        remark: Option<String>,
        /// How it is sorted.
        custom_category: Option<String>,
        /// Up to how much is paid without a PIN.
        no_pin_payment_amount: Option<String>,
        /// How much it may be used for.
        #[serde(default)]
        spending_controls: Vec<SpendingLimit>,
        /// Where it may be used.
        risk_controls: Option<CardRules>,
        /// What it may be used for.
        settings: Option<CardSettings>,
        /// How much it may be used for, in the other form.
        limits: Option<CardLimits>,
        /// What was spent today.
        daily_spent: Option<String>,
        /// What was spent this month.
        monthly_spent: Option<String>,
        /// CHIP, NFC, 3DS.
        #[serde(default)]
        features: Vec<String>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
        /// When it was opened, Unix milliseconds.
        bind_time: Option<i64>,
        /// When it was taken into use, Unix milliseconds.
        activate_time: Option<i64>,
        /// When it ends, Unix milliseconds.
        expire_time: Option<i64>,
    }
    /// What is printed about a cardholder.
    CardHolderInfo {
        /// Given names.
        first_name: Option<String>,
        /// Family name.
        last_name: Option<String>,
        /// Country.
        country: Option<String>,
        /// State, province or county.
        state: Option<String>,
        /// Town.
        town: Option<String>,
        /// Street and house.
        address: Option<String>,
        /// Flat, floor, department.
        address_line2: Option<String>,
        /// Postal code.
        post_code: Option<String>,
    }
    /// Where a card may be used, by merchant category codes.
    CardRules {
        /// Nowhere but there, unless it is empty.
        #[serde(default)]
        allowed_mcc: Vec<String>,
        /// Not there.
        #[serde(default)]
        blocked_mcc: Vec<String>,
    }
    /// What a card may be used for.
    CardSettings {
        /// On the internet.
        enable_online: Option<bool>,
        /// Abroad.
        enable_international: Option<bool>,
        /// Without touching.
        enable_contactless: Option<bool>,
        /// At a cash machine.
        enable_atm: Option<bool>,
        /// As in [`CardRules`].
        #[serde(default)]
        allowed_mcc: Vec<String>,
        /// As in [`CardRules`].
        #[serde(default)]
        blocked_mcc: Vec<String>,
        /// Up to how much is paid without a PIN.
        pin_free_amount: Option<String>,
        /// Whether it is topped up by itself.
        auto_load: Option<bool>,
        /// With how much.
        auto_load_amount: Option<String>,
        /// Below which balance.
        auto_load_threshold: Option<String>,
    }
    /// How much a card may be used for.
    CardLimits {
        /// In all.
        spending_limit: Option<String>,
        /// A day.
        daily_limit: Option<String>,
        /// A month.
        monthly_limit: Option<String>,
        /// At once.
        per_transaction_limit: Option<String>,
        /// A day at cash machines.
        atm_daily_limit: Option<String>,
        /// At once at a cash machine.
        atm_per_transaction_limit: Option<String>,
    }
    /// What a card has.
    CardBalance {
        /// Which card.
        card_no: String,
        /// The last four digits of its number.
        last4: Option<String>,
        /// What can be spent; `balance` is the same.
        amount: String,
        /// What was spent.
        used_amount: Option<String>,
        /// In which currency.
        currency: String,
    }
    /// What became of an operation on a card.
    Order {
        /// Its id; `transactionId` is the same.
        order_no: String,
        /// Your number of it.
        merchant_order_no: Option<String>,
        /// Which card.
        card_no: String,
        /// The last four digits of the card's number.
        last4: Option<String>,
        /// What was ordered.
        #[serde(rename = "type")]
        order_type: String,
        /// `wait_process`, processing, success, fail.
        status: String,
        /// In which currency.
        currency: Option<String>,
        /// How much was asked for.
        amount: Option<String>,
        /// What it cost.
        fee: Option<String>,
        /// What arrived, once it succeeded.
        received_amount: Option<String>,
        /// In which currency that is.
        received_currency: Option<String>,
        /// Why it failed, in words.
        description: Option<String>,
        /// Your note on it.
        remark: Option<String>,
        /// Why it was ordered.
        reason: Option<String>,
        /// When it was ordered, Unix milliseconds; `operationTime` is the same.
        transaction_time: Option<i64>,
        /// What was ordered, in the other vocabulary.
        operation_type: Option<String>,
        /// PENDING, PROCESSING, COMPLETED, FAILED.
        operation_status: Option<String>,
        /// The state of the card before.
        previous_card_status: Option<String>,
        /// The state of the card after.
        new_card_status: Option<String>,
        /// Of an opening, the card's number with most digits hidden.
        masked_pan: Option<String>,
        /// Of an opening, VISA, …; `network` is the same.
        brand: Option<String>,
        /// Of an opening, the account that paid.
        account_id: Option<String>,
        /// Of an opening, who holds the card.
        holder_id: Option<i64>,
        /// Of an opening, the card's type.
        card_type_id: Option<i64>,
        /// Of an opening, the card's state.
        card_status: Option<String>,
        /// Of a cancellation that was told, DEFAULT or REFUND.
        sub_type: Option<String>,
        /// Of an order that was told, what the card has.
        balance: Option<String>,
    }
    /// What opening a card cost.
    Bill {
        /// The order.
        order_no: String,
        /// Your number of it.
        merchant_order_no: Option<String>,
        /// The card.
        card_no: Option<String>,
        /// The last four digits of the card's number.
        last4: Option<String>,
        /// The card's type.
        card_type_id: Option<i64>,
        /// Virtual or Physical.
        card_type: Option<String>,
        /// Visa, MasterCard, Discover.
        organization: Option<String>,
        /// How the card's number begins.
        bank_card_bin: Option<String>,
        /// In which currency.
        currency: Option<String>,
        /// The card's price.
        card_fee: String,
        /// What was put on it.
        deposit_amount: String,
        /// Both.
        amount: String,
        /// The card type's name.
        merchant_name: Option<String>,
        /// `wait_process`, processing, success, fail.
        status: Option<String>,
        /// When it was paid, Unix milliseconds; `tradeTime` and `createTime` are the same.
        transaction_time: Option<i64>,
    }
    /// A payment, or what else moved a card's money.
    Authorization {
        /// Its number.
        trade_no: String,
        /// The number of what it takes or gives back.
        origin_trade_no: Option<String>,
        /// Which card.
        card_no: String,
        /// The last four digits of the card's number.
        last4: Option<String>,
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
        /// That currency.
        authorized_currency: Option<String>,
        /// What it cost.
        fee: Option<String>,
        /// In which currency.
        fee_currency: Option<String>,
        /// What paying abroad cost, once it is known.
        cross_board_fee: Option<String>,
        /// In which currency.
        cross_board_fee_currency: Option<String>,
        /// What was settled, once it was.
        settle_amount: Option<String>,
        /// In which currency.
        settle_currency: Option<String>,
        /// On which day.
        settle_date: Option<String>,
        /// What the merchant was told.
        authorization_code: Option<String>,
        /// Who was paid.
        merchant_name: Option<String>,
        /// More about them.
        merchant_data: Option<Merchant>,
        /// Why, in words.
        description: Option<String>,
        /// When, Unix milliseconds.
        transaction_time: Option<i64>,
    }
    /// Who was paid.
    Merchant {
        /// The name.
        name: Option<String>,
        /// The merchant category code.
        category_code: Option<String>,
        /// What that means.
        category: Option<String>,
        /// Country, three letters.
        country: Option<String>,
        /// State, province or county.
        state: Option<String>,
        /// Town.
        city: Option<String>,
        /// Postal code.
        zip_code: Option<String>,
        /// The merchant's number.
        mid: Option<String>,
        /// With which phone's wallet it was paid.
        wallet_type: Option<String>,
    }
    /// A fee that the wallet paid in a card's place.
    FeePatch {
        /// Its number.
        trade_no: String,
        /// The number of what it was for.
        origin_trade_no: Option<String>,
        /// Which card.
        card_no: Option<String>,
        /// The last four digits of the card's number.
        last4: Option<String>,
        /// `card_patch_fee`, `card_patch_cross_border`.
        #[serde(rename = "type")]
        patch_type: String,
        /// How much.
        amount: String,
        /// In which currency.
        currency: Option<String>,
        /// Who paid: wallet.
        deduction_source_funds: Option<String>,
        /// succeed.
        status: Option<String>,
        /// When, Unix milliseconds.
        transaction_time: Option<i64>,
    }
}

/// A card that the older call opened, and the order that opened it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenedCard {
    /// The id of the order.
    pub order_no: String,
    /// Your number of the order.
    pub merchant_order_no: Option<String>,
    /// How far the order is: `wait_process`, processing, success, fail.
    pub order_status: String,
    /// The card.
    #[serde(flatten)]
    pub card: Card,
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
    /// The last four digits of the card's number.
    pub last4: Option<String>,
    /// `third_3ds_otp`, `auth_url`, `activation_code`.
    #[serde(rename = "type")]
    pub challenge_type: String,
    /// The code or link.
    pub values: crate::Secret,
    /// Whom it would pay.
    pub merchant_name: Option<String>,
    /// How much.
    pub amount: Option<String>,
    /// In which currency.
    pub currency: Option<String>,
    /// What it is for, in words.
    pub description: Option<String>,
    /// When it was asked, Unix milliseconds.
    pub transaction_time: Option<i64>,
    /// Until when a link is good, Unix milliseconds.
    pub expiration_time: Option<i64>,
}
