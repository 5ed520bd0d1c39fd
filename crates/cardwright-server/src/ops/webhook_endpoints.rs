//! Endpoints of a tenant's events: registered, changed, tried, their secrets and keys exchanged.
//! Their times are real time.

use std::fmt;

use cardwright_core::{EndpointId, Refusal, Timestamp, WebhookDialect, WebhookRefusal};
use jiff::SignedDuration;
use zeroize::Zeroizing;

use super::programs::{WEBHOOK_SECRET, new_webhook_key, tenant_secret};
use crate::{
    app::App,
    error::{Error, Result},
    secrets::{Secret, generate, webhook_keys::WebhookKey},
    store::{
        Scope, Tx, deliveries, tenants,
        webhook_endpoints::{self, DECISION, Endpoint, EndpointState, OlderSecret, Rotation},
        webhook_keys,
    },
    webhooks::{
        payloads, ping,
        sender::{Attempt, Outcome, Outgoing, Purpose, Sender},
        signing::{self, Keys, Message},
        target::{Plain, Target},
    },
};

/// How many messages end in the write that takes their endpoint away.
const ENDED_WITH_ENDPOINT: i64 = 5_000;
/// How many endpoints a tenant has at most: each may name a host that never answers.
pub const ENDPOINTS_MAX: i64 = 128;
/// How many secrets sign beside the newest at most: each makes every delivery's head longer.
pub const OLDER_MAX: usize = 8;

/// An endpoint that is to be.
#[derive(Clone)]
pub struct NewEndpoint {
    /// Where deliveries go.
    pub target: Target,
    /// In whose words.
    pub dialect: WebhookDialect,
    /// Which events; none means all.
    pub events: Vec<String>,
    /// How long a delivery may take, in milliseconds.
    pub timeout_ms: i64,
    /// Headers of the tenant's own.
    pub headers: Vec<(String, String)>,
    /// What signs; the tenant's own where it is left out, or a new one where it has none.
    pub secret: Option<Secret>,
}

/// Without the values of its headers: they may be secrets of the tenant's.
impl fmt::Debug for NewEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEndpoint")
            .field("target", &self.target)
            .field("dialect", &self.dialect)
            .field("events", &self.events)
            .field("timeout_ms", &self.timeout_ms)
            .field("headers", &names(&self.headers))
            .finish_non_exhaustive()
    }
}

/// What of an endpoint changes; what is absent stays.
#[derive(Clone, Default)]
pub struct EndpointChange {
    /// Where deliveries go.
    pub target: Option<Target>,
    /// Which events; none means all.
    pub events: Option<Vec<String>>,
    /// How long a delivery may take, in milliseconds.
    pub timeout_ms: Option<i64>,
    /// Headers of the tenant's own, in place of all there were.
    pub headers: Option<Vec<(String, String)>>,
}

/// Without the values of its headers: they may be secrets of the tenant's.
impl fmt::Debug for EndpointChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.as_deref().map(names);
        f.debug_struct("EndpointChange")
            .field("target", &self.target)
            .field("events", &self.events)
            .field("timeout_ms", &self.timeout_ms)
            .field("headers", &headers)
            .finish()
    }
}

/// How a secret goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overlap {
    /// How long the old one signs beside the new.
    pub overlap: SignedDuration,
    /// After how long the new one signs alone where only one can.
    pub switch_after: SignedDuration,
}

/// A URL that can be delivered to, as far as that can be told without looking names up: so the reason
/// against it says nothing about what a name stands for inside of our network.
pub fn target(sender: &Sender, url: &str) -> Result<Target> {
    let unfit = |why: String| Error::Unfit("url", why);
    let target = Target::parse(url, sender.plain());
    let target = target.map_err(|fault| unfit(fault.to_string()))?;
    match (sender.against(&target), sender.plain()) {
        (None, _) => Ok(target),
        (Some(why), Plain::Refused) => Err(unfit(why.to_string())),
        (Some(why), Plain::Allowed) => Err(unfit(format!(
            "{why}; a sandbox delivers to what --allow-webhook-target names"
        ))),
    }
}

