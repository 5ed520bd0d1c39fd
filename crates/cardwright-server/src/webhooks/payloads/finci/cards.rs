//! Cards: issued, in another status, with their plastic elsewhere.

use cardwright_core::{Card, CardId, CardStage, CardState, CloseReason, PlatformBlock};
use cardwright_wire::{
    finci::{
        cards::{TokenStage, TokenStatus},
        events::{Event, Kind},
    },
    kind::PaddedId,
};

use super::{super::Told, begun};
use crate::{
    error::{Error, Result},
    store::{ReadTx, cards, events::StoredEvent},
};

/// A card was issued. What became of it since is told by events of its own.
pub(super) async fn created(tx: &mut ReadTx, told: Told<'_>) -> Result<Event> {
    let card = of(tx, told.event).await?;
    Ok(named(begun(Kind::CardCreated, told), &card))
}

/// A card has another status; nothing where the contract has one word for both.
pub(super) async fn status_changed(tx: &mut ReadTx, told: Told<'_>) -> Result<Option<Event>> {
    let happened = told.event;
    let card = of(tx, happened).await?;
    let (before, after) = match happened.kind.as_str() {
        "card_blocked" => under_block(happened, &card)?,
        "card_unblocked" => {
            let (alone, stopped) = under_block(happened, &card)?;
            (stopped, alone)
        }
        _ => {
            let from = status_of(happened.fact("from")?, &card)?;
            let to = happened.fact("to")?;
            let after = status_of(to, &card)?;
            match (happened.facts.contains_key("block"), to) {
                // Under the platform's block it reads as deactivated, until it ends.
                (true, "closed") => (TokenStatus::Deactivated, after),
                (true, _) => (TokenStatus::Deactivated, TokenStatus::Deactivated),
                (false, _) => (from, after),
            }
        }
    };
    if before == after {
        return Ok(None);
    }
    Ok(Some(Event {
        token_status: Some(after),
        previous_token_status: Some(before),
        ..named(begun(Kind::CardStatusChanged, told), &card)
    }))
}

/// A card's plastic moved.
pub(super) async fn stage_changed(tx: &mut ReadTx, told: Told<'_>) -> Result<Event> {
    let card = of(tx, told.event).await?;
    Ok(Event {
        token_stage: Some(stage(told.event.fact("to")?)?),
        previous_token_stage: Some(stage(told.event.fact("from")?)?),
        ..named(begun(Kind::CardStageChanged, told), &card)
    })
}

async fn of(tx: &mut ReadTx, event: &StoredEvent) -> Result<Card> {
    cards::get(tx, event.subject(CardId::new)?).await
}

fn named(event: Event, card: &Card) -> Event {
    Event {
        token_id: Some(PaddedId(card.id.get())),
        account_id: Some(PaddedId(card.account.get())),
        ..event
    }
}

/// What a card reads like by itself, and what while the platform stops it: by the state that it had
/// when the platform did something, or has where the event is from before its facts said it.
fn under_block(event: &StoredEvent, card: &Card) -> Result<(TokenStatus, TokenStatus)> {
    Ok(match event.later_fact("state")? {
        Some("closed") => {
            let ended = status_of("closed", card)?;
            (ended, ended)
        }
        Some(state) => (status_of(state, card)?, TokenStatus::Deactivated),
        None => (
            token_status(card.state, PlatformBlock::Clear),
            blocked(card),
        ),
    })
}

/// What a card that the platform stopped reads like, whatever it is otherwise.
fn blocked(card: &Card) -> TokenStatus {
    match card.state {
        CardState::Closed { .. } => token_status(card.state, PlatformBlock::Clear),
        CardState::Pending
        | CardState::Inactive
        | CardState::Active
        | CardState::Frozen { .. }
        | CardState::Dormant { .. }
        | CardState::Freezing { .. }
        | CardState::Unfreezing { .. }
        | CardState::Cancelling { .. } => TokenStatus::Deactivated,
    }
}

/// The word for the state that an event names. Why a card ended stands on the card, for good.
fn status_of(word: &str, card: &Card) -> Result<TokenStatus> {
    Ok(match word {
        "pending" | "inactive" => TokenStatus::New,
        "active" => TokenStatus::Active,
        "dormant" => TokenStatus::Referral,
        "frozen" | "freezing" | "unfreezing" | "cancelling" => TokenStatus::Deactivated,
        "closed" => token_status(card.state, PlatformBlock::Clear),
        _ => return Err(Error::Corrupt(format!("a card's state {word}"))),
    })
}

fn stage(word: &str) -> Result<TokenStage> {
    Ok(match CardStage::from_word(word) {
        Some(CardStage::Digital) => TokenStage::Digital,
        Some(CardStage::PlasticNotDelivered) => TokenStage::PlasticNotDelivered,
        Some(CardStage::PlasticDelivered) => TokenStage::PlasticDelivered,
        None => return Err(Error::Corrupt(format!("a card's stage {word}"))),
    })
}

/// The word for a card's state. The platform's block shows as `deactivated` while the card lives.
pub(crate) fn token_status(state: CardState, block: PlatformBlock) -> TokenStatus {
    match (state, block) {
        (CardState::Closed { reason, .. }, _) => match reason {
            CloseReason::Lost => TokenStatus::Lost,
            CloseReason::Stolen => TokenStatus::Stolen,
            CloseReason::Damaged => TokenStatus::Damaged,
            CloseReason::Compromised => TokenStatus::Compromized,
            CloseReason::Blocked => TokenStatus::Blocked,
            CloseReason::Cancelled | CloseReason::Expired | CloseReason::Failed => {
                TokenStatus::Closed
            }
        },
        (_, PlatformBlock::Blocked { .. })
        | (
            CardState::Frozen { .. }
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. },
            _,
        ) => TokenStatus::Deactivated,
        (CardState::Pending | CardState::Inactive, PlatformBlock::Clear) => TokenStatus::New,
        (CardState::Active, PlatformBlock::Clear) => TokenStatus::Active,
        (CardState::Dormant { .. }, PlatformBlock::Clear) => TokenStatus::Referral,
    }
}
