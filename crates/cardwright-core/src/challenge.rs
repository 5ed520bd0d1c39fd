//! Challenges: what a cardholder is asked to prove a card or a payment with.
//!
//! Law: a challenge is decided once; its secret, a code or a link, is never part of it.

use crate::{Amount, CardId, ChallengeId, Refusal, Timestamp};

/// What kind of proof is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChallengeKind {
    /// A one-time code for an online payment.
    Otp,
    /// A page on which an online payment is confirmed.
    Url,
    /// The code that activates a physical card.
    ActivationCode,
}

impl ChallengeKind {
    /// Every kind.
    pub const ALL: [ChallengeKind; 3] = [
        ChallengeKind::Otp,
        ChallengeKind::Url,
        ChallengeKind::ActivationCode,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            ChallengeKind::Otp => "otp",
            ChallengeKind::Url => "url",
            ChallengeKind::ActivationCode => "activation_code",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<ChallengeKind> {
        ChallengeKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// How a challenge ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChallengeEnd {
    /// The holder proved it.
    Confirmed,
    /// The holder said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// Too many wrong answers came, or a newer one took its place.
    Voided,
}

impl ChallengeEnd {
    /// Every end.
    pub const ALL: [ChallengeEnd; 4] = [
        ChallengeEnd::Confirmed,
        ChallengeEnd::Declined,
        ChallengeEnd::Expired,
        ChallengeEnd::Voided,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            ChallengeEnd::Confirmed => "confirmed",
            ChallengeEnd::Declined => "declined",
            ChallengeEnd::Expired => "expired",
            ChallengeEnd::Voided => "voided",
        }
    }
}

/// Where a challenge is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChallengeState {
    /// Nobody has answered rightly yet.
    Open {
        /// How many wrong answers came.
        wrong_tries: u8,
    },
    /// It is decided.
    Ended {
        /// How.
        end: ChallengeEnd,
        /// When.
        at: Timestamp,
    },
}

impl ChallengeState {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            ChallengeState::Open { .. } => "open",
            ChallengeState::Ended { end, .. } => end.word(),
        }
    }

    /// Puts a state together again from its stored parts.
    pub fn from_parts(
        word: &str,
        wrong_tries: u8,
        at: Option<Timestamp>,
    ) -> Option<ChallengeState> {
        if word == "open" {
            return at.is_none().then_some(ChallengeState::Open { wrong_tries });
        }
        let end = ChallengeEnd::ALL
            .into_iter()
            .find(|end| end.word() == word)?;
        Some(ChallengeState::Ended { end, at: at? })
    }

    /// How many wrong answers came while it was open; once it is decided they do not matter.
    pub fn wrong_tries(self) -> u8 {
        match self {
            ChallengeState::Open { wrong_tries } => wrong_tries,
            ChallengeState::Ended { .. } => 0,
        }
    }
}

/// The payment a challenge is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChallengedPayment {
    /// The merchant's name.
    pub merchant: String,
    /// How much.
    pub amount: Amount,
}

/// Something a cardholder is asked to prove.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    /// Its id (`tradeNo`).
    pub id: ChallengeId,
    /// For which card.
    pub card: CardId,
    /// By what.
    pub kind: ChallengeKind,
    /// For which payment; none where a card is activated.
    pub payment: Option<ChallengedPayment>,
    /// Until when it can be answered; without an end where absent.
    pub expires_at: Option<Timestamp>,
    /// Where it is.
    pub state: ChallengeState,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// Wrong answers after which a challenge is void.
const MOST_WRONG_TRIES: u8 = 5;

/// What came of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeCheck {
    /// It was the code, which is used up by that.
    Right,
    /// It was another one.
    Wrong,
    /// There is no code that could be right: none was issued, or it is used, void or outdated.
    Void,
}

/// How an answer compares with the code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeMatch {
    /// It is the same.
    Same,
    /// It is another one.
    Other,
}

impl Challenge {
    /// Ends it. Ending it the same way again changes nothing; in another way, it is refused.
    pub fn end(self, end: ChallengeEnd, now: Timestamp) -> Result<Challenge, Refusal> {
        match self.state {
            ChallengeState::Ended { end: before, .. } if before == end => Ok(self),
            ChallengeState::Ended { .. } => Err(Refusal::ChallengeTransitionNotAllowed),
            // Only the clock has the last word, whoever answers.
            ChallengeState::Open { .. }
                if self.is_outdated(now) && end != ChallengeEnd::Expired =>
            {
                Err(Refusal::ChallengeTransitionNotAllowed)
            }
            ChallengeState::Open { .. } => {
                Ok(self.with_state(ChallengeState::Ended { end, at: now }, now))
            }
        }
    }

