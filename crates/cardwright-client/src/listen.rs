//! A tenant's events, brought to a program on this machine.
//!
//! A [`Listener`] follows the stream of events of a server and delivers each message to a local URL,
//! one after the other, signed for that URL at the moment it goes out. Nothing is registered with the
//! server, and the server never connects to this machine.
//!
//! What is signed by a secret is signed here, by one that both ends of the forwarding know: the
//! server is told nothing of it. What FinCard signs by the tenant's RSA key comes signed, because that
//! key stays where it is.
//!
//! A message is delivered once, whatever is answered: an event can be sent again, and a program under
//! work fails often. Where the connection breaks, the listener comes back behind the last message
//! that it delivered.

mod blocks;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::receiver::Receiver;
pub use crate::webhook::signing::fresh_secret;
use crate::webhook::signing::{Signer, Unsigned};
use crate::{Error, Result, Secret, Settings, TimeSource, Trust, sandbox};
use blocks::{Block, Blocks};

const STREAM: &str = "/admin/v1/events/stream";
/// The server says something at least every fifteen seconds; after three times that it is gone.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// The longest pause between two tries to come back.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// The longest that a receiver may take, as in a delivery.
const DELIVERY_MAX: Duration = Duration::from_secs(15);

/// What is listened to, and where it goes.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where messages go.
    pub forward: String,
    /// Whose certificates are believed there.
    pub forward_trust: Trust,
    /// In whose words: `finci`, `fincard` or `standard`.
    pub dialect: String,
    /// Which events, in the words of the dialect; none means all.
    pub events: Vec<String>,
    /// The message behind which to begin; without one, with what happens from now on.
    pub after: Option<String>,
    /// What signs: `whsec_` and base64.
    pub secret: Secret,
}

/// A message that was delivered, or was not.
#[derive(Clone, Debug, PartialEq)]
pub struct Forwarded {
    /// When, RFC 3339.
    pub at: String,
    /// Its id.
    pub message_id: String,
    /// What it tells, in the words of the dialect: FinCard's category and type with a dot between.
    pub event: String,
    /// Its number among the events of its card, account or holder.
    pub sequence: i64,
    /// Its body.
    pub body: String,
    /// The status of the answer; none where none came.
    pub status: Option<u16>,
    /// The body of the answer, or why none came.
    pub answer: String,
    /// Whether the answer would have acknowledged a delivery.
    pub is_acknowledged: bool,
    /// How long the receiver took, in milliseconds.
    pub duration_ms: u64,
}

/// What a listener tells of.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// It listens, or listens again.
    Listening,
    /// A message went to the receiver.
    Forwarded(Forwarded),
    /// No message could be made of this event of the server's, for this reason.
    Unsent(String, String),
    /// The connection broke, for this reason; it comes back.
    Interrupted(String),
}

/// Follows a tenant's events.
pub struct Listener {
    operator: sandbox::Client,
    receiver: Receiver,
    signer: Signer,
    dialect: String,
    path: String,
    last: Option<String>,
    pause: Duration,
    time: Arc<dyn TimeSource>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "message_id")]
    id: String,
    event: String,
    category: Option<String>,
    sequence: i64,
    body: String,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct Unsent {
    event: String,
    reason: String,
}

impl Listener {
    /// A listener that has not begun.
    pub fn new(operator: &sandbox::Client, wish: &Wish, settings: &Settings) -> Result<Listener> {
        let to_receiver = Settings {
            timeout: settings.timeout.min(DELIVERY_MAX),
            ..settings.clone()
        };
        Ok(Listener {
            operator: operator.endless(SILENCE_MAX, settings)?,
            receiver: Receiver::new(&wish.forward, &wish.forward_trust, &to_receiver)?,
            signer: Signer::new(&wish.secret)?,
            path: path(wish)?,
            dialect: wish.dialect.clone(),
            last: None,
            pause: settings.retry.pause,
            time: Arc::clone(&settings.time),
        })
    }

