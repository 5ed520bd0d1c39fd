//! The extractor of every operator's call: whose key, which role, which tenant, then the body.
//!
//! The order of checks is part of the contract: key, role, tenant, form, size, content. Every
//! cause of 401 gives the same bytes. Which role a call needs, and whether it can be repeated
//! under a key, is read from the table that documents it.

use std::marker::PhantomData;

use axum::{
    RequestExt,
    body::Bytes,
    extract::{FromRequest, MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts as Head},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cardwright_core::{Record, Refusal, TenantId};
use cardwright_wire::{
    kind::GivenId,
    native::{IDEMPOTENCY_KEY_HEADER, TENANT_HEADER, errors::Code},
    shape::{self, BodyFault as ContentFault, Read, Shape},
};
use jiff::SignedDuration;
use serde::Serialize;
use tokio::time::Instant;

use super::{
    messages, query,
    reply::{self, respond, success},
};
use crate::{
    api::{
        SURFACES,
        front::{
            BodyFault, BodyLimits, Media, NativeError, Peer, RequestId, check_media, now, read_body,
        },
        route::{Route, Surface},
    },
    app::App,
    error::{Error, Result},
    metrics::Disbelief,
    ops::{
        once::{self, Answer, Rules},
        operators::{self, Operator},
    },
    secrets::Secret,
    store::{Actor, ActorKind, ReadTx, Scope, Tx, requests::RequestKey},
};

/// Most bytes of a body.
const BODY_LIMIT_BYTES: usize = 256 * 1024;
/// How long an answer is kept for a repeat under the same idempotency key.
const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// The name of a tenant's id in a path, which then says on which tenant a call acts.
const TENANT_IN_PATH: &str = "tenant_id";

/// A call whose key and role are right, about a tenant that exists. What it says is not yet
/// understood.
pub struct Operated<T> {
    operator: Operator,
    tenant: TenantId,
    actor: Actor,
    operation: String,
    received: Instant,
    names: Vec<(String, String)>,
    key: Option<RequestKey>,
    uri: Uri,
    method: Method,
    body: Bytes,
    shape: PhantomData<T>,
}

/// No content at all, for reads by path.
pub struct NoBody;

/// A refusal that is ready to go out.
pub struct Refused(NativeError);

/// Whoever has no key loses the connection too: some bodies are left unread then, and so the
/// answers are alike to the last byte.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        if response.status() == axum::http::StatusCode::UNAUTHORIZED {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Refused {
        Refused(reply::of_code(code))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused(reply::of_error(&error))
    }
}

impl From<NativeError> for Refused {
    fn from(error: NativeError) -> Refused {
        Refused(error)
    }
}

impl<T: Send> FromRequest<App> for Operated<T> {
    type Rejection = Refused;

    async fn from_request(
        mut request: Request,
        app: &App,
    ) -> std::result::Result<Operated<T>, Refused> {
        let received = now();
        let names = names(&mut request).await;
        let (head, body) = request.into_parts();
        let (surface, route) = operation(&head).ok_or(Code::NotFound)?;
        let nobody = || {
            app.metrics().disbelieved(Disbelief::OperatorKey);
            Code::Unauthorized
        };
        let presented = bearer(&head.headers).ok_or_else(nobody)?;
        let operator = operators::recognize(app.store(), &presented)
            .await?
            .ok_or_else(nobody)?;
        if route.role.is_none_or(|needed| operator.role < needed) {
            return Err(Code::Forbidden.into());
        }
        let tenant = tenant(app, &operator, (&head.headers, &names)).await?;
        let key = idempotency_key(&head, (surface, route), &operator)?;
        check_form(&head)?;
        let body = read_body(
            &head.headers,
            body,
            BODY_LIMIT_BYTES,
            &BodyLimits::default(),
        )
        .await
        .map_err(code_of_body)?;
        if is_read(&head.method) && !body.is_empty() {
            return Err(Code::BodyNotAllowed.into());
        }
        // A body may take its time; a key that ended meanwhile does nothing any more.
        operators::recognize(app.store(), &presented)
            .await?
            .ok_or(Code::Unauthorized)?;
        Ok(Operated {
            actor: actor(&operator, &head),
            operation: format!("{}.{}", surface.slug, words_of(route)),
            received,
            operator,
            tenant,
            names,
            key,
            uri: head.uri,
            method: head.method,
            body,
            shape: PhantomData,
        })
    }
}