    /// Judges an answer: the right one uses the code up, five wrong ones void it.
    pub fn answer(self, matching: CodeMatch, now: Timestamp) -> (CodeCheck, Challenge) {
        let ChallengeState::Open { wrong_tries } = self.state else {
            return (CodeCheck::Void, self);
        };
        if self.is_outdated(now) {
            return (CodeCheck::Void, self);
        }
        let ended = |end| ChallengeState::Ended { end, at: now };
        let (check, state) = match matching {
            CodeMatch::Same => (CodeCheck::Right, ended(ChallengeEnd::Confirmed)),
            CodeMatch::Other if wrong_tries + 1 < MOST_WRONG_TRIES => {
                let wrong_tries = wrong_tries + 1;
                (CodeCheck::Wrong, ChallengeState::Open { wrong_tries })
            }
            CodeMatch::Other => (CodeCheck::Wrong, ended(ChallengeEnd::Voided)),
        };
        (check, self.with_state(state, now))
    }

    fn is_outdated(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    fn with_state(self, state: ChallengeState, now: Timestamp) -> Challenge {
        Challenge {
            state,
            updated_at: now,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn challenge(expires_at: Option<Timestamp>) -> Challenge {
        Challenge {
            id: ChallengeId::new(1).expect("positive"),
            card: CardId::new(2).expect("positive"),
            kind: ChallengeKind::Otp,
            payment: None,
            expires_at,
            state: ChallengeState::Open { wrong_tries: 0 },
            created_at: at(0),
            updated_at: at(0),
        }
    }

    #[test]
    fn a_challenge_is_decided_once() {
        for end in ChallengeEnd::ALL {
            let ended = challenge(None).end(end, at(1)).expect("open");
            assert_eq!(ended.state, ChallengeState::Ended { end, at: at(1) });
            for other in ChallengeEnd::ALL {
                let again = ended.clone().end(other, at(2));
                if other == end {
                    assert_eq!(again.as_ref(), Ok(&ended), "the same again");
                } else {
                    assert_eq!(again, Err(Refusal::ChallengeTransitionNotAllowed));
                }
            }
        }
    }

    #[test]
    fn after_its_time_it_can_only_expire() {
        let open = challenge(Some(at(10)));
        assert!(open.clone().end(ChallengeEnd::Confirmed, at(9)).is_ok());
        for end in [
            ChallengeEnd::Confirmed,
            ChallengeEnd::Declined,
            ChallengeEnd::Voided,
        ] {
            assert_eq!(
                open.clone().end(end, at(10)),
                Err(Refusal::ChallengeTransitionNotAllowed)
            );
        }
        assert!(open.clone().end(ChallengeEnd::Expired, at(10)).is_ok());
        assert_eq!(
            open.clone().answer(CodeMatch::Same, at(10)),
            (CodeCheck::Void, open)
        );
    }

    #[test]
    fn five_wrong_answers_void_a_code_and_a_right_one_uses_it_up() {
        let mut code = challenge(None);
        for wrong in 1..=5 {
            let (check, after) = code.answer(CodeMatch::Other, at(wrong));
            assert_eq!(check, CodeCheck::Wrong, "answer {wrong}");
            code = after;
        }
        assert_eq!(code.state.word(), "voided");
        assert_eq!(code.answer(CodeMatch::Same, at(6)).0, CodeCheck::Void);

        let (check, used) = challenge(None).answer(CodeMatch::Same, at(1));
        assert_eq!((check, used.state.word()), (CodeCheck::Right, "confirmed"));
        assert_eq!(
            used.answer(CodeMatch::Same, at(2)).0,
            CodeCheck::Void,
            "once only"
        );
    }

    #[test]
    fn states_and_kinds_read_back_from_their_words() {
        for kind in ChallengeKind::ALL {
            assert_eq!(ChallengeKind::from_word(kind.word()), Some(kind));
        }
        let open = ChallengeState::Open { wrong_tries: 3 };
        let ends = ChallengeEnd::ALL.map(|end| ChallengeState::Ended { end, at: at(1) });
        for state in ends.into_iter().chain([open]) {
            let since = match state {
                ChallengeState::Open { .. } => None,
                ChallengeState::Ended { at, .. } => Some(at),
            };
            let read = ChallengeState::from_parts(state.word(), state.wrong_tries(), since);
            assert_eq!(read, Some(state));
        }
        assert_eq!(ChallengeState::from_parts("confirmed", 0, None), None);
    }
}
