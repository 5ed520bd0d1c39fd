//! Messages of the card network: signed like FINCI requests, by credentials of their own kind.

mod contract;
mod echo;
mod message;

use axum::{extract::State, http::Method, response::Response, routing::post};
use cardwright_wire::{
    native::{
        messages::{self as wire, FromNetwork},
        network::{Echo, EchoTest},
    },
    shape,
};
use serde_json::value::RawValue;

use super::{
    native::messages::{self, Anew, Carried},
    route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request},
};
use crate::{
    app::App,
    error::{Error, Result},
    store::Scope,
};

pub use message::{Message, Refused};

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Network API",
    slug: "network",
    prefixes: &["/network/v1"],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    groups: &[ROUTES],
};

const ROUTES: &[Route] = &[
    message::<wire::Authorization>(
        "/authorization",
        "Asks whether a card may be used, and sets aside what is approved",
        AUTHORIZATION,
    ),
    message::<wire::Advice>(
        "/advice",
        "Records what was decided in stand-in, and sets it aside whatever we would have said",
        AUTHORIZATION,
    ),
    message::<wire::Increment>(
        "/increment",
        "Asks for more of an open authorization, under the same rules",
        AUTHORIZATION,
    ),
    message::<wire::Reversal>(
        "/reversal",
        "Takes an authorization back, all that is open or part of it",
        REVERSAL,
    ),
    message::<wire::Clearing>(
        "/clearing",
        "Posts what the merchant was paid, with an authorization or without",
        TRANSACTION,
    ),
    message::<wire::ForcePost>(
        "/force-post",
        "Posts what a merchant was paid without asking before",
        TRANSACTION,
    ),
    message::<wire::Refund>(
        "/refund",
        "Gives money back, for a payment or without one",
        TRANSACTION,
    ),
    message::<wire::RefundReversal>("/refund-reversal", "Takes a refund back", TRANSACTION),
    message::<wire::BalanceInquiry>(
        "/balance-inquiry",
        "Answers how much a card can spend",
        AUTHORIZATION,
    ),
    message::<wire::Dispute>(
        "/dispute",
        "Opens a dispute about a payment, or tells how one was decided",
        DISPUTE,
    ),
    Route {
        method: Method::POST,
        path: "/echo-test",
        summary: "Answers an echo test: the credential works and the store takes writes",
        number: None,
        role: None,
        request: Some(request::<EchoTest>()),
        answer: BodyDoc {
            name: "EchoAnswer",
            schema: answer_schema::<Echo>,
        },
        effect: Effect::Reads,
        handler: || post(echo::test),
    },
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

/// The line of a message.
const fn message<M: Carried>(path: &'static str, summary: &'static str, answer: BodyDoc) -> Route {
    Route {
        method: Method::POST,
        path,
        summary,
        number: None,
        role: None,
        request: Some(request::<FromNetwork<M>>()),
        answer,
        effect: Effect::Changes,
        handler: || post(carry_out::<M>),
    }
}

/// Every message goes the same way; what it does is its own [`Carried::carry_out`].
async fn carry_out<M: Carried>(
    State(app): State<App>,
    message: Message<FromNetwork<M>>,
) -> Response {
    let received = message.received();
    let anew = Anew::default();
    let told = anew.clone();
    let answer = message
        .carry_out(&app, async move |tx, asked| {
            messages::from_network(tx, asked, &told).await
        })
        .await;
    messages::count_decision::<M>(&app, received, (&anew, &answer));
    answer
}

/// Carries out the body of an authorization as `POST authorization` does once it knows the sender;
/// gives the answer's body. For measuring what is below HTTP.
pub(crate) async fn authorize(app: &App, scope: &Scope, body: &[u8]) -> Result<Box<RawValue>> {
    let asked = shape::from_body::<FromNetwork<wire::Authorization>>(body)
        .map_err(|_| Error::Invalid("authorization"))?;
    let operation = "network.authorization".to_owned();
    let anew = Anew::default();
    message::effect(app, scope, (operation, asked), async move |tx, asked| {
        messages::from_network(tx, asked, &anew).await
    })
    .await
}
