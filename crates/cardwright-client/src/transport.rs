//! One HTTP exchange with the limits of [`Settings`]: no redirects, no surprises, bounded answers.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "certify")]
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::multipart::Form;
use reqwest::{Method, Url, redirect};

use crate::base_url::{BaseUrl, Scheme};
use crate::{Error, Exchange, Observer, ProxyChoice, Result, Settings, Trust};

/// Longest answer that is read; the longest real ones are lists of cards, far below.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// `X-Request-Id`: names the request in the server's logs.
    pub request_id: Option<String>,
    /// `Retry-After` in seconds, where the server asks for patience.
    pub retry_after_seconds: Option<u64>,
    /// `X-Cardwright-Canonical-Form`: the form a sandbox in `detect` found to match.
    pub canonical_form: Option<String>,
    /// The body as text.
    pub body: String,
}

impl Response {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.body).map_err(|error| Error::Answer {
            reason: format!("is not JSON: {error}"),
        })
    }
}

/// A header of a request.
pub(crate) type Header = (&'static str, HeaderValue);

/// One request, ready to go.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Content,
}

/// What a request carries.
pub(crate) enum Content {
    /// No body.
    Nothing,
    /// A body of JSON.
    Json(String),
    /// A body of JSON that no observer is shown.
    Hidden(String),
    /// A form with a file.
    Form(Form),
}

impl Content {
    /// What an observer is shown of it.
    fn shown(&self) -> String {
        match self {
            Content::Nothing => String::new(),
            Content::Json(text) => text.clone(),
            Content::Hidden(_) => "(hidden)".to_owned(),
            Content::Form(_) => "(a form)".to_owned(),
        }
    }
}

/// A pool of connections to one server.
#[derive(Clone)]
pub(crate) struct Transport {
    client: reqwest::Client,
    base: BaseUrl,
    observer: Option<Arc<dyn Observer>>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Transport")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(base: BaseUrl, settings: &Settings) -> Result<Transport> {
        let builder = builder((base.scheme(), &settings.trust), settings)?
            .timeout(settings.timeout)
            .user_agent(concat!("cardwright-client/", env!("CARGO_PKG_VERSION")));
        let client = builder.build().map_err(Error::Setup)?;
        Ok(Transport {
            client,
            base,
            observer: settings.observer.clone(),
        })
    }

    /// A transport to the same server for answers that have no end, in which something comes at
    /// least so often.
    #[cfg(feature = "certify")]
    pub(crate) fn endless(&self, often: Duration, settings: &Settings) -> Result<Transport> {
        let builder = builder((self.base.scheme(), &settings.trust), settings)?
            .read_timeout(often)
            .user_agent(concat!("cardwright-client/", env!("CARGO_PKG_VERSION")));
        Ok(Transport {
            client: builder.build().map_err(Error::Setup)?,
            base: self.base.clone(),
            observer: None,
        })
    }

    /// Sends, and hands the answer over as soon as its head is there.
    #[cfg(feature = "certify")]
    pub(crate) async fn open(&self, outgoing: Outgoing) -> Result<reqwest::Response> {
        let mut request = self.client.request(outgoing.method, outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        request.send().await.map_err(|error| self.failed(error))
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Response> {
        let Some(observer) = &self.observer else {
            return self.exchange(outgoing).await;
        };
        let hides = matches!(outgoing.body, Content::Hidden(_));
        let method = outgoing.method.to_string();
        let path = outgoing.url.path().to_owned();
        let request_body = outgoing.body.shown();
        let outcome = self.exchange(outgoing).await;
        observer.exchanged(&Exchange {
            method: &method,
            path: &path,
            request_body: &request_body,
            status: outcome.as_ref().ok().map(|response| response.status),
            response_body: match &outcome {
                Ok(_) if hides => "(hidden)",
                Ok(response) => &response.body,
                Err(_) => "",
            },
        });
        outcome
    }

    /// Reads an answer that has an end.
    pub(crate) async fn whole(&self, mut answer: reqwest::Response) -> Result<Response> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(error))? {
            if body.len() + chunk.len() > ANSWER_LIMIT {
                return Err(Error::Answer {
                    reason: format!("exceeds {ANSWER_LIMIT} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8(body).map_err(|_| Error::Answer {
            reason: "is not UTF-8 text".to_owned(),
        })?;
        let header = |name: &HeaderName| {
            answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Ok(Response {
            status: answer.status().as_u16(),
            request_id: header(&HeaderName::from_static("x-request-id")),
            retry_after_seconds: header(&RETRY_AFTER).and_then(|text| text.parse().ok()),
            canonical_form: header(&HeaderName::from_static("x-cardwright-canonical-form")),
            body,
        })
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Response> {
        let mut request = self.client.request(outgoing.method, outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        request = match outgoing.body {
            Content::Nothing => request,
            Content::Json(body) | Content::Hidden(body) => {
                request.header(CONTENT_TYPE, "application/json").body(body)
            }
            Content::Form(form) => request.multipart(form),
        };
        let answer = request.send().await.map_err(|error| self.failed(error))?;
        self.whole(answer).await
    }

    /// The URL is left out of the cause: its query may hold what does not belong into a log.
    pub(crate) fn failed(&self, error: reqwest::Error) -> Error {
        let url = self.base.to_string();
        if error.is_timeout() {
            Error::Timeout { url }
        } else {
            Error::Connection {
                url,
                source: error.without_url(),
            }
        }
    }
}

/// What every connection of ours has: no redirects, no proxy that nobody named, and the certificates
/// that are believed.
pub(crate) fn builder(
    (scheme, trust): (Scheme, &Trust),
    settings: &Settings,
) -> Result<reqwest::ClientBuilder> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(settings.connect_timeout)
        .redirect(redirect::Policy::none())
        .referer(false);
    if settings.proxy == ProxyChoice::Direct {
        builder = builder.no_proxy();
    }
    if scheme == Scheme::Http {
        // No TLS will happen, so a machine without certificates must not stop us.
        builder = builder.tls_certs_only([]);
    } else if let Trust::Only(pem) = trust {
        let trusted = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        builder = builder.tls_certs_only(trusted.map_err(Error::Setup)?);
    }
    Ok(builder)
}

/// A header, or an error that names it and not its value.
pub(crate) fn plain(name: &'static str, text: &str) -> Result<Header> {
    match HeaderValue::from_str(text) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(Error::Header { name }),
    }
}

/// A header whose value no debug output of the HTTP library shows.
pub(crate) fn hidden(name: &'static str, text: &str) -> Result<Header> {
    let (name, mut value) = plain(name, text)?;
    value.set_sensitive(true);
    Ok((name, value))
}
