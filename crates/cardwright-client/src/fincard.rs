//! The FinCard Virtual API: a login, a session of an hour, and context headers on every call.
//!
//! There is no refresh call, so [`Client`] logs in again by itself: shortly before the session ends,
//! and once when a call is answered with 401, after which the call is made once more. A call
//! answered with 401 did nothing, so repeating it is safe. [`Client::call`] repeats nothing else. The
//! typed calls ([`Client::open_card`], [`Client::authorizations`], …) also repeat what failed on the
//! way or was answered with 5xx: reads, and changes under the `merchantOrderNo` that they carry. They
//! wait as long as `Retry-After` asks. A login that a server cannot take is made again in either case.
//!
//! Calls made at the same time share one session, and one of them logs in for all.

mod calls;
mod files;
mod login;
pub mod records;
pub mod requests;
mod session;

use std::fmt;
use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;

use crate::base_url::BaseUrl;
use crate::transport::{Content, Header, Outgoing, Transport, hidden, plain};
use crate::{Response, Result, Retry, Settings};

pub use calls::{PATHS, is_numbered};
pub use files::{SentFile, UploadedFile};
pub use login::Login;
use session::{Session, Sessions};

/// All calls but the login go to paths below this one.
pub const BASE_PATH: &str = "/api/v2.1/fincard/virtual";

/// Who calls and on whose behalf: the context headers of every call.
///
/// `X-Forwarded-For` and `X-Forwarded-From` are claims for the audit log; a server trusts neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// `platform`: where the end user is.
    pub platform: Platform,
    /// `deviceId`: the end user's device; may be empty.
    pub device_id: String,
    /// `X-Forwarded-For`: the end user's address; may be empty.
    pub forwarded_for: String,
    /// `X-Forwarded-From`: the name of the calling system; may be empty.
    pub forwarded_from: String,
}

/// Where the end user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// A browser, or no end user at all.
    Web,
    /// An iPhone or iPad.
    Ios,
    /// An Android device.
    Android,
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Platform::Web => "web",
            Platform::Ios => "ios",
            Platform::Android => "android",
        })
    }
}

impl Context {
    fn headers(&self, tenant_id: &str) -> Result<Vec<Header>> {
        Ok(vec![
            plain("X-Tenant-ID", tenant_id)?,
            plain("X-Forwarded-For", &self.forwarded_for)?,
            plain("X-Forwarded-From", &self.forwarded_from)?,
            plain("platform", &self.platform.to_string())?,
            plain("deviceId", &self.device_id)?,
        ])
    }
}

/// An answer of the FinCard API: the response and, where it has one, its envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The response as it came.
    pub response: Response,
    /// The envelope; absent when something on the way answered in another shape.
    pub envelope: Option<Envelope>,
}

impl Answer {
    fn read(response: Response) -> Answer {
        let envelope = Envelope::read(&response.body);
        Answer { response, envelope }
    }

    /// Whether the call did what it should: status 2xx and `success: true`.
    ///
    /// A business refusal comes with status 200 and `success: false`.
    pub fn is_success(&self) -> bool {
        let said_so = self
            .envelope
            .as_ref()
            .is_some_and(|envelope| envelope.success);
        self.response.is_success() && said_so
    }
}

/// What every FinCard answer is wrapped in.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Whether the call did what it should.
    pub success: bool,
    /// 200, -1 for a business refusal, or 401, 404, 500.
    pub code: i64,
    /// Readable text.
    pub message: String,
    /// Stable name of the refusal.
    pub error_code: Option<String>,
    /// The result; null when there is none.
    pub data: Value,
}

impl Envelope {
    fn read(body: &str) -> Option<Envelope> {
        let mut answer: Value = serde_json::from_str(body).ok()?;
        Some(Envelope {
            success: answer.get("success")?.as_bool()?,
            code: answer.get("code")?.as_i64()?,
            message: text_of(&answer, "msg").or_else(|| text_of(&answer, "message"))?,
            error_code: text_of(&answer, "errorCode"),
            data: answer.get_mut("data").map(Value::take).unwrap_or_default(),
        })
    }
}

fn text_of(answer: &Value, field: &str) -> Option<String> {
    Some(answer.get(field)?.as_str()?.to_owned())
}

/// A "no" of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status; 200 for a business refusal.
    pub status: u16,
    /// -1 for a business refusal, or 401, 404, 500.
    pub code: i64,
    /// Stable name of the refusal.
    pub error_code: Option<String>,
    /// Readable text.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.error_code.as_deref().unwrap_or("no error code");
        write!(
            formatter,
            "refused with HTTP {} and code {}, {name}: {}",
            self.status, self.code, self.message
        )
    }
}

impl std::error::Error for Refusal {}

