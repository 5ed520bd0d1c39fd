//! What becomes of an authorization before anything is cleared: more of it, less of it, or the end
//! of its time.

use cardwright_core::{
    Amount, Asked, Authorization, AuthorizationId, AuthorizationSeen, Billing, Clearing, Decision,
    DeclineReason, Event, HoldEnd, Partial, Presented, Question, Refusal, Reversal, UseOfCard,
    Void, VoidId, decide,
};

use super::{Authorized, Balances, CardName, DecidedBy, Ruled, balances_of, keep, ruling};
use crate::{
    error::{Error, Result},
    ops::{cards, decisions, exchange},
    store::{
        Tx, accounts, authorizations,
        decisions::DecisionKind,
        journal::{self, FloorRule, VoidWhat},
        standings::CardStanding,
        voids,
    },
};

/// An authorization that holds less now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The authorization.
    pub authorization: Authorization,
    /// How much less, in the asked currency.
    pub given_back: Amount,
    /// The account.
    pub balances: Balances,
}

/// The answer to an increment, or to a question about an authorization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Increment {
    /// What was asked for: more of one, or, where the integrator was asked, all of it.
    pub asked: DecisionKind,
    /// The authorization, raised or as it was.
    pub authorized: Authorized,
    /// Why it was not raised, if it was not.
    pub declined: Option<DeclineReason>,
}

/// Raises an authorization by so much more, under the same rules as a new one.
pub async fn increment(
    tx: &mut Tx,
    before: Authorization,
    more: Amount,
    decided_by: DecidedBy,
) -> Result<Ruled<Increment>> {
    before.check_increment(more)?;
    decisions::check_answered(tx, before.id).await?;
    let found = super::find(tx, &CardName::Id(before.card)).await?;
    let to = before.billing_currency;
    let billing = match decided_by {
        DecidedBy::NetworkApproved => exchange::billing(tx, more, to, found.terms).await?,
        _ => exchange::asked(tx, more, to, found.terms).await?,
    };
    let (declined, floor) = judge(tx, (&before, &found), billing, decided_by).await?;
    let is_asked = declined.is_none() && decisions::asks(tx, (before.kind, decided_by));
    let outcome = match declined {
        Some(reason) => reason.word(),
        None if is_asked => "asked",
        None => "done",
    };
    let subject = ("authorization", before.number.as_str());
    tx.audit_outcome("authorization.increment", subject, outcome)
        .await?;
    let authorization = if let Some(reason) = declined {
        let nothing = Amount::zero(before.billing_currency);
        tx.emit(Event::AuthorizationIncrementDeclined {
            card: before.card,
            authorization: before.id,
            amount: more,
            billing: billing.map_or(nothing, Billing::total),
            question: None,
            reason,
            ended: None,
        })
        .await?;
        before
    } else {
        let billing = billing.ok_or(Refusal::CurrencyNotSupported)?.total();
        let raised = raise(tx, before, (more, billing), floor).await?;
        if is_asked {
            return Ok(Ruled::Asked {
                question: decisions::begin_raise(tx, &raised, (more, billing)).await?,
                authorization: raised.id,
            });
        }
        tx.emit(Event::AuthorizationIncremented {
            card: raised.card,
            authorization: AuthorizationSeen::of(&raised),
            amount: more,
            billing,
            question: None,
        })
        .await?;
        raised
    };
    let balances = balances(tx, &authorization).await?;
    Ok(Ruled::Decided(Increment {
        asked: DecisionKind::Incremental,
        authorized: Authorized {
            authorization,
            balances,
        },
        declined,
    }))
}

