//! What a caller may set about the connection; the defaults are the safe choices.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{SystemClock, TimeSource};

/// How a client connects, waits and repeats.
#[derive(Clone)]
pub struct Settings {
    /// Limit of one exchange, from connecting to the last byte of the answer; 30 s by default.
    pub timeout: Duration,
    /// Limit of connecting, part of the above; 5 s by default.
    pub connect_timeout: Duration,
    /// Whether a proxy may stand between; none by default.
    pub proxy: ProxyChoice,
    /// Where `http://` is allowed; loopback by default.
    pub plain_http: PlainHttp,
    /// Whose certificates are believed on `https://`; those that the machine believes by default.
    pub trust: Trust,
    /// How often and after which pause a repeatable call is repeated.
    pub retry: Retry,
    /// Where the time comes from; the machine's clock by default.
    pub time: Arc<dyn TimeSource>,
    /// Who is told of every exchange; nobody by default.
    pub observer: Option<Arc<dyn Observer>>,
}

/// Is told of every exchange with the server, for evidence or for a log.
///
/// A login shows neither what it sent nor what came back, and headers are never shown. Everything
/// else is shown as it was, numbers of cards included where a call reveals them.
pub trait Observer: Send + Sync {
    /// An exchange is over.
    fn exchanged(&self, exchange: &Exchange<'_>);
}

/// One request and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, without its query.
    pub path: &'a str,
    /// The body that was sent; empty where there was none.
    pub request_body: &'a str,
    /// The status of the answer; none where no answer came.
    pub status: Option<u16>,
    /// The body of the answer.
    pub response_body: &'a str,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            proxy: ProxyChoice::Direct,
            plain_http: PlainHttp::LoopbackOnly,
            trust: Trust::System,
            retry: Retry {
                attempts: 3,
                pause: Duration::from_millis(200),
                longest_pause: Duration::from_secs(30),
            },
            time: Arc::new(SystemClock),
            observer: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("proxy", &self.proxy)
            .field("plain_http", &self.plain_http)
            .field("trust", &self.trust)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// Whether a proxy may stand between client and server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// Connect to the server itself, whatever the environment says.
    Direct,
    /// Take the proxy that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name.
    FromEnvironment,
}

/// Where unencrypted `http://` is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only to `localhost`, `127.0.0.0/8` and `::1`.
    LoopbackOnly,
    /// Anywhere; for a network that is protected in another way.
    Anywhere,
}

/// Whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those of the machine's authorities.
    System,
    /// Those in this PEM text and no others: what a sandbox signed for itself.
    Only(String),
}

/// How a repeatable call is repeated when the connection fails or the server says that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often the call is made at most, the first time included; 0 counts as 1.
    pub attempts: u32,
    /// How long to wait before each repetition; longer where the server asks for it in `Retry-After`.
    pub pause: Duration,
    /// The longest wait that a server may ask for. Where it asks for more, its answer is the outcome,
    /// because to come back earlier would be against its word.
    pub longest_pause: Duration,
}

impl Retry {
    /// How long to wait after so many attempts; nothing where there is no further one.
    pub(crate) fn pause_after(
        &self,
        attempts: u32,
        asked_seconds: Option<u64>,
    ) -> Option<Duration> {
        let asked = Duration::from_secs(asked_seconds.unwrap_or(0));
        (attempts < self.attempts && asked <= self.longest_pause).then(|| self.pause.max(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_as_long_as_the_server_asks_unless_that_is_too_long() {
        let retry = Retry {
            attempts: 3,
            pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(30),
        };
        let seconds = |attempts, asked| {
            let pause = retry.pause_after(attempts, asked);
            pause.map(|pause| pause.as_secs())
        };
        assert_eq!(seconds(1, None), Some(2));
        assert_eq!(seconds(1, Some(1)), Some(2), "never less than the setting");
        assert_eq!(seconds(2, Some(30)), Some(30));
        assert_eq!(seconds(1, Some(31)), None, "too long to wait");
        assert_eq!(seconds(3, None), None, "the last attempt");
    }
}
