//! The authorization engine against a plain model: random sequences of everything that the card
//! network, the cards' owner and time can do, compared after every message.
//!
//! A sequence is known by its number; [`FIRST`] makes a failing one the first to run.
//! `CARDWRIGHT_SEQUENCES` says how many are run.

mod engine;
mod facts;
mod messages;
mod plain;
mod world;

use cardwright_core::{CardId, CardState, CardStatusChange, CloseReason, Expiry};
use cardwright_server::{
    error::{Error, Result},
    ops::cards as ops,
    store::{Tx, accounts, authorizations, cards, transactions},
};
use jiff::SignedDuration;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::{beneath, ledger};
use crate::harness::{TestApp, sequences};
use engine::Ids;
use facts::AccountFacts;
use messages::{Chance, Decided, Message};
use plain::Plain;

/// The number of the first sequence.
const FIRST: u64 = 0;
/// How many sequences share a store, so that it stays small and its clock within the calendar.
const PER_STORE: u64 = 1_000;

/// A sequence on its way.
struct Course {
    plain: Plain,
    ids: Ids,
    chance: Chance,
    left: usize,
    told: Vec<String>,
    sums: Sums,
}

/// Sums over all accounts: dollars, euros, and what is set aside or expected.
type Sums = [i64; 3];

fn sums(plain: &Plain) -> Sums {
    let mut sums = [0; 3];
    for account in &plain.accounts {
        sums[usize::from(account.currency == "EUR")] += account.facts.posted;
        sums[2] += account.facts.held + account.facts.expected;
    }
    sums
}

/// Why a sequence stops.
enum Stop {
    /// So many days have to pass first.
    Wait(i64),
    /// It is through.
    End,
    /// Engine and model differ.
    Differ(String),
}

/// What was seen of one kind of answer, so that a test which tries nothing is found out.
#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    sequences: u64,
    messages: u64,
    declined: u64,
    limited: u64,
    refused: u64,
    posted: u64,
    expired: u64,
}

fn found_facts(balance: cardwright_core::Balance) -> AccountFacts {
    AccountFacts {
        posted: balance.posted(),
        held: balance.held(),
        expected: balance.held_credits,
    }
}

/// Settled already, promised already, or decided by somebody else: what may overdraw.
fn may_overdraw(message: &Message) -> bool {
    match message {
        Message::Clear(..)
        | Message::ForcePost(..)
        | Message::ReverseRefund(..)
        | Message::Decide(..) => true,
        Message::Authorize(ask) => ask.decided == Decided::NetworkApproved,
        Message::Increment(_, _, decided) => *decided == Decided::NetworkApproved,
        _ => false,
    }
}

impl Course {
    /// Gives one message to both and compares what they say and what is stored then.
    async fn step(&mut self, tx: &mut Tx, message: Message, tally: &mut Tally) -> Result<()> {
        self.told.push(format!("{message:?}"));
        tally.messages += 1;
        let before = self.plain.accounts.clone();
        let mut ids = self.ids.clone();
        let found = tx
            .attempt(async |tx| engine::perform(tx, &mut ids, message).await)
            .await?;
        let found = match found {
            Ok(reply) => {
                self.ids = ids;
                Ok(reply)
            }
            Err(Error::Refused(refusal)) => Err(refusal.code()),
            Err(error) => return Err(differ(error.log_text())),
        };
        let expected = self.plain.take(message);
        match &expected {
            Ok(reply) => {
                tally.declined += u64::from(reply.declined.is_some());
                tally.limited += u64::from(reply.declined == Some("limit_exceeded"));
                tally.posted += u64::from(reply.transaction.is_some());
                tally.expired += u64::try_from(reply.expired.unwrap_or_default()).unwrap();
            }
            Err(_) => tally.refused += 1,
        }
        if found != expected {
            return Err(differ(format!("engine {found:?}\n model {expected:?}")));
        }
        if let Ok(facts::Reply {
            authorization: Some((which, facts)),
            ..
        }) = expected
        {
            self.compare_authorization(tx, which, facts).await?;
        }
        for (which, before) in before.iter().enumerate().take(3) {
            let found = self.compare_account(tx, which).await?;
            let available = found.posted - found.held;
            let lowered = available < before.available();
            if available < 0 && lowered && !may_overdraw(&message) {
                return Err(differ(format!("account {which} was overdrawn: {found:?}")));
            }
        }
        Ok(())
    }

