//! One message on its way, and what came of it.

use std::{sync::Arc, time::Duration};

use cardwright_core::{
    Confirmation, EndpointId, Response, TenantId, Timestamp, WebhookDialect, WebhookFault,
};
use jiff::SignedDuration;
use zeroize::Zeroizing;

use super::{Key, wait};
use crate::{
    app::App,
    error::{Error, Result},
    metrics::WebhookMetrics,
    secrets::VaultError,
    store::{
        ReadTx,
        deliveries::{self, Delivery, End},
        environment::EnvironmentName,
        webhook_endpoints::{self, Endpoint},
    },
    webhooks::{
        faults::FaultPlan,
        sender::{Attempt, Outcome, Outgoing, Purpose, RetryAfter},
        signing::{self, Keys, Message},
        target::Target,
    },
};

/// How it ends when a sandbox loses it on purpose.
const DROPPED: &str = "dropped";
/// How much of an answer is kept.
const KEPT_BYTES: usize = 2 * 1024;

/// All that sending to an endpoint needs.
pub(super) struct Receiver {
    endpoint: Endpoint,
    target: Target,
    keys: Keys,
    faults: Option<FaultPlan>,
}

/// A message that was leased.
pub(super) struct Way {
    tenant: TenantId,
    receiver: Arc<Receiver>,
    delivery: Delivery,
    body: Zeroizing<Vec<u8>>,
}

/// One time that it was sent, or was not.
#[derive(Clone)]
pub(super) struct Try {
    attempt: Attempt,
    outcome: &'static str,
    faults: Vec<WebhookFault>,
}

/// What was heard of an endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// It answered, after so long.
    After(Duration),
    /// It did not answer.
    Nothing,
    /// It was not asked.
    NotAsked,
}

/// A message that came back.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) key: Key,
    pub(super) dialect: WebhookDialect,
    pub(super) delivery: Delivery,
    pub(super) response: Response,
    pub(super) tries: Vec<Try>,
}

/// Loads what sending to an endpoint needs.
pub(super) async fn receiver(app: &App, (tenant, endpoint): Key) -> Result<Arc<Receiver>> {
    let plain = app.sender().plain();
    let environment = app.environment();
    app.read(tenant, async move |tx| {
        Ok(Arc::new(load(tx, endpoint, (plain, environment)).await?))
    })
    .await
}

async fn load(
    tx: &mut ReadTx,
    endpoint: EndpointId,
    (plain, environment): (crate::webhooks::target::Plain, EnvironmentName),
) -> Result<Receiver> {
    let endpoint = webhook_endpoints::find(tx, endpoint).await?;
    let target = Target::parse(&endpoint.url, plain)
        .map_err(|_| Error::Corrupt(format!("the URL of webhook endpoint {}", endpoint.id)))?;
    let faults = FaultPlan::followed(endpoint.fault_plan.as_deref(), environment);
    Ok(Receiver {
        keys: Keys::load(tx, &endpoint).await?,
        target,
        faults,
        endpoint,
    })
}

impl Way {
    /// Opens a message that was leased.
    pub(super) fn open(
        app: &App,
        tenant: TenantId,
        (receiver, delivery): (&Arc<Receiver>, Delivery),
    ) -> std::result::Result<Way, VaultError> {
        let body = delivery.opened(tenant, &app.store().resources().vault)?;
        Ok(Way {
            tenant,
            receiver: receiver.clone(),
            delivery,
            body,
        })
    }

    pub(super) fn key(&self) -> Key {
        (self.tenant, self.receiver.endpoint.id)
    }

    /// Sends, as it should be or as a sandbox was asked to.
    pub(super) async fn send(self, app: App) -> Sent {
        let (ordinal, sends) = (self.delivery.ordinal, self.delivery.sends);
        let plan = self.receiver.faults.as_ref();
        let faults = plan.map_or_else(Vec::new, |plan| plan.at_send(ordinal, sends));
        let first = self.try_once(&app, &faults).await;
        let mut response = response(&app, &first);
        if faults.contains(&WebhookFault::ServerError) {
            response = Response::Nothing;
        }
        let mut tries = vec![first];
        if faults.contains(&WebhookFault::Duplicate) {
            tries.push(self.try_once(&app, &[WebhookFault::Duplicate]).await);
        }
        Sent {
            key: self.key(),
            dialect: self.receiver.endpoint.dialect,
            delivery: self.delivery,
            response,
            tries,
        }
    }

    async fn try_once(&self, app: &App, faults: &[WebhookFault]) -> Try {
        let faulty = |fault| faults.contains(&fault);
        let attempt = if faulty(WebhookFault::Drop) {
            unsent(app, "lost on purpose".to_owned())
        } else {
            match self.headers(app, faulty(WebhookFault::WrongSignature).then_some(b"?")) {
                Ok(headers) => {
                    if faulty(WebhookFault::Slow)
                        && let Some(plan) = &self.receiver.faults
                    {
                        wait(Some(plan.slowness())).await;
                    }
                    let sent = if faulty(WebhookFault::Truncate) {
                        &self.body[..self.body.len() / 2]
                    } else {
                        &self.body[..]
                    };
                    self.post(app, headers, sent).await
                }
                Err(error) => unsent(app, error.log_text()),
            }
        };
        let outcome = if faulty(WebhookFault::Drop) {
            DROPPED
        } else {
            attempt.outcome.word()
        };
        Try {
            attempt,
            outcome,
            faults: faults.to_vec(),
        }
    }

