//! Copying the write-ahead log into the database file, beside the writer and not in its way.
//!
//! ```text
//!  writer      commit  commit  commit  commit  commit  the rest  commit (the log begins anew)
//!                │ due                           ▲ done   ▲
//!  checkpointer  └── copies what is there by now ┘        └ what came meanwhile: little
//! ```
//!
//! Law: the log begins anew only where all of it has been copied between two commits and the copy is
//! on the disk, so the last bit is the writer's own to copy, and everybody waits for that. So the
//! thread brings to the disk what it has copied, which takes much longer than copying it, and copies
//! what came meanwhile, too, until little is left. It is started when it is first needed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::thread::{Builder, JoinHandle};

use super::Durability;
use super::error::DbError;
use super::sqlite::{Copied, Engine};

/// Pages in the log that make a checkpoint due. More make the log longer and each copy rarer: a
/// page that changed often is copied once. With 4,000 an authorization cost a tenth more.
const DUE_PAGES: u32 = 16_000;

/// Pages in the log at which the writer waits for the copy, so that the log has an end also where
/// the disk is slower than the writer. A disk that takes half as long for a copy as the writer took for
/// the log does not come so far.
const MOST_PAGES: u32 = 3 * DUE_PAGES;

/// Pages that the writer copies itself without a noticeable wait.
const FEW_PAGES: u32 = 400;

/// How often at most the thread copies before the writer copies the rest. A writer that is as fast as
/// the copy never leaves little.
const MOST_ROUNDS: u32 = 4;

/// Sees to it that the log is copied.
pub(super) struct Checkpointer {
    path: PathBuf,
    durability: Durability,
    thread: Option<Copier>,
    file: Option<Arc<File>>,
    stage: Stage,
    /// How often a log has been copied whole by now, after which it begins anew.
    logs: u64,
}

/// Where a checkpoint is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// None is under way.
    None,
    /// The thread copies.
    Copying(Round),
}

/// One of the copies of which each has less to do than the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Round {
    /// Pages that were in the log when it began.
    pages: u32,
    /// How many there have been, this one included.
    number: u32,
}

struct Copier {
    ask: SyncSender<u64>,
    done: Receiver<Result<(), DbError>>,
    handle: JoinHandle<()>,
}

/// What is left of a checkpointer that has ended.
pub(super) struct Left {
    /// How its last copy ended.
    pub end: Result<(), DbError>,
    /// The database file, opened. Whoever closes it gives up the engine's locks on that file, whatever
    /// they were opened by: so only when no connection of this process is left.
    pub file: Option<Arc<File>>,
}

impl Checkpointer {
    pub(super) fn new(path: PathBuf, durability: Durability) -> Checkpointer {
        Checkpointer {
            path,
            durability,
            thread: None,
            file: None,
            stage: Stage::None,
            logs: 0,
        }
    }

    /// Takes the next step, if one is due. The writer comes here between two transactions. An
    /// error says that the disk failed.
    pub(super) fn go_on(&mut self, engine: &Engine) -> Result<(), DbError> {
        match self.stage {
            Stage::None if engine.log_pages() < DUE_PAGES => Ok(()),
            Stage::None => self.begin(engine, 1),
            Stage::Copying(round) => self.finish_if_done(engine, round),
        }
    }

    fn begin(&mut self, engine: &Engine, number: u32) -> Result<(), DbError> {
        let pages = engine.log_pages();
        if self.thread.is_none() {
            match self.start() {
                Ok(thread) => self.thread = Some(thread),
                Err(error) => {
                    tracing::warn!(%error, "the log of the store is copied by its writer");
                    return self.copy_the_rest(engine);
                }
            }
        }
        let logs = self.logs;
        if self
            .thread
            .as_ref()
            .is_some_and(|thread| thread.asked(logs))
        {
            self.stage = Stage::Copying(Round { pages, number });
            return Ok(());
        }
        self.copy_the_rest(engine)
    }

