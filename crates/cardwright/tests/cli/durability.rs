//! What was answered is there afterwards: after a kill under load, and after a power cut.
//!
//! A trial is one data directory and many rounds. In each, clients write until the server is killed
//! at a moment that the seed chooses; it starts again on what is left; every key is asked for once
//! more, and the database is read: nothing may be doubled, and sums must be those of their parts.
//! `cargo xtask crash` and `cargo xtask power-loss` run the same tests with more rounds.

mod dice;
mod inspection;
mod load;
mod power;
mod receiver;

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use cardwright_client::sandbox;
use cardwright_server::store::db::bench::filling::{self, Filling};
use cardwright_server::store::db::{Db, DbOptions};
use tokio::runtime::Runtime;

use crate::desk::Desk;
use crate::readme::all_there;
use crate::server::Server;
use dice::Dice;
use load::Asked;
use power::{Cut, Model, Undone};
use receiver::Receiver;

/// How large a trial is; each number may be set from outside.
struct Size {
    rounds: u32,
    clients: u32,
    seed: u64,
    /// Entries that the ledger has before: what has to be read anew after each end may grow with them.
    entries: u32,
}

impl Size {
    fn or_rounds(rounds: u32) -> Size {
        Size {
            rounds: number("CARDWRIGHT_TRIAL_ROUNDS").map_or(rounds, |set| set.try_into().unwrap()),
            clients: number("CARDWRIGHT_TRIAL_CLIENTS").map_or(8, |set| set.try_into().unwrap()),
            seed: number("CARDWRIGHT_TRIAL_SEED").unwrap_or(1),
            entries: number("CARDWRIGHT_TRIAL_ENTRIES").map_or(0, |set| set.try_into().unwrap()),
        }
    }
}

fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "the test's own switch")]
    let set = std::env::var(name).ok();
    set.map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// How a round ends.
enum Ending {
    /// The process goes, the machine stays.
    Kill,
    /// The machine goes.
    PowerCut(Model),
}

/// What a round did to what had been answered.
#[derive(Debug, Default)]
struct Round {
    answered: u64,
    /// Of these, the ones that posted money or gave it free.
    settled: u64,
    /// Asked for and never answered, but there: all right, and worth counting.
    unanswered_but_there: u64,
    /// Answered, and gone or different afterwards.
    lost: Vec<String>,
    restart: Duration,
    undone: Undone,
}

/// One data directory, through many rounds.
struct Trial {
    desk: Desk,
    runtime: Runtime,
    ending: Ending,
    durability: &'static str,
    dice: Dice,
    clients: u32,
    /// The card that authorizations are asked for.
    card: String,
    /// Keys of all rounds.
    asked: u64,
    /// The server that the last round left, and its `sandbox.json`.
    running: Option<(Server, String)>,
}

impl Trial {
    fn new(size: &Size, durability: &'static str, ending: impl FnOnce(&Desk) -> Ending) -> Trial {
        let desk = Desk::new();
        // The first start makes the environment, with nobody watching and nothing at stake.
        let runtime = Runtime::new().unwrap();
        let (mut server, file) = Server::ready(&desk, &["--data", "d"]);
        let card = runtime.block_on(load::prepare(&file.to_string()));
        assert_eq!(server.end("TERM").code, 0);
        if size.entries > 0 {
            runtime.block_on(history(&desk, &card, size.entries));
        }
        Trial {
            ending: ending(&desk),
            desk,
            runtime,
            card,
            durability,
            dice: Dice::new(size.seed),
            clients: size.clients,
            asked: 0,
            running: None,
        }
    }

    fn command(&self) -> Command {
        let mut command = self.desk.command(&[
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--json",
            "--data",
            "d",
            "--log-level",
            "warn",
            "--durability",
            self.durability,
        ]);
        if let Ending::PowerCut(model) = &self.ending {
            model.watch(&mut command);
        }
        command
    }

    /// Starts the server; gives it, its `sandbox.json`, and how long it took to be ready.
    fn start(&self) -> ((Server, String), Duration) {
        let began = now();
        let mut server = Server::spawn(self.command());
        let Some(file) = server.line() else {
            panic!("does not start: {:?}", server.ended());
        };
        ((server, file), began.elapsed())
    }

    fn cut_power(&mut self) -> Undone {
        let Ending::PowerCut(model) = &self.ending else {
            return Undone::default();
        };
        let cut = Cut::any(&mut self.dice);
        model.cut(cut, &mut self.dice)
    }

