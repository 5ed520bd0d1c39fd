//! Steps the platform takes by itself when they are due.
//!
//! Law: a step and its being forgotten commit together, so it is taken once however many
//! instances see it; a step that fails is put off, never lost.

pub mod deliveries;

use std::{collections::BTreeMap, time::Duration};

use cardwright_core::TenantId;
use jiff::SignedDuration;
use tokio::sync::oneshot;

use crate::{
    app::{App, JobsTurn},
    error::{Error, Result},
    ops,
    store::{
        Actor, Scope, Tx, authorizations, card_expiry,
        jobs::{self, Job, Task},
        logins, requests, usage,
    },
};

/// How many due steps are looked at in one go.
const BATCH: i64 = 100;
/// How many authorizations end in one write.
const EXPIRY_BATCH: i64 = 50;
/// What the end of an authorization's time is called among the steps.
const EXPIRY: &str = "expire_authorization";
/// How many cards end of their age in one write.
const CARD_BATCH: i64 = 50;
/// What the end of a card's last month is called among the steps.
const CARD_EXPIRY: &str = "expire_card";
/// How long a failed step waits at first; each further failure doubles it.
const FIRST_DELAY: SignedDuration = SignedDuration::from_secs(1);
/// Doublings stop here: about a quarter of an hour.
const MOST_DOUBLINGS: i64 = 10;
/// How long to wait after the store could not be asked.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How often what no request can meet any more is removed.
const PURGE_EVERY: Duration = Duration::from_mins(1);
/// How often questions to integrators are looked for that were left open.
const QUESTIONS_EVERY: Duration = Duration::from_secs(10);
/// How many rows of each kind one step of a removal takes at most.
const PURGE_LIMIT: i64 = 1_000;

/// Steps that were taken, by their kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// How many of each kind; no kind with none.
    pub per_kind: BTreeMap<&'static str, usize>,
}

impl Taken {
    /// How many in all.
    pub fn count(&self) -> usize {
        self.per_kind.values().sum()
    }

    /// Counts so many more.
    pub fn add(&mut self, kind: &'static str, count: usize) {
        if count > 0 {
            *self.per_kind.entry(kind).or_default() += count;
        }
    }
}

/// Takes every due step, and those that become due by that. How many were taken.
pub async fn run_due(app: &App) -> Result<usize> {
    let _turn = app.jobs_turn().await;
    let mut taken = 0;
    loop {
        let now = app.now();
        let (due, overdue, aged) = app
            .store()
            .system_read(async move |session| {
                let due = jobs::due(session, now, BATCH).await?;
                let overdue = authorizations::tenants_overdue(session, now).await?;
                let aged = card_expiry::tenants_overdue(session, now).await?;
                Ok((due, overdue, aged))
            })
            .await?;
        let before = taken;
        for job in due {
            run_one(app, job).await?;
            taken += 1;
        }
        for tenant in overdue {
            taken += expire(app, tenant).await?;
        }
        // After the orders that were due before: they found their cards alive.
        for tenant in aged {
            taken += expire_cards(app, tenant).await?;
        }
        // What cannot be ended is overdue still, and is tried again when there is something else.
        if taken == before {
            return Ok(taken);
        }
    }
}

/// Ends authorizations of a tenant whose time is over, in steps that keep no other write waiting
/// for long. How many.
async fn expire(app: &App, tenant: TenantId) -> Result<usize> {
    let scope = Scope {
        tenant,
        actor: Actor::system("job"),
    };
    let step = async |tx: &mut Tx| ops::authorizations::expire_due(tx, EXPIRY_BATCH).await;
    app.write(&scope, step).await
}

/// Ends cards of a tenant whose last month is over, likewise. How many.
async fn expire_cards(app: &App, tenant: TenantId) -> Result<usize> {
    let scope = Scope {
        tenant,
        actor: Actor::system("job"),
    };
    let step = async |tx: &mut Tx| ops::cards::expire_due(tx, CARD_BATCH).await;
    app.write(&scope, step).await
}

/// Takes every step of one tenant that is due by the tenant's time, and those that become due by
/// that; the caller has the turn ([`App::jobs_turn`]).
///
/// After a jump over several due times all of them are taken now, at the time the clock then
/// shows, the one that was due first before the others. Cards end of their age last, when nothing
/// else is left to do.
pub async fn run_due_of(app: &App, tenant: TenantId, _turn: &JobsTurn<'_>) -> Result<Taken> {
    let mut taken = Taken::default();
    loop {
        let due = app
            .read(tenant, async move |tx| jobs::due_of(tx, BATCH).await)
            .await?;
        let expired = expire(app, tenant).await?;
        taken.add(EXPIRY, expired);
        if due.is_empty() && expired == 0 {
            let aged = expire_cards(app, tenant).await?;
            taken.add(CARD_EXPIRY, aged);
            if aged == 0 {
                return Ok(taken);
            }
        }
        for job in due {
            run_one(app, job).await?;
            taken.add(job.task.word(), 1);
        }
    }
}

