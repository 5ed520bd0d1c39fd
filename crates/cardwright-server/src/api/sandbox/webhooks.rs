//! Deliveries made faulty on purpose.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{delete, get, post, put},
};
use cardwright_core::{EndpointId, EventId, Record};
use cardwright_wire::{
    kind::GivenId,
    native::{
        Empty, RecordId,
        admin::events::Resent,
        sandbox::webhooks::{DeliverEvent, EndpointFaults, Faults, PlanFaults},
    },
};
use jiff::SignedDuration;

use crate::{
    api::{
        native::{NoBody, Operated, record},
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    error::{Error, Result},
    ops::deliveries::{self as ops, Receivers},
    store::{
        admin_keys::Role,
        webhook_endpoints::{self, Endpoint},
    },
    webhooks::faults::FaultPlan,
};

const FAULTS: BodyDoc = BodyDoc {
    name: "EndpointFaultsAnswer",
    schema: answer_schema::<EndpointFaults>,
};

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::PUT,
        path: "/webhook-endpoints/{webhook_endpoint_id}/faults",
        summary: "Plans what goes wrong with the messages to an endpoint",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<PlanFaults>()),
        answer: FAULTS,
        effect: Effect::Changes,
        handler: || put(plan),
    },
    Route {
        method: Method::GET,
        path: "/webhook-endpoints/{webhook_endpoint_id}/faults",
        summary: "Reads what goes wrong with the messages to an endpoint",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: FAULTS,
        effect: Effect::Reads,
        handler: || get(read),
    },
    Route {
        method: Method::DELETE,
        path: "/webhook-endpoints/{webhook_endpoint_id}/faults",
        summary: "Lets nothing go wrong with the messages to an endpoint any more",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<Empty>()),
        answer: FAULTS,
        effect: Effect::Changes,
        handler: || delete(end),
    },
    Route {
        method: Method::POST,
        path: "/events/{event_id}/deliver",
        summary: "Delivers an event again, as often and as late as is wanted",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<DeliverEvent>()),
        answer: BodyDoc {
            name: "ResentAnswer",
            schema: answer_schema::<Resent>,
        },
        effect: Effect::Changes,
        handler: || post(deliver),
    },
];

/// `PUT webhook-endpoints/{webhook_endpoint_id}/faults`
async fn plan(State(app): State<App>, operated: Operated<PlanFaults>) -> Response {
    let given = operated.id("webhook_endpoint_id");
    operated
        .change(&app, async move |tx, PlanFaults(faults)| {
            let plan = plan_in(faults)?;
            let endpoint = ops::plan_faults(tx, endpoint(given)?, Some(plan)).await?;
            shown(&endpoint)
        })
        .await
}

/// `GET webhook-endpoints/{webhook_endpoint_id}/faults`
async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id("webhook_endpoint_id");
    operated
        .answer(&app, async move |tx| {
            shown(&webhook_endpoints::find(tx, endpoint(given)?).await?)
        })
        .await
}

/// `DELETE webhook-endpoints/{webhook_endpoint_id}/faults`
async fn end(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let given = operated.id("webhook_endpoint_id");
    operated
        .change(&app, async move |tx, _| {
            shown(&ops::plan_faults(tx, endpoint(given)?, None).await?)
        })
        .await
}

/// `POST events/{event_id}/deliver`
async fn deliver(State(app): State<App>, operated: Operated<DeliverEvent>) -> Response {
    let given = operated.event("event_id");
    operated
        .change(&app, async move |tx, asked| {
            let event = record(given, EventId::new, Record::Event)?.get();
            let to = match asked.endpoint {
                Some(given) => Receivers::One(endpoint(given)?),
                None => Receivers::All,
            };
            let times = u8::try_from(asked.times).map_err(|_| Error::Invalid("times"))?;
            let after = SignedDuration::from_millis(asked.after_ms);
            let messages = ops::deliver(tx, event, to, (times, after)).await?;
            Ok(Resent { messages })
        })
        .await
}

fn endpoint(given: GivenId) -> Result<EndpointId> {
    record(given, EndpointId::new, Record::WebhookEndpoint)
}

fn plan_in(faults: Faults) -> Result<FaultPlan> {
    let percent = |percent: i64, field| u8::try_from(percent).map_err(|_| Error::Invalid(field));
    let ms = |ms: i64, field| u32::try_from(ms).map_err(|_| Error::Invalid(field));
    Ok(FaultPlan {
        seed: faults.seed.unsigned_abs(),
        behind: 0,
        duplicate_percent: percent(faults.duplicate_percent, "duplicate_percent")?,
        delay_percent: percent(faults.delay_percent, "delay_percent")?,
        delay_ms: Some(ms(faults.delay_ms, "delay_ms")?),
        reorder_percent: percent(faults.reorder_percent, "reorder_percent")?,
        drop_percent: percent(faults.drop_percent, "drop_percent")?,
        slow_percent: percent(faults.slow_percent, "slow_percent")?,
        slow_ms: Some(ms(faults.slow_ms, "slow_ms")?),
        wrong_signature_percent: percent(
            faults.wrong_signature_percent,
            "wrong_signature_percent",
        )?,
        truncate_percent: percent(faults.truncate_percent, "truncate_percent")?,
        server_error_percent: percent(faults.server_error_percent, "server_error_percent")?,
    })
}

fn shown(endpoint: &Endpoint) -> Result<EndpointFaults> {
    let plan = endpoint.fault_plan.as_deref().map(FaultPlan::read);
    let faults = plan.transpose()?.map(|plan| Faults {
        seed: i64::try_from(plan.seed).unwrap_or(i64::MAX),
        duplicate_percent: plan.duplicate_percent.into(),
        delay_percent: plan.delay_percent.into(),
        delay_ms: plan.delay_ms.unwrap_or_default().into(),
        reorder_percent: plan.reorder_percent.into(),
        drop_percent: plan.drop_percent.into(),
        slow_percent: plan.slow_percent.into(),
        slow_ms: plan.slow_ms.unwrap_or_default().into(),
        wrong_signature_percent: plan.wrong_signature_percent.into(),
        truncate_percent: plan.truncate_percent.into(),
        server_error_percent: plan.server_error_percent.into(),
    });
    Ok(EndpointFaults {
        webhook_endpoint_id: RecordId(endpoint.id.get()),
        faults,
    })
}