/// A filter without repeats, of words that the dialect has; a FINCI endpoint may also decide.
pub(super) fn filter(dialect: WebhookDialect, events: Vec<String>) -> Result<Vec<String>> {
    let known = payloads::words(dialect);
    let mut kept: Vec<String> = Vec::with_capacity(events.len());
    for word in events {
        let decides = dialect == WebhookDialect::Finci && word == DECISION;
        if !decides && !known.contains(&word.as_str()) {
            return Err(Error::Invalid("events"));
        }
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    Ok(kept)
}

/// Only one endpoint is asked to decide: which of two would be is nothing to find out by trying.
async fn check_decider(tx: &mut Tx, id: EndpointId, events: &[String]) -> Result<()> {
    if !events.iter().any(|word| word == DECISION) {
        return Ok(());
    }
    match webhook_endpoints::named_decider(tx).await? {
        Some(other) if other != id.get() => {
            Err(Refusal::Webhook(WebhookRefusal::DecidedElsewhere).into())
        }
        Some(_) | None => Ok(()),
    }
}

/// A secret of the one form that all schemes can use.
fn checked(secret: Secret) -> Result<Secret> {
    match signing::decoded(&secret) {
        Some(_) => Ok(secret),
        None => Err(Error::Invalid("secret")),
    }
}

/// Registers an endpoint. Its secret is shown now or never.
pub async fn register(app: &App, scope: &Scope, new: NewEndpoint) -> Result<(Endpoint, Secret)> {
    let key = match new.dialect {
        WebhookDialect::Fincard => first_key(app, scope).await?,
        WebhookDialect::Finci | WebhookDialect::Standard => None,
    };
    app.write(scope, async move |tx| {
        keep_first_key(tx, key).await?;
        insert(tx, new).await
    })
    .await
}

/// Keeps the first key pair of a tenant, unless it has one by now.
pub(super) async fn keep_first_key(tx: &mut Tx, key: Option<WebhookKey>) -> Result<()> {
    if let Some(key) = key
        && webhook_keys::all(tx).await?.is_empty()
    {
        webhook_keys::insert(tx, &key, tx.real_now()).await?;
        tx.audit("webhook_key.create", ("tenant", &tx.tenant().to_string()))
            .await?;
    }
    Ok(())
}

/// A key pair for a tenant that has none yet. It is made outside of any transaction: finding two
/// primes takes its time.
pub(super) async fn first_key(app: &App, scope: &Scope) -> Result<Option<WebhookKey>> {
    let known = app
        .read(scope.tenant, async |tx| webhook_keys::all(tx).await)
        .await?;
    if known.is_empty() {
        new_webhook_key().await.map(Some)
    } else {
        Ok(None)
    }
}

async fn insert(tx: &mut Tx, new: NewEndpoint) -> Result<(Endpoint, Secret)> {
    if webhook_endpoints::count(tx).await? >= ENDPOINTS_MAX {
        return Err(Refusal::Webhook(WebhookRefusal::EndpointLimitReached).into());
    }
    let id = EndpointId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let secret = match new.secret {
        Some(secret) => checked(secret)?,
        None => default_secret(tx).await?,
    };
    let events = filter(new.dialect, new.events)?;
    check_decider(tx, id, &events).await?;
    let now = tx.real_now();
    let endpoint = Endpoint {
        id,
        url: new.target.as_str().to_owned(),
        dialect: new.dialect,
        events,
        state: EndpointState::Enabled,
        secret_sealed: webhook_endpoints::seal_secret(tx, id, &secret)?,
        rotation: None,
        headers_sealed: webhook_endpoints::seal_headers(tx, id, &new.headers)?,
        header_names: names(&new.headers),
        timeout_ms: new.timeout_ms,
        fault_plan: None,
        created_at: now,
        updated_at: now,
    };
    webhook_endpoints::insert(tx, &endpoint).await?;
    audit(tx, "webhook_endpoint.create", id).await?;
    Ok((endpoint, secret))
}

async fn default_secret(tx: &mut Tx) -> Result<Secret> {
    let own: Option<Zeroizing<Vec<u8>>> = tenant_secret(tx, WEBHOOK_SECRET).await?;
    let Some(own) = own else {
        return Ok(generate::webhook_secret(tx.entropy()));
    };
    let text = std::str::from_utf8(&own);
    let text = text.map_err(|_| Error::Corrupt("a webhook secret".to_owned()))?;
    Ok(Secret::new(text.to_owned()))
}

fn names(headers: &[(String, String)]) -> Vec<String> {
    headers.iter().map(|(name, _)| name.clone()).collect()
}

async fn audit(tx: &mut Tx, action: &str, id: EndpointId) -> Result<()> {
    tx.audit(action, ("webhook_endpoint", &id.to_string()))
        .await
}

/// Changes an endpoint.
pub async fn change(tx: &mut Tx, id: EndpointId, change: EndpointChange) -> Result<Endpoint> {
    let before = webhook_endpoints::find(tx, id).await?;
    let events = match change.events {
        Some(events) => filter(before.dialect, events)?,
        None => before.events,
    };
    check_decider(tx, id, &events).await?;
    let (headers_sealed, header_names) = match &change.headers {
        Some(headers) => (
            webhook_endpoints::seal_headers(tx, id, headers)?,
            names(headers),
        ),
        None => (before.headers_sealed, before.header_names),
    };
    let url_before = before.url.clone();
    let after = Endpoint {
        url: change
            .target
            .map_or(before.url, |target| target.as_str().to_owned()),
        events,
        timeout_ms: change.timeout_ms.unwrap_or(before.timeout_ms),
        headers_sealed,
        header_names,
        updated_at: tx.real_now(),
        ..before
    };
    webhook_endpoints::put(tx, &after).await?;
    if after.url != url_before {
        // What another address did not take says nothing about this one.
        deliveries::forget_failures(tx, id).await?;
    }
    audit(tx, "webhook_endpoint.change", id).await?;
    Ok(after)
}

/// Takes an endpoint away; what it was. What waits for it is given up with it, as much as one write
/// can do without keeping others waiting; a job does the rest, and what is on its way.
pub async fn remove(tx: &mut Tx, id: EndpointId) -> Result<Endpoint> {
    let endpoint = webhook_endpoints::find(tx, id).await?;
    webhook_endpoints::remove(tx, id).await?;
    deliveries::endpoint_removed(tx, id, ENDED_WITH_ENDPOINT).await?;
    deliveries::forget_failures(tx, id).await?;
    audit(tx, "webhook_endpoint.remove", id).await?;
    Ok(endpoint)
}

/// Delivers nothing to an endpoint any more. A disabled one keeps its first reason.
pub async fn disable(tx: &mut Tx, id: EndpointId, reason: &str) -> Result<Endpoint> {
    let before = webhook_endpoints::find(tx, id).await?;
    if !before.is_enabled() {
        return Ok(before);
    }
    let after = Endpoint {
        state: EndpointState::Disabled {
            reason: reason.to_owned(),
            at: tx.real_now(),
        },
        updated_at: tx.real_now(),
        ..before
    };
    webhook_endpoints::put(tx, &after).await?;
    tx.audit_reasoned(
        "webhook_endpoint.disable",
        ("webhook_endpoint", &id.to_string()),
        Some(reason),
    )
    .await?;
    Ok(after)
}

/// Delivers to an endpoint again. What it did not take before does not count against it: it was
/// switched on because something is different now.
pub async fn enable(tx: &mut Tx, id: EndpointId) -> Result<Endpoint> {
    let before = webhook_endpoints::find(tx, id).await?;
    if before.is_enabled() {
        return Ok(before);
    }
    let after = Endpoint {
        state: EndpointState::Enabled,
        updated_at: tx.real_now(),
        ..before
    };
    webhook_endpoints::put(tx, &after).await?;
    deliveries::forget_failures(tx, id).await?;
    audit(tx, "webhook_endpoint.enable", id).await?;
    Ok(after)
}

/// Gives an endpoint another secret; those before sign beside it as long as they were promised to.
/// The new one is shown now or never. Where only one can sign, it is the one that consumers hold until
/// the new one has its turn: one that still waits for its own is passed over. No overlap at all ends
/// every older one at once.
pub async fn rotate(
    tx: &mut Tx,
    id: EndpointId,
    overlap: Overlap,
    secret: Option<Secret>,
) -> Result<(Endpoint, Secret)> {
    let before = webhook_endpoints::find(tx, id).await?;
    let now = tx.real_now();
    let new = match secret {
        Some(secret) => checked(secret)?,
        None => generate::webhook_secret(tx.entropy()),
    };
    let later =
        |after: SignedDuration, field| now.checked_add(after).map_err(|_| Error::Invalid(field));
    let until = later(overlap.overlap, "overlap_seconds")?;
    let older = if overlap.overlap.is_zero() {
        Vec::new()
    } else {
        replaced(tx, &before, until)?
    };
    let last = older.iter().map(|one| one.until).max();
    let after = Endpoint {
        secret_sealed: webhook_endpoints::seal_secret(tx, id, &new)?,
        rotation: Some(Rotation {
            sealed: webhook_endpoints::seal_older(tx, id, &older)?,
            until: last.unwrap_or(until),
            switches_at: later(overlap.switch_after, "switch_after_seconds")?,
        }),
        updated_at: now,
        ..before
    };
    webhook_endpoints::put(tx, &after).await?;
    audit(tx, "webhook_endpoint.rotate", id).await?;
    Ok((after, new))
}

/// What signs for an endpoint beside a new secret: the one that consumers hold first, good until then
/// at least, then every other whose time is not over.
fn replaced(tx: &Tx, before: &Endpoint, until: Timestamp) -> Result<Vec<OlderSecret>> {
    let newest = OlderSecret {
        secret: webhook_endpoints::secret(tx, before)?,
        until,
    };
    let mut older = webhook_endpoints::older_secrets(tx, before)?;
    let waits = |rotation: &Rotation| tx.real_now() < rotation.switches_at;
    match older.first_mut() {
        Some(held) if before.rotation.as_ref().is_some_and(waits) => {
            held.until = held.until.max(until);
            older.insert(1, newest);
        }
        Some(_) | None => older.insert(0, newest),
    }
    if older.len() > OLDER_MAX {
        return Err(Refusal::Webhook(WebhookRefusal::SecretLimitReached).into());
    }
    Ok(older)
}

/// Gives the tenant another RSA key pair, which signs after a while; until then, and for whoever
/// still has the old one's signatures to verify, both public halves can be had.
pub async fn rotate_key(app: &App, scope: &Scope, switch_after: SignedDuration) -> Result<()> {
    let key = new_webhook_key().await?;
    app.write(scope, async move |tx| {
        let is_first = webhook_keys::all(tx).await?.is_empty();
        let switch_after = if is_first {
            SignedDuration::ZERO
        } else {
            switch_after
        };
        let signs_from = tx.real_now().checked_add(switch_after);
        let signs_from = signs_from.map_err(|_| Error::Invalid("switch_after_seconds"))?;
        webhook_keys::insert(tx, &key, signs_from).await?;
        tx.audit("webhook_key.rotate", ("tenant", &tx.tenant().to_string()))
            .await
    })
    .await
}

/// What came of a test event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pinged {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The id of the event.
    pub event_id: String,
    /// Whether the answer would acknowledge an event.
    pub acknowledged: bool,
    /// What was sent, and how it ended.
    pub attempt: Attempt,
}

