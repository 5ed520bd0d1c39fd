//! Stands between the sandbox and the receiver: passes deliveries on as they are, and remembers.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use reqwest::Url;
use reqwest::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, TRANSFER_ENCODING,
};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, timeout};

use super::Plan;
use super::report::{Delivery, Evidence};
use crate::webhook::finci::Event;
use crate::{Error, PlainHttp, ProxyChoice, Result};

/// How long a delivery is waited for. Deliveries are made at once; the wait is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest answer that is kept as evidence.
const ANSWER_LIMIT_BYTES: usize = 16 * 1024;
/// Longest delivery that is passed on.
const DELIVERY_LIMIT_BYTES: usize = 1024 * 1024;

/// The relay, while it runs.
pub(super) struct Relay {
    url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

struct Inner {
    client: reqwest::Client,
    receiver: Url,
    evidence: Arc<Evidence>,
    came: Notify,
    /// Whether answers to questions are kept back now.
    holding: watch::Sender<bool>,
}

impl Relay {
    /// Listens under the path and query of the receiver.
    pub(super) async fn start(plan: &Plan, evidence: Arc<Evidence>) -> Result<Relay> {
        let receiver = receiver(plan)?;
        let unusable = |reason: String| Error::BaseUrl {
            url: plan.relay.clone(),
            reason,
        };
        let listener = TcpListener::bind(&plan.relay)
            .await
            .map_err(|error| unusable(format!("the relay cannot listen there: {error}")))?;
        let address = listener
            .local_addr()
            .map_err(|error| unusable(error.to_string()))?;
        let mut builder = reqwest::Client::builder()
            .timeout(plan.settings.timeout)
            .connect_timeout(plan.settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        if plan.settings.proxy == ProxyChoice::Direct {
            builder = builder.no_proxy();
        }
        if receiver.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
        let mut url = format!("http://{address}{}", receiver.path());
        if let Some(query) = receiver.query() {
            url = format!("{url}?{query}");
        }
        let inner = Arc::new(Inner {
            client: builder.build().map_err(Error::Setup)?,
            receiver,
            evidence,
            came: Notify::new(),
            holding: watch::channel(false).0,
        });
        let app = Router::new().fallback(pass).with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            // Ends when the relay is dropped; what could fail before is a single connection.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Relay { url, inner, server })
    }

    /// Where the sandbox delivers to.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on the sandbox does not get the answers to its questions, until
    /// [`Relay::let_go`]. The receiver is asked as always.
    pub(super) fn hold_back(&self) {
        self.inner.holding.send_replace(true);
    }

    pub(super) fn let_go(&self) {
        self.inner.holding.send_replace(false);
    }

    /// The first delivery like this, once its answer is there; nothing if none comes.
    pub(super) async fn delivery(&self, is_it: impl Fn(&Delivery) -> bool) -> Option<Delivery> {
        let search = async {
            loop {
                let came = self.inner.came.notified();
                tokio::pin!(came);
                // Asked for before looking, so that what comes in between is not missed.
                came.as_mut().enable();
                let found = self.inner.evidence.deliveries();
                if let Some(delivery) = found.into_iter().find(&is_it) {
                    return delivery;
                }
                came.await;
            }
        };
        timeout(PATIENCE, search).await.ok()
    }

    /// Delivers the same bytes again, as a platform does that is not sure of the first time.
    pub(super) async fn again(&self, delivery: &Delivery) -> Delivery {
        let mut headers = HeaderMap::new();
        for (name, value) in &delivery.headers {
            if let (Ok(name), Ok(value)) = (
                reqwest::header::HeaderName::try_from(name),
                reqwest::header::HeaderValue::try_from(value),
            ) {
                headers.append(name, value);
            }
        }
        let repeated = self
            .inner
            .forward(headers, delivery.body.clone().into_bytes())
            .await;
        let repeated = Delivery {
            repeated_by_us: true,
            ..repeated
        };
        self.inner.keep(repeated.clone());
        repeated
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Inner {
    /// Sends a delivery to the receiver; what it was and what came back.
    async fn forward(&self, headers: HeaderMap, body: Vec<u8>) -> Delivery {
        let at = self.evidence.now();
        let shown = headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        let mut delivery = Delivery {
            at,
            headers: shown,
            event: serde_json::from_slice(&body).ok(),
            body: String::from_utf8_lossy(&body).into_owned(),
            status: None,
            answer: String::new(),
            duration_ms: 0,
            repeated_by_us: false,
        };
        let began = Instant::now();
        let request = self.client.post(self.receiver.clone()).headers(headers);
        match request.body(body).send().await {
            Ok(mut response) => {
                delivery.status = Some(response.status().as_u16());
                let mut answer = Vec::new();
                while let Ok(Some(chunk)) = response.chunk().await {
                    answer.extend_from_slice(&chunk);
                    if answer.len() >= ANSWER_LIMIT_BYTES {
                        answer.truncate(ANSWER_LIMIT_BYTES);
                        break;
                    }
                }
                delivery.answer = String::from_utf8_lossy(&answer).into_owned();
            }
            Err(error) => delivery.answer = format!("(no answer: {})", error.without_url()),
        }
        delivery.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        delivery
    }

    fn keep(&self, delivery: Delivery) {
        self.evidence.delivered(delivery);
        self.came.notify_waiters();
    }
}

/// Passes one delivery on, and its answer back.
async fn pass(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, DELIVERY_LIMIT_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut headers = head.headers;
    for of_the_connection in [HOST, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
        headers.remove(of_the_connection);
    }
    // In a task of its own: the platform may hang up before a slow receiver has answered, and that
    // answer is evidence too.
    let passed = Arc::clone(&inner);
    let forwarded = tokio::spawn(async move {
        let delivery = passed.forward(headers, body.to_vec()).await;
        passed.keep(delivery.clone());
        delivery
    });
    let Ok(delivery) = forwarded.await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if delivery.event.as_ref().is_some_and(Event::asks) {
        // An error would say that the relay is gone, and with it whoever waits.
        let _ = inner.holding.subscribe().wait_for(|holds| !holds).await;
    }
    let Some(status) = delivery.status else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let answer = Body::from(delivery.answer);
    (status, [(CONTENT_TYPE, "application/json")], answer).into_response()
}

/// The receiver's URL: `https`, or `http` where that is allowed.
fn receiver(plan: &Plan) -> Result<Url> {
    let refused = |reason: &str| Error::BaseUrl {
        url: plan.webhook_url.clone(),
        reason: reason.to_owned(),
    };
    let url = Url::parse(&plan.webhook_url).map_err(|error| refused(&error.to_string()))?;
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
        "http" if is_loopback || plan.settings.plain_http == PlainHttp::Anywhere => Ok(url),
        "http" => Err(Error::PlainHttp {
            url: plan.webhook_url.clone(),
        }),
        _ => Err(refused("it must begin with https:// or http://")),
    }
}
