//! Accounts as operators see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::reason;
use crate::instant::Rfc3339;
use crate::native::{Money, RecordId};
use crate::shape::{Fields, Policy, Shape};

/// `POST accounts/{account_id}/credit` and `…/debit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveMoney {
    /// How much.
    pub money: Money,
    /// Why.
    pub reason: String,
}

impl Shape for MoveMoney {
    const NAME: &'static str = "MoveMoney";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let money = Money::read(fields);
        let reason = fields.required("reason", reason());
        Some(MoveMoney {
            money: money?,
            reason: reason?,
        })
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: RecordId,
    /// What it is for.
    pub kind: &'static str,
    /// The holder it belongs to; null for the tenant's own.
    pub holder_id: Option<RecordId>,
    /// Its name.
    pub name: String,
    /// Whether it takes part in payments: `active`, `frozen` or `closed`.
    pub status: &'static str,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// What is posted, held amounts included; in minor units.
    pub balance: i64,
    /// What can be spent; in minor units.
    pub available_balance: i64,
    /// What is held for authorizations; in minor units.
    pub held: i64,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// When it was opened.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}
