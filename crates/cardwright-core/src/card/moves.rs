//! What orders make of a card: activation, the end, and the states on the way while an order is not
//! done yet.

use crate::{Card, CardState, CloseReason, Date, Refusal, Timestamp};

/// Where an order is to take a card.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardMove {
    /// To frozen.
    Freeze,
    /// Back to active.
    Unfreeze,
    /// To its end.
    Cancel,
}

impl CardMove {
    /// Every move.
    pub const ALL: [CardMove; 3] = [CardMove::Freeze, CardMove::Unfreeze, CardMove::Cancel];
}

impl Card {
    /// Ends the card as its caller no longer wants it. A block does not keep it from ending.
    pub fn cancel(self, now: Timestamp) -> Result<Card, Refusal> {
        match self.state {
            CardState::Inactive
            | CardState::Active
            | CardState::Frozen { .. }
            | CardState::Dormant { .. } => {
                let reason = CloseReason::Cancelled;
                Ok(self.with_state(CardState::Closed { reason, at: now }, now))
            }
            CardState::Pending
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// Ends a card whose last month is over, whatever it was doing and whoever stopped it. One that
    /// ended before, or whose time has not come, stays as it is.
    #[must_use]
    pub fn age(self, today: Date, now: Timestamp) -> Card {
        let has_ended = matches!(self.state, CardState::Closed { .. });
        if has_ended || self.expiry.covers(today) {
            return self;
        }
        let reason = CloseReason::Expired;
        self.with_state(CardState::Closed { reason, at: now }, now)
    }

    /// Lets a card that was made transact for the first time.
    pub fn activate(self, now: Timestamp) -> Result<Card, Refusal> {
        self.require_unblocked()?;
        match self.state {
            CardState::Inactive => Ok(self.with_state(CardState::Active, now)),
            CardState::Pending
            | CardState::Active
            | CardState::Frozen { .. }
            | CardState::Dormant { .. }
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// The card is made: it is what its product says new cards are.
    pub fn come_to_be(self, state: CardState, now: Timestamp) -> Result<Card, Refusal> {
        match self.state {
            CardState::Pending => Ok(self.with_state(state, now)),
            _ => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// The card never came to be.
    pub fn fail(self, now: Timestamp) -> Result<Card, Refusal> {
        match self.state {
            CardState::Pending => {
                let reason = CloseReason::Failed;
                Ok(self.with_state(CardState::Closed { reason, at: now }, now))
            }
            _ => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// Makes the move at once.
    pub fn make(self, wanted: CardMove, now: Timestamp) -> Result<Card, Refusal> {
        match wanted {
            CardMove::Freeze => self.freeze(now),
            CardMove::Unfreeze => self.unfreeze(now),
            CardMove::Cancel => self.cancel(now),
        }
    }

    /// Begins a move that is made later; one that would change nothing changes nothing now either.
    pub fn begin(self, wanted: CardMove, now: Timestamp) -> Result<Card, Refusal> {
        let made = self.clone().make(wanted, now)?;
        if made == self {
            return Ok(self);
        }
        let state = match wanted {
            CardMove::Freeze => CardState::Freezing { since: now },
            CardMove::Unfreeze => CardState::Unfreezing { since: now },
            CardMove::Cancel => CardState::Cancelling { since: now },
        };
        Ok(self.with_state(state, now))
    }

    /// Ends a move that was begun, or makes one that nobody had to begin.
    pub fn complete(self, wanted: CardMove, now: Timestamp) -> Result<Card, Refusal> {
        let state = match (self.state, wanted) {
            (CardState::Freezing { .. }, CardMove::Freeze) => CardState::Frozen { since: now },
            (CardState::Unfreezing { .. }, CardMove::Unfreeze) => CardState::Active,
            (CardState::Cancelling { .. }, CardMove::Cancel) => CardState::Closed {
                reason: CloseReason::Cancelled,
                at: now,
            },
            _ => return self.make(wanted, now),
        };
        Ok(self.with_state(state, now))
    }

    /// Refuses unless the card has been activated, is neither at its end nor on the way anywhere,
    /// and the platform lets it: money moves, a PIN is changed.
    pub fn require_in_use(&self) -> Result<(), Refusal> {
        self.require_unblocked()?;
        match self.state {
            CardState::Active | CardState::Frozen { .. } | CardState::Dormant { .. } => Ok(()),
            CardState::Pending
            | CardState::Inactive
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// Refuses unless what the card may be used for can be changed.
    pub fn require_changeable(&self) -> Result<(), Refusal> {
        self.require_unblocked()?;
        match self.state {
            CardState::Inactive
            | CardState::Active
            | CardState::Frozen { .. }
            | CardState::Dormant { .. } => Ok(()),
            CardState::Pending
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// Refuses unless the card's number may be shown to its caller: not before it is made, and not
    /// after its end.
    pub fn require_revealable(&self) -> Result<(), Refusal> {
        match self.state {
            CardState::Inactive
            | CardState::Active
            | CardState::Frozen { .. }
            | CardState::Dormant { .. }
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. } => Ok(()),
            CardState::Pending | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }
}
