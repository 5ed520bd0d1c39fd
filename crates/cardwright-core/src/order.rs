//! Orders: operations on a card as FinCard callers follow them.

use crate::{Amount, CardId, OrderId, Refusal, Timestamp};

/// What an order does to its card.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderKind {
    /// Opens it.
    Create,
    /// Freezes it.
    Freeze,
    /// Lifts the freeze.
    Unfreeze,
    /// Pays what it owes, out of the wallet; the platform places it.
    OverdraftStatement,
}

impl OrderKind {
    /// Every kind.
    pub const ALL: [OrderKind; 4] = [
        OrderKind::Create,
        OrderKind::Freeze,
        OrderKind::Unfreeze,
        OrderKind::OverdraftStatement,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            OrderKind::Create => "create",
            OrderKind::Freeze => "freeze",
            OrderKind::Unfreeze => "unfreeze",
            OrderKind::OverdraftStatement => "overdraft_statement",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<OrderKind> {
        OrderKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Where an order is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderStatus {
    /// Accepted, nothing done.
    WaitProcess,
    /// Under way.
    Processing,
    /// Done.
    Success,
    /// Ended without effect.
    Fail,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [OrderStatus; 4] = [
        OrderStatus::WaitProcess,
        OrderStatus::Processing,
        OrderStatus::Success,
        OrderStatus::Fail,
    ];

    /// The stored word, which is also FinCard's.
    pub fn word(self) -> &'static str {
        match self {
            OrderStatus::WaitProcess => "wait_process",
            OrderStatus::Processing => "processing",
            OrderStatus::Success => "success",
            OrderStatus::Fail => "fail",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<OrderStatus> {
        OrderStatus::ALL
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// An order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Its id (`orderNo`).
    pub id: OrderId,
    /// What it does.
    pub kind: OrderKind,
    /// The caller's own number, or one we made where it may be left out.
    pub number: String,
    /// The card it is about.
    pub card: CardId,
    /// Where it is.
    pub status: OrderStatus,
    /// The amount asked for.
    pub amount: Amount,
    /// What it cost on top.
    pub fee: Amount,
    /// What arrived; known once it succeeded.
    pub received: Option<Amount>,
    /// The caller's note.
    pub remark: Option<String>,
    /// What the platform says about it.
    pub description: Option<String>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

impl Order {
    /// Work on it begins.
    pub fn start(self, now: Timestamp) -> Result<Order, Refusal> {
        self.step(OrderStatus::WaitProcess, OrderStatus::Processing, now)
    }

    /// It is done; `received` is what arrived.
    pub fn succeed(self, received: Amount, now: Timestamp) -> Result<Order, Refusal> {
        let order = self.step(OrderStatus::Processing, OrderStatus::Success, now)?;
        Ok(Order {
            received: Some(received),
            ..order
        })
    }

    /// It ended without effect, for the reason given.
    pub fn fail(self, description: &str, now: Timestamp) -> Result<Order, Refusal> {
        let order = self.step(OrderStatus::Processing, OrderStatus::Fail, now)?;
        Ok(Order {
            description: Some(description.to_owned()),
            ..order
        })
    }

    fn step(self, from: OrderStatus, to: OrderStatus, now: Timestamp) -> Result<Order, Refusal> {
        if self.status != from {
            return Err(Refusal::OrderTransitionNotAllowed);
        }
        Ok(Order {
            status: to,
            updated_at: now,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn order(status: OrderStatus) -> Order {
        Order {
            id: OrderId::new(1).expect("positive"),
            kind: OrderKind::Freeze,
            number: "n".into(),
            card: CardId::new(2).expect("positive"),
            status,
            amount: Amount::zero(Currency::USD),
            fee: Amount::zero(Currency::USD),
            received: None,
            remark: None,
            description: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_order_waits_works_and_ends_once() {
        let now = Timestamp::UNIX_EPOCH;
        let zero = Amount::zero(Currency::USD);
        for status in OrderStatus::ALL {
            let starts = order(status).start(now).is_ok();
            let succeeds = order(status).succeed(zero, now).is_ok();
            let fails = order(status).fail("no", now).is_ok();
            assert_eq!(starts, status == OrderStatus::WaitProcess);
            assert_eq!(succeeds, status == OrderStatus::Processing);
            assert_eq!(fails, status == OrderStatus::Processing);
        }
    }

    #[test]
    fn words_read_back() {
        for kind in OrderKind::ALL {
            assert_eq!(OrderKind::from_word(kind.word()), Some(kind));
        }
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::from_word(status.word()), Some(status));
        }
    }
}
