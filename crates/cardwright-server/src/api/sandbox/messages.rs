//! What the card network would send.

use axum::{extract::State, http::Method, response::Response, routing::post};
use cardwright_wire::native::messages::{self as wire, FromSandbox};

use crate::{
    api::{
        native::{
            Operated,
            messages::{self, Anew, Carried},
        },
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    store::admin_keys::Role,
};

/// The lines of the messages.
pub(super) const ROUTES: &[Route] = &[
    message::<wire::Authorization>(
        "/simulate/authorization",
        "Asks whether a card may be used, and sets aside what is approved",
        AUTHORIZATION,
    ),
    message::<wire::Advice>(
        "/simulate/advice",
        "Records what was decided in stand-in, and sets it aside whatever we would have said",
        AUTHORIZATION,
    ),
    message::<wire::Increment>(
        "/simulate/increment",
        "Asks for more of an open authorization, under the same rules",
        AUTHORIZATION,
    ),
    message::<wire::Reversal>(
        "/simulate/reversal",
        "Takes an authorization back, all that is open or part of it",
        REVERSAL,
    ),
    message::<wire::Clearing>(
        "/simulate/clearing",
        "Posts what the merchant was paid, with an authorization or without",
        TRANSACTION,
    ),
    message::<wire::ForcePost>(
        "/simulate/force-post",
        "Posts what a merchant was paid without asking before",
        TRANSACTION,
    ),
    message::<wire::Refund>(
        "/simulate/refund",
        "Gives money back, for a payment or without one",
        TRANSACTION,
    ),
    message::<wire::RefundReversal>(
        "/simulate/refund-reversal",
        "Takes a refund back",
        TRANSACTION,
    ),
    message::<wire::Expiry>(
        "/simulate/expiry",
        "Lets the time of an authorization be over",
        AUTHORIZATION,
    ),
    message::<wire::BalanceInquiry>(
        "/simulate/balance-inquiry",
        "Answers how much a card can spend",
        AUTHORIZATION,
    ),
    message::<wire::Dispute>(
        "/simulate/dispute",
        "Opens a dispute about a payment, or tells how one was decided",
        DISPUTE,
    ),
];

const AUTHORIZATION: BodyDoc = BodyDoc {
    name: "AuthorizationAnswer",
    schema: answer_schema::<wire::AuthorizationAnswer>,
};

const REVERSAL: BodyDoc = BodyDoc {
    name: "ReversalAnswer",
    schema: answer_schema::<wire::ReversalAnswer>,
};

const TRANSACTION: BodyDoc = BodyDoc {
    name: "TransactionAnswer",
    schema: answer_schema::<wire::TransactionAnswer>,
};

const DISPUTE: BodyDoc = BodyDoc {
    name: "DisputeAnswer",
    schema: answer_schema::<wire::DisputeAnswer>,
};

/// The line of a message that the network would send.
const fn message<M: Carried>(path: &'static str, summary: &'static str, answer: BodyDoc) -> Route {
    Route {
        method: Method::POST,
        path,
        summary,
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<FromSandbox<M>>()),
        answer,
        effect: Effect::Changes,
        handler: || post(carry_out::<M>),
    }
}

/// The same verbs that carry out the network's own messages.
async fn carry_out<M: Carried>(
    State(app): State<App>,
    operated: Operated<FromSandbox<M>>,
) -> Response {
    let received = operated.received();
    let anew = Anew::default();
    let told = anew.clone();
    let answer = operated
        .carry_out(&app, async move |tx, asked| {
            messages::from_sandbox(tx, asked, &told).await
        })
        .await;
    messages::count_decision::<M>(&app, received, (&anew, &answer));
    answer
}