/// What stands at the braces of the path, decoded. Text that cannot be decoded names nobody.
async fn names(request: &mut Request) -> Vec<(String, String)> {
    let names = request.extract_parts::<RawPathParams>().await;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    names.map_or_else(|_| Vec::new(), |names| names.iter().map(owned).collect())
}

/// The line of the table that a request came by.
fn operation(head: &Head) -> Option<(&'static Surface, &'static Route)> {
    let template = head.extensions.get::<MatchedPath>()?.as_str();
    // A HEAD is answered by the GET of its path.
    let method = match head.method {
        Method::HEAD => &Method::GET,
        ref other => other,
    };
    SURFACES
        .iter()
        .find_map(|surface| Some((*surface, surface.find(method, template)?)))
}

/// A route's path in the words of the audit log: `tenants.credentials`.
fn words_of(route: &Route) -> String {
    let words = route.path.split('/');
    let words = words.filter(|word| !word.is_empty() && !word.starts_with('{'));
    words.collect::<Vec<_>>().join(".")
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The key of the one Authorization header there must be.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return None;
    };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    let plain = scheme.eq_ignore_ascii_case("bearer") && !key.is_empty();
    plain.then(|| Secret::new(key.to_owned()))
}

/// Lets nobody pass who has no operator's key, whatever its role.
pub async fn operators_only(State(app): State<App>, request: Request, next: Next) -> Response {
    let recognized = match bearer(request.headers()) {
        Some(key) => operators::recognize(app.store(), &key).await,
        None => Ok(None),
    };
    match recognized {
        Ok(Some(_)) => next.run(request).await,
        Ok(None) => {
            app.metrics().disbelieved(Disbelief::OperatorKey);
            Refused::from(Code::Unauthorized).into_response()
        }
        Err(error) => Refused::from(error).into_response(),
    }
}

/// The tenant that a call acts on: the one in its path, else in its header, else the key's own. Two
/// different ones are none.
async fn tenant(
    app: &App,
    operator: &Operator,
    (headers, names): (&HeaderMap, &[(String, String)]),
) -> std::result::Result<TenantId, Refused> {
    let not_found = || Refused::from(Code::NotFound);
    let in_path = names.iter().find(|(name, _)| name == TENANT_IN_PATH);
    let in_path = in_path.map(|(_, uuid)| uuid.as_str());
    let mut in_headers = headers.get_all(TENANT_HEADER).iter();
    let in_header = match (in_headers.next(), in_headers.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().map_err(|_| not_found())?),
        (Some(_), Some(_)) => return Err(not_found()),
    };
    let named = match (in_path, in_header) {
        (Some(path), Some(header)) if path != header => return Err(not_found()),
        (path, header) => path.or(header),
    };
    match named {
        None => Ok(operator.home),
        Some(uuid) => {
            let found = operators::tenant(app.store(), uuid).await?;
            found.ok_or_else(not_found)
        }
    }
}

/// The caller's own name of a change. It counts for this key, method and path.
fn idempotency_key(
    head: &Head,
    (surface, route): (&Surface, &Route),
    operator: &Operator,
) -> std::result::Result<Option<RequestKey>, Code> {
    let mut values = head.headers.get_all(IDEMPOTENCY_KEY_HEADER).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.as_bytes(),
        (Some(_), Some(_)) => return Err(Code::InvalidIdempotencyKey),
    };
    if is_read(&head.method) {
        return Ok(None);
    }
    let taken = (surface.contract.headers)(route);
    if !taken
        .iter()
        .any(|known| known.name == IDEMPOTENCY_KEY_HEADER)
    {
        return Err(Code::IdempotencyKeyNotAllowed);
    }
    let plain = value.iter().all(|byte| (b' '..=b'~').contains(byte));
    let key = std::str::from_utf8(value).ok();
    let key = key.filter(|_| plain && (1..=64).contains(&value.len()));
    let key = key.ok_or(Code::InvalidIdempotencyKey)?.to_owned();
    let scope = format!(
        "{}:key:{}:{} {}",
        surface.slug,
        operator.key,
        head.method,
        head.uri.path()
    );
    Ok(Some(RequestKey { scope, key }))
}

