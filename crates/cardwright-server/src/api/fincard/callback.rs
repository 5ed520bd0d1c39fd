//! `webhook/callback`: events come in here. No session stands behind them; the tenant's key that
//! signed the body does.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use cardwright_wire::{
    fincard::{
        callback::{Callback, Received, SANDBOX_SIGNATURE, SIGNATURE_HEADERS},
        envelope::Failure,
        errors::Code,
        headers,
    },
    shape,
};

use super::{
    reply::{Refused, failure_of, respond, success},
    session::{code_of_body, values},
};
use crate::{
    api::front::{BodyLimits, Peer, RequestId, check_media, read_body},
    app::App,
    ops::received_events::{self as ops, Presented},
    store::{Actor, ActorKind},
};

/// Most bytes of an event.
const BODY_LIMIT_BYTES: usize = 256 * 1024;

/// `webhook/callback`
pub(super) async fn receive(State(app): State<App>, request: Request) -> Response {
    match received(&app, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn received(app: &App, request: Request) -> Result<Response, Refused> {
    let (head, body) = request.into_parts();
    headers::check_media_type(|name| values(&head.headers, name))?;
    check_media(&head.headers).map_err(|_| Code::UnsupportedMediaType)?;
    let limits = BodyLimits::default();
    let body = read_body(&head.headers, body, BODY_LIMIT_BYTES, &limits)
        .await
        .map_err(code_of_body)?;
    let event = shape::from_body::<Callback>(&body)?.value;
    let nobody = || Failure::saying(Code::Unauthorized, "The signature is not right.");
    let presented = Presented {
        body: &body,
        signature: signature(&head.headers).ok_or_else(nobody)?,
        sandbox_signature: SANDBOX_SIGNATURE,
    };
    let tenant = ops::believe(app, &event.tenant_id, presented)
        .await
        .map_err(|error| Refused::For(failure_of(&error)))?
        .ok_or_else(nobody)?;
    let peer = head.extensions.get::<Peer>();
    let request_id = head.extensions.get::<RequestId>();
    let actor = Actor {
        kind: ActorKind::System,
        id: "webhook".to_owned(),
        address: peer.map(|peer| peer.ip().to_string()).unwrap_or_default(),
        claimed_for: None,
        claimed_from: None,
        request_id: request_id.map(|id| id.0.clone()).unwrap_or_default(),
    };
    let kept = ops::keep(app, (tenant, actor), (event.event_id, event.event_type)).await;
    Ok(respond(kept.and_then(|()| success(Received))))
}

/// The one signature there is: under its name, or under the one that is taken in its place.
fn signature(headers: &HeaderMap) -> Option<&str> {
    let name = SIGNATURE_HEADERS
        .into_iter()
        .find(|name| headers.contains_key(*name))?;
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
