//! Authorizations that the integrator decides: what the platform would approve is set aside and
//! committed, then the integrator is asked, then its answer is committed.
//!
//! Law: a question is asked once, if there is room for it. No transaction is open while the answer is waited for; what was set
//! aside meanwhile is nobody else's to spend. Whatever is not a yes in time is a no. What a crash
//! left open is declined when the store is opened again.

mod asking;
mod in_flight;
mod room;
mod settling;

use std::time::Duration;

use cardwright_core::{
    Amount, Authorization, AuthorizationId, AuthorizationKind, AuthorizationSeen,
    AuthorizationStatus, DeclineReason, Event, HoldEnd, PaymentRefusal, Refusal, TenantId,
    Withdrawn,
};

use super::{
    authorizations::{Authorized, DecidedBy, Increment, against_token, balances, release},
    cards,
};
use crate::{
    error::{Error, Result},
    store::{
        Actor, Scope, Store, Tx, authorizations,
        decisions::{self, DecisionId, DecisionKind, StoredDecision},
        standings,
        tenants::Decisioning,
    },
};

pub use in_flight::InFlight;
pub use room::Room;
pub use settling::{Worded, end_stale, settle};

/// How long the integrator has.
pub const DEADLINE: Duration = Duration::from_secs(3);
/// What the network is told where the integrator did not say yes.
const NO: DeclineReason = DeclineReason::InsufficientFunds;
/// How many open questions of an ended server are closed in one write.
const BATCH: i64 = 200;

/// How a question was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Yes.
    Success,
    /// No.
    Error,
    /// Nothing that the contract knows.
    Invalid,
    /// Nothing in time.
    Late,
    /// The integrator could not be reached.
    Unreachable,
    /// Too many questions were open already, so it was not asked.
    Crowded,
    /// The tenant has nobody to ask.
    NoEndpoint,
    /// The server ended while it waited.
    Crashed,
    /// It was left open, and nobody waits for it any more.
    Abandoned,
}

impl Outcome {
    /// The stored word, also in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::Error => "error",
            Outcome::Invalid => "invalid",
            Outcome::Late => "late",
            Outcome::Unreachable => "unreachable",
            Outcome::Crowded => "crowded",
            Outcome::NoEndpoint => "no_endpoint",
            Outcome::Crashed => "crashed",
            Outcome::Abandoned => "abandoned",
        }
    }
}

/// Whether the integrator is asked where the platform says yes.
pub(super) fn asks(tx: &Tx, (kind, decided_by): (AuthorizationKind, DecidedBy)) -> bool {
    let is_asked = kind.spends() || kind == AuthorizationKind::Verification;
    is_asked && decided_by == DecidedBy::Platform && tx.decisioning() == Decisioning::Integrator
}

/// What is decided about a new authorization: where only part of what was asked is there, that part.
pub(super) fn amount(of: &Authorization) -> Amount {
    let part = Amount::from_minor(of.approved_minor, of.asked.currency());
    part.filter(|part| !part.is_zero()).unwrap_or(of.asked)
}

/// Keeps a question about a new authorization, to be asked after the commit.
pub(super) async fn begin(tx: &mut Tx, of: &Authorization) -> Result<DecisionId> {
    let what = (amount(of), of.billing_minor);
    keep(tx, (of, DecisionKind::Authorization), what).await
}

/// Keeps a question about more of an authorization, which is set aside already.
pub(super) async fn begin_raise(
    tx: &mut Tx,
    of: &Authorization,
    (more, billing): (Amount, Amount),
) -> Result<DecisionId> {
    let what = (more, billing.minor());
    keep(tx, (of, DecisionKind::Incremental), what).await
}

async fn keep(
    tx: &mut Tx,
    (of, kind): (&Authorization, DecisionKind),
    (amount, billing_minor): (Amount, i64),
) -> Result<DecisionId> {
    let new = StoredDecision {
        id: tx.next_id().await?,
        authorization: of.id,
        kind,
        amount,
        billing_minor,
        outcome: None,
        declined: None,
        answer: None,
    };
    decisions::insert(tx, &new).await?;
    Ok(new.id)
}

