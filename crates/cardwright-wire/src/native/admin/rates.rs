//! Rates between currencies.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::AMOUNT_MAX;
use crate::instant::Rfc3339;
use crate::kind::{Kind, currency, integer};
use crate::shape::{Fields, Policy, Shape};

/// `PUT rates`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRate {
    /// From which currency: three capital letters, not yet known to be a currency.
    pub source: String,
    /// To which, likewise.
    pub target: String,
    /// How many units of the target one of the source is worth, in millionths.
    pub rate_micros: i64,
}

impl Shape for SetRate {
    const NAME: &'static str = "SetRate";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let source = fields.required(
            "source",
            currency()
                .about("From which currency, ISO 4217")
                .example("EUR"),
        );
        let target = fields.required(
            "target",
            currency()
                .about("To which currency, ISO 4217; another one")
                .example("USD"),
        );
        let rate_micros = fields.required(
            "rate_micros",
            integer(1..=AMOUNT_MAX)
                .about("How many units of the target one of the source is worth, in millionths")
                .example(1_085_000),
        );
        Some(SetRate {
            source: source?,
            target: target?,
            rate_micros: rate_micros?,
        })
    }
}

/// What an operator fed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExchangeRate)]
pub struct Rate {
    /// From which currency, ISO 4217.
    pub source: String,
    /// To which, ISO 4217.
    pub target: String,
    /// How many units of the target one of the source is worth, in millionths.
    pub rate_micros: i64,
    /// When it was fed.
    pub updated_at: Rfc3339,
}
