//! Announced deposits, and deposits as the older list shows them.

use axum::{extract::State, response::Response};
use cardwright_core::{Amount, Chain, Coin, Deposit, DepositOrder, DepositOrderState, Record};
use cardwright_wire::{
    fincard::{
        page::Page,
        wallet::{
            AnnouncedDeposit, AnnouncedFacts, DepositRecord, DepositRecordFacts, ListDeposits,
            Status, WalletDeposit,
        },
    },
    kind::GivenId,
};

use super::{
    named, not_for_this_account, receiving_account,
    transactions::{fee_out, message, transaction_out, word},
};
use crate::{
    api::fincard::{accounts::account_id, bounds, session::Session},
    app::App,
    error::{Error, Result},
    ops::deposits as ops,
    store::{
        ReadTx, coins,
        deposit_orders::{self, Announced, AnnouncedFilter},
    },
};

/// `account/walletDeposit`
pub(in crate::api::fincard) async fn announce(
    State(app): State<App>,
    session: Session<WalletDeposit>,
) -> Response {
    session
        .change(
            &app,
            ("account/walletDeposit", |_| None),
            async |tx, body| {
                let coin = coin_on(tx, body.chain.as_deref()).await?;
                let account = receiving_account(tx, body.account_id, &coin).await?;
                if let Some(currency) = &body.currency
                    && *currency != coin.name
                    && currency != coin.currency.code()
                {
                    return Err(Error::Invalid("currency"));
                }
                let amount = Amount::parse(&body.amount, coin.currency);
                let amount = amount.map_err(|_| Error::Invalid("amount"))?;
                let order = ops::announce(tx, account, &coin, amount).await;
                Ok(announced_out(order.map_err(not_for_this_account)?, &coin))
            },
        )
        .await
}

/// `account/walletDepositTransaction`
pub(in crate::api::fincard) async fn deposits(
    State(app): State<App>,
    session: Session<ListDeposits>,
) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, &body).await)
        .await
}

/// The first coin on a chain; the chain is Tron where none is said.
async fn coin_on(tx: &mut ReadTx, chain: Option<&str>) -> Result<Coin> {
    let missing = || Error::not_found(Record::Coin);
    let chain = match chain {
        Some(word) => Chain::from_word(word).ok_or_else(missing)?,
        None => Chain::Trc20,
    };
    let all = coins::all(tx).await?;
    let mut found = all.into_iter().filter(|coin| coin.chain == chain);
    found.next().ok_or_else(missing)
}

fn announced_out(order: DepositOrder, coin: &Coin) -> AnnouncedDeposit {
    AnnouncedFacts {
        id: order.id.get(),
        account_id: order.account.get(),
        amount: order.amount.to_string(),
        currency: order.amount.currency().code().to_owned(),
        status: Status::WaitProcess,
        chain: coin.chain.word(),
        to_address: order.to_address,
        expire_second: DepositOrder::SECONDS,
        created_at: order.created_at,
    }
    .into()
}

async fn page(tx: &mut ReadTx, body: &ListDeposits) -> Result<Page<DepositRecord>> {
    let nothing = || Page::of(body.page, 0, Vec::new());
    let Ok(account) = body.account_id.map(account_id).transpose() else {
        return Ok(nothing());
    };
    let number = match body.order_no.map(GivenId::id) {
        Some(None) => return Ok(nothing()),
        given => given.flatten(),
    };
    let (from, until) = bounds::open(body.time)?;
    let filter = AnnouncedFilter {
        number,
        account,
        from_address: body.from_address.clone(),
        to_address: body.to_address.clone(),
        transaction_hash: body.tx_id.clone(),
        state: body.status.map(word),
        from,
        until,
    };
    let window = (body.page.size, body.page.offset());
    let (found, total) = deposit_orders::page(tx, &filter, window).await?;
    let coins = coins::all(tx).await?;
    let mut records = Vec::with_capacity(found.len());
    for listed in found {
        records.push(record(tx, listed, &coins).await?);
    }
    let total = u64::try_from(total).unwrap_or_default();
    Ok(Page::of(body.page, total, records))
}

async fn record(tx: &mut ReadTx, listed: Announced, coins: &[Coin]) -> Result<DepositRecord> {
    let order = match listed.order {
        Some(id) => Some(deposit_orders::get(tx, id).await?),
        None => None,
    };
    let deposit = match listed.deposit {
        Some(id) => Some(coins::get_deposit(tx, id).await?),
        None => None,
    };
    let facts = match (order, deposit) {
        (Some(order), None) => awaited(tx, &order, named(coins, &order.coin)?),
        (order, Some(deposit)) => {
            let coin = named(coins, &deposit.coin)?;
            came(order.as_ref(), deposit, coin)
        }
        (None, None) => return Err(Error::Corrupt("a listed deposit".to_owned())),
    };
    Ok(facts.into())
}

/// An announced deposit of which nothing came yet, or ever.
fn awaited(tx: &ReadTx, order: &DepositOrder, coin: &Coin) -> DepositRecordFacts {
    let (status, remark, updated_at) = match order.state(tx.now()) {
        DepositOrderState::Waiting => (Status::WaitProcess, None, order.created_at),
        DepositOrderState::Expired => {
            let reason = "Nothing came in time";
            (Status::Fail, Some(reason), order.expires_at)
        }
    };
    DepositRecordFacts {
        id: order.id.get(),
        account_id: order.account.get(),
        announced: Some(coin.print_worth(order.amount)),
        units: None,
        fee: fee_out(None, coin),
        coin_name: coin.name.clone(),
        received: None,
        received_currency: coin.currency.code().to_owned(),
        chain: coin.chain.word(),
        from_address: None,
        to_address: order.to_address.clone(),
        tx_hash: None,
        block: None,
        confirmed_at: None,
        status,
        remark,
        created_at: order.created_at,
        updated_at,
    }
}

/// A deposit that came, announced or not.
fn came(order: Option<&DepositOrder>, deposit: Deposit, coin: &Coin) -> DepositRecordFacts {
    let remark = message(&deposit.state);
    let seen = transaction_out(deposit, coin, None);
    DepositRecordFacts {
        id: order.map_or(seen.id, |order| order.id.get()),
        account_id: seen.account_id,
        announced: order.map(|order| coin.print_worth(order.amount)),
        units: Some(seen.units),
        fee: seen.fee,
        coin_name: seen.coin_name,
        received: seen.received,
        received_currency: seen.currency,
        chain: seen.chain,
        from_address: Some(seen.from_address),
        to_address: seen.to_address,
        tx_hash: Some(seen.tx_hash),
        block: seen.block.map(|block| block.number.to_string()),
        confirmed_at: seen.confirmed_at,
        status: seen.status,
        remark,
        created_at: order.map_or(seen.seen_at, |order| order.created_at),
        updated_at: seen.updated_at,
    }
}
