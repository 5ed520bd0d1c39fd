//! The plain model: what a careful person with a pencil would write down for each message.
//!
//! It is made of integers and lists, follows the published rules of authorization and settlement,
//! and calls nothing of the engine, so that both can only agree by being right, or wrong twice.

mod limited;
mod settled;

use cardwright_core::{AuthorizationKind, CardStatusChange};

use super::{
    facts::{
        AccountFacts, Answer, AuthorizationFacts, BalanceFacts, DisputeFacts, Reply,
        TransactionFacts,
    },
    messages::{Ask, Content, Decided, Message, Money, Month, Part, Place},
};
pub use limited::{Limit, Span};

/// Why a simulation or the network says no here.
pub const SAID: &str = "system_error";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The books of a currency, by their place among the accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Books {
    pub network: usize,
    pub fees: usize,
    pub loss: usize,
    pub outside: usize,
    pub wallet: usize,
}

/// Whose money an account holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// One prepaid card's.
    Card,
    /// Several cards'.
    Pool,
    /// A holder's, or our own.
    Other,
}

/// An account: what is there, what is set aside, what will come.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub currency: &'static str,
    pub books: Books,
    pub whose: Whose,
    pub facts: AccountFacts,
}

impl Account {
    pub fn available(&self) -> i64 {
        self.facts.posted - self.facts.held
    }

    fn balance(&self) -> BalanceFacts {
        BalanceFacts {
            posted: self.facts.posted,
            held: self.facts.held,
            available: self.available(),
        }
    }
}

/// What a product does with limits after a refund.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AfterRefund {
    Kept,
    Restored,
}

/// A card.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    pub account: usize,
    pub state: &'static str,
    /// The first instant after its last month.
    pub ends_at_ms: i64,
    pub markup_basis_points: i64,
    pub after_refund: AfterRefund,
    pub limits: &'static [Limit],
}

/// An authorization.
#[derive(Clone, Copy, Debug)]
pub struct Authorization {
    pub card: usize,
    pub kind: AuthorizationKind,
    pub currency: &'static str,
    pub created_at_ms: i64,
    pub facts: AuthorizationFacts,
}

impl Authorization {
    pub fn open(&self) -> i64 {
        (self.facts.approved - self.facts.reversed - self.facts.cleared).max(0)
    }

    fn spends(&self) -> bool {
        spends(self.kind)
    }

    fn count(&mut self) {
        let facts = &mut self.facts;
        let taken = facts.held + facts.posted - facts.restored;
        facts.counted = if spends(self.kind) { taken.max(0) } else { 0 };
    }
}

/// A transaction.
#[derive(Clone, Copy, Debug)]
pub struct Transaction {
    pub card: usize,
    pub facts: TransactionFacts,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub struct Plain {
    pub now_ms: i64,
    pub accounts: Vec<Account>,
    pub cards: Vec<Card>,
    pub asks: Vec<(Ask, usize)>,
    pub authorizations: Vec<Authorization>,
    pub transactions: Vec<Transaction>,
    pub disputes: Vec<DisputeFacts>,
}

fn spends(kind: AuthorizationKind) -> bool {
    [
        AuthorizationKind::Purchase,
        AuthorizationKind::Cash,
        AuthorizationKind::QuasiCash,
    ]
    .contains(&kind)
}

/// A quotient of what is not negative, half up.
fn divide(number: i128, by: i128) -> i64 {
    i64::try_from((2 * number + by) / (2 * by)).unwrap()
}

/// As much of `whole` as `part` is of `of`.
fn share(whole: i64, part: i64, of: i64) -> i64 {
    if part >= of {
        return whole;
    }
    divide(i128::from(whole) * i128::from(part), i128::from(of))
}

/// Base and markup in the account's currency; nothing where no rate leads there.
fn price(money: Money, to: &str, markup_basis_points: i64) -> Option<(i64, i64)> {
    // What a unit of each is worth in dollars, in millionths; a dong has no cents.
    let (of_one, of_other) = match (money.currency, to) {
        (from, to) if from == to => return Some((money.minor, 0)),
        ("USD", "EUR") => (1_000_000, 1_085_000),
        ("EUR", "USD") => (1_085_000, 1_000_000),
        ("VND", "USD") => (39 * 100, 1_000_000),
        ("VND", "EUR") => (39 * 100, 1_085_000),
        _ => return None,
    };
    let base = divide(i128::from(money.minor) * of_one, of_other);
    let markup = divide(i128::from(base) * i128::from(markup_basis_points), 10_000);
    Some((base, markup))
}

impl Plain {
    fn account_of(&self, card: usize) -> usize {
        self.cards[card].account
    }

