//! Messages of the card network, whoever sends them: the network itself or a sandbox's caller in
//! its place. Both go through the same verbs; only how they authenticate differs.

mod answers;
mod carried;
mod questions;
mod refusals;

pub(in crate::api) use questions::settled;
pub(in crate::api) use refusals::refusals;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::response::Response;
use cardwright_core::{
    Amount, Authorization, CardId, DisputeId, Expiry, Pan, PaymentRefusal, Record, Refusal,
    Transaction, TransactionId, TransactionKind, WalletTokenId,
};
use cardwright_wire::{
    kind::{GivenId, Month},
    native::messages::{CardRef, FromNetwork, FromSandbox, Message, Proofs as PresentedProofs},
    shape::Read,
};
use serde_json::value::RawValue;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    api::{front::now, json},
    app::App,
    error::{Error, Result},
    ops::{
        authorizations::{CardName, PresentedToken, Proofs},
        funds,
        messages::{self, Incoming},
    },
    secrets::Secret,
    store::{ReadTx, Tx, authorizations, transactions, wallet_tokens},
};

/// A message that can be carried out.
pub(in crate::api) trait Carried: Message + Clone + Send + 'static {
    /// Its kind, as it is kept beside its reference.
    const KIND: &'static str;
    /// Whether its answer is a decision of ours, whose time is counted.
    const IS_DECIDED: bool = false;
    /// What it is answered.
    type Answer: serde::Serialize;

    /// Does what it says.
    fn carry_out(
        self,
        tx: &mut Tx,
        reference: String,
    ) -> impl Future<Output = Result<Self::Answer>>;
}

/// Whether a message was carried out for the request that waits for its answer, or for one before
/// it, under the same reference.
#[derive(Clone, Default)]
pub(in crate::api) struct Anew(Arc<AtomicBool>);

