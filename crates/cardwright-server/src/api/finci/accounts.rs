//! Accounts.

use axum::{extract::State, response::Response};
use cardwright_core::{Account, AccountId, AccountStatus, Currency, Holder, HolderKind, Record};
use cardwright_wire::{
    finci::accounts::{self as wire, CreateAccount, Owner},
    instant::Rfc3339,
    kind::PaddedId,
};

use super::signed::{NoBody, Signed};
use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{ReadTx, accounts, holders},
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
