//! Changing what a card may be used for: what is left out stays, `null` takes away.

use crate::kind::{
    Clearable, Kind, amount, boolean, clearable, country, digits, integer, list, object,
};
use crate::shape::{Fields, Policy, Shape};

/// The longest list.
const LIST_MAX: usize = 500;

/// A bound on a single payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAmount {
    /// At most this much, as sent.
    pub amount: String,
}

impl Shape for SetAmount {
    const NAME: &'static str = "SetAmount";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = amount().about("At most this much, in the account's currency");
        let amount = fields.required("amount", amount.example("200.00"));
        Some(SetAmount { amount: amount? })
    }
}

/// A bound on a window: an amount, a number of payments, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWindow {
    /// At most this much, as sent.
    pub amount: Option<String>,
    /// At most so many payments.
    pub count: Option<u32>,
}

impl Shape for SetWindow {
    const NAME: &'static str = "SetWindow";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = amount().about("At most this much in the window; left out: any");
        let amount = fields.optional("amount", amount.example("1000.00"));
        let most = integer(0..=i64::from(u32::MAX));
        let count = most.about("At most so many payments in the window; left out: any");
        let count = fields.optional("count", count.example(20));
        fields.at_least_one(&["amount", "count"]);
        Some(SetWindow {
            amount: amount?,
            count: count?.and_then(|count| u32::try_from(count).ok()),
        })
    }
}

/// Which ways of paying are opened and closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchChannels {
    /// Payments on the internet.
    pub ecommerce: Option<bool>,
    /// Contactless payments.
    pub contactless: Option<bool>,
    /// Cash machines.
    pub atm: Option<bool>,
    /// The magnetic stripe.
    pub magstripe: Option<bool>,
}

impl Shape for SwitchChannels {
    const NAME: &'static str = "SwitchChannels";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let mut switch = |name, about| fields.optional(name, boolean().about(about));
        let ecommerce = switch("ecommerce", "Whether payments on the internet are open");
        let contactless = switch("contactless", "Whether contactless payments are open");
        let atm = switch("atm", "Whether cash machines are open");
        let magstripe = switch("magstripe", "Whether the magnetic stripe is open");
        Some(SwitchChannels {
            ecommerce: ecommerce?,
            contactless: contactless?,
            atm: atm?,
            magstripe: magstripe?,
        })
    }
}

/// A list that is put in the place of the one before.
pub type List = Option<Clearable<Vec<String>>>;

/// `PATCH update-card-limits/{token_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateCardLimits {
    /// Bound on a single payment.
    pub per_transaction: Option<Clearable<SetAmount>>,
    /// Bound on a day.
    pub daily: Option<Clearable<SetWindow>>,
    /// Bound on a week.
    pub weekly: Option<Clearable<SetWindow>>,
    /// Bound on a month.
    pub monthly: Option<Clearable<SetWindow>>,
    /// Bound on a year.
    pub yearly: Option<Clearable<SetWindow>>,
    /// Bound on the card's whole life.
    pub lifetime: Option<Clearable<SetWindow>>,
    /// Only merchants of these categories.
    pub allowed_mcc: List,
    /// No merchant of these categories.
    pub blocked_mcc: List,
    /// Only merchants in these countries.
    pub allowed_countries: List,
    /// No merchant in these countries.
    pub blocked_countries: List,
    /// Which ways of paying are opened and closed.
    pub channels: Option<SwitchChannels>,
}

impl Shape for UpdateCardLimits {
    const NAME: &'static str = "UpdateCardLimits";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let single = clearable(object::<SetAmount>()).about("Bound on a single payment");
        let per_transaction = fields.optional("per_transaction", single);
        let mut window =
            |name, about| fields.optional(name, clearable(object::<SetWindow>()).about(about));
        let daily = window("daily", "Bound on a day; null: none");
        let weekly = window("weekly", "Bound on a week; null: none");
        let monthly = window("monthly", "Bound on a month; null: none");
        let yearly = window("yearly", "Bound on a year; null: none");
        let lifetime = window("lifetime", "Bound on the card's whole life; null: none");
        let mut mccs =
            |name, about| fields.optional(name, clearable(list(digits(4), LIST_MAX)).about(about));
        let allowed_mcc = mccs("allowed_mcc", "Only these merchant category codes");
        let about = "Not these merchant category codes; not together with `allowed_mcc`";
        let blocked_mcc = mccs("blocked_mcc", about);
        let mut countries =
            |name, about| fields.optional(name, clearable(list(country(), LIST_MAX)).about(about));
        let allowed_countries = countries("allowed_countries", "Only these countries");
        let about = "Not these countries; not together with `allowed_countries`";
        let blocked_countries = countries("blocked_countries", about);
        let channels = fields.optional(
            "channels",
            object::<SwitchChannels>().about("Which ways of paying are opened and closed"),
        );
        Some(UpdateCardLimits {
            per_transaction: per_transaction?,
            daily: daily?,
            weekly: weekly?,
            monthly: monthly?,
            yearly: yearly?,
            lifetime: lifetime?,
            allowed_mcc: allowed_mcc?,
            blocked_mcc: blocked_mcc?,
            allowed_countries: allowed_countries?,
            blocked_countries: blocked_countries?,
            channels: channels?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finci::envelope::Failure;
    use crate::shape;

    fn codes(body: &str) -> String {
        match shape::from_body::<UpdateCardLimits>(body.as_bytes()) {
            Ok(_) => String::new(),
            Err(fault) => Failure::from(fault).codes().join(" "),
        }
    }

    #[test]
    fn what_is_left_out_is_not_touched_and_null_takes_away() {
        let body =
            br#"{"daily":null,"weekly":{"count":3},"blocked_mcc":[],"channels":{"atm":false}}"#;
        let change = shape::from_body::<UpdateCardLimits>(body)
            .expect("a good body")
            .value;
        assert_eq!(change.daily, Some(Clearable::Clear));
        let weekly = SetWindow {
            amount: None,
            count: Some(3),
        };
        assert_eq!(change.weekly, Some(Clearable::Set(weekly)));
        assert_eq!(change.monthly, None);
        assert_eq!(change.blocked_mcc, Some(Clearable::Set(Vec::new())));
        let channels = change.channels.expect("channels");
        assert_eq!((channels.atm, channels.ecommerce), (Some(false), None));
    }

    #[test]
    fn a_window_says_what_it_bounds() {
        assert_eq!(codes(r#"{"daily":{}}"#), "daily.amount:required");
        assert_eq!(
            codes(r#"{"daily":{"amount":"-1"}}"#),
            "daily.amount:invalid"
        );
        assert_eq!(codes(r#"{"daily":{"count":1.5}}"#), "daily.count:invalid");
        assert_eq!(codes(r#"{"daily":5}"#), "daily:invalid");
        let count = r#"{"per_transaction":{"amount":5,"count":1}}"#;
        assert_eq!(codes(count), "per_transaction.count:unknown");
        assert_eq!(codes(r#"{"blocked_mcc":["54"]}"#), "blocked_mcc.0:invalid");
        assert_eq!(codes(r#"{"hourly":{"count":1}}"#), "hourly:unknown");
    }
}