/// Why there is no more, if there is not, and whether the account's floor counts.
async fn judge(
    tx: &mut Tx,
    (before, found): (&Authorization, &CardStanding),
    billing: Option<Billing>,
    decided_by: DecidedBy,
) -> Result<(Option<DeclineReason>, FloorRule)> {
    Ok(match decided_by {
        DecidedBy::NetworkApproved => (None, FloorRule::Ignore),
        DecidedBy::NetworkDeclined(reason) | DecidedBy::Simulation(reason) => {
            (Some(reason), FloorRule::Keep)
        }
        DecidedBy::Platform => {
            let asked = Asked::More {
                amount_minor: billing.map_or(0, Billing::total_minor),
                counted_minor: before.counted_minor(),
            };
            let ruling = ruling::rule(tx, found, &use_of(before, asked), before.created_at).await?;
            let question = Question {
                forced: super::against_token(tx, before).await?,
                ..question(before, billing.map(Billing::total))
            };
            match decide(&question, &found.standing, ruling, tx.today()) {
                Decision::Approve { .. } => (None, FloorRule::Keep),
                Decision::Decline(reason) => (Some(reason), FloorRule::Keep),
            }
        }
    })
}

async fn raise(
    tx: &mut Tx,
    before: Authorization,
    (more, billing): (Amount, Amount),
    floor: FloorRule,
) -> Result<Authorization> {
    let mut after = before.clone().increment(more, billing.minor(), tx.now())?;
    let open_hold = before.hold.filter(|_| before.held_minor > 0);
    match (open_hold, billing.is_zero()) {
        (_, true) => {}
        (Some(hold), false) => {
            journal::raise(tx, hold, billing, floor).await?;
        }
        // What was approved first was worth less than a cent here, or so is what is left of it.
        (None, false) => {
            let hold = super::place(tx, &after, (billing, floor)).await?;
            after.hold = Some(hold.id);
        }
    }
    keep(tx, Some(&before), &after).await?;
    Ok(after)
}

fn use_of(authorization: &Authorization, asked: Asked) -> UseOfCard {
    UseOfCard {
        channel: authorization.channel,
        country: authorization.merchant.country,
        mcc: authorization.merchant.mcc,
        asked,
    }
}

/// Nothing is presented again: it was when the authorization began. Only a wallet token that was
/// used may have been stopped meanwhile.
fn question(authorization: &Authorization, billing: Option<Amount>) -> Question {
    Question {
        kind: authorization.kind,
        billing,
        partial: Partial::Refused,
        expiry: Presented::Nothing,
        cvv: Presented::Nothing,
        pin: Presented::Nothing,
        pin_free_minor: None,
        forced: None,
    }
}

/// Takes an authorization back, all of it or so much.
pub async fn reverse(
    tx: &mut Tx,
    before: Authorization,
    amount: Option<Amount>,
) -> Result<Changed> {
    let reversal = before.clone().reverse(amount, tx.now())?;
    tx.audit("authorization.reverse", ("authorization", &before.number))
        .await?;
    // A rest may be held though nothing is open any more: clearings in other currencies round.
    if reversal.after != before {
        release(tx, &before, &reversal, HoldEnd::Voided).await?;
        let void = record(tx, &reversal).await?;
        tx.emit(Event::AuthorizationReversed {
            card: before.card,
            authorization: AuthorizationSeen::of(&reversal.after),
            void,
            amount: reversal.given_back,
        })
        .await?;
        cards::return_rest(tx, before.card).await?;
    }
    changed(tx, reversal).await
}

/// Keeps that it was taken back this time, for those who follow the card.
async fn record(tx: &mut Tx, reversal: &Reversal) -> Result<VoidId> {
    let of = &reversal.after;
    let void = Void {
        id: VoidId::new(tx.next_id().await?).map_err(|_| super::run_out())?,
        authorization: of.id,
        card: of.card,
        amount: reversal.given_back,
        billing: in_billing(of, reversal.released_minor),
        created_at: tx.now(),
    };
    voids::insert(tx, &void).await?;
    Ok(void.id)
}

/// What is not below zero in the account's currency.
fn in_billing(of: &Authorization, minor: i64) -> Amount {
    let amount = Amount::from_minor(minor, of.billing_currency);
    amount.unwrap_or_else(|| Amount::zero(of.billing_currency))
}

