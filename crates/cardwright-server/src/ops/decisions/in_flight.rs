//! Questions that this process is at work on, and what it knows about those it could not end.
//!
//! Law: whoever has the turn of a question is alone with it, and gives it back however it goes, also
//! by a panic. What came of a question is kept in memory until it is kept in the store; where memory
//! is too short for that, the question counts as asked: nobody asks twice.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cardwright_core::Timestamp;
use jiff::SignedDuration;
use tokio::sync::watch;

use super::Outcome;
use crate::store::decisions::DecisionId;

/// Of how many questions it is remembered what came of them, where that could not be stored.
const MOST_KNOWN: usize = 10_000;
/// How long an open question that nobody here asks is left alone: another server may be asking it.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(30);

/// What came of a question, and how long that took.
pub type Known = (Outcome, Duration);

/// Questions that somebody waits for in this process. Clones are the same.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    asking: HashMap<DecisionId, watch::Receiver<()>>,
    known: BTreeMap<DecisionId, Known>,
    /// What came of questions up to this one may have been forgotten.
    forgotten_to: DecisionId,
    /// When open questions were looked at, and the newest there was.
    looks: VecDeque<(Timestamp, DecisionId)>,
    /// Questions up to this one have been left alone for long enough.
    old_to: DecisionId,
}

/// Whose turn it is.
pub enum Taken {
    /// The caller's.
    Mine(Turn),
    /// Somebody else's; the receiver ends when it is over.
    Theirs(watch::Receiver<()>),
}

/// The turn of a question. It ends when this is dropped; whoever waits finds the answer then.
#[must_use = "whoever takes a turn is waited for"]
pub struct Turn {
    questions: InFlight,
    id: DecisionId,
    known: Option<Known>,
    // Dropped after what `drop` does: those who wait find the turn given back.
    _over: watch::Sender<()>,
}

impl InFlight {
    /// Takes the turn of a question, if nobody has it.
    pub fn take(&self, id: DecisionId) -> Taken {
        let mut waiting = self.waiting();
        if let Some(receiver) = waiting.asking.get(&id) {
            return Taken::Theirs(receiver.clone());
        }
        let forgotten =
            (id <= waiting.forgotten_to).then_some((Outcome::Abandoned, Duration::ZERO));
        let known = waiting.known.remove(&id).or(forgotten);
        let (sender, receiver) = watch::channel(());
        waiting.asking.insert(id, receiver);
        Taken::Mine(Turn {
            questions: self.clone(),
            id,
            known,
            _over: sender,
        })
    }

    /// Takes note of the newest open question there is now, in real time. Questions up to the one
    /// that is returned have been open for long enough: those are old that were there at a look so
    /// long ago, because numbers only grow.
    pub fn look(&self, now: Timestamp, newest: DecisionId) -> DecisionId {
        let mut waiting = self.waiting();
        waiting.looks.push_back((now, newest));
        while let Some(&(at, there)) = waiting.looks.front() {
            if now.duration_since(at) < LEFT_ALONE {
                break;
            }
            waiting.old_to = waiting.old_to.max(there);
            waiting.looks.pop_front();
        }
        waiting.old_to
    }

    /// Whether it is known what came of a question that could not be ended.
    pub fn knows(&self, id: DecisionId) -> bool {
        self.waiting().known.contains_key(&id)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// The question.
    pub fn id(&self) -> DecisionId {
        self.id
    }

    /// What came of it, where that is known already.
    pub fn known(&self) -> Option<Known> {
        self.known
    }

    /// Takes note of what came of it, for whoever has the turn next.
    pub fn learn(&mut self, known: Known) {
        self.known = Some(known);
    }

    /// What came of it is stored, or of no use any more.
    pub fn ended(&mut self) {
        self.known = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = self.questions.waiting();
        waiting.asking.remove(&self.id);
        let Some(known) = self.known else {
            return;
        };
        waiting.known.insert(self.id, known);
        if waiting.known.len() > MOST_KNOWN
            && let Some((oldest, _)) = waiting.known.pop_first()
        {
            waiting.forgotten_to = waiting.forgotten_to.max(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mine(questions: &InFlight, id: DecisionId) -> Turn {
        match questions.take(id) {
            Taken::Mine(turn) => turn,
            Taken::Theirs(_) => panic!("somebody else has the turn of {id}"),
        }
    }

    #[tokio::test]
    async fn a_panic_gives_the_turn_back_with_what_was_known() {
        let questions = InFlight::default();
        let (asked, never_asked) = (7, 8);
        for (id, learned) in [
            (asked, Some((Outcome::Late, Duration::ZERO))),
            (never_asked, None),
        ] {
            let mut turn = mine(&questions, id);
            let Taken::Theirs(mut over) = questions.take(id) else {
                panic!("two have the turn");
            };
            let panicking = tokio::spawn(async move {
                if let Some(learned) = learned {
                    turn.learn(learned);
                }
                assert!(learned.is_some_and(|_| false), "on purpose {}", turn.id());
            });
            assert!(panicking.await.is_err());
            assert!(over.changed().await.is_err(), "whoever waits is told");
            assert_eq!(mine(&questions, id).known(), learned);
        }
    }

    #[test]
    fn what_is_known_is_bounded_and_what_is_forgotten_counts_as_asked() {
        let questions = InFlight::default();
        let last = DecisionId::try_from(MOST_KNOWN).expect("a number") + 2;
        for id in 1..=last {
            mine(&questions, id).learn((Outcome::Success, Duration::ZERO));
        }
        assert_eq!(questions.waiting().known.len(), MOST_KNOWN);
        let known = |id| mine(&questions, id).known().map(|(outcome, _)| outcome);
        assert_eq!(known(1), Some(Outcome::Abandoned));
        assert_eq!(known(2), Some(Outcome::Abandoned));
        assert_eq!(known(3), Some(Outcome::Success));
        assert_eq!(known(last + 1), None, "a new one is asked");
    }

    #[test]
    fn a_question_is_old_that_was_there_half_a_minute_ago() {
        let questions = InFlight::default();
        let at = |second| Timestamp::from_second(second).expect("a time");
        assert_eq!(questions.look(at(0), 10), 0);
        assert_eq!(questions.look(at(10), 20), 0);
        assert_eq!(questions.look(at(29), 25), 0);
        assert_eq!(questions.look(at(30), 30), 10);
        assert_eq!(questions.look(at(45), 0), 20);
        assert_eq!(questions.look(at(90), 0), 30, "and stays so");
    }
}
