//! What the card network settles: clearings, postings without authorization, refunds.
//!
//! Law: the merchant was paid before we hear of it, so a settlement always posts, even where that
//! takes an account below its floor; then it is marked. What goes back never exceeds what it gives
//! back of.

mod posting;

use cardwright_core::{
    Amount, Authorization, AuthorizationStatus, Billing, Currency, LimitsAfterRefund, Merchant,
    PaymentRefusal, Refusal, Sequel, Transaction, TransactionKind,
};

use super::{
    authorizations::{Balances, CardName, find, keep, tell_released},
    card_fees, exchange,
};
use crate::{
    error::Result,
    store::{Tx, authorizations, cards, exchange as terms, standings::CardStanding, transactions},
};
use posting::{Draft, settle};

/// A settlement, and what the account has after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled {
    /// What was posted.
    pub transaction: Transaction,
    /// The authorization it belongs to, as it is now.
    pub authorization: Option<Authorization>,
    /// The account.
    pub balances: Balances,
}

/// What a settlement is about, besides its money.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Details {
    /// Where; absent where the authorization or the original says it.
    pub merchant: Option<Merchant>,
    /// The network's reference.
    pub reference: String,
}

/// Posts what a merchant was paid for an authorization. What is still held is used up first; what
/// is more, or comes after the end of the authorization, is posted all the same.
pub async fn clear(
    tx: &mut Tx,
    before: Authorization,
    (amount, sequel): (Amount, Sequel),
    details: Details,
) -> Result<Settled> {
    if !before.kind.spends() {
        return Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen).into());
    }
    let found = find(tx, &CardName::Id(before.card)).await?;
    let billing = cost(tx, amount, before.billing_currency, &found).await?;
    let kind = match before.status {
        AuthorizationStatus::Open => TransactionKind::Clearing,
        _ => TransactionKind::ForcedPosting,
    };
    post_for(tx, before, (kind, amount, sequel), (billing, details)).await
}

/// Gives the money back that an authorization had asked leave for, or part of it.
pub async fn refund_authorized(
    tx: &mut Tx,
    before: Authorization,
    amount: Option<Amount>,
    details: Details,
) -> Result<Settled> {
    let amount = before.refunded(amount)?;
    let found = find(tx, &CardName::Id(before.card)).await?;
    let billing = worth(tx, amount, before.billing_currency, &found).await?;
    let what = (TransactionKind::Refund, amount, Sequel::Last);
    post_for(tx, before, what, (billing, details)).await
}

async fn post_for(
    tx: &mut Tx,
    before: Authorization,
    (kind, amount, sequel): (TransactionKind, Amount, Sequel),
    (billing, details): (Billing, Details),
) -> Result<Settled> {
    let now = tx.now();
    let cleared = |billing: Billing| {
        let before = before.clone();
        before.clear(amount, billing.total_minor(), sequel, now)
    };
    let freed = before.held_minor - cleared(billing)?.after.held_minor;
    let (billing, patch) = match kind {
        TransactionKind::Clearing | TransactionKind::ForcedPosting => {
            card_fees::billed_to_card(tx, before.account, billing, freed).await?
        }
        TransactionKind::Refund | TransactionKind::RefundReversal => (billing, None),
    };
    let clearing = cleared(billing)?;
    let draft = Draft {
        kind,
        parties: (before.card, before.account),
        amount,
        billing: billing.total(),
        markup_minor: billing.markup.minor(),
        merchant: details.merchant.unwrap_or_else(|| before.merchant.clone()),
        reference: details.reference,
        authorization: Some(before.id),
        original: None,
        patch,
    };
    let (transaction, balances) = settle(tx, draft, Some((&before, &clearing))).await?;
    keep(tx, Some(&before), &clearing.after).await?;
    tell_released(tx, &before, &clearing, transaction.billing).await?;
    Ok(Settled {
        transaction,
        authorization: Some(clearing.after),
        balances,
    })
}

/// Posts what a merchant was paid without asking before: offline, deferred, or on its own terms.
pub async fn force_post(
    tx: &mut Tx,
    card: &CardName,
    amount: Amount,
    of: (Merchant, String),
) -> Result<Settled> {
    let found = find(tx, card).await?;
    let billing = cost(tx, amount, found.currency, &found).await?;
    post_alone(
        tx,
        &found,
        (TransactionKind::ForcedPosting, amount, billing),
        of,
    )
    .await
}

/// Gives money back that belongs to no payment we know of.
pub async fn refund_unlinked(
    tx: &mut Tx,
    card: &CardName,
    amount: Amount,
    of: (Merchant, String),
) -> Result<Settled> {
    let found = find(tx, card).await?;
    let billing = worth(tx, amount, found.currency, &found).await?;
    post_alone(tx, &found, (TransactionKind::Refund, amount, billing), of).await
}