async fn run_one(app: &App, job: Job) -> Result<()> {
    let scope = Scope {
        tenant: job.tenant,
        actor: Actor::system("job"),
    };
    let outcome = app.write(&scope, async move |tx| take(tx, job).await).await;
    let Err(error) = outcome else { return Ok(()) };
    tracing::error!(job = job.id.get(), error = error.log_text(), "a job failed");
    if let Error::Busy = error {
        return Err(error);
    }
    let delay = FIRST_DELAY * (1 << job.failures.min(MOST_DOUBLINGS));
    app.store()
        .system(async move |tx| jobs::postpone(tx, job, delay).await)
        .await
}

async fn take(tx: &mut Tx, job: Job) -> Result<()> {
    if !jobs::claim(tx, job.id).await? {
        return Ok(());
    }
    tx.audit("job.take", ("job", &job.id.to_string())).await?;
    match job.task {
        Task::ReviewHolder(holder) => ops::holders::review(tx, holder).await,
        Task::FinishOrder(order) => ops::cards::finish_later(tx, order).await,
        Task::EndDepositOrder(order) => ops::deposits::expire(tx, order).await,
    }
}

/// Takes due steps, and delivers what is told of them, until told to stop.
pub async fn run(app: App, stop: impl Future<Output = ()> + Send) {
    let (end, ended) = oneshot::channel::<()>();
    let stop_deliveries = async {
        // Dropping the sender is the signal too.
        let _ended = ended.await;
    };
    let couriers = tokio::spawn(deliveries::run(app.clone(), stop_deliveries));
    take_steps(app, stop).await;
    drop(end);
    if let Err(error) = couriers.await {
        tracing::error!(%error, "deliveries ended early");
    }
}

async fn take_steps(app: App, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    let mut purge = tokio::time::interval(PURGE_EVERY);
    let mut questions = tokio::time::interval(QUESTIONS_EVERY);
    loop {
        let rest = match run_due(&app).await {
            Ok(_) => until_next(&app).await,
            Err(error) => {
                tracing::error!(error = error.log_text(), "due jobs were not taken");
                Some(AFTER_FAILURE)
            }
        };
        tokio::select! {
            () = &mut stop => return,
            () = app.job_added() => {}
            () = wait(rest) => {}
            _ = questions.tick() => {
                if let Err(error) = ops::decisions::end_stale(&app).await {
                    tracing::error!(error = error.log_text(), "open questions were not ended");
                }
            }
            _ = purge.tick() => {
                if let Err(error) = remove_outdated(&app).await {
                    tracing::error!(error = error.log_text(), "outdated rows were not removed");
                }
            }
        }
    }
}

/// Removes signatures, answers, sessions, failed logins, counters of limits and messages to endpoints
/// whose time is over, in steps that keep no other write waiting. How many rows.
pub async fn remove_outdated(app: &App) -> Result<u64> {
    let mut removed = 0;
    loop {
        let now = app.now();
        let step = app
            .store()
            .system(async move |tx| {
                let outdated = requests::purge(tx, now, PURGE_LIMIT).await?;
                let counters = usage::purge(tx, now, PURGE_LIMIT).await?;
                Ok(outdated + counters + logins::purge(tx, now, PURGE_LIMIT).await?)
            })
            .await?;
        removed += step;
        if step == 0 {
            return Ok(removed + deliveries::retention::tidy_up(app).await?);
        }
    }
}

/// How long until the next known step is due; nothing where there is none.
async fn until_next(app: &App) -> Option<Duration> {
    let known = app
        .store()
        .system_read(async |session| {
            let due = jobs::next_due(session).await?;
            let expiry = authorizations::next_expiry(session).await?;
            let card = card_expiry::next_end(session).await?;
            Ok((due, [expiry, card].into_iter().flatten().min()))
        })
        .await;
    // What should have ended and is still there could not be ended: it has no due time of its own that
    // would move on, and must not be tried without a rest.
    let rested = app.now().checked_add(AFTER_FAILURE).ok();
    let known = known.map(|(due, end)| [due, end.max(end.and(rested))].into_iter().flatten().min());
    match known {
        Ok(due_at) => due_at.map(|due_at| {
            Duration::try_from(due_at.duration_since(app.now())).unwrap_or(Duration::ZERO)
        }),
        Err(_) => Some(AFTER_FAILURE),
    }
}

/// Waits so long, or for ever.
async fn wait(rest: Option<Duration>) {
    let never = std::future::pending::<()>();
    match rest {
        Some(rest) => tokio::time::timeout(rest, never).await.unwrap_or_default(),
        None => never.await,
    }
}
