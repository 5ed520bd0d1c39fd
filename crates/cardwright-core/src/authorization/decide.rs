//! The one function that says yes or no to the card network.
//!
//! Law: it sees everything it judges by and nothing else, so the same facts always give the same
//! answer, and the first failing check in the published order is the reason.

use super::{AuthorizationKind, DeclineReason};
use crate::{AccountStatus, Amount, CardState, CloseReason, Date, Expiry, PlatformBlock};

/// Something that only the real card or its holder knows, as it was presented.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Presented {
    /// It was not presented.
    Nothing,
    /// It is the card's.
    Right,
    /// It is not the card's.
    Wrong,
    /// It is not looked at any more: it was wrong too often.
    Locked,
}

/// Whether less than the asked amount is of use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Partial {
    /// The merchant takes part of it.
    Allowed,
    /// All or nothing.
    Refused,
}

/// What limits and controls say about the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ruling {
    /// The first of them that stands against it.
    pub against: Option<DeclineReason>,
    /// The largest amount that limits would still let through, in minor units of the account.
    pub room_minor: i64,
}

impl Ruling {
    /// No limit and no control.
    pub const FREE: Ruling = Ruling {
        against: None,
        room_minor: i64::MAX,
    };
}

/// What is known of card and account when the network asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The card's state.
    pub state: CardState,
    /// Whether the platform stopped the card.
    pub block: PlatformBlock,
    /// The card's last month.
    pub expiry: Expiry,
    /// Whether the account takes part in payments.
    pub account: AccountStatus,
    /// What may be spent, in minor units; negative below the floor.
    pub available_minor: i64,
}

impl Standing {
    /// What stands against any use of the card, whatever it is for.
    pub fn against(&self, today: Date) -> Option<DeclineReason> {
        against_card(self, today).or_else(|| against_account(self))
    }
}

/// What the network asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// For what.
    pub kind: AuthorizationKind,
    /// How much it would cost in the account's currency; nothing where no rate leads there.
    pub billing: Option<Amount>,
    /// Whether part of it would do.
    pub partial: Partial,
    /// The presented expiry month.
    pub expiry: Presented,
    /// The presented CVV2.
    pub cvv: Presented,
    /// The presented PIN.
    pub pin: Presented,
    /// The most that is paid without one, in minor units of the account; nothing where none is asked
    /// for ([`AuthorizationKind::asks_for_pin`]).
    pub pin_free_minor: Option<i64>,
    /// A reason that comes before every check: a simulation insists on it, or the wallet token that
    /// stands for the card does not pay.
    pub forced: Option<DeclineReason>,
}

/// The answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Yes, and so much is set aside, in the account's currency.
    Approve {
        /// Less than was asked for only where part of it would do.
        billing: Amount,
    },
    /// No.
    Decline(DeclineReason),
}

/// Decides, by the first check that fails.
pub fn decide(question: &Question, standing: &Standing, ruling: Ruling, today: Date) -> Decision {
    let reason = question
        .forced
        .or_else(|| against_card(standing, today))
        .or_else(|| against_presented(question))
        .or_else(|| against_account(standing));
    let asked = match (reason, question.billing) {
        (Some(reason), _) => return Decision::Decline(reason),
        (None, None) => return Decision::Decline(DeclineReason::CurrencyNotSupported),
        (None, Some(asked)) => asked,
    };
    match question.kind {
        AuthorizationKind::Purchase | AuthorizationKind::Cash | AuthorizationKind::QuasiCash => {
            spend(asked, question.partial, standing.available_minor, ruling)
        }
        // Nothing is spent: only where the card is used can still be wrong.
        AuthorizationKind::Verification
        | AuthorizationKind::BalanceInquiry
        | AuthorizationKind::Refund => match ruling.against {
            Some(reason) if reason != DeclineReason::LimitExceeded => Decision::Decline(reason),
            Some(_) | None => Decision::Approve { billing: asked },
        },
    }
}

fn against_card(standing: &Standing, today: Date) -> Option<DeclineReason> {
    match (standing.state, standing.block) {
        // It ended of its age: that is said, not that it is closed.
        (
            CardState::Closed {
                reason: CloseReason::Expired,
                ..
            },
            _,
        ) => Some(DeclineReason::CardExpired),
        (CardState::Active, PlatformBlock::Clear) => {
            (!standing.expiry.covers(today)).then_some(DeclineReason::CardExpired)
        }
        _ => Some(DeclineReason::CardNotActive),
    }
}

fn against_account(standing: &Standing) -> Option<DeclineReason> {
    (standing.account != AccountStatus::Active).then_some(DeclineReason::AccountNotActive)
}

fn against_presented(question: &Question) -> Option<DeclineReason> {
    if question.expiry == Presented::Wrong {
        return Some(DeclineReason::InvalidExpiry);
    }
    if question.cvv == Presented::Wrong {
        return Some(DeclineReason::InvalidCvv);
    }
    match question.pin {
        Presented::Wrong => Some(DeclineReason::InvalidPin),
        Presented::Locked => Some(DeclineReason::PinTriesExceeded),
        Presented::Nothing => match (question.billing, question.pin_free_minor) {
            (Some(asked), Some(most)) if asked.minor() > most => Some(DeclineReason::PinRequired),
            _ => None,
        },
        Presented::Right => None,
    }
}

fn spend(asked: Amount, partial: Partial, available_minor: i64, ruling: Ruling) -> Decision {
    let most = match (ruling.against, partial) {
        (None, _) => i64::MAX,
        (Some(DeclineReason::LimitExceeded), Partial::Allowed) if ruling.room_minor > 0 => {
            ruling.room_minor
        }
        (Some(reason), _) => return Decision::Decline(reason),
    };
    let within_limits = asked.minor().min(most);
    if within_limits <= available_minor {
        return approve(within_limits, asked);
    }
    match partial {
        Partial::Allowed if available_minor > 0 => approve(available_minor, asked),
        Partial::Allowed | Partial::Refused => Decision::Decline(DeclineReason::InsufficientFunds),
    }
}

fn approve(minor: i64, asked: Amount) -> Decision {
    // Never above what was asked for, so never out of range.
    let billing = Amount::from_minor(minor, asked.currency()).unwrap_or(asked);
    Decision::Approve { billing }
}