    /// One round: load, end, start, look. Every key is asked for again, so that each of them is
    /// answered in the end.
    fn round(&mut self, number: u32) -> Round {
        let (mut server, file) = match self.running.take() {
            Some(running) => running,
            None => self.start().0,
        };
        let moment = Duration::from_millis(self.dice.within(50..=600));
        let load = {
            let _inside = self.runtime.enter();
            load::begin(
                (&file, &self.card),
                self.clients,
                &format!("trial-{number}"),
            )
        };
        wait(moment);
        assert_eq!(server.end("KILL").code, -9, "it was still running");
        let asked: Vec<Asked> = self.runtime.block_on(load.join_all()).concat();
        let mut undone = self.cut_power();
        if self.dice.one_in(4) {
            // Whoever comes back from a cut may meet the next one on the way.
            let mut server = Server::spawn(self.command());
            wait(Duration::from_millis(self.dice.within(0..=30)));
            server.end("KILL");
            undone.add(self.cut_power());
        }

        let ((server, file), restart) = self.start();
        let answered = asked.iter().filter(|one| one.answer.is_some()).count() as u64;
        let settled = asked.iter().filter(|one| one.is_settled()).count() as u64;
        let there = inspection::inspect(&self.desk);
        let mut lost = self.lost(&file, &asked);
        if there < self.asked {
            lost.push(format!("{} of rounds before", self.asked - there));
        }
        let unanswered_but_there = there.saturating_sub(self.asked + answered);
        self.asked += asked.len() as u64;
        if lost.is_empty() {
            let found = inspection::inspect(&self.desk);
            assert_eq!(found, self.asked, "each key has its record");
        }
        self.running = Some((server, file));
        Round {
            answered,
            settled,
            unanswered_but_there,
            lost,
            restart,
            undone,
        }
    }

    /// All rounds, or as many as `goes_on` wants, and then a polite end on which the power is cut.
    fn run(&mut self, rounds: u32, goes_on: impl Fn(&Round) -> bool) -> Vec<Round> {
        let mut done = Vec::new();
        for number in 0..rounds {
            done.push(self.round(number));
            if !done.last().is_some_and(&goes_on) {
                break;
            }
        }
        if let Some((mut server, _)) = self.running.take() {
            assert_eq!(server.end("TERM").code, 0);
            self.cut_power();
        }
        let (_running, _) = self.start();
        let found = inspection::inspect(&self.desk);
        let nothing_lost = done.iter().all(|round| round.lost.is_empty());
        if nothing_lost {
            assert_eq!(found, self.asked, "a polite end keeps everything");
        }
        done
    }

    /// Asks for every key again: what was answered before must be answered alike.
    fn lost(&self, file: &str, asked: &[Asked]) -> Vec<String> {
        let wishes = asked.iter().map(|one| one.wish.clone()).collect();
        let repeated = load::repeat((file, &self.card), self.clients, wishes);
        let now: HashMap<String, Option<String>> = self
            .runtime
            .block_on(repeated)
            .into_iter()
            .map(|one| (one.wish.key, one.answer))
            .collect();
        let differs = |one: &&Asked| one.answer.is_some() && now[&one.wish.key] != one.answer;
        let lost = asked.iter().filter(differs);
        lost.map(|one| one.wish.key.clone()).collect()
    }
}

/// Gives other cards a history of so many entries in all.
async fn history(desk: &Desk, card: &str, entries: u32) {
    const EACH: u32 = 10;
    let like: i64 = sandbox::record_id(card).parse().unwrap();
    let tenant = format!("SELECT tenant FROM card WHERE id = {like}");
    let filling = Filling {
        tenant: inspection::read(desk, &tenant)[0].parse().unwrap(),
        like,
        cards: entries.div_ceil(EACH),
        entries_per_card: EACH,
    };
    let db = Db::open(DbOptions::file(desk.path("d/cardwright.db"))).unwrap();
    filling::fill(&db, filling).await.unwrap();
    db.close().await;
    let found = &inspection::read(desk, "SELECT count(*) FROM journal_entry")[0];
    assert!(found.parse::<u32>().unwrap() >= entries, "{found}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a real start takes is measured with a real clock"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the moment of a kill is a moment of real time, and follows from nothing"
)]
fn wait(moment: Duration) {
    std::thread::sleep(moment);
}

/// Whether this machine can play a power cut; where it cannot, says so, or fails where that is
/// asked for.
fn can_cut_power() -> bool {
    // The library replaces calls of a C library that is linked at the start.
    let gnu = cfg!(all(
        target_os = "linux",
        target_env = "gnu",
        target_pointer_width = "64"
    ));
    if !gnu {
        eprintln!("skipped: calls can be watched on 64-bit Linux with the GNU C library only");
    }
    gnu && all_there(&["cc", "python3", "sqlite3"])
}

/// The figures of a trial, in one line.
fn report(name: &str, size: &Size, rounds: &[Round]) {
    let mut restarts: Vec<u128> = rounds.iter().map(|one| one.restart.as_millis()).collect();
    restarts.sort_unstable();
    let sum = |of: fn(&Round) -> u64| rounds.iter().map(of).sum::<u64>();
    let mut undone = Undone::default();
    for round in rounds {
        undone.add(round.undone);
    }
    println!(
        "{name}: {} rounds, {} clients, seed {}, {} entries before: {} answered ({} of them \
         settled), {} lost; {} unanswered but there; ready again after {} ms (median), {} ms \
         (longest)",
        rounds.len(),
        size.clients,
        size.seed,
        size.entries,
        sum(|one| one.answered),
        sum(|one| one.settled),
        sum(|one| one.lost.len() as u64),
        sum(|one| one.unanswered_but_there),
        restarts[restarts.len() / 2],
        restarts[restarts.len() - 1],
    );
    if undone != Undone::default() {
        println!(
            "{name}: {} changes of files, {} synchronizations, {} changes at risk, {} survived",
            undone.changes, undone.synchronized, undone.at_risk, undone.survived
        );
    }
}

