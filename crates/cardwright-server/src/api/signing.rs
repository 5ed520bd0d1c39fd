//! Signed requests, up to the point where it is known who sent them.
//!
//! The order of checks is part of the contract of every surface that is signed: header shape,
//! timestamp, form, size and body, credential and signature, address. Nothing before the signature
//! tells a stranger more than that the request is not right. How a refusal is worded is the
//! surface's own.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, request::Parts as Head},
    response::Response,
    routing::Route as RouteService,
};
use cardwright_wire::finci::signature::{
    HeaderFault, Presented, SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER, check_body,
    check_target,
};
use tower::ServiceExt;

use super::front::{BodyFault, BodyLimits, Media, Peer, RequestId, check_media, read_body};
use crate::{
    app::App,
    error::Error,
    metrics::Disbelief,
    ops::{
        callers::{self, Caller, Door, Rejection, SignedRequest},
        signatures::{self, Failed},
    },
    request_log::Sent,
    store::{Actor, ActorKind, credentials::CredentialKind},
    throttle::{Counted, RetryAfter},
};

/// Most bytes of a body.
const BODY_LIMIT_BYTES: usize = 256 * 1024;

/// How long a body is waited for whose request is refused already, to explain it.
const LATE_BODY: BodyLimits = BodyLimits {
    total: Duration::from_secs(1),
    grace: Duration::from_secs(1),
    floor_bytes_per_second: 1_024,
};
/// Tells a caller whose form was to be found out which one it was.
const CANONICAL_FORM: HeaderName = HeaderName::from_static("x-cardwright-canonical-form");

/// A request whose signature, address and time are right.
pub(super) struct Verified {
    /// Who sent it.
    pub caller: Caller,
    /// The same as an audit row says it.
    pub actor: Actor,
    /// Its line and headers.
    pub head: Head,
    /// Its body, not yet understood.
    pub body: Bytes,
}

/// Why a request is not accepted.
pub(super) enum Unverified {
    /// Headers, signature or credential are not right.
    NotAuthenticated,
    /// The timestamp is too far from now, or none.
    OutOfTime,
    /// Everything is right, but not from this address.
    AddressNotAllowed,
    /// Everything is right, but there were too many of them.
    TooMany(RetryAfter),
    /// The target holds bytes that must be percent-encoded.
    InvalidTarget,
    /// The body is not announced as JSON.
    MediaType,
    /// The body could not be read.
    Body(BodyFault),
    /// A read came with a body.
    BodyNotAllowed,
    /// The body does not begin as an object.
    NotAnObject,
    /// The server failed.
    Failed(Error),
}

impl From<Rejection> for Unverified {
    fn from(rejection: Rejection) -> Unverified {
        match rejection {
            Rejection::NotAuthenticated => Unverified::NotAuthenticated,
            Rejection::OutOfTime => Unverified::OutOfTime,
            Rejection::AddressNotAllowed => Unverified::AddressNotAllowed,
        }
    }
}

/// Verifies a request against a credential of this kind, and counts those that are not believed. A
/// sandbox keeps what did not pass, for whoever debugs it.
pub(super) async fn verify(
    request: Request,
    app: &App,
    kind: CredentialKind,
) -> Result<Verified, Unverified> {
    let (head, body) = request.into_parts();
    let mut seen = Seen {
        header_fault: None,
        unread: Some(body),
        body: None,
    };
    match judge(&head, app, (kind, &mut seen)).await {
        Ok((caller, actor)) => {
            tell_form(&head, &caller);
            Ok(Verified {
                caller,
                actor,
                head,
                body: seen.body.unwrap_or_default(),
            })
        }
        Err(unverified) => {
            if let Some(why) = disbelief(&unverified) {
                app.metrics().disbelieved(why);
            }
            keep(app, (kind, &head), (seen, &unverified)).await;
            Err(unverified)
        }
    }
}

/// Why a caller is not believed. Form, too many requests, and failures of ours say nothing about
/// who sent one.
fn disbelief(unverified: &Unverified) -> Option<Disbelief> {
    match unverified {
        Unverified::NotAuthenticated => Some(Disbelief::Signature),
        Unverified::OutOfTime => Some(Disbelief::Timestamp),
        Unverified::AddressNotAllowed => Some(Disbelief::Address),
        Unverified::TooMany(_)
        | Unverified::InvalidTarget
        | Unverified::MediaType
        | Unverified::Body(_)
        | Unverified::BodyNotAllowed
        | Unverified::NotAnObject
        | Unverified::Failed(_) => None,
    }
}

/// What came out on the way, whatever the outcome.
struct Seen {
    header_fault: Option<HeaderFault>,
    unread: Option<Body>,
    body: Option<Bytes>,
}

