//! What the card network asks: authorizations, advices, increments, reversals, and their expiry.
//!
//! Law: everything a message does commits together: the decision, the money set aside, what is
//! counted towards limits, the event. Nothing waits for anything but the store.

mod changes;
mod ruling;

use cardwright_core::{
    AccountId, AccountKind, Amount, Authorization, AuthorizationId, AuthorizationKind,
    AuthorizationStatus, Billing, CardId, Channel, Currency, Decision, DeclineReason, Event,
    Expiry, Hold, HoldId, Merchant, Origin, Pan, Partial, Presented, Question, Refusal,
    WalletTokenId, WalletTokenState, decide,
};

use super::{accounts as account_ops, decisions, exchange};
use crate::{
    error::{Error, Result},
    secrets::Secret,
    store::{
        Tx, authorizations,
        decisions::DecisionId,
        journal::{self, FloorRule, NewHold},
        standings::{self, CardStanding},
        wallet_tokens,
    },
};

pub use changes::{Changed, Increment, expire, expire_due, increment, reverse};
pub(super) use changes::{balances, release, tell_released};
pub(super) use ruling::keep;

/// How a message names a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CardName {
    /// By its id.
    Id(CardId),
    /// By its number.
    Number(Pan),
}

/// The wallet token that stands for a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PresentedToken {
    /// Its id.
    pub id: WalletTokenId,
    /// Where it is in its life.
    pub state: WalletTokenState,
}

impl PresentedToken {
    /// Why nothing is paid with it: a token that does not pay is as good as a card that does not.
    pub(in crate::ops) fn against(self) -> Option<DeclineReason> {
        match self.state {
            WalletTokenState::Active => None,
            WalletTokenState::Inactive
            | WalletTokenState::Suspended
            | WalletTokenState::Deleted => Some(DeclineReason::CardNotActive),
        }
    }
}

/// Why nothing more is paid with the wallet token that an authorization was made with, if it was
/// made with one.
pub(in crate::ops) async fn against_token(
    tx: &mut Tx,
    of: &Authorization,
) -> Result<Option<DeclineReason>> {
    let Some(token) = of.wallet_token else {
        return Ok(None);
    };
    let id = WalletTokenId::new(token)
        .map_err(|_| Error::Corrupt(format!("authorization {}", of.number)))?;
    let (_, state) = wallet_tokens::card_of(tx, id).await?;
    Ok(PresentedToken { id, state }.against())
}

/// What was presented to prove that the card is there, or its holder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proofs {
    /// The month on the card.
    pub expiry: Option<Expiry>,
    /// The code on its back.
    pub cvv: Option<Secret>,
    /// What only the holder knows.
    pub pin: Option<Secret>,
}

/// Who has decided already, if anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecidedBy {
    /// Nobody: the platform decides.
    Platform,
    /// A simulation insists on this reason.
    Simulation(DeclineReason),
    /// The network, with a yes.
    NetworkApproved,
    /// The network, with a no.
    NetworkDeclined(DeclineReason),
}

/// A question of the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAuthorization {
    /// Which card.
    pub card: CardName,
    /// The wallet token that stood for it.
    pub wallet_token: Option<PresentedToken>,
    /// What for.
    pub kind: AuthorizationKind,
    /// How much, in the merchant's currency.
    pub amount: Amount,
    /// Whether part of it would do.
    pub partial: Partial,
    /// How the card was presented.
    pub channel: Channel,
    /// Where.
    pub merchant: Merchant,
    /// What was presented.
    pub proofs: Proofs,
    /// Who has decided.
    pub decided_by: DecidedBy,
    /// The network's reference.
    pub reference: String,
}

/// What an account has, as the answers to the network show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Balances {
    /// Which account.
    pub account: AccountId,
    /// Its currency.
    pub currency: Currency,
    /// What is there.
    pub posted_minor: i64,
    /// What is set aside of it.
    pub held_minor: i64,
    /// What may be spent.
    pub available_minor: i64,
}

/// An authorization that was decided, and what the account has after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorized {
    /// The authorization.
    pub authorization: Authorization,
    /// The account.
    pub balances: Balances,
}

