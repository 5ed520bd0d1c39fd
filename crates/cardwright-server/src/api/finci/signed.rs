//! The extractor of every operation here: who signed the request, and that it is theirs.
//!
//! The order of checks is part of the contract: header shape, timestamp, size and form, body,
//! credential and signature, address, and only then replay and content. Nothing before the
//! signature tells a stranger more than that the request is not right.

use std::marker::PhantomData;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts as Head},
    response::{IntoResponse, Response},
};
use cardwright_core::Refusal;
use cardwright_wire::{
    finci::{
        envelope::Failure,
        errors::Code,
        signature::{
            Presented, SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER, check_body, check_target,
        },
    },
    shape::{self, Read, Shape},
};
use jiff::SignedDuration;
use serde::Serialize;

use super::reply::{self, failure_of, refusal, success};
use crate::{
    api::{
        front::{BodyFault, BodyLimits, Media, Peer, RequestId, check_media, read_body},
        json,
    },
    app::App,
    error::{Error, Result},
    ops::{
        callers::{self, Caller, Rejection, SignedRequest},
        once::{self, Answer, Rules},
    },
    store::{Actor, ActorKind, ReadTx, Scope, Tx, credentials::CredentialKind, requests},
};

/// Most bytes of a body.
const BODY_LIMIT_BYTES: usize = 256 * 1024;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
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
pub(super) struct Refused(Failure);

/// Whoever could not be authenticated loses the connection too. Some of these refusals come before
/// the body is read, when the front door has to close the connection, and some after: closing it
/// always keeps the answers alike to the last byte.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = reply::failure(&self.0);
        if response.status() == StatusCode::UNAUTHORIZED {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Refused {
        Refused(code.into())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused(failure_of(&error))
    }
}

impl<T> FromRequest<App> for Signed<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> std::result::Result<Signed<T>, Refused> {
        let (head, body) = request.into_parts();
        let presented = presented(&head.headers).ok_or(Code::AuthenticationFailed)?;
        let window = app.settings().signature_window;
        let forgotten_at = callers::check_time(&presented, window, app.now())
            .map_err(|rejection| Refused::from(code_of(rejection)))?;
        check_form(&head)?;
        let body = read_body(
            &head.headers,
            body,
            BODY_LIMIT_BYTES,
            &BodyLimits::default(),
        )
        .await
        .map_err(|fault| Refused::from(code_of_body(fault)))?;
        check_body(head.method.as_str(), &body).map_err(|_| match head.method {
            Method::GET | Method::HEAD => Code::BodyNotAllowed,
            _ => Code::NotAnObject,
        })?;
        let peer = head.extensions.get::<Peer>().map(Peer::ip);
        let address = peer.ok_or(Code::AuthenticationFailed)?;
        let signed = SignedRequest {
            presented,
            method: head.method.as_str().to_owned(),
            target: target(&head).to_owned(),
            body: body.to_vec(),
            address,
            forgotten_at,
        };
        let caller = callers::verify(app.store(), CredentialKind::Finci, &signed).await?;
        let caller = caller.map_err(|rejection| Refused::from(code_of(rejection)))?;
        Ok(Signed::new(caller, &head, (address.to_string(), body)))
    }
}

fn presented(headers: &HeaderMap) -> Option<Presented> {
    let values = |name: &str| -> Vec<&[u8]> {
        headers
            .get_all(name)
            .iter()
            .map(|value| value.as_bytes().trim_ascii())
            .collect()
    };
    let (tokens, timestamps, signatures) = (
        values(TOKEN_HEADER),
        values(TIMESTAMP_HEADER),
        values(SIGNATURE_HEADER),
    );
    Presented::from_headers(&tokens, &timestamps, &signatures).ok()
}

/// The raw target; a fragment is no part of it.
fn target(head: &Head) -> &str {
    head.uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
}

/// What is refused by its outer form alone.
fn check_form(head: &Head) -> std::result::Result<(), Code> {
    check_target(target(head)).map_err(|_| Code::InvalidTarget)?;
    let media = check_media(&head.headers).map_err(|_| Code::UnsupportedMediaType)?;
    match (&head.method, media) {
        (&Method::GET | &Method::HEAD, _) | (_, Media::Absent | Media::Json) => Ok(()),
        (_, Media::Multipart { .. } | Media::Other(_)) => Err(Code::UnsupportedMediaType),
    }
}

fn code_of(rejection: Rejection) -> Code {
    match rejection {
        Rejection::NotAuthenticated => Code::AuthenticationFailed,
        Rejection::OutOfTime => Code::TimestampOutOfRange,
        Rejection::AddressNotAllowed => Code::IpNotAllowed,
    }
}

