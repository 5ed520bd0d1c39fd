//! The crypto wallet: coins, addresses to send them to, and what came.

mod orders;
mod picture;
mod transactions;

use axum::{extract::State, response::Response};
use cardwright_core::{AccountId, Chain, Coin, CoinStatus, CoinUnits, Record, Refusal, Timestamp};
use cardwright_wire::{
    fincard::{
        page::{MaybePaged, Page},
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
        ReadTx, Tx, accounts, coins,
        deposits::{self as store, AddressFilter, AddressOrder, ListOrder, UsedAddress},
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
            let received = store::received(tx, made.account, &coin.key).await?;
            let address = UsedAddress {
                address: made,
                received,
            };
            with_picture(address_facts(address, &coin))
        })
        .await
}

/// `wallet/v2/addressList`
pub(super) async fn addresses(State(app): State<App>, session: Session<ListAddresses>) -> Response {
    // A picture is reckoned for some time, and nothing is read for it.
    session
        .look_up_then(&app, async |tx, body| address_list(tx, &body).await, drawn)
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

/// The most addresses that are answered at once where no page is asked for.
const ALL_MAX: i64 = 500;

/// Addresses that were found, how many there are in all, and which page of them was asked for.
type Found = (Vec<AddressFacts>, i64, MaybePaged);

async fn address_list(tx: &mut ReadTx, body: &ListAddresses) -> Result<Found> {
    let Some(filter) = address_filter(body)? else {
        return Ok((Vec::new(), 0, body.page));
    };
    let window = body
        .page
        .0
        .map_or((ALL_MAX, 0), |page| (page.size, page.offset()));
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
    if body.page.0.is_none() && total > ALL_MAX {
        let why = format!("there are {total} addresses; above {ALL_MAX} they come in pages only");
        return Err(Error::Unfit("pageSize", why));
    }
    let coins = coins::all(tx).await?;
    let facts = found.into_iter().map(|used| {
        let coin = named(&coins, &used.address.coin)?;
        Ok(address_facts(used, coin))
    });
    Ok((facts.collect::<Result<_>>()?, total, body.page))
}

/// The answer to a list of addresses, with their pictures.
fn drawn((facts, total, page): Found) -> Result<Addresses> {
    let records = facts.into_iter().map(with_picture);
    let records = records.collect::<Result<Vec<_>>>()?;
    Ok(match page.0 {
        Some(page) => {
            let total = u64::try_from(total).unwrap_or_default();
            Addresses::Page(Page::of(page, total, records))
        }
        None => Addresses::All(records),
    })
}

fn with_picture(facts: AddressFacts) -> Result<wire::Address> {
    let picture = picture::url(&facts.address)?;
    Ok(AddressFacts {
        qr_code_url: Some(picture),
        ..facts
    }
    .into())
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

fn address_facts(UsedAddress { address, received }: UsedAddress, coin: &Coin) -> AddressFacts {
    AddressFacts {
        id: address.id.get(),
        account_id: address.account.get(),
        coin_key: coin.key.clone(),
        chain: coin.chain.word(),
        coin_name: coin.name.clone(),
        qr_code_url: None,
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
