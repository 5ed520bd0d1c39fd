//! What can be said in a sequence, and how it is drawn.

use cardwright_core::{AuthorizationKind, CardStatusChange, CloseReason, DisputeOutcome, Sequel};
use rand::RngExt;
use rand_chacha::ChaCha20Rng;

use super::plain::Plain;

/// An amount as a message says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Money {
    pub minor: i64,
    pub currency: &'static str,
}

/// Who decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided {
    Here,
    Forced,
    NetworkApproved,
    NetworkDeclined,
}

/// Whether part would do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Accepted,
    Useless,
}

/// Where the card is used, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Shop,
    Hotel,
}

/// The expiry month that is presented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Month {
    NotPresented,
    Right,
    Wrong,
}

/// A question of the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    pub card: usize,
    pub kind: AuthorizationKind,
    pub money: Money,
    pub part: Part,
    pub decided: Decided,
    pub place: Place,
    pub month: Month,
}

/// What is sent again under a reference that was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    Same,
    OtherAmount,
    OtherKind,
}

/// A message, its records named by their place in the sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    Fund(usize, i64),
    Authorize(Ask),
    Again(usize, Content),
    Increment(usize, Money, Decided),
    Reverse(usize, Option<Money>),
    Expire(usize),
    Clear(usize, Money, Sequel),
    ForcePost(usize, Money),
    RefundUnlinked(usize, Money),
    RefundAuthorized(usize, Option<Money>),
    Refund(usize, Option<Money>),
    ReverseRefund(usize, Option<Money>),
    Dispute(usize, Option<Money>),
    Decide(usize, DisputeOutcome),
    ChangeCard(usize, CardStatusChange),
    /// So many days pass; what is due then expires.
    Wait(i64),
}

/// Currencies of merchants: the accounts' own, one whose unit is worth less than a cent, and one
/// that no rate leads from.
const CURRENCIES: [&str; 4] = ["USD", "EUR", "VND", "ISK"];

/// Draws messages.
pub struct Chance(pub ChaCha20Rng);

impl Chance {
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    fn one_in(&mut self, end: usize) -> bool {
        self.below(end) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A few messages mostly, sometimes many.
    pub fn length(&mut self) -> usize {
        if self.one_in(40) {
            return 30 + self.below(40);
        }
        1 + self.below(8)
    }

    /// Mostly something near one of the numbers that matter; the rest anything.
    fn minor(&mut self, edges: &[i64]) -> i64 {
        match self.below(8) {
            0 | 1 => self.0.random_range(1..100),
            2 | 3 => self.0.random_range(1..12_000),
            4 if self.one_in(4) => 0,
            _ => {
                let edge = self.of(edges);
                let nudge = self.of(&[-1, 0, 0, 0, 1]);
                let part = self.of(&[edge, edge, edge / 2, edge / 3]);
                (part + nudge).clamp(0, 1_000_000)
            }
        }
    }

    fn merchant_currency(&mut self) -> &'static str {
        let draw = self.below(20);
        match draw {
            0 => CURRENCIES[3],
            1..=3 => CURRENCIES[2],
            4..=7 => CURRENCIES[1],
            _ => CURRENCIES[0],
        }
    }

    fn money(&mut self, plain: &Plain, card: usize) -> Money {
        let available = plain.accounts[plain.cards[card].account].available();
        let room = plain.room(card).min(5_000);
        Money {
            minor: self.minor(&[available, available, room]),
            currency: self.merchant_currency(),
        }
    }

    /// An amount in a record's own currency, now and then in another.
    fn part(&mut self, left: i64, currency: &'static str) -> Money {
        let minor = self.minor(&[left]);
        let currency = if self.one_in(15) {
            self.merchant_currency()
        } else {
            currency
        };
        Money { minor, currency }
    }

    fn some_part(&mut self, left: i64, currency: &'static str) -> Option<Money> {
        (!self.one_in(3)).then(|| self.part(left, currency))
    }

    fn decided(&mut self) -> Decided {
        match self.below(16) {
            0 => Decided::Forced,
            1 | 2 => Decided::NetworkApproved,
            3 => Decided::NetworkDeclined,
            _ => Decided::Here,
        }
    }

