//! Transactions of cards, read.

use axum::{extract::State, response::Response};
use cardwright_core::{Record, Settlement, Transaction, TransactionId, TransactionKind};
use cardwright_wire::{
    finci::transactions::{self as wire, GetTransactions, TransactionList},
    instant::Rfc3339,
    kind::PaddedId,
};

use super::{
    authorizations::{account, card, merchant_out},
    pages,
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        ReadTx, authorizations,
        transactions::{
            self,
            lists::{self, Returned, TransactionFilter},
        },
    },
};

/// `GET get-transaction/{transaction_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let id = TransactionId::parse_padded(signed.path_id());
    signed
        .answer(&app, async move |tx| {
            let id = id.map_err(|_| Error::not_found(Record::Transaction))?;
            let found = transactions::get(tx, id).await?;
            transaction_out(tx, found).await
        })
        .await
}

/// `POST get-transactions`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetTransactions>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: GetTransactions) -> Result<TransactionList> {
    let authorization = match &body.authorization_id {
        Some(number) => Some(authorizations::by_number(tx, number).await?.id),
        None => None,
    };
    let filter = TransactionFilter {
        card: card(tx, body.token_id).await?,
        account: account(tx, body.account_id).await?,
        authorization,
        returned: body.transaction_status.map(|status| match status {
            wire::TransactionStatus::Posted => Returned::Nothing,
            wire::TransactionStatus::PartiallyReturned => Returned::Part,
            wire::TransactionStatus::Returned => Returned::All,
        }),
        from: body.range.from,
        before: body.range.to,
    };
    let page = pages::begin(tx, format!("transactions {filter:?}"), &body.paging)?;
    let total = lists::count(tx, &filter).await?;
    let mut found = lists::after(tx, &filter, (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |found| found.id.get())?;
    let mut items = Vec::with_capacity(found.len());
    for transaction in found {
        items.push(transaction_out(tx, transaction).await?);
    }
    Ok(TransactionList {
        items,
        total: pages::total(total),
        next_cursor,
    })
}

fn status(of: &Transaction) -> wire::TransactionStatus {
    match of.returned_minor {
        0 => wire::TransactionStatus::Posted,
        returned if returned < of.amount.minor() => wire::TransactionStatus::PartiallyReturned,
        _ => wire::TransactionStatus::Returned,
    }
}

async fn transaction_out(tx: &mut ReadTx, of: Transaction) -> Result<wire::Transaction> {
    let authorization_id = match of.authorization {
        Some(id) => Some(authorizations::get(tx, id).await?.number),
        None => None,
    };
    let (currency, billing_currency) = (of.amount.currency(), of.billing.currency());
    Ok(wire::Transaction {
        transaction_id: PaddedId(of.id.get()),
        transaction_type: match of.kind {
            TransactionKind::Clearing => wire::TransactionType::Presentment,
            TransactionKind::ForcedPosting => wire::TransactionType::DeferredPresentment,
            TransactionKind::Refund => wire::TransactionType::Return,
            TransactionKind::RefundReversal => wire::TransactionType::ReturnReversal,
        },
        transaction_status: status(&of),
        authorization_id,
        original_transaction_id: of.original.map(|id| PaddedId(id.get())),
        token_id: PaddedId(of.card.get()),
        account_id: PaddedId(of.account.get()),
        amount: currency.print(of.amount.minor()),
        currency: currency.code().to_owned(),
        billing_amount: billing_currency.print(of.billing.minor()),
        billing_currency: billing_currency.code().to_owned(),
        markup_amount: billing_currency.print(of.markup_minor),
        returned_amount: currency.print(of.returned_minor),
        overdrawn: of.settlement == Settlement::Overdrawn,
        merchant: merchant_out(of.merchant),
        created_at: Rfc3339(of.created_at),
    })
}
