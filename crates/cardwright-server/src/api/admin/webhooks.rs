//! Where a tenant's events are delivered to, and the keys that sign them.

use axum::{extract::State, response::Response};
use cardwright_core::{EndpointId, Record, WebhookDialect};
use cardwright_wire::{
    instant::Rfc3339,
    kind::{GivenId, Hidden},
    native::{Empty, List, RecordId, admin::webhooks as wire},
};
use jiff::SignedDuration;

use crate::{
    api::native::{NoBody, Operated, page, record},
    app::App,
    error::Result,
    ops::webhook_endpoints::{self as ops, EndpointChange, NewEndpoint, Overlap, Pinged},
    secrets::Secret,
    store::{
        ReadTx,
        webhook_endpoints::{self, Endpoint, EndpointState},
        webhook_keys::{self, StoredKey},
    },
    webhooks::sender::Outcome,
};

/// The name of an endpoint's id in a path.
const ID: &str = "webhook_endpoint_id";
/// How much of an answer is shown.
const SHOWN_BYTES: usize = 2 * 1024;
/// What is kept where an operator gives no reason.
const BY_OPERATOR: &str = "disabled by an operator";

/// `POST webhook-endpoints`
pub(super) async fn create(
    State(app): State<App>,
    operated: Operated<wire::CreateEndpoint>,
) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            let new = NewEndpoint {
                target: ops::target(app.sender(), &asked.url)?,
                dialect: dialect_in(asked.dialect),
                events: asked.events,
                timeout_ms: asked.timeout_ms,
                headers: headers_in(&asked.headers),
                secret: asked.secret.as_ref().map(secret_in),
            };
            let (made, secret) = ops::register(app, &scope, new).await?;
            let shown = app.read(scope.tenant, async move |tx| shown(tx, made).await);
            Ok(with_secret(shown.await?, &secret))
        })
        .await
}

/// `GET webhook-endpoints`
pub(super) async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let read = async |tx: &mut _, after: Option<i64>, limit| {
                let decider = webhook_endpoints::decider(tx).await?;
                let decides = move |of: &Endpoint| decider.as_ref().is_some_and(|d| d.id == of.id);
                let found = webhook_endpoints::list(tx, after.unwrap_or(0), limit).await?;
                let rows = found.into_iter().map(|one| (Decides(decides(&one)), one));
                Ok(rows.collect())
            };
            let list = ("webhook_endpoints", &asked.paging);
            let shown = |(decides, endpoint)| shown_as(endpoint, decides);
            page(tx, list, read, |(_, endpoint)| endpoint.id.get(), shown).await
        })
        .await
}

/// `GET webhook-endpoints/{webhook_endpoint_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id(ID);
    operated
        .answer(&app, async move |tx| {
            let found = webhook_endpoints::find(tx, id(given)?).await?;
            shown(tx, found).await
        })
        .await
}

/// `PATCH webhook-endpoints/{webhook_endpoint_id}`
pub(super) async fn change(
    State(app): State<App>,
    operated: Operated<wire::ChangeEndpoint>,
) -> Response {
    let given = operated.id(ID);
    let sender = app.sender().clone();
    operated
        .change(&app, async move |tx, asked| {
            let target = asked.url.map(|url| ops::target(&sender, &url));
            let change = EndpointChange {
                target: target.transpose()?,
                events: asked.events,
                timeout_ms: asked.timeout_ms,
                headers: asked.headers.as_deref().map(headers_in),
            };
            let endpoint = ops::change(tx, id(given)?, change).await?;
            shown(tx, endpoint).await
        })
        .await
}

/// `DELETE webhook-endpoints/{webhook_endpoint_id}`
pub(super) async fn remove(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, _| {
            let endpoint = ops::remove(tx, id(given)?).await?;
            shown(tx, endpoint).await
        })
        .await
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/disable`
pub(super) async fn disable(State(app): State<App>, operated: Operated<wire::Disable>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, asked| {
            let reason = asked.reason.as_deref().unwrap_or(BY_OPERATOR);
            let endpoint = ops::disable(tx, id(given)?, reason).await?;
            shown(tx, endpoint).await
        })
        .await
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/enable`
pub(super) async fn enable(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, _| {
            let endpoint = ops::enable(tx, id(given)?).await?;
            shown(tx, endpoint).await
        })
        .await
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/rotate`
pub(super) async fn rotate(
    State(app): State<App>,
    operated: Operated<wire::RotateSecret>,
) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, asked| {
            let overlap = Overlap {
                overlap: SignedDuration::from_secs(asked.overlap.overlap_s),
                switch_after: SignedDuration::from_secs(asked.overlap.switch_after_s),
            };
            let secret = asked.secret.as_ref().map(secret_in);
            let (endpoint, secret) = ops::rotate(tx, id(given)?, overlap, secret).await?;
            Ok(with_secret(shown(tx, endpoint).await?, &secret))
        })
        .await
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/ping`
pub(super) async fn ping(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let given = operated.id(ID);
    operated
        .perform(&app, async move |app, scope, _| {
            ops::ping(app, &scope, id(given)?).await.map(pinged)
        })
        .await
}

