//! Orders: operations on a card as FinCard callers follow them.

use crate::{
    AccountId, Amount, Card, CardId, CardState, HoldId, Mcc, OrderId, PlatformBlock, Refusal,
    Timestamp,
};

/// What an order does to its card.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderKind {
    /// Opens it.
    Create,
    /// Puts money on it.
    Deposit,
    /// Takes money off it.
    Withdraw,
    /// Ends it and gives back what is free on it.
    Cancel,
    /// Gives back what was held when it was cancelled and has become free since.
    LateReturn,
    /// Freezes it.
    Freeze,
    /// Lifts the freeze.
    Unfreeze,
    /// Activates it.
    Activate,
    /// Sets another PIN.
    UpdatePin,
    /// Changes what it may be used for.
    Update,
    /// The platform blocked it.
    Block,
    /// It was overdrawn, and the account that pays for it made that good.
    OverdraftStatement,
}

impl OrderKind {
    /// Every kind.
    pub const ALL: [OrderKind; 12] = [
        OrderKind::Create,
        OrderKind::Deposit,
        OrderKind::Withdraw,
        OrderKind::Cancel,
        OrderKind::LateReturn,
        OrderKind::Freeze,
        OrderKind::Unfreeze,
        OrderKind::Activate,
        OrderKind::UpdatePin,
        OrderKind::Update,
        OrderKind::Block,
        OrderKind::OverdraftStatement,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            OrderKind::Create => "create",
            OrderKind::Deposit => "deposit",
            OrderKind::Withdraw => "withdraw",
            OrderKind::Cancel => "cancel",
            OrderKind::LateReturn => "late_return",
            OrderKind::Freeze => "freeze",
            OrderKind::Unfreeze => "unfreeze",
            OrderKind::Activate => "activate",
            OrderKind::UpdatePin => "update_pin",
            OrderKind::Update => "update",
            OrderKind::Block => "block",
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

/// How a card stood when an order found it, or left it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CardSeen {
    /// Its own state.
    pub state: CardState,
    /// Whether the platform had stopped it.
    pub block: PlatformBlock,
}

impl CardSeen {
    /// How a card stands.
    pub fn of(card: &Card) -> CardSeen {
        CardSeen {
            state: card.state,
            block: card.block,
        }
    }
}

/// By which of the calls that open cards one was opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderRoute {
    /// The present one.
    Current,
    /// The one it replaced, whose orders are listed with the older list only.
    Deprecated,
}

impl OrderRoute {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            OrderRoute::Current => "current",
            OrderRoute::Deprecated => "deprecated",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<OrderRoute> {
        [OrderRoute::Current, OrderRoute::Deprecated]
            .into_iter()
            .find(|route| route.word() == word)
    }
}

/// Which merchants a card is to be used with; a list that is absent stays, unless the other one
/// gets something in it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct MerchantRule {
    /// Only these categories; any where empty.
    pub allowed: Option<Vec<Mcc>>,
    /// Not these.
    pub blocked: Option<Vec<Mcc>>,
}

/// A bound that is to be set or lifted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// So many minor units.
    At(i64),
    /// None any more.
    Lifted,
}

/// What an order is to make of a card; what is absent stays.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CardWishes {
    /// The caller's note on the card.
    pub remark: Option<String>,
    /// Payable without PIN, in minor units.
    pub no_pin_minor: Option<i64>,
    /// The most of one payment.
    pub per_payment: Option<Bound>,
    /// Which merchants.
    pub merchants: Option<MerchantRule>,
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
    /// The account on the other side of its money, where money moves.
    pub account: Option<AccountId>,
    /// What keeps its money together until it is done.
    pub hold: Option<HoldId>,
    /// How it found the card; nothing where it made it.
    pub before: Option<CardSeen>,
    /// How it left the card, so far.
    pub after: Option<CardSeen>,
    /// By which call it came.
    pub route: OrderRoute,
    /// What it is to make of the card.
    pub wishes: CardWishes,
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
            account: None,
            hold: None,
            before: None,
            after: None,
            route: OrderRoute::Current,
            wishes: CardWishes::default(),
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
    fn only_a_done_order_received_something_and_only_a_failed_one_says_why() {
        let now = Timestamp::from_second(9).expect("in range");
        let one = Amount::from_minor(1, Currency::USD).expect("not negative");
        for kind in OrderKind::ALL {
            let placed = Order {
                kind,
                ..order(OrderStatus::WaitProcess)
            };
            let begun = placed.start(now).expect("waits");
            assert_eq!((begun.received, begun.updated_at), (None, now), "{kind:?}");
            let done = begun.clone().succeed(one, now).expect("under way");
            assert_eq!((done.received, &done.description), (Some(one), &None));
            let failed = begun.fail("card_closed", now).expect("under way");
            assert_eq!(failed.description.as_deref(), Some("card_closed"));
            assert_eq!(failed.received, None);
            for ended in [done, failed] {
                let no = Err(Refusal::OrderTransitionNotAllowed);
                assert_eq!(ended.clone().start(now), no);
                assert_eq!(ended.clone().succeed(one, now), no);
                assert_eq!(ended.fail("again", now), no);
            }
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
        for route in [OrderRoute::Current, OrderRoute::Deprecated] {
            assert_eq!(OrderRoute::from_word(route.word()), Some(route));
        }
    }
}
