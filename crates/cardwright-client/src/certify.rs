//! The go-live scenarios of a FINCI integration, run against a webhook receiver and a sandbox.
//!
//! [`run`] plays the twelve scenarios in order. It stands between the sandbox and the receiver: a
//! relay of its own is registered as the tenant's endpoint and passes every delivery on to the
//! receiver, byte for byte and under the same path and query, so that signatures stay valid. That is
//! how it sees what was asked, what was answered and how fast; how it sends a delivery twice; and how
//! it keeps an answer back until the platform has given up waiting for it.
//!
//! What a receiver does with its own money is seen by what it answers afterwards. A receiver under
//! test gives every card it has not seen a known balance ([`Plan::card_balance`]); after each story
//! it is asked for exactly what must be left. A delivery that was booked twice, a reversal that was
//! forgotten, a late approval that was never released: each leaves something else.
//!
//! Beyond the contract it looks at what a receiver should do all the same: refuse what the platform
//! did not sign, or signed long ago, and count increments. That is in the report and changes no
//! verdict.
//!
//! Nothing is thrown away when a scenario fails: every exchange with the sandbox, every delivery and
//! every answer is in the [`Report`].

mod hardening;
mod page;
mod report;
mod scenarios;
mod stage;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::certify::report::Evidence;
use crate::certify::stage::Stage;
use crate::receiver::Receiver;
use crate::relay::{Relay, Sink};
use crate::{Error, Result, SandboxFile, Secret, Settings, Trust, finci, sandbox};

pub use crate::relay::Delivery;
pub use report::{Check, ExchangeTrace, Report, Scenario, Verdict};

/// What is certified, where, and what the receiver promised.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the receiver takes deliveries.
    pub webhook_url: String,
    /// The sandbox's file: where it is, and with which credentials it is called.
    pub sandbox: SandboxFile,
    /// Where the sandbox is, if not where its file says.
    pub base_url: Option<String>,
    /// Where the relay listens; port 0 is any free one. The sandbox must reach it there.
    pub relay: String,
    /// What a card that the receiver has not seen has, in cents of [`Plan::currency`].
    pub card_balance_cents: i64,
    /// The currency of the accounts: one with two decimals.
    pub currency: String,
    /// How the sandbox and the receiver are reached.
    pub settings: Settings,
    /// Whose certificates are believed of the receiver; [`Settings::trust`] is about the sandbox.
    pub receiver_trust: Trust,
}

impl Plan {
    /// A plan with what most receivers promise: 1000.00 EUR on every new card.
    pub fn new(webhook_url: &str, sandbox: SandboxFile) -> Plan {
        Plan {
            webhook_url: webhook_url.to_owned(),
            sandbox,
            base_url: None,
            relay: "127.0.0.1:0".to_owned(),
            card_balance_cents: 100_000,
            currency: "EUR".to_owned(),
            settings: Settings::default(),
            receiver_trust: Trust::System,
        }
    }
}

/// Runs the scenarios; what was seen and what is made of it.
///
/// An error says that nothing could be run: the sandbox cannot be reached, the relay cannot listen.
/// What the tenant had before, its endpoints and who decides, it has again afterwards.
pub async fn run(plan: &Plan) -> Result<Report> {
    let evidence = Arc::new(Evidence::new(Arc::clone(&plan.settings.time)));
    let settings = Settings {
        observer: Some(Arc::clone(&evidence) as _),
        ..plan.settings.clone()
    };
    let base_url = match &plan.base_url {
        Some(url) => url.clone(),
        None => plan.sandbox.base_url().map_err(unusable)?.to_owned(),
    };
    let key = plan.sandbox.admin_key().map_err(unusable)?;
    let operator = sandbox::Client::with_settings(&base_url, key, &settings)?;
    let credentials = plan.sandbox.finci().map_err(unusable)?;
    let finci = finci::Client::with_settings(&base_url, credentials, settings)?;
    let receiver = Receiver::new(&plan.webhook_url, &plan.receiver_trust, &plan.settings)?;
    let relay = Relay::start(receiver, &plan.relay, Arc::clone(&evidence)).await?;
    let tenant = plan.sandbox.tenant_id().map_err(unusable)?;
    let tenant = format!("/admin/v1/tenants/{tenant}");
    let mut before = Before::default();
    let prepared = prepare(&operator, &relay, (&tenant, &mut before)).await;
    if let Err(error) = prepared {
        // What was changed before it failed is put back; what is told is why it failed.
        let _unrestored = restore(&operator, &before, &tenant).await;
        return Err(error);
    }
    let stage = Stage {
        finci,
        operator: operator.clone(),
        relay: &relay,
        evidence: Arc::clone(&evidence),
        plan,
        product_id: plan.sandbox.finci_product_id().map_err(unusable)?,
        run: evidence.run_name(),
        secret: before.secret.clone().unwrap_or_else(|| Secret::new("")),
    };
    let scenarios = scenarios::play(&stage).await;
    let hardening = hardening::play(&stage).await;
    let restored = restore(&operator, &before, &tenant).await;
    let report = evidence.report((&plan.webhook_url, &base_url), (scenarios, hardening));
    restored.map(|()| report)
}

