//! Ending a card for another one that takes its place.

use super::{Card, CardStage, CardState, CloseReason, PlatformBlock};
use crate::{Date, Refusal, Timestamp};

/// What a card was doing when it ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LastUse {
    /// It transacted.
    AtWork,
    /// It had not begun to, or somebody had stopped it for a while.
    AtRest,
}

impl LastUse {
    /// Both.
    pub const ALL: [LastUse; 2] = [LastUse::AtWork, LastUse::AtRest];

    /// What a card in this state is doing.
    pub(super) fn of(state: CardState) -> LastUse {
        match state {
            CardState::Active => LastUse::AtWork,
            CardState::Pending
            | CardState::Inactive
            | CardState::Frozen { .. }
            | CardState::Dormant { .. }
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. }
            | CardState::Closed { .. } => LastUse::AtRest,
        }
    }

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            LastUse::AtWork => "at_work",
            LastUse::AtRest => "at_rest",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<LastUse> {
        LastUse::ALL.into_iter().find(|last| last.word() == word)
    }
}

impl Card {
    /// Ends the card because another takes its place.
    ///
    /// A card that ended by mishap or of age stays as it ended; one that was wanted no more is not
    /// replaced. Of age a card is replaced in its last month at the earliest. What the platform
    /// blocked stays: another card would be a way around the block.
    pub fn replace(
        self,
        reason: CloseReason,
        today: Date,
        now: Timestamp,
    ) -> Result<Card, Refusal> {
        if let PlatformBlock::Blocked { .. } = self.block {
            return Err(Refusal::CardBlocked);
        }
        match self.state {
            CardState::Closed { reason, .. } => match reason {
                CloseReason::Lost
                | CloseReason::Stolen
                | CloseReason::Damaged
                | CloseReason::Compromised
                | CloseReason::Expired => return Ok(self),
                CloseReason::Blocked | CloseReason::Cancelled | CloseReason::Failed => {
                    return Err(Refusal::CardEnded);
                }
            },
            CardState::Pending
            | CardState::Freezing { .. }
            | CardState::Unfreezing { .. }
            | CardState::Cancelling { .. } => return Err(Refusal::CardTransitionNotAllowed),
            CardState::Inactive
            | CardState::Active
            | CardState::Frozen { .. }
            | CardState::Dormant { .. } => {}
        }
        let month = (today.year(), today.month());
        let in_use_beyond = (self.expiry.year(), self.expiry.month()) > month;
        if reason == CloseReason::Expired && in_use_beyond {
            return Err(Refusal::CardNotExpiring);
        }
        Ok(self.with_state(CardState::Closed { reason, at: now }, now))
    }