impl Anew {
    /// Nothing was carried out yet: a write that is done again may find what another did meanwhile.
    fn begin(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn carried_out(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_carried_out(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Carries out a message of the network, once for its reference.
pub(in crate::api) async fn from_network<M: Carried>(
    tx: &mut Tx,
    asked: &Read<FromNetwork<M>>,
    anew: &Anew,
) -> Result<Box<RawValue>> {
    once(tx, asked.value.0.clone(), asked.canonical(), anew).await
}

/// Carries out a message of a sandbox's caller, once for its reference if it has one.
pub(in crate::api) async fn from_sandbox<M: Carried>(
    tx: &mut Tx,
    asked: Read<FromSandbox<M>>,
    anew: &Anew,
) -> Result<Box<RawValue>> {
    let content = Zeroizing::new(asked.canonical().to_owned());
    once(tx, asked.value.0, &content, anew).await
}

/// Counts the decision that a message was answered with, if it was, and the time since it came in.
/// A refusal decided nothing, and neither did a repeat, whose answer is only read: it would make
/// decisions look faster than they are.
pub(in crate::api) fn count_decision<M: Carried>(
    app: &App,
    received: Instant,
    (anew, answer): (&Anew, &Response),
) {
    if M::IS_DECIDED && anew.is_carried_out() && answer.status().is_success() {
        app.metrics().decision(now() - received);
    }
}

async fn once<M: Carried>(
    tx: &mut Tx,
    message: M,
    content: &str,
    anew: &Anew,
) -> Result<Box<RawValue>> {
    anew.begin();
    let Some(reference) = message.reference().map(str::to_owned) else {
        // What has no name cannot be repeated. Its settlement still needs one for the statement.
        let reference = format!("sandbox-{}", tx.next_id().await?);
        let answer = message.carry_out(tx, reference).await?;
        anew.carried_out();
        return raw(json::written(&answer)?);
    };
    let incoming = Incoming {
        kind: M::KIND,
        reference: &reference,
        content,
    };
    let work = async |tx: &mut Tx| {
        let answer = message.carry_out(tx, reference.clone()).await?;
        anew.carried_out();
        json::written(&answer)
    };
    raw(messages::once(tx, incoming, work).await?)
}

fn raw(answer: String) -> Result<Box<RawValue>> {
    RawValue::from_string(answer).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The card that a message names, and the wallet token that stood for it.
async fn card_of(tx: &mut ReadTx, card: CardRef) -> Result<(CardName, Option<PresentedToken>)> {
    let missing = || Error::not_found(Record::Card);
    let by_id = |id: Option<i64>| {
        let id = id.and_then(|id| CardId::new(id).ok());
        id.map(CardName::Id).ok_or_else(missing)
    };
    match card {
        CardRef::Id(given) => Ok((by_id(given.id())?, None)),
        CardRef::Number(digits) => {
            let pan = Pan::parse(digits.expose()).map_err(|_| missing())?;
            Ok((CardName::Number(pan), None))
        }
        CardRef::WalletToken(given) => wallet_token(tx, given).await,
    }
}

/// A token names its card whatever became of it: what was paid with it before is settled all the
/// same. Whether it still pays is for the decision.
async fn wallet_token(
    tx: &mut ReadTx,
    given: GivenId,
) -> Result<(CardName, Option<PresentedToken>)> {
    let id = given.id().and_then(|id| WalletTokenId::new(id).ok());
    let id = id.ok_or_else(|| Error::not_found(Record::WalletToken))?;
    let (card, state) = wallet_tokens::card_of(tx, id).await?;
    Ok((CardName::Id(card), Some(PresentedToken { id, state })))
}

fn proofs(presented: PresentedProofs) -> Result<Proofs> {
    let expiry =
        |month: Month| Expiry::new(month.year, month.month).ok_or(Error::Invalid("expiry"));
    let secret = |text: cardwright_wire::kind::Hidden| Secret::new(text.expose().to_owned());
    Ok(Proofs {
        expiry: presented.expiry.map(expiry).transpose()?,
        cvv: presented.cvv.map(secret),
        pin: presented.pin.map(secret),
    })
}

/// An amount in the currency that is said, or in the one from before.
fn amount(minor: i64, said: Option<&str>, before: Amount) -> Result<Amount> {
    funds::amount(minor, said.unwrap_or(before.currency().code()))
}

fn maybe_amount(minor: Option<i64>, said: Option<&str>, before: Amount) -> Result<Option<Amount>> {
    // A currency beside no amount must still be one, and the right one.
    if let (None, Some(code)) = (minor, said)
        && code != before.currency().code()
    {
        return Err(Refusal::CurrencyMismatch.into());
    }
    minor.map(|minor| amount(minor, said, before)).transpose()
}

async fn transaction(tx: &mut ReadTx, given: GivenId) -> Result<Transaction> {
    let id = given.id().and_then(|id| TransactionId::new(id).ok());
    transactions::get(tx, id.ok_or_else(|| Error::not_found(Record::Transaction))?).await
}

async fn dispute(tx: &mut ReadTx, given: GivenId) -> Result<cardwright_core::Dispute> {
    let id = given.id().and_then(|id| DisputeId::new(id).ok());
    transactions::dispute(tx, id.ok_or_else(|| Error::not_found(Record::Dispute))?).await
}

/// The payment that a refund by the authorization's number means: the newest that still has
/// something to give back, or the newest of all, whose refusal then tells why not.
async fn payment_of(tx: &mut ReadTx, authorization: &Authorization) -> Result<Transaction> {
    let mut posted = transactions::of_authorization(tx, authorization.id).await?;
    posted.retain(|transaction| {
        matches!(
            transaction.kind,
            TransactionKind::Clearing | TransactionKind::ForcedPosting
        )
    });
    let open = posted.iter().rposition(|payment| payment.left_minor() > 0);
    let newest = open.or(posted.len().checked_sub(1));
    newest
        .map(|index| posted.swap_remove(index))
        .ok_or_else(|| Refusal::Payment(PaymentRefusal::ExceedsOriginal).into())
}

async fn authorization(tx: &mut ReadTx, number: &str) -> Result<Authorization> {
    authorizations::named(tx, number).await
}
