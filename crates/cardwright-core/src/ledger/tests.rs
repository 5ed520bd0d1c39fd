//! The ledger in tables that an accountant can read, and the laws under random movements.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{AccountId, Amount, Currency, HoldId, PaymentRefusal, Refusal};

fn usd(minor: i64) -> Amount {
    Amount::from_minor(minor, Currency::USD).expect("not negative")
}

fn account_id(index: usize) -> AccountId {
    AccountId::new(i64::try_from(index).expect("small") + 1).expect("positive")
}

fn hold_id(number: usize) -> HoldId {
    HoldId::new(i64::try_from(number).expect("small") + 1).expect("positive")
}

/// Accounts and the holds between them, moved by the rules and by nothing else.
#[derive(Clone, Default, PartialEq)]
struct Book {
    accounts: Vec<Balance>,
    holds: Vec<Hold>,
}

impl Book {
    fn pay(&mut self, (payer, receiver): (usize, usize), amount: Amount, rule: Pay) -> Outcome {
        let ids = (account_id(payer), account_id(receiver));
        Transfer::new(ids.0, ids.1, amount, TransferKind::Funding)?;
        let paid = rule(self.accounts[payer], amount)?;
        let received = self.accounts[receiver].receive(amount)?;
        (self.accounts[payer], self.accounts[receiver]) = (paid, received);
        Ok(())
    }

    fn hold(&mut self, (payer, receiver): (usize, usize), amount: Amount) -> Outcome {
        let id = hold_id(self.holds.len());
        let hold = Hold::place(id, (account_id(payer), account_id(receiver)), amount)?;
        let held = self.accounts[payer].hold(amount)?;
        let expecting = self.accounts[receiver].expect(amount)?;
        (self.accounts[payer], self.accounts[receiver]) = (held, expecting);
        self.holds.push(hold);
        Ok(())
    }

    fn raise(&mut self, hold: usize, amount: Amount) -> Outcome {
        let raised = self.holds[hold].raise(amount)?;
        let (payer, receiver) = sides(raised);
        let held = self.accounts[payer].hold(amount)?;
        let expecting = self.accounts[receiver].expect(amount)?;
        (self.accounts[payer], self.accounts[receiver]) = (held, expecting);
        self.holds[hold] = raised;
        Ok(())
    }

    fn post(&mut self, hold: usize, amount: Amount) -> Outcome {
        let posted = self.holds[hold].post(amount)?;
        let (payer, receiver) = sides(posted);
        let paid = self.accounts[payer].release(amount)?.pay(amount)?;
        let received = self.accounts[receiver].unexpect(amount)?.receive(amount)?;
        (self.accounts[payer], self.accounts[receiver]) = (paid, received);
        self.holds[hold] = posted;
        Ok(())
    }

    fn void(&mut self, hold: usize, amount: Amount, end: HoldEnd) -> Outcome {
        let voided = self.holds[hold].void(amount, end)?;
        let (payer, receiver) = sides(voided);
        let released = self.accounts[payer].release(amount)?;
        let unexpected = self.accounts[receiver].unexpect(amount)?;
        (self.accounts[payer], self.accounts[receiver]) = (released, unexpected);
        self.holds[hold] = voided;
        Ok(())
    }

    /// The laws that hold after every movement, refused ones included.
    fn assert_laws(&self, after: &str) {
        let sum = |of: fn(&Balance) -> i64| -> i128 {
            self.accounts.iter().map(|one| i128::from(of(one))).sum()
        };
        assert_eq!(
            sum(|one| one.posted()),
            0,
            "money was made or lost by {after}"
        );
        let (held, expected) = (sum(|one| one.held_debits), sum(|one| one.held_credits));
        assert_eq!(held, expected, "the sides of holds differ after {after}");
        let open: i128 = self
            .holds
            .iter()
            .map(|hold| i128::from(hold.open().minor()))
            .sum();
        assert_eq!(held, open, "after {after}");
        for account in &self.accounts {
            assert!(
                account.held_debits >= 0 && account.held_credits >= 0,
                "{after}"
            );
        }
        for hold in &self.holds {
            let is_open = hold.state == HoldState::Open;
            assert_eq!(is_open, !hold.open().is_zero(), "{hold:?} after {after}");
            let used = hold.posted.minor() + hold.voided.minor();
            assert!(used <= hold.amount.minor(), "{hold:?} after {after}");
        }
    }
}

