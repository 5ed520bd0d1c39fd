//! The asking itself: what is sent, to whom, and what the answer means.

use std::time::Duration;

use tokio::{task::JoinHandle, time::Instant};

use super::{
    DEADLINE, Outcome,
    room::{Heard, LateSeat},
};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        ReadTx, Scope, authorizations,
        decisions::{self, DecisionId},
        webhook_endpoints::{self, Endpoint},
    },
    webhooks::{
        payloads::finci::authorization,
        question::{self, Said},
        sender::{Answer, Attempt, LONGEST, Outcome as Sent, Outgoing, Purpose},
        signing::{self, Keys, Message},
        target::Target,
    },
};

/// Who is asked within this time after the network asked has the time that is promised to answer.
const PROMPT: Duration = Duration::from_millis(250);
/// How much of a late answer is kept.
const LATE_BYTES: usize = 2 * 1024;
/// How much of an answer that is neither a yes nor a no is kept.
const INVALID_BYTES: usize = 1024;

/// What came of asking.
pub(super) struct Asked {
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
    /// The beginning of an answer that was neither a yes nor a no.
    pub(super) invalid: Option<String>,
}

/// A question with everything that is sent.
struct Prepared {
    endpoint: Endpoint,
    keys: Keys,
    id: String,
    body: Vec<u8>,
}

/// Asks the integrator, once, and waits no longer than [`DEADLINE`]. A later answer is recorded, where
/// not too many are waited for already.
///
/// Nothing of this is repeated: a question that is asked and comes to nothing is a no.
pub(super) async fn ask(app: &App, scope: &Scope, id: DecisionId) -> Result<Asked> {
    let began = Instant::now();
    // Its time counts; what is left after it is the time to answer in.
    let load = async move |tx: &mut ReadTx| prepare(tx, id).await;
    let Some(prepared) = app.glance(scope.tenant, load).await? else {
        return Ok(Asked {
            outcome: Outcome::NoEndpoint,
            took: began.elapsed(),
            invalid: None,
        });
    };
    let Some(mut seat) = app.room().enter(scope.tenant, began).await else {
        return Ok(Asked {
            outcome: Outcome::Crowded,
            took: began.elapsed(),
            invalid: None,
        });
    };
    let asked_after = began.elapsed();
    let mut posting = tokio::spawn(post(app.clone(), prepared));
    let (outcome, invalid) = match tokio::time::timeout_at(began + DEADLINE, &mut posting).await {
        Ok(Ok(Ok(attempt))) => {
            seat.heard(heard(&attempt));
            said(&attempt)
        }
        Ok(Ok(Err(error))) => return Err(error),
        Ok(Err(error)) => return Err(Error::Corrupt(error.to_string())),
        Err(_) => {
            // Whoever was asked late had less time than is promised, and is not called silent for that.
            let silence = if asked_after < PROMPT {
                Heard::Nothing
            } else {
                Heard::NotAsked
            };
            seat.heard(silence);
            match app.room().stay(scope.tenant) {
                Some(late_seat) => {
                    let waiting = (posting, late_seat);
                    tokio::spawn(record_late(app.clone(), (scope.clone(), id), waiting));
                }
                None => posting.abort(),
            }
            (Outcome::Late, None)
        }
    };
    Ok(Asked {
        outcome,
        took: began.elapsed(),
        invalid,
    })
}

/// Waits on for an answer whose time is over, and keeps what it says. It changes nothing.
async fn record_late(
    app: App,
    (scope, id): (Scope, DecisionId),
    (posting, seat): (JoinHandle<Result<Attempt>>, LateSeat),
) {
    let posted = posting.await;
    drop(seat);
    let Ok(Ok(attempt)) = posted else {
        return;
    };
    let late = match &attempt.outcome {
        Sent::Answered(answer) => beginning(answer, LATE_BYTES),
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

/// What was said, and the answer itself where it says nothing that the contract knows.
fn said(attempt: &Attempt) -> (Outcome, Option<String>) {
    match &attempt.outcome {
        Sent::Answered(answer) => match question::read((answer.status, &answer.body)) {
            Said::Success => (Outcome::Success, None),
            Said::Error => (Outcome::Error, None),
            Said::Invalid => (Outcome::Invalid, Some(beginning(answer, INVALID_BYTES))),
        },
        Sent::TimedOut => (Outcome::Late, None),
        Sent::Refused(_) | Sent::Failed(_) => (Outcome::Unreachable, None),
    }
}

fn heard(attempt: &Attempt) -> Heard {
    match &attempt.outcome {
        Sent::Answered(_) => Heard::Answer,
        Sent::TimedOut => Heard::Nothing,
        Sent::Refused(_) | Sent::Failed(_) => Heard::NotAsked,
    }
}

/// The status of an answer, and so much of its body. It is for operators only: it stands in no log.
fn beginning(answer: &Answer, bytes: usize) -> String {
    let beginning = &answer.body[..answer.body.len().min(bytes)];
    format!("{} {}", answer.status, String::from_utf8_lossy(beginning))
}
