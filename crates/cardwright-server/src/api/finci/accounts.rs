//! Accounts.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use cardwright_core::{
    Account, AccountId, AccountStatus, Currency, Holder, HolderId, HolderKind, Record,
};
use cardwright_wire::{
    finci::accounts::{self as wire, AccountList, CreateAccount, GetAccounts, Owner},
    instant::Rfc3339,
    kind::PaddedId,
};

use super::{
    pages,
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{
        ReadTx,
        accounts::{
            self,
            lists::{self, OwnedFilter},
        },
        holders,
    },
};

/// `POST create-account`
pub(super) async fn create(State(app): State<App>, signed: Signed<CreateAccount>) -> Response {
    signed
        .create(
            &app,
            |body| body.external_id.as_deref(),
            async |tx, body| {
                let owner = owner(tx, &body.owner).await?;
                let currency = Currency::parse(&body.currency).ok_or(Error::Invalid("currency"))?;
                let external_id = body.external_id;
                let account =
                    ops::accounts::open_customer(tx, owner.id, currency, external_id).await?;
                Ok(wire::AccountId {
                    account_id: PaddedId(account.id.get()),
                })
            },
        )
        .await
}

/// `GET get-account/{account_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let id = AccountId::parse_padded(signed.path_id());
    signed
        .answer(&app, async move |tx| {
            let id = id.map_err(|_| Error::not_found(Record::Account))?;
            let account = accounts::get_visible(tx, id).await?;
            let owner = match account.owner {
                Some(owner) => Some(holders::get(tx, owner).await?),
                None => None,
            };
            Ok(account_out(account, owner.as_ref()))
        })
        .await
}

/// `POST get-accounts`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetAccounts>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: GetAccounts) -> Result<AccountList> {
    let wanted = match &body.owner {
        Some(named) => Some(owner(tx, named).await?.id),
        None => None,
    };
    let filter = OwnedFilter {
        id: body.account_id.map(|id| id.0),
        owner: wanted,
        external_id: body.external_id,
    };
    let page = pages::begin(tx, format!("accounts {filter:?}"), &body.paging)?;
    let total = lists::count(tx, &filter).await?;
    let mut found = lists::after(tx, &filter, (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |account| account.id.get())?;
    let mut owners: BTreeMap<HolderId, Holder> = BTreeMap::new();
    let mut items = Vec::with_capacity(found.len());
    for account in found {
        if let Some(id) = account.owner
            && !owners.contains_key(&id)
        {
            owners.insert(id, holders::get(tx, id).await?);
        }
        let owner = account.owner.and_then(|id| owners.get(&id));
        items.push(account_out(account, owner));
    }
    Ok(AccountList {
        items,
        total: pages::total(total),
        next_cursor,
    })
}

/// The person or corporate that a request names as owner.
pub(super) async fn owner(tx: &mut ReadTx, owner: &Owner) -> Result<Holder> {
    match owner {
        Owner::Person(number) => holders::get_by_number(tx, HolderKind::Person, number).await,
        Owner::Corporate(number) => holders::get_by_number(tx, HolderKind::Corporate, number).await,
    }
}

fn account_out(account: Account, owner: Option<&Holder>) -> wire::Account {
    let number_of = |kind: HolderKind| {
        owner
            .filter(|owner| owner.kind == kind)
            .and_then(|owner| owner.number.clone())
    };
    let print = |minor: i64| account.currency.print(minor);
    wire::Account {
        account_id: PaddedId(account.id.get()),
        person_id: number_of(HolderKind::Person),
        corporate_id: number_of(HolderKind::Corporate),
        currency: account.currency.code().to_owned(),
        balance: print(account.balance.posted()),
        available_balance: print(account.available_minor()),
        held: print(account.balance.held()),
        account_status: match account.status {
            AccountStatus::Active => wire::Status::Active,
            AccountStatus::Frozen => wire::Status::Frozen,
            AccountStatus::Closed => wire::Status::Closed,
        },
        external_id: account.external_id,
        created_at: Rfc3339(account.created_at),
    }
}
