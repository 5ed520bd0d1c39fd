//! The two ways to log in, and what an answer to either must hold.

use reqwest::Method;
use serde_json::{Value, json};

use super::Context;
use crate::transport::{Content, Outgoing, Transport, plain};
use crate::{Error, Response, Result, Secret};

/// Who logs in. Both ways lead to the same session.
#[derive(Clone, Debug)]
pub enum Login {
    /// `POST /api/auth/login`.
    Email {
        /// The user's e-mail address.
        email: String,
        /// The user's password.
        password: Secret,
        /// The tenant, also sent as `X-Tenant-ID`.
        tenant_id: String,
    },
    /// `POST /api/v2.1/admin/organization/{organization_id}/users/{user_id}/sessions`.
    Organization {
        /// The organization (UUID).
        organization_id: String,
        /// The user (UUID).
        user_id: String,
        /// The user's login name or e-mail address.
        username: String,
        /// The user's password.
        password: Secret,
        /// The tenant, sent as `X-Tenant-ID`.
        tenant_id: String,
    },
}

/// What a login gives.
pub(super) struct Granted {
    pub(super) access_token: Secret,
    pub(super) expires_in_seconds: i64,
}

impl Login {
    pub(super) fn tenant_id(&self) -> &str {
        match self {
            Login::Email { tenant_id, .. } | Login::Organization { tenant_id, .. } => tenant_id,
        }
    }

    /// Logs in once; a refusal is an error, because no call can follow it, and so is a server that
    /// cannot take the login now.
    pub(super) async fn perform(
        &self,
        transport: &Transport,
        context: &Context,
    ) -> Result<Granted> {
        let response = transport.send(self.request(transport, context)?).await?;
        match response.status {
            200..=299 => granted(&response),
            500..=599 => Err(Error::LoginUnavailable {
                status: response.status,
                retry_after_seconds: response.retry_after_seconds,
                message: message_of(&response),
            }),
            _ => Err(refused(&response)),
        }
    }

    fn request(&self, transport: &Transport, context: &Context) -> Result<Outgoing> {
        let (path, headers, body) = match self {
            Login::Email {
                email,
                password,
                tenant_id,
            } => (
                "/api/auth/login".to_owned(),
                context.headers(tenant_id)?,
                json!({"email": email, "password": password.expose(), "tenantId": tenant_id}),
            ),
            Login::Organization {
                organization_id,
                user_id,
                username,
                password,
                tenant_id,
            } => (
                format!("/api/v2.1/admin/organization/{organization_id}/users/{user_id}/sessions"),
                vec![plain("X-Tenant-ID", tenant_id)?],
                json!({"username": username, "password": password.expose()}),
            ),
        };
        let (url, _) = transport.base().target(&path)?;
        Ok(Outgoing {
            method: Method::POST,
            url,
            headers,
            body: Content::Hidden(body.to_string()),
        })
    }
}

/// Reads the token and its life from the top of the answer, or from `data`.
fn granted(response: &Response) -> Result<Granted> {
    let answer: Value =
        serde_json::from_str(&response.body).map_err(|_| Error::LoginAnswer { missing: "JSON" })?;
    if answer["success"] == Value::Bool(false) {
        return Err(refused(response));
    }
    let field = |name: &str| [&answer[name], &answer["data"][name]];
    let token = field("accessToken").into_iter().find_map(Value::as_str);
    let token = token.filter(|token| !token.is_empty());
    let life = field("expiresIn").into_iter().find_map(Value::as_i64);
    Ok(Granted {
        access_token: Secret::new(token.ok_or(Error::LoginAnswer {
            missing: "accessToken",
        })?),
        expires_in_seconds: life
            .filter(|seconds| *seconds > 0)
            .ok_or(Error::LoginAnswer {
                missing: "expiresIn",
            })?,
    })
}

fn refused(response: &Response) -> Error {
    Error::LoginRefused {
        status: response.status,
        message: message_of(response),
    }
}

fn message_of(response: &Response) -> String {
    let answer: Value = serde_json::from_str(&response.body).unwrap_or_default();
    match answer["msg"].as_str() {
        Some(message) => message.to_owned(),
        None => response.body.chars().take(200).collect(),
    }
}
