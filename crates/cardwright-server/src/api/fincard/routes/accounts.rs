//! Accounts and their money.

use axum::{http::Method, routing::post};
use cardwright_wire::{fincard as wire, shape::Nothing};

use super::super::{accounts, contract, entries, wallet};
use crate::api::route::{BodyDoc, Effect, Route, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/info",
        summary: "Lists the tenant's accounts",
        number: Some(8),
        role: None,
        request: Some(request::<Nothing>()),
        answer: BodyDoc {
            name: "AccountsReply",
            schema: contract::list::<wire::accounts::Account>,
        },
        effect: Effect::Reads,
        handler: || post(accounts::info),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/list",
        summary: "Lists accounts, the newest first",
        number: Some(9),
        role: None,
        request: Some(request::<wire::accounts::ListAccounts>()),
        answer: BodyDoc {
            name: "AccountPageReply",
            schema: contract::page::<wire::accounts::Account>,
        },
        effect: Effect::Reads,
        handler: || post(accounts::list),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/single/query",
        summary: "Reads an account",
        number: Some(10),
        role: None,
        request: Some(request::<wire::accounts::NameAccount>()),
        answer: BodyDoc {
            name: "AccountReply",
            schema: contract::one::<wire::accounts::Account>,
        },
        effect: Effect::Reads,
        handler: || post(accounts::query),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/transaction",
        summary: "Lists what moved the balances of accounts, the newest first",
        number: Some(11),
        role: None,
        request: Some(request::<wire::accounts::ListEntries>()),
        answer: BodyDoc {
            name: "LedgerEntryPageReply",
            schema: contract::page::<wire::accounts::LedgerEntry>,
        },
        effect: Effect::Reads,
        handler: || post(entries::list),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/create",
        summary: "Opens a pool that several cards can spend from",
        number: Some(12),
        role: None,
        request: Some(request::<wire::accounts::CreateAccount>()),
        answer: BodyDoc {
            name: "AccountReply",
            schema: contract::one::<wire::accounts::Account>,
        },
        effect: Effect::Changes,
        handler: || post(accounts::create),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/transfer",
        summary: "Moves money from one account to another",
        number: Some(13),
        role: None,
        request: Some(request::<wire::accounts::TransferMoney>()),
        answer: BodyDoc {
            name: "LedgerEntryReply",
            schema: contract::one::<wire::accounts::LedgerEntry>,
        },
        effect: Effect::Changes,
        handler: || post(accounts::transfer),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/walletDeposit",
        summary: "Announces a deposit of coins",
        number: Some(14),
        role: None,
        request: Some(request::<wire::wallet::WalletDeposit>()),
        answer: BodyDoc {
            name: "AnnouncedDepositReply",
            schema: contract::one::<wire::wallet::AnnouncedDeposit>,
        },
        effect: Effect::Changes,
        handler: || post(wallet::announce),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/account/walletDepositTransaction",
        summary: "Lists deposits, announced or not",
        number: Some(15),
        role: None,
        request: Some(request::<wire::wallet::ListDeposits>()),
        answer: BodyDoc {
            name: "DepositPageReply",
            schema: contract::page::<wire::wallet::DepositRecord>,
        },
        effect: Effect::Reads,
        handler: || post(wallet::deposits),
    },
];
