//! Deposits of coins: what came, and what staff take though it failed.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{get, post},
};
use cardwright_core::{AccountId, Block, Coin, CoinUnits, Deposit, DepositId, Record};
use cardwright_wire::native::{
    admin::{
        self,
        deposits::{Deposits, ReportDeposit},
    },
    sandbox::counterparts::{self as wire, ChainReport},
};

use crate::{
    api::{
        native::{Operated, contract, deposits::shown, page, record},
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    error::{Error, Result},
    ops::deposits::{self as ops, SeenBlock, Sighting},
    store::{ReadTx, admin_keys::Role, coins},
};

/// Where deposits are reported, and listed.
pub(super) const DEPOSITS: &str = "/deposits";

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: DEPOSITS,
        summary: "Lists deposits of coins, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<Deposits>()),
        answer: BodyDoc {
            name: "DepositPage",
            schema: contract::page::<wire::Deposit>,
        },
        effect: Effect::Reads,
        handler: || get(list),
    },
    Route {
        method: Method::POST,
        path: DEPOSITS,
        summary: "Reports coins on their way to an address, as an observer of the chain saw them",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<ReportDeposit>()),
        answer: BodyDoc {
            name: "ReportedDeposit",
            schema: answer_schema::<wire::Deposit>,
        },
        effect: Effect::Changes,
        handler: || post(report),
    },
    Route {
        method: Method::POST,
        path: "/deposits/{deposit_id}/accept",
        summary: "Takes a deposit that failed: it becomes money, less the coin's fee",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<admin::Reason>()),
        answer: BodyDoc {
            name: "DepositAnswer",
            schema: answer_schema::<wire::Deposit>,
        },
        effect: Effect::Changes,
        handler: || post(accept),
    },
];

/// `GET deposits`
async fn list(State(app): State<App>, operated: Operated<Deposits>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let name = format!("deposits {}", asked.status.unwrap_or_default());
            let read = async |tx: &mut ReadTx, before: Option<i64>, limit| {
                let before = before.and_then(|id| DepositId::new(id).ok());
                let found = coins::deposits_before(tx, before, asked.status, limit).await?;
                with_coins(tx, found).await
            };
            let number = |(deposit, _): &(Deposit, Coin)| deposit.id.get();
            let answer = |(deposit, coin): (Deposit, Coin)| shown(deposit, &coin);
            page(tx, (&name, &asked.paging), read, number, answer).await
        })
        .await
}

/// `POST deposits`
async fn report(State(app): State<App>, operated: Operated<ReportDeposit>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let coin = coins::get(tx, &asked.coin).await?;
            let paid = ops::paid_address(tx, &coin, &asked.to_address).await?;
            let deposit = match asked.report {
                ChainReport::Confirmed => {
                    let seen = sighting(&coin, paid.account, asked)?;
                    ops::report(tx, &coin, seen).await?
                }
                ChainReport::Dropped => {
                    let known = ops::by_transaction(tx, &coin, &asked.transaction_hash).await?;
                    let mut known = known.into_iter();
                    let known = known.find(|deposit| deposit.to_address == paid.address);
                    let known = known.ok_or_else(|| Error::not_found(Record::Deposit))?;
                    ops::drop_out(tx, known.id).await?
                }
            };
            Ok(shown(deposit, &coin))
        })
        .await
}

/// What an observer saw; nothing is made up.
fn sighting(coin: &Coin, account: AccountId, asked: ReportDeposit) -> Result<Sighting> {
    let units = CoinUnits::parse(&asked.amount, coin.decimals);
    let confirmations = u32::try_from(asked.confirmations);
    Ok(Sighting {
        account,
        transaction_hash: asked.transaction_hash,
        from_address: asked.from_address,
        units: units.map_err(|_| Error::Invalid("amount"))?,
        confirmations: confirmations.map_err(|_| Error::Invalid("confirmations"))?,
        block: match asked.block {
            Some(block) => SeenBlock::Told(Block {
                number: block.number,
                hash: block.hash,
                at: block.at,
            }),
            None => SeenBlock::Untold,
        },
    })
}

/// `POST deposits/{deposit_id}/accept`
async fn accept(State(app): State<App>, operated: Operated<admin::Reason>) -> Response {
    let id = operated.id("deposit_id");
    operated
        .change(&app, async move |tx, admin::Reason { reason }| {
            let id = record(id, DepositId::new, Record::Deposit)?;
            let (deposit, coin) = ops::accept(tx, id, &reason).await?;
            Ok(shown(deposit, &coin))
        })
        .await
}

async fn with_coins(tx: &mut ReadTx, found: Vec<Deposit>) -> Result<Vec<(Deposit, Coin)>> {
    let mut pairs = Vec::with_capacity(found.len());
    for deposit in found {
        let coin = coins::get(tx, &deposit.coin).await?;
        pairs.push((deposit, coin));
    }
    Ok(pairs)
}
