//! Announced deposits, and deposits as the older list shows them.

use axum::{extract::State, response::Response};
use cardwright_core::{Amount, Chain, Coin, DepositOrder, Record};
use cardwright_wire::{
    fincard::{
        page::Page,
        wallet::{
            AnnouncedDeposit, AnnouncedFacts, DepositRecord, ListDeposits, Status, WalletDeposit,
        },
    },
    kind::GivenId,
};

use super::{not_for_this_account, receiving_account, transactions::word};
use crate::{
    api::fincard::{accounts::account_id, bounds, session::Session},
    app::App,
    error::{Error, Result},
    ops::deposits as ops,
    store::{
        ReadTx, coins,
        deposit_orders::{self, AnnouncedFilter},
    },
    webhooks::payloads::fincard::deposits::record,
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