    /// What the writer does itself between two commits, after which the log begins anew.
    fn copy_the_rest(&mut self, engine: &Engine) -> Result<(), DbError> {
        let copied = engine.checkpoint()?;
        if copied.log > 0 && copied.copied == copied.log {
            self.logs += 1;
        }
        match engine.fit_cache() {
            Err(failed @ DbError::Failed { .. }) => Err(failed),
            Err(error) => {
                tracing::warn!(%error, "the size of the store could not be found out");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn finish_if_done(&mut self, engine: &Engine, round: Round) -> Result<(), DbError> {
        let copied = match &self.thread {
            Some(thread) if engine.log_pages() < MOST_PAGES => thread.done.try_recv(),
            Some(thread) => thread.done.recv().map_err(|_| TryRecvError::Disconnected),
            None => Err(TryRecvError::Disconnected),
        };
        let copied = match copied {
            Err(TryRecvError::Empty) => return Ok(()),
            Ok(copied) => copied,
            // It cannot go on, and has told why: the writer does it alone from here.
            Err(TryRecvError::Disconnected) => Ok(()),
        };
        self.stage = Stage::None;
        copied?;
        if engine.log_pages() < round.pages {
            // It has begun anew by itself, as all of it was copied between two commits.
            self.logs += 1;
        }
        let left = engine.log_pages().saturating_sub(round.pages);
        if left > FEW_PAGES && round.number < MOST_ROUNDS && engine.log_pages() < MOST_PAGES {
            self.begin(engine, round.number + 1)
        } else {
            self.copy_the_rest(engine)
        }
    }

    /// The database file, opened once and for good.
    fn file(&mut self) -> Result<Arc<File>, DbError> {
        if let Some(file) = &self.file {
            return Ok(file.clone());
        }
        let file = File::open(&self.path).map_err(|error| DbError::Open {
            what: format!("{}: {error}", self.path.display()),
        })?;
        Ok(self.file.insert(Arc::new(file)).clone())
    }

    fn start(&mut self) -> Result<Copier, DbError> {
        let file = self.file()?;
        Copier::start(&self.path, self.durability, file)
    }

    /// Ends the thread.
    pub(super) fn end(self) -> Left {
        let end = self.thread.map(Copier::end);
        Left {
            end: end.unwrap_or(Ok(())),
            file: self.file,
        }
    }
}

impl Copier {
    fn start(path: &Path, durability: Durability, file: Arc<File>) -> Result<Copier, DbError> {
        let engine = Engine::open_writer(path, durability)?;
        let (ask, asked) = mpsc::sync_channel::<u64>(1);
        let (tell, done) = mpsc::sync_channel(1);
        let copy = move || {
            let (mut log, mut so_far) = (0, Copied::default());
            while let Ok(number) = asked.recv() {
                if number != log {
                    (log, so_far) = (number, Copied::default());
                }
                let copied = copy_to_the_disk(&engine, &file, so_far).map(|now| so_far = now);
                if tell.send(copied).is_err() {
                    break;
                }
            }
        };
        let started = Builder::new()
            .name("store-copier".to_owned())
            .spawn(copy)
            .map_err(|error| DbError::Open {
                what: format!("the thread store-copier: {error}"),
            });
        Ok(Copier {
            ask,
            done,
            handle: started?,
        })
    }

    /// Ends the thread: how its last copy ended.
    fn end(self) -> Result<(), DbError> {
        drop(self.ask);
        // A panic has been reported by the panic hook already.
        let _reported = self.handle.join();
        self.done.try_recv().unwrap_or(Ok(()))
    }

    /// Asks for a copy of the log, `log` others having been copied whole; whether there is anybody to
    /// make it.
    fn asked(&self, log: u64) -> bool {
        self.ask.try_send(log).is_ok()
    }
}

/// Copies the log as far as it is there, and waits until the disk has the copy: how far that is.
fn copy_to_the_disk(engine: &Engine, file: &File, before: Copied) -> Result<Copied, DbError> {
    let now = engine.checkpoint()?;
    if has_copied(before, now) {
        file.sync_data().map_err(|error| DbError::Failed {
            what: format!("what was copied from the log did not reach the disk: {error}"),
        })?;
    }
    Ok(now)
}

/// Whether a copy of a log brought anything, `before` being how far the one before it came: nothing
/// where it was another log. Where somebody reads what is older, a copy may bring nothing. A log that is
/// shorter than before has begun anew by itself.
fn has_copied(before: Copied, now: Copied) -> bool {
    now.copied != before.copied || now.log < before.log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_waited_for_where_something_was_copied() {
        let at = |log, copied| Copied { log, copied };
        for (before, now, expected) in [
            (Copied::default(), at(16_004, 16_004), true),
            (at(16_004, 16_004), at(16_300, 16_300), true),
            // A reader stands in the way.
            (Copied::default(), at(16_004, 0), false),
            (at(16_004, 9_000), at(20_000, 9_000), false),
            // Begun anew, and by chance just so much of it is copied.
            (at(16_004, 9_000), at(9_000, 9_000), true),
        ] {
            assert_eq!(has_copied(before, now), expected, "{before:?}, {now:?}");
        }
    }
}
