//! What a card says about itself, under every published name.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::card_types::{Form, Organization, SpendingControl};
use super::super::ids::TextId;
use super::{Block, CardState};
use crate::instant::UnixMs;
use crate::kind::Month;
use crate::pan::MaskedPan;

/// The amounts of a card, decimal strings. A budget card has no balance of its own: zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    /// What can be spent.
    pub available: String,
    /// Posted, held amounts included.
    pub current: String,
    /// What is held.
    pub held: String,
    /// What was spent.
    pub used: Option<String>,
}

/// Who holds a card, as printed beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HolderInfo {
    /// Given names.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Country of residence.
    pub country: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Town or city.
    pub town: Option<String>,
    /// Street and house.
    pub address: Option<String>,
    /// Flat, floor, department.
    pub address_line2: Option<String>,
    /// Postal code.
    pub post_code: Option<String>,
}

/// The merchant categories a card may and may not be used with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RiskControls {
    /// Only these; empty: any.
    pub allowed_mcc: Vec<String>,
    /// Not these.
    pub blocked_mcc: Vec<String>,
}

/// The switches of a card; null: not set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardSettings)]
pub struct Settings {
    /// Payments on the internet.
    pub enable_online: Option<bool>,
    /// Payments abroad.
    pub enable_international: Option<bool>,
    /// Contactless payments.
    pub enable_contactless: Option<bool>,
    /// Cash machines.
    pub enable_atm: Option<bool>,
    /// Only these merchant categories; empty: any.
    pub allowed_mcc: Vec<String>,
    /// Not these merchant categories.
    pub blocked_mcc: Vec<String>,
    /// The most that is paid at a terminal without the PIN: a larger purchase with the card at
    /// hand is declined unless the PIN comes with it.
    pub pin_free_amount: Option<String>,
    /// Whether the card is topped up by itself: never, here.
    pub auto_load: Option<bool>,
    /// By how much.
    pub auto_load_amount: Option<String>,
    /// Below which balance.
    pub auto_load_threshold: Option<String>,
}

/// The limits of a card; null: none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardLimits)]
pub struct Limits {
    /// Over its whole life.
    pub spending_limit: Option<String>,
    /// In a day.
    pub daily_limit: Option<String>,
    /// In a month.
    pub monthly_limit: Option<String>,
    /// In one payment.
    pub per_transaction_limit: Option<String>,
    /// From cash machines, in a day.
    pub atm_daily_limit: Option<String>,
    /// From a cash machine, at once.
    pub atm_per_transaction_limit: Option<String>,
}

/// What the card can do, such as `CHIP`, `NFC`, `3DS`.
pub type Features = Vec<String>;

/// The balance of a card, as `balanceInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BalanceInfo {
    /// Id of the card.
    pub card_no: TextId,
    /// Same as `cardNo`.
    pub card_id: TextId,
    /// Last four digits of the card number.
    pub last4: String,
    /// What can be spent.
    pub amount: String,
    /// What authorized payments used of the card since it was opened: what is held for them and what
    /// was settled of them, the price of an exchange that the card paid included. Refunds lower it only
    /// where the card type gives limits back. What a merchant was paid without asking before, and fees
    /// of the card itself, are not in it; `card/authorize/transaction` tells of those.
    pub used_amount: Option<String>,
    /// In which currency.
    pub currency: String,
}

impl BalanceInfo {
    /// The balance of a card.
    pub fn of(facts: &CardFacts) -> BalanceInfo {
        BalanceInfo {
            card_no: TextId(facts.id),
            card_id: TextId(facts.id),
            last4: facts.pan.last_four(),
            amount: facts.balances.available.clone(),
            used_amount: facts.balances.used.clone(),
            currency: facts.currency.clone(),
        }
    }
}

/// The answer to `card/balance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardBalance {
    #[serde(flatten)]
    info: BalanceInfo,
    /// Same as `amount`.
    balance: String,
}

impl From<BalanceInfo> for CardBalance {
    fn from(info: BalanceInfo) -> CardBalance {
        CardBalance {
            balance: info.amount.clone(),
            info,
        }
    }
}

