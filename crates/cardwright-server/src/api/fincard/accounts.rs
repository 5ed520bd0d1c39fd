//! Accounts: the tenant's wallet, its pools, and the accounts of its holders.

use axum::{extract::State, response::Response};
use cardwright_core::{
    Account, AccountId, AccountKind, AccountStatus, Currency, Record, Refusal, TransferDirection,
};
use cardwright_wire::{
    fincard::{
        accounts::{self as wire, CreateAccount, ListAccounts, NameAccount, TransferMoney},
        page::Page,
    },
    kind::GivenId,
    shape::Nothing,
};

use super::{entries::entry_out, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        account_transfers::{self, NewTransfer},
        accounts as ops,
    },
    store::{
        ReadTx,
        accounts::{self, AccountFilter},
    },
};

/// `account/info`
pub(super) async fn info(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |tx, Nothing| {
            let found = accounts::main_accounts(tx).await?;
            Ok(found.into_iter().map(account_out).collect::<Vec<_>>())
        })
        .await
}

/// `account/list`
pub(super) async fn list(State(app): State<App>, session: Session<ListAccounts>) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, &body).await)
        .await
}

/// `account/single/query`
pub(super) async fn query(State(app): State<App>, session: Session<NameAccount>) -> Response {
    session
        .look_up(&app, async |tx, body| {
            let id = account_id(body.account_id)?;
            accounts::get_main(tx, id).await.map(account_out)
        })
        .await
}

/// `account/create`
pub(super) async fn create(State(app): State<App>, session: Session<CreateAccount>) -> Response {
    session
        .change(&app, ("account/create", |_| None), async |tx, body| {
            let currency = match body.currency.as_deref() {
                Some(code) => Currency::parse(code).ok_or(Refusal::CurrencyNotSupported)?,
                None => Currency::USD,
            };
            let pool = ops::open_pool(tx, body.account_name, currency).await?;
            Ok(account_out(pool))
        })
        .await
}

/// `account/transfer`
pub(super) async fn transfer(State(app): State<App>, session: Session<TransferMoney>) -> Response {
    session
        .change(
            &app,
            ("account/transfer", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let moved = account_transfers::move_money(tx, new_transfer(body)?).await?;
                Ok(entry_out(moved))
            },
        )
        .await
}

fn new_transfer(body: TransferMoney) -> Result<NewTransfer> {
    Ok(NewTransfer {
        number: body.merchant_order_no,
        direction: match body.transfer_type {
            wire::TransferType::Transfer => TransferDirection::Transfer,
            wire::TransferType::Collection => TransferDirection::Collection,
        },
        payer: account_id(body.from_account_id)?,
        receiver: account_id(body.to_account_id)?,
        amount: body.amount,
        currency: body.currency,
        remark: body.remark,
    })
}

/// The account that a request names; text that is no id names none.
pub(super) fn account_id(given: GivenId) -> Result<AccountId> {
    let missing = || Error::not_found(Record::Account);
    AccountId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}

async fn page(tx: &mut ReadTx, body: &ListAccounts) -> Result<Page<wire::Account>> {
    let nothing = || Page::of(body.page, 0, Vec::new());
    let Ok(id) = body.account_id.map(account_id).transpose() else {
        return Ok(nothing());
    };
    let kinds = body.account_type.map(|wanted| {
        let mut kinds = AccountKind::ALL.to_vec();
        kinds.retain(|kind| type_out(*kind) == wanted);
        kinds
    });
    let window = (body.page.size, body.page.offset());
    let (found, total) = accounts::page(tx, &AccountFilter { id, kinds }, window).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let records = found.into_iter().map(account_out).collect();
    Ok(Page::of(body.page, total, records))
}

fn type_out(kind: AccountKind) -> wire::AccountType {
    match kind {
        AccountKind::Wallet => wire::AccountType::Wallet,
        // The account of a person or corporate is a pool that several cards may spend from.
        AccountKind::Margin
        | AccountKind::Customer
        | AccountKind::CardBalance
        | AccountKind::FeesIncome
        | AccountKind::ExternalFunding
        | AccountKind::NetworkSettlement
        | AccountKind::CryptoClearing
        | AccountKind::Loss => wire::AccountType::Margin,
    }
}

fn account_out(account: Account) -> wire::Account {
    let print = |minor: i64| account.currency.print(minor);
    wire::AccountFacts {
        id: account.id.get(),
        account_type: type_out(account.kind),
        currency: account.currency.code().to_owned(),
        total: print(account.balance.posted()),
        available: print(account.available_minor()),
        frozen: print(account.balance.held()),
        display_decimals: account.currency.decimals(),
        status: match account.status {
            AccountStatus::Active => wire::AccountStatus::Active,
            AccountStatus::Frozen => wire::AccountStatus::Frozen,
            AccountStatus::Closed => wire::AccountStatus::Closed,
        },
        created_at: account.created_at,
        updated_at: account.updated_at,
        name: account.name,
    }
    .into()
}