/// Refuses more of an authorization that the integrator has not said yes to yet.
pub(super) async fn check_answered(tx: &mut Tx, id: AuthorizationId) -> Result<()> {
    match decisions::about(tx, id).await? {
        Some(asked) if asked.outcome.is_none() => {
            Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen).into())
        }
        _ => Ok(()),
    }
}

/// Ends a question: what was set aside stays, or is given free. One that has ended stays as it is.
/// What came of it; nothing where an earlier state was put back meanwhile.
pub async fn finish(
    tx: &mut Tx,
    id: DecisionId,
    (outcome, took): (Outcome, Option<Duration>),
) -> Result<Option<Increment>> {
    let Some(asked) = decisions::find(tx, id).await? else {
        return Ok(None);
    };
    let before = authorizations::get(tx, asked.authorization).await?;
    if asked.outcome.is_some() {
        return told(tx, before, (asked.kind, asked.declined))
            .await
            .map(Some);
    }
    let is_there = match before.status {
        // A merchant that was paid already has its money.
        AuthorizationStatus::Open
        | AuthorizationStatus::Answered
        | AuthorizationStatus::Cleared => true,
        // Taken back while the integrator was asked: there is nothing left to say yes to.
        AuthorizationStatus::Reversed
        | AuthorizationStatus::Expired
        | AuthorizationStatus::Declined(_) => false,
    };
    let declined = match (outcome, is_there) {
        (Outcome::Success, true) => against(tx, &before).await?,
        _ => Some(NO),
    };
    let (held_minor, was) = (before.held_minor, before.status);
    let after = match declined {
        None => before,
        Some(reason) => withdraw(tx, before, &asked, reason).await?,
    };
    decisions::decide(tx, id, (outcome.word(), declined), took).await?;
    let subject = ("authorization", after.number.as_str());
    let action = match asked.kind {
        DecisionKind::Authorization => "authorization.answer",
        DecisionKind::Incremental => "authorization.answer_increment",
    };
    tx.audit_outcome(action, subject, outcome.word()).await?;
    tx.emit(event(&asked, (was, &after), declined)).await?;
    if asked.kind == DecisionKind::Incremental {
        let raised = in_billing(&after, asked.billing_minor);
        tell_rest(tx, (held_minor, &after), raised).await?;
    }
    told(tx, after, (asked.kind, declined)).await.map(Some)
}

/// What stands against a yes that comes now: the card may have ended or been stopped, and the account
/// too, while the integrator was asked. What the merchant was paid already is not taken back.
async fn against(tx: &mut Tx, of: &Authorization) -> Result<Option<DeclineReason>> {
    match of.status {
        AuthorizationStatus::Open | AuthorizationStatus::Answered => {
            let found = standings::of_card(tx, of.card).await?;
            if let Some(reason) = found.standing.against(tx.today()) {
                return Ok(Some(reason));
            }
            against_token(tx, of).await
        }
        AuthorizationStatus::Cleared
        | AuthorizationStatus::Reversed
        | AuthorizationStatus::Expired
        | AuthorizationStatus::Declined(_) => Ok(None),
    }
}

/// Tells what a raise that was declined gave free beyond itself. Where little was open any more, all of
/// it ends with the raise, and in another currency that can be more than the raise was.
async fn tell_rest(
    tx: &mut Tx,
    (held_minor, after): (i64, &Authorization),
    raised: Amount,
) -> Result<()> {
    let freed_minor = held_minor - after.held_minor - raised.minor();
    if freed_minor <= 0 {
        return Ok(());
    }
    tx.emit(Event::AuthorizationReleased {
        card: after.card,
        authorization: after.id,
        amount: Amount::zero(after.asked.currency()),
        billing: in_billing(after, freed_minor),
    })
    .await
}

