//! Challenges: 3-D Secure codes and pages, and the codes that activate physical cards.
//!
//! Law: a code or link leaves here only in the answer that makes it, or by [`show`], which leaves
//! audit rows; neither those nor events hold one, and the store keeps it sealed.

use std::collections::BTreeSet;

use cardwright_core::{
    Amount, Card, CardId, CardStage, CardState, Challenge, ChallengeEnd, ChallengeId,
    ChallengeKind, ChallengeState, ChallengedPayment, CodeCheck, CodeMatch, Event, OrderKind,
    Record, Refusal, Timestamp,
};
use jiff::SignedDuration;

use crate::{
    error::{Error, Result},
    secrets::{Secret, generate},
    store::{Tx, cards, challenges, orders},
};

/// How long the page of a challenge can be answered.
const PAGE_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Digits of a code.
const CODE_DIGITS: usize = 6;

/// How a payment is to be confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfirmBy {
    /// By a code that is sent to the holder.
    Otp,
    /// On a page.
    Url,
}

/// Asks the holder of a card to confirm an online payment: the challenge and its code or link.
pub async fn ask(
    tx: &mut Tx,
    id: CardId,
    by: ConfirmBy,
    (merchant, amount): (String, Amount),
) -> Result<(Challenge, Secret)> {
    let card = cards::get(tx, id).await?.age(tx.today(), tx.now());
    if let CardState::Closed { .. } = card.state {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    let payment = Some(ChallengedPayment { merchant, amount });
    let new = match by {
        ConfirmBy::Otp => New {
            kind: ChallengeKind::Otp,
            payment,
            expires_at: None,
            value: generate::code(CODE_DIGITS, tx.entropy()),
        },
        ConfirmBy::Url => New {
            kind: ChallengeKind::Url,
            payment,
            expires_at: Some(page_ends(tx.now())?),
            value: page(tx.entropy().uuid()),
        },
    };
    issue(tx, &card, new).await
}

/// Issues the code that activates a physical card. The one before becomes void.
pub async fn issue_activation_code(tx: &mut Tx, id: CardId) -> Result<(Challenge, Secret)> {
    let card = cards::get(tx, id).await?.age(tx.today(), tx.now());
    match card.state {
        CardState::Inactive => {}
        CardState::Pending
        | CardState::Active
        | CardState::Frozen { .. }
        | CardState::Dormant { .. }
        | CardState::Freezing { .. }
        | CardState::Unfreezing { .. }
        | CardState::Cancelling { .. }
        | CardState::Closed { .. } => return Err(Refusal::CardTransitionNotAllowed.into()),
    }
    if card.stage == CardStage::Digital {
        return Err(Refusal::StageNotSupported.into());
    }
    if let Some(older) = challenges::open_code(tx, id).await? {
        let voided = older.end(ChallengeEnd::Voided, tx.now())?;
        put_ended(tx, &voided).await?;
    }
    let new = New {
        kind: ChallengeKind::ActivationCode,
        payment: None,
        expires_at: None,
        value: generate::code(CODE_DIGITS, tx.entropy()),
    };
    issue(tx, &card, new).await
}

/// Issues another code for a card whose code is used, void or lost, as an operator. Whoever
/// integrates is told of it as of the first one; the operator does not see it.
pub async fn renew_activation_code(tx: &mut Tx, id: CardId, reason: &str) -> Result<Challenge> {
    tx.audit_reasoned(
        "card.renew_activation_code",
        ("card", &id.to_string()),
        Some(reason),
    )
    .await?;
    if orders::is_under_way(tx, id, OrderKind::Activate).await? {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    let (challenge, _) = issue_activation_code(tx, id).await?;
    Ok(challenge)
}

/// Shows the codes and links of challenges, in their order. An audit row says of which cards.
pub async fn show(tx: &mut Tx, shown: &[Challenge]) -> Result<Vec<Secret>> {
    let cards: BTreeSet<CardId> = shown.iter().map(|challenge| challenge.card).collect();
    for card in cards {
        tx.audit("challenge.reveal", ("card", &card.to_string()))
            .await?;
    }
    let mut values = Vec::with_capacity(shown.len());
    for challenge in shown {
        values.push(challenges::value(tx, challenge.id).await?);
    }
    Ok(values)
}

/// Judges a presented activation code. The right one is used up, five wrong ones void it; the
/// comparison takes the same time whatever is presented.
///
/// A wrong answer is counted in this write: the caller must let it commit.
pub async fn check_activation_code(
    tx: &mut Tx,
    card: CardId,
    presented: &Secret,
) -> Result<CodeCheck> {
    let Some(code) = challenges::open_code(tx, card).await? else {
        return Ok(CodeCheck::Void);
    };
    let matching = if challenges::value(tx, code.id).await? == *presented {
        CodeMatch::Same
    } else {
        CodeMatch::Other
    };
    let (check, after) = code.answer(matching, tx.now());
    tx.audit("card.check_activation_code", ("card", &card.to_string()))
        .await?;
    match after.state {
        ChallengeState::Open { .. } => challenges::put(tx, &after).await?,
        ChallengeState::Ended { .. } => put_ended(tx, &after).await?,
    }
    Ok(check)
}

/// Ends the challenge of a payment as its holder, or the clock, decides. Ending it the same way
/// again changes nothing. An activation code ends by being presented, not here.
pub async fn end_payment(tx: &mut Tx, id: ChallengeId, how: ChallengeEnd) -> Result<Challenge> {
    let before = challenges::get(tx, id).await?;
    match before.kind {
        ChallengeKind::Otp | ChallengeKind::Url => {}
        ChallengeKind::ActivationCode => return Err(Error::not_found(Record::Challenge)),
    }
    let after = before.clone().end(how, tx.now())?;
    tx.audit("challenge.end", ("challenge", &id.to_string()))
        .await?;
    if after != before {
        put_ended(tx, &after).await?;
    }
    Ok(after)
}

/// What a new challenge is made of.
struct New {
    kind: ChallengeKind,
    payment: Option<ChallengedPayment>,
    expires_at: Option<Timestamp>,
    value: Secret,
}

async fn issue(tx: &mut Tx, card: &Card, new: New) -> Result<(Challenge, Secret)> {
    let id = ChallengeId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let challenge = Challenge {
        id,
        card: card.id,
        kind: new.kind,
        payment: new.payment,
        expires_at: new.expires_at,
        state: ChallengeState::Open { wrong_tries: 0 },
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    challenges::insert(tx, &challenge, &new.value).await?;
    tx.audit("challenge.issue", ("challenge", &id.to_string()))
        .await?;
    let event = Event::ChallengeIssued {
        card: card.id,
        challenge: id,
        kind: new.kind,
    };
    tx.emit(event).await?;
    Ok((challenge, new.value))
}

async fn put_ended(tx: &mut Tx, challenge: &Challenge) -> Result<()> {
    challenges::put(tx, challenge).await?;
    let event = Event::ChallengeEnded {
        card: challenge.card,
        challenge: challenge.id,
        state: challenge.state.word(),
    };
    tx.emit(event).await
}

fn page_ends(now: Timestamp) -> Result<Timestamp> {
    now.checked_add(PAGE_LASTS)
        .map_err(|error| Error::Corrupt(error.to_string()))
}

/// A page nobody serves: its domain is one that exists for examples only (RFC 2606).
fn page(id: uuid::Uuid) -> Secret {
    Secret::new(format!("https://3ds.example/challenges/{id}"))
}
