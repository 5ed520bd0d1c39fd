//! The FINCI Card API: signed requests in, one envelope out.
//!
//! Every operation takes the same stairs: a line in [`SURFACE`], a handler that translates, a verb
//! in `ops`. [`signed`] verifies, takes the signature and keeps answers for repeats.

mod accounts;
mod cards;
mod contract;
mod limits;
mod persons;
mod reply;
mod signed;

use axum::{
    http::Method,
    response::Response,
    routing::{get, patch, post},
};
use cardwright_wire::finci as wire;

use super::route::{BodyDoc, Effect, Route, Served, Surface, request};
use wire::errors::Code;

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "FINCI Card API",
    slug: "finci",
    prefixes: &["/v1", "/api/v1"],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    groups: &[&[
        Route {
            method: Method::POST,
            path: "/create-person",
            summary: "Records a person, the private holder of accounts and cards",
            number: None,
            role: None,
            request: Some(request::<wire::persons::CreatePerson>()),
            answer: PERSON_ID,
            effect: Effect::Changes,
            handler: || post(persons::create),
        },
        Route {
            method: Method::POST,
            path: "/create-account",
            summary: "Opens an account of a person or corporate",
            number: None,
            role: None,
            request: Some(request::<wire::accounts::CreateAccount>()),
            answer: BodyDoc {
                name: "AccountIdAnswer",
                schema: contract::answer::<wire::accounts::AccountId>,
            },
            effect: Effect::Changes,
            handler: || post(accounts::create),
        },
        Route {
            method: Method::POST,
            path: "/create-card",
            summary: "Issues a card to a person or an employee",
            number: None,
            role: None,
            request: Some(request::<wire::cards::CreateCard>()),
            answer: TOKEN_ID,
            effect: Effect::Changes,
            handler: || post(cards::create),
        },
        Route {
            method: Method::POST,
            path: "/get-cards",
            summary: "Lists the cards of a person, or of a corporate's employees",
            number: None,
            role: None,
            request: Some(request::<wire::cards::GetCards>()),
            answer: BodyDoc {
                name: "CardListAnswer",
                schema: contract::answer::<wire::cards::CardList>,
            },
            effect: Effect::Reads,
            handler: || post(cards::list),
        },
        Route {
            method: Method::GET,
            path: "/get-card/{token_id}",
            summary: "Reads a card",
            number: None,
            role: None,
            request: None,
            answer: BodyDoc {
                name: "CardAnswer",
                schema: contract::answer::<wire::cards::Card>,
            },
            effect: Effect::Reads,
            handler: || get(cards::read),
        },
        Route {
            method: Method::GET,
            path: "/get-account/{account_id}",
            summary: "Reads an account and its balance",
            number: None,
            role: None,
            request: None,
            answer: BodyDoc {
                name: "AccountAnswer",
                schema: contract::answer::<wire::accounts::Account>,
            },
            effect: Effect::Reads,
            handler: || get(accounts::read),
        },
        Route {
            method: Method::PATCH,
            path: "/update-card-status/{token_id}",
            summary: "Moves a card to another status",
            number: None,
            role: None,
            request: Some(request::<wire::cards::UpdateCardStatus>()),
            answer: TOKEN_ID,
            effect: Effect::Changes,
            handler: || patch(cards::update_status),
        },
        Route {
            method: Method::PATCH,
            path: "/update-card-stage/{token_id}",
            summary: "Orders or cancels the plastic of a card",
            number: None,
            role: None,
            request: Some(request::<wire::cards::UpdateCardStage>()),
            answer: TOKEN_ID,
            effect: Effect::Changes,
            handler: || patch(cards::update_stage),
        },
    ]],
};

const PERSON_ID: BodyDoc = BodyDoc {
    name: "PersonIdAnswer",
    schema: contract::answer::<wire::persons::PersonId>,
};

const TOKEN_ID: BodyDoc = BodyDoc {
    name: "TokenIdAnswer",
    schema: contract::answer::<wire::cards::TokenId>,
};

/// The answer to a path that does not exist under the prefixes.
pub fn not_found() -> Response {
    reply::failure(&Code::NotFound.into())
}

/// The answer to a path that exists, but not with this method.
pub fn method_not_allowed() -> Response {
    reply::failure(&Code::MethodNotAllowed.into())
}
