//! Authorizations that the integrator decides: what the platform would approve is set aside and
//! committed, then the integrator is asked, then its answer is committed.
//!
//! Law: a question is asked once. No transaction is open while the answer is waited for; what was set
//! aside meanwhile is nobody else's to spend. Whatever is not a yes in time is a no. What a crash
//! left open is declined when the store is opened again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cardwright_core::{
    Amount, Authorization, AuthorizationId, AuthorizationKind, AuthorizationStatus, DeclineReason,
    Event, HoldEnd, PaymentRefusal, Refusal, TenantId, Withdrawn,
};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{
    authorizations::{Authorized, DecidedBy, Increment, balances, release},
    cards,
};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        Actor, ReadTx, Scope, Store, Tx, authorizations,
        decisions::{self, DecisionId, DecisionKind, StoredDecision},
        tenants::Decisioning,
        webhook_endpoints::{self, Endpoint},
    },
    webhooks::{
        payloads::finci::authorization,
        question::{self, Said},
        sender::{Attempt, LONGEST, Outcome as Sent, Outgoing, Purpose},
        signing::{self, Keys, Message},
        target::Target,
    },
};

/// How long the integrator has.
pub const DEADLINE: Duration = Duration::from_secs(3);
/// What the network is told where the integrator did not say yes.
const NO: DeclineReason = DeclineReason::InsufficientFunds;
/// How many open questions of an ended server are closed in one write.
const BATCH: i64 = 200;
/// How much of a late answer is kept.
const LATE_BYTES: usize = 2 * 1024;

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
    /// The tenant has nobody to ask.
    NoEndpoint,
    /// The server ended while it waited.
    Crashed,
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
            Outcome::NoEndpoint => "no_endpoint",
            Outcome::Crashed => "crashed",
        }
    }
}

/// Questions that somebody waits for in this process.
#[derive(Default)]
pub struct InFlight(Mutex<HashMap<(TenantId, DecisionId), Waiting>>);

enum Waiting {
    /// It is asked.
    Asking(watch::Receiver<()>),
    /// It was asked, and what came of it could not be kept yet.
    Known(Outcome, Duration),
}

/// Whose turn it is.
pub enum Turn {
    /// To ask, unless it was asked already, and to tell the others by dropping the sender.
    Mine(watch::Sender<()>, Option<(Outcome, Duration)>),
    /// Somebody else's; the receiver ends when it is over.
    Theirs(watch::Receiver<()>),
}

impl InFlight {
    /// Takes the turn of a question, if nobody has it.
    pub fn take(&self, tenant: TenantId, id: DecisionId) -> Turn {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match waiting.get(&(tenant, id)) {
            Some(Waiting::Asking(receiver)) => return Turn::Theirs(receiver.clone()),
            Some(Waiting::Known(outcome, took)) => Some((*outcome, *took)),
            None => None,
        };
        let (sender, receiver) = watch::channel(());
        waiting.insert((tenant, id), Waiting::Asking(receiver));
        Turn::Mine(sender, known)
    }

    /// Gives the turn back. What came of the question is remembered where it could not be kept, so
    /// that nobody asks again.
    pub fn leave(&self, (tenant, id): (TenantId, DecisionId), unkept: Option<(Outcome, Duration)>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match unkept {
            Some((outcome, took)) => {
                waiting.insert((tenant, id), Waiting::Known(outcome, took));
            }
            None => {
                waiting.remove(&(tenant, id));
            }
        }
    }
}

/// Whether the integrator is asked where the platform says yes.
pub(super) fn asks(tx: &Tx, (kind, decided_by): (AuthorizationKind, DecidedBy)) -> bool {
    let is_asked = kind.spends() || kind == AuthorizationKind::Verification;
    is_asked && decided_by == DecidedBy::Platform && tx.decisioning() == Decisioning::Integrator
}

