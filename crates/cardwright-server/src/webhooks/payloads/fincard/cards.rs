//! Cards in the words of this dialect, and what records say of their card.

use cardwright_core::{Amount, Card, CardState, CloseReason, PlatformBlock};
use cardwright_wire::{
    fincard::{
        cards::{self as wire, Block},
        queries::{CardFacts, Money},
    },
    pan::MaskedPan,
};

use crate::error::{Error, Result};

/// The state in this dialect's machine.
pub(crate) fn state_out(state: CardState) -> wire::CardState {
    match state {
        CardState::Pending => wire::CardState::Pending,
        CardState::Inactive => wire::CardState::Inactive,
        CardState::Active => wire::CardState::Active,
        CardState::Frozen { .. } | CardState::Dormant { .. } => wire::CardState::Frozen,
        CardState::Freezing { .. } => wire::CardState::Freezing,
        CardState::Unfreezing { .. } => wire::CardState::Unfreezing,
        CardState::Cancelling { .. } => wire::CardState::Cancelling,
        CardState::Closed { reason, .. } => match reason {
            CloseReason::Lost
            | CloseReason::Stolen
            | CloseReason::Damaged
            | CloseReason::Compromised
            | CloseReason::Blocked
            | CloseReason::Cancelled => wire::CardState::Cancelled,
            CloseReason::Expired => wire::CardState::Expired,
            CloseReason::Failed => wire::CardState::Failed,
        },
    }
}

/// The platform's block in this dialect.
pub(crate) fn block_out(block: PlatformBlock) -> Block {
    match block {
        PlatformBlock::Clear => Block::None,
        PlatformBlock::Blocked { .. } => Block::ByPlatform,
    }
}

/// The digits of a card that may be seen.
pub(crate) fn masked(card: &Card) -> Result<MaskedPan> {
    MaskedPan::new(&card.first_six, &card.last_four)
        .ok_or_else(|| Error::Corrupt(format!("visible digits of card {}", card.id)))
}

/// An amount as it goes out.
pub(crate) fn money(amount: Amount) -> Money {
    Money {
        amount: amount.to_string(),
        currency: amount.currency().code().to_owned(),
    }
}

/// The card of a record.
pub(crate) fn card_facts(card: &Card) -> Result<CardFacts> {
    Ok(CardFacts {
        id: card.id.get(),
        pan: masked(card)?,
    })
}