/// Sends one test event, also to an endpoint that is disabled, and waits for the answer.
pub async fn ping(app: &App, scope: &Scope, id: EndpointId) -> Result<Pinged> {
    let resources = app.store().resources();
    let event_id = format!("ping_{}", resources.entropy.uuid().simple());
    let now = app.now();
    let load = async move |tx: &mut crate::store::ReadTx| {
        let endpoint = webhook_endpoints::find(tx, id).await?;
        let keys = Keys::load(tx, &endpoint).await?;
        Ok((endpoint, keys, tenants::current(tx).await?.uuid))
    };
    let (endpoint, keys, tenant_uuid) = app.read(scope.tenant, load).await?;
    let target = Target::parse(&endpoint.url, app.sender().plain())
        .map_err(|_| Error::Corrupt(format!("the URL of webhook endpoint {id}")))?;
    let body = ping::body(endpoint.dialect, &tenant_uuid, (&event_id, now));
    let message = Message {
        id: &event_id,
        category: Some(ping::PING),
        target: &target,
        body: &body,
    };
    let headers = signing::headers(&keys, message, now)?;
    let limit_ms = u64::try_from(endpoint.timeout_ms).unwrap_or_default();
    let attempt = app
        .sender()
        .post(Outgoing {
            target: &target,
            purpose: Purpose::Delivery,
            headers,
            body,
            limit: std::time::Duration::from_millis(limit_ms),
        })
        .await;
    let acknowledged = match &attempt.outcome {
        Outcome::Answered(answer) => {
            ping::acknowledges(endpoint.dialect, (answer.status, &answer.body))
        }
        Outcome::TimedOut | Outcome::Refused(_) | Outcome::Failed(_) => false,
    };
    let outcome = attempt.outcome.word();
    app.write(scope, async move |tx| {
        let subject = id.to_string();
        let subject = ("webhook_endpoint", subject.as_str());
        tx.audit_outcome("webhook_endpoint.ping", subject, outcome)
            .await
    })
    .await?;
    Ok(Pinged {
        endpoint: id,
        event_id,
        acknowledged,
        attempt,
    })
}