/// Keeps a question about a new authorization, to be asked after the commit.
pub(super) async fn begin(tx: &mut Tx, of: &Authorization) -> Result<DecisionId> {
    // Where only part of what was asked is there, the question is about that part.
    let part = Amount::from_minor(of.approved_minor, of.asked.currency());
    let amount = part.filter(|part| !part.is_zero()).unwrap_or(of.asked);
    let what = (amount, of.billing_minor);
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

/// A question with everything that is sent.
struct Prepared {
    endpoint: Endpoint,
    keys: Keys,
    id: String,
    body: Vec<u8>,
}

/// Asks the integrator, once, and waits no longer than [`DEADLINE`]. A later answer is recorded.
///
/// Nothing of this is repeated: a question that is asked and comes to nothing is a no.
pub async fn ask(app: &App, scope: &Scope, id: DecisionId) -> Result<(Outcome, Duration)> {
    let began = Instant::now();
    // Its time counts; what is left after it is the time to answer in.
    let load = async move |tx: &mut ReadTx| prepare(tx, id).await;
    let Some(prepared) = app.glance(scope.tenant, load).await? else {
        return Ok((Outcome::NoEndpoint, began.elapsed()));
    };
    let mut posting = tokio::spawn(post(app.clone(), prepared));
    let outcome = match tokio::time::timeout_at(began + DEADLINE, &mut posting).await {
        Ok(Ok(Ok(attempt))) => said(&attempt),
        Ok(Ok(Err(error))) => return Err(error),
        Ok(Err(error)) => return Err(Error::Corrupt(error.to_string())),
        Err(_) => {
            tokio::spawn(record_late(app.clone(), (scope.clone(), id), posting));
            Outcome::Late
        }
    };
    Ok((outcome, began.elapsed()))
}

/// Waits on for an answer whose time is over, and keeps what it says. It changes nothing.
async fn record_late(
    app: App,
    (scope, id): (Scope, DecisionId),
    posting: tokio::task::JoinHandle<Result<Attempt>>,
) {
    let Ok(Ok(attempt)) = posting.await else {
        return;
    };
    let late = match &attempt.outcome {
        Sent::Answered(answer) => {
            let beginning = &answer.body[..answer.body.len().min(LATE_BYTES)];
            format!("{} {}", answer.status, String::from_utf8_lossy(beginning))
        }
        other => other.word().to_owned(),
    };
    let took = attempt.duration;
    let kept = app
        .write(&scope, async move |tx| {
            if decisions::keep_late(tx, id, &late, took).await? == 1 {
                tx.audit("decision.late", ("decision", &id.to_string()))
                    .await?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = kept {
        tracing::warn!(
            decision = id,
            error = error.log_text(),
            "a late answer was not kept"
        );
    }
}

async fn prepare(tx: &mut ReadTx, id: DecisionId) -> Result<Option<Prepared>> {
    let Some(asked) = decisions::find(tx, id).await? else {
        return Ok(None);
    };
    let of = authorizations::get(tx, asked.authorization).await?;
    let Some(endpoint) = webhook_endpoints::decider(tx).await? else {
        return Ok(None);
    };
    let wallet = authorization::wallet(tx, &of).await?;
    let keys = Keys::load(tx, &endpoint).await?;
    Ok(Some(Prepared {
        body: question::body(&asked, &of, (wallet, tx.now()))?,
        id: question::event_id(&asked),
        endpoint,
        keys,
    }))
}

async fn post(app: App, prepared: Prepared) -> Result<Attempt> {
    let target = Target::parse(&prepared.endpoint.url, app.sender().plain())
        .map_err(|_| Error::Corrupt(format!("the URL of endpoint {}", prepared.endpoint.id)))?;
    let message = Message {
        id: &prepared.id,
        category: None,
        target: &target,
        body: &prepared.body,
    };
    let headers = signing::headers(&prepared.keys, message, app.now())?;
    let outgoing = Outgoing {
        target: &target,
        purpose: Purpose::Decision,
        headers,
        body: prepared.body,
        limit: LONGEST,
    };
    Ok(app.sender().post(outgoing).await)
}

fn said(attempt: &Attempt) -> Outcome {
    match &attempt.outcome {
        Sent::Answered(answer) => match question::read((answer.status, &answer.body)) {
            Said::Success => Outcome::Success,
            Said::Error => Outcome::Error,
            Said::Invalid => Outcome::Invalid,
        },
        Sent::TimedOut => Outcome::Late,
        Sent::Refused(_) | Sent::Failed(_) => Outcome::Unreachable,
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
        return told(tx, before, asked.declined).await.map(Some);
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
    let declined = (outcome != Outcome::Success || !is_there).then_some(NO);
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
    tx.emit(event(&asked, &after, declined)).await?;
    told(tx, after, declined).await.map(Some)
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

fn event(asked: &StoredDecision, of: &Authorization, declined: Option<DeclineReason>) -> Event {
    match (asked.kind, declined) {
        (DecisionKind::Authorization, _) => Event::AuthorizationDecided {
            card: of.card,
            authorization: of.id,
        },
        (DecisionKind::Incremental, None) => Event::AuthorizationIncremented {
            card: of.card,
            authorization: of.id,
            amount: asked.amount,
            question: Some(asked.id),
        },
        (DecisionKind::Incremental, Some(reason)) => Event::AuthorizationIncrementDeclined {
            card: of.card,
            authorization: of.id,
            amount: asked.amount,
            question: Some(asked.id),
            reason,
        },
    }
}

async fn told(
    tx: &mut Tx,
    authorization: Authorization,
    declined: Option<DeclineReason>,
) -> Result<Increment> {
    let balances = balances(tx, &authorization).await?;
    Ok(Increment {
        authorized: Authorized {
            authorization,
            balances,
            question: None,
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
