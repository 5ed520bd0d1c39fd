//! What operators do.

pub mod accounts;
pub mod audit;
pub mod card_data_keys;
pub mod cards;
pub mod coins;
pub mod controls;
pub mod credentials;
pub mod decisions;
pub mod deposits;
pub mod designs;
pub mod events;
pub mod files;
pub mod holders;
pub mod keys;
pub mod products;
pub mod rates;
pub mod tenants;
pub mod terms;
pub mod users;
pub mod webhooks;
pub mod work_orders;

use crate::kind::{Kind, text};
use crate::shape::{Fields, Policy, Shape};

/// Why an operator does something, kept in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A sentence for whoever asks later.
    pub reason: String,
}

impl Shape for Reason {
    const NAME: &'static str = "Reason";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reason = fields.required("reason", reason());
        Some(Reason { reason: reason? })
    }
}

/// A sentence for the audit log.
pub fn reason() -> impl Kind<Out = String> {
    text(1..=160)
        .about("Why; kept in the audit log")
        .example("Reported by the bank")
}