    async fn compare_account(&self, tx: &mut Tx, which: usize) -> Result<AccountFacts> {
        let found = found_facts(accounts::get(tx, self.ids.accounts[which]).await?.balance);
        let expected = self.plain.accounts[which].facts;
        if found == expected {
            return Ok(found);
        }
        Err(differ(format!(
            "account {which}\nengine {found:?}\n model {expected:?}"
        )))
    }

    async fn compare_authorization(
        &self,
        tx: &mut Tx,
        which: usize,
        expected: facts::AuthorizationFacts,
    ) -> Result<()> {
        let stored = authorizations::get(tx, self.ids.authorizations[which]).await?;
        let found = engine::authorization_facts(&stored);
        if found != expected {
            return Err(differ(format!(
                "stored authorization {which}\nengine {found:?}\n model {expected:?}"
            )));
        }
        if !engine::hold_agrees(tx, &stored).await? {
            return Err(differ(format!("the hold of authorization {which}")));
        }
        Ok(())
    }

    /// Goes on until the sequence is through or time has to pass.
    async fn go(&mut self, tx: &mut Tx, tally: &mut Tally) -> Result<Stop> {
        if self.told.is_empty() {
            for message in self.chance.funds() {
                self.step(tx, message, tally).await?;
            }
        }
        while self.left > 0 {
            self.left -= 1;
            let message = self.chance.message(&self.plain);
            if let Message::Wait(days) = message {
                return Ok(Stop::Wait(days));
            }
            self.step(tx, message, tally).await?;
        }
        for which in 0..self.plain.authorizations.len() {
            if self.plain.authorizations[which].facts.status == "open" {
                self.step(tx, Message::Expire(which), tally).await?;
            }
        }
        self.compare_all(tx).await?;
        Ok(Stop::End)
    }

    /// At the end: every record, every book, and nothing set aside any more.
    async fn compare_all(&mut self, tx: &mut Tx) -> Result<()> {
        for which in 0..self.plain.authorizations.len() {
            let expected = self.plain.authorizations[which].facts;
            self.compare_authorization(tx, which, expected).await?;
        }
        for which in 0..self.plain.transactions.len() {
            let stored = transactions::get(tx, self.ids.transactions[which]).await?;
            let found = self.ids.transaction_facts(&stored);
            let expected = self.plain.transactions[which].facts;
            if found != expected {
                return Err(differ(format!(
                    "transaction {which}\nengine {found:?}\n model {expected:?}"
                )));
            }
        }
        for which in 0..self.plain.disputes.len() {
            let stored = transactions::dispute(tx, self.ids.disputes[which]).await?;
            let found = engine::dispute_facts(&mut self.ids, &stored);
            if found != self.plain.disputes[which] {
                return Err(differ(format!("dispute {which}: {found:?}")));
            }
        }
        for which in 0..self.plain.accounts.len() {
            self.compare_account(tx, which).await?;
        }
        let sums = sums(&self.plain);
        if sums == self.sums {
            Ok(())
        } else {
            Err(differ(format!("from {:?} to {sums:?}", self.sums)))
        }
    }
}

fn differ(what: String) -> Error {
    Error::Corrupt(what)
}