async fn judge(
    head: &Head,
    app: &App,
    (kind, seen): (CredentialKind, &mut Seen),
) -> Result<(Caller, Actor), Unverified> {
    let presented = presented(&head.headers).map_err(|fault| {
        seen.header_fault = Some(fault);
        Unverified::NotAuthenticated
    })?;
    let window = app.settings().signature_window;
    let forgotten_at = callers::check_time(&presented, window, app.now())?;
    check_form(head)?;
    let body = read_body(
        &head.headers,
        seen.unread.take().unwrap_or_default(),
        BODY_LIMIT_BYTES,
        &BodyLimits::default(),
    )
    .await
    .map_err(Unverified::Body)?;
    seen.body = Some(body.clone());
    check_body(head.method.as_str(), &body).map_err(|_| match head.method {
        Method::GET | Method::HEAD => Unverified::BodyNotAllowed,
        _ => Unverified::NotAnObject,
    })?;
    let peer = head.extensions.get::<Peer>().map(Peer::ip);
    let address = peer.ok_or(Unverified::NotAuthenticated)?;
    let signed = SignedRequest {
        presented,
        method: head.method.as_str().to_owned(),
        target: target(head).to_owned(),
        body: body.to_vec(),
        address,
        forgotten_at,
    };
    let door = Door {
        kind,
        environment: app.environment(),
    };
    let caller = callers::verify(app.store(), door, &signed)
        .await
        .map_err(Unverified::Failed)??;
    app.take_place(Counted::Credential(caller.credential))
        .map_err(Unverified::TooMany)?;
    let actor = Actor {
        kind: ActorKind::Credential,
        id: caller.credential.to_string(),
        address: address.to_string(),
        claimed_for: None,
        claimed_from: None,
        request_id: request_id(head),
    };
    Ok((caller, actor))
}

fn request_id(head: &Head) -> String {
    let id = head.extensions.get::<RequestId>();
    id.map(|id| id.0.clone()).unwrap_or_default()
}

/// Keeps a request that did not pass, where this server keeps any. Whatever goes wrong with that is
/// none of the caller's business.
async fn keep(
    app: &App,
    (kind, head): (CredentialKind, &Head),
    (mut seen, unverified): (Seen, &Unverified),
) {
    let (Some(log), Some(answer)) = (app.request_log(), told(unverified)) else {
        return;
    };
    let text = |name: &str| {
        let values = head.headers.get_all(name).iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    if let Some(unread) = seen.unread.take() {
        // Refused by its headers alone; an explanation needs what was signed.
        let read = read_body(&head.headers, unread, BODY_LIMIT_BYTES, &LATE_BODY).await;
        seen.body = read.ok();
    }
    let body = seen.body.as_deref().unwrap_or_default();
    let failed = Failed {
        kind,
        answer,
        detail: seen.header_fault.map(|fault| fault.to_string()),
        request_id: request_id(head),
        address: head
            .extensions
            .get::<Peer>()
            .map(|peer| peer.ip().to_string())
            .unwrap_or_default(),
        sent: Sent {
            method: head.method.as_str().to_owned(),
            target: target(head).to_owned(),
            token: text(TOKEN_HEADER),
            timestamp: text(TIMESTAMP_HEADER),
            signature: text(SIGNATURE_HEADER),
            body: String::from_utf8_lossy(body).into_owned(),
            body_bytes: body.len() as u64,
        },
    };
    match signatures::describe(app.store(), failed).await {
        Ok(entry) => log.keep(entry),
        Err(error) => {
            tracing::warn!(error = error.log_text(), "a failed request was not kept");
        }
    }
}

/// The word in which a caller is told; nothing about failures of ours.
fn told(unverified: &Unverified) -> Option<&'static str> {
    Some(match unverified {
        Unverified::NotAuthenticated => "authentication_failed",
        Unverified::OutOfTime => "timestamp_out_of_range",
        Unverified::AddressNotAllowed => "ip_not_allowed",
        Unverified::TooMany(_) => "rate_limited",
        Unverified::InvalidTarget => "invalid_target",
        Unverified::MediaType => "unsupported_media_type",
        Unverified::Body(BodyFault::TooLarge) => "body_too_large",
        Unverified::Body(BodyFault::TooSlow) => "body_too_slow",
        Unverified::Body(BodyFault::Broken) => "malformed_json",
        Unverified::BodyNotAllowed => "body_not_allowed",
        Unverified::NotAnObject => "not_an_object",
        Unverified::Failed(_) => return None,
    })
}

/// Where the form that was found out is left for the answer.
#[derive(Clone, Default)]
struct FormSlot(Arc<OnceLock<String>>);

fn tell_form(head: &Head, caller: &Caller) {
    let slot = head.extensions.get::<FormSlot>();
    if let (Some(FormSlot(slot)), Some(form)) = (slot, &caller.detected) {
        // One request is verified once; were it twice, the first form stays.
        let _set = slot.set(form.to_string());
    }
}

/// Around every signed operation of a sandbox: says which form was found out, whatever the answer.
pub(super) async fn with_detected_form(
    mut request: Request,
    route: RouteService,
) -> Result<Response, Infallible> {
    let slot = FormSlot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = route.oneshot(request).await?;
    if let Some(form) = slot.0.get()
        && let Ok(value) = HeaderValue::from_str(form)
    {
        response.headers_mut().insert(CANONICAL_FORM, value);
    }
    Ok(response)
}

fn presented(headers: &HeaderMap) -> Result<Presented, HeaderFault> {
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
    Presented::from_headers(&tokens, &timestamps, &signatures)
}

/// The raw target; a fragment is no part of it.
fn target(head: &Head) -> &str {
    head.uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
}

/// What is refused by its outer form alone.
fn check_form(head: &Head) -> Result<(), Unverified> {
    check_target(target(head)).map_err(|_| Unverified::InvalidTarget)?;
    let media = check_media(&head.headers).map_err(|_| Unverified::MediaType)?;
    match (&head.method, media) {
        (&Method::GET | &Method::HEAD, _) | (_, Media::Absent | Media::Json) => Ok(()),
        (_, Media::Multipart { .. } | Media::Other(_)) => Err(Unverified::MediaType),
    }
}
