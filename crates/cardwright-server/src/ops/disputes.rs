//! Disputes: the holder has the money back for the time being, until the network decides.

use cardwright_core::{
    AccountKind, Amount, Dispute, DisputeId, DisputeOutcome, DisputeState, Event, Refusal,
    Transaction, Transfer, TransferKind,
};

use super::{
    accounts as account_ops,
    authorizations::{Balances, balances_of, run_out},
    card_fees, cards,
};
use crate::{
    error::Result,
    store::{
        Tx, accounts,
        journal::{self, Cause, FloorRule, Posting},
        transactions,
    },
};

/// A dispute, and what the holder's account has after it was opened or decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disputed {
    /// The dispute.
    pub dispute: Dispute,
    /// The account.
    pub balances: Balances,
}

/// Opens a dispute about a payment, or part of it, and credits the holder in advance.
pub async fn open(
    tx: &mut Tx,
    about: Transaction,
    amount: Option<Amount>,
    reason: String,
) -> Result<Disputed> {
    let taken = about.dispute(amount)?;
    let about = taken.original;
    transactions::put_returned(tx, &about).await?;
    let part = |minor, like: Amount| {
        Amount::from_minor(minor, like.currency()).ok_or(Refusal::BalanceOverflow)
    };
    let dispute = Dispute {
        id: DisputeId::new(tx.next_id().await?).map_err(|_| run_out())?,
        transaction: about.id,
        state: DisputeState::Open,
        amount: part(taken.minor, about.amount)?,
        billing: part(taken.billing_minor, about.billing)?,
        reason,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    transactions::insert_dispute(tx, &dispute).await?;
    let moved = (AccountKind::Loss, TransferKind::ProvisionalCredit);
    tell(tx, (dispute, about), Some(moved)).await
}

/// Ends a dispute. Won, the network makes good what was credited in advance; lost, the holder
/// gives it back, even where that takes the account below its floor.
pub async fn decide(tx: &mut Tx, before: Dispute, outcome: DisputeOutcome) -> Result<Disputed> {
    let dispute = before.end(outcome, tx.now())?;
    transactions::put_dispute(tx, &dispute).await?;
    let about = transactions::get(tx, dispute.transaction).await?;
    match outcome {
        DisputeOutcome::Won => {
            make_good(tx, &dispute, &about).await?;
            tell(tx, (dispute, about), None).await
        }
        DisputeOutcome::Lost => {
            let about = about.put_back(dispute.amount.minor(), dispute.billing.minor());
            transactions::put_returned(tx, &about).await?;
            take_back(tx, &dispute, &about).await?;
            let account = accounts::get(tx, about.account).await?;
            card_fees::settle_overdraft(tx, about.card, &account).await?;
            tell(tx, (dispute, about), None).await
        }
    }
}

async fn make_good(tx: &mut Tx, dispute: &Dispute, about: &Transaction) -> Result<()> {
    let currency = dispute.billing.currency();
    let network = account_ops::book_id(tx, AccountKind::NetworkSettlement, currency).await?;
    let loss = account_ops::book_id(tx, AccountKind::Loss, currency).await?;
    let parties = (network, loss);
    pay(tx, parties, (dispute, TransferKind::DisputeWon), about).await
}

async fn take_back(tx: &mut Tx, dispute: &Dispute, about: &Transaction) -> Result<()> {
    let loss = account_ops::book_id(tx, AccountKind::Loss, dispute.billing.currency()).await?;
    let parties = (about.account, loss);
    pay(tx, parties, (dispute, TransferKind::DisputeLost), about).await
}

async fn pay(
    tx: &mut Tx,
    (payer, receiver): (cardwright_core::AccountId, cardwright_core::AccountId),
    (dispute, kind): (&Dispute, TransferKind),
    about: &Transaction,
) -> Result<()> {
    // A payment worth less than a cent here moved nothing, so nothing goes back.
    if dispute.billing.is_zero() {
        return Ok(());
    }
    let transfer = Transfer::new(payer, receiver, dispute.billing, kind)?;
    let posting = Posting {
        cause: Cause::Transaction(about.id),
        hold: None,
        transfers: &[transfer],
        floor: FloorRule::Ignore,
    };
    journal::post(tx, &posting).await?;
    Ok(())
}

/// Moves what is to be moved to the holder, and tells how the dispute stands.
async fn tell(
    tx: &mut Tx,
    (dispute, about): (Dispute, Transaction),
    credit: Option<(AccountKind, TransferKind)>,
) -> Result<Disputed> {
    if let Some((book, kind)) = credit {
        let payer = account_ops::book_id(tx, book, dispute.billing.currency()).await?;
        let parties = (payer, about.account);
        pay(tx, parties, (&dispute, kind), &about).await?;
    }
    let action = match dispute.state {
        DisputeState::Open => "dispute.open",
        DisputeState::Won => "dispute.win",
        DisputeState::Lost => "dispute.lose",
    };
    tx.audit(action, ("dispute", &dispute.id.to_string()))
        .await?;
    tx.emit(Event::DisputeChanged {
        card: about.card,
        dispute: dispute.id,
        state: dispute.state.word(),
    })
    .await?;
    // What a card that has ended is credited does not stay on it.
    cards::return_rest(tx, about.card).await?;
    let account = accounts::get(tx, about.account).await?;
    Ok(Disputed {
        dispute,
        balances: balances_of(account.id, account.currency, account.balance),
    })
}