fn code_of_body(fault: BodyFault) -> Code {
    match fault {
        BodyFault::TooLarge => Code::BodyTooLarge,
        BodyFault::TooSlow => Code::BodyTooSlow,
        BodyFault::Broken => Code::MalformedJson,
    }
}

impl<T> Signed<T> {
    fn new(caller: Caller, head: &Head, (address, body): (String, Bytes)) -> Signed<T> {
        let request_id = head.extensions.get::<RequestId>().map(|id| id.0.clone());
        let actor = Actor {
            kind: ActorKind::Credential,
            id: caller.credential.to_string(),
            address,
            claimed_for: None,
            claimed_from: None,
            request_id: request_id.unwrap_or_default(),
        };
        let path = head.uri.path().to_owned();
        let operation = path
            .split('/')
            .find(|part| part.contains('-'))
            .unwrap_or_default();
        Signed {
            operation: format!("finci.{operation}"),
            caller,
            actor,
            path,
            body,
            idempotency_key: idempotency_key(&head.headers),
            shape: PhantomData,
        }
    }

    /// The id that ends the path, exactly as on the wire: an id has no characters to decode.
    pub(super) fn path_id(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
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
    /// Answers from one consistent read.
    pub(super) async fn answer<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<R> + Send + 'static,
    {
        let answer = app.read(self.caller.tenant, read).await.and_then(success);
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
    }
}

impl<T: Shape + Send + 'static> Signed<T> {
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
        let scope = self.scope();
        let answer = app
            .write(&scope, async move |tx| {
                if !self.take_signature(tx).await? {
                    return Ok(refusal(&Code::RequestReplayed.into()));
                }
                let outcome = tx
                    .attempt(async |tx| self.effect(tx, external_id, verb).await)
                    .await?;
                self.settle(tx, outcome).await
            })
            .await;
        json::response(answer.unwrap_or_else(|error| refusal(&failure_of(&error))))
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
        external_id: fn(&T) -> Option<&str>,
        verb: F,
    ) -> std::result::Result<Answer, Unsettled>
    where
        R: Serialize,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R>,
    {
        let key = self.idempotency_key.clone()?;
        let body = shape::from_body::<T>(&self.body).map_err(Failure::from)?;
        let Some(key) = key else {
            return Ok(self.effect_of(tx, body, external_id, verb).await?);
        };
        let request = requests::RequestKey {
            scope: format!("finci:key:{}:{}", self.caller.credential, self.path),
            key,
            fingerprint: once::fingerprint(&self.body),
        };
        let rules = Rules {
            expires_at: tx.now().checked_add(KEY_LIFETIME).ok(),
            conflict: Refusal::IdempotencyConflict,
        };
        let work = async |tx: &mut Tx| self.effect_of(tx, body, external_id, verb).await;
        Ok(once::once(tx, &request, rules, work).await?)
    }

    async fn effect_of<R, F>(
        &self,
        tx: &mut Tx,
        body: Read<T>,
        external_id: fn(&T) -> Option<&str>,
        verb: F,
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
            fingerprint: body.fingerprint(),
        };
        let rules = Rules {
            expires_at: None,
            conflict: Refusal::ExternalIdConflict,
        };
        let work = async |tx: &mut Tx| success(verb(tx, body.value).await?);
        once::once(tx, &request, rules, work).await
    }

    /// A refusal is an answer like any other and commits, so that its request cannot be sent
    /// again; a failure of ours undoes everything, so that it can.
    async fn settle(
        &self,
        tx: &mut Tx,
        outcome: std::result::Result<Answer, Unsettled>,
    ) -> Result<Answer> {
        let failure = match outcome {
            Ok(answer) => return Ok(answer),
            Err(Unsettled::Failure(failure)) => failure,
            Err(Unsettled::Error(
                error @ (Error::Refused(_) | Error::Invalid(_) | Error::Missing(_)),
            )) => failure_of(&error),
            Err(Unsettled::Error(error)) => return Err(error),
        };
        let outcome = format!("refused:{}", failure.codes().join(","));
        let outcome = outcome.chars().take(200).collect::<String>();
        tx.audit_outcome(&self.operation, ("request", ""), &outcome)
            .await?;
        Ok(refusal(&failure))
    }
}

/// Why an effect did not come about.
enum Unsettled {
    /// The request is not right.
    Failure(Failure),
    /// The operation did not go through.
    Error(Error),
}

impl From<Failure> for Unsettled {
    fn from(failure: Failure) -> Unsettled {
        Unsettled::Failure(failure)
    }
}

impl From<Error> for Unsettled {
    fn from(error: Error) -> Unsettled {
        Unsettled::Error(error)
    }
}
