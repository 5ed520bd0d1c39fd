//! Accounts.

use axum::{extract::State, response::Response};
use cardwright_core::{Account, AccountKind, AccountStatus};
use cardwright_wire::{fincard::accounts as wire, shape::Nothing};

use super::session::Session;
use crate::{app::App, store::accounts};

/// `account/info`
pub(super) async fn info(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |tx, Nothing| {
            let found = accounts::main_accounts(tx).await?;
            Ok(found.into_iter().map(account_out).collect::<Vec<_>>())
        })
        .await
}

fn account_out(account: Account) -> wire::Account {
    let print = |minor: i64| account.currency.print(minor);
    wire::AccountFacts {
        id: account.id.get(),
        account_type: match account.kind {
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
        },
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
