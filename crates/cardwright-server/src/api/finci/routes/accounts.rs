//! Accounts.

use axum::routing::{get, post};
use cardwright_wire::finci::accounts as wire;

use super::super::{accounts, contract};
use super::{list, make, read};
use crate::api::route::{BodyDoc, Route, request};

pub(super) const ROUTES: &[Route] = &[
    make(
        "/create-account",
        "Opens an account of a person or corporate",
        request::<wire::CreateAccount>(),
        BodyDoc {
            name: "AccountIdAnswer",
            schema: contract::answer::<wire::AccountId>,
        },
        || post(accounts::create),
    ),
    read(
        "/get-account/{account_id}",
        "Reads an account and its balance",
        BodyDoc {
            name: "AccountAnswer",
            schema: contract::answer::<wire::Account>,
        },
        || get(accounts::read),
    ),
    list(
        "/get-accounts",
        "Lists the accounts of persons and corporates in pages, with their balances",
        request::<wire::GetAccounts>(),
        BodyDoc {
            name: "AccountListAnswer",
            schema: contract::answer::<wire::AccountList>,
        },
        || post(accounts::list),
    ),
];
