//! How fast an issuer tells of a card in a session, beside a bare endpoint that is asked the same.

use std::io::Write;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::reads::{Endpoint, Question};
use super::{Cards, Issuer, fault};
use crate::api::bare;
use crate::config::Fault;
use crate::ops::logins::{self, Attempt};
use crate::store::Actor;
use crate::store::users::Login;

const TARGET: &str = "/api/v2.1/fincard/virtual/card/info";

/// `card/info` in one session.
struct InSession {
    tenant: String,
    token: String,
    cards: Cards,
}

impl Question for InSession {
    fn write(&self, into: &mut Vec<u8>, number: i64) -> std::io::Result<i64> {
        let card = self.cards.of(number);
        let body = format!("{{\"cardNo\":\"{card}\"}}");
        write!(
            into,
            "POST {TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             X-Tenant-ID: {}\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-From: bench\r\n\
             Platform: web\r\nDeviceID: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.tenant,
            self.token,
            body.len(),
        )?;
        Ok(card)
    }

    fn opening(&self) -> &'static [u8] {
        b"{\"success\":true,"
    }

    fn mark(&self, card: i64) -> String {
        format!("\"cardNo\":\"{card}\"")
    }
}

/// Logs in at an issuer, to ask for its cards in that session.
pub async fn endpoint(issuer: &Issuer) -> Result<Endpoint, Fault> {
    let (tenant, token) = session(issuer).await?;
    Ok(Endpoint {
        address: issuer.address,
        question: Arc::new(InSession {
            tenant,
            token,
            cards: issuer.cards,
        }),
    })
}

/// The tenant and the token of a new session.
async fn session(issuer: &Issuer) -> Result<(String, String), Fault> {
    let fincard = &issuer.file.fincard;
    let login = Login::Email {
        tenant: fincard.tenant_id.clone(),
        email: fincard.email.clone(),
    };
    let attempt = Attempt {
        login: Some(login),
        password: fincard.password.clone(),
        device_id: "bench".to_owned(),
        address: issuer.address.ip(),
        actor: Actor::system("bench"),
    };
    let begun = logins::log_in(&issuer.app, attempt).await;
    let begun = begun.map_err(|error| fault(&error.log_text()))?;
    let session = begun.ok_or_else(|| fault(&"the demo user cannot log in"))?;
    let token = session.access_token.expose().to_owned();
    Ok((fincard.tenant_id.clone(), token))
}

/// Starts an endpoint that is asked in the same words as the issuer's, but for the signature of the
/// token, and answers as long. It is served until the task is aborted.
pub async fn bare(
    issuer: &Issuer,
    answer_bytes: usize,
) -> Result<(Endpoint, JoinHandle<std::io::Result<()>>), Fault> {
    let named = |error: &dyn std::fmt::Display| fault(&format!("the bare endpoint: {error}"));
    let (tenant, token) = session(issuer).await?;
    let started = bare::session::start(TARGET, &token, answer_bytes).await;
    let (bound, token) = started.map_err(|error| named(&error))?;
    let endpoint = Endpoint {
        address: bound.address().map_err(|error| named(&error))?,
        question: Arc::new(InSession {
            tenant,
            token,
            cards: issuer.cards,
        }),
    };
    Ok((endpoint, tokio::spawn(bound.serve())))
}
