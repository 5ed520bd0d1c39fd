//! The extractor of every call here: headers, then the session, then the body.
//!
//! The order of checks is part of the contract: headers present, Content-Type, token, tenant,
//! size, rate, JSON, fields. The forwarding headers are claims: recorded, never believed.

use std::{marker::PhantomData, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use cardwright_core::{Refusal, SecretRefusal};
use cardwright_wire::{
    fincard::{
        envelope::Failure,
        errors::Code,
        headers::{self, Context, Expected},
    },
    shape::{self, Read, Shape},
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::reply::{self, Refused, failure_of, respond, success};
use crate::{
    api::front::{BodyFault, BodyLimits, Peer, RequestId, check_media, read_body},
    app::App,
    error::{Error, Result},
    metrics::Disbelief,
    ops::{
        logins,
        once::{self, Answer, Rules},
    },
    store::{
        Actor, ActorKind, ReadTx, Scope, Tx,
        requests::{self, RequestKey},
    },
    throttle::Counted,
};

/// What all calls take but one.
const JSON: Accepted = Accepted {
    expected: Expected::Json,
    limit_bytes: 256 * 1024,
    patience: Duration::from_secs(15),
};

/// What body a call takes.
#[derive(Clone, Copy)]
pub(super) struct Accepted {
    /// Its `Content-Type`.
    pub(super) expected: Expected,
    /// Most bytes of it.
    pub(super) limit_bytes: usize,
    /// How long it may take to arrive.
    pub(super) patience: Duration,
}

/// A call in a session, its body read.
pub(super) struct Admitted {
    /// Whose call it is.
    pub(super) scope: Scope,
    /// Its body.
    pub(super) body: Bytes,
}

impl Admitted {
    /// Checks all that comes before the body is looked into, in the order of the contract.
    pub(super) async fn from_request(
        request: Request,
        app: &App,
        accepted: Accepted,
    ) -> std::result::Result<Admitted, Refused> {
        let (head, body) = request.into_parts();
        let context = headers::check(|name| values(&head.headers, name), accepted.expected)?;
        check_media(&head.headers).map_err(|_| Code::UnsupportedMediaType)?;
        let nobody = || {
            app.metrics().disbelieved(Disbelief::Session);
            Code::Unauthorized
        };
        let token = bearer(&head.headers).ok_or_else(nobody)?;
        let recognize = async || {
            let found = logins::recognize(app, token).await;
            let found = found.map_err(|error| Refused::For(failure_of(&error)))?;
            let own = found.filter(|session| session.tenant_uuid == context.tenant);
            own.ok_or_else(|| Refused::from(nobody()))
        };
        let known_in = logins::known_in(app);
        let mut session = recognize().await?;
        let limits = BodyLimits {
            total: accepted.patience,
            ..BodyLimits::default()
        };
        let body = read_body(&head.headers, body, accepted.limit_bytes, &limits)
            .await
            .map_err(code_of_body)?;
        // A body may take its time; a session that ended meanwhile does nothing any more.
        if logins::known_in(app) != known_in {
            session = recognize().await?;
        }
        // Only now, so that the connection is left with nothing unread on it and can be used again.
        app.take_place(Counted::User(session.user))
            .map_err(Refused::TooMany)?;
        let peer = head
            .extensions
            .get::<Peer>()
            .map(|peer| peer.ip().to_string());
        let request_id = head.extensions.get::<RequestId>().map(|id| id.0.clone());
        let actor = actor(
            context,
            (peer.unwrap_or_default(), request_id.unwrap_or_default()),
        );
        let scope = Scope {
            tenant: session.tenant,
            actor: Actor {
                id: session.user.to_string(),
                ..actor
            },
        };
        Ok(Admitted { scope, body })
    }
}

/// A call in a session, its body read but not yet understood.
pub(super) struct Session<T> {
    scope: Scope,
    body: Bytes,
    shape: PhantomData<T>,
}

impl<T> FromRequest<App> for Session<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> std::result::Result<Session<T>, Refused> {
        let Admitted { scope, body } = Admitted::from_request(request, app, JSON).await?;
        Ok(Session {
            scope,
            body,
            shape: PhantomData,
        })
    }
}

/// Every value of a header.
pub(super) fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a [u8]> {
    headers
        .get_all(name)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect()
}

/// The token of the one Authorization header there must be.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

pub(super) fn code_of_body(fault: BodyFault) -> Code {
    match fault {
        BodyFault::TooLarge => Code::BodyTooLarge,
        BodyFault::TooSlow | BodyFault::Broken => Code::MalformedJson,
    }
}

/// The actor of a call, but for its user.
pub(super) fn actor(context: Context, (address, request_id): (String, String)) -> Actor {
    let claim = |text: String| (!text.is_empty()).then(|| text.chars().take(200).collect());
    Actor {
        kind: ActorKind::User,
        id: String::new(),
        address,
        claimed_for: claim(context.forwarded_for),
        claimed_from: claim(context.forwarded_from),
        request_id,
    }
}

impl<T> Session<T> {
    /// Takes one look at what is secret about cards; the answer instead, if there were too many.
    pub(super) fn take_look(&self, app: &App) -> Option<Response> {
        app.reveals().take(&self.scope).err().map(reply::too_many)
    }
}

impl<T: Shape + Send + 'static> Session<T> {
    fn understood(&self) -> std::result::Result<Read<T>, Failure> {
        shape::from_body::<T>(&self.body).map_err(Failure::from)
    }

    /// Understands the body, then answers from one consistent read.
    pub(super) async fn look_up<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx, T) -> Result<R> + Send + 'static,
    {
        let body = match self.understood() {
            Ok(body) => body.value,
            Err(failure) => return reply::failure(&failure),
        };
        let answer = app
            .read(self.scope.tenant, async move |tx| read(tx, body).await)
            .await;
        respond(answer.and_then(success))
    }

    /// As [`Session::look_up`], where making the answer of what was found takes its time: it is made
    /// after the read, which nobody then waits behind.
    pub(super) async fn look_up_then<R, S, F>(
        self,
        app: &App,
        read: F,
        answer: fn(R) -> Result<S>,
    ) -> Response
    where
        R: Send + 'static,
        S: Serialize,
        F: AsyncFnOnce(&mut ReadTx, T) -> Result<R> + Send + 'static,
    {
        let body = match self.understood() {
            Ok(body) => body.value,
            Err(failure) => return reply::failure(&failure),
        };
        let found = app
            .read(self.scope.tenant, async move |tx| read(tx, body).await)
            .await;
        respond(found.and_then(answer).and_then(success))
    }

    /// As [`Session::look_up`], for a few rows that are found by their keys: see `App::glance`.
    pub(super) async fn glance<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx, T) -> Result<R> + Send + 'static,
    {
        let body = match self.understood() {
            Ok(body) => body.value,
            Err(failure) => return reply::failure(&failure),
        };
        let answer = app
            .glance(self.scope.tenant, async move |tx| read(tx, body).await)
            .await;
        respond(answer.and_then(success))
    }

    /// Understands the body, then has the effect, in one transaction; the envelope is the usual one.
    pub(super) async fn change<R, F>(
        self,
        app: &App,
        call: (&'static str, fn(&T) -> Option<&str>),
        verb: F,
    ) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        self.change_into(app, call, verb, success).await
    }

    /// Understands the body, then has the effect, in one transaction, and puts an envelope around
    /// what came of it.
    ///
    /// `operation` names the call, `number` the caller's own number in its body: a repeat with
    /// equal content under one number is answered as the first, and a refused call uses up nothing.
    pub(super) async fn change_into<R, F>(
        self,
        app: &App,
        (operation, number): (&'static str, fn(&T) -> Option<&str>),
        verb: F,
        envelope: fn(R) -> Result<Answer>,
    ) -> Response
    where
        R: Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        let body = match self.understood() {
            Ok(body) => body,
            Err(failure) => return reply::failure(&failure),
        };
        let named = Named::of(operation, number(&body.value), &body);
        let answer = app
            .write(&self.scope, async move |tx| {
                named.once(tx, body.value, (verb, envelope)).await
            })
            .await;
        respond(answer)
    }

    /// Answers a read that leaves a trace, refusals too: who tried to see a secret is as much worth
    /// knowing as who saw it. `subject` tells what a body asks for.
    pub(super) async fn witnessed<R, F>(
        self,
        app: &App,
        (action, subject): (&'static str, fn(&T) -> (&'static str, String)),
        verb: F,
    ) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        let body = self.understood().map(|body| body.value);
        let answer = app
            .write(&self.scope, async move |tx| {
                let body = match body {
                    Ok(body) => body,
                    Err(failure) => {
                        return refused_visibly(tx, (action, ("request", "")), &failure).await;
                    }
                };
                let (kind, id) = subject(&body);
                let outcome = tx
                    .attempt(async |tx| success(verb(tx, body).await?))
                    .await?;
                match outcome {
                    Err(error @ Error::Refused(_)) => {
                        refused_visibly(tx, (action, (kind, &id)), &failure_of(&error)).await
                    }
                    answered_or_failed => answered_or_failed,
                }
            })
            .await;
        respond(answer)
    }

    /// Understands the body, then hands it to a verb that opens its own transactions, because it
    /// waits between them.
    pub(super) async fn perform<R, F>(self, app: &App, verb: F) -> Response
    where
        R: Serialize,
        F: AsyncFnOnce(&App, Scope, T) -> Result<R>,
    {
        match self.understood() {
            Ok(body) => respond(verb(app, self.scope, body.value).await.and_then(success)),
            Err(failure) => reply::failure(&failure),
        }
    }

    /// As [`Session::change`], where a wrong code or PIN is to be counted though its call is
    /// refused: what the verb did is undone, then `count` is done in its place and stays.
    ///
    /// A repeat with other content is counted too: whether it is told from the first depends on
    /// the secrets in it, so that it would else be a way to try them all. Once `lock` says that too
    /// many were wrong, no repeat is looked at any more: equal or not, it is refused like any try.
    pub(super) async fn change_counting<R, F, C, L>(
        self,
        app: &App,
        (operation, number): (&'static str, fn(&T) -> Option<&str>),
        verb: F,
        (count, lock): (C, L),
    ) -> Response
    where
        T: Clone,
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
        C: AsyncFnOnce(&mut Tx, T, Refusal) -> Result<()> + Send + 'static,
        L: AsyncFnOnce(&mut Tx, T) -> Result<Option<Refusal>> + Send + 'static,
    {
        let body = match self.understood() {
            Ok(body) => body,
            Err(failure) => return reply::failure(&failure),
        };
        let named = Named::of(operation, number(&body.value), &body);
        let answer = app
            .write(&self.scope, async move |tx| {
                if named.was_answered(tx).await?
                    && let Some(refusal) = lock(tx, body.value.clone()).await?
                {
                    return Err(refusal.into());
                }
                let asked = body.value.clone();
                let done = tx.attempt(async |tx| named.once(tx, asked, (verb, success)).await);
                match done.await? {
                    Err(Error::Refused(refusal)) if is_counted(refusal) => {
                        count(tx, body.value, refusal).await?;
                        Ok(reply::refusal(&failure_of(&refusal.into())))
                    }
                    done => done,
                }
            })
            .await;
        respond(answer)
    }
}