/// How far a message about an authorization got.
///
/// A question that nobody asks keeps money set aside: whoever gets one hands it to
/// [`decisions::settle`] after the commit. So there is no way to what was decided past it.
#[must_use = "a question that nobody asks keeps money set aside"]
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ruled<T> {
    /// Decided.
    Decided(T),
    /// The integrator decides, and is to be asked.
    Asked {
        /// The question.
        question: DecisionId,
        /// The authorization that it is about.
        authorization: AuthorizationId,
    },
}

impl<T> Ruled<T> {
    /// What was decided, where the platform decides alone. Elsewhere this is a fault, which undoes
    /// the write, and with it the question.
    pub fn decided(self) -> Result<T> {
        match self {
            Ruled::Decided(decided) => Ok(decided),
            Ruled::Asked { question, .. } => Err(Error::Corrupt(format!(
                "nobody would ask question {question}"
            ))),
        }
    }
}

/// Decides a question of the network, or records how the network decided it, and sets aside what
/// was approved.
pub async fn authorize(tx: &mut Tx, new: NewAuthorization) -> Result<Ruled<Authorized>> {
    new.kind.check_amount(new.amount)?;
    let asks = decisions::asks(tx, (new.kind, new.decided_by));
    let found = find(tx, &new.card).await?;
    let billing = priced(tx, &new, &found).await?;
    let (decision, origin) = decision(tx, &new, &found, billing).await?;
    let overruled = overruled(tx, &new, &found, billing).await?;
    let balances = Balances {
        account: found.account,
        currency: found.currency,
        posted_minor: found.posted_minor,
        held_minor: found.held_minor,
        available_minor: found.standing.available_minor,
    };
    let mut authorization = begun(tx, new, &found, (decision, billing)).await?;
    authorization.origin = origin;
    authorization.overruled = overruled;
    let balances = set_aside(tx, &mut authorization, balances).await?;
    let id = authorization.number.clone();
    let is_asked = asks && authorization.status.reason().is_none();
    match authorization.status.reason() {
        None if is_asked => {
            tx.audit_outcome("authorization.decide", ("authorization", &id), "asked")
                .await?;
        }
        Some(reason) => {
            tx.audit_outcome(
                "authorization.decide",
                ("authorization", &id),
                reason.word(),
            )
            .await?;
        }
        None => {
            tx.audit("authorization.decide", ("authorization", &id))
                .await?;
        }
    }
    keep(tx, None, &authorization).await?;
    if is_asked {
        return Ok(Ruled::Asked {
            question: decisions::begin(tx, &authorization).await?,
            authorization: authorization.id,
        });
    }
    tx.emit(decided(&authorization)).await?;
    Ok(Ruled::Decided(Authorized {
        authorization,
        balances,
    }))
}

/// What is told of a decision. The authorization may be another one by the time that it is told.
fn decided(of: &Authorization) -> Event {
    let billing = Amount::from_minor(of.billing_minor, of.billing_currency);
    Event::AuthorizationDecided {
        card: of.card,
        authorization: of.id,
        amount: decisions::amount(of),
        billing: billing.unwrap_or_else(|| Amount::zero(of.billing_currency)),
        declined: of.status.reason(),
        status: of.status,
    }
}

/// The card that a message names, with all that a decision needs.
pub(super) async fn find(tx: &mut Tx, card: &CardName) -> Result<CardStanding> {
    match card {
        CardName::Id(id) => standings::of_card(tx, *id).await,
        CardName::Number(pan) => standings::of_number(tx, pan).await,
    }
}

/// What the asked amount means for the account. What the network has approved, and what comes
/// back, is not declined for being too much to be counted, so that is refused.
async fn priced(
    tx: &mut Tx,
    new: &NewAuthorization,
    found: &CardStanding,
) -> Result<Option<Billing>> {
    let (amount, to) = (new.amount, found.currency);
    match (new.kind, new.decided_by) {
        (AuthorizationKind::Refund, _) => {
            exchange::billing(tx, amount, to, found.terms.without_markup()).await
        }
        (_, DecidedBy::NetworkApproved) => exchange::billing(tx, amount, to, found.terms).await,
        _ => exchange::asked(tx, amount, to, found.terms).await,
    }
}