/// `GET tenants/{tenant_id}/webhook-public-keys`
pub(super) async fn public_keys(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    operated.answer(&app, keys).await
}

/// `POST tenants/{tenant_id}/webhook-keys/rotate`
pub(super) async fn rotate_key(
    State(app): State<App>,
    operated: Operated<wire::RotateKey>,
) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            let after = SignedDuration::from_secs(asked.switch_after_s);
            ops::rotate_key(app, &scope, after).await?;
            app.read(scope.tenant, keys).await
        })
        .await
}

async fn keys(tx: &mut ReadTx) -> Result<wire::WebhookPublicKeys> {
    let all = webhook_keys::all(tx).await?;
    let shown = |key: &StoredKey| wire::WebhookPublicKey {
        public_key_pem: key.public_pem.clone(),
        signs_from: Rfc3339(key.signs_from),
        signs_until: webhook_keys::signs_until(&all, key).map(Rfc3339),
        created_at: Rfc3339(key.created_at),
    };
    // The one that was made last comes first.
    let items = all.iter().rev().map(shown).collect();
    Ok(wire::WebhookPublicKeys { items })
}

fn id(given: GivenId) -> Result<EndpointId> {
    record(given, EndpointId::new, Record::WebhookEndpoint)
}

pub(super) fn dialect_in(dialect: wire::Dialect) -> WebhookDialect {
    match dialect {
        wire::Dialect::Finci => WebhookDialect::Finci,
        wire::Dialect::Fincard => WebhookDialect::Fincard,
        wire::Dialect::Standard => WebhookDialect::Standard,
    }
}

fn dialect_out(dialect: WebhookDialect) -> wire::Dialect {
    match dialect {
        WebhookDialect::Finci => wire::Dialect::Finci,
        WebhookDialect::Fincard => wire::Dialect::Fincard,
        WebhookDialect::Standard => wire::Dialect::Standard,
    }
}

fn headers_in(headers: &[wire::CustomHeader]) -> Vec<(String, String)> {
    let plain =
        |header: &wire::CustomHeader| (header.name.clone(), header.value.expose().to_owned());
    headers.iter().map(plain).collect()
}

fn secret_in(hidden: &Hidden) -> Secret {
    Secret::new(hidden.expose().to_owned())
}

fn with_secret(endpoint: wire::Endpoint, secret: &Secret) -> wire::NewEndpoint {
    wire::NewEndpoint {
        endpoint,
        secret: secret.expose().to_owned(),
    }
}

async fn shown(tx: &mut ReadTx, endpoint: Endpoint) -> Result<wire::Endpoint> {
    let decider = webhook_endpoints::decider(tx).await?;
    let decides = decider.is_some_and(|decider| decider.id == endpoint.id);
    Ok(shown_as(endpoint, Decides(decides)))
}

/// Whether an endpoint is the one that is asked.
struct Decides(bool);

fn shown_as(endpoint: Endpoint, Decides(decides): Decides) -> wire::Endpoint {
    let (state, reason, at) = match endpoint.state {
        EndpointState::Enabled => (wire::State::Enabled, None, None),
        EndpointState::Disabled { reason, at } => (wire::State::Disabled, Some(reason), Some(at)),
    };
    let rotation = endpoint.rotation.as_ref();
    wire::Endpoint {
        id: RecordId(endpoint.id.get()),
        url: endpoint.url,
        dialect: dialect_out(endpoint.dialect),
        events: endpoint.events,
        decides,
        state,
        disabled_reason: reason,
        disabled_at: at.map(Rfc3339),
        timeout_ms: endpoint.timeout_ms,
        header_names: endpoint.header_names,
        previous_secret_until: rotation.map(|rotation| Rfc3339(rotation.until)),
        secret_switches_at: rotation.map(|rotation| Rfc3339(rotation.switches_at)),
        created_at: Rfc3339(endpoint.created_at),
        updated_at: Rfc3339(endpoint.updated_at),
    }
}

fn pinged(pinged: Pinged) -> wire::Ping {
    let outcome = pinged.attempt.outcome;
    let (status, answer) = match &outcome {
        Outcome::Answered(answer) => {
            let beginning = &answer.body[..answer.body.len().min(SHOWN_BYTES)];
            let text = String::from_utf8_lossy(beginning).into_owned();
            (Some(answer.status), Some(text))
        }
        Outcome::TimedOut | Outcome::Refused(_) | Outcome::Failed(_) => (None, None),
    };
    wire::Ping {
        webhook_endpoint_id: RecordId(pinged.endpoint.get()),
        event_id: pinged.event_id,
        acknowledged: pinged.acknowledged,
        outcome: outcome.word().to_owned(),
        status,
        duration_ms: i64::try_from(pinged.attempt.duration.as_millis()).unwrap_or(i64::MAX),
        answer,
        reason: outcome.reason(),
    }
}
