//! The FINCI Card API: every request signed.
//!
//! [`Client::call`] sends once and never repeats: after a broken connection nobody knows whether
//! the server acted. [`Client::call_idempotent`] repeats when the connection fails or times out,
//! each time signed anew with a later timestamp: reads because they change nothing, everything else
//! because an `Idempotency-Key` makes the server answer a repetition with the first result. An
//! answer, whatever its status, is never repeated there.
//!
//! The operations by name ([`Client::create_card`], [`Client::account`], …) take typed requests, give
//! typed answers, tell a refusal as [`Refusal`], and are repeated after a 5xx too. What card details
//! are encrypted to is the caller's own key; see `examples/card_details.rs`.
//!
//! Two equal state-changing requests within one second carry the same signature, and a server
//! refuses the second as a replay. That is right for an accident, and [`Client::call`] leaves it at
//! that. The operations by name carry a key of their own each, so they sign again for another second.

mod calls;
pub mod records;
mod refusal;
pub mod requests;

use std::fmt;

use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER, TOKEN_HEADER, check_body,
    is_token,
};
use reqwest::Method;
use uuid::Uuid;

use crate::base_url::BaseUrl;
use crate::transport::{Content, Outgoing, Transport, hidden, plain};
use crate::{Error, Response, Result, Secret, Settings};

pub use calls::{OPERATIONS, StageChange, StatusChange};
pub use refusal::{Reason, Refusal, RefusalKind};

/// Names a state-changing request, so that a repetition of it is known as one.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What FINCI issued: who signs, with which key, in which form.
#[derive(Clone)]
pub struct Credentials {
    token: String,
    key: SigningKey,
    form: CanonicalForm,
}

impl Credentials {
    /// Takes a token and the secret issued next to it, exactly as issued.
    ///
    /// ```
    /// use cardwright_client::{Secret, finci::Credentials};
    ///
    /// let secret = Secret::new("an issued secret");
    /// assert!(Credentials::new("demo-token-0123456789", &secret, Default::default()).is_ok());
    /// assert!(Credentials::new("short", &secret, Default::default()).is_err());
    /// ```
    pub fn new(token: &str, secret: &Secret, form: CanonicalForm) -> Result<Credentials> {
        if !is_token(token) {
            let reason = "a token is 16 to 64 characters out of A-Z a-z 0-9 _ -";
            return Err(Error::Credentials { reason });
        }
        if secret.expose().is_empty() {
            return Err(Error::Credentials {
                reason: "the secret is empty",
            });
        }
        Ok(Credentials {
            token: token.to_owned(),
            key: SigningKey::new(secret.expose()),
            form,
        })
    }

    /// The same credentials, signing in another form.
    #[must_use]
    pub fn with_form(self, form: CanonicalForm) -> Credentials {
        Credentials { form, ..self }
    }

    /// The token, as it goes into `X-Auth-Token`.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The form these credentials sign in.
    pub fn form(&self) -> &CanonicalForm {
        &self.form
    }

    /// The value of `X-Auth-Signature` for a request: 64 lower-case hex digits.
    ///
    /// The token of the parts should be [`Credentials::token`].
    pub fn sign(&self, parts: &Parts<'_>) -> String {
        hex::encode(self.key.sign(&self.form, parts))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("token", &self.token)
            .field("key", &self.key)
            .field("form", &self.form)
            .finish()
    }
}

/// Names one state-changing request; kept by the server for 24 hours.
///
/// Whoever must survive a crash stores the key with the order it stands for and makes the call
/// with the stored key again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key of one's own: 1 to 64 printable ASCII characters, no space at either end.
    pub fn new(text: &str) -> Result<IdempotencyKey> {
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !(1..=64).contains(&text.len()) || !printable || text.trim() != text {
            return Err(Error::Header {
                name: IDEMPOTENCY_KEY,
            });
        }
        Ok(IdempotencyKey(text.to_owned()))
    }

    /// A fresh random key.
    #[expect(
        clippy::disallowed_methods,
        reason = "a program that calls a server has the system's randomness and no other"
    )]
    pub fn random() -> IdempotencyKey {
        IdempotencyKey(Uuid::new_v4().to_string())
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Calls a FINCI Card API as one credential.
///
/// ```no_run
/// use cardwright_client::{Secret, finci};
///
/// # async fn example() -> cardwright_client::Result<()> {
/// let secret = Secret::new("an issued secret");
/// let credentials =
///     finci::Credentials::new("demo-token-0123456789", &secret, Default::default())?;
/// let client = finci::Client::new("https://card.example/api", credentials)?;
///
/// let card = client.call("GET", "/v1/get-card/0000000000000042", None).await?;
/// assert!(card.is_success(), "{}", card.body);
///
/// let key = finci::IdempotencyKey::random();
/// let order = r#"{"person_id":"10011000000000000001","currency":"EUR"}"#;
/// client.call_idempotent("POST", "/v1/create-account", Some(order), &key).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    credentials: Credentials,
    settings: Settings,
    key: Option<IdempotencyKey>,
}

