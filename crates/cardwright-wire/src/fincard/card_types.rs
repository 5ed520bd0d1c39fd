//! Card types: the products a card can be opened of. Odd spellings are published.

use serde::Serialize;
use utoipa::ToSchema;

/// The card scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum Organization {
    Visa,
    MasterCard,
    Discover,
}

impl Organization {
    /// As a card's `brand` and `network`.
    pub fn brand(self) -> &'static str {
        match self {
            Organization::Visa => "VISA",
            Organization::MasterCard => "MASTERCARD",
            Organization::Discover => "DISCOVER",
        }
    }
}

/// What the cards draw on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// A balance of their own.
    PrepaidCard,
    /// An account.
    BudgetCard,
}

/// What the cards are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum Form {
    Virtual,
    Physical,
}

impl Form {
    /// As a card's `cardType`.
    pub fn upper_case(self) -> &'static str {
        match self {
            Form::Virtual => "VIRTUAL",
            Form::Physical => "PHYSICAL",
        }
    }
}

/// What the cards are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum Category {
    Gift,
    Purchase,
    Subscription,
    Physical,
}

/// Whether cards can be opened now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CardTypeStatus)]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum Status {
    Online,
    Offline,
}

/// How much must be known about a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum HolderModel {
    B2B,
    B2C,
}

/// One spending control of a card type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpendingControl {
    /// The window, such as `PER_TRANSACTION`.
    pub interval: String,
    /// The bound.
    pub amount: Option<String>,
    /// Whether it can be changed per card.
    pub support_setting: bool,
}

/// What else there is to a card type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardTypeMetadata)]
pub struct Metadata {
    /// How many cards one holder may have; null: any number.
    pub card_holder_max_card_limit: Option<u32>,
    /// How much must be known about a holder; null: nothing.
    pub card_holder_model: Option<HolderModel>,
    /// Whether the amount payable without PIN can be set.
    pub support_setting_no_pin_payment_amount: bool,
    /// The most that a card pays at a terminal without its PIN, where nothing else is set.
    pub default_no_pin_payment_amount: Option<String>,
    /// The least it can be set to.
    pub no_pin_payment_amount_min_quota: Option<String>,
    /// The most it can be set to.
    pub no_pin_payment_amount_max_quota: Option<String>,
    /// Spending controls of the cards.
    pub spending_controls: Vec<SpendingControl>,
    /// Whether merchant categories can be allowed and blocked.
    pub support_setting_mcc: bool,
    /// Whether a holder's e-mail address can change.
    pub support_update_card_holer_email: bool,
}