/// What the server knows about a card; [`Card`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    /// Core id.
    pub id: i64,
    /// The visible digits.
    pub pan: MaskedPan,
    /// Id of the card type.
    pub card_type_id: i64,
    /// The first digits of every card of the type.
    pub bin: String,
    /// The scheme.
    pub organization: Organization,
    /// What it is made of.
    pub form: Form,
    /// Who holds it.
    pub holder_id: Option<i64>,
    /// Who holds it, in words.
    pub holder: Option<HolderInfo>,
    /// What it draws on or was paid from.
    pub account_id: Option<i64>,
    /// Its state.
    pub state: CardState,
    /// Whether the platform blocked it.
    pub block: Block,
    /// The last month it is good for.
    pub expiry: Month,
    /// Its name.
    pub name: Option<String>,
    /// Its currency.
    pub currency: String,
    /// Its amounts.
    pub balances: Balances,
    /// The integrator's remark.
    pub remark: Option<String>,
    /// The most that is paid at a terminal without the PIN: a larger purchase with the card at
    /// hand is declined unless the PIN comes with it.
    pub no_pin_payment_amount: Option<String>,
    /// The integrator's category.
    pub custom_category: Option<String>,
    /// Its spending controls.
    pub spending_controls: Vec<SpendingControl>,
    /// Its merchant categories.
    pub risk_controls: RiskControls,
    /// Its switches.
    pub settings: Settings,
    /// Its limits.
    pub limits: Limits,
    /// Spent today.
    pub daily_spent: Option<String>,
    /// Spent this month.
    pub monthly_spent: Option<String>,
    /// What it can do.
    pub features: Features,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was opened for its holder.
    pub bound_at: Option<Timestamp>,
    /// When it became active.
    pub activated_at: Option<Timestamp>,
    /// When it stops being good.
    pub expires_at: Option<Timestamp>,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Card {
    /// Id of the card; never its number.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// Id of the card type.
    card_type_id: i64,
    /// First digits of the card number.
    card_bank_bin: String,
    /// Who holds the card.
    holder_id: Option<i64>,
    /// Same as `holderId`.
    cardholder_id: Option<TextId>,
    /// State: pending, `un_activated`, Normal, Freezing, Freeze, `UnFreezing`, canceling, cancel, fail.
    status: &'static str,
    /// Whether the platform blocked the card.
    blocked: bool,
    /// When it was opened for its holder.
    bind_time: Option<UnixMs>,
    /// Your remark.
    remark: Option<String>,
    /// Payable without PIN.
    no_pin_payment_amount: Option<String>,
    /// The balance, where it was asked for.
    balance_info: Option<BalanceInfo>,
    /// Your category.
    custom_category: Option<String>,
    /// Who holds it, in words.
    holder_info: Option<HolderInfo>,
    /// Spending controls.
    spending_controls: Vec<SpendingControl>,
    /// Merchant categories.
    risk_controls: RiskControls,
    /// Same as `cardNo`.
    card_token: TextId,
    /// First six and last four digits.
    masked_card_number: String,
    /// Last month of validity, `MM/YY`.
    expiry_date: String,
    /// State: PENDING, INACTIVE, ACTIVE, FROZEN, CANCELLED, EXPIRED, FAILED, BLOCKED.
    card_status: &'static str,
    /// VIRTUAL or PHYSICAL.
    card_type: &'static str,
    /// The scheme.
    brand: &'static str,
    /// Currency, ISO 4217.
    currency: String,
    /// What the card draws on or was paid from.
    account_id: Option<TextId>,
    /// Name of the card.
    card_name: Option<String>,
    /// What can be spent.
    available_balance: String,
    /// Posted, held amounts included.
    current_balance: String,
    /// What is held.
    blocked_amount: String,
    /// Same as in `limits`.
    spending_limit: Option<String>,
    /// Same as in `limits`.
    daily_limit: Option<String>,
    /// Same as in `limits`.
    monthly_limit: Option<String>,
    /// Spent today.
    daily_spent: Option<String>,
    /// Spent this month.
    monthly_spent: Option<String>,
    /// When it was created.
    create_time: UnixMs,
    /// When it last changed.
    update_time: UnixMs,
    /// When it became active.
    activate_time: Option<UnixMs>,
    /// When it stops being good.
    expire_time: Option<UnixMs>,
    /// Switches.
    settings: Settings,
    /// Limits.
    limits: Limits,
    /// What it can do.
    features: Features,
    /// Same as `maskedCardNumber`.
    masked_pan: String,
    /// Same as `brand`.
    network: &'static str,
    /// Same as `availableBalance`.
    balance: String,
}

impl From<CardFacts> for Card {
    fn from(facts: CardFacts) -> Card {
        let id = TextId(facts.id);
        let brand = facts.organization.brand();
        Card {
            card_no: id,
            card_id: id,
            last4: facts.pan.last_four(),
            card_type_id: facts.card_type_id,
            card_bank_bin: facts.bin,
            holder_id: facts.holder_id,
            cardholder_id: facts.holder_id.map(TextId),
            status: facts.state.status(),
            blocked: facts.block == Block::ByPlatform,
            bind_time: facts.bound_at.map(UnixMs),
            remark: facts.remark,
            no_pin_payment_amount: facts.no_pin_payment_amount,
            balance_info: None,
            custom_category: facts.custom_category,
            holder_info: facts.holder,
            spending_controls: facts.spending_controls,
            risk_controls: facts.risk_controls,
            card_token: id,
            masked_card_number: facts.pan.starred(),
            expiry_date: format!("{:02}/{:02}", facts.expiry.month, facts.expiry.year % 100),
            card_status: facts.state.card_status(facts.block),
            card_type: facts.form.upper_case(),
            brand,
            currency: facts.currency,
            account_id: facts.account_id.map(TextId),
            card_name: facts.name,
            balance: facts.balances.available.clone(),
            available_balance: facts.balances.available,
            current_balance: facts.balances.current,
            blocked_amount: facts.balances.held,
            spending_limit: facts.limits.spending_limit.clone(),
            daily_limit: facts.limits.daily_limit.clone(),
            monthly_limit: facts.limits.monthly_limit.clone(),
            daily_spent: facts.daily_spent,
            monthly_spent: facts.monthly_spent,
            create_time: UnixMs(facts.created_at),
            update_time: UnixMs(facts.updated_at),
            activate_time: facts.activated_at.map(UnixMs),
            expire_time: facts.expires_at.map(UnixMs),
            settings: facts.settings,
            limits: facts.limits,
            features: facts.features,
            masked_pan: facts.pan.starred(),
            network: brand,
        }
    }
}

impl Card {
    /// The card with its `balanceInfo`, for who asked for more than the simple form.
    pub fn with_balance(facts: CardFacts) -> Card {
        let balance_info = BalanceInfo::of(&facts);
        Card {
            balance_info: Some(balance_info),
            ..Card::from(facts)
        }
    }
}
