//! Rates between currencies.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{get, put},
};
use cardwright_core::{Currency, Rate};
use cardwright_wire::{
    instant::Rfc3339,
    native::{List, admin::rates as wire},
};

use crate::{
    api::{
        native::{Operated, contract, page},
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    error::{Error, Result},
    ops::exchange as ops,
    store::{
        ReadTx, Tx,
        admin_keys::Role,
        exchange::{self, KeptRate},
    },
};

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::PUT,
        path: "/rates",
        summary: "Feeds a rate from one currency to another, in place of the one there was",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::SetRate>()),
        answer: BodyDoc {
            name: "RateAnswer",
            schema: answer_schema::<wire::Rate>,
        },
        effect: Effect::Changes,
        handler: || put(set),
    },
    Route {
        method: Method::GET,
        path: "/rates",
        summary: "Lists the rates that operators fed",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: BodyDoc {
            name: "RatePage",
            schema: contract::page::<wire::Rate>,
        },
        effect: Effect::Reads,
        handler: || get(list),
    },
];

/// `PUT rates`
async fn set(State(app): State<App>, operated: Operated<wire::SetRate>) -> Response {
    operated
        .change(&app, async move |tx, asked| {
            feed_rate(tx, &asked).await.map(shown)
        })
        .await
}

/// Feeds the rate that is asked for.
pub(crate) async fn feed_rate(tx: &mut Tx, asked: &wire::SetRate) -> Result<KeptRate> {
    let source = Currency::parse(&asked.source).ok_or(Error::Invalid("source"))?;
    let target = Currency::parse(&asked.target).ok_or(Error::Invalid("target"))?;
    let rate = Rate::from_micros(asked.rate_micros);
    let rate = rate.ok_or(Error::Invalid("rate_micros"))?;
    ops::set_rate(tx, (source, target), rate).await
}

/// `GET rates`
async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            page(tx, ("rates", &asked.paging), after, direction, shown).await
        })
        .await
}

/// There are at most a few hundred, so all are read and those of other pages left out.
async fn after(tx: &mut ReadTx, last: Option<i64>, limit: i64) -> Result<Vec<KeptRate>> {
    let mut rates = exchange::rates(tx).await?;
    rates.retain(|kept| last.is_none_or(|last| direction(kept) > last));
    rates.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rates)
}

/// What the list is ordered by: both codes as one number.
fn direction(kept: &KeptRate) -> i64 {
    let letters = kept.source.code().bytes().chain(kept.target.code().bytes());
    letters.fold(0, |number, letter| number * 256 + i64::from(letter))
}

fn shown(kept: KeptRate) -> wire::Rate {
    wire::Rate {
        source: kept.source.code().to_owned(),
        target: kept.target.code().to_owned(),
        rate_micros: kept.rate.micros(),
        updated_at: Rfc3339(kept.updated_at),
    }
}
