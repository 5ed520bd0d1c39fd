//! One settlement on the books: who pays whom, what becomes of the hold, and the record of it.

use cardwright_core::{
    AccountId, AccountKind, Amount, Authorization, AuthorizationId, AuthorizationSeen, CardId,
    Clearing, Event, HoldEnd, Merchant, Settlement, Transaction, TransactionId, TransactionKind,
    Transfer, TransferKind,
};

use crate::{
    error::Result,
    ops::{
        accounts as account_ops,
        authorizations::{Balances, balances_of, run_out},
        card_fees, cards,
    },
    store::{
        Tx, accounts,
        journal::{self, Cause, FloorRule, HoldUse, Posting, Rest, VoidWhat},
        transactions,
    },
};

/// A settlement to be made.
pub(super) struct Draft {
    pub(super) kind: TransactionKind,
    pub(super) parties: (CardId, AccountId),
    pub(super) amount: Amount,
    /// In the account's currency, markup included.
    pub(super) billing: Amount,
    pub(super) markup_minor: i64,
    pub(super) merchant: Merchant,
    pub(super) reference: String,
    pub(super) authorization: Option<AuthorizationId>,
    pub(super) original: Option<TransactionId>,
    /// The markup that the wallet pays in the card's place; it is not part of `billing`.
    pub(super) patch: Option<Amount>,
}

/// What a clearing does to the hold of its authorization.
type From<'a> = Option<(&'a Authorization, &'a Clearing)>;

/// Moves the money, and records that it was moved.
pub(super) async fn settle(
    tx: &mut Tx,
    draft: Draft,
    from: From<'_>,
) -> Result<(Transaction, Balances)> {
    let id = TransactionId::new(tx.next_id().await?).map_err(|_| run_out())?;
    let transfers = transfers(tx, &draft).await?;
    let (settlement, balances) = post(tx, (id, &draft), &transfers, from).await?;
    let transaction = Transaction {
        id,
        kind: draft.kind,
        authorization: draft.authorization,
        original: draft.original,
        card: draft.parties.0,
        account: draft.parties.1,
        amount: draft.amount,
        billing: draft.billing,
        markup_minor: draft.markup_minor,
        returned_minor: 0,
        returned_billing_minor: 0,
        settlement,
        merchant: draft.merchant,
        reference: draft.reference,
        created_at: tx.now(),
    };
    transactions::insert(tx, &transaction).await?;
    let action = match draft.kind {
        TransactionKind::Clearing => "transaction.clear",
        TransactionKind::ForcedPosting => "transaction.force_post",
        TransactionKind::Refund => "transaction.refund",
        TransactionKind::RefundReversal => "transaction.reverse_refund",
    };
    tx.audit(action, ("transaction", &id.to_string())).await?;
    tx.emit(Event::TransactionPosted {
        card: transaction.card,
        transaction: id,
        settled: from.map(|(_, clearing)| AuthorizationSeen::of(&clearing.after)),
        patch: draft.patch,
    })
    .await?;
    if let Some(patch) = draft.patch {
        card_fees::patch_cross_border(tx, &transaction, patch).await?;
    }
    let balances = made_good(tx, &transaction, balances).await?;
    // Money that comes back to a card that was cancelled goes on to the account that paid for it.
    let balances = match cards::return_rest(tx, transaction.card).await? {
        Some(_) => {
            let account = accounts::get(tx, transaction.account).await?;
            balances_of(account.id, account.currency, account.balance)
        }
        None => balances,
    };
    Ok((transaction, balances))
}

/// What the account has once the wallet has paid what a prepaid card owes now.
async fn made_good(tx: &mut Tx, posted: &Transaction, balances: Balances) -> Result<Balances> {
    match posted.settlement {
        Settlement::Covered => Ok(balances),
        Settlement::Overdrawn => {
            let account = accounts::get(tx, posted.account).await?;
            card_fees::settle_overdraft(tx, posted.card, &account).await?;
            let after = accounts::get(tx, posted.account).await?;
            Ok(balances_of(after.id, after.currency, after.balance))
        }
    }
}

/// The price itself goes between account and network, the markup between account and our fees.
async fn transfers(tx: &mut Tx, draft: &Draft) -> Result<Vec<Transfer>> {
    let currency = draft.billing.currency();
    let markup = Amount::from_minor(draft.markup_minor, currency);
    let base = Amount::from_minor(draft.billing.minor() - draft.markup_minor, currency);
    let kind = match draft.kind {
        TransactionKind::Clearing => TransferKind::CardClearing,
        TransactionKind::ForcedPosting => TransferKind::CardForcedPosting,
        TransactionKind::Refund => TransferKind::CardRefund,
        TransactionKind::RefundReversal => TransferKind::CardRefundReversal,
    };
    let parts = [
        (base, AccountKind::NetworkSettlement, kind),
        (
            markup,
            AccountKind::FeesIncome,
            TransferKind::CurrencyMarkup,
        ),
    ];
    let mut transfers = Vec::with_capacity(parts.len());
    for (amount, book, kind) in parts {
        let Some(amount) = amount.filter(|amount| !amount.is_zero()) else {
            continue;
        };
        let ours = account_ops::book_id(tx, book, currency).await?;
        let holder = draft.parties.1;
        let (payer, receiver) = match draft.kind {
            TransactionKind::Clearing
            | TransactionKind::ForcedPosting
            | TransactionKind::RefundReversal => (holder, ours),
            TransactionKind::Refund => (ours, holder),
        };
        transfers.push(Transfer::new(payer, receiver, amount, kind)?);
    }
    Ok(transfers)
}

async fn post(
    tx: &mut Tx,
    (id, draft): (TransactionId, &Draft),
    transfers: &[Transfer],
    from: From<'_>,
) -> Result<(Settlement, Balances)> {
    let account = draft.parties.1;
    let currency = draft.billing.currency();
    let balance = if transfers.is_empty() {
        // Worth less than a cent here: nothing moves, but what was set aside for it is free.
        free(tx, from).await?;
        None
    } else {
        let posting = Posting {
            cause: Cause::Transaction(id),
            hold: from.and_then(|(before, clearing)| used(before, clearing)),
            transfers,
            floor: FloorRule::Ignore,
        };
        journal::post(tx, &posting).await?.balance_of(account)
    };
    let balance = match balance {
        Some(balance) => balance,
        None => accounts::get(tx, account).await?.balance,
    };
    let settlement = if balance.is_below_floor() {
        Settlement::Overdrawn
    } else {
        Settlement::Covered
    };
    Ok((settlement, balances_of(account, currency, balance)))
}

fn used(before: &Authorization, clearing: &Clearing) -> Option<HoldUse> {
    let rest = if clearing.after.held_minor == 0 {
        Rest::Release
    } else {
        Rest::Keep
    };
    let touched = before.held_minor > 0;
    let release = Amount::from_minor(clearing.used_minor, before.billing_currency);
    match (before.hold, release, touched) {
        (Some(hold), Some(release), true) => Some(HoldUse {
            hold,
            release,
            rest,
        }),
        _ => None,
    }
}

async fn free(tx: &mut Tx, from: From<'_>) -> Result<()> {
    let Some((before, clearing)) = from else {
        return Ok(());
    };
    let freed = before.held_minor - clearing.after.held_minor;
    let freed = Amount::from_minor(freed, before.billing_currency);
    if let (Some(hold), Some(freed)) = (before.hold, freed.filter(|freed| !freed.is_zero())) {
        journal::void(tx, hold, VoidWhat::Amount(freed), HoldEnd::Posted).await?;
    }
    Ok(())
}
