//! The one thread that changes the store: many operations, one transaction, one wait for the disk.
//!
//! Law: nobody is told "done" before the disk has it, for which [`super::disk`] waits while the next
//! transaction is made. An operation that fails is undone alone (see
//! [`super::parts`]); a *batch* that fails is answered with the same error to everyone in it, also to
//! those who had been refused, because their refusal rested on a state that never came to be.

use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::checkpoint::Checkpointer;
use super::disk::{Disk, Ended, Left, Others};
use super::error::DbError;
use super::health::Health;
use super::operation::{Operation, Runs, Verdict};
use super::parts::{Part, Undoing};
use super::queue::Queue;
use super::session::WriteSession;
use super::sqlite::Engine;

pub(super) type WriteOperation = Box<dyn Operation<WriteSession>>;

/// The most operations that share a commit: past this, sharing saves little and waiting costs.
const LARGEST_BATCH: usize = 512;

/// As many operations share a commit whenever they wait. Of more, half of them do and the others stay
/// for the next one, which is made while the disk has this one: who waits for the disk asks nothing new,
/// and with all of them in one commit the writer would have nothing to do meanwhile.
const SMALL_BATCH: usize = 32;

/// Works until the queue is closed and empty, then leaves a single, complete file behind.
///
/// The last connection to go tidies up, and a reader's may not: so the writer waits for the
/// readers, whose queue is closed before its own.
pub(super) fn work(
    (engine, mut checkpointer, disk): (Engine, Checkpointer, Disk),
    queue: &Queue<WriteOperation>,
    health: &Health,
    readers: Vec<JoinHandle<()>>,
) {
    let engine = Rc::new(engine);
    while let Some(mut batch) = queue.take(share) {
        // None of those that wait knows of another: whose turn it is first is ours to say.
        batch.sort_by_key(|operation| operation.runs());
        let mut waiting = batch.into_iter();
        // More than once only where SQLite ended a transaction before all had their turn.
        while waiting.len() > 0 {
            let mut ended = one_transaction((&engine, &disk), &mut waiting, health);
            disk.note(&ended);
            if ended.end.is_ok() {
                for operation in &mut ended.done {
                    operation.follow();
                }
            }
            let others = if waiting.len() == 0 && queue.is_empty() {
                Others::None
            } else {
                Others::Wait
            };
            disk.settle(ended, others);
        }
        if health.failure().is_none() {
            note_failure(&checkpointer.go_on(&engine), health);
        }
    }
    disk.end();
    let checkpointer = checkpointer.end();
    note_failure(&checkpointer.end, health);
    for reader in readers {
        // The thread has already reported why it could not go on.
        let _reported = reader.join();
    }
    if health.failure().is_none() {
        note_failure(&engine.checkpoint_fully(), health);
    }
    drop(engine);
    drop(checkpointer.file);
}

/// How many of those that wait share the next commit.
fn share(waiting: usize) -> usize {
    waiting
        .div_ceil(2)
        .clamp(SMALL_BATCH, LARGEST_BATCH)
        .min(waiting)
}

/// Runs operations in one transaction until all had their turn or the transaction is lost.
fn one_transaction(
    (engine, disk): (&Rc<Engine>, &Disk),
    waiting: &mut std::vec::IntoIter<WriteOperation>,
    health: &Health,
) -> Ended {
    let mut ended = Ended {
        number: None,
        left: Left::Nothing,
        done: Vec::with_capacity(waiting.len()),
        end: Ok(()),
        begun: now(),
    };
    let begun = health
        .refuse_if_failed()
        .and_then(|()| engine.begin_write());
    if let Err(error) = begun {
        ended.done.extend(waiting);
        ended.end = Err(error);
        return ended;
    }
    ended.end = all_turns(engine, waiting, &mut ended.done);
    if ended.end.is_ok() {
        let commits = engine.commits();
        ended.number = disk.begin();
        ended.end = engine.commit();
        if engine.commits() != commits {
            ended.left = Left::Pages;
        }
    } else {
        engine.rollback();
    }
    ended
}

/// Gives all of them their turn. An error concerns the whole transaction; those who had their turn
/// until then are done.
fn all_turns(
    engine: &Rc<Engine>,
    waiting: &mut std::vec::IntoIter<WriteOperation>,
    done: &mut Vec<WriteOperation>,
) -> Result<(), DbError> {
    let often = waiting
        .as_slice()
        .iter()
        .take_while(|operation| operation.runs() == Runs::Often)
        .count();
    let mut ran = run_together(engine, &mut waiting.as_mut_slice()[..often]);
    if let Ok(Together::MustBeginAgain) = ran {
        engine.rollback();
        ran = engine.begin_write().map(|()| Together::MustBeginAgain);
    }
    match ran {
        Ok(Together::Done) => done.extend(waiting.by_ref().take(often)),
        Ok(Together::MustBeginAgain) => {}
        Err(error) => {
            done.extend(waiting.by_ref().take(often));
            return Err(error);
        }
    }
    for mut operation in waiting.by_ref() {
        let end = run(engine, operation.as_mut());
        done.push(operation);
        end?;
    }
    Ok(())
}

/// How operations ended that ran without savepoints.
enum Together {
    Done,
    /// One of them had changed something that must not stay. All can be run again.
    MustBeginAgain,
}

/// Runs operations that can be run again. An error from here concerns the whole transaction.
fn run_together(
    engine: &Rc<Engine>,
    operations: &mut [WriteOperation],
) -> Result<Together, DbError> {
    engine.parts.undo_them(Undoing::Together);
    for operation in operations {
        let end = run(engine, operation.as_mut());
        if engine.parts.must_begin_again() {
            engine.spoiled()?;
            return Ok(Together::MustBeginAgain);
        }
        end?;
    }
    engine.parts.undo_them(Undoing::Alone);
    Ok(Together::Done)
}

/// Runs one operation. An error from here concerns the whole transaction.
fn run(engine: &Rc<Engine>, operation: &mut dyn Operation<WriteSession>) -> Result<(), DbError> {
    engine.begin_part(Part::Operation)?;
    let verdict = operation.run(WriteSession::new(engine));
    engine.spoiled()?;
    if verdict == Verdict::Keep && engine.parts.nested() == 0 {
        return engine.keep_part(Part::Operation);
    }
    if verdict == Verdict::Keep {
        let what = "the operation ended with a nested part open".to_owned();
        operation.overrule(DbError::Misuse { what });
    }
    engine.undo_part(Part::Operation)
}

fn note_failure(end: &Result<(), DbError>, health: &Health) {
    if let Err(DbError::Failed { what }) = end {
        health.fail(what);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the disk takes is a matter of the machine's own time, and decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn few_share_a_commit_and_of_many_half_stay_for_the_next() {
        for (waiting, expected) in [
            (1, 1),
            (32, 32),
            (33, 32),
            (64, 32),
            (65, 33),
            (400, 200),
            (1_024, 512),
            (9_000, 512),
        ] {
            assert_eq!(share(waiting), expected, "{waiting}");
        }
    }
}
