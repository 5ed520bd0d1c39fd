//! What integrators were asked about an authorization, and what they said.

use axum::{extract::State, http::Method, response::Response, routing::get};
use cardwright_core::Authorization;
use cardwright_wire::{
    instant::Rfc3339,
    native::{RecordId, admin::decisions as wire},
    response_code::response_code,
};

use crate::{
    api::{
        native::{NoBody, Operated},
        route::{BodyDoc, Effect, Route, answer_schema},
    },
    app::App,
    store::{
        admin_keys::Role,
        authorizations,
        decisions::{self, Asked},
    },
};

/// How many questions an answer has.
const MOST: i64 = 100;

/// The operations.
pub(super) const ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/authorizations/{authorization_id}/decisions",
    summary: "Lists what the integrator was asked about an authorization, and what it said",
    number: None,
    role: Some(Role::Auditor),
    request: None,
    answer: BodyDoc {
        name: "IntegratorDecisionsAnswer",
        schema: answer_schema::<wire::DecisionList>,
    },
    effect: Effect::Reads,
    handler: || get(list),
}];

/// `GET authorizations/{authorization_id}/decisions`
async fn list(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let number = operated.name("authorization_id").to_owned();
    operated
        .answer(&app, async move |tx| {
            let of = authorizations::named(tx, &number).await?;
            let asked = decisions::of_authorization(tx, of.id, MOST).await?;
            Ok(wire::DecisionList {
                items: asked.into_iter().map(|asked| shown(&of, asked)).collect(),
            })
        })
        .await
}

fn shown(of: &Authorization, asked: Asked) -> wire::Decision {
    let question = asked.question;
    let ended = question.outcome.is_some();
    wire::Decision {
        id: RecordId(question.id),
        authorization_id: of.number.clone(),
        kind: question.kind.word(),
        amount: question.amount.minor(),
        currency: question.amount.currency().code().to_owned(),
        billing_amount: question.billing_minor,
        billing_currency: of.billing_currency.code().to_owned(),
        response_code: ended.then(|| response_code(question.declined)),
        outcome: question.outcome,
        network_answer: question.answer,
        duration_ms: asked.duration_ms,
        invalid: asked.invalid,
        late: asked.late,
        late_ms: asked.late_ms,
        created_at: Rfc3339(asked.created_at),
        decided_at: asked.decided_at.map(Rfc3339),
    }
}
