//! Authorizations, transactions and the ledger.

use axum::routing::{get, post};
use cardwright_wire::finci as wire;

use super::super::{authorizations, contract, ledger, transactions};
use super::{list, read};
use crate::api::route::{BodyDoc, Route, request};

pub(super) const ROUTES: &[Route] = &[
    list(
        "/get-authorizations",
        "Lists authorizations in pages: of a card, an account, a time, a status",
        request::<wire::authorizations::GetAuthorizations>(),
        BodyDoc {
            name: "AuthorizationListAnswer",
            schema: contract::answer::<wire::authorizations::AuthorizationList>,
        },
        || post(authorizations::list),
    ),
    read(
        "/get-authorization/{authorization_id}",
        "Reads an authorization",
        BodyDoc {
            name: "AuthorizationAnswer",
            schema: contract::answer::<wire::authorizations::Authorization>,
        },
        || get(authorizations::read),
    ),
    list(
        "/get-transactions",
        "Lists what was presented and returned, in pages: of a card, an account, an authorization, a time, a status",
        request::<wire::transactions::GetTransactions>(),
        BodyDoc {
            name: "TransactionListAnswer",
            schema: contract::answer::<wire::transactions::TransactionList>,
        },
        || post(transactions::list),
    ),
    read(
        "/get-transaction/{transaction_id}",
        "Reads a transaction",
        BodyDoc {
            name: "TransactionAnswer",
            schema: contract::answer::<wire::transactions::Transaction>,
        },
        || get(transactions::read),
    ),
    list(
        "/get-ledger-transactions",
        "Lists the entries of an account in pages; what a card moved has a narrative that begins with CRDS",
        request::<wire::ledger::GetLedgerTransactions>(),
        BodyDoc {
            name: "LedgerTransactionListAnswer",
            schema: contract::answer::<wire::ledger::LedgerTransactionList>,
        },
        || post(ledger::list),
    ),
];