async fn post_alone(
    tx: &mut Tx,
    found: &CardStanding,
    (kind, amount, billing): (TransactionKind, Amount, Billing),
    (merchant, reference): (Merchant, String),
) -> Result<Settled> {
    let (billing, patch) = match kind {
        TransactionKind::Clearing | TransactionKind::ForcedPosting => {
            card_fees::billed_to_card(tx, found.account, billing, 0).await?
        }
        TransactionKind::Refund | TransactionKind::RefundReversal => (billing, None),
    };
    let draft = Draft {
        kind,
        parties: (found.card, found.account),
        amount,
        billing: billing.total(),
        markup_minor: billing.markup.minor(),
        merchant,
        reference,
        authorization: None,
        original: None,
        patch,
    };
    let (transaction, balances) = settle(tx, draft, None).await?;
    Ok(Settled {
        transaction,
        authorization: None,
        balances,
    })
}

/// Gives money back for a payment: all that is left of it, or so much. Where the product says so,
/// the card's limits get it back too.
pub async fn refund(
    tx: &mut Tx,
    original: Transaction,
    amount: Option<Amount>,
    details: Details,
) -> Result<Settled> {
    let asked = (TransactionKind::Refund, amount);
    let settled = give_back(tx, original, asked, details).await?;
    let Some(id) = settled.transaction.authorization else {
        return Ok(settled);
    };
    let before = authorizations::get(tx, id).await?;
    let card = cards::get(tx, before.card).await?;
    let authorization = match terms::terms(tx, card.product).await?.after_refund {
        LimitsAfterRefund::Kept => before,
        LimitsAfterRefund::Restored => {
            let minor = settled.transaction.billing.minor();
            let after = before.clone().restore(minor, tx.now());
            keep(tx, Some(&before), &after).await?;
            after
        }
    };
    Ok(Settled {
        authorization: Some(authorization),
        ..settled
    })
}

/// Takes a refund back: all that is left of it, or so much. The payment it was for is paid again:
/// it may be refunded again, and counts again where the refund had given limits back.
pub async fn reverse_refund(
    tx: &mut Tx,
    original: Transaction,
    amount: Option<Amount>,
    details: Details,
) -> Result<Settled> {
    let payment = original.original;
    let asked = (TransactionKind::RefundReversal, amount);
    let settled = give_back(tx, original, asked, details).await?;
    let taken = &settled.transaction;
    if let Some(payment) = payment {
        let payment = transactions::get(tx, payment).await?;
        let payment = payment.put_back(taken.amount.minor(), taken.billing.minor());
        transactions::put_returned(tx, &payment).await?;
    }
    let Some(id) = taken.authorization else {
        return Ok(settled);
    };
    let before = authorizations::get(tx, id).await?;
    let mut authorization = before.clone();
    if before.restored_minor > 0 {
        authorization = authorization.count_again(taken.billing.minor(), tx.now());
        keep(tx, Some(&before), &authorization).await?;
    }
    Ok(Settled {
        authorization: Some(authorization),
        ..settled
    })
}

async fn give_back(
    tx: &mut Tx,
    original: Transaction,
    (kind, amount): (TransactionKind, Option<Amount>),
    details: Details,
) -> Result<Settled> {
    let before = original.clone();
    let returned = original.give_back(kind, amount)?;
    transactions::put_returned(tx, &returned.original).await?;
    let part = |minor, currency: Currency| {
        Amount::from_minor(minor, currency).ok_or(Refusal::BalanceOverflow)
    };
    let draft = Draft {
        kind,
        parties: (before.card, before.account),
        amount: part(returned.minor, before.amount.currency())?,
        billing: part(returned.billing_minor, before.billing.currency())?,
        markup_minor: returned.markup_minor,
        merchant: details.merchant.unwrap_or(before.merchant),
        reference: details.reference,
        authorization: before.authorization,
        original: Some(before.id),
        patch: None,
    };
    let (transaction, balances) = settle(tx, draft, None).await?;
    Ok(Settled {
        transaction,
        authorization: None,
        balances,
    })
}

/// What a payment costs the account, markup included.
async fn cost(tx: &mut Tx, amount: Amount, to: Currency, found: &CardStanding) -> Result<Billing> {
    if amount.is_zero() {
        return Err(Refusal::AmountZero.into());
    }
    let billing = exchange::billing(tx, amount, to, found.terms).await?;
    Ok(billing.ok_or(Refusal::CurrencyNotSupported)?)
}

/// What money that comes back is worth.
async fn worth(tx: &mut Tx, amount: Amount, to: Currency, found: &CardStanding) -> Result<Billing> {
    let mut free = *found;
    free.terms = found.terms.without_markup();
    cost(tx, amount, to, &free).await
}
