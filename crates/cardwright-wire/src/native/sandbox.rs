//! What only a sandbox does: the events of the outside world, made by a call.

pub mod counterparts;
pub mod signatures;
pub mod webhooks;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Money, RecordId};
use crate::kind::{GivenId, Kind, any_id};
use crate::shape::{Fields, Policy, Shape};

/// `POST simulate/funding`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funding {
    /// The account that receives.
    pub account: GivenId,
    /// How much.
    pub money: Money,
}

impl Shape for Funding {
    const NAME: &'static str = "Funding";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account = fields.required(
            "account_id",
            any_id()
                .about("Account that receives the money")
                .example("1734567890123"),
        );
        let money = Money::read(fields);
        Some(Funding {
            account: account?,
            money: money?,
        })
    }
}

/// What an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Balances {
    /// The account.
    pub account_id: RecordId,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// What is posted, held amounts included; in minor units.
    pub balance: i64,
    /// What can be spent; in minor units.
    pub available_balance: i64,
    /// What is held for authorizations; in minor units.
    pub held: i64,
}
