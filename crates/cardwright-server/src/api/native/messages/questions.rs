//! Answers that wait for the integrator: the message is carried out in two writes, with the question
//! between them.
//!
//! Law: no transaction is open meanwhile. Every repeat of a message waits for the one question and
//! gets the one answer. A caller who goes away stops nothing.

use std::time::Duration;

use cardwright_core::Record;
use cardwright_wire::native::messages::AuthorizationAnswer;
use serde::Serialize;

use super::answers;
use crate::{
    api::native::reply::success,
    app::App,
    error::{Error, Result},
    ops::{
        authorizations::{Authorized, Increment},
        decisions::{self, Outcome, Turn},
        once::Answer,
    },
    store::{
        Scope,
        decisions::{self as stored, DecisionId},
    },
};

/// How often a write that the store has no room for is tried, and how long is waited between.
const TRIES: usize = 100;
const BETWEEN: Duration = Duration::from_millis(50);

/// An answer, or the sign that the integrator is to be asked first.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::api) enum Decided {
    /// What the network is told.
    Now(Box<AuthorizationAnswer>),
    /// Never leaves the server: [`settled`] puts the answer in its place.
    Asked {
        /// The question.
        pending_decision: String,
    },
}

/// What every text of [`Decided::Asked`] begins with, and no answer does.
const SIGN: &str = "{\"pending_decision\":\"";

pub(super) fn authorized(of: Authorized) -> Decided {
    match of.question {
        Some(id) => asked(id),
        None => Decided::Now(Box::new(answers::authorized(of))),
    }
}

pub(super) fn incremented(of: Increment) -> Decided {
    match of.authorized.question {
        Some(id) => asked(id),
        None => Decided::Now(Box::new(answers::incremented(of))),
    }
}

fn asked(id: DecisionId) -> Decided {
    Decided::Asked {
        pending_decision: id.to_string(),
    }
}

/// The answer to a message: as it is, or, where the integrator is to be asked, once it was.
pub(in crate::api) async fn settled(
    app: &App,
    scope: &Scope,
    outcome: Result<Answer>,
) -> Result<Answer> {
    let (status, text) = outcome?;
    let Some(id) = text.strip_prefix(SIGN) else {
        return Ok((status, text));
    };
    let digits = id.trim_end_matches(['"', '}']);
    let id = digits
        .parse()
        .map_err(|_| Error::Corrupt("the number of a question".to_owned()))?;
    if let Some(answer) = answered(app, scope, id).await? {
        return Ok((status, answer));
    }
    match app.questions().take(scope.tenant, id) {
        Turn::Mine(over, known) => {
            let (app, scope) = (app.clone(), scope.clone());
            let asking = tokio::spawn(async move {
                let answer = resolve(&app, &scope, (id, known)).await;
                // Dropped only now: whoever waits finds the answer.
                drop(over);
                answer
            });
            let answer = asking.await;
            let answer = answer.map_err(|error| Error::Corrupt(error.to_string()))??;
            Ok((status, answer))
        }
        Turn::Theirs(mut over) => {
            // It ends with an error, because nothing is ever sent.
            let _ended = over.changed().await;
            let answer = answered(app, scope, id).await?;
            answer.map(|answer| (status, answer)).ok_or(Error::Busy)
        }
    }
}

async fn answered(app: &App, scope: &Scope, id: DecisionId) -> Result<Option<String>> {
    let find = async move |tx: &mut _| stored::find(tx, id).await;
    let found = app.read(scope.tenant, find).await?;
    let found = found.ok_or_else(|| Error::not_found(Record::Authorization))?;
    Ok(found.answer)
}

/// Asks, unless that was done, and keeps what came of it.
async fn resolve(
    app: &App,
    scope: &Scope,
    (id, known): (DecisionId, Option<(Outcome, Duration)>),
) -> Result<String> {
    let find = async move |tx: &mut _| stored::find(tx, id).await;
    let found = match app.read(scope.tenant, find).await {
        Ok(found) => found,
        // Whether it was answered is not known, so nobody is asked: the network asks again.
        Err(error) => {
            app.questions().leave((scope.tenant, id), known);
            return Err(error);
        }
    };
    let outcome = match (known, found) {
        (Some(known), _) => known,
        (None, Some(found)) if found.outcome.is_some() => (Outcome::Crashed, Duration::ZERO),
        (None, _) => {
            let outcome = match decisions::ask(app, scope, id).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    let error = error.log_text();
                    tracing::error!(decision = id, error, "an integrator was not asked");
                    (Outcome::Unreachable, Duration::ZERO)
                }
            };
            app.metrics().question(outcome.0.word(), outcome.1);
            outcome
        }
    };
    let mut kept = keep(app, scope, (id, outcome)).await;
    for _ in 1..TRIES {
        if !matches!(kept, Err(Error::Busy)) {
            break;
        }
        let never = std::future::pending::<()>();
        let _passed = tokio::time::timeout(BETWEEN, never).await;
        kept = keep(app, scope, (id, outcome)).await;
    }
    let unkept = kept.is_err().then_some(outcome);
    app.questions().leave((scope.tenant, id), unkept);
    kept
}

async fn keep(
    app: &App,
    scope: &Scope,
    (id, (outcome, took)): (DecisionId, (Outcome, Duration)),
) -> Result<String> {
    app.write_often(scope, async move |tx| {
        let found = stored::find(tx, id).await?;
        if let Some(answer) = found.and_then(|found| found.answer) {
            return Ok(answer);
        }
        let ended = decisions::finish(tx, id, (outcome, Some(took))).await?;
        let ended = ended.ok_or_else(|| Error::not_found(Record::Authorization))?;
        let (_, answer) = success(answers::incremented(ended))?;
        stored::keep_answer(tx, id, &answer).await?;
        tx.audit_if_unexplained("decision.tell", ("decision", &id.to_string()))
            .await?;
        Ok(answer)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json;

    #[test]
    fn the_sign_is_written_as_it_is_looked_for() {
        let written = json::written(&asked(42)).expect("a text");
        assert_eq!(written, format!("{SIGN}42\"}}"));
    }
}
