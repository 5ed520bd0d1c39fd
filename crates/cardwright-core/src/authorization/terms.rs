//! What a product says about the use of its cards, beyond what the card itself allows.

use crate::{Merchant, Timestamp};
use jiff::SignedDuration;

/// Whether a refund gives back what the payment took from the card's limits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LimitsAfterRefund {
    /// It does not: the limits bound how much is spent.
    Kept,
    /// It does: the limits bound how much is owed.
    Restored,
}

/// The terms of a product's authorizations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AuthorizationTerms {
    /// What paying in another currency costs, in basis points: 100 is one percent.
    pub markup_basis_points: i64,
    /// For how many days an approval is kept open.
    pub hold_days: u16,
    /// The same for lodging and vehicle rental, where the sum is known late.
    pub lodging_hold_days: u16,
    /// What a refund does to limits.
    pub after_refund: LimitsAfterRefund,
}

impl AuthorizationTerms {
    /// What holds where a product says nothing: no markup; 7 days, 31 for lodging and rental.
    pub const DEFAULT: AuthorizationTerms = AuthorizationTerms {
        markup_basis_points: 0,
        hold_days: 7,
        lodging_hold_days: 31,
        after_refund: LimitsAfterRefund::Kept,
    };

    /// The same terms for money that comes back: nobody pays for getting it.
    #[must_use]
    pub fn without_markup(self) -> AuthorizationTerms {
        AuthorizationTerms {
            markup_basis_points: 0,
            ..self
        }
    }

    /// When an approval at this merchant ends by itself.
    pub fn expires_at(self, merchant: &Merchant, now: Timestamp) -> Timestamp {
        let days = if merchant.mcc.is_lodging_or_rental() {
            self.lodging_hold_days
        } else {
            self.hold_days
        };
        now.saturating_add(SignedDuration::from_hours(24 * i64::from(days)))
            .unwrap_or(Timestamp::MAX)
    }
}
