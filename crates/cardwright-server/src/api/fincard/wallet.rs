//! The crypto wallet: coins, addresses to send them to, and what came.

mod orders;
mod picture;
mod transactions;

use axum::{extract::State, response::Response};
use cardwright_core::{AccountId, Chain, Coin, CoinStatus, CoinUnits, Record, Refusal, Timestamp};
use cardwright_wire::{
    fincard::{
        page::Page,
        wallet::{
            self as wire, AddressFacts, AddressType, Addresses, CoinFacts, CreateAddress,
            ListAddresses,
        },
    },
    kind::GivenId,
    shape::Nothing,
};

pub(super) use orders::{announce, deposits};
pub(super) use transactions::list as transactions;

use super::{accounts::account_id, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{accounts as account_ops, deposits as ops},
    store::{
        ReadTx, Tx, accounts,
        coins::{self, DepositAddress},
        deposits::{self as store, AddressFilter, AddressOrder, ListOrder},
    },
    webhooks::payloads::fincard::deposits::{named, percent},
};

/// `wallet/v2/coins`
pub(super) async fn coins(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |tx, Nothing| {
            let all = coins::all(tx).await?;
            Ok(all.iter().map(coin_out).collect::<Vec<_>>())
        })
        .await
}

/// `wallet/v2/create`
pub(super) async fn create(State(app): State<App>, session: Session<CreateAddress>) -> Response {
    session
        .change(&app, ("wallet/v2/create", |_| None), async |tx, body| {
            let coin = coins::get(tx, &body.coin_key).await?;
            if body.chain_key.is_some_and(|key| key != coin.chain.word()) {
                return Err(Error::not_found(Record::Coin));
            }
            let account = receiving_account(tx, body.account_id, &coin).await?;
            let label = body.label.filter(|label| !label.is_empty());
            let made = ops::address(tx, account, &coin, label).await;
            let made = made.map_err(not_for_this_account)?;
            address_out(tx, made, &coin).await
        })
        .await
}

/// `wallet/v2/addressList`
pub(super) async fn addresses(State(app): State<App>, session: Session<ListAddresses>) -> Response {
    session
        .look_up(&app, async |tx, body| address_list(tx, &body).await)
        .await
}

/// The account that coins become money of: the wallet where none is named.
async fn receiving_account(tx: &mut Tx, given: Option<GivenId>, coin: &Coin) -> Result<AccountId> {
    match given {
        Some(given) => Ok(accounts::get_main(tx, account_id(given)?).await?.id),
        None => Ok(account_ops::wallet(tx, coin.currency).await?.id),
    }
}

/// A coin is turned into one kind of money: for an account of another, it is not there to be used.
fn not_for_this_account(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::CurrencyMismatch) => Refusal::CoinOfOtherCurrency.into(),
        other => other,
    }
}

async fn address_list(tx: &mut ReadTx, body: &ListAddresses) -> Result<Addresses> {
    let nothing = |body: &ListAddresses| match body.page.0 {
        Some(page) => Addresses::Page(Page::of(page, 0, Vec::new())),
        None => Addresses::All(Vec::new()),
    };
    let Some(filter) = address_filter(body)? else {
        return Ok(nothing(body));
    };
    let window = body
        .page
        .0
        .map_or((i64::MAX, 0), |page| (page.size, page.offset()));
    let order = match body.sort_field {
        wire::AddressOrder::Created => AddressOrder::Created,
        wire::AddressOrder::Coin => AddressOrder::Coin,
        wire::AddressOrder::Label => AddressOrder::Label,
        wire::AddressOrder::Address => AddressOrder::Address,
    };
    let direction = match body.sort_order {
        wire::ListOrder::Ascending => ListOrder::Ascending,
        wire::ListOrder::Descending => ListOrder::Descending,
    };
    let (found, total) = store::addresses(tx, &filter, (order, direction), window).await?;
    let coins = coins::all(tx).await?;
    let mut records = Vec::with_capacity(found.len());
    for address in found {
        let coin = named(&coins, &address.coin)?;
        records.push(address_out(tx, address, coin).await?);
    }
    Ok(match body.page.0 {
        Some(page) => {
            let total = u64::try_from(total).unwrap_or_default();
            Addresses::Page(Page::of(page, total, records))
        }
        None => Addresses::All(records),
    })
}

/// What a list is narrowed to; nothing where nothing can be found.
fn address_filter(body: &ListAddresses) -> Result<Option<AddressFilter>> {
    if body.address_type == Some(AddressType::Withdraw) {
        return Ok(None);
    }
    let Ok(account) = body.account_id.map(account_id).transpose() else {
        return Ok(None);
    };
    let chain = match body.chain_key.as_deref().map(Chain::from_word) {
        Some(None) => return Ok(None),
        known => known.flatten(),
    };
    let instant = |ms: Option<i64>, field| {
        ms.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| Error::Invalid(field)))
            .transpose()
    };
    Ok(Some(AddressFilter {
        account,
        coin: body.coin_key.clone(),
        chain,
        coin_status: body.active.map(|active| {
            if active {
                CoinStatus::Enabled
            } else {
                CoinStatus::Disabled
            }
        }),
        search: body.search_term.clone(),
        from: instant(body.from_ms, "createDateFrom")?,
        until: instant(body.until_ms, "createDateTo")?,
    }))
}

async fn address_out(
    tx: &mut ReadTx,
    address: DepositAddress,
    coin: &Coin,
) -> Result<wire::Address> {
    let received = store::received(tx, address.account, &coin.key).await?;
    Ok(AddressFacts {
        id: address.id.get(),
        account_id: address.account.get(),
        coin_key: coin.key.clone(),
        chain: coin.chain.word(),
        coin_name: coin.name.clone(),
        qr_code_url: Some(picture::url(&address.address)?),
        address: address.address,
        label: address.label,
        is_active: coin.status == CoinStatus::Enabled,
        received: coin.print_units(received.counted),
        nothing: coin.print_units(CoinUnits::NONE),
        unconfirmed: coin.print_units(received.awaited),
        deposits: received.deposits,
        deposit_min: coin.print_worth(coin.bounds.min),
        confirmations: coin.confirmations,
        created_at: address.created_at,
        last_at: received.last_at,
    }
    .into())
}

fn coin_out(coin: &Coin) -> wire::Coin {
    CoinFacts {
        key: coin.key.clone(),
        chain: coin.chain.word(),
        chain_title: coin.chain.title(),
        name: coin.name.clone(),
        full_name: coin.full_name.clone(),
        shown_decimals: coin.shown_decimals,
        decimals: coin.decimals,
        address_page: coin.address_page.clone(),
        transaction_page: coin.transaction_page.clone(),
        contract: coin.contract.clone(),
        confirmations: coin.confirmations,
        is_enabled: coin.status == CoinStatus::Enabled,
        deposit_fee: percent(coin.fee.rate_basis_points.into()),
        deposit_min: coin.print_worth(coin.bounds.min),
        deposit_max: coin.print_worth(coin.bounds.max),
    }
    .into()
}