    /// Listens until the server says no; what it said. Where it cannot be reached in the beginning,
    /// that is the end too; later it is waited for.
    ///
    /// `tell` is called for each message once it was answered.
    pub async fn run(mut self, mut tell: impl FnMut(Told)) -> Error {
        let mut pause = self.pause;
        let mut has_listened = false;
        loop {
            let broken = match self.operator.open(&self.path, self.last.as_deref()).await {
                Ok(answer) => {
                    has_listened = true;
                    pause = self.pause;
                    tell(Told::Listening);
                    self.follow(answer, &mut tell).await
                }
                Err(error) if !has_listened || is_final(&error) => return error,
                Err(error) => error.to_string(),
            };
            tell(Told::Interrupted(broken));
            rest(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Delivers what a stream says until it ends; why it did.
    async fn follow(
        &mut self,
        mut answer: reqwest::Response,
        tell: &mut impl FnMut(Told),
    ) -> String {
        let mut blocks = Blocks::default();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    if blocks.take(&chunk).is_err() {
                        return "it says something longer than any message".to_owned();
                    }
                }
                Ok(None) => return "the server ended it".to_owned(),
                Err(error) => return error.without_url().to_string(),
            }
            while let Some(block) = blocks.next() {
                if let Some(told) = self.act(&block).await {
                    tell(told);
                }
                // Behind it only now: what was not delivered comes again.
                self.last = block.id.or(self.last.take());
            }
        }
    }

    async fn act(&self, block: &Block) -> Option<Told> {
        match block.event.as_str() {
            "message" => {
                let message = serde_json::from_str(&block.data).ok()?;
                Some(Told::Forwarded(self.forward(message).await))
            }
            "unsent" => {
                let unsent: Unsent = serde_json::from_str(&block.data).ok()?;
                Some(Told::Unsent(unsent.event, unsent.reason))
            }
            _ => None,
        }
    }

    async fn forward(&self, message: Message) -> Forwarded {
        let now = self.time.unix_seconds();
        let headers = self.headers(&message, now);
        let body = message.body.clone().into_bytes();
        let answered = self.receiver.post(headers, body).await;
        let at = jiff::Timestamp::from_second(now).map(|time| time.to_string());
        Forwarded {
            at: at.unwrap_or_default(),
            is_acknowledged: self.is_acknowledged(answered.status, &answered.answer),
            message_id: message.id,
            event: message.event,
            sequence: message.sequence,
            body: message.body,
            status: answered.status,
            answer: answered.answer,
            duration_ms: answered.duration_ms,
        }
    }

    /// As the server's own deliveries have them.
    fn headers(&self, message: &Message, now: i64) -> HeaderMap {
        let what = Unsigned {
            id: &message.id,
            target: &self.receiver.target(),
            body: message.body.as_bytes(),
            at: now,
        };
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            (
                "user-agent",
                concat!("cardwright/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
        ];
        headers.extend(self.signer.standard(what));
        match self.dialect.as_str() {
            "finci" => headers.extend(self.signer.finci(what)),
            "fincard" => {
                if let Some(signature) = &message.signature {
                    headers.push(("x-fc-signature", signature.clone()));
                    headers.push(("x-wsb-signature", signature.clone()));
                }
                if let Some(category) = &message.category {
                    headers.push(("x-wsb-category", category.clone()));
                }
                headers.push(("x-wsb-request-id", message.id.clone()));
            }
            _ => {}
        }
        headers
            .into_iter()
            .filter_map(|(name, value)| {
                let name = HeaderName::try_from(name).ok()?;
                Some((name, HeaderValue::try_from(value).ok()?))
            })
            .collect()
    }

    fn is_acknowledged(&self, status: Option<u16>, answer: &str) -> bool {
        let is_success = status.is_some_and(|status| (200..300).contains(&status));
        let says_so = || {
            let answer: Option<serde_json::Value> = serde_json::from_str(answer).ok();
            answer.is_some_and(|answer| answer["success"] == true)
        };
        is_success && (self.dialect != "fincard" || says_so())
    }
}

fn path(wish: &Wish) -> Result<String> {
    // All that these texts can be; anything else would be a refusal of the server's.
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    for text in wish.events.iter().chain(&wish.after).chain([&wish.dialect]) {
        if text.is_empty() || !text.bytes().all(is_word) {
            return Err(Error::Id { id: text.clone() });
        }
    }
    let mut path = format!("{STREAM}?dialect={}", wish.dialect);
    if let Some(after) = &wish.after {
        path = format!("{path}&after={after}");
    }
    if !wish.events.is_empty() {
        path = format!("{path}&events={}", wish.events.join(","));
    }
    Ok(path)
}

/// Whether coming back is of no use.
fn is_final(error: &Error) -> bool {
    match error {
        Error::Refused(refused) => {
            (400..500).contains(&refused.status) && ![408, 429].contains(&refused.status)
        }
        error => !error.is_transient(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server that is gone is asked again after a while, and nothing tells when it is back"
)]
async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}