type Outcome = Result<(), Refusal>;
type Pay = fn(Balance, Amount) -> Result<Balance, Refusal>;

fn sides(hold: Hold) -> (usize, usize) {
    let index = |id: AccountId| usize::try_from(id.get() - 1).expect("positive");
    (index(hold.payer), index(hold.receiver))
}

/// A book with names, which a script speaks of.
#[derive(Default)]
struct Named<'a> {
    book: Book,
    accounts: BTreeMap<&'a str, usize>,
    holds: BTreeMap<&'a str, usize>,
}

fn number(text: &str) -> i64 {
    text.parse().expect("a number")
}

impl<'a> Named<'a> {
    fn open(&mut self, name: &'a str, floor: Floor) {
        self.accounts.insert(name, self.book.accounts.len());
        self.book.accounts.push(Balance::empty(floor));
    }

    fn assert_balance(&self, name: &str, expected: &[&str]) {
        let balance = self.book.accounts[self.accounts[name]];
        for pair in expected.chunks(2) {
            let found = match pair[0] {
                "posted" => balance.posted(),
                "held" => balance.held(),
                "expected" => balance.held_credits,
                "available" => balance.available(),
                other => panic!("what is {other}?"),
            };
            assert_eq!(found, number(pair[1]), "{name} {expected:?}");
        }
    }

    fn assert_hold(&self, name: &str, state: &str, open: &str) {
        let hold = self.book.holds[self.holds[name]];
        assert_eq!((hold.state.word(), hold.open()), (state, usd(number(open))));
    }

    /// Makes the movement of a line, whose last word is the outcome.
    fn make(&mut self, words: &[&'a str]) -> Outcome {
        let (accounts, holds) = (&self.accounts, &self.holds);
        let amount = |text: &str| usd(number(text));
        match words {
            [verb @ ("pay" | "force"), payer, "->", receiver, minor, _] => {
                let rule = match *verb {
                    "pay" => Balance::pay,
                    _ => Balance::force_pay,
                };
                let between = (accounts[payer], accounts[receiver]);
                self.book.pay(between, amount(minor), rule)
            }
            ["hold", name, payer, "->", receiver, minor, _] => {
                let between = (accounts[payer], accounts[receiver]);
                let position = self.book.holds.len();
                self.book.hold(between, amount(minor))?;
                self.holds.insert(name, position);
                Ok(())
            }
            ["raise", name, minor, _] => self.book.raise(holds[name], amount(minor)),
            ["post", name, minor, _] => self.book.post(holds[name], amount(minor)),
            ["void", name, minor, _] => self.book.void(holds[name], amount(minor), HoldEnd::Voided),
            ["void", name, _] => self.end(holds[name], HoldEnd::Voided),
            ["expire", name, _] => self.end(holds[name], HoldEnd::Expired),
            other => panic!("what is {other:?}?"),
        }
    }

    fn end(&mut self, hold: usize, end: HoldEnd) -> Outcome {
        let open = self.book.holds[hold].open();
        self.book.void(hold, open, end)
    }
}

/// Runs a little script: accounts, movements with the expected outcome, balances. The laws are
/// looked at after every line.
fn check(script: &str) {
    let mut named = Named::default();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["account", name] => named.open(name, Floor::None),
            ["account", name, "floor", floor] => named.open(name, Floor::At(number(floor))),
            ["balance", name, expected @ ..] => named.assert_balance(name, expected),
            ["hold", name, "is", state, "open", open] => named.assert_hold(name, state, open),
            movement => {
                let outcome = named.make(movement);
                let said = outcome.err().map_or("ok", Refusal::code);
                assert_eq!(Some(&said), movement.last(), "{line}");
            }
        }
        named.book.assert_laws(line);
    }
}

