//! The extractor of every message: who signed it, and what it says.
//!
//! No signature is taken here: the message's own `reference` keeps it from having its effect
//! twice, and gives a repeat the first answer.

use std::marker::PhantomData;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cardwright_core::TenantId;
use cardwright_wire::{
    native::{TENANT_HEADER, errors::Code},
    shape::{self, Read, Shape},
};
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    api::{
        front::{BodyFault, NativeError, now},
        native::{
            messages,
            reply::{self, respond, success},
        },
        signing::{self, Unverified},
    },
    app::App,
    error::{Error, Result},
    store::{Actor, ReadTx, Scope, Tx, credentials::CredentialKind},
};

/// A message whose signature, address and time are right. What it says is not yet understood.
pub struct Message<T> {
    tenant: TenantId,
    actor: Actor,
    operation: String,
    received: Instant,
    body: Bytes,
    shape: PhantomData<T>,
}

/// A refusal that is ready to go out.
pub struct Refused(NativeError);

/// Whoever could not be authenticated loses the connection too, so that these answers are alike to
/// the last byte whether or not the body was read.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

impl From<Unverified> for Refused {
    fn from(unverified: Unverified) -> Refused {
        let code = match unverified {
            Unverified::NotAuthenticated => Code::AuthenticationFailed,
            Unverified::OutOfTime => Code::TimestampOutOfRange,
            Unverified::AddressNotAllowed => Code::IpNotAllowed,
            Unverified::InvalidTarget => Code::InvalidTarget,
            Unverified::MediaType => Code::UnsupportedMediaType,
            Unverified::Body(BodyFault::TooLarge) => Code::BodyTooLarge,
            Unverified::Body(BodyFault::TooSlow) => Code::BodyTooSlow,
            Unverified::Body(BodyFault::Broken) => Code::MalformedJson,
            Unverified::BodyNotAllowed => Code::BodyNotAllowed,
            Unverified::NotAnObject => Code::NotAnObject,
            Unverified::Failed(error) => return Refused(reply::of_error(&error)),
        };
        Refused(reply::of_code(code))
    }
}

impl<T> FromRequest<App> for Message<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> std::result::Result<Message<T>, Refused> {
        let received = now();
        let verified = signing::verify(request, app, CredentialKind::Network).await?;
        let tenant = verified.caller.tenant;
        let is_own = names_own_tenant(app, tenant, &verified.head.headers)
            .await
            .map_err(|error| Refused(reply::of_error(&error)))?;
        if !is_own {
            return Err(Refused(reply::of_code(Code::NotFound)));
        }
        let path = verified.head.uri.path();
        let operation = path.rsplit('/').next().unwrap_or_default();
        Ok(Message {
            tenant,
            actor: verified.actor,
            operation: format!("network.{operation}"),
            received,
            body: verified.body,
            shape: PhantomData,
        })
    }
}

/// A credential is one tenant's. Its caller may say so; whoever names another one finds nothing.
async fn names_own_tenant(app: &App, tenant: TenantId, headers: &HeaderMap) -> Result<bool> {
    let mut named = headers.get_all(TENANT_HEADER).iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(true),
        (Some(value), None) => Ok(app.tenant_uuid(tenant).await?.as_bytes() == value.as_bytes()),
        (Some(_), Some(_)) => Ok(false),
    }
}

impl<T> Message<T> {
    /// When it came in.
    pub fn received(&self) -> Instant {
        self.received
    }
}

impl<T: Shape + Send + 'static> Message<T> {
    /// Understands the message, then has its effect in one transaction. A refusal undoes it and
    /// leaves a trace in the audit log.
    ///
    /// The verb gets the content with its canonical form, by which it tells a repeat of a
    /// reference from another message under the same one. It may be called again if what others
    /// did in the same commit has to be done again.
    pub async fn carry_out<R, F>(self, app: &App, verb: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFn(&mut Tx, &Read<T>) -> Result<R> + Send + 'static,
    {
        // Understood before the transaction, so that a costly body holds up nobody else's write.
        let asked = match shape::from_body::<T>(&self.body) {
            Ok(asked) => asked,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let scope = Scope {
            tenant: self.tenant,
            actor: self.actor,
        };
        let outcome = effect(app, &scope, (self.operation, asked), verb).await;
        let outcome = outcome.and_then(success);
        respond(messages::settled(app, &scope, outcome).await)
    }

    /// Understands the message, then answers from one consistent read.
    pub async fn look_up<R, F>(self, app: &App, read: F) -> Response
    where
        R: Serialize + Send + 'static,
        F: AsyncFnOnce(&mut ReadTx, T) -> Result<R> + Send + 'static,
    {
        let asked = match shape::from_body::<T>(&self.body) {
            Ok(asked) => asked.value,
            Err(fault) => return reply::of_body(&fault).into_response(),
        };
        let answer = app
            .read(self.tenant, async move |tx| read(tx, asked).await)
            .await;
        respond(answer.and_then(success))
    }
}

/// Has the effect of a message that is understood, in one transaction.
pub(super) async fn effect<T, R, F>(
    app: &App,
    scope: &Scope,
    (operation, asked): (String, Read<T>),
    verb: F,
) -> Result<R>
where
    T: Send + 'static,
    R: Send + 'static,
    F: AsyncFn(&mut Tx, &Read<T>) -> Result<R> + Send + 'static,
{
    let outcome = app
        .write_often(scope, async move |tx| {
            let outcome = tx.attempt(async |tx| verb(tx, &asked).await).await?;
            if let Err(error) = &outcome {
                let Some(word) = reply::refused_word(error) else {
                    return outcome.map(Ok);
                };
                tx.audit_outcome(&operation, ("request", ""), &word).await?;
            }
            Ok::<Result<R>, Error>(outcome)
        })
        .await;
    outcome.and_then(|outcome| outcome)
}
