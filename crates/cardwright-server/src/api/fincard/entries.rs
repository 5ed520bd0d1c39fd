//! Ledger entries: what moved the balances of accounts.

use axum::{extract::State, response::Response};
use cardwright_core::TransferKind;
use cardwright_wire::{
    fincard::{
        accounts::{BizType, Direction, EntryFacts, LedgerEntry as Shown, ListEntries},
        page::Page,
    },
    kind::GivenId,
};

use super::{accounts::account_id, bounds, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        ReadTx, accounts,
        ledger_entries::{self, EntryFilter, LedgerEntry, Side},
    },
};

/// How many days one question may span.
const DAYS: i64 = 30;

/// `account/transaction`
pub(super) async fn list(State(app): State<App>, session: Session<ListEntries>) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, &body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: &ListEntries) -> Result<Page<Shown>> {
    let Some(filter) = filter(tx, body).await? else {
        return Ok(Page::of(body.page, 0, Vec::new()));
    };
    let window = (body.page.size, body.page.offset());
    let (found, total) = ledger_entries::page(tx, &filter, window).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let records = found.into_iter().map(entry_out).collect();
    Ok(Page::of(body.page, total, records))
}

/// What a list is narrowed to; nothing where an id belongs to nobody.
async fn filter(tx: &mut ReadTx, body: &ListEntries) -> Result<Option<EntryFilter>> {
    let (from, until) = bounds::within(body.time, DAYS, tx.now())?;
    let account = match body.account_id.map(account_id).transpose() {
        Ok(Some(id)) => match accounts::get_main(tx, id).await {
            Ok(account) => Some(account.id),
            Err(Error::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        },
        Ok(None) => None,
        Err(_) => return Ok(None),
    };
    let order = match body.order_no.map(GivenId::id) {
        Some(None) => return Ok(None),
        given => given.flatten(),
    };
    let kinds = body.biz_type.map(|wanted| {
        let mut kinds = TransferKind::ALL.to_vec();
        kinds.retain(|kind| words_of(*kind).0 == wanted);
        kinds
    });
    Ok(Some(EntryFilter {
        account,
        order,
        kinds,
        from,
        until,
    }))
}

/// Why money moved, in this dialect's word and in words for people.
fn words_of(kind: TransferKind) -> (BizType, &'static str) {
    match kind {
        TransferKind::Funding => (BizType::Fixed, "Money from outside"),
        TransferKind::OperatorCredit => (BizType::Fixed, "Credited by staff"),
        TransferKind::OperatorDebit => (BizType::Fixed, "Debited by staff"),
        TransferKind::CardPurchase => (BizType::CardPurchase, "Price of a card"),
        TransferKind::CardDeposit => (BizType::CardDeposit, "Put onto a card"),
        TransferKind::CardDepositFee => (BizType::CardDeposit, "Price of putting it onto a card"),
        TransferKind::CardWithdraw => (BizType::CardWithdraw, "Taken off a card"),
        TransferKind::CardCancel => (BizType::CardCancel, "What a cancelled card had"),
        TransferKind::CardClearing => (BizType::CardSettlement, "Payment by card"),
        TransferKind::CardForcedPosting => (
            BizType::CardSettlement,
            "Payment by card, not authorized before",
        ),
        TransferKind::CurrencyMarkup => (
            BizType::CardSettlement,
            "Price of paying in another currency",
        ),
        TransferKind::CardRefund => (BizType::CardRefund, "Given back by a merchant"),
        TransferKind::CardRefundReversal => (BizType::CardRefund, "A refund taken back"),
        TransferKind::ProvisionalCredit => {
            (BizType::CardRefund, "Credited while a dispute is open")
        }
        TransferKind::DisputeWon => (BizType::CardRefund, "A dispute was won"),
        TransferKind::DisputeLost => (BizType::CardRefund, "A dispute was lost"),
        TransferKind::CryptoDeposit => (BizType::ChainDeposit, "Deposit of coins"),
        TransferKind::CryptoFee => (BizType::ChainDeposit, "Fee on a deposit of coins"),
        TransferKind::AccountTransfer => (BizType::FundTransfer, "Transfer between accounts"),
        TransferKind::AccountCollection => (BizType::FundCollection, "Collection between accounts"),
        TransferKind::CardMaintenance => (BizType::CardSettlement, "Price of keeping a card"),
        TransferKind::CardFeePatch => (BizType::CardAuthFeePatch, "Fee that a card could not pay"),
        TransferKind::CrossBorderPatch => (
            BizType::CardCrossBoardPatch,
            "Price of paying in another currency, which a card could not pay",
        ),
        TransferKind::OverdraftStatement => (BizType::CardOverdraftStatement, "What a card owed"),
    }
}

/// An entry under every published name.
pub(super) fn entry_out(entry: LedgerEntry) -> Shown {
    let currency = entry.amount.currency();
    let (biz_type, description) = words_of(entry.kind);
    EntryFacts {
        id: entry.id,
        account_id: entry.account.get(),
        currency: currency.code().to_owned(),
        amount: entry.amount.to_string(),
        before: currency.print(entry.balance_before()),
        after: currency.print(entry.balance_after),
        order_no: entry.order,
        biz_type,
        direction: match entry.side {
            Side::In => Direction::In,
            Side::Out => Direction::Out,
        },
        remark: entry.remark,
        description,
        at: entry.at,
    }
    .into()
}
