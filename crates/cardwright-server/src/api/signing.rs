//! Signed requests, up to the point where it is known who sent them.
//!
//! The order of checks is part of the contract of every surface that is signed: header shape,
//! timestamp, form, size and body, credential and signature, address. Nothing before the signature
//! tells a stranger more than that the request is not right. How a refusal is worded is the
//! surface's own.

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method, request::Parts as Head},
};
use cardwright_wire::finci::signature::{
    Presented, SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER, check_body, check_target,
};

use super::front::{BodyFault, BodyLimits, Media, Peer, RequestId, check_media, read_body};
use crate::{
    app::App,
    error::Error,
    metrics::Disbelief,
    ops::callers::{self, Caller, Rejection, SignedRequest},
    store::{Actor, ActorKind, credentials::CredentialKind},
};

/// Most bytes of a body.
const BODY_LIMIT_BYTES: usize = 256 * 1024;

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

/// Verifies a request against a credential of this kind, and counts those that are not believed.
pub(super) async fn verify(
    request: Request,
    app: &App,
    kind: CredentialKind,
) -> Result<Verified, Unverified> {
    let verified = judge(request, app, kind).await;
    let why = match &verified {
        Err(Unverified::NotAuthenticated) => Some(Disbelief::Signature),
        Err(Unverified::OutOfTime) => Some(Disbelief::Timestamp),
        Err(Unverified::AddressNotAllowed) => Some(Disbelief::Address),
        // Form, and failures of ours, say nothing about who sent it.
        Ok(_)
        | Err(
            Unverified::InvalidTarget
            | Unverified::MediaType
            | Unverified::Body(_)
            | Unverified::BodyNotAllowed
            | Unverified::NotAnObject
            | Unverified::Failed(_),
        ) => None,
    };
    if let Some(why) = why {
        app.metrics().disbelieved(why);
    }
    verified
}

async fn judge(request: Request, app: &App, kind: CredentialKind) -> Result<Verified, Unverified> {
    let (head, body) = request.into_parts();
    let presented = presented(&head.headers).ok_or(Unverified::NotAuthenticated)?;
    let window = app.settings().signature_window;
    let forgotten_at = callers::check_time(&presented, window, app.now())?;
    check_form(&head)?;
    let body = read_body(
        &head.headers,
        body,
        BODY_LIMIT_BYTES,
        &BodyLimits::default(),
    )
    .await
    .map_err(Unverified::Body)?;
    check_body(head.method.as_str(), &body).map_err(|_| match head.method {
        Method::GET | Method::HEAD => Unverified::BodyNotAllowed,
        _ => Unverified::NotAnObject,
    })?;
    let peer = head.extensions.get::<Peer>().map(Peer::ip);
    let address = peer.ok_or(Unverified::NotAuthenticated)?;
    let signed = SignedRequest {
        presented,
        method: head.method.as_str().to_owned(),
        target: target(&head).to_owned(),
        body: body.to_vec(),
        address,
        forgotten_at,
    };
    let caller = callers::verify(app.store(), kind, &signed)
        .await
        .map_err(Unverified::Failed)??;
    let request_id = head.extensions.get::<RequestId>().map(|id| id.0.clone());
    let actor = Actor {
        kind: ActorKind::Credential,
        id: caller.credential.to_string(),
        address: address.to_string(),
        claimed_for: None,
        claimed_from: None,
        request_id: request_id.unwrap_or_default(),
    };
    Ok(Verified {
        caller,
        actor,
        head,
        body,
    })
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
fn check_form(head: &Head) -> Result<(), Unverified> {
    check_target(target(head)).map_err(|_| Unverified::InvalidTarget)?;
    let media = check_media(&head.headers).map_err(|_| Unverified::MediaType)?;
    match (&head.method, media) {
        (&Method::GET | &Method::HEAD, _) | (_, Media::Absent | Media::Json) => Ok(()),
        (_, Media::Multipart { .. } | Media::Other(_)) => Err(Unverified::MediaType),
    }
}