async fn decision(
    tx: &mut Tx,
    new: &NewAuthorization,
    found: &CardStanding,
    billing: Option<Billing>,
) -> Result<(Decision, Origin)> {
    let billing = billing.map(Billing::total);
    let forced = match new.decided_by {
        DecidedBy::Platform => new.wallet_token.and_then(PresentedToken::against),
        DecidedBy::Simulation(reason) => Some(reason),
        DecidedBy::NetworkDeclined(reason) => {
            return Ok((Decision::Decline(reason), Origin::StandIn));
        }
        DecidedBy::NetworkApproved => {
            let billing = billing.ok_or(Refusal::CurrencyNotSupported)?;
            return Ok((Decision::Approve { billing }, Origin::StandIn));
        }
    };
    let cvv = ruling::cvv(tx, new, found).await?;
    let pin = ruling::pin(tx, new, found).await?;
    let question = question(new, found, (billing, forced), (cvv, pin));
    let asked = billing.map_or(0, Amount::minor);
    let use_of_card = ruling::new_use(new, asked);
    let ruling = ruling::rule(tx, found, &use_of_card, tx.now()).await?;
    let decision = decide(&question, &found.standing, ruling, tx.today());
    let decision = match (decision, billing) {
        // What could be paid is worth less than the smallest coin of what was asked for, and to approve
        // one would hold less than it costs.
        (Decision::Approve { billing: part }, Some(whole))
            if part.minor() < whole.minor()
                && part_of(new.amount.minor(), part.minor(), whole.minor()) == 0 =>
        {
            let whole_only = Question {
                partial: Partial::Refused,
                ..question
            };
            decide(&whole_only, &found.standing, ruling, tx.today())
        }
        (decision, _) => decision,
    };
    Ok((decision, Origin::Platform))
}

/// What is to be decided, with what came of comparing the card's secrets.
fn question(
    new: &NewAuthorization,
    found: &CardStanding,
    (billing, forced): (Option<Amount>, Option<DeclineReason>),
    (cvv, pin): (Presented, Presented),
) -> Question {
    Question {
        kind: new.kind,
        billing,
        partial: match billing {
            // Of what cannot be counted nobody knows the share.
            Some(uncounted) if uncounted.minor() == i64::MAX => Partial::Refused,
            _ => new.partial,
        },
        expiry: match new.proofs.expiry {
            None => Presented::Nothing,
            Some(month) if month == found.standing.expiry => Presented::Right,
            Some(_) => Presented::Wrong,
        },
        cvv,
        pin,
        // A phone has asked its holder for a proof of its own before it pays.
        pin_free_minor: match new.wallet_token {
            None if new.kind.asks_for_pin(new.channel) => found.pin_free_minor,
            None | Some(_) => None,
        },
        forced,
    }
}

/// Why we would have declined what the network approved in our place. Card secrets are not compared
/// again: the network did, and a PIN that is wrong here would count as a try.
async fn overruled(
    tx: &mut Tx,
    new: &NewAuthorization,
    found: &CardStanding,
    billing: Option<Billing>,
) -> Result<Option<DeclineReason>> {
    if new.decided_by != DecidedBy::NetworkApproved {
        return Ok(None);
    }
    let billing = billing.map(Billing::total);
    let forced = new.wallet_token.and_then(PresentedToken::against);
    let unseen = (Presented::Nothing, Presented::Nothing);
    let question = Question {
        pin_free_minor: None,
        ..question(new, found, (billing, forced), unseen)
    };
    let use_of_card = ruling::new_use(new, billing.map_or(0, Amount::minor));
    let ruling = ruling::rule(tx, found, &use_of_card, tx.now()).await?;
    Ok(
        match decide(&question, &found.standing, ruling, tx.today()) {
            Decision::Approve { .. } => None,
            Decision::Decline(reason) => Some(reason),
        },
    )
}

