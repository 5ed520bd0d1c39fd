//! The extractor of every operation here: who signed the request, and that it is theirs.
//!
//! What every signed surface checks first is in [`signing`]; here come replay and content, in this
//! order.

use std::marker::PhantomData;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cardwright_core::{Refusal, TenantId};
use cardwright_wire::{
    finci::{envelope::Failure, errors::Code},
    shape::{self, Read, Shape},
};
use jiff::SignedDuration;
use serde::Serialize;

use super::reply::{self, failure_of, refusal, success};
use crate::{
    api::{
        front::BodyFault,
        json,
        signing::{self, Unverified, Verified},
    },
    app::App,
    error::{Error, Result},
    ops::{
        callers::Caller,
        once::{self, Answer, Rules},
    },
    store::{Actor, ReadTx, Scope, Tx, credentials::CredentialKind, requests},
    throttle::RetryAfter,
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// What a refusal is about where nothing else is named.
const REQUEST: (&str, &str) = ("request", "");
/// How much of a refusal an audit row keeps.
const OUTCOME_CHARS_MAX: usize = 200;
/// How long an answer is kept for a repeat under the same idempotency key.
const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A request whose signature, address and time are right. Its body is read but not yet understood:
/// what it says counts only once its signature was taken.
pub(super) struct Signed<T> {
    caller: Caller,
    actor: Actor,
    operation: String,
    path: String,
    body: Bytes,
    idempotency_key: std::result::Result<Option<String>, Failure>,
    shape: PhantomData<T>,
}

/// No body at all, for reads by path.
pub(super) struct NoBody;

/// A refusal that is ready to go out.
pub(super) struct Refused {
    failure: Failure,
    retry_after: Option<RetryAfter>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        Refused {
            failure,
            retry_after: None,
        }
    }
}

/// Whoever could not be authenticated loses the connection too. Some of these refusals come before
/// the body is read, when the front door has to close the connection, and some after: closing it
/// always keeps the answers alike to the last byte.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = reply::failure(&self.failure);
        if let Some(RetryAfter { seconds }) = self.retry_after {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

impl<T> FromRequest<App> for Signed<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> std::result::Result<Signed<T>, Refused> {
        let verified = signing::verify(request, app, CredentialKind::Finci).await?;
        Ok(Signed::new(verified))
    }
}

impl From<Unverified> for Refused {
    fn from(unverified: Unverified) -> Refused {
        let code = match unverified {
            Unverified::NotAuthenticated => Code::AuthenticationFailed,
            Unverified::OutOfTime => Code::TimestampOutOfRange,
            Unverified::AddressNotAllowed => Code::IpNotAllowed,
            Unverified::TooMany(retry_after) => {
                return Refused {
                    failure: Code::RateLimited.into(),
                    retry_after: Some(retry_after),
                };
            }
            Unverified::InvalidTarget => Code::InvalidTarget,
            Unverified::MediaType => Code::UnsupportedMediaType,
            Unverified::Body(BodyFault::TooLarge) => Code::BodyTooLarge,
            Unverified::Body(BodyFault::TooSlow) => Code::BodyTooSlow,
            Unverified::Body(BodyFault::Broken) => Code::MalformedJson,
            Unverified::BodyNotAllowed => Code::BodyNotAllowed,
            Unverified::NotAnObject => Code::NotAnObject,
            Unverified::Failed(error) => return failure_of(&error).into(),
        };
        Failure::from(code).into()
    }
}

impl<T> Signed<T> {
    fn new(verified: Verified) -> Signed<T> {
        let path = verified.head.uri.path().to_owned();
        let operation = path
            .split('/')
            .find(|part| part.contains('-'))
            .unwrap_or_default();
        Signed {
            operation: format!("finci.{operation}"),
            caller: verified.caller,
            actor: verified.actor,
            path,
            body: verified.body,
            idempotency_key: idempotency_key(&verified.head.headers),
            shape: PhantomData,
        }
    }

