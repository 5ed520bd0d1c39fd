//! Movements of coins: deposits, in every state.

use axum::{extract::State, response::Response};
use cardwright_core::Chain;
use cardwright_wire::{
    fincard::{
        page::Page,
        wallet::{self as wire, ListTransactions, Status, TransactionType},
    },
    kind::GivenId,
};

use crate::{
    api::fincard::{bounds, session::Session},
    app::App,
    error::Result,
    store::{
        ReadTx, coins, deposit_orders,
        deposits::{self, DepositFilter},
    },
    webhooks::payloads::fincard::deposits::{named, transaction_out},
};

/// How many days one question may span.
const DAYS: i64 = 90;

/// `wallet/v2/transaction`
pub(in crate::api::fincard) async fn list(
    State(app): State<App>,
    session: Session<ListTransactions>,
) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, &body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: &ListTransactions) -> Result<Page<wire::Transaction>> {
    let Some(filter) = filter(tx, body)? else {
        return Ok(Page::of(body.page, 0, Vec::new()));
    };
    let window = (body.page.size, body.page.offset());
    let (found, total) = deposits::page(tx, &filter, window).await?;
    let coins = coins::all(tx).await?;
    let mut records = Vec::with_capacity(found.len());
    for deposit in found {
        let coin = named(&coins, &deposit.coin)?;
        let address = coins::find_address(tx, deposit.account, &deposit.coin).await?;
        let address_id = address.map(|address| address.id.get());
        let announced = deposit_orders::of_deposit(tx, deposit.id).await?;
        let about = (address_id, announced.as_ref());
        records.push(transaction_out(deposit, coin, about).into());
    }
    let total = u64::try_from(total).unwrap_or_default();
    Ok(Page::of(body.page, total, records))
}

/// What a list is narrowed to; nothing where nothing can be found.
fn filter(tx: &ReadTx, body: &ListTransactions) -> Result<Option<DepositFilter>> {
    let (from, until) = bounds::within(body.time, DAYS, tx.now())?;
    if body.transaction_type == Some(TransactionType::Withdraw) {
        return Ok(None);
    }
    let id = match body.order_no.map(GivenId::id) {
        Some(None) => return Ok(None),
        given => given.flatten(),
    };
    let chain = match body.chain_key.as_deref().map(Chain::from_word) {
        Some(None) => return Ok(None),
        known => known.flatten(),
    };
    Ok(Some(DepositFilter {
        id,
        coin: body.coin_key.clone(),
        coin_name: body.coin_name.clone(),
        chain,
        transaction_hash: body.tx_hash.clone(),
        from_address: body.source_address.clone(),
        to_address: body.destination_address.clone(),
        state: body.status.map(word),
        search: body.search_term.clone(),
        from: Some(from),
        until: Some(until),
    }))
}

/// The stored word of a status.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::WaitProcess => "wait_process",
        Status::Processing => "processing",
        Status::Success => "success",
        Status::Fail => "fail",
    }
}
