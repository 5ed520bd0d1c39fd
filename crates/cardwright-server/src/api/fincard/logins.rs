//! The two logins. Whatever is wrong with one, its caller reads the same.

use axum::{
    extract::{Request, State},
    http::request::Parts as Head,
    response::{IntoResponse, Response},
};
use cardwright_wire::{
    fincard::{
        errors::Code,
        headers::{self, Expected},
        login::{self as wire, CreateSession, Login, LoginReply},
    },
    shape::{self, BodyFault, Shape},
};

use super::{
    reply::{Refused, failure_of},
    session::{actor, code_of_body, values},
};
use crate::{
    api::{
        front::{BodyLimits, Peer, RequestId, check_media, read_body},
        json,
    },
    app::App,
    ops::logins::{self, Attempt, Session},
    secrets::Secret,
    store::{Actor, users},
};

/// Most bytes of a login.
const BODY_LIMIT_BYTES: usize = 256 * 1024;

/// `POST /api/auth/login`
pub(super) async fn by_email(State(app): State<App>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let attempt = async {
        let context = headers::check(|name| values(&head.headers, name), Expected::Json)?;
        let (tenant, device_id) = (context.tenant.clone(), context.device_id.clone());
        let from = actor(context, origin(&head));
        let read = understood::<Login>(&head, body).await?;
        let (login, password) = match read {
            // The tenant of the body is a repetition of the header's, never another one.
            Some(read) if read.tenant_id == tenant => {
                let password = Secret::new(read.password.expose().to_owned());
                (
                    Some(users::Login::Email {
                        tenant,
                        email: read.email,
                    }),
                    password,
                )
            }
            Some(_) | None => nobody(),
        };
        attempt(&head, login, password, (from, device_id))
    };
    answer(&app, attempt.await).await
}

/// `POST /api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions`
pub(super) async fn by_organization(State(app): State<App>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let attempt = async {
        let tenant = headers::check_tenant(|name| values(&head.headers, name))?;
        let read = understood::<CreateSession>(&head, body).await?;
        let (login, password) = match (read, path_ids(head.uri.path())) {
            (Some(read), Some((organization, user))) => {
                let password = Secret::new(read.password.expose().to_owned());
                let username = read.username;
                let login = users::Login::Username {
                    tenant,
                    organization,
                    user,
                    username,
                };
                (Some(login), password)
            }
            (Some(_) | None, _) => nobody(),
        };
        let (address, request_id) = origin(&head);
        let from = Actor {
            address,
            request_id,
            ..Actor::system("")
        };
        let from = Actor {
            kind: crate::store::ActorKind::User,
            ..from
        };
        attempt(&head, login, password, (from, String::new()))
    };
    answer(&app, attempt.await).await
}

/// A login that names nobody, and is checked all the same.
fn nobody() -> (Option<users::Login>, Secret) {
    (None, Secret::new("no such user".to_owned()))
}

/// Organization and user out of the path, as plain lower-case text.
fn path_ids(path: &str) -> Option<(String, String)> {
    let mut parts = path.rsplit('/');
    let (_sessions, user) = (parts.next()?, parts.next()?);
    let (_users, organization) = (parts.next()?, parts.next()?);
    Some((organization.to_ascii_lowercase(), user.to_ascii_lowercase()))
}

fn origin(head: &Head) -> (String, String) {
    let address = head
        .extensions
        .get::<Peer>()
        .map(|peer| peer.ip().to_string());
    let request_id = head.extensions.get::<RequestId>().map(|id| id.0.clone());
    (address.unwrap_or_default(), request_id.unwrap_or_default())
}

/// The body, or nothing where its fields are not those of a login.
async fn understood<T: Shape>(head: &Head, body: axum::body::Body) -> Result<Option<T>, Refused> {
    check_media(&head.headers).map_err(|_| Code::UnsupportedMediaType)?;
    let body = read_body(
        &head.headers,
        body,
        BODY_LIMIT_BYTES,
        &BodyLimits::default(),
    )
    .await
    .map_err(code_of_body)?;
    match shape::from_body::<T>(&body) {
        Ok(read) => Ok(Some(read.value)),
        Err(BodyFault::Fields(_)) => Ok(None),
        Err(fault @ BodyFault::Json(_)) => Err(fault.into()),
    }
}

fn attempt(
    head: &Head,
    login: Option<users::Login>,
    password: Secret,
    (actor, device_id): (Actor, String),
) -> Result<Attempt, Refused> {
    // A request without a peer did not come through the front door.
    let address = head
        .extensions
        .get::<Peer>()
        .map(Peer::ip)
        .ok_or(Code::InvalidCredentials)?;
    Ok(Attempt {
        login,
        password,
        device_id,
        address,
        actor,
    })
}

async fn answer(app: &App, attempt: Result<Attempt, Refused>) -> Response {
    let attempt = match attempt {
        Ok(attempt) => attempt,
        Err(refused) => return refused.into_response(),
    };
    match logins::log_in(app, attempt).await {
        Ok(Some(session)) => begun(&session),
        Ok(None) => Refused::from(Code::InvalidCredentials).into_response(),
        Err(error) => Refused::For(failure_of(&error)).into_response(),
    }
}

fn begun(session: &Session) -> Response {
    let reply = LoginReply::from(wire::Session {
        access_token: session.access_token.expose().to_owned(),
        expires_in_seconds: u32::try_from(session.lifetime_s).unwrap_or_default(),
        expires_at: session.expires_at,
        session_id: session.id.to_string(),
        user_id: session.user.to_string(),
    });
    match json::written(&reply) {
        Ok(body) => json::response((200, body)),
        Err(error) => Refused::For(failure_of(&error)).into_response(),
    }
}
