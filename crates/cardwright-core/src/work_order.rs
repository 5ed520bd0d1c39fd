//! Work orders: what a caller asks the platform's staff to do.

use crate::{Refusal, Timestamp, WorkOrderId};

/// How staff decide.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WorkOrderDecision {
    /// It is done.
    Success,
    /// It will not be done.
    Fail,
}

impl WorkOrderDecision {
    /// Both decisions.
    pub const ALL: [WorkOrderDecision; 2] = [WorkOrderDecision::Success, WorkOrderDecision::Fail];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            WorkOrderDecision::Success => "success",
            WorkOrderDecision::Fail => "fail",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<WorkOrderDecision> {
        WorkOrderDecision::ALL
            .into_iter()
            .find(|decision| decision.word() == word)
    }
}

/// Where a work order is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WorkOrderState {
    /// With staff.
    Processing,
    /// Decided.
    Decided(WorkOrderDecision),
}

impl WorkOrderState {
    /// Every state.
    pub const ALL: [WorkOrderState; 3] = [
        WorkOrderState::Processing,
        WorkOrderState::Decided(WorkOrderDecision::Success),
        WorkOrderState::Decided(WorkOrderDecision::Fail),
    ];

    /// The stored word, which is also FinCard's.
    pub fn word(self) -> &'static str {
        match self {
            WorkOrderState::Processing => "processing",
            WorkOrderState::Decided(decision) => decision.word(),
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<WorkOrderState> {
        WorkOrderState::ALL
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// Something staff are asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkOrder {
    /// Its id (`orderNo`).
    pub id: WorkOrderId,
    /// The caller's own number for it.
    pub number: String,
    /// What it is about, for people.
    pub title: String,
    /// What it is about, for programs: a card's id or another reference.
    pub target: String,
    /// What kind of work.
    pub trade_type: String,
    /// What is wanted.
    pub content: String,
    /// The caller's note.
    pub remark: Option<String>,
    /// What staff say about it.
    pub description: Option<String>,
    /// Where it is.
    pub state: WorkOrderState,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

impl WorkOrder {
    /// Staff decide, once.
    pub fn decide(
        self,
        decision: WorkOrderDecision,
        description: Option<String>,
        now: Timestamp,
    ) -> Result<WorkOrder, Refusal> {
        match self.state {
            WorkOrderState::Processing => Ok(WorkOrder {
                state: WorkOrderState::Decided(decision),
                description,
                updated_at: now,
                ..self
            }),
            WorkOrderState::Decided(_) => Err(Refusal::WorkOrderTransitionNotAllowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_decide_a_work_order_once() {
        let order = WorkOrder {
            id: WorkOrderId::new(1).expect("positive"),
            number: "order".to_owned(),
            title: "ApplePay".to_owned(),
            target: "card".to_owned(),
            trade_type: "CARD_ACTIVE".to_owned(),
            content: "please".to_owned(),
            remark: None,
            description: None,
            state: WorkOrderState::Processing,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        let now = Timestamp::from_second(5).expect("in range");
        for decision in WorkOrderDecision::ALL {
            let said = Some("seen to".to_owned());
            let decided = order
                .clone()
                .decide(decision, said.clone(), now)
                .expect("open");
            assert_eq!(decided.state.word(), decision.word());
            assert_eq!(
                (decided.description.clone(), decided.updated_at),
                (said, now)
            );
            for again in WorkOrderDecision::ALL {
                let refused = decided.clone().decide(again, None, now);
                assert_eq!(refused, Err(Refusal::WorkOrderTransitionNotAllowed));
            }
        }
        for state in WorkOrderState::ALL {
            assert_eq!(WorkOrderState::from_word(state.word()), Some(state));
        }
        assert_eq!(WorkOrderDecision::from_word("processing"), None);
    }
}