    /// How the card that takes this one's place begins: active where this one was at work and there
    /// is no plastic that could fall into other hands, else to be activated. Of one that ended before
    /// it is replaced that is asked as of its end; where nobody remembers it must have been active once.
    pub fn successor_begins(&self) -> (CardState, CardStage) {
        let last_use = match (self.state, self.last_use) {
            (CardState::Closed { .. }, Some(last_use)) => last_use,
            (CardState::Closed { .. }, None) if self.activated_at.is_some() => LastUse::AtWork,
            (state, _) => LastUse::of(state),
        };
        match (self.stage, last_use) {
            (CardStage::Digital, LastUse::AtWork) => (CardState::Active, CardStage::Digital),
            (CardStage::Digital, LastUse::AtRest) => (CardState::Inactive, CardStage::Digital),
            (CardStage::PlasticNotDelivered | CardStage::PlasticDelivered, _) => {
                (CardState::Inactive, CardStage::PlasticNotDelivered)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CardStatusChange, tests::card};
    use super::*;

    const TODAY: Date = Date::constant(2026, 11, 21);

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn a_card_in_use_ends_as_it_is_replaced() {
        let since = now();
        for state in [
            CardState::Inactive,
            CardState::Active,
            CardState::Frozen { since },
            CardState::Dormant { since },
        ] {
            let ended = card(state).replace(CloseReason::Stolen, TODAY, now());
            let ended = ended.expect("it can be replaced").state;
            let expected = CardState::Closed {
                reason: CloseReason::Stolen,
                at: now(),
            };
            assert_eq!(ended, expected, "{state:?}");
        }
    }

    #[test]
    fn a_card_that_ended_by_mishap_is_replaced_as_it_ended_and_no_other() {
        for reason in CloseReason::ALL {
            let state = CardState::Closed { reason, at: now() };
            let replaced = card(state).replace(CloseReason::Lost, TODAY, now());
            let mishap = !matches!(
                reason,
                CloseReason::Blocked | CloseReason::Cancelled | CloseReason::Failed
            );
            let expected = if mishap {
                Ok(state)
            } else {
                Err(Refusal::CardEnded)
            };
            assert_eq!(replaced.map(|card| card.state), expected, "{reason:?}");
        }
    }

    #[test]
    fn a_card_is_too_old_in_its_last_month_and_not_before() {
        let active = card(CardState::Active);
        let month = |month: i8| Date::constant(active.expiry.year(), month, 1);
        let last = month(active.expiry.month());
        let before = last.yesterday().expect("a day before");
        let at = |day| active.clone().replace(CloseReason::Expired, day, now());
        assert_eq!(at(before).err(), Some(Refusal::CardNotExpiring));
        assert!(at(last).is_ok());
        assert!(at(month(active.expiry.month()).tomorrow().expect("a day")).is_ok());
    }

    #[test]
    fn what_the_platform_blocked_is_not_replaced() {
        let blocked = Card {
            block: PlatformBlock::Blocked { since: now() },
            ..card(CardState::Active)
        };
        let refused = blocked.replace(CloseReason::Lost, TODAY, now());
        assert_eq!(refused.err(), Some(Refusal::CardBlocked));
    }

    #[test]
    fn only_a_digital_card_at_work_is_followed_by_one_at_work() {
        let frozen = CardState::Frozen { since: now() };
        for (state, stage, expected) in [
            (CardState::Active, CardStage::Digital, CardState::Active),
            (CardState::Inactive, CardStage::Digital, CardState::Inactive),
            (frozen, CardStage::Digital, CardState::Inactive),
            (
                CardState::Active,
                CardStage::PlasticDelivered,
                CardState::Inactive,
            ),
        ] {
            let before = Card {
                stage,
                ..card(state)
            };
            assert_eq!(before.successor_begins().0, expected, "{state:?} {stage:?}");
        }
    }

    #[test]
    fn a_card_that_ended_before_is_followed_by_one_as_it_was_when_it_ended() {
        let since = now();
        for (state, expected) in [
            (CardState::Active, CardState::Active),
            (CardState::Inactive, CardState::Inactive),
            (CardState::Frozen { since }, CardState::Inactive),
            (CardState::Dormant { since }, CardState::Inactive),
        ] {
            let worked_once = Card {
                activated_at: Some(now()),
                ..card(state)
            };
            let stolen = CardStatusChange::Close(CloseReason::Stolen);
            let ended = worked_once.clone().change_status(stolen, now());
            let ended = ended.expect("any card can be reported");
            assert_eq!(ended.successor_begins().0, expected, "{state:?}");
            let replaced = ended.replace(CloseReason::Lost, TODAY, now());
            let replaced = replaced.expect("it ended by mishap");
            assert_eq!(replaced.successor_begins().0, expected, "{state:?}");
            let alike = worked_once.successor_begins().0;
            assert_eq!(alike, expected, "as if it had not been reported first");
        }
    }

    #[test]
    fn what_a_card_was_doing_reads_back() {
        for last in LastUse::ALL {
            assert_eq!(LastUse::from_word(last.word()), Some(last));
        }
    }

    #[test]
    fn where_nobody_remembers_a_card_that_worked_once_is_followed_by_one_at_work() {
        let at = now();
        let reason = CloseReason::Lost;
        for (activated_at, expected) in [(None, CardState::Inactive), (Some(at), CardState::Active)]
        {
            let ended = Card {
                stage: CardStage::Digital,
                activated_at,
                ..card(CardState::Closed { reason, at })
            };
            assert_eq!(ended.successor_begins().0, expected);
        }
    }
}