    fn pay(&mut self, payer: usize, receiver: usize, minor: i64) {
        self.accounts[payer].facts.posted -= minor;
        self.accounts[receiver].facts.posted += minor;
    }

    /// Sets aside for an authorization; less than nothing gives free.
    fn set_aside(&mut self, which: usize, minor: i64) {
        let found = &mut self.authorizations[which];
        found.facts.held += minor;
        found.count();
        let account = self.cards[found.card].account;
        let network = self.accounts[account].books.network;
        let (payer, receiver) = if found.kind == AuthorizationKind::Refund {
            (network, account)
        } else {
            (account, network)
        };
        self.accounts[payer].facts.held += minor;
        self.accounts[receiver].facts.expected += minor;
    }

    fn about(&self, which: usize) -> Reply {
        let found = &self.authorizations[which];
        Reply {
            authorization: Some((which, found.facts)),
            declined: found.facts.reason,
            balances: Some(self.accounts[self.account_of(found.card)].balance()),
            ..Reply::default()
        }
    }

    /// What a message does, and how it is answered. A refused one does nothing.
    pub fn take(&mut self, message: Message) -> Answer {
        match message {
            Message::Fund(account, minor) => {
                let outside = self.accounts[account].books.outside;
                self.pay(outside, account, minor);
                Ok(Reply::default())
            }
            Message::Authorize(ask) => self.authorize(ask),
            Message::Again(which, content) => Ok(self.again(which, content)),
            Message::Increment(which, money, decided) => self.increment(which, money, decided),
            Message::Reverse(which, amount) => self.reverse(which, amount),
            Message::Expire(which) => self.expire(which),
            Message::Clear(which, money, sequel) => self.clear(which, money, sequel),
            Message::ForcePost(card, money) => self.post_alone("forced_posting", card, money),
            Message::RefundUnlinked(card, money) => self.post_alone("refund", card, money),
            Message::RefundAuthorized(which, amount) => self.refund_authorized(which, amount),
            Message::Refund(which, amount) => self.refund(which, amount),
            Message::ReverseRefund(which, amount) => self.reverse_refund(which, amount),
            Message::Dispute(which, amount) => self.dispute(which, amount),
            Message::Decide(which, outcome) => self.decide(which, outcome),
            Message::ChangeCard(which, change) => self.change_card(which, change),
            Message::Wait(_) => Ok(self.expire_due()),
        }
    }

    fn again(&self, which: usize, content: Content) -> Reply {
        let says = match content {
            Content::Same => format!("as authorization {}", self.asks[which].1),
            Content::OtherAmount => "conflict amount".to_owned(),
            Content::OtherKind => "conflict reference".to_owned(),
        };
        Reply {
            repeat: Some(says),
            ..Reply::default()
        }
    }

    /// Why not, by card and account alone.
    fn against(&self, card: usize, month: Month) -> Option<&'static str> {
        let card = &self.cards[card];
        if card.state == "expired" {
            return Some("card_expired");
        }
        if card.state != "active" {
            return Some("card_not_active");
        }
        if self.now_ms >= card.ends_at_ms {
            return Some("card_expired");
        }
        (month == Month::Wrong).then_some("invalid_expiry")
    }