    fn ask(&mut self, plain: &Plain) -> Ask {
        let card = self.below(plain.cards.len());
        let kind = match self.below(20) {
            0 => AuthorizationKind::Verification,
            1 => AuthorizationKind::BalanceInquiry,
            2 | 3 => AuthorizationKind::Refund,
            4 => AuthorizationKind::QuasiCash,
            5 | 6 => AuthorizationKind::Cash,
            _ => AuthorizationKind::Purchase,
        };
        let mut money = self.money(plain, card);
        let for_nothing = [
            AuthorizationKind::Verification,
            AuthorizationKind::BalanceInquiry,
        ];
        if for_nothing.contains(&kind) && !self.one_in(6) {
            money.minor = 0;
        }
        Ask {
            card,
            kind,
            money,
            part: self.of(&[Part::Accepted, Part::Useless, Part::Useless]),
            decided: self.decided(),
            place: self.of(&[Place::Shop, Place::Shop, Place::Hotel]),
            month: self.of(&[
                Month::NotPresented,
                Month::NotPresented,
                Month::Right,
                Month::Right,
                Month::Right,
                Month::Wrong,
            ]),
        }
    }

    /// The next message. One that needs a record where there is none becomes a question.
    pub fn message(&mut self, plain: &Plain) -> Message {
        let drawn = match self.below(100) {
            0..=3 => Some(self.fund()),
            4..=29 => None,
            30..=33 => self.again(plain),
            34..=78 => self.about_authorization(plain),
            79..=82 => Some(self.alone(plain)),
            83..=95 => self.about_transaction(plain),
            96 | 97 => Some(self.change_card(plain)),
            _ => Some(Message::Wait(self.of(&[1, 1, 1, 7, 8, 31, 40]))),
        };
        drawn.unwrap_or_else(|| Message::Authorize(self.ask(plain)))
    }

    fn fund(&mut self) -> Message {
        Message::Fund(self.below(3), self.0.random_range(1..20_000))
    }

    /// What most accounts have to begin with.
    pub fn funds(&mut self) -> Vec<Message> {
        let mut funds = Vec::new();
        for account in 0..3 {
            if !self.one_in(4) {
                funds.push(Message::Fund(account, self.0.random_range(1..30_000)));
            }
        }
        funds
    }

    fn again(&mut self, plain: &Plain) -> Option<Message> {
        if plain.asks.is_empty() {
            return None;
        }
        let content = self.of(&[Content::Same, Content::OtherAmount, Content::OtherKind]);
        Some(Message::Again(self.below(plain.asks.len()), content))
    }

    fn about_authorization(&mut self, plain: &Plain) -> Option<Message> {
        if plain.authorizations.is_empty() {
            return None;
        }
        let which = self.below(plain.authorizations.len());
        let found = &plain.authorizations[which];
        let (open, currency) = (found.open(), found.currency);
        Some(match self.below(20) {
            0..=3 => Message::Increment(which, self.part(open, currency), self.decided()),
            4..=8 => Message::Reverse(which, self.some_part(open, currency)),
            9 => Message::Expire(which),
            10 | 11 => Message::RefundAuthorized(which, self.some_part(open, currency)),
            _ => {
                let sequel = self.of(&[Sequel::Last, Sequel::More]);
                Message::Clear(which, self.part(open, currency), sequel)
            }
        })
    }

    fn alone(&mut self, plain: &Plain) -> Message {
        let card = self.below(plain.cards.len());
        let money = self.money(plain, card);
        if self.one_in(2) {
            Message::ForcePost(card, money)
        } else {
            Message::RefundUnlinked(card, money)
        }
    }

    fn about_transaction(&mut self, plain: &Plain) -> Option<Message> {
        if !plain.disputes.is_empty() && self.one_in(4) {
            let outcome = self.of(&[DisputeOutcome::Won, DisputeOutcome::Lost]);
            return Some(Message::Decide(self.below(plain.disputes.len()), outcome));
        }
        if plain.transactions.is_empty() {
            return None;
        }
        let which = self.below(plain.transactions.len());
        let found = &plain.transactions[which].facts;
        let amount = self.some_part(found.amount - found.returned, found.currency);
        let is_refund = found.kind == "refund";
        Some(match self.below(8) {
            0 => Message::Refund(which, amount),
            1 => Message::ReverseRefund(which, amount),
            2 => Message::Dispute(which, amount),
            _ if is_refund => Message::ReverseRefund(which, amount),
            3..=5 => Message::Refund(which, amount),
            _ => Message::Dispute(which, amount),
        })
    }

    fn change_card(&mut self, plain: &Plain) -> Message {
        let change = self.of(&[
            CardStatusChange::Freeze,
            CardStatusChange::Freeze,
            CardStatusChange::Activate,
            CardStatusChange::Close(CloseReason::Lost),
        ]);
        Message::ChangeCard(self.below(plain.cards.len()), change)
    }
}
