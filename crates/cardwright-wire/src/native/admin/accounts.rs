//! Accounts as operators see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::reason;
use crate::instant::Rfc3339;
use crate::kind::{Kind, one_of};
use crate::native::{Money, Paging, RecordId};
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

/// What accounts are for, in the words of `kind`.
const KINDS: &[(&str, &str)] = &[
    ("wallet", "wallet"),
    ("margin", "margin"),
    ("card_balance", "card_balance"),
    ("customer", "customer"),
    ("fees_income", "fees_income"),
    ("external_funding", "external_funding"),
    ("network_settlement", "network_settlement"),
    ("crypto_clearing", "crypto_clearing"),
    ("loss", "loss"),
];

/// `GET accounts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Only those of this kind.
    pub kind: Option<&'static str>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for Accounts {
    const NAME: &'static str = "Accounts";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.optional("kind", one_of(KINDS).about("Only those for this"));
        let paging = Paging::read(fields);
        Some(Accounts {
            kind: kind?,
            paging: paging?,
        })
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: RecordId,
    /// What it is for: `wallet`, `margin` (a pool), `card_balance` and `customer` hold a tenant's money,
    /// the others are the platform's book.
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
    /// Whether `balance` is below what a payment may leave, as after a forced posting; of a payment
    /// the answer says the same. The platform's book has no such floor.
    pub overdrawn: bool,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// When it was opened.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}