/// Calls a FinCard Virtual API as one user.
///
/// ```no_run
/// use cardwright_client::Secret;
/// use cardwright_client::fincard::requests::OpenCard;
/// use cardwright_client::fincard::{Client, Context, Login, Platform};
///
/// # async fn example() -> cardwright_client::Result<()> {
/// let login = Login::Email {
///     email: "owner@acme.example".to_owned(),
///     password: Secret::new("correct horse"),
///     tenant_id: "acme".to_owned(),
/// };
/// let context = Context {
///     platform: Platform::Web,
///     device_id: String::new(),
///     forwarded_for: "203.0.113.7".to_owned(),
///     forwarded_from: "acme-backend".to_owned(),
/// };
/// let client = Client::login("https://card.example", login, context).await?;
/// for account in client.accounts().await? {
///     println!("{} {}", account.available_balance, account.currency);
/// }
/// let order = OpenCard::new("order-2025-10-01-0001", 111_001).amount("100.00");
/// println!("opened {}", client.open_card(&order).await?.card_no);
/// let raw = client.call("account/info", "{}").await?;
/// assert!(raw.is_success(), "{}", raw.response.body);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    context: Context,
    sessions: Sessions,
    retry: Retry,
}

impl Client {
    /// Logs in with the default [`Settings`].
    pub async fn login(base_url: &str, login: Login, context: Context) -> Result<Client> {
        Client::login_with_settings(base_url, login, context, Settings::default()).await
    }

    /// Logs in with settings of one's own.
    pub async fn login_with_settings(
        base_url: &str,
        login: Login,
        context: Context,
        settings: Settings,
    ) -> Result<Client> {
        let base = BaseUrl::parse(base_url, settings.plain_http)?;
        let transport = Transport::new(base, &settings)?;
        let client = Client {
            transport,
            context,
            sessions: Sessions::new(login, settings.time),
            retry: settings.retry,
        };
        let mut attempts = 1;
        while let Err(error) = client.session(None).await {
            let asked = error.retry_after_seconds();
            match client.retry.pause_after(attempts, asked) {
                Some(pause) if error.is_transient() => client.sessions.time().pass(pause).await,
                _ => return Err(error),
            }
            attempts += 1;
        }
        Ok(client)
    }

    /// Posts a JSON object to a path under [`BASE_PATH`], given with or without that base.
    pub async fn call(&self, path: &str, body: &str) -> Result<Answer> {
        self.call_with(path, || Ok(Content::Json(body.to_owned())))
            .await
    }

    /// Makes a call whose body is put together anew for every attempt.
    async fn call_with(&self, path: &str, body: impl Fn() -> Result<Content>) -> Result<Answer> {
        let session = self.session(None).await?;
        let mut response = self.send(path, body()?, &session).await?;
        if response.status == 401 {
            let fresh = self.session(Some(&session)).await?;
            response = self.send(path, body()?, &fresh).await?;
        }
        Ok(Answer::read(response))
    }

    fn url(&self, path: &str) -> Result<reqwest::Url> {
        let path = path.trim_start_matches('/');
        let below = path
            .strip_prefix(&BASE_PATH[1..])
            .map_or(path, |rest| rest.trim_start_matches('/'));
        let target = format!("{BASE_PATH}/{below}");
        Ok(self.transport.base().target(&target)?.0)
    }

    /// The session in use, or a new one where it is about to end or `refused` was refused.
    async fn session(&self, refused: Option<&Arc<Session>>) -> Result<Arc<Session>> {
        self.sessions
            .get(&self.transport, &self.context, refused)
            .await
    }

    async fn send(&self, path: &str, body: Content, session: &Session) -> Result<Response> {
        let url = self.url(path)?;
        let mut headers = self.context.headers(self.sessions.tenant_id())?;
        headers.push(hidden("Authorization", session.bearer())?);
        self.transport
            .send(Outgoing {
                method: Method::POST,
                url,
                headers,
                body,
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn an_envelope_is_read_with_either_name_of_its_message() {
        let refusal = r#"{"success":false,"code":-1,"msg":"No","data":null,"errorCode":"no"}"#;
        let envelope = Envelope::read(refusal).unwrap();
        assert_eq!((envelope.success, envelope.code), (false, -1));
        assert_eq!(envelope.error_code.as_deref(), Some("no"));
        assert_eq!(envelope.data, Value::Null);

        let other = r#"{"success":true,"code":200,"message":"Success","data":[1]}"#;
        assert_eq!(Envelope::read(other).unwrap().message, "Success");
        for none in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"success":"true","code":200,"msg":""}"#,
        ] {
            assert_eq!(Envelope::read(none), None, "{none}");
        }
    }

    #[test]
    fn success_needs_both_the_status_and_the_envelope() {
        let answer = |status, body: &str| Answer {
            response: Response {
                status,
                request_id: None,
                retry_after_seconds: None,
                canonical_form: None,
                body: body.to_owned(),
            },
            envelope: Envelope::read(body),
        };
        let yes = r#"{"success":true,"code":200,"msg":"Success","data":{}}"#;
        let no = r#"{"success":false,"code":-1,"msg":"No","data":null}"#;
        assert!(answer(200, yes).is_success());
        assert!(!answer(200, no).is_success());
        assert!(!answer(500, yes).is_success());
        assert!(!answer(200, "OK").is_success());
    }
}