#[test]
fn a_payment_never_takes_an_account_below_its_floor() {
    check(
        "
        account world
        account wallet  floor 0
        account card    floor 0
        account credit  floor -50
        pay world  -> wallet 100   ok
        pay wallet -> card   101   insufficient_funds
        pay wallet -> card   100   ok
        pay wallet -> card   1     insufficient_funds
        pay card   -> card   1     same_account
        pay card   -> wallet 0     amount_zero
        pay credit -> card   50    ok
        pay credit -> card   1     insufficient_funds
        balance wallet posted 0
        balance card   posted 150
        balance credit posted -50 available 0
        balance world  posted -100 available -100
    ",
    );
}

#[test]
fn what_cannot_be_counted_is_refused() {
    check(
        "
        account world
        account shop
        account wallet floor 0
        pay  world -> wallet 9223372036854775807 ok
        pay  world -> wallet 1                   balance_overflow
        hold h1 world -> shop 9223372036854775807 ok
        hold h2 world -> shop 1                   balance_overflow
        raise h1 1                                balance_overflow
        hold h3 wallet -> shop 1                  balance_overflow
        balance wallet posted 9223372036854775807 held 0
        balance world  posted -9223372036854775807 available -9223372036854775808
    ",
    );
}

#[test]
fn a_hold_reserves_and_a_post_takes_no_more_than_was_held() {
    check(
        "
        account program
        account wallet  floor 0
        account shop
        pay  program -> wallet 100    ok
        hold t2 wallet  -> shop    70 ok
        hold t3 wallet  -> shop    40 insufficient_funds
        pay  wallet  -> shop 31       insufficient_funds
        balance wallet posted 100 held 70 available 30
        balance shop   posted 0 expected 70
        post t2 65                    ok
        post t2 65                    exceeds_hold
        balance wallet posted 35 held 5 available 30
        balance shop   posted 65 expected 5
        void t2                       ok
        balance wallet posted 35 held 0
        balance shop   posted 65 expected 0
    ",
    );
}

#[test]
fn a_hold_ends_once() {
    check(
        "
        account program
        account wallet  floor 0
        account shop
        pay  program -> wallet 100 ok
        hold a wallet -> shop 10   ok
        hold b wallet -> shop 20   ok
        hold c wallet -> shop 30   ok
        post a 4                   ok
        hold a is open open 6
        post a 6                   ok
        hold a is posted open 0
        post a 1                   hold_ended
        raise a 1                  hold_ended
        void a 1                   hold_ended
        void b 5                   ok
        void b 16                  exceeds_hold
        void b                     ok
        hold b is voided open 0
        expire b                   hold_ended
        post c 1                   ok
        expire c                   ok
        hold c is expired open 0
        void c                     hold_ended
        balance wallet posted 89 held 0
    ",
    );
}

#[test]
fn a_hold_is_raised_under_the_same_rules_as_it_was_placed() {
    check(
        "
        account program
        account wallet  floor -10
        account shop
        pay  program -> wallet 100  ok
        hold h wallet -> shop 0     amount_zero
        hold h wallet -> wallet 1   same_account
        hold h wallet -> shop 90    ok
        raise h 21                  insufficient_funds
        raise h 0                   amount_zero
        raise h 20                  ok
        balance wallet posted 100 held 110 available 0
        post h 110                  ok
        hold h is posted open 0
        balance wallet posted -10 held 0 available 0
    ",
    );
}

#[test]
fn only_what_is_forced_goes_below_the_floor_and_then_nothing_else_is_paid() {
    check(
        "
        account program
        account wallet  floor 0
        account shop
        pay   program -> wallet 100 ok
        hold  h wallet -> shop 80   ok
        force wallet -> shop 50     ok
        balance wallet posted 50 held 80 available -30
        pay   wallet -> shop 1      insufficient_funds
        hold  i wallet -> shop 1    insufficient_funds
        force wallet -> shop 60     ok
        balance wallet posted -10 held 80 available -90
        void  h                     ok
        pay   wallet -> shop 1      insufficient_funds
        pay   program -> wallet 11  ok
        pay   wallet -> shop 1      ok
        balance wallet posted 0 available 0
    ",
    );
}