fn check_form(head: &Head) -> std::result::Result<(), Code> {
    if is_read(&head.method) {
        return Ok(());
    }
    match check_media(&head.headers).map_err(|_| Code::UnsupportedMediaType)? {
        Media::Absent | Media::Json => Ok(()),
        Media::Multipart { .. } | Media::Other(_) => Err(Code::UnsupportedMediaType),
    }
}

fn code_of_body(fault: BodyFault) -> Code {
    match fault {
        BodyFault::TooLarge => Code::BodyTooLarge,
        BodyFault::TooSlow => Code::BodyTooSlow,
        BodyFault::Broken => Code::MalformedJson,
    }
}

fn actor(operator: &Operator, head: &Head) -> Actor {
    let peer = head.extensions.get::<Peer>();
    let request_id = head.extensions.get::<RequestId>();
    Actor {
        kind: ActorKind::Operator,
        id: operator.key.to_string(),
        address: peer.map(|peer| peer.ip().to_string()).unwrap_or_default(),
        claimed_for: None,
        claimed_from: None,
        request_id: request_id.map(|id| id.0.clone()).unwrap_or_default(),
    }
}

impl<T> Operated<T> {
    /// When it came in.
    pub fn received(&self) -> Instant {
        self.received
    }

    /// The text at a brace of the path.
    pub fn name(&self, brace: &str) -> &str {
        let found = self.names.iter().find(|(name, _)| name == brace);
        found.map_or("", |(_, value)| value)
    }

    /// The id at a brace of the path; text that can be no id is nobody's.
    pub fn id(&self, brace: &str) -> GivenId {
        GivenId::parse(self.name(brace))
    }

    /// The event at a brace of the path, by its id or by what whoever was told of it knows.
    pub fn event(&self, brace: &str) -> GivenId {
        GivenId::of_event(self.name(brace))
    }

    /// Who calls.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The tenant that it acts on.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn scope(&self) -> Scope {
        Scope {
            tenant: self.tenant,
            actor: self.actor.clone(),
        }
    }
}

impl Operated<NoBody> {
    /// Answers from one consistent read.
    pub async fn answer<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<R> + Send + 'static,
    {
        respond(app.read(self.tenant, read).await.and_then(success))
    }
}

