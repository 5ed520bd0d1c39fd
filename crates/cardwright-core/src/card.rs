//! Cards: one state machine that both APIs map onto, and the physical stage beside it.
//!
//! Law: a transition takes the old card and returns the new one or a refusal; a closed card stays
//! closed; only the platform's operator sets or lifts a block.

mod moves;
mod replacing;

pub use moves::CardMove;
pub use replacing::LastUse;

use crate::{AccountId, Address, CardId, Expiry, HolderId, ProductId, Refusal, Timestamp};

/// What a product's cards are made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardForm {
    /// A number only.
    Virtual,
    /// Plastic.
    Physical,
    /// Either, as the caller orders it.
    AsOrdered,
}

impl CardForm {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            CardForm::Virtual => "virtual",
            CardForm::Physical => "physical",
            CardForm::AsOrdered => "as_ordered",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<CardForm> {
        [CardForm::Virtual, CardForm::Physical, CardForm::AsOrdered]
            .into_iter()
            .find(|form| form.word() == word)
    }
}

/// Why a card will never work again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CloseReason {
    /// The holder lost it.
    Lost,
    /// It was stolen.
    Stolen,
    /// It is broken.
    Damaged,
    /// Its data fell into wrong hands.
    Compromised,
    /// The caller blocked it for good.
    Blocked,
    /// The caller no longer wants it.
    Cancelled,
    /// Its time ran out.
    Expired,
    /// It could not be made.
    Failed,
}

impl CloseReason {
    /// Every reason.
    pub const ALL: [CloseReason; 8] = [
        CloseReason::Lost,
        CloseReason::Stolen,
        CloseReason::Damaged,
        CloseReason::Compromised,
        CloseReason::Blocked,
        CloseReason::Cancelled,
        CloseReason::Expired,
        CloseReason::Failed,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            CloseReason::Lost => "lost",
            CloseReason::Stolen => "stolen",
            CloseReason::Damaged => "damaged",
            CloseReason::Compromised => "compromised",
            CloseReason::Blocked => "blocked",
            CloseReason::Cancelled => "cancelled",
            CloseReason::Expired => "expired",
            CloseReason::Failed => "failed",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<CloseReason> {
        CloseReason::ALL
            .into_iter()
            .find(|reason| reason.word() == word)
    }

    /// Whether callers see the two as one: the three ways of simply ending show as "closed".
    fn reads_like(self, other: CloseReason) -> bool {
        let plain = |reason| {
            matches!(
                reason,
                CloseReason::Cancelled | CloseReason::Expired | CloseReason::Failed
            )
        };
        self == other || (plain(self) && plain(other))
    }
}

/// Where a card is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardState {
    /// Ordered, not yet made.
    Pending,
    /// Made, not yet activated.
    Inactive,
    /// Transacts.
    Active,
    /// Stopped for a while by the caller.
    Frozen {
        /// Since when.
        since: Timestamp,
    },
    /// Set aside until the holder is heard from.
    Dormant {
        /// Since when.
        since: Timestamp,
    },
    /// On its way to frozen, by an order that is not done yet.
    Freezing {
        /// Since when.
        since: Timestamp,
    },
    /// On its way back, likewise.
    Unfreezing {
        /// Since when.
        since: Timestamp,
    },
    /// On its way to its end, likewise.
    Cancelling {
        /// Since when.
        since: Timestamp,
    },
    /// Ended.
    Closed {
        /// Why.
        reason: CloseReason,
        /// When.
        at: Timestamp,
    },
}

impl CardState {
    /// The stored word; a closed card adds its reason beside it.
    pub fn word(self) -> &'static str {
        match self {
            CardState::Pending => "pending",
            CardState::Inactive => "inactive",
            CardState::Active => "active",
            CardState::Frozen { .. } => "frozen",
            CardState::Dormant { .. } => "dormant",
            CardState::Freezing { .. } => "freezing",
            CardState::Unfreezing { .. } => "unfreezing",
            CardState::Cancelling { .. } => "cancelling",
            CardState::Closed { .. } => "closed",
        }
    }

    /// Since when a state that remembers it has lasted.
    pub fn since(self) -> Option<Timestamp> {
        match self {
            CardState::Frozen { since }
            | CardState::Dormant { since }
            | CardState::Freezing { since }
            | CardState::Unfreezing { since }
            | CardState::Cancelling { since } => Some(since),
            CardState::Closed { at, .. } => Some(at),
            CardState::Pending | CardState::Inactive | CardState::Active => None,
        }
    }

    /// Why a closed card was closed.
    pub fn close_reason(self) -> Option<CloseReason> {
        match self {
            CardState::Closed { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// Puts a state together again from its stored parts.
    pub fn from_parts(
        word: &str,
        since: Option<Timestamp>,
        reason: Option<CloseReason>,
    ) -> Option<CardState> {
        match (word, since, reason) {
            ("pending", None, None) => Some(CardState::Pending),
            ("inactive", None, None) => Some(CardState::Inactive),
            ("active", None, None) => Some(CardState::Active),
            ("frozen", Some(since), None) => Some(CardState::Frozen { since }),
            ("dormant", Some(since), None) => Some(CardState::Dormant { since }),
            ("freezing", Some(since), None) => Some(CardState::Freezing { since }),
            ("unfreezing", Some(since), None) => Some(CardState::Unfreezing { since }),
            ("cancelling", Some(since), None) => Some(CardState::Cancelling { since }),
            ("closed", Some(at), Some(reason)) => Some(CardState::Closed { reason, at }),
            _ => None,
        }
    }
}

/// What a caller wants a card's state to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardStatusChange {
    /// Transact, for the first time or again.
    Activate,
    /// Stop for a while.
    Freeze,
    /// Set aside.
    SetDormant,
    /// End.
    Close(CloseReason),
}

/// Whether the platform itself stopped the card; independent of the card's own state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PlatformBlock {
    /// It did not.
    Clear,
    /// An operator did.
    Blocked {
        /// Since when.
        since: Timestamp,
    },
}

