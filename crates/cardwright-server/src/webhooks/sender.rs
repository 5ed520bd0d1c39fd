//! Sending: one POST over a guarded connection, and what came of it.
//!
//! Law: no redirect is followed, no proxy is used, an answer is read up to [`ANSWER_BYTES_MAX`],
//! and a POST ends within its limit whatever the other side does. Deadlines are real time, which
//! tokio keeps, so that tests can pause it; what is recorded goes by the clock that is handed in.
//!
//! Questions that somebody waits for have connections of their own: however many deliveries hang,
//! a decision does not queue behind them. Of either kind there are only so many, those that rest
//! included: whoever needs one more waits for it, within its limit.

mod link;

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use cardwright_core::Timestamp;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Bytes};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Instant;

use super::guard::{Barred, Guard};
use super::target::{Plain, Target};
use crate::capacity::Capacity;
use crate::clock::Clock;
pub use link::Trust;
use link::{Connector, Unlinked};

/// The longest that anything may take, from looking the name up to the end of the answer.
pub const LONGEST: Duration = Duration::from_secs(15);
/// How much of an answer is read.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// The largest head of an answer.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How many headers an answer may have.
const HEADERS_MAX: usize = 64;
/// How long a connection that nobody uses is kept. Not longer, because what lies between forgets
/// connections without telling, and each takes one of those that there may be.
const IDLE: Duration = Duration::from_mins(1);
/// How many connections to one host are kept for deliveries, and how many for decisions: of their
/// three seconds none should go into looking a name up and making a connection.
const KEPT_FOR_DELIVERIES: usize = 4;
const KEPT_FOR_DECISIONS: usize = 16;

/// What a POST is for: each has connections of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// An event, or a ping. Nobody waits for the answer.
    Delivery,
    /// A question that the card network waits for.
    Decision,
}

/// A POST.
#[derive(Clone)]
pub struct Outgoing<'a> {
    /// Where to.
    pub target: &'a Target,
    /// What for.
    pub purpose: Purpose,
    /// All headers but `Host` and the length of the body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it may take; never more than [`LONGEST`].
    pub limit: Duration,
}

/// Without body and values of headers: they hold signatures and secrets of the tenant's.
impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Outgoing")
            .field("target", &self.target)
            .field("purpose", &self.purpose)
            .field("headers", &names)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// What came of a POST.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When it began, in real time.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a POST ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// With an answer, whatever it says.
    Answered(Answer),
    /// Not in time.
    TimedOut,
    /// Nothing was connected to: the address is not delivered to, or the URL must not be used.
    Refused(Refused),
    /// The connection could not be made, or broke.
    Failed(String),
}

impl Outcome {
    /// The word for metrics, logs and answers.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Answered(_) => "answered",
            Outcome::TimedOut => "timed_out",
            Outcome::Refused(_) => "refused",
            Outcome::Failed(_) => "failed",
        }
    }

    /// What an operator should know about an end without an answer.
    pub fn reason(&self) -> Option<String> {
        match self {
            Outcome::Answered(_) => None,
            Outcome::TimedOut => Some("no complete answer in time".to_owned()),
            Outcome::Refused(refused) => Some(refused.to_string()),
            Outcome::Failed(what) => Some(what.clone()),
        }
    }
}

/// Why nothing was connected to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The address is not delivered to.
    Address(Barred),
    /// Only `https` is used in production.
    Plain,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Address(barred) => barred.fmt(f),
            Refused::Plain => f.write_str("only https is used in production"),
        }
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body, or as much of it as is read.
    pub body: Vec<u8>,
    /// When to try again, if it says so.
    pub retry_after: Option<RetryAfter>,
}

impl Answer {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// When to try again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetryAfter {
    /// So much later.
    In(Duration),
    /// Then.
    At(Timestamp),
}

/// Sends to endpoints. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Sender {
    deliveries: Client<Connector, Full<Bytes>>,
    decisions: Client<Connector, Full<Bytes>>,
    guard: Guard,
    plain: Plain,
    clock: Clock,
}

impl Sender {
    /// A sender behind this guard, with its share of what may be open.
    pub fn new(
        (guard, plain): (Guard, Plain),
        trust: Trust,
        capacity: &Capacity,
        clock: Clock,
    ) -> Sender {
        let connector = Connector::new(guard.clone(), trust);
        Sender {
            deliveries: client(
                connector.clone().having(capacity.deliveries),
                KEPT_FOR_DELIVERIES,
            ),
            decisions: client(connector.having(capacity.decisions), KEPT_FOR_DECISIONS),
            guard,
            plain,
            clock,
        }
    }

