//! What gift cards look like. Designs belong to the environment; every tenant sees the same ones.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{delete, get, post},
};
use cardwright_core::{ProductId, Record};
use cardwright_wire::{
    instant::Rfc3339,
    kind::GivenId,
    native::{
        Empty, List, RecordId,
        admin::designs::{AddDesign, CardDesign},
    },
};

use crate::{
    api::{
        native::{Operated, contract, page, record},
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    error::{Error, Result},
    ops::designs as ops,
    store::{
        admin_keys::Role,
        designs::{self, Design},
    },
};

const DESIGN: BodyDoc = BodyDoc {
    name: "CardDesignAnswer",
    schema: answer_schema::<CardDesign>,
};

/// Where they are.
pub(super) const DESIGNS: &str = "/card-designs";

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: DESIGNS,
        summary: "Adds a look for the gift cards of a product",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<AddDesign>()),
        answer: DESIGN,
        effect: Effect::Changes,
        handler: || post(add),
    },
    Route {
        method: Method::GET,
        path: DESIGNS,
        summary: "Lists the looks of gift cards, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: BodyDoc {
            name: "CardDesignPage",
            schema: contract::page::<CardDesign>,
        },
        effect: Effect::Reads,
        handler: || get(list),
    },
    Route {
        method: Method::DELETE,
        path: "/card-designs/{design_id}",
        summary: "Withdraws a look: cards that have it keep it, new ones cannot",
        number: None,
        role: Some(Role::Operator),
        request: None,
        answer: DESIGN,
        effect: Effect::Changes,
        handler: || delete(withdraw),
    },
];

/// `POST card-designs`
async fn add(State(app): State<App>, operated: Operated<AddDesign>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let product = record(asked.product, ProductId::new, Record::Product)?;
            ops::add(tx, product, asked.name).await.map(shown)
        })
        .await
}

/// `GET card-designs`
async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let list = ("card-designs", &asked.paging);
            page(tx, list, designs::before, |design| design.id, shown).await
        })
        .await
}

/// `DELETE card-designs/{design_id}`
async fn withdraw(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let given = operated.id("design_id");
    operated
        .change(&app, async move |tx, _| {
            ops::withdraw(tx, design_id(given)?).await.map(shown)
        })
        .await
}

fn design_id(given: GivenId) -> Result<i64> {
    given.id().ok_or_else(|| Error::not_found(Record::Design))
}

fn shown(design: Design) -> CardDesign {
    CardDesign {
        design_id: RecordId(design.id),
        product_id: RecordId(design.product.get()),
        name: design.name,
        withdrawn_at: design.withdrawn_at.map(Rfc3339),
    }
}
