//! A question from its first write to its last: who asks it, who waits, and what becomes of one that
//! nobody could end.
//!
//! Law: no transaction is open while the integrator is asked. Every repeat of a message waits for the
//! one question and gets the one answer. A caller who goes away stops nothing. A question whose end
//! could not be written is ended later, by itself.

use std::time::Duration;

use cardwright_core::Record;

use super::{
    BATCH, Outcome,
    asking::ask,
    finish,
    in_flight::{Known, Taken, Turn},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::authorizations::Increment,
    store::{
        Actor, Scope,
        decisions::{self, DecisionId},
    },
};

/// How often a write that the store has no room for is tried, and how long is waited between.
const TRIES: usize = 100;
const BETWEEN: Duration = Duration::from_millis(50);

/// What the one who waits is told, in its own form.
pub type Worded = fn(Increment) -> Result<String>;

/// What is told of a question: at once if it was answered before, else when it was asked.
pub async fn settle(app: &App, scope: &Scope, id: DecisionId, worded: Worded) -> Result<String> {
    if let Some(answer) = answered(app, scope, id).await? {
        return Ok(answer);
    }
    match app.questions().take(id) {
        Taken::Mine(turn) => {
            let (app, scope) = (app.clone(), scope.clone());
            let asking = tokio::spawn(async move { resolve(&app, &scope, turn, worded).await });
            let answer = asking.await;
            answer.map_err(|error| Error::Corrupt(error.to_string()))?
        }
        Taken::Theirs(mut over) => {
            // It ends with an error, because nothing is ever sent.
            let _ended = over.changed().await;
            answered(app, scope, id).await?.ok_or(Error::Busy)
        }
    }
}

async fn answered(app: &App, scope: &Scope, id: DecisionId) -> Result<Option<String>> {
    let find = async move |tx: &mut _| decisions::find(tx, id).await;
    let found = app.read(scope.tenant, find).await?;
    let found = found.ok_or_else(|| Error::not_found(Record::Authorization))?;
    Ok(found.answer)
}

/// Asks, unless that was done, and keeps what came of it.
async fn resolve(app: &App, scope: &Scope, mut turn: Turn, worded: Worded) -> Result<String> {
    let id = turn.id();
    let (known, invalid) = match turn.known() {
        Some(known) => (known, None),
        None => learn(app, scope, &mut turn).await?,
    };
    let mut kept = keep(app, scope, (id, known, invalid.clone()), worded).await;
    for _ in 1..TRIES {
        if !matches!(kept, Err(Error::Busy)) {
            break;
        }
        let never = std::future::pending::<()>();
        let _passed = tokio::time::timeout(BETWEEN, never).await;
        kept = keep(app, scope, (id, known, invalid.clone()), worded).await;
    }
    if kept.is_ok() {
        turn.ended();
    }
    kept
}

/// Asks, unless it is stored that the question has ended. What came of it, and the answer itself where
/// it was neither a yes nor a no.
async fn learn(app: &App, scope: &Scope, turn: &mut Turn) -> Result<(Known, Option<String>)> {
    let id = turn.id();
    // Where this fails, nobody knows whether it was answered, so nobody is asked: the network asks
    // again.
    let find = async move |tx: &mut _| decisions::find(tx, id).await;
    let found = app.read(scope.tenant, find).await?;
    if found.is_some_and(|found| found.outcome.is_some()) {
        return Ok(((Outcome::Crashed, Duration::ZERO), None));
    }
    // Whatever ends this from here on, the integrator may have been asked, and is not asked again.
    turn.learn((Outcome::Unreachable, Duration::ZERO));
    let (known, invalid) = match ask(app, scope, id).await {
        Ok(asked) => ((asked.outcome, asked.took), asked.invalid),
        Err(error) => {
            let error = error.log_text();
            tracing::error!(decision = id, error, "an integrator was not asked");
            ((Outcome::Unreachable, Duration::ZERO), None)
        }
    };
    turn.learn(known);
    app.metrics().question(known.0.word(), known.1);
    Ok((known, invalid))
}

async fn keep(
    app: &App,
    scope: &Scope,
    (id, (outcome, took), invalid): (DecisionId, Known, Option<String>),
    worded: Worded,
) -> Result<String> {
    app.write_often(scope, async move |tx| {
        let found = decisions::find(tx, id).await?;
        if let Some(answer) = found.and_then(|found| found.answer) {
            return Ok(answer);
        }
        let ended = finish(tx, id, (outcome, Some(took))).await?;
        let ended = ended.ok_or_else(|| Error::not_found(Record::Authorization))?;
        if let Some(invalid) = &invalid {
            decisions::keep_invalid(tx, id, invalid).await?;
        }
        let answer = worded(ended)?;
        decisions::keep_answer(tx, id, &answer).await?;
        tx.audit_if_unexplained("decision.tell", ("decision", &id.to_string()))
            .await?;
        Ok(answer)
    })
    .await
}

/// Ends questions that were left open, because their end could not be written or because whoever had
/// begun them went away, with a no: the network was told an error and no yes, whatever the integrator
/// said, and it learns of the no as it learns of any other. How many.
///
/// Those that are being asked are left alone, and so are young ones, which another server may be
/// asking. One that cannot be ended is told of and keeps no other open.
pub async fn end_stale(app: &App) -> Result<usize> {
    let (tenants, newest) = app
        .store()
        .system_read(async |session| {
            let tenants = decisions::tenants_open(session).await?;
            Ok((tenants, decisions::newest_open(session).await?))
        })
        .await?;
    let old_to = app.questions().look(app.now(), newest);
    let mut ended = 0;
    for tenant in tenants {
        let scope = Scope {
            tenant,
            actor: Actor::system("job"),
        };
        let mut seen = 0;
        loop {
            let next = async move |tx: &mut _| decisions::open(tx, seen, BATCH).await;
            let open = app.read(tenant, next).await?;
            let Some(&last) = open.last() else { break };
            for id in open {
                if id <= old_to || app.questions().knows(id) {
                    ended += usize::from(end(app, &scope, id).await?);
                }
            }
            seen = last;
        }
    }
    Ok(ended)
}

/// Whether a question that was left open has ended now.
async fn end(app: &App, scope: &Scope, id: DecisionId) -> Result<bool> {
    let Taken::Mine(mut turn) = app.questions().take(id) else {
        return Ok(false);
    };
    let (outcome, took) = match turn.known() {
        Some((Outcome::Success, took)) => (Outcome::Abandoned, Some(took)),
        Some((outcome, took)) => (outcome, Some(took)),
        None => (Outcome::Abandoned, None),
    };
    let finish = async move |tx: &mut _| finish(tx, id, (outcome, took)).await;
    match app.write(scope, finish).await {
        Ok(_) => {
            turn.ended();
            if took.is_none() {
                app.metrics().question(outcome.word(), Duration::ZERO);
            }
            tracing::warn!(
                decision = id,
                outcome = outcome.word(),
                "an open question was ended"
            );
            Ok(true)
        }
        Err(Error::Busy) => Err(Error::Busy),
        Err(error) => {
            let error = error.log_text();
            tracing::error!(decision = id, error, "an open question was not ended");
            Ok(false)
        }
    }
}