#[test]
fn a_balance_tells_when_it_was_forced_below_its_floor() {
    let wallet = Balance::empty(Floor::At(-5));
    let forced = |minor| wallet.force_pay(usd(minor)).expect("countable");
    assert!(!forced(5).is_below_floor());
    assert!(forced(6).is_below_floor());
    let world = Balance::empty(Floor::None).force_pay(usd(6));
    assert!(!world.expect("countable").is_below_floor());
    assert_eq!(wallet.hold(usd(6)), Err(Refusal::InsufficientFunds));
    let promised = wallet.force_hold(usd(6)).expect("countable");
    assert_eq!((promised.held(), promised.available()), (6, -1));
    assert_eq!(
        promised.release(usd(7)),
        Err(Refusal::Payment(PaymentRefusal::ExceedsHold))
    );
    assert_eq!(
        promised.unexpect(usd(1)),
        Err(Refusal::Payment(PaymentRefusal::ExceedsHold))
    );
}

#[test]
fn a_hold_of_dollars_takes_no_euros() {
    let hold = Hold::place(hold_id(0), (account_id(0), account_id(1)), usd(5)).expect("a hold");
    let euro = Amount::from_minor(1, Currency::EUR).expect("not negative");
    let mismatch = Err(Refusal::CurrencyMismatch);
    assert_eq!(hold.raise(euro), mismatch);
    assert_eq!(hold.post(euro), mismatch);
    assert_eq!(hold.void(euro, HoldEnd::Voided), mismatch);
}

#[test]
fn kinds_and_states_read_back_from_their_words() {
    for kind in TransferKind::ALL {
        assert_eq!(TransferKind::from_word(kind.word()), Some(kind));
    }
    assert_eq!(TransferKind::from_word("gift"), None);
    for state in HoldState::ALL {
        assert_eq!(HoldState::from_word(state.word()), Some(state));
    }
    assert_eq!(HoldState::from_word("ended"), None);
}

proptest! {
    #[test]
    fn random_movements_keep_the_laws_and_only_force_breaks_a_floor(
        movements in prop::collection::vec(
            (0..8_u8, 0..4_usize, 0..4_usize, 0..12_usize, 0..400_i64),
            0..200,
        ),
    ) {
        let floors = [Floor::None, Floor::At(0), Floor::At(0), Floor::At(-100)];
        let mut book = Book { accounts: floors.map(Balance::empty).to_vec(), holds: Vec::new() };
        for movement @ (verb, payer, receiver, hold, minor) in movements {
            let (before, between, amount) = (book.clone(), (payer, receiver), usd(minor));
            let hold = hold.min(book.holds.len().saturating_sub(1));
            let outcome = match verb {
                0 | 1 => book.pay(between, amount, Balance::pay),
                2 => book.pay(between, amount, Balance::force_pay),
                3 => book.hold(between, amount),
                _ if book.holds.is_empty() => continue,
                4 => book.raise(hold, amount),
                5 => book.post(hold, amount),
                6 => book.void(hold, amount, HoldEnd::Voided),
                _ => book.void(hold, book.holds[hold].open(), HoldEnd::Expired),
            };
            book.assert_laws(&format!("{movement:?}"));
            for (after, before) in book.accounts.iter().zip(&before.accounts) {
                let lowered = after.available() < before.available();
                if let Floor::At(_) = after.floor && lowered {
                    prop_assert!(verb == 2 || after.available() >= 0, "{:?}", movement);
                }
            }
            for (after, before) in book.holds.iter().zip(&before.holds) {
                prop_assert!(before.state == HoldState::Open || after == before, "ended twice");
            }
            prop_assert!(outcome.is_ok() || book == before, "a refusal left something behind");
        }
    }
}