fn unusable(_: crate::SandboxFileFault) -> Error {
    Error::Credentials {
        reason: "sandbox.json lacks what a certification needs: base_url, admin.api_key, \
                 finci.token, finci.secret, finci.product_id, fincard.tenant_id",
    }
}

/// What the tenant had before the run, as far as the run has changed it.
#[derive(Default)]
struct Before {
    endpoint_id: Option<String>,
    secret: Option<Secret>,
    set_aside: Vec<String>,
    /// The one that decides, and its filter.
    decider: Option<(String, Value)>,
    decisioning: Option<Value>,
}

/// The word of a filter that makes an endpoint the one that decides.
const DECISION: &str = "decision";

const ENDPOINTS: &str = "/admin/v1/webhook-endpoints";

/// Registers the relay, sets other FINCI endpoints aside, and lets the integrator decide. What it
/// changes it notes first, so that all of it can be put back wherever it stops.
async fn prepare<S: Sink>(
    operator: &sandbox::Client,
    relay: &Relay<S>,
    (tenant, before): (&str, &mut Before),
) -> Result<()> {
    for endpoint in endpoints(operator).await? {
        let Some(id) = endpoint["id"].as_str() else {
            continue;
        };
        if endpoint["state"] == "enabled" {
            let reason = json!({"reason": "a certification runs"});
            before.set_aside.push(id.to_owned());
            operator
                .post(&format!("{ENDPOINTS}/{id}/disable"), &reason)
                .await?;
        }
        // Nobody else is asked as long as another one says that it decides.
        let words = endpoint["events"].as_array().into_iter().flatten();
        if words.clone().any(|word| word == DECISION) {
            let others: Vec<&Value> = words.filter(|word| *word != DECISION).collect();
            // No word at all would mean every one.
            let events = if others.is_empty() {
                json!(["authorization"])
            } else {
                json!(others)
            };
            before.decider = Some((id.to_owned(), endpoint["events"].clone()));
            operator
                .patch(&format!("{ENDPOINTS}/{id}"), &json!({"events": events}))
                .await?;
        }
    }
    let endpoint = json!({"url": relay.url(), "dialect": "finci"});
    let endpoint = operator.post(ENDPOINTS, &endpoint).await?.json()?;
    before.endpoint_id = endpoint["id"].as_str().map(str::to_owned);
    before.secret = endpoint["secret"].as_str().map(Secret::new);
    let decisioning = operator.get(tenant).await?.json()?["decisioning"].clone();
    before.decisioning = Some(decisioning);
    let integrator = json!({"decisioning": "integrator"});
    operator.patch(tenant, &integrator).await?;
    Ok(())
}

/// The tenant's FINCI endpoints, over all pages.
async fn endpoints(operator: &sandbox::Client) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    let mut path = ENDPOINTS.to_owned();
    loop {
        let page = operator.get(&path).await?.json()?;
        for endpoint in page["items"].as_array().into_iter().flatten() {
            if endpoint["dialect"] == "finci" {
                found.push(endpoint.clone());
            }
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{ENDPOINTS}?cursor={cursor}"),
            None => return Ok(found),
        }
    }
}

/// Puts back what was changed: each thing, whatever becomes of the others. The first fault is told.
async fn restore(operator: &sandbox::Client, before: &Before, tenant: &str) -> Result<()> {
    let mut restored = Ok(());
    if let Some(decisioning) = &before.decisioning {
        let decisioning = json!({"decisioning": decisioning});
        let patched = operator.patch(tenant, &decisioning).await;
        restored = restored.and(patched.map(drop));
    }
    if let Some(id) = &before.endpoint_id {
        let deleted = operator.delete(&format!("{ENDPOINTS}/{id}")).await;
        restored = restored.and(deleted.map(drop));
    }
    if let Some((id, events)) = &before.decider {
        let events = json!({"events": events});
        let patched = operator.patch(&format!("{ENDPOINTS}/{id}"), &events).await;
        restored = restored.and(patched.map(drop));
    }
    for id in &before.set_aside {
        let path = format!("{ENDPOINTS}/{id}/enable");
        let enabled = operator.post(&path, &json!({})).await;
        restored = restored.and(enabled.map(drop));
    }
    restored
}
