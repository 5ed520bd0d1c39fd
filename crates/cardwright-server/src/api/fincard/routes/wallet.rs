//! The crypto wallet.

use axum::{http::Method, routing::post};
use cardwright_wire::{fincard as wire, shape::Nothing};

use super::super::{contract, wallet};
use crate::api::route::{BodyDoc, Effect, Route, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/wallet/v2/coins",
        summary: "Lists the coins",
        number: Some(16),
        role: None,
        request: Some(request::<Nothing>()),
        answer: BodyDoc {
            name: "CoinsReply",
            schema: contract::list::<wire::wallet::Coin>,
        },
        effect: Effect::Reads,
        handler: || post(wallet::coins),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/wallet/v2/create",
        summary: "Gives the address of an account for a coin",
        number: Some(17),
        role: None,
        request: Some(request::<wire::wallet::CreateAddress>()),
        answer: BodyDoc {
            name: "AddressReply",
            schema: contract::one::<wire::wallet::Address>,
        },
        effect: Effect::Changes,
        handler: || post(wallet::create),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/wallet/v2/addressList",
        summary: "Lists addresses: in a page where one is asked for, else all",
        number: Some(18),
        role: None,
        request: Some(request::<wire::wallet::ListAddresses>()),
        answer: BodyDoc {
            name: "AddressesReply",
            schema: contract::page_or_list::<wire::wallet::Address>,
        },
        effect: Effect::Reads,
        handler: || post(wallet::addresses),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/wallet/v2/transaction",
        summary: "Lists movements of coins, the newest first",
        number: Some(19),
        role: None,
        request: Some(request::<wire::wallet::ListTransactions>()),
        answer: BodyDoc {
            name: "WalletTransactionPageReply",
            schema: contract::page::<wire::wallet::Transaction>,
        },
        effect: Effect::Reads,
        handler: || post(wallet::transactions),
    },
];