    /// How much is approved in the account's currency, or why nothing is.
    fn judge(&self, ask: &Ask, total: Option<i64>) -> Result<i64, &'static str> {
        match ask.decided {
            Decided::Forced | Decided::NetworkDeclined => return Err(SAID),
            Decided::NetworkApproved => return Ok(total.unwrap_or_default()),
            Decided::Here => {}
        }
        if let Some(reason) = self.against(ask.card, ask.month) {
            return Err(reason);
        }
        let total = total.ok_or("currency_not_supported")?;
        if !spends(ask.kind) {
            return Ok(total);
        }
        let beyond = self.beyond((ask.card, self.now_ms), (total, 1));
        let most = if beyond {
            total.min(self.room(ask.card))
        } else {
            total
        };
        let all_or_nothing = ask.part == Part::Useless;
        if beyond && (all_or_nothing || most == 0) {
            return Err("limit_exceeded");
        }
        let available = self.accounts[self.account_of(ask.card)].available();
        if most > available && (all_or_nothing || available <= 0) {
            return Err("insufficient_funds");
        }
        // Part of it has to buy the smallest coin of what was asked for.
        let part = most.min(available);
        let buys = i128::from(ask.money.minor) * i128::from(part) >= i128::from(total);
        match (part == total || buys, beyond) {
            (true, _) => Ok(part),
            (false, true) => Err("limit_exceeded"),
            (false, false) => Err("insufficient_funds"),
        }
    }

    fn authorize(&mut self, ask: Ask) -> Answer {
        let for_nothing = !spends(ask.kind) && ask.kind != AuthorizationKind::Refund;
        match (for_nothing, ask.money.minor) {
            (false, 0) => return Err("amount_zero"),
            (true, 1..) => return Err("amount_out_of_range"),
            _ => {}
        }
        let card = self.cards[ask.card];
        let markup = if spends(ask.kind) {
            card.markup_basis_points
        } else {
            0
        };
        let to = self.accounts[card.account].currency;
        let total = price(ask.money, to, markup).map(|(base, markup)| base + markup);
        if ask.decided == Decided::NetworkApproved && total.is_none() {
            return Err("currency_not_supported");
        }
        let judged = self.judge(&ask, total);
        let total = total.unwrap_or_default();
        let days = match ask.place {
            Place::Shop => 7,
            Place::Hotel => 31,
        };
        let mut facts = AuthorizationFacts {
            status: "declined",
            reason: judged.err(),
            origin: match ask.decided {
                Decided::Here | Decided::Forced => "platform",
                Decided::NetworkApproved | Decided::NetworkDeclined => "stand_in",
            },
            asked: ask.money.minor,
            billing: total,
            expires_at_ms: self.now_ms + days * DAY_MS,
            ..AuthorizationFacts::default()
        };
        if let Ok(part) = judged {
            facts.status = if for_nothing { "answered" } else { "open" };
            facts.billing = part;
            facts.approved = if part < total {
                let share = i128::from(ask.money.minor) * i128::from(part) / i128::from(total);
                i64::try_from(share).unwrap()
            } else {
                ask.money.minor
            };
        }
        let which = self.authorizations.len();
        self.asks.push((ask, which));
        self.authorizations.push(Authorization {
            card: ask.card,
            kind: ask.kind,
            currency: ask.money.currency,
            created_at_ms: self.now_ms,
            facts,
        });
        if facts.status == "open" {
            self.set_aside(which, facts.billing);
        }
        Ok(self.about(which))
    }

    fn increment(&mut self, which: usize, more: Money, decided: Decided) -> Answer {
        let found = self.authorizations[which];
        if found.facts.status != "open" || !found.spends() {
            return Err("authorization_not_open");
        }
        if more.minor == 0 {
            return Err("amount_zero");
        }
        if more.currency != found.currency {
            return Err("currency_mismatch");
        }
        let card = self.cards[found.card];
        let account = self.accounts[card.account];
        let (base, markup) = price(more, account.currency, card.markup_basis_points)
            .ok_or("currency_not_supported")?;
        let total = base + markup;
        let declined = match decided {
            Decided::NetworkApproved => None,
            Decided::Forced | Decided::NetworkDeclined => Some(SAID),
            Decided::Here => {
                let beyond = self.beyond((found.card, found.created_at_ms), (total, 0));
                self.against(found.card, Month::NotPresented)
                    .or(beyond.then_some("limit_exceeded"))
                    .or((total > account.available()).then_some("insufficient_funds"))
            }
        };
        if declined.is_none() {
            let facts = &mut self.authorizations[which].facts;
            facts.approved += more.minor;
            facts.billing += total;
            self.set_aside(which, total);
        }
        Ok(Reply {
            declined,
            ..self.about(which)
        })
    }

    fn reverse(&mut self, which: usize, amount: Option<Money>) -> Answer {
        let found = self.authorizations[which];
        if let Some(amount) = amount {
            if amount.currency != found.currency {
                return Err("currency_mismatch");
            }
            if amount.minor == 0 {
                return Err("amount_zero");
            }
        }
        let given_back = match found.facts.status {
            "open" => {
                let part = amount.map_or(found.open(), |amount| amount.minor);
                if part > found.open() {
                    return Err("exceeds_hold");
                }
                self.release(which, part, "reversed");
                part
            }
            // What was cleared is refunded; asking again for a rest that is gone changes nothing.
            "cleared" if amount.is_some() || found.facts.reversed == 0 => {
                return Err("authorization_cleared");
            }
            _ => 0,
        };
        Ok(Reply {
            given_back: Some(given_back),
            declined: None,
            ..self.about(which)
        })
    }

    fn release(&mut self, which: usize, part: i64, end: &'static str) {
        let found = self.authorizations[which];
        let open = found.open();
        let freed = if part == open {
            found.facts.held
        } else {
            share(found.facts.held, part, open)
        };
        let facts = &mut self.authorizations[which].facts;
        facts.reversed += part;
        if part == open {
            let came = facts.cleared > 0 || facts.posted > 0;
            facts.status = if came { "cleared" } else { end };
        }
        self.set_aside(which, -freed);
        self.give_rest_back(found.card);
    }

    fn expire(&mut self, which: usize) -> Answer {
        let found = self.authorizations[which];
        if found.facts.status != "open" {
            return Err("authorization_not_open");
        }
        self.release(which, found.open(), "expired");
        Ok(Reply {
            given_back: Some(found.open()),
            ..self.about(which)
        })
    }

    fn expire_due(&mut self) -> Reply {
        let is_due = |found: &&Authorization, now| {
            found.facts.status == "open" && found.facts.expires_at_ms <= now
        };
        let mut expired = 0;
        for which in 0..self.authorizations.len() {
            if is_due(&&self.authorizations[which], self.now_ms) {
                self.release(which, self.authorizations[which].open(), "expired");
                expired += 1;
            }
        }
        for which in 0..self.cards.len() {
            let card = &mut self.cards[which];
            if card.state != "closed" && self.now_ms >= card.ends_at_ms {
                card.state = "expired";
                self.give_rest_back(which);
            }
        }
        Reply {
            expired: Some(expired),
            ..Reply::default()
        }
    }

    fn change_card(&mut self, which: usize, change: CardStatusChange) -> Answer {
        let card = &mut self.cards[which];
        card.state = match (card.state, change) {
            ("closed", CardStatusChange::Close(_)) => "closed",
            ("closed" | "expired", _) => return Err("card_transition_not_allowed"),
            (_, CardStatusChange::Activate) => "active",
            (_, CardStatusChange::Freeze) => "frozen",
            (_, CardStatusChange::SetDormant) => "dormant",
            (_, CardStatusChange::Close(_)) => "closed",
        };
        let state = card.state;
        self.give_rest_back(which);
        Ok(Reply {
            card_state: Some(state),
            ..Reply::default()
        })
    }
}