fn in_billing(of: &Authorization, minor: i64) -> Amount {
    let billing = Amount::from_minor(minor, of.billing_currency);
    billing.unwrap_or_else(|| Amount::zero(of.billing_currency))
}

async fn withdraw(
    tx: &mut Tx,
    before: Authorization,
    asked: &StoredDecision,
    reason: DeclineReason,
) -> Result<Authorization> {
    let what = match asked.kind {
        DecisionKind::Authorization => Withdrawn::All,
        DecisionKind::Incremental => Withdrawn::Raise(asked.amount, asked.billing_minor),
    };
    let withdrawn = before.clone().withdraw(what, reason, tx.now());
    if withdrawn.after != before {
        release(tx, &before, &withdrawn, HoldEnd::Voided).await?;
        // The card may have ended while the integrator was asked.
        cards::return_rest(tx, before.card).await?;
    }
    Ok(withdrawn.after)
}

fn event(
    asked: &StoredDecision,
    (was, of): (AuthorizationStatus, &Authorization),
    declined: Option<DeclineReason>,
) -> Event {
    let billing = in_billing(of, asked.billing_minor);
    match (asked.kind, declined) {
        (DecisionKind::Authorization, declined) => Event::AuthorizationDecided {
            card: of.card,
            authorization: of.id,
            amount: asked.amount,
            billing,
            declined,
            status: of.status,
        },
        (DecisionKind::Incremental, None) => Event::AuthorizationIncremented {
            card: of.card,
            authorization: AuthorizationSeen::of(of),
            amount: asked.amount,
            billing,
            question: Some(asked.id),
        },
        (DecisionKind::Incremental, Some(reason)) => Event::AuthorizationIncrementDeclined {
            card: of.card,
            authorization: of.id,
            amount: asked.amount,
            billing,
            question: Some(asked.id),
            reason,
            ended: (was != of.status).then(|| AuthorizationSeen::of(of)),
        },
    }
}

async fn told(
    tx: &mut Tx,
    authorization: Authorization,
    (asked, declined): (DecisionKind, Option<DeclineReason>),
) -> Result<Increment> {
    let balances = balances(tx, &authorization).await?;
    Ok(Increment {
        asked,
        authorized: Authorized {
            authorization,
            balances,
        },
        declined,
    })
}

/// Ends every open question of the tenant with a no: nobody waits for them any more. One that cannot
/// be ended is told of and keeps no other waiting.
pub(super) async fn end_all_open(tx: &mut Tx) -> Result<()> {
    let mut seen = 0;
    while let Some(last) = end_open(tx, seen).await? {
        seen = last;
    }
    Ok(())
}

/// Ends open questions behind `seen`, so many as one write takes. The last one looked at, if any.
async fn end_open(tx: &mut Tx, seen: DecisionId) -> Result<Option<DecisionId>> {
    let open = decisions::open(tx, seen, BATCH).await?;
    for &id in &open {
        let crashed = (Outcome::Crashed, None);
        match tx.attempt(async |tx| finish(tx, id, crashed).await).await? {
            Ok(_) => {}
            Err(Error::Busy) => return Err(Error::Busy),
            Err(error) => {
                let error = error.log_text();
                tracing::error!(decision = id, error, "an open question was not ended");
            }
        }
    }
    Ok(open.last().copied())
}

/// Ends the questions that a server left open when it ended.
pub(super) async fn end_unfinished(store: &Store) -> Result<()> {
    let tenants: Vec<TenantId> = store
        .system_read(async |session| decisions::tenants_open(session).await)
        .await?;
    for tenant in tenants {
        let scope = Scope {
            tenant,
            actor: Actor::system("start"),
        };
        let mut seen = 0;
        loop {
            let step = async move |tx: &mut Tx| end_open(tx, seen).await;
            match store.write(&scope, step).await? {
                Some(last) => seen = last,
                None => break,
            }
        }
    }
    Ok(())
}
