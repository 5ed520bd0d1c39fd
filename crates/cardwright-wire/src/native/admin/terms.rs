//! What a product says about the authorizations of its cards.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::RecordId;
use crate::kind::{Kind, integer, one_of};
use crate::shape::{Fields, Policy, Shape};

/// The largest markup: as much again as the exchanged amount.
const MARKUP_MAX: i64 = 10_000;
/// The longest time for which an approval is kept open.
const DAYS_MAX: i64 = 365;

/// What a refund does to the limits that the payment counted towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitsAfterRefund {
    /// Nothing: they bound how much is spent.
    Kept,
    /// It gives them back: they bound how much is owed.
    Restored,
}

const LIMITS: &[(&str, LimitsAfterRefund)] = &[
    ("kept", LimitsAfterRefund::Kept),
    ("restored", LimitsAfterRefund::Restored),
];

/// `PUT products/{product_id}/terms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetTerms {
    /// What paying in another currency costs; 100 is one percent.
    pub markup_basis_points: i64,
    /// For how many days an approval is kept open.
    pub hold_days: u16,
    /// The same for lodging and vehicle rental.
    pub lodging_hold_days: u16,
    /// What a refund does to limits.
    pub limits_after_refund: LimitsAfterRefund,
}

impl Shape for SetTerms {
    const NAME: &'static str = "SetTerms";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let markup = fields.required(
            "markup_basis_points",
            integer(0..=MARKUP_MAX)
                .about("What paying in another currency costs on top, in basis points: 100 is 1%")
                .example(150),
        );
        let days = fields.required(
            "hold_days",
            integer(1..=DAYS_MAX)
                .about("For how many days an approval is kept open")
                .example(7),
        );
        let lodging = fields.required(
            "lodging_hold_days",
            integer(1..=DAYS_MAX)
                .about("The same for lodging and vehicle rental, where the sum is known late")
                .example(31),
        );
        let limits = fields.required(
            "limits_after_refund",
            one_of(LIMITS)
                .about("Whether a refund gives back what the payment took from limits")
                .example("kept"),
        );
        let days_of = |number: i64| u16::try_from(number).ok();
        Some(SetTerms {
            markup_basis_points: markup?,
            hold_days: days_of(days?)?,
            lodging_hold_days: days_of(lodging?)?,
            limits_after_refund: limits?,
        })
    }
}

/// What a product says about the authorizations of its cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProductTerms)]
pub struct Terms {
    /// The product.
    pub product_id: RecordId,
    /// What paying in another currency costs on top, in basis points; 100 is one percent.
    pub markup_basis_points: i64,
    /// For how many days an approval is kept open.
    pub hold_days: u16,
    /// The same for lodging and vehicle rental.
    pub lodging_hold_days: u16,
    /// Whether a refund gives back what the payment took from limits.
    pub limits_after_refund: LimitsAfterRefund,
}
