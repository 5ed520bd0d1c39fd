//! What an event keeps of the records that it is about.
//!
//! Law: what a record would not say later is among the facts, and they are taken from what whoever
//! tells has in hand: no fact costs a look at the database.

use std::fmt;

use super::{AuthorizationSeen, Event, LeftOnCard};
use crate::{Amount, AuthorizationId, DeclineReason, KycState, PlatformBlock};

/// Names and values.
type Facts = Vec<(&'static str, String)>;

impl Event {
    /// What a consumer could not find out later, because the record moves on.
    pub fn facts(&self) -> Facts {
        match *self {
            Event::HolderStatusChanged { ref kyc, .. } => reviewed(kyc),
            Event::HolderEmailChanged {
                ref kyc, ref email, ..
            } => {
                let email = email.clone().map(|email| ("email", email));
                with(reviewed(kyc), email.into_iter().collect())
            }
            Event::CardStatusChanged {
                from, to, block, ..
            } => match block {
                PlatformBlock::Clear => moved(from.word(), to.word()),
                PlatformBlock::Blocked { .. } => {
                    with(moved(from.word(), to.word()), one("block", "blocked"))
                }
            },
            Event::CardBlocked { state, .. } | Event::CardUnblocked { state, .. } => {
                one("state", state.word())
            }
            Event::CardStageChanged { from, to, .. } => moved(from.word(), to.word()),
            Event::OrderFinished { order, left, .. } => with(one("order", order), remaining(left)),
            Event::AuthorizationDecided { .. }
            | Event::AuthorizationIncremented { .. }
            | Event::AuthorizationIncrementDeclined { .. }
            | Event::AuthorizationReversed { .. }
            | Event::AuthorizationExpired { .. }
            | Event::AuthorizationReleased { .. }
            | Event::TransactionPosted { .. } => self.facts_of_payment(),
            Event::CardFeeCharged { fee, kind, .. } => of_kind("fee", fee, kind.word()),
            Event::DisputeChanged { dispute, state, .. } => {
                standing("dispute", dispute.get(), state)
            }
            Event::DepositChanged {
                deposit,
                state,
                balance_minor,
                ..
            } => with(
                standing("deposit", deposit.get(), state),
                one("balance", balance_minor),
            ),
            Event::DepositExpired {
                order,
                balance_minor,
                ..
            } => with(one("deposit_order", order), one("balance", balance_minor)),
            Event::CardShipmentChanged { shipment, .. } => one("shipment", shipment.word()),
            Event::ChallengeIssued {
                challenge, kind, ..
            } => of_kind("challenge", challenge, kind.word()),
            Event::ChallengeEnded {
                challenge, state, ..
            } => standing("challenge", challenge.get(), state),
            Event::WalletTokenChanged { token, state, .. } => {
                standing("wallet_token", token.get(), state.word())
            }
            Event::WorkOrderDecided { decision, .. } => one("decision", decision.word()),
            Event::EndpointDisabled { reason, .. } => one("reason", reason),
            Event::AccountCreated { .. } | Event::CardCreated { .. } => Vec::new(),
        }
    }

    /// The same of what moves a card's money by the network; nothing of anything else.
    fn facts_of_payment(&self) -> Facts {
        match *self {
            Event::AuthorizationDecided {
                authorization,
                amount,
                billing,
                declined,
                status,
                ..
            } => with(
                // What was decided about is all that there is of it.
                with(billed(authorization, (amount, billing)), why(declined)),
                one(STATUS, status.word()),
            ),
            Event::AuthorizationIncremented {
                authorization,
                amount,
                billing,
                question,
                ..
            } => with(
                asked(billed(authorization.id, (amount, billing)), question),
                seen(authorization),
            ),
            Event::AuthorizationIncrementDeclined {
                authorization,
                amount,
                billing,
                question,
                reason,
                ended,
                ..
            } => with(
                with(
                    asked(billed(authorization, (amount, billing)), question),
                    why(Some(reason)),
                ),
                ended.map_or_else(Vec::new, seen),
            ),
            Event::AuthorizationExpired {
                authorization,
                amount,
                billing,
                ..
            } => ended(authorization, (amount, billing)),
            Event::AuthorizationReleased {
                authorization,
                amount,
                billing,
                ..
            } => billed(authorization, (amount, billing)),
            Event::AuthorizationReversed {
                authorization,
                void,
                amount,
                ..
            } => with(
                with(raised(authorization.id, amount), one("void", void)),
                seen(authorization),
            ),
            Event::TransactionPosted {
                transaction,
                settled,
                patch,
                ..
            } => with(one("transaction", transaction), posted(settled, patch)),
            _ => Vec::new(),
        }
    }
}

/// The name of where an authorization stands.
const STATUS: &str = "authorization_status";

fn with(mut facts: Facts, more: Facts) -> Facts {
    facts.extend(more);
    facts
}

fn one(name: &'static str, value: impl fmt::Display) -> Facts {
    vec![(name, value.to_string())]
}

fn of_kind(record: &'static str, id: impl fmt::Display, kind: &str) -> Facts {
    vec![(record, id.to_string()), ("kind", kind.to_owned())]
}

/// Why a holder was rejected is forgotten when it is corrected.
fn reviewed(kyc: &KycState) -> Facts {
    let status = one("status", kyc.word());
    match kyc {
        KycState::WaitAudit | KycState::UnderReview | KycState::Approved => status,
        KycState::Rejected { stage, reason } => with(
            status,
            with(one("stage", stage.word()), one("reason", reason)),
        ),
    }
}

fn remaining(left: LeftOnCard) -> Facts {
    vec![
        ("balance", left.minor.to_string()),
        ("balance_currency", left.currency.to_string()),
    ]
}

fn raised(authorization: AuthorizationId, amount: Amount) -> Facts {
    vec![
        ("authorization", authorization.to_string()),
        ("amount", amount.minor().to_string()),
        ("currency", amount.currency().to_string()),
    ]
}

fn billed(authorization: AuthorizationId, (amount, billing): (Amount, Amount)) -> Facts {
    let mut facts = raised(authorization, amount);
    facts.push(("billing_amount", billing.minor().to_string()));
    facts.push(("billing_currency", billing.currency().to_string()));
    facts
}

fn ended(of: AuthorizationSeen, amounts: (Amount, Amount)) -> Facts {
    with(billed(of.id, amounts), seen(of))
}

fn seen(of: AuthorizationSeen) -> Facts {
    vec![
        (STATUS, of.status.word().to_owned()),
        ("approved_amount", of.approved_minor.to_string()),
        ("approved_billing_amount", of.billing_minor.to_string()),
    ]
}

fn posted(settled: Option<AuthorizationSeen>, patch: Option<Amount>) -> Facts {
    let mut facts = Facts::new();
    if let Some(settled) = settled {
        facts.push(("authorization", settled.id.to_string()));
        facts.extend(seen(settled));
    }
    facts.extend(patch.map(|patch| ("cross_border_patch", patch.minor().to_string())));
    facts
}

fn why(declined: Option<DeclineReason>) -> Facts {
    let reason = declined.map(|reason| ("reason", reason.word().to_owned()));
    reason.into_iter().collect()
}

fn asked(mut facts: Facts, question: Option<i64>) -> Facts {
    facts.extend(question.map(|number| ("question", number.to_string())));
    facts
}

fn moved(from: &str, to: &str) -> Facts {
    vec![("from", from.to_owned()), ("to", to.to_owned())]
}

fn standing(record: &'static str, id: i64, state: &str) -> Facts {
    vec![(record, id.to_string()), ("state", state.to_owned())]
}
