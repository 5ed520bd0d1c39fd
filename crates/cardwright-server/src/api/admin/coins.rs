//! Coins of the wallet. They belong to the environment; every tenant sees the same ones.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{get, patch, post},
};
use cardwright_core::{Coin, CoinStatus};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        List,
        admin::coins::{self as wire, BringAddresses, ChangeCoin, Status},
    },
};

use crate::{
    api::{
        native::{NoBody, Operated, contract, page},
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    error::{Error, Result},
    ops::coins::{self as ops, Terms},
    store::{
        ReadTx,
        admin_keys::Role,
        coin_addresses::{self, PooledAddress},
        coins,
    },
};

const COIN: BodyDoc = BodyDoc {
    name: "CoinAnswer",
    schema: answer_schema::<wire::Coin>,
};

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/coins",
        summary: "Lists the coins",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: BodyDoc {
            name: "CoinPage",
            schema: contract::page::<wire::Coin>,
        },
        effect: Effect::Reads,
        handler: || get(list),
    },
    Route {
        method: Method::GET,
        path: "/coins/{coin_key}",
        summary: "Reads a coin",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: COIN,
        effect: Effect::Reads,
        handler: || get(read),
    },
    Route {
        method: Method::PATCH,
        path: "/coins/{coin_key}",
        summary: "Changes a coin: whether it takes deposits, what they cost, how much they may be",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<ChangeCoin>()),
        answer: COIN,
        effect: Effect::Changes,
        handler: || patch(change),
    },
    Route {
        method: Method::POST,
        path: ADDRESSES,
        summary: "Brings addresses whose keys your custodian has; accounts are given them",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<BringAddresses>()),
        answer: BodyDoc {
            name: "BroughtAddressesAnswer",
            schema: answer_schema::<wire::BroughtAddresses>,
        },
        effect: Effect::Changes,
        handler: || post(bring_addresses),
    },
    Route {
        method: Method::GET,
        path: ADDRESSES,
        summary: "Lists the addresses that were brought, in the order in which they are given",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: BodyDoc {
            name: "CoinAddressPage",
            schema: contract::page::<wire::CoinAddress>,
        },
        effect: Effect::Reads,
        handler: || get(addresses),
    },
];

/// Where addresses are brought.
pub(super) const ADDRESSES: &str = "/coins/{coin_key}/addresses";

/// `GET coins`
async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            // Few coins ever exist: a page is cut out of all of them, by their place.
            let read = async |tx: &mut ReadTx, after: Option<i64>, limit: i64| {
                let all = coins::all(tx).await?;
                let behind = (1_i64..).zip(all);
                let behind = behind.filter(|(place, _)| *place > after.unwrap_or(0));
                let limit = usize::try_from(limit).unwrap_or_default();
                Ok(behind.take(limit).collect::<Vec<_>>())
            };
            let list = ("coins", &asked.paging);
            page(tx, list, read, |(place, _)| *place, |(_, coin)| shown(coin)).await
        })
        .await
}

/// `GET coins/{coin_key}`
async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let key = operated.name("coin_key").to_owned();
    operated
        .answer(&app, async move |tx| coins::get(tx, &key).await.map(shown))
        .await
}

/// `PATCH coins/{coin_key}`
async fn change(State(app): State<App>, operated: Operated<ChangeCoin>) -> Response {
    let key = operated.name("coin_key").to_owned();
    operated
        .change(&app, async move |tx, asked| {
            ops::change(tx, &key, terms(&asked)?).await.map(shown)
        })
        .await
}

/// `POST coins/{coin_key}/addresses`
async fn bring_addresses(State(app): State<App>, operated: Operated<BringAddresses>) -> Response {
    let key = operated.name("coin_key").to_owned();
    operated
        .change(&app, async move |tx, BringAddresses { addresses }| {
            if addresses.is_empty() {
                return Err(Error::Invalid("addresses"));
            }
            let brought = ops::bring_addresses(tx, &key, &addresses).await?;
            Ok(wire::BroughtAddresses {
                coin_key: brought.coin,
                added: brought.added,
                known: brought.known,
                free: brought.free,
            })
        })
        .await
}

/// `GET coins/{coin_key}/addresses`
async fn addresses(State(app): State<App>, operated: Operated<List>) -> Response {
    let key = operated.name("coin_key").to_owned();
    operated
        .look_up(&app, async move |tx, asked| {
            let coin = coins::get(tx, &key).await?;
            let name = format!("addresses of {}", coin.key);
            let read = async |tx: &mut ReadTx, after: Option<i64>, limit: i64| {
                coin_addresses::after(tx, &coin.key, after.unwrap_or(0), limit).await
            };
            let number = |address: &PooledAddress| address.id;
            page(tx, (&name, &asked.paging), read, number, address_out).await
        })
        .await
}

fn address_out(address: PooledAddress) -> wire::CoinAddress {
    wire::CoinAddress {
        address: address.address,
        status: address.given_at.map_or("free", |_| "given"),
        created_at: Rfc3339(address.created_at),
        given_at: address.given_at.map(Rfc3339),
    }
}

fn terms(asked: &ChangeCoin) -> Result<Terms> {
    let small = |number: Option<i64>, field| {
        let number = number.map(u32::try_from).transpose();
        number.map_err(|_| Error::Invalid(field))
    };
    Ok(Terms {
        status: asked.status.map(|status| match status {
            Status::Enabled => CoinStatus::Enabled,
            Status::Disabled => CoinStatus::Disabled,
        }),
        fee_rate_basis_points: small(asked.fee_rate_basis_points, "fee_rate_basis_points")?,
        fee_fixed_minor: asked.fee_fixed_minor,
        confirmations: small(asked.confirmations, "confirmations")?,
        deposit_min_minor: asked.deposit_min_minor,
        deposit_max_minor: asked.deposit_max_minor,
    })
}

fn shown(coin: Coin) -> wire::Coin {
    wire::Coin {
        chain: coin.chain.word(),
        decimals: coin.decimals,
        shown_decimals: coin.shown_decimals,
        confirmations: coin.confirmations,
        currency: coin.currency.code().to_owned(),
        fee_rate_basis_points: coin.fee.rate_basis_points,
        fee_fixed: coin.fee.fixed.minor(),
        deposit_min: coin.bounds.min.minor(),
        deposit_max: coin.bounds.max.minor(),
        status: match coin.status {
            CoinStatus::Enabled => Status::Enabled,
            CoinStatus::Disabled => Status::Disabled,
        },
        coin_key: coin.key,
        name: coin.name,
        full_name: coin.full_name,
        contract: coin.contract,
    }
}