/// How far the plastic is. The stage never decides whether a card transacts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardStage {
    /// No plastic.
    Digital,
    /// Plastic ordered, not with the holder yet.
    PlasticNotDelivered,
    /// Plastic with the holder.
    PlasticDelivered,
}

impl CardStage {
    /// Every stage.
    pub const ALL: [CardStage; 3] = [
        CardStage::Digital,
        CardStage::PlasticNotDelivered,
        CardStage::PlasticDelivered,
    ];

    /// The stored word, which is also FINCI's.
    pub fn word(self) -> &'static str {
        match self {
            CardStage::Digital => "digital",
            CardStage::PlasticNotDelivered => "plastic_not_delivered",
            CardStage::PlasticDelivered => "plastic_delivered",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<CardStage> {
        CardStage::ALL
            .into_iter()
            .find(|stage| stage.word() == word)
    }
}

/// Where and how plastic is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// To whom it goes.
    pub address: Address,
    /// How fast: `true` on the wire means express.
    pub express: crate::product::Capability,
}

/// A card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// Its id, the same in both APIs (FINCI `token_id`, FinCard `cardNo`).
    pub id: CardId,
    /// Which product it is of.
    pub product: ProductId,
    /// Who holds it; some products need nobody.
    pub holder: Option<HolderId>,
    /// The account it spends from: its own balance, a pool, or the holder's account.
    pub account: AccountId,
    /// The account that paid for it and gets back what is withdrawn.
    pub paying_account: Option<AccountId>,
    /// Where it is in its life.
    pub state: CardState,
    /// Whether the platform stopped it.
    pub block: PlatformBlock,
    /// How far the plastic is.
    pub stage: CardStage,
    /// The name on it.
    pub embossing_name: Option<String>,
    /// When it ends.
    pub expiry: Expiry,
    /// First six digits of its number.
    pub first_six: String,
    /// Last four digits of its number.
    pub last_four: String,
    /// The caller's note.
    pub remark: Option<String>,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// Where plastic goes.
    pub delivery: Option<Delivery>,
    /// Payable without PIN, in minor units; where absent, no PIN is asked for.
    pub no_pin_minor: Option<i64>,
    /// What it looks like, if it is one to give away.
    pub design: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it first could transact.
    pub activated_at: Option<Timestamp>,
    /// What it was doing when it ended; nothing before that, and of cards that ended long ago.
    pub last_use: Option<LastUse>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Card {
    /// Moves the card to the state a FINCI caller names.
    ///
    /// Asking for the state the card already has changes nothing and succeeds. The arrows:
    /// new → active; new, active, frozen or dormant → any end; active ↔ frozen; active ↔ dormant.
    pub fn change_status(self, wanted: CardStatusChange, now: Timestamp) -> Result<Card, Refusal> {
        if let CardState::Closed { reason, .. } = self.state {
            return match wanted {
                CardStatusChange::Close(again) if reason.reads_like(again) => Ok(self),
                _ => Err(Refusal::CardTransitionNotAllowed),
            };
        }
        if let PlatformBlock::Blocked { .. } = self.block {
            // A blocked card reads as frozen, so wanting it frozen is wanting what is. It must stay so
            // when the block is lifted.
            match (wanted, self.state) {
                (CardStatusChange::Close(_), _) | (CardStatusChange::Freeze, CardState::Active) => {
                }
                (
                    CardStatusChange::Freeze,
                    CardState::Inactive | CardState::Frozen { .. } | CardState::Dormant { .. },
                ) => return Ok(self),
                // It is on its way to another state, which would not keep the wish.
                (CardStatusChange::Freeze, _) => return Err(Refusal::CardTransitionNotAllowed),
                (CardStatusChange::Activate | CardStatusChange::SetDormant, _) => {
                    return Err(Refusal::CardBlocked);
                }
            }
        }
        let state = match (self.state, wanted) {
            (_, CardStatusChange::Close(reason)) => CardState::Closed { reason, at: now },
            (CardState::Active, CardStatusChange::Activate)
            | (CardState::Frozen { .. }, CardStatusChange::Freeze)
            | (CardState::Dormant { .. }, CardStatusChange::SetDormant) => self.state,
            (
                CardState::Inactive | CardState::Frozen { .. } | CardState::Dormant { .. },
                CardStatusChange::Activate,
            ) => CardState::Active,
            (CardState::Active, CardStatusChange::Freeze) => CardState::Frozen { since: now },
            (CardState::Active, CardStatusChange::SetDormant) => CardState::Dormant { since: now },
            _ => return Err(Refusal::CardTransitionNotAllowed),
        };
        Ok(self.with_state(state, now))
    }

    /// Stops new authorizations until someone lifts the freeze (FinCard).
    ///
    /// A card that already reads as frozen stays as it is and keeps the first date: the caller
    /// wanted a frozen card and has one.
    pub fn freeze(self, now: Timestamp) -> Result<Card, Refusal> {
        self.require_unblocked()?;
        match self.state {
            CardState::Active => Ok(self.with_state(CardState::Frozen { since: now }, now)),
            CardState::Frozen { .. } | CardState::Dormant { .. } => Ok(self),
            CardState::Pending
            | CardState::Inactive
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// Lets a frozen or dormant card transact again (FinCard).
    pub fn unfreeze(self, now: Timestamp) -> Result<Card, Refusal> {
        self.require_unblocked()?;
        match self.state {
            CardState::Frozen { .. } | CardState::Dormant { .. } => {
                Ok(self.with_state(CardState::Active, now))
            }
            CardState::Active
            | CardState::Pending
            | CardState::Inactive
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => Err(Refusal::CardTransitionNotAllowed),
        }
    }

    /// Moves the plastic: digital → ordered → delivered, and back to digital before delivery.
    /// Wanting the stage the card has changes nothing; a closed card gets no plastic.
    pub fn change_stage(self, wanted: CardStage, now: Timestamp) -> Result<Card, Refusal> {
        if self.stage == wanted {
            return Ok(self);
        }
        if let CardState::Closed { .. } = self.state {
            return Err(Refusal::StageTransitionNotAllowed);
        }
        match (self.stage, wanted) {
            (CardStage::Digital, CardStage::PlasticNotDelivered)
            | (CardStage::PlasticNotDelivered, CardStage::PlasticDelivered | CardStage::Digital) => {
                Ok(Card {
                    stage: wanted,
                    updated_at: now,
                    ..self
                })
            }
            _ => Err(Refusal::StageTransitionNotAllowed),
        }
    }

    /// Stops the card as the platform; its own state stays what it is.
    ///
    /// Blocking a blocked card keeps the first date. A closed card is stopped for good as it is.
    pub fn block(self, now: Timestamp) -> Result<Card, Refusal> {
        match (self.state, self.block) {
            (CardState::Closed { .. }, _) => Err(Refusal::CardTransitionNotAllowed),
            (_, PlatformBlock::Blocked { .. }) => Ok(self),
            (_, PlatformBlock::Clear) => Ok(Card {
                block: PlatformBlock::Blocked { since: now },
                updated_at: now,
                ..self
            }),
        }
    }

    /// Lifts the platform's block: the card is again what its own state says. Where there is no
    /// block nothing changes.
    #[must_use]
    pub fn unblock(self, now: Timestamp) -> Card {
        match self.block {
            PlatformBlock::Clear => self,
            PlatformBlock::Blocked { .. } => Card {
                block: PlatformBlock::Clear,
                updated_at: now,
                ..self
            },
        }
    }

    /// Refuses while the platform has stopped the card.
    pub fn require_unblocked(&self) -> Result<(), Refusal> {
        match self.block {
            PlatformBlock::Clear => Ok(()),
            PlatformBlock::Blocked { .. } => Err(Refusal::CardBlocked),
        }
    }

    fn with_state(self, state: CardState, now: Timestamp) -> Card {
        if state == self.state {
            return self;
        }
        let activated_at = match state {
            CardState::Active => self.activated_at.or(Some(now)),
            _ => self.activated_at,
        };
        let last_use = match state {
            CardState::Closed { .. } => Some(LastUse::of(self.state)),
            _ => self.last_use,
        };
        Card {
            state,
            activated_at,
            last_use,
            updated_at: now,
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
