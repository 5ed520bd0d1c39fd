//! Movements of coins: deposits, in every state.

use axum::{extract::State, response::Response};
use cardwright_core::{Chain, Coin, Deposit, DepositFailure, DepositState};
use cardwright_wire::{
    fincard::{
        page::Page,
        wallet::{
            self as wire, BlockFacts, ListTransactions, Status, TransactionFacts, TransactionFee,
            TransactionType,
        },
    },
    kind::GivenId,
};

use super::named;
use crate::{
    api::fincard::{bounds, card_types::percent, session::Session},
    app::App,
    error::Result,
    store::{
        ReadTx, coins,
        deposits::{self, DepositFilter},
    },
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
        records.push(transaction_out(deposit, coin, address_id).into());
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

/// How a deposit stands.
pub(super) fn status_out(state: &DepositState) -> Status {
    match state {
        DepositState::Seen => Status::WaitProcess,
        DepositState::Processing => Status::Processing,
        DepositState::Success { .. } => Status::Success,
        DepositState::Fail { .. } => Status::Fail,
    }
}

/// Why a deposit is never turned into money.
pub(super) fn message(state: &DepositState) -> Option<&'static str> {
    match state {
        DepositState::Seen | DepositState::Processing | DepositState::Success { .. } => None,
        DepositState::Fail { reason, .. } => Some(match reason {
            DepositFailure::TooSmall => "Less than the least amount, or than the fee",
            DepositFailure::TooLarge => "More than the most that is taken at a time",
            DepositFailure::Dropped => "The chain took the transaction back",
        }),
    }
}

/// What a deposit costs: by the terms it was reckoned by, or by those of today.
pub(super) fn fee_out(state: Option<&DepositState>, coin: &Coin) -> TransactionFee {
    let proceeds = match state {
        Some(DepositState::Success { proceeds, .. }) => Some(proceeds),
        Some(DepositState::Seen | DepositState::Processing | DepositState::Fail { .. }) | None => {
            None
        }
    };
    let terms = proceeds.map_or(coin.fee, |proceeds| proceeds.terms);
    TransactionFee {
        rate: percent(terms.rate_basis_points.into()),
        fixed: terms.fixed.to_string(),
        total: proceeds.map(|proceeds| proceeds.fee.to_string()),
    }
}

/// A deposit as a movement of coins.
pub(super) fn transaction_out(
    deposit: Deposit,
    coin: &Coin,
    address_id: Option<i64>,
) -> TransactionFacts {
    let (received, confirmed_at) = match deposit.state {
        DepositState::Success { proceeds, at } => (Some(proceeds.received.to_string()), Some(at)),
        DepositState::Seen | DepositState::Processing | DepositState::Fail { .. } => (None, None),
    };
    TransactionFacts {
        id: deposit.id.get(),
        coin_name: coin.name.clone(),
        chain: coin.chain.word(),
        address_id,
        account_id: deposit.account.get(),
        units: coin.print_units(deposit.units),
        fee: fee_out(Some(&deposit.state), coin),
        received,
        currency: coin.currency.code().to_owned(),
        status: status_out(&deposit.state),
        message: message(&deposit.state),
        block: deposit.block.map(|block| BlockFacts {
            number: block.number,
            hash: block.hash,
            at: block.at,
        }),
        confirmations: deposit.confirmations,
        required_confirmations: coin.confirmations,
        seen_at: deposit.created_at,
        confirmed_at,
        updated_at: deposit.updated_at,
        coin_key: deposit.coin,
        from_address: deposit.from_address,
        to_address: deposit.to_address,
        tx_hash: deposit.transaction_hash,
    }
}
