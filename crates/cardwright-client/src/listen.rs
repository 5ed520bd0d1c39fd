//! A tenant's webhooks, brought to a program on this machine.
//!
//! [`Listener::start`] registers an endpoint of its own with the server and passes every delivery on
//! to a local URL, byte for byte and under the same path and query: the signatures are the server's
//! and stay valid. What the local program answers is what the server is answered, a decision about a
//! payment included; while the program is not there, the server keeps what it has to say and sends it
//! again by its schedule.
//!
//! The endpoint outlives the listener, so that nothing is lost between two runs: the next one finds
//! it again, moves it to its own address, and asks for whatever was not taken.
//! [`Listener::end`] removes it.

use std::sync::Arc;

use serde_json::{Value, json};

pub use crate::relay::Delivery;
use crate::relay::{Relay, Sink};
use crate::{Result, Settings, TimeSource, sandbox};

/// A header by which a listener knows its endpoint again.
const MARK: &str = "x-cardwright-listen";
const ENDPOINTS: &str = "/admin/v1/webhook-endpoints";

/// What is listened to, and where it goes.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where deliveries go.
    pub forward: String,
    /// In whose words: `finci`, `fincard` or `standard`.
    pub dialect: String,
    /// Where deliveries come in; port 0 is any free one. The server must reach it there.
    pub listen: String,
    /// What the server is told about which events it tells; none means all.
    pub events: Vec<String>,
}

/// Listens until it is dropped.
pub struct Listener {
    relay: Relay<Told>,
    operator: sandbox::Client,
    endpoint_id: String,
}

/// Tells whoever listens of each delivery.
struct Told {
    time: Arc<dyn TimeSource>,
    tell: Box<dyn Fn(&Delivery) + Send + Sync>,
}

impl Sink for Told {
    fn now(&self) -> String {
        let time = jiff::Timestamp::from_second(self.time.unix_seconds());
        time.map(|time| time.to_string()).unwrap_or_default()
    }

    fn delivered(&self, delivery: Delivery) {
        (self.tell)(&delivery);
    }
}

impl Listener {
    /// Begins to listen; `tell` is called for each delivery once it was answered.
    pub async fn start(
        operator: sandbox::Client,
        wish: &Wish,
        settings: &Settings,
        tell: impl Fn(&Delivery) + Send + Sync + 'static,
    ) -> Result<Listener> {
        let told = Told {
            time: Arc::clone(&settings.time),
            tell: Box::new(tell),
        };
        let places = (wish.forward.as_str(), wish.listen.as_str());
        let relay = Relay::start(places, settings, Arc::new(told)).await?;
        let endpoint_id = match known(&operator, &wish.dialect).await? {
            Some(known) => taken_up(&operator, &known, relay.url(), wish).await?,
            None => registered(&operator, relay.url(), wish).await?,
        };
        Ok(Listener {
            relay,
            operator,
            endpoint_id,
        })
    }

    /// Where the server delivers to.
    pub fn url(&self) -> &str {
        self.relay.url()
    }

    /// The endpoint.
    pub fn endpoint_id(&self) -> &str {
        &self.endpoint_id
    }

    /// Stops for good: the endpoint is removed, and what was still to be said to it with it.
    pub async fn end(self) -> Result<()> {
        let path = format!("{ENDPOINTS}/{}", self.endpoint_id);
        self.operator.delete(&path).await.map(|_| ())
    }
}

/// The endpoint that an earlier listener of this dialect left.
async fn known(operator: &sandbox::Client, dialect: &str) -> Result<Option<Value>> {
    let all = operator.get(ENDPOINTS).await?.json()?;
    let is_ours = |endpoint: &&Value| {
        let names = endpoint["header_names"].as_array();
        endpoint["dialect"] == dialect
            && names.is_some_and(|names| names.iter().any(|name| name == MARK))
    };
    Ok(all["items"]
        .as_array()
        .and_then(|items| items.iter().find(is_ours).cloned()))
}

async fn registered(operator: &sandbox::Client, url: &str, wish: &Wish) -> Result<String> {
    let endpoint = json!({
        "url": url,
        "dialect": wish.dialect,
        "events": wish.events,
        "headers": [{"name": MARK, "value": "1"}],
    });
    let made = operator.post(ENDPOINTS, &endpoint).await?.json()?;
    Ok(made["id"].as_str().unwrap_or_default().to_owned())
}

/// Moves the endpoint here, and asks for what was not taken since it was registered.
async fn taken_up(
    operator: &sandbox::Client,
    known: &Value,
    url: &str,
    wish: &Wish,
) -> Result<String> {
    let id = known["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("{ENDPOINTS}/{id}");
    let moved = json!({"url": url, "events": wish.events});
    operator.patch(&path, &moved).await?;
    if known["state"] == "disabled" {
        operator.post(&format!("{path}/enable"), &json!({})).await?;
    }
    let missing = json!({"from": known["created_at"], "which": "missing"});
    operator.post(&format!("{path}/replay"), &missing).await?;
    Ok(id)
}