/// What must hold in every round, and that there was a load worth the name: as many answers as each
/// client gets once in every round, and money that moved.
fn check(size: &Size, rounds: &[Round]) {
    for (number, round) in rounds.iter().enumerate() {
        assert_eq!(round.lost, [""; 0], "round {number}");
        assert!(round.restart < Duration::from_secs(5), "round {number}");
    }
    let answered: u64 = rounds.iter().map(|one| one.answered).sum();
    // More clients are not faster together.
    let enough = rounds.len() as u64 * u64::from(size.clients.min(8));
    assert!(answered >= enough, "{answered} answers are hardly a load");
    let settled: u64 = rounds.iter().map(|one| one.settled).sum();
    assert!(settled > 0, "no money was moved");
}

#[test]
fn what_was_answered_survives_kills_under_load() {
    if !all_there(&["sqlite3"]) {
        return;
    }
    let size = Size::or_rounds(3);
    let mut trial = Trial::new(&size, "full", |_| Ending::Kill);
    let rounds = trial.run(size.rounds, |_| true);
    report("kill", &size, &rounds);
    check(&size, &rounds);
}

/// Every event there is since somebody listens, and whether anything still waits.
const EVENTS: &str = "
    SELECT printf('evt_%016d', id) FROM event WHERE id >= (SELECT min(event) FROM event_number);
";
const WAITING: &str = "
    SELECT (SELECT count(*) FROM event_outbox)
        + (SELECT count(*) FROM delivery WHERE state <> 'delivered');
";

impl Trial {
    /// Lets a receiver be told of everything from now on.
    fn listen(&mut self, receiver: &Receiver) {
        let ((server, file), _) = self.start();
        self.runtime
            .block_on(load::register(&file, &receiver.url()));
        self.running = Some((server, file));
    }
}

/// How long the last messages may take: a repeat of one comes within seconds, and so does its lease
/// run out that nobody ended.
const LAST_MESSAGES: Duration = Duration::from_mins(5);

#[test]
fn every_event_is_delivered_through_kills() {
    if !all_there(&["sqlite3"]) {
        return;
    }
    let size = Size::or_rounds(3);
    let mut trial = Trial::new(&size, "full", |_| Ending::Kill);
    let receiver = Receiver::start();
    trial.listen(&receiver);
    let rounds: Vec<Round> = (0..size.rounds).map(|number| trial.round(number)).collect();
    let began = now();
    while inspection::read(&trial.desk, WAITING) != ["0"] {
        assert!(began.elapsed() < LAST_MESSAGES, "something is never sent");
        wait(Duration::from_millis(100));
    }
    let arrived = receiver.arrived();
    let events = inspection::read(&trial.desk, EVENTS);
    let lost: Vec<&String> = events
        .iter()
        .filter(|event| !arrived.contains_key(*event))
        .collect();
    let again: u64 = arrived.values().map(|count| count - 1).sum();
    println!(
        "webhooks: {} kills, seed {}: {} events, {} lost, {again} delivered again",
        size.rounds,
        size.seed,
        events.len(),
        lost.len(),
    );
    assert_eq!(lost, [""; 0], "events that nobody was told of");
    assert!(events.len() > rounds.len(), "the load was none");
    check(&size, &rounds);
}

#[test]
fn what_was_answered_survives_power_cuts() {
    if !can_cut_power() {
        return;
    }
    let size = Size::or_rounds(3);
    let mut trial = Trial::new(&size, "full", |desk| Ending::PowerCut(Model::compile(desk)));
    let rounds = trial.run(size.rounds, |_| true);
    report("power cut", &size, &rounds);
    check(&size, &rounds);
}

#[test]
fn a_store_that_does_not_wait_for_the_disk_loses_answers_to_the_same_power_cuts() {
    if !can_cut_power() {
        return;
    }
    let size = Size::or_rounds(3);
    let mut trial = Trial::new(&size, "normal", |desk| {
        Ending::PowerCut(Model::compile(desk))
    });
    // One loss is enough, and it comes soon; a cut that happens to spare everything shows nothing.
    let rounds = trial.run(size.rounds.max(20), |round| round.lost.is_empty());
    report("power cut without waiting for the disk", &size, &rounds);
    let lost: usize = rounds.iter().map(|one| one.lost.len()).sum();
    assert!(lost > 0, "the model does not see what a power cut takes");
}
