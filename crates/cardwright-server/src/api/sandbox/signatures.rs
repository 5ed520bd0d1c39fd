//! The debugger of signatures.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{get, post},
};
use cardwright_wire::{
    finci::signature::explain::{Explanation, Mistake, Presentation, Worked},
    instant::Rfc3339,
    native::{
        RecordId,
        sandbox::signatures::{
            ExplainSignature, FailedRequest, FailedRequests, ListFailures, SignatureExplanation,
            WorkedForm,
        },
    },
};

use crate::{
    api::{
        native::Operated,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    ops::signatures,
    request_log::{Entry, Form},
    store::admin_keys::Role,
};

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/signature/explain",
        summary: "Tells why a signature does not match",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<ExplainSignature>()),
        answer: BodyDoc {
            name: "SignatureExplanation",
            schema: answer_schema::<SignatureExplanation>,
        },
        effect: Effect::Reads,
        handler: || post(explain),
    },
    Route {
        method: Method::GET,
        path: "/request-log",
        summary: "Lists the signed requests that failed, and why",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<ListFailures>()),
        answer: BodyDoc {
            name: "FailedRequests",
            schema: answer_schema::<FailedRequests>,
        },
        effect: Effect::Reads,
        handler: || get(list),
    },
];

/// `POST signature/explain`
async fn explain(State(app): State<App>, operated: Operated<ExplainSignature>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let sent = Presentation {
                token: &asked.token,
                method: &asked.method,
                target: &asked.target,
                timestamp: &asked.timestamp,
                body: asked.body.as_bytes(),
                signature: &asked.signature,
            };
            signatures::explain_to_tenant(tx, &sent).await.map(shown)
        })
        .await
}

fn shown(explanation: Explanation) -> SignatureExplanation {
    SignatureExplanation {
        matched_form: explanation.matched_form.map(|form| form.to_string()),
        expected: hex::encode(explanation.expected),
        forms: explanation.forms.iter().map(worked).collect(),
        mistakes: explanation
            .mistakes
            .into_iter()
            .map(Mistake::code)
            .collect(),
    }
}

fn worked(worked: &Worked) -> WorkedForm {
    WorkedForm {
        name: worked.form.to_string(),
        // It is made of texts.
        canonical: String::from_utf8_lossy(&worked.canonical).into_owned(),
        digest: hex::encode(worked.digest),
    }
}

/// `GET request-log`
async fn list(State(app): State<App>, operated: Operated<ListFailures>) -> Response {
    let log = app.clone();
    operated
        .look_up(&app, async move |tx, asked| {
            let after = asked.after.and_then(|after| u64::try_from(after).ok());
            let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
            let entries = log
                .request_log()
                .map(|log| log.of(tx.tenant(), after, limit));
            Ok(FailedRequests {
                items: entries.into_iter().flatten().map(kept).collect(),
            })
        })
        .await
}

fn kept((number, entry): (u64, Entry)) -> FailedRequest {
    let form = |form: &Form| WorkedForm {
        name: form.form.to_string(),
        canonical: String::from_utf8_lossy(&entry.canonical(form)).into_owned(),
        digest: hex::encode(form.digest),
    };
    let forms = entry.forms.iter().map(form).collect();
    let sent = entry.sent;
    FailedRequest {
        number: RecordId(i64::try_from(number).unwrap_or(i64::MAX)),
        at: Rfc3339(entry.at),
        request_id: entry.request_id,
        address: entry.address,
        kind: entry.kind,
        answer: entry.answer,
        detail: entry.detail,
        method: sent.method,
        target: sent.target,
        token: sent.token,
        timestamp: sent.timestamp,
        signature: sent.signature,
        body: sent.body,
        body_bytes: sent.body_bytes,
        matched_form: entry.matched_form,
        expected: entry.expected,
        mistakes: entry.mistakes.into_iter().map(Mistake::code).collect(),
        forms,
    }
}
