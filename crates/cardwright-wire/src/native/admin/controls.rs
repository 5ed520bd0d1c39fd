//! Controls of cards, accounts and products, and what is left of their limits.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{AMOUNT_MAX, RecordId};
use crate::instant::Rfc3339;
use crate::kind::{Kind, boolean, country, digits, integer, list, object, one_of};
use crate::shape::{FaultKind, Fields, Policy, Shape};

/// The longest list of categories or countries.
const LIST_MAX: usize = 500;
/// The most limits.
const LIMITS_MAX: usize = 20;
/// The longest sliding window.
const SECONDS_MAX: i64 = 2_678_400;
/// The largest number of transactions.
const COUNT_MAX: i64 = u32::MAX as i64;

/// The time over which usage is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LimitWindow)]
pub enum Window {
    /// Each transaction by itself.
    PerTransaction,
    /// From midnight, in the tenant's time zone.
    Day,
    /// From Monday.
    Week,
    /// From the first of the month.
    Month,
    /// From the first of January.
    Year,
    /// For ever.
    Lifetime,
    /// So many seconds before now.
    Sliding,
}

const WINDOWS: &[(&str, Window)] = &[
    ("per_transaction", Window::PerTransaction),
    ("day", Window::Day),
    ("week", Window::Week),
    ("month", Window::Month),
    ("year", Window::Year),
    ("lifetime", Window::Lifetime),
    ("sliding", Window::Sliding),
];

/// A limit, as it is set and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ControlLimit)]
pub struct Limit {
    /// Within which time.
    pub window: Window,
    /// The length of a sliding window; only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// At most this much, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// At most so many transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

impl Shape for Limit {
    const NAME: &'static str = "SetLimit";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let window = fields.required(
            "window",
            one_of(WINDOWS).about("Within which time").example("day"),
        );
        let seconds = fields.optional(
            "seconds",
            integer(1..=SECONDS_MAX)
                .about("Length of a sliding window; required there, only there"),
        );
        let amount = fields.optional(
            "amount",
            integer(0..=AMOUNT_MAX)
                .about("At most this much, in minor units of the currency of the card's account")
                .example(100_000),
        );
        let count = fields.optional(
            "count",
            integer(0..=COUNT_MAX)
                .about("At most so many transactions; not for `per_transaction`")
                .example(20),
        );
        match (window, seconds) {
            (Some(Window::Sliding), Some(None)) => fields.fault("seconds", FaultKind::Required),
            (Some(Window::Sliding) | None, _) | (_, Some(None) | None) => {}
            (Some(_), Some(Some(_))) => fields.fault("seconds", FaultKind::NotAllowed),
        }
        fields.at_least_one(&["amount", "count"]);
        let small = |number: i64| u32::try_from(number).ok();
        Some(Limit {
            window: window?,
            seconds: seconds?.and_then(small),
            amount: amount?,
            count: count?.and_then(small),
        })
    }
}

/// Which ways of using a card are open, as they are set and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ControlChannels)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent switches on the wire"
)]
pub struct Channels {
    /// By its number, without the card: on the internet, keyed in, kept on file.
    pub ecommerce: bool,
    /// Held to a terminal.
    pub contactless: bool,
    /// At cash machines.
    pub atm: bool,
    /// By its stripe.
    pub magstripe: bool,
}

impl Channels {
    /// All open.
    pub const OPEN: Channels = Channels {
        ecommerce: true,
        contactless: true,
        atm: true,
        magstripe: true,
    };
}

impl Shape for Channels {
    const NAME: &'static str = "SetChannels";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let mut open = |name, about| fields.optional(name, boolean().about(about));
        let ecommerce = open(
            "ecommerce",
            "By its number, without the card; open where left out",
        );
        let contactless = open("contactless", "Held to a terminal; open where left out");
        let atm = open("atm", "At cash machines; open where left out");
        let magstripe = open("magstripe", "By its stripe; open where left out");
        Some(Channels {
            ecommerce: ecommerce?.unwrap_or(true),
            contactless: contactless?.unwrap_or(true),
            atm: atm?.unwrap_or(true),
            magstripe: magstripe?.unwrap_or(true),
        })
    }
}

/// `PUT cards/{card_id}/controls`, and the same of accounts and products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetControls {
    /// How much and how often.
    pub limits: Vec<Limit>,
    /// Only merchants of these categories.
    pub allowed_mcc: Vec<String>,
    /// No merchant of these categories.
    pub blocked_mcc: Vec<String>,
    /// Only merchants in these countries.
    pub allowed_countries: Vec<String>,
    /// No merchant in these countries.
    pub blocked_countries: Vec<String>,
    /// Which ways are open.
    pub channels: Channels,
}

impl Shape for SetControls {
    const NAME: &'static str = "SetControls";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let limits = fields.optional(
            "limits",
            list(object::<Limit>(), LIMITS_MAX)
                .about("How much and how often; at most one limit for each window"),
        );
        let mut mccs = |name, about| fields.optional(name, list(digits(4), LIST_MAX).about(about));
        let allowed_mcc = mccs(
            "allowed_mcc",
            "Only merchants of these categories; empty: any",
        );
        let blocked_mcc = mccs(
            "blocked_mcc",
            "No merchant of these categories; not together with `allowed_mcc`",
        );
        let mut countries =
            |name, about| fields.optional(name, list(country(), LIST_MAX).about(about));
        let allowed_countries = countries(
            "allowed_countries",
            "Only merchants in these countries; empty: any",
        );
        let blocked_countries = countries(
            "blocked_countries",
            "No merchant in these countries; not together with `allowed_countries`",
        );
        let channels = fields.optional(
            "channels",
            object::<Channels>().about("Which ways are open; all where left out"),
        );
        Some(SetControls {
            limits: limits?.unwrap_or_default(),
            allowed_mcc: allowed_mcc?.unwrap_or_default(),
            blocked_mcc: blocked_mcc?.unwrap_or_default(),
            allowed_countries: allowed_countries?.unwrap_or_default(),
            blocked_countries: blocked_countries?.unwrap_or_default(),
            channels: channels?.unwrap_or(Channels::OPEN),
        })
    }
}

