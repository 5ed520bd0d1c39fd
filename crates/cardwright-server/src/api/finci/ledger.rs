//! The entries of accounts, read.

use axum::{extract::State, response::Response};
use cardwright_core::{AccountId, Record, TransferKind};
use cardwright_wire::{
    finci::ledger::{
        self as wire, CardMovement, Direction, GetLedgerTransactions, LedgerTransactionList,
        narrative,
    },
    instant::Rfc3339,
    kind::PaddedId,
};

use super::{pages, signed::Signed};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        ReadTx, accounts,
        ledger_entries::{
            Side,
            books::{self, BookEntry},
        },
    },
};

/// `POST get-ledger-transactions`
pub(super) async fn list(
    State(app): State<App>,
    signed: Signed<GetLedgerTransactions>,
) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: GetLedgerTransactions) -> Result<LedgerTransactionList> {
    let id = AccountId::new(body.account_id.0);
    let id = id.map_err(|_| Error::not_found(Record::Account))?;
    let account = accounts::get_visible(tx, id).await?.id;
    let name = format!("ledger {account} {:?}", body.range);
    let page = pages::begin(tx, name, &body.paging)?;
    let range = (body.range.from, body.range.to);
    let places = books::places(tx, account, range).await?;
    let mut found = books::after(tx, (account, places), (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |entry| entry.sequence)?;
    Ok(LedgerTransactionList {
        items: found.iter().map(entry_out).collect(),
        total: pages::total(places.count()),
        next_cursor,
    })
}

fn entry_out(entry: &BookEntry) -> wire::LedgerTransaction {
    let currency = entry.amount.currency();
    wire::LedgerTransaction {
        id: PaddedId(entry.id),
        sequence: entry.sequence,
        direction: match entry.side {
            Side::In => Direction::Credit,
            Side::Out => Direction::Debit,
        },
        amount: currency.print(entry.amount.minor()),
        currency: currency.code().to_owned(),
        balance_after: currency.print(entry.balance_after),
        narrative: narrative_of(entry),
        created_at: Rfc3339(entry.at),
    }
}

/// What a card did begins with the card's own word; everything else with what it was, and what was
/// noted beside it.
fn narrative_of(entry: &BookEntry) -> String {
    let what = words(entry.kind);
    let Some(cause) = &entry.transaction else {
        return match &entry.remark {
            Some(remark) => format!("{what}: {remark}"),
            None => what.to_owned(),
        };
    };
    let merchant = &cause.merchant;
    narrative(&CardMovement {
        authorization_id: cause.authorization.as_deref(),
        transaction_id: PaddedId(cause.id.get()),
        what,
        merchant: [&merchant.name, &merchant.city, merchant.country.alpha2()],
    })
}

/// What a transfer was, in capitals.
fn words(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Funding => "FUNDING",
        TransferKind::CardPurchase => "CARD PRICE",
        TransferKind::CardDeposit => "CARD DEPOSIT",
        TransferKind::CardDepositFee => "CARD DEPOSIT FEE",
        TransferKind::CardWithdraw => "CARD WITHDRAWAL",
        TransferKind::CardCancel => "CARD CANCELLATION",
        TransferKind::CardClearing => "PRESENTMENT",
        TransferKind::CardForcedPosting => "DEFERRED",
        TransferKind::CardRefund => "RETURN",
        TransferKind::CardRefundReversal => "RETURN-REVERSAL",
        TransferKind::CurrencyMarkup => "MARKUP",
        TransferKind::ProvisionalCredit => "DISPUTE-CREDIT",
        TransferKind::DisputeWon => "DISPUTE-WON",
        TransferKind::DisputeLost => "DISPUTE-LOST",
        TransferKind::OperatorCredit => "OPERATOR CREDIT",
        TransferKind::OperatorDebit => "OPERATOR DEBIT",
        TransferKind::CryptoDeposit => "COIN DEPOSIT",
        TransferKind::CryptoFee => "COIN DEPOSIT FEE",
        TransferKind::AccountTransfer => "TRANSFER",
        TransferKind::AccountCollection => "COLLECTION",
        TransferKind::CardMaintenance => "CARD MAINTENANCE",
        TransferKind::CardFeePatch => "CARD FEE",
        TransferKind::CrossBorderPatch => "CROSS-BORDER FEE",
        TransferKind::OverdraftStatement => "CARD OVERDRAFT",
    }
}
