//! Our own surfaces with an operator's key: `/sandbox/v1` steers a sandbox, `/admin/v1` a server.
//!
//! They speak plain JSON and refuse with one shape of error. A call is made once and never
//! repeated: after a broken connection nobody knows whether the server acted.

use std::fmt;
#[cfg(feature = "certify")]
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::base_url::BaseUrl;
use crate::transport::{Content, Header, Outgoing, Transport, hidden, plain};
use crate::{Error, Response, Result, Secret, Settings};

/// Carries the operator's key.
const AUTHORIZATION: &str = "Authorization";
/// Names the tenant a call is about, where it is not the key's own.
const TENANT: &str = "X-Tenant-ID";

/// The spelling of an id on our own surfaces: FINCI pads it with zeros, they do not.
///
/// ```
/// assert_eq!(cardwright_client::sandbox::record_id("0001099518967843"), "1099518967843");
/// ```
pub fn record_id(id: &str) -> &str {
    id.trim_start_matches('0')
}

/// Calls with an operator's key.
///
/// ```no_run
/// use cardwright_client::{SandboxFile, sandbox};
/// use serde_json::json;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let file = SandboxFile::parse(&std::fs::read_to_string("cardwright-data/sandbox.json")?)?;
/// let client = sandbox::Client::new(file.base_url()?, file.admin_key()?)?;
/// let clock = client.post("/sandbox/v1/clock/advance", &json!({"by": "P7D"})).await?;
/// println!("{}", clock.body);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    key: Secret,
    tenant: Option<String>,
}

impl Client {
    /// A client with the default [`Settings`]; connects when first used.
    pub fn new(base_url: &str, key: &Secret) -> Result<Client> {
        Client::with_settings(base_url, key, &Settings::default())
    }

    /// A client with settings of one's own.
    pub fn with_settings(base_url: &str, key: &Secret, settings: &Settings) -> Result<Client> {
        let base = BaseUrl::parse(base_url, settings.plain_http)?;
        Ok(Client {
            transport: Transport::new(base, settings)?,
            key: key.clone(),
            tenant: None,
        })
    }

    /// The same client, for a tenant that is not the key's own.
    #[must_use]
    pub fn of_tenant(self, tenant_id: &str) -> Client {
        Client {
            tenant: Some(tenant_id.to_owned()),
            ..self
        }
    }

    /// Reads; the path begins with `/`.
    pub async fn get(&self, path: &str) -> Result<Response> {
        self.call(Method::GET, path, None).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Response> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Puts JSON in the place of what is there.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Response> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Sends the fields that change.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Response> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// Takes away what is there.
    pub async fn delete(&self, path: &str) -> Result<Response> {
        self.call(Method::DELETE, path, None).await
    }

    /// The same client for answers that have no end, in which something comes at least so often.
    #[cfg(feature = "certify")]
    pub(crate) fn endless(&self, often: Duration, settings: &Settings) -> Result<Client> {
        Ok(Client {
            transport: self.transport.endless(often, settings)?,
            ..self.clone()
        })
    }

    /// Opens an answer that has no end; `last` is the id of what was seen of it before.
    #[cfg(feature = "certify")]
    pub(crate) async fn open(&self, path: &str, last: Option<&str>) -> Result<reqwest::Response> {
        let (url, _) = self.transport.base().target(path)?;
        let mut headers = self.headers()?;
        if let Some(last) = last {
            headers.push(plain("Last-Event-ID", last)?);
        }
        let outgoing = Outgoing {
            method: Method::GET,
            url,
            headers,
            body: Content::Nothing,
        };
        let answer = self.transport.open(outgoing).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let refused = self.transport.whole(answer).await?;
        Err(Error::Refused(NativeError::from_response(&refused)))
    }

    fn headers(&self) -> Result<Vec<Header>> {
        let bearer = Secret::new(format!("Bearer {}", self.key.expose()));
        let mut headers = vec![hidden(AUTHORIZATION, bearer.expose())?];
        if let Some(tenant) = &self.tenant {
            headers.push(plain(TENANT, tenant)?);
        }
        Ok(headers)
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let (url, _) = self.transport.base().target(path)?;
        let outgoing = Outgoing {
            method,
            url,
            headers: self.headers()?,
            body: match body {
                Some(body) => Content::Json(body.to_string()),
                None => Content::Nothing,
            },
        };
        let response = self.transport.send(outgoing).await?;
        if response.is_success() {
            Ok(response)
        } else {
            Err(Error::Refused(NativeError::from_response(&response)))
        }
    }
}

/// A "no" of one of our own surfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeError {
    /// HTTP status.
    pub status: u16,
    /// The stable word for the reason; empty where the answer has none.
    pub code: String,
    /// A sentence for people, or the start of an answer that is none of ours.
    pub message: String,
    /// The field of the request that is wrong.
    pub field: Option<String>,
    /// Names the request in the server's logs.
    pub request_id: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    error: Fields,
}

#[derive(Deserialize)]
struct Fields {
    code: String,
    message: String,
    field: Option<String>,
    request_id: Option<String>,
}

impl NativeError {
    fn from_response(response: &Response) -> NativeError {
        match serde_json::from_str::<Body>(&response.body) {
            Ok(Body { error }) => NativeError {
                status: response.status,
                code: error.code,
                message: error.message,
                field: error.field,
                request_id: error.request_id,
            },
            Err(_) => NativeError {
                status: response.status,
                code: String::new(),
                message: response.body.chars().take(200).collect(),
                field: None,
                request_id: response.request_id.clone(),
            },
        }
    }
}

/// One line; control characters are shown and not sent to the terminal.
impl fmt::Display for NativeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code.escape_debug())?;
        }
        if let Some(field) = &self.field {
            write!(f, " (`{}`)", field.escape_debug())?;
        }
        if !self.message.is_empty() {
            let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
            let message: String = self.message.chars().map(shown).collect();
            write!(f, ": {message}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {})", id.escape_debug())?;
        }
        Ok(())
    }
}

impl std::error::Error for NativeError {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn response(body: &str) -> Response {
        Response {
            status: 409,
            request_id: Some("r-1".to_owned()),
            retry_after_seconds: None,
            canonical_form: None,
            body: body.to_owned(),
        }
    }

    fn said(body: &str) -> String {
        NativeError::from_response(&response(body)).to_string()
    }

    #[test]
    fn a_refusal_tells_code_field_sentence_and_request_in_one_line() {
        let body = r#"{"error":{"code":"clock_backwards","message":"time does not go back",
            "field":"now","request_id":"r-2"}}"#;
        assert_eq!(
            said(body),
            "HTTP 409 clock_backwards (`now`): time does not go back (request r-2)"
        );
        let body =
            r#"{"error":{"code":"not_found","message":"none","field":null,"request_id":null}}"#;
        assert_eq!(said(body), "HTTP 409 not_found: none");
    }

    #[test]
    fn an_answer_of_another_server_is_shown_without_steering_the_terminal() {
        assert_eq!(
            said("<html>\u{1b}[2J\n"),
            "HTTP 409: <html> [2J  (request r-1)"
        );
        assert_eq!(said(""), "HTTP 409 (request r-1)");
        assert!(said(&"x".repeat(5_000)).len() < 300);
    }

    #[test]
    fn the_key_does_not_show_in_debug() {
        let client = Client::new("http://127.0.0.1:1", &Secret::new("k3y")).unwrap();
        let shown = format!("{:?}", client.of_tenant("acme"));
        assert!(shown.contains("acme") && !shown.contains("k3y"), "{shown}");
    }
}