/// The record of a decision, with nothing set aside yet.
async fn begun(
    tx: &mut Tx,
    new: NewAuthorization,
    found: &CardStanding,
    (decision, billing): (Decision, Option<Billing>),
) -> Result<Authorization> {
    let id = AuthorizationId::new(tx.next_id().await?).map_err(|_| run_out())?;
    let now = tx.now();
    let total = billing.map_or(0, Billing::total_minor);
    let (status, billing_minor) = match decision {
        Decision::Decline(reason) => (AuthorizationStatus::Declined(reason), total),
        Decision::Approve { billing } => match new.kind {
            AuthorizationKind::Verification | AuthorizationKind::BalanceInquiry => {
                (AuthorizationStatus::Answered, 0)
            }
            AuthorizationKind::Purchase
            | AuthorizationKind::Cash
            | AuthorizationKind::QuasiCash
            | AuthorizationKind::Refund => (AuthorizationStatus::Open, billing.minor()),
        },
    };
    // Of a part that was approved, as much of what was asked for as the part is of the whole.
    let approved_minor = match status {
        AuthorizationStatus::Open if billing_minor < total => {
            part_of(new.amount.minor(), billing_minor, total)
        }
        AuthorizationStatus::Open => new.amount.minor(),
        _ => 0,
    };
    Ok(Authorization {
        id,
        number: authorizations::next_number(tx).await?,
        card: found.card,
        account: found.account,
        kind: new.kind,
        origin: Origin::Platform,
        status,
        asked: new.amount,
        approved_minor,
        reversed_minor: 0,
        cleared_minor: 0,
        billing_currency: found.currency,
        billing_minor,
        rate: billing.map_or(cardwright_core::Rate::ONE, |billing| billing.rate),
        held_minor: 0,
        posted_minor: 0,
        restored_minor: 0,
        hold: None,
        channel: new.channel,
        expires_at: found.terms.expires_at(&new.merchant, now),
        merchant: new.merchant,
        wallet_token: new.wallet_token.map(|token| token.id.get()),
        overruled: None,
        reference: new.reference,
        created_at: now,
        updated_at: now,
    })
}

/// Rounded down: never more than the part paid for.
fn part_of(whole: i64, part: i64, of: i64) -> i64 {
    let scaled = i128::from(whole) * i128::from(part) / i128::from(of.max(1));
    i64::try_from(scaled).unwrap_or(whole).min(whole)
}

/// Sets aside what was approved: the holder's money for the network, or, where leave was asked to
/// give money back, the network's for the holder.
async fn set_aside(
    tx: &mut Tx,
    authorization: &mut Authorization,
    before: Balances,
) -> Result<Balances> {
    let amount = Amount::from_minor(authorization.billing_minor, authorization.billing_currency);
    let amount = match (authorization.status, amount) {
        // What is worth less than a cent here is approved, and there is nothing to set aside.
        (AuthorizationStatus::Open, Some(amount)) if !amount.is_zero() => amount,
        _ => return Ok(before),
    };
    let floor = match authorization.origin {
        Origin::Platform => FloorRule::Keep,
        Origin::StandIn => FloorRule::Ignore,
    };
    let hold = place(tx, authorization, (amount, floor)).await?;
    authorization.hold = Some(hold.id);
    authorization.held_minor = amount.minor();
    if hold.payer != authorization.account {
        return Ok(before);
    }
    // What was read in this very transaction is still true, so nothing needs to be read again.
    Ok(Balances {
        held_minor: before.held_minor.saturating_add(amount.minor()),
        available_minor: before.available_minor.saturating_sub(amount.minor()),
        ..before
    })
}

async fn place(
    tx: &mut Tx,
    authorization: &Authorization,
    (amount, floor): (Amount, FloorRule),
) -> Result<Hold> {
    let network =
        account_ops::book_id(tx, AccountKind::NetworkSettlement, amount.currency()).await?;
    let id = HoldId::new(tx.next_id().await?).map_err(|_| run_out())?;
    let (payer, receiver) = match authorization.kind {
        AuthorizationKind::Refund => (network, authorization.account),
        AuthorizationKind::Purchase
        | AuthorizationKind::Cash
        | AuthorizationKind::QuasiCash
        | AuthorizationKind::Verification
        | AuthorizationKind::BalanceInquiry => (authorization.account, network),
    };
    let new = NewHold {
        id,
        payer,
        receiver,
        amount,
        floor,
    };
    journal::hold(tx, &new).await
}

pub(super) fn balances_of(
    account: AccountId,
    currency: Currency,
    balance: cardwright_core::Balance,
) -> Balances {
    Balances {
        account,
        currency,
        posted_minor: balance.posted(),
        held_minor: balance.held(),
        available_minor: balance.available(),
    }
}

pub(super) fn run_out() -> Error {
    Error::Corrupt("ids have run out".to_owned())
}
