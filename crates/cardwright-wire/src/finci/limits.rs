//! What a card may be used for, as `limits` of a card shows it.

mod change;

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::PaddedId;

pub use change::{List, SetAmount, SetWindow, SwitchChannels, UpdateCardLimits};

/// A bound on one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Window {
    /// At most this much in the window; a decimal string.
    pub amount: Option<String>,
    /// At most so many payments in the window.
    pub count: Option<u32>,
}

/// A bound, what was used of it and what is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsedWindow {
    /// At most this much in the window, a decimal string; null: any.
    pub amount: Option<String>,
    /// At most so many payments in the window; null: any.
    pub count: Option<u32>,
    /// How much was used of the window; a decimal string.
    pub used_amount: String,
    /// How many payments.
    pub used_count: i64,
    /// How much is left, a decimal string; null where amounts are not bound.
    pub remaining_amount: Option<String>,
    /// How many payments are left; null where their number is not bound.
    pub remaining_count: Option<i64>,
    /// When the window begins anew; null where it never does, or a little at a time.
    pub resets_at: Option<Rfc3339>,
}

/// Whose bound it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BoundBy {
    /// The card's own, over a time that these operations do not set.
    Card,
    /// The account's, for all its cards together.
    Account,
    /// The product's, for this card by itself.
    Product,
}

/// A bound that the operator set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OtherLimit {
    /// Whose bound it is.
    pub scope: BoundBy,
    /// The window: `per_transaction`, `daily`, `weekly`, `monthly`, `yearly`, `lifetime` or `sliding`.
    pub window: &'static str,
    /// The length of a sliding window; else null.
    pub seconds: Option<u32>,
    /// The bound itself.
    #[serde(flatten)]
    pub bound: UsedWindow,
}

/// The answer to `get-card-limits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardLimits {
    /// Id of the card.
    pub token_id: PaddedId,
    /// Of what the amounts are: the account's currency, ISO 4217.
    pub currency: String,
    /// Bound on a single payment; null: none.
    pub per_transaction: Option<UsedWindow>,
    /// Bound on a day; null: none.
    pub daily: Option<UsedWindow>,
    /// Bound on a week; null: none.
    pub weekly: Option<UsedWindow>,
    /// Bound on a month; null: none.
    pub monthly: Option<UsedWindow>,
    /// Bound on a year; null: none.
    pub yearly: Option<UsedWindow>,
    /// Bound on the card's whole life; null: none.
    pub lifetime: Option<UsedWindow>,
    /// Only these merchant category codes; empty: any.
    pub allowed_mcc: Vec<String>,
    /// Not these merchant category codes.
    pub blocked_mcc: Vec<String>,
    /// Only these countries; empty: any.
    pub allowed_countries: Vec<String>,
    /// Not these countries.
    pub blocked_countries: Vec<String>,
    /// Which ways of paying are open.
    pub channels: Channels,
    /// What else the card is under; the strictest bound wins.
    pub other_limits: Vec<OtherLimit>,
}

/// Which ways of paying are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent switches on the wire"
)]
pub struct Channels {
    /// Payments on the internet.
    pub ecommerce: bool,
    /// Contactless payments.
    pub contactless: bool,
    /// Cash machines.
    pub atm: bool,
    /// The magnetic stripe.
    pub magstripe: bool,
}

/// The limits of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Limits {
    /// Bound on a single payment; null: none.
    pub per_transaction: Option<Window>,
    /// Bound on a day; null: none.
    pub daily: Option<Window>,
    /// Bound on a week; null: none.
    pub weekly: Option<Window>,
    /// Bound on a month; null: none.
    pub monthly: Option<Window>,
    /// Bound on a year; null: none.
    pub yearly: Option<Window>,
    /// Bound on the card's whole life; null: none.
    pub lifetime: Option<Window>,
    /// Only these merchant category codes; empty: any.
    pub allowed_mcc: Vec<String>,
    /// Not these merchant category codes.
    pub blocked_mcc: Vec<String>,
    /// Only these countries; empty: any.
    pub allowed_countries: Vec<String>,
    /// Not these countries.
    pub blocked_countries: Vec<String>,
    /// Which ways of paying are open.
    pub channels: Channels,
}

impl Limits {
    /// No limit of any kind.
    pub fn none() -> Limits {
        Limits {
            per_transaction: None,
            daily: None,
            weekly: None,
            monthly: None,
            yearly: None,
            lifetime: None,
            allowed_mcc: Vec::new(),
            blocked_mcc: Vec::new(),
            allowed_countries: Vec::new(),
            blocked_countries: Vec::new(),
            channels: Channels {
                ecommerce: true,
                contactless: true,
                atm: true,
                magstripe: true,
            },
        }
    }
}