/// A card type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent flags on the wire"
)]
pub struct CardType {
    /// Id of the card type.
    pub card_type_id: i64,
    /// The card scheme.
    pub organization: Organization,
    /// Country of issue.
    pub country: String,
    /// What the cards draw on.
    pub mode: Mode,
    /// The first digits of every card number.
    pub bank_card_bin: String,
    /// What the cards are made of.
    #[serde(rename = "type")]
    pub form: Form,
    /// What the cards are for.
    pub category: Category,
    /// The name of the card type.
    pub card_name: String,
    /// A description.
    pub card_desc: String,
    /// What a card costs.
    pub card_price: String,
    /// In which currency.
    pub card_price_currency: String,
    /// Where the cards are known to be accepted.
    pub support: Vec<String>,
    /// Where they are known to be refused.
    pub risk: Vec<String>,
    /// Whether a holder is required.
    pub need_card_holder: bool,
    /// Countries holders may live in; empty: all that are not restricted.
    pub support_holder_regin: Vec<String>,
    /// Area codes holders may have; empty: all.
    pub support_holder_area_code: Vec<String>,
    /// Nationalities holders may have; empty: all that are not restricted.
    pub support_holder_nationality: Vec<String>,
    /// Whether opening takes an initial deposit.
    pub need_deposit_for_active_card: bool,
    /// The least initial deposit.
    pub deposit_amount_min_quota_for_active_card: Option<String>,
    /// The most initial deposit.
    pub deposit_amount_max_quota_for_active_card: Option<String>,
    /// Currency of the cards.
    pub fiat_currency: String,
    /// What a card must keep.
    pub balance_retention_quota: Option<String>,
    /// Whether cards can be opened now.
    pub status: Status,
    /// Currency of recharges.
    pub recharge_currency: String,
    /// The least recharge.
    pub recharge_min_quota: Option<String>,
    /// The most recharge.
    pub recharge_max_quota: Option<String>,
    /// Fee on a recharge; 1 means one percent.
    pub recharge_fee_rate: Option<String>,
    /// Fixed fee on a recharge.
    pub recharge_fixed_fee: Option<String>,
    /// Decimals of a recharge.
    pub recharge_digital: u32,
    /// Whether cards can be opened.
    pub enable_active_card: bool,
    /// Whether cards can be recharged.
    pub enable_deposit: bool,
    /// Whether cards can be frozen.
    pub enable_freeze: bool,
    /// Whether cards can be unfrozen.
    pub enable_un_freeze: bool,
    /// What else there is to it.
    pub metadata: Metadata,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn virtual_prepaid() -> CardType {
        CardType {
            card_type_id: 111_001,
            organization: Organization::Visa,
            country: "US".to_owned(),
            mode: Mode::PrepaidCard,
            bank_card_bin: "400012".to_owned(),
            form: Form::Virtual,
            category: Category::Purchase,
            card_name: "Virtual".to_owned(),
            card_desc: "For purchases".to_owned(),
            card_price: "1.00".to_owned(),
            card_price_currency: "USD".to_owned(),
            support: vec![],
            risk: vec![],
            need_card_holder: false,
            support_holder_regin: vec![],
            support_holder_area_code: vec![],
            support_holder_nationality: vec![],
            need_deposit_for_active_card: true,
            deposit_amount_min_quota_for_active_card: Some("10.00".to_owned()),
            deposit_amount_max_quota_for_active_card: Some("10000.00".to_owned()),
            fiat_currency: "USD".to_owned(),
            balance_retention_quota: None,
            status: Status::Online,
            recharge_currency: "USD".to_owned(),
            recharge_min_quota: Some("1.00".to_owned()),
            recharge_max_quota: Some("50000.00".to_owned()),
            recharge_fee_rate: Some("1".to_owned()),
            recharge_fixed_fee: None,
            recharge_digital: 2,
            enable_active_card: true,
            enable_deposit: true,
            enable_freeze: true,
            enable_un_freeze: true,
            metadata: Metadata {
                card_holder_max_card_limit: None,
                card_holder_model: Some(HolderModel::B2B),
                support_setting_no_pin_payment_amount: false,
                default_no_pin_payment_amount: None,
                no_pin_payment_amount_min_quota: None,
                no_pin_payment_amount_max_quota: None,
                spending_controls: vec![],
                support_setting_mcc: true,
                support_update_card_holer_email: true,
            },
        }
    }

    #[test]
    fn a_card_type_has_exactly_the_published_names() {
        let written = serde_json::to_value(virtual_prepaid()).expect("plain");
        let published = "cardTypeId organization country mode bankCardBin type category cardName cardDesc \
            cardPrice cardPriceCurrency support risk needCardHolder supportHolderRegin supportHolderAreaCode \
            needDepositForActiveCard depositAmountMinQuotaForActiveCard depositAmountMaxQuotaForActiveCard \
            fiatCurrency balanceRetentionQuota status rechargeCurrency rechargeMinQuota rechargeMaxQuota \
            rechargeFeeRate rechargeFixedFee rechargeDigital enableActiveCard enableDeposit enableFreeze \
            enableUnFreeze metadata supportHolderNationality";
        crate::fincard::assert_names(&written, published);
        let metadata = "cardHolderMaxCardLimit cardHolderModel supportSettingNoPinPaymentAmount \
            defaultNoPinPaymentAmount noPinPaymentAmountMinQuota noPinPaymentAmountMaxQuota spendingControls \
            supportSettingMcc supportUpdateCardHolerEmail";
        crate::fincard::assert_names(&written["metadata"], metadata);
    }

    #[test]
    fn the_vocabularies_are_written_as_published() {
        let written = serde_json::to_value(virtual_prepaid()).expect("plain");
        let words = ["organization", "mode", "type", "category", "status"]
            .map(|name| written[name].clone());
        assert_eq!(
            words,
            ["Visa", "PREPAID_CARD", "Virtual", "PURCHASE", "online"]
        );
        assert_eq!(
            serde_json::json!([Mode::BudgetCard, Organization::MasterCard, Category::Gift]),
            serde_json::json!(["BUDGET_CARD", "MasterCard", "GIFT"])
        );
        assert_eq!(written["metadata"]["cardHolderModel"], "B2B");
        assert_eq!(written["cardTypeId"], 111_001);
    }
}
