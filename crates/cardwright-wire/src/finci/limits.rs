//! What a card may be used for, as `limits` of a card shows it.

use serde::Serialize;
use utoipa::ToSchema;

/// A bound on one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Window {
    /// At most this much in the window; a decimal string.
    pub amount: Option<String>,
    /// At most so many payments in the window.
    pub count: Option<u32>,
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