/// Runs one sequence on cards and accounts of its own.
async fn run(app: &TestApp, home: &world::Home, number: u64) -> Tally {
    let mut tally = Tally {
        sequences: 1,
        ..Tally::default()
    };
    let mut chance = Chance(ChaCha20Rng::seed_from_u64(number));
    let left = chance.length();
    let books = home.books.clone();
    let (plain, ids) = beneath::write(app, home.tenant, async move |tx| {
        world::open(tx, &books, number).await
    })
    .await;
    let mut course = Course {
        sums: sums(&plain),
        plain,
        ids,
        chance,
        left,
        told: Vec::new(),
    };
    let mut waited = None;
    loop {
        let (stop, returned, counted) = beneath::write(app, home.tenant, async move |tx| {
            course.plain.now_ms = tx.now().as_millisecond();
            let went = async {
                if let Some(days) = waited {
                    course.step(tx, Message::Wait(days), &mut tally).await?;
                }
                course.go(tx, &mut tally).await
            };
            let stop = match went.await {
                Ok(stop) => stop,
                Err(Error::Corrupt(what)) => Stop::Differ(what),
                Err(error) => return Err(error),
            };
            Ok((stop, course, tally))
        })
        .await;
        (course, tally) = (returned, counted);
        match stop {
            Stop::End => {
                retire(app, home, course.ids.cards).await;
                return tally;
            }
            Stop::Wait(days) => {
                app.clock.advance(SignedDuration::from_hours(24 * days));
                waited = Some(days);
            }
            Stop::Differ(what) => panic!(
                "sequence {number}:\n{}\n{what}\nafter {} messages",
                course.told.join("\n"),
                course.told.len()
            ),
        }
    }
}

/// Ends the cards of a sequence that is through: they would else end of their age during a later one,
/// and pay into the wallet that is compared there.
async fn retire(app: &TestApp, home: &world::Home, owned: Vec<(CardId, Expiry)>) {
    beneath::write(app, home.tenant, async move |tx| {
        for (id, _) in owned {
            if !matches!(cards::get(tx, id).await?.state, CardState::Closed { .. }) {
                let end = CardStatusChange::Close(CloseReason::Cancelled);
                ops::change_status(tx, id, end).await?;
            }
        }
        Ok(())
    })
    .await;
}

/// What has to hold in a store whose sequences are all through.
async fn assert_all_is_settled(app: &TestApp) {
    for sql in [
        "SELECT COUNT(*) FROM (SELECT currency FROM account GROUP BY currency \
         HAVING SUM(credits - debits) <> 0)",
        "SELECT COALESCE(SUM(held_credits + held_debits), 0) FROM account",
        "SELECT COUNT(*) FROM hold WHERE state = 'open' OR ended_at IS NULL \
         OR posted + voided <> amount",
        "SELECT COUNT(*) FROM card_authorization WHERE status = 'open' OR held <> 0",
        "SELECT COUNT(*) FROM card_authorization WHERE counted <> CASE WHEN kind IN \
         ('purchase', 'cash', 'quasi_cash') THEN MAX(held + posted - restored, 0) ELSE 0 END",
        "SELECT COUNT(*) FROM (SELECT hold FROM card_authorization WHERE hold IS NOT NULL \
         GROUP BY hold HAVING COUNT(*) > 1)",
    ] {
        assert_eq!(app.number(sql, &[]).await, 0, "{sql}");
    }
}

/// Runs every second sequence, beginning at the first or the second of all.
async fn run_half(half: u64) {
    let count = sequences().div_ceil(2);
    println!("sequences {FIRST} to {}, half {half}", FIRST + 2 * count);
    let mut seen = Tally::default();
    let mut number = 0;
    while number < count {
        let app = TestApp::new().await;
        let home = world::settle(&app).await;
        for inner in number..count.min(number + PER_STORE) {
            let tally = run(&app, &home, FIRST + 2 * inner + half).await;
            seen.sequences += tally.sequences;
            seen.messages += tally.messages;
            seen.declined += tally.declined;
            seen.limited += tally.limited;
            seen.refused += tally.refused;
            seen.posted += tally.posted;
            seen.expired += tally.expired;
        }
        number += PER_STORE;
        assert_all_is_settled(&app).await;
        assert!(ledger::entries_add_up(&app).await > 0);
        app.finish().await;
    }
    println!("{seen:?}");
    for enough in [seen.declined, seen.refused, seen.posted, seen.expired] {
        assert!(enough * 50 > seen.sequences, "hardly ever: {seen:?}");
    }
    // One card of four has limits.
    assert!(seen.limited * 200 > seen.sequences, "hardly ever: {seen:?}");
}

#[tokio::test]
async fn the_engine_does_what_a_plain_model_does_in_every_even_sequence() {
    run_half(0).await;
}

#[tokio::test]
async fn the_engine_does_what_a_plain_model_does_in_every_odd_sequence() {
    run_half(1).await;
}