    /// The id that ends the path, exactly as on the wire: an id has no characters to decode.
    pub(super) fn path_id(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whose request it is.
    pub(super) fn tenant(&self) -> TenantId {
        self.caller.tenant
    }

    fn scope(&self) -> Scope {
        Scope {
            tenant: self.caller.tenant,
            actor: self.actor.clone(),
        }
    }
}

fn idempotency_key(headers: &HeaderMap) -> std::result::Result<Option<String>, Failure> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (first, second) = (values.next(), values.next());
    match (first, second) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let bytes = value.as_bytes();
            let plain = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
            let text = std::str::from_utf8(bytes).ok();
            text.filter(|_| plain && (1..=64).contains(&bytes.len()))
                .map(|text| Some(text.to_owned()))
                .ok_or_else(|| Code::InvalidIdempotencyKey.into())
        }
        (Some(_), Some(_)) => Err(Code::InvalidIdempotencyKey.into()),
    }
}

impl Signed<NoBody> {
    /// Answers from one consistent read of what the path names: see `App::glance`.
    pub(super) async fn answer<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<R> + Send + 'static,
    {
        let answer = app.glance(self.caller.tenant, read).await;
        let answer = answer.and_then(success);
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
    }

    /// Like [`Signed::answer`], for a read that may take its time: it waits for its turn, so that it
    /// holds up nobody else.
    pub(super) async fn answer_in_turn<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<R> + Send + 'static,
    {
        let answer = app.read(self.caller.tenant, read).await;
        let answer = answer.and_then(success);
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
    }
}

