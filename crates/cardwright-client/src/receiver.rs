//! A receiver of webhooks, as whoever delivers to it sees it: one POST, one answer, how long it took.

use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use crate::base_url::Scheme;
use crate::transport::builder;
use crate::{Error, PlainHttp, Result, Settings, Trust};

/// Longest answer that is kept.
const ANSWER_LIMIT_BYTES: usize = 16 * 1024;

/// Where deliveries go.
pub(crate) struct Receiver {
    client: reqwest::Client,
    url: Url,
}

/// What came back.
pub(crate) struct Answered {
    /// The status; none where no answer came.
    pub(crate) status: Option<u16>,
    /// The body, or why none came.
    pub(crate) answer: String,
    /// How long the receiver took, in milliseconds.
    pub(crate) duration_ms: u64,
}

impl Receiver {
    /// A receiver at a URL: `https` with a certificate that is believed, or `http` where that is
    /// allowed.
    pub(crate) fn new(url: &str, trust: &Trust, settings: &Settings) -> Result<Receiver> {
        let url = parsed(url, settings)?;
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            _ => Scheme::Https,
        };
        let builder = builder((scheme, trust), settings)?.timeout(settings.timeout);
        Ok(Receiver {
            client: builder.build().map_err(Error::Setup)?,
            url,
        })
    }

    /// Path and query, as signatures cover them.
    pub(crate) fn target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// Sends a delivery.
    pub(crate) async fn post(&self, headers: HeaderMap, body: Vec<u8>) -> Answered {
        let began = Instant::now();
        let request = self.client.post(self.url.clone()).headers(headers);
        let (status, answer) = match request.body(body).send().await {
            Ok(mut response) => {
                let status = response.status().as_u16();
                let mut answer = Vec::new();
                while let Ok(Some(chunk)) = response.chunk().await {
                    answer.extend_from_slice(&chunk);
                    if answer.len() >= ANSWER_LIMIT_BYTES {
                        answer.truncate(ANSWER_LIMIT_BYTES);
                        break;
                    }
                }
                (Some(status), String::from_utf8_lossy(&answer).into_owned())
            }
            Err(error) => (
                None,
                format!("(no answer: {})", causes(&error.without_url())),
            ),
        };
        Answered {
            status,
            answer,
            duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// An error with what is behind it: "invalid certificate" says more than "error sending request".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        let next = current.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = current.source();
    }
    text
}

fn parsed(receiver: &str, settings: &Settings) -> Result<Url> {
    let refused = |reason: &str| Error::BaseUrl {
        url: receiver.to_owned(),
        reason: reason.to_owned(),
    };
    let url = Url::parse(receiver).map_err(|error| refused(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refused("a receiver has neither credentials nor a fragment"));
    }
    let is_loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let address: std::result::Result<std::net::IpAddr, _> = host.parse();
            address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback || settings.plain_http == PlainHttp::Anywhere => Ok(url),
        "http" => Err(Error::PlainHttp {
            url: receiver.to_owned(),
        }),
        _ => Err(refused("it must begin with https:// or http://")),
    }
}