impl<T: Shape + Send + 'static> Operated<T> {
    /// What is asked for: by a read in its query, else in the body. No body is `{}`.
    fn understood(&self) -> std::result::Result<Read<T>, ContentFault> {
        if is_read(&self.method) {
            return query::read(&self.uri);
        }
        let body: &[u8] = if self.body.is_empty() {
            b"{}"
        } else {
            &self.body
        };
        shape::from_body(body)
    }

    /// Understands the request, then answers from one consistent read.
    pub async fn look_up<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx, T) -> Result<R> + Send + 'static,
    {
        let asked = match self.understood() {
            Ok(asked) => asked.value,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let answer = app
            .read(self.tenant, async move |tx| read(tx, asked).await)
            .await;
        respond(answer.and_then(success))
    }

    /// Understands the request, then has its effect in one transaction. Its refusals undo it and
    /// leave a trace in the audit log.
    pub async fn change<R, F>(self, app: &App, verb: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        let verb = async |tx: &mut Tx, asked: Read<T>| verb(tx, asked.value).await;
        self.carry_out(app, verb).await
    }

    /// Like [`Operated::change`], for an answer that is no JSON and is never kept for a repeat.
    pub async fn show<R, F>(self, app: &App, verb: F, shown: fn(R) -> Response) -> Response
    where
        R: Send + 'static,
        F: AsyncFnOnce(&mut Tx, T) -> Result<R> + Send + 'static,
    {
        let asked = match self.understood() {
            Ok(asked) => asked.value,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let outcome = app
            .write(&self.scope(), async move |tx| verb(tx, asked).await)
            .await;
        match outcome {
            Ok(found) => shown(found),
            Err(error) => reply::of_error(&error).into_response(),
        }
    }

    /// Understands the request, then hands it to a verb that makes the whole answer, because it is
    /// longer than the request.
    pub async fn begin<F>(self, app: &App, verb: F) -> Response
    where
        F: AsyncFnOnce(&App, Scope, T) -> Result<Response>,
    {
        let asked = match self.understood() {
            Ok(asked) => asked.value,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let answer = verb(app, self.scope(), asked).await;
        answer.unwrap_or_else(|error| reply::of_error(&error).into_response())
    }

    /// Like [`Operated::change`], for a verb that looks at the canonical form of what was asked:
    /// messages tell a repeat by it.
    pub async fn carry_out<R, F>(self, app: &App, verb: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut Tx, Read<T>) -> Result<R> + Send + 'static,
    {
        let asked = match self.understood() {
            Ok(asked) => asked,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let scope = self.scope();
        let outcome = app
            .write(&scope, async move |tx| {
                let (key, operation) = (self.key, self.operation);
                let outcome = tx
                    .attempt(async |tx| effect(tx, key, asked, verb).await)
                    .await?;
                if let Err(error) = &outcome {
                    let Some(word) = reply::refused_word(error) else {
                        return outcome.map(Ok);
                    };
                    tx.audit_outcome(&operation, ("request", ""), &word).await?;
                }
                Ok(outcome)
            })
            .await;
        let outcome = outcome.and_then(|outcome| outcome);
        respond(messages::settled(app, &scope, outcome).await)
    }

    /// Understands the request, then hands it to a verb that opens its own transactions, because
    /// it waits between them or reaches beyond the tenant.
    pub async fn perform<R, F>(self, app: &App, verb: F) -> Response
    where
        R: Serialize,
        F: AsyncFnOnce(&App, Scope, T) -> Result<R>,
    {
        let asked = match self.understood() {
            Ok(asked) => asked.value,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let scope = self.scope();
        let outcome = verb(app, scope.clone(), asked).await;
        if let Some(word) = outcome.as_ref().err().and_then(reply::refused_word) {
            let operation = self.operation;
            let noted = app
                .write(&scope, async move |tx| {
                    tx.audit_outcome(&operation, ("request", ""), &word).await
                })
                .await;
            if let Err(error) = noted {
                return respond(Err(error));
            }
        }
        respond(outcome.and_then(success))
    }
}

/// What a change is for, once under its key.
async fn effect<T, R, F>(
    tx: &mut Tx,
    key: Option<RequestKey>,
    asked: Read<T>,
    verb: F,
) -> Result<Answer>
where
    R: Serialize,
    F: AsyncFnOnce(&mut Tx, Read<T>) -> Result<R>,
{
    let Some(key) = key else {
        return success(verb(tx, asked).await?);
    };
    let rules = Rules {
        expires_at: tx.real_now().checked_add(KEY_LIFETIME).ok(),
        conflict: Refusal::IdempotencyConflict,
    };
    let content = asked.canonical().to_owned();
    let work = async |tx: &mut Tx| success(verb(tx, asked).await?);
    once::once(tx, &key, content.as_bytes(), rules, work).await
}

/// The record id that a caller gave, or the refusal that it is nobody's.
pub fn record<I>(
    given: GivenId,
    id: fn(i64) -> std::result::Result<I, cardwright_core::IdError>,
    record: Record,
) -> Result<I> {
    given
        .id()
        .and_then(|number| id(number).ok())
        .ok_or_else(|| Error::not_found(record))
}