impl<T: Shape + Send + 'static> Signed<T> {
    /// Takes one look at what is secret about cards; the answer instead, if there were too many.
    pub(super) fn take_look(&self, app: &App) -> Option<Response> {
        app.reveals().take(&self.scope()).err().map(reply::too_many)
    }

    /// Understands the body, then answers from one consistent read.
    pub(super) async fn look_up<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx, T) -> Result<R> + Send + 'static,
    {
        let body = match shape::from_body::<T>(&self.body) {
            Ok(body) => body.value,
            Err(fault) => return reply::failure(&fault.into()),
        };
        let answer = app
            .read(self.caller.tenant, async move |tx| read(tx, body).await)
            .await
            .and_then(success);
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
    }

    /// Answers a read that leaves a trace, refusals too, also of a body that says nothing. Its signature is not taken: like every read
    /// it can be repeated as it is. `subject` is what is read, for the trace of a refusal.
    pub(super) async fn witnessed<R, F>(
        self,
        app: &App,
        (subject, id): (&'static str, String),
        verb: F,
    ) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        let scope = self.scope();
        let body = shape::from_body::<T>(&self.body).map(|body| body.value);
        let answer = app
            .write(&scope, async move |tx| {
                let body = match body {
                    Ok(body) => body,
                    Err(fault) => return self.refuse(tx, &fault.into(), (subject, &id)).await,
                };
                let outcome = tx
                    .attempt(async |tx| success(verb(tx, body).await?))
                    .await?;
                self.settled(tx, outcome, (subject, &id)).await
            })
            .await;
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
    }

    /// Takes the signature, then has the effect, in one transaction.
    pub(super) async fn change<R, F>(self, app: &App, verb: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        self.create(app, |_| None, verb).await
    }

    /// Like [`Signed::change`], for an operation whose body may carry the caller's own id of the
    /// record: a repeat of the same content answers the first record again.
    pub(super) async fn create<R, F>(
        self,
        app: &App,
        external_id: fn(&T) -> Option<&str>,
        verb: F,
    ) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        // Understood before the transaction, so that a costly body holds up nobody else's write.
        let asked = self.understood();
        self.take_effect(app, asked, (external_id, verb)).await
    }

    /// Like [`Signed::change`], for a body of which something costly is to be made first: that is
    /// done before the transaction, too.
    pub(super) async fn change_with<P, R, F>(
        self,
        app: &App,
        prepare: impl AsyncFnOnce(&T) -> Result<P>,
        verb: F,
    ) -> Response
    where
        P: Send + 'static,
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, Result<P>) -> Result<R> + Send + 'static,
    {
        let asked = self.understood();
        let prepared = match &asked {
            Ok(asked) => prepare(&asked.body.value).await,
            // Nobody asks for it then.
            Err(_) => Err(Error::Corrupt("a body that was not understood".to_owned())),
        };
        let verb = async move |tx: &mut Tx, _: T| verb(tx, prepared).await;
        self.take_effect(app, asked, (|_| None, verb)).await
    }

    async fn take_effect<R, F>(
        self,
        app: &App,
        asked: std::result::Result<Asked<T>, Failure>,
        (external_id, verb): (fn(&T) -> Option<&str>, F),
    ) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        let scope = self.scope();
        let answer = app
            .write(&scope, async move |tx| {
                if !self.take_signature(tx).await? {
                    return Ok(refusal(&Code::RequestReplayed.into()));
                }
                let asked = match asked {
                    Ok(asked) => asked,
                    Err(failure) => return self.refuse(tx, &failure, REQUEST).await,
                };
                let outcome = tx
                    .attempt(async |tx| self.effect(tx, asked, (external_id, verb)).await)
                    .await?;
                self.settled(tx, outcome, REQUEST).await
            })
            .await;
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
    }

    /// A refusal is an answer like any other and commits, so that its request cannot be sent again;
    /// a failure of ours undoes everything, so that it can.
    async fn settled(
        &self,
        tx: &mut Tx,
        outcome: Result<Answer>,
        subject: (&'static str, &str),
    ) -> Result<Answer> {
        match outcome {
            Err(
                error @ (Error::Refused(_)
                | Error::Invalid(_)
                | Error::Unfit(..)
                | Error::Missing(_)),
            ) => self.refuse(tx, &failure_of(&error), subject).await,
            answered_or_failed => answered_or_failed,
        }
    }

    /// What is asked for, or why that cannot be told.
    fn understood(&self) -> std::result::Result<Asked<T>, Failure> {
        let key = self.idempotency_key.clone()?;
        let body = shape::from_body::<T>(&self.body)?;
        Ok(Asked { key, body })
    }

    async fn take_signature(&self, tx: &mut Tx) -> Result<bool> {
        let (credential, forgotten_at) = (self.caller.credential, self.caller.forgotten_at);
        let signature = self.caller.signature;
        let taken = requests::take_signature(tx, credential, &signature, forgotten_at).await?;
        if !taken {
            tx.audit_outcome(&self.operation, ("request", ""), "refused:request_replayed")
                .await?;
        }
        Ok(taken)
    }

    /// What the request is for. Its failures undo it, but not that its signature was taken.
    async fn effect<R, F>(
        &self,
        tx: &mut Tx,
        Asked { key, body }: Asked<T>,
        (external_id, verb): (fn(&T) -> Option<&str>, F),
    ) -> Result<Answer>
    where
        R: Serialize,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R>,
    {
        let Some(key) = key else {
            return self.effect_of(tx, body, (external_id, verb)).await;
        };
        let request = requests::RequestKey {
            scope: format!("finci:key:{}:{}", self.caller.credential, self.path),
            key,
        };
        let rules = Rules {
            expires_at: tx.real_now().checked_add(KEY_LIFETIME).ok(),
            conflict: Refusal::IdempotencyConflict,
        };
        let work = async |tx: &mut Tx| self.effect_of(tx, body, (external_id, verb)).await;
        once::once(tx, &request, &self.body, rules, work).await
    }

    async fn effect_of<R, F>(
        &self,
        tx: &mut Tx,
        body: Read<T>,
        (external_id, verb): (fn(&T) -> Option<&str>, F),
    ) -> Result<Answer>
    where
        R: Serialize,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R>,
    {
        let Some(id) = external_id(&body.value) else {
            return success(verb(tx, body.value).await?);
        };
        let request = requests::RequestKey {
            scope: self.operation.clone(),
            key: id.to_owned(),
        };
        let rules = Rules {
            expires_at: None,
            conflict: Refusal::ExternalIdConflict,
        };
        let content = body.canonical().to_owned();
        let work = async |tx: &mut Tx| success(verb(tx, body.value).await?);
        once::once(tx, &request, content.as_bytes(), rules, work).await
    }

    /// Answers no, and leaves a trace of having done so.
    async fn refuse(
        &self,
        tx: &mut Tx,
        failure: &Failure,
        subject: (&'static str, &str),
    ) -> Result<Answer> {
        let outcome = format!("refused:{}", failure.codes().join(","));
        let outcome = outcome.chars().take(OUTCOME_CHARS_MAX).collect::<String>();
        tx.audit_outcome(&self.operation, subject, &outcome).await?;
        Ok(refusal(failure))
    }
}

/// A request that was understood.
struct Asked<T> {
    /// The caller's key for a repeat.
    key: Option<String>,
    /// What it says.
    body: Read<T>,
}