/// After what a call is made again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// The connection failed.
    Unanswered,
    /// The connection failed, or the server said that it did.
    AnsweredToo,
}

/// The parts of a call that stay the same however often it is made.
struct Call<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a str,
    idempotency_key: Option<&'a IdempotencyKey>,
}

impl Client {
    /// A client with the default [`Settings`]; connects when first used.
    pub fn new(base_url: &str, credentials: Credentials) -> Result<Client> {
        Client::with_settings(base_url, credentials, Settings::default())
    }

    /// A client with settings of one's own.
    pub fn with_settings(
        base_url: &str,
        credentials: Credentials,
        settings: Settings,
    ) -> Result<Client> {
        let base = BaseUrl::parse(base_url, settings.plain_http)?;
        let transport = Transport::new(base, &settings)?;
        Ok(Client {
            transport,
            credentials,
            settings,
            key: None,
        })
    }

    /// Makes a signed call once.
    ///
    /// A path that begins with `/` goes under the path of the base URL unless it already begins
    /// with it; a bare operation such as `get-cards` goes under `/v1/` as well.
    pub async fn call(&self, method: &str, path: &str, body: Option<&str>) -> Result<Response> {
        let body = body.unwrap_or_default();
        let call = Call {
            method,
            path,
            body,
            idempotency_key: None,
        };
        self.send(&call, self.settings.time.unix_seconds()).await
    }

    /// Makes a signed call, and again when the connection fails; see the
    /// [module](crate::finci) for why that is safe.
    pub async fn call_idempotent(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        key: &IdempotencyKey,
    ) -> Result<Response> {
        let reads = method.eq_ignore_ascii_case("GET");
        let key = (!reads).then_some(key);
        let body = body.unwrap_or_default();
        self.repeated((method, path), body, key, Repeat::Unanswered)
            .await
    }

    async fn repeated(
        &self,
        (method, path): (&str, &str),
        body: &str,
        idempotency_key: Option<&IdempotencyKey>,
        repeat: Repeat,
    ) -> Result<Response> {
        let call = Call {
            method,
            path,
            body,
            idempotency_key,
        };
        let mut timestamp = self.settings.time.unix_seconds();
        let mut attempts = 1;
        loop {
            let outcome = self.send(&call, timestamp).await;
            let may_pass = match (&outcome, repeat) {
                (Err(error), _) => error.is_transient(),
                (Ok(response), Repeat::AnsweredToo) => {
                    response.status >= 500 || is_taken_for_a_replay(response)
                }
                (Ok(_), Repeat::Unanswered) => false,
            };
            let asked = outcome.as_ref().ok();
            let asked = asked.and_then(|response| response.retry_after_seconds);
            let pause = self.settings.retry.pause_after(attempts, asked);
            let Some(pause) = pause.filter(|_| may_pass) else {
                return outcome;
            };
            attempts += 1;
            self.settings.time.pass(pause).await;
            // Within the same second the signature would be the same, and a server that
            // has seen the first request would refuse the second as a replay.
            timestamp = self.settings.time.unix_seconds().max(timestamp + 1);
        }
    }

    async fn send(&self, call: &Call<'_>, timestamp: i64) -> Result<Response> {
        let name = call.method.to_ascii_uppercase();
        let method = Method::from_bytes(name.as_bytes()).map_err(|_| Error::Method {
            method: call.method.to_owned(),
        })?;
        let (url, target) = self.transport.base().target(&self.full_path(call.path))?;
        check_body(&name, call.body.as_bytes()).map_err(Error::Body)?;
        let timestamp = timestamp.to_string();
        let signature = self.credentials.sign(&Parts {
            token: &self.credentials.token,
            timestamp: &timestamp,
            method: &name,
            target: &target,
            body: call.body.as_bytes(),
        });
        let mut headers = vec![
            hidden(TOKEN_HEADER, &self.credentials.token)?,
            plain(TIMESTAMP_HEADER, &timestamp)?,
            plain(SIGNATURE_HEADER, &signature)?,
        ];
        if let Some(key) = call.idempotency_key {
            headers.push(plain(IDEMPOTENCY_KEY, &key.0)?);
        }
        let body = if call.body.is_empty() {
            Content::Nothing
        } else {
            Content::Json(call.body.to_owned())
        };
        self.transport
            .send(Outgoing {
                method,
                url,
                headers,
                body,
            })
            .await
    }

    fn full_path(&self, path: &str) -> String {
        // An absolute URL is left as it is, to be refused as a target.
        if path.starts_with('/') || path.contains("://") {
            return path.to_owned();
        }
        let versioned = self.transport.base().prefix().ends_with("/v1");
        if versioned {
            format!("/{path}")
        } else {
            format!("/v1/{path}")
        }
    }
}

/// Whether an equal request of the same second carried the same signature. This one was not acted on,
/// so it can be signed for another second.
fn is_taken_for_a_replay(response: &Response) -> bool {
    response.status == 401 && Refusal::read(response).says("request_replayed")
}