/// Tells what a clearing gave free besides what it paid. A merchant that takes less than was
/// authorized sends no reversal, so whoever keeps books by what is told could not know of it.
///
/// What was set aside for money that comes in is the network's: nobody held it.
pub(in crate::ops) async fn tell_released(
    tx: &mut Tx,
    before: &Authorization,
    clearing: &Clearing,
    paid: Amount,
) -> Result<()> {
    let after = &clearing.after;
    let freed_minor = before.held_minor - after.held_minor - paid.minor();
    if freed_minor <= 0 || !before.kind.spends() {
        return Ok(());
    }
    let cleared_minor = after.cleared_minor - before.cleared_minor;
    let given_back = before.open_minor() - cleared_minor - after.open_minor();
    let currency = before.asked.currency();
    let amount = Amount::from_minor(given_back.max(0), currency);
    tx.emit(Event::AuthorizationReleased {
        card: before.card,
        authorization: before.id,
        amount: amount.unwrap_or_else(|| Amount::zero(currency)),
        billing: in_billing(before, freed_minor),
    })
    .await
}

/// Ends an authorization whose time is over.
pub async fn expire(tx: &mut Tx, before: Authorization) -> Result<Changed> {
    let expiry = before.clone().expire(tx.now())?;
    tx.audit("authorization.expire", ("authorization", &before.number))
        .await?;
    release(tx, &before, &expiry, HoldEnd::Expired).await?;
    tx.emit(Event::AuthorizationExpired {
        card: before.card,
        authorization: AuthorizationSeen::of(&expiry.after),
        amount: expiry.given_back,
        billing: in_billing(&expiry.after, expiry.released_minor),
    })
    .await?;
    cards::return_rest(tx, before.card).await?;
    changed(tx, expiry).await
}

/// Ends those whose time is over, the oldest first, at most `limit` of them. How many. One that
/// cannot be ended is told of and keeps no other waiting.
pub async fn expire_due(tx: &mut Tx, limit: i64) -> Result<usize> {
    let now = tx.now();
    let due = authorizations::overdue(tx, now, limit).await?;
    let mut ended = 0;
    for id in due {
        match tx.attempt(async |tx| expire_one(tx, id).await).await? {
            Ok(()) => ended += 1,
            Err(Error::Busy) => return Err(Error::Busy),
            Err(error) => {
                let number = id.get();
                let error = error.log_text();
                tracing::error!(
                    authorization = number,
                    error,
                    "an authorization did not expire"
                );
            }
        }
    }
    Ok(ended)
}

async fn expire_one(tx: &mut Tx, id: AuthorizationId) -> Result<()> {
    let before = authorizations::get(tx, id).await?;
    expire(tx, before).await?;
    Ok(())
}

pub(in crate::ops) async fn release(
    tx: &mut Tx,
    before: &Authorization,
    reversal: &Reversal,
    end: HoldEnd,
) -> Result<()> {
    let freed = Amount::from_minor(reversal.released_minor, before.billing_currency);
    if let (Some(hold), Some(freed)) = (before.hold, freed.filter(|freed| !freed.is_zero())) {
        journal::void(tx, hold, VoidWhat::Amount(freed), end).await?;
    }
    keep(tx, Some(before), &reversal.after).await
}

async fn changed(tx: &mut Tx, reversal: Reversal) -> Result<Changed> {
    let balances = balances(tx, &reversal.after).await?;
    Ok(Changed {
        given_back: reversal.given_back,
        authorization: reversal.after,
        balances,
    })
}

/// What the account of an authorization has.
pub(in crate::ops) async fn balances(
    tx: &mut Tx,
    authorization: &Authorization,
) -> Result<Balances> {
    let account = accounts::get(tx, authorization.account).await?;
    Ok(balances_of(account.id, account.currency, account.balance))
}