    /// Whether URLs may say `http` here.
    pub fn plain(&self) -> Plain {
        self.plain
    }

    /// Why a URL will never be delivered to, as far as it can be told before a name is looked up.
    pub fn against(&self, target: &Target) -> Option<Refused> {
        if self.plain == Plain::Refused && target.uri().scheme_str() != Some("https") {
            return Some(Refused::Plain);
        }
        let address = target.address()?;
        self.guard.judge(address).err().map(Refused::Address)
    }

    /// Sends, and waits for the answer or the limit.
    pub async fn post(&self, outgoing: Outgoing<'_>) -> Attempt {
        let started_at = self.clock.now();
        let began = Instant::now();
        let limit = outgoing.limit.min(LONGEST);
        let outcome = match self.against(outgoing.target) {
            Some(refused) => Outcome::Refused(refused),
            None => tokio::time::timeout(limit, self.exchange(outgoing))
                .await
                .unwrap_or(Outcome::TimedOut),
        };
        Attempt {
            started_at,
            duration: began.elapsed(),
            outcome,
        }
    }

    async fn exchange(&self, outgoing: Outgoing<'_>) -> Outcome {
        let client = match outgoing.purpose {
            Purpose::Delivery => &self.deliveries,
            Purpose::Decision => &self.decisions,
        };
        let request = match request(outgoing) {
            Ok(request) => request,
            Err(what) => return Outcome::Failed(what),
        };
        match client.request(request).await {
            Ok(response) => answer(response).await,
            Err(error) => failure(&error),
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

fn client(connector: Connector, kept: usize) -> Client<Connector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(kept)
        .http1_max_buf_size(HEAD_BYTES_MAX)
        .http1_max_headers(HEADERS_MAX)
        .build(connector)
}

fn request(outgoing: Outgoing<'_>) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::new(Full::new(Bytes::from(outgoing.body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = outgoing.target.uri();
    for (name, value) in outgoing.headers {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        let value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        request.headers_mut().append(name, value);
    }
    Ok(request)
}

/// An answer that ends too early is none: half of a body may say the contrary of the whole.
async fn answer(response: Response<hyper::body::Incoming>) -> Outcome {
    let (head, mut body) = response.into_parts();
    let mut read = Vec::new();
    while !body.is_end_stream() {
        let frame = match body.frame().await {
            None => break,
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Outcome::Failed(told(&error)),
        };
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        let wanted = bytes.len().min(ANSWER_BYTES_MAX - read.len());
        read.extend_from_slice(&bytes[..wanted]);
        if read.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
    Outcome::Answered(Answer {
        status: head.status.as_u16(),
        body: read,
        retry_after: retry_after(&head.headers),
    })
}

/// RFC 9110, section 10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.parse().unwrap_or(u64::from(u32::MAX));
        return Some(RetryAfter::In(Duration::from_secs(seconds)));
    }
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(RetryAfter::At(zoned.timestamp()))
}

fn failure(error: &hyper_util::client::legacy::Error) -> Outcome {
    let mut cause = error.source();
    while let Some(current) = cause {
        if let Some(Unlinked::Barred(barred)) = current.downcast_ref::<Unlinked>() {
            return Outcome::Refused(Refused::Address(*barred));
        }
        cause = current.source();
    }
    Outcome::Failed(told(error))
}

/// The whole chain of causes on one line; the last one is what a reader needs.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        let next = current.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = current.source();
    }
    text.chars().filter(|letter| !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<RetryAfter> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).expect("a value"));
        retry_after(&headers)
    }

    #[test]
    fn when_to_try_again_is_a_number_of_seconds_or_a_date() {
        assert_eq!(read("120"), Some(RetryAfter::In(Duration::from_mins(2))));
        assert_eq!(read(" 0 "), Some(RetryAfter::In(Duration::ZERO)));
        let at = "2026-11-21T12:00:30Z".parse().expect("a time");
        let date = "Sat, 21 Nov 2026 12:00:30 GMT";
        assert_eq!(read(date), Some(RetryAfter::At(at)));
        for wrong in ["", "soon", "-1", "1.5", "Sat, 32 Nov 2026 12:00:30 GMT"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