/// Controls of a card, an account or a product. Without `currency` they can be set again as they
/// are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Controls {
    /// Of what the amounts are: the currency of the account. Null for a product, whose limits are
    /// in the currency of whatever account a card spends from.
    pub currency: Option<String>,
    /// How much and how often.
    pub limits: Vec<Limit>,
    /// Only merchants of these categories; empty: any.
    pub allowed_mcc: Vec<String>,
    /// No merchant of these categories.
    pub blocked_mcc: Vec<String>,
    /// Only merchants in these countries; empty: any.
    pub allowed_countries: Vec<String>,
    /// No merchant in these countries.
    pub blocked_countries: Vec<String>,
    /// Which ways of using the card are open. The chip always is.
    pub channels: Channels,
}

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LimitScope)]
pub enum Scope {
    /// The card's own.
    Card,
    /// The account's, for all its cards together.
    Account,
    /// The product's, for this card by itself.
    Product,
}

/// A limit that a card is under, and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LimitUsage)]
pub struct Usage {
    /// Whose limit it is.
    pub scope: Scope,
    /// Within which time.
    pub window: Window,
    /// The length of a sliding window; else null.
    pub seconds: Option<u32>,
    /// At most this much, in minor units; null: any.
    pub amount: Option<i64>,
    /// At most so many transactions; null: any.
    pub count: Option<u32>,
    /// How much was used of the window, in minor units.
    pub used_amount: i64,
    /// How many transactions.
    pub used_count: i64,
    /// How much is left, in minor units; null where amounts are not limited.
    pub remaining_amount: Option<i64>,
    /// How many transactions are left; null where their number is not limited.
    pub remaining_count: Option<i64>,
    /// When the window begins anew; null where it never does, or a little at a time.
    pub resets_at: Option<Rfc3339>,
}

/// Every limit that a card is under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LimitUsages)]
pub struct Usages {
    /// The card.
    pub card_id: RecordId,
    /// Of what the amounts are.
    pub currency: String,
    /// The limits: the card's own, the account's, the product's. All of them rule.
    pub limits: Vec<Usage>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault, Fault};

    fn read(body: &str) -> Result<SetControls, Vec<(String, FaultKind)>> {
        let told = |fault: Fault| (fault.field, fault.kind);
        match shape::from_body::<SetControls>(body.as_bytes()) {
            Ok(read) => Ok(read.value),
            Err(BodyFault::Fields(faults)) => Err(faults.into_iter().map(told).collect()),
            Err(BodyFault::Json(fault)) => panic!("{body}: {fault:?}"),
        }
    }

    #[test]
    fn nothing_said_means_nothing_restricted() {
        let open = read("{}").unwrap();
        assert_eq!((open.limits.len(), open.channels), (0, Channels::OPEN));
    }

    #[test]
    fn a_limit_says_what_it_limits_and_only_a_sliding_window_how_long_it_is() {
        use FaultKind::{Invalid, NotAllowed, Required, Unknown};
        for (limit, field, kind) in [
            (r#"{"amount": 1}"#, "limits.0.window", Required),
            (
                r#"{"window": "hour", "count": 1}"#,
                "limits.0.window",
                NotAllowed,
            ),
            (r#"{"window": "day"}"#, "limits.0.amount", Required),
            (
                r#"{"window": "day", "amount": -1}"#,
                "limits.0.amount",
                Invalid,
            ),
            (
                r#"{"window": "day", "amount": 1.5}"#,
                "limits.0.amount",
                Invalid,
            ),
            (
                r#"{"window": "day", "count": 4294967296}"#,
                "limits.0.count",
                Invalid,
            ),
            (
                r#"{"window": "sliding", "count": 1}"#,
                "limits.0.seconds",
                Required,
            ),
            (
                r#"{"window": "sliding", "count": 1, "seconds": 0}"#,
                "limits.0.seconds",
                Invalid,
            ),
            (
                r#"{"window": "day", "count": 1, "seconds": 9}"#,
                "limits.0.seconds",
                NotAllowed,
            ),
            (
                r#"{"window": "day", "count": 1, "per": 1}"#,
                "limits.0.per",
                Unknown,
            ),
        ] {
            let faults = read(&format!(r#"{{"limits": [{limit}]}}"#)).unwrap_err();
            assert_eq!(faults, [(field.to_owned(), kind)], "{limit}");
        }
    }

    #[test]
    fn what_is_shown_can_be_set_again() {
        let body = r#"{"limits":[{"window":"day","amount":5},{"window":"sliding","seconds":60,"count":2}],"allowed_mcc":["0742"],"blocked_mcc":[],"allowed_countries":["LT"],"blocked_countries":[],"channels":{"ecommerce":true,"contactless":true,"atm":false,"magstripe":true}}"#;
        let set = read(body).unwrap();
        let shown = Controls {
            currency: None,
            limits: set.limits,
            allowed_mcc: set.allowed_mcc,
            blocked_mcc: set.blocked_mcc,
            allowed_countries: set.allowed_countries,
            blocked_countries: set.blocked_countries,
            channels: set.channels,
        };
        let written = serde_json::to_string(&shown).unwrap();
        assert_eq!(written, body.replacen('{', r#"{"currency":null,"#, 1));
    }
}