    /// Fresh at each send. Signed with something behind the body, a signature fits no body.
    fn headers(&self, app: &App, behind: Option<&[u8; 1]>) -> Result<Vec<(String, String)>> {
        let mut body = self.body.to_vec();
        body.extend_from_slice(behind.map_or(&[], |byte| byte.as_slice()));
        let message = Message {
            id: &self.delivery.message,
            category: self.delivery.category.as_deref(),
            target: &self.receiver.target,
            body: &body,
        };
        signing::headers(&self.receiver.keys, message, app.now())
    }

    async fn post(&self, app: &App, headers: Vec<(String, String)>, body: &[u8]) -> Attempt {
        let limit_ms = u64::try_from(self.receiver.endpoint.timeout_ms).unwrap_or_default();
        let outgoing = Outgoing {
            target: &self.receiver.target,
            purpose: Purpose::Delivery,
            headers,
            body: body.to_vec(),
            limit: Duration::from_millis(limit_ms),
        };
        app.sender().post(outgoing).await
    }
}

/// What an endpoint answered, as far as the schedule asks.
fn response(app: &App, first: &Try) -> Response {
    let Outcome::Answered(answer) = &first.attempt.outcome else {
        return Response::Nothing;
    };
    let retry_after = answer.retry_after.map(|wish| match wish {
        RetryAfter::In(wait) => SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX),
        RetryAfter::At(at) => at.duration_since(app.now()).max(SignedDuration::ZERO),
    });
    Response::Answered {
        status: answer.status,
        confirmation: confirmation(&answer.body),
        retry_after,
    }
}

/// Whether a body says that the message was taken.
fn confirmation(body: &[u8]) -> Confirmation {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) if json["success"] == true => Confirmation::Given,
        Ok(_) | Err(_) => Confirmation::Missing,
    }
}

fn unsent(app: &App, reason: String) -> Attempt {
    Attempt {
        started_at: app.now(),
        duration: Duration::ZERO,
        outcome: Outcome::Failed(reason),
    }
}

impl Sent {
    /// What the log keeps; the end is that of the first.
    /// Whether it was not taken because a sandbox saw to that.
    pub(super) fn is_pretended(&self) -> bool {
        let faults = self.tries.iter().flat_map(|one| &one.faults);
        faults.copied().any(WebhookFault::is_pretended_failure)
    }

    pub(super) fn attempts(&self, end: End) -> Vec<deliveries::Attempt> {
        let next_at = match end {
            End::Again(at) => Some(at),
            End::Delivered | End::Dead => None,
        };
        let mut kept: Vec<deliveries::Attempt> = self.tries.iter().map(Try::kept).collect();
        if let Some(first) = kept.first_mut() {
            first.next_at = next_at;
        }
        kept
    }

    /// How the endpoint answered the first time. What a sandbox lost on purpose says nothing about it,
    /// and neither does what nobody connected to.
    pub(super) fn heard(&self) -> Heard {
        let Some(first) = self.tries.first() else {
            return Heard::NotAsked;
        };
        match &first.attempt.outcome {
            Outcome::Answered(_) => Heard::After(first.attempt.duration),
            Outcome::Failed(_) if first.outcome == DROPPED => Heard::NotAsked,
            Outcome::TimedOut | Outcome::Failed(_) => Heard::Nothing,
            Outcome::Refused(_) => Heard::NotAsked,
        }
    }

    /// Counts what was sent.
    pub(super) fn count(&self, metrics: &WebhookMetrics) {
        for one in &self.tries {
            metrics.sent(one.outcome, one.attempt.duration);
        }
    }
}

impl Try {
    fn kept(&self) -> deliveries::Attempt {
        let answer = match &self.attempt.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::TimedOut | Outcome::Refused(_) | Outcome::Failed(_) => None,
        };
        let faults: Vec<&str> = self.faults.iter().map(|fault| fault.word()).collect();
        deliveries::Attempt {
            started_at: self.attempt.started_at,
            duration_ms: i64::try_from(self.attempt.duration.as_millis()).unwrap_or(i64::MAX),
            outcome: self.outcome.to_owned(),
            status: answer.map(|answer| answer.status.into()),
            reason: self.attempt.outcome.reason(),
            answer: answer.map(|answer| {
                let kept = answer.body.len().min(KEPT_BYTES);
                answer.body[..kept].to_vec()
            }),
            fault: (!faults.is_empty()).then(|| faults.join(" ")),
            next_at: None::<Timestamp>,
        }
    }
}