/// Refuses, and leaves a trace of it.
async fn refused_visibly(
    tx: &mut Tx,
    (action, subject): (&str, (&str, &str)),
    failure: &Failure,
) -> Result<Answer> {
    let outcome = format!("refused:{}", failure.error_code());
    tx.audit_outcome(action, subject, &outcome).await?;
    Ok(reply::refusal(failure))
}

/// Whether a refusal is one of those that are counted.
fn is_counted(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Secret(SecretRefusal::ActivationCodeInvalid | SecretRefusal::PinIncorrect)
            | Refusal::OrderNumberConflict
    )
}

/// A change with the caller's own number for it, if it has one, and what makes it the same again.
struct Named {
    key: Option<RequestKey>,
    content: Zeroizing<String>,
}

impl Named {
    fn of<T>(operation: &str, number: Option<&str>, body: &Read<T>) -> Named {
        Named {
            key: number.map(|number| RequestKey {
                scope: format!("fincard.{operation}"),
                key: number.to_owned(),
            }),
            content: Zeroizing::new(body.canonical().to_owned()),
        }
    }

    /// Whether a call with its number was answered before, with whatever content.
    async fn was_answered(&self, tx: &mut Tx) -> Result<bool> {
        let Some(key) = &self.key else {
            return Ok(false);
        };
        let now = tx.real_now();
        Ok(requests::find_answer(tx, key, now).await?.is_some())
    }

    /// Does the work, once for its number.
    async fn once<T, R, F>(
        self,
        tx: &mut Tx,
        body: T,
        (verb, envelope): (F, fn(R) -> Result<Answer>),
    ) -> Result<Answer>
    where
        F: AsyncFnOnce(&mut Tx, T) -> Result<R>,
    {
        let work = async |tx: &mut Tx| envelope(verb(tx, body).await?);
        let Some(key) = self.key else {
            return work(tx).await;
        };
        let rules = Rules {
            expires_at: None,
            conflict: Refusal::OrderNumberConflict,
        };
        once::once(tx, &key, self.content.as_bytes(), rules, work).await
    }
}
