//! Waiting for the disk beside the writer, which goes on with the next transaction meanwhile.
//!
//! ```text
//!  writer   commit 1   commit 2   commit 3   commit 4
//!                └──────────┐ └──────┬───┘
//!  disk          waits for 1   waits for 2 and 3 at once
//!  answers                  1                    2, 3
//! ```
//!
//! Law: nobody is told of a commit before the disk has it, neither who asked for it nor who reads
//! what it left. SQLite itself waits only where the log begins anew or is copied, so that the file
//! is sound whatever happens; what an answer needs is waited for here.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use tokio::sync::watch;

use super::error::DbError;
use super::health::Health;
use super::writer::WriteOperation;

/// Commits that may wait for the disk together before the writer waits, too: a slow disk is to slow
/// it down.
const MOST_WAITING: usize = 4;

/// How far commits are, for those who read.
#[derive(Debug)]
pub(super) struct Progress {
    /// The last commit whose state a reader may have seen.
    begun: AtomicU64,
    /// The last one that is on the disk.
    kept: AtomicU64,
    /// The same for those who wait, and past all numbers when the disk has failed.
    told: watch::Sender<u64>,
    /// The first one that failed: all that follow are not kept, whatever the disk says of them.
    failed: AtomicU64,
}

impl Progress {
    pub(super) fn new() -> Progress {
        Progress {
            begun: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            told: watch::Sender::new(0),
            failed: AtomicU64::new(u64::MAX),
        }
    }

    /// Waits until all that can be seen now is on the disk. Fails when it never will be.
    pub(super) async fn reach(&self, health: &Health) -> Result<(), DbError> {
        let seen = self.begun.load(Ordering::SeqCst);
        if self.kept.load(Ordering::SeqCst) >= seen {
            return Ok(());
        }
        let mut told = self.told.subscribe();
        // A store that failed keeps nothing any more, whatever it was that failed. The sender is ours, so
        // it cannot be gone.
        tokio::select! {
            _kept = told.wait_for(|kept| *kept >= seen) => {}
            _reason = health.failed() => {}
        }
        if self.kept.load(Ordering::SeqCst) >= seen {
            return Ok(());
        }
        health.refuse_if_failed()
    }

    /// A commit is about to be made: its number.
    pub(super) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(super) fn keep(&self, number: u64) {
        self.kept.store(number, Ordering::SeqCst);
        self.told.send_replace(number);
    }

    pub(super) fn fail(&self, number: u64) {
        self.failed.fetch_min(number, Ordering::SeqCst);
        self.told.send_replace(u64::MAX);
    }
}

/// A transaction that has ended, and whom to tell.
pub(super) struct Ended {
    /// The number of its commit, unless it did not come to that.
    pub(super) number: Option<u64>,
    /// What it left in the log.
    pub(super) left: Left,
    /// Whose work it was.
    pub(super) done: Vec<WriteOperation>,
    /// How it ended.
    pub(super) end: Result<(), DbError>,
    /// When it began.
    pub(super) begun: Instant,
}

/// What a transaction left in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing: the disk has nothing to do. What it saw may still be on its way there.
    Nothing,
    /// Pages.
    Pages,
}

/// What answers wait for.
pub(super) struct Disk {
    shared: Arc<Shared>,
    /// None where nothing is waited for.
    line: Option<Line>,
}

struct Line {
    log: Arc<File>,
    hand: SyncSender<Ended>,
    handle: JoinHandle<()>,
    /// Handed over and not answered yet.
    waiting: Arc<AtomicUsize>,
}

struct Shared {
    progress: Arc<Progress>,
    health: Arc<Health>,
}

impl Disk {
    /// Answers at once.
    pub(super) fn none(progress: Arc<Progress>, health: Arc<Health>) -> Disk {
        Disk {
            shared: Arc::new(Shared { progress, health }),
            line: None,
        }
    }

    /// Answers when the log of the database at this path, which must be there, is on the disk. What
    /// is in it by now is brought there at once.
    pub(super) fn of(
        database: &Path,
        progress: Arc<Progress>,
        health: Arc<Health>,
    ) -> Result<Disk, DbError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let cannot = |error| DbError::Open {
            what: format!("{}: {error}", Path::new(&path).display()),
        };
        let log = Arc::new(File::open(&path).map_err(cannot)?);
        // What the process before us wrote and did not live to wait for is seen by the first reader.
        if log.metadata().map_err(cannot)?.len() > 0 {
            log.sync_data().map_err(cannot)?;
        }
        let shared = Arc::new(Shared { progress, health });
        let waiting = Arc::new(AtomicUsize::new(0));
        let (hand, handed) = mpsc::sync_channel(MOST_WAITING);
        let work = {
            let (shared, log, waiting) = (shared.clone(), log.clone(), waiting.clone());
            move || {
                let work = || shared.wait_for_all(&handed, &log, &waiting);
                if catch_unwind(AssertUnwindSafe(work)).is_err() {
                    // The panic has been reported by the panic hook already.
                    let _failed = shared.lost();
                }
            }
        };
        let started = Builder::new().name("store-disk".to_owned()).spawn(work);
        let handle = started.map_err(|error| DbError::Open {
            what: format!("the thread store-disk: {error}"),
        })?;
        let line = Line {
            log,
            hand,
            handle,
            waiting,
        };
        Ok(Disk {
            shared,
            line: Some(line),
        })
    }

    /// A commit is about to be made: its number, if anybody is to wait for it.
    pub(super) fn begin(&self) -> Option<u64> {
        self.line.as_ref().map(|_| self.shared.progress.begin())
    }

    /// Answers those whose transaction this was, once the disk has it. Where others wait for the
    /// writer, it need not wait for that.
    pub(super) fn settle(&self, ended: Ended, others: Others) {
        let Some(line) = self.line.as_ref().filter(|_| ended.number.is_some()) else {
            self.shared.answer(ended, &Ok(()));
            return;
        };
        if others == Others::None && line.waiting.load(Ordering::SeqCst) == 0 {
            self.shared.keep(vec![ended], &line.log);
            return;
        }
        line.waiting.fetch_add(1, Ordering::SeqCst);
        if let Err(mpsc::SendError(ended)) = line.hand.send(ended) {
            let failed = self.shared.lost();
            self.shared.answer(ended, &Err(failed));
        }
    }

    /// Notes at once what failed before it came to the disk: nothing that follows may be told to have
    /// succeeded.
    pub(super) fn note(&self, ended: &Ended) {
        let Err(error @ DbError::Failed { .. }) = &ended.end else {
            return;
        };
        note_failure(error, &self.shared.health);
        if let Some(number) = ended.number {
            self.shared.progress.fail(number);
        }
    }

    /// Waits until everybody is answered.
    pub(super) fn end(self) {
        let Some(Line { hand, handle, .. }) = self.line else {
            return;
        };
        drop(hand);
        // A panic has been dealt with where it happened.
        let _ended = handle.join();
    }
}

/// Whether others wait for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// Nobody.
    None,
    /// Somebody.
    Wait,
}

impl Shared {
    fn wait_for_all(&self, handed: &Receiver<Ended>, log: &File, waiting: &AtomicUsize) {
        while let Ok(first) = handed.recv() {
            let mut all = vec![first];
            all.extend(handed.try_iter());
            let count = all.len();
            self.keep(all, log);
            waiting.fetch_sub(count, Ordering::SeqCst);
        }
    }

    /// Brings the log to the disk and answers. What a failed disk says later is not believed: the
    /// kernel reports an error once and forgets what it could not write.
    fn keep(&self, all: Vec<Ended>, log: &File) {
        let is_to_wait = all.iter().any(|ended| ended.left == Left::Pages);
        let first = all.iter().filter_map(|ended| ended.number).min();
        let first = first.unwrap_or(u64::MAX);
        // One that failed itself left nothing to be seen.
        let is_past_failure = first > self.progress.failed.load(Ordering::SeqCst);
        let believed = if is_past_failure {
            self.health.refuse_if_failed()
        } else {
            Ok(())
        };
        let kept = believed.and_then(|()| {
            if !is_to_wait {
                return Ok(());
            }
            log.sync_data().map_err(|error| DbError::Failed {
                what: format!("the log of the store did not reach the disk: {error}"),
            })
        });
        match &kept {
            Ok(()) => {
                if let Some(number) = all.iter().filter_map(|ended| ended.number).max() {
                    self.progress.keep(number);
                }
            }
            Err(error) => {
                note_failure(error, &self.health);
                self.progress.fail(first);
            }
        }
        for ended in all {
            self.answer(ended, &kept);
        }
    }

    fn answer(&self, ended: Ended, kept: &Result<(), DbError>) {
        let end = ended.end.and_then(|()| kept.clone());
        if let Err(error) = &end {
            note_failure(error, &self.health);
        } else {
            self.health
                .count_batch(ended.done.len(), ended.begun.elapsed());
        }
        for mut operation in ended.done {
            if let Err(error) = &end {
                operation.overrule(error.clone());
            }
            operation.answer();
        }
    }

    /// The thread that waits is gone.
    fn lost(&self) -> DbError {
        let what = "the thread that waits for the disk ended early".to_owned();
        let failed = DbError::Failed { what };
        note_failure(&failed, &self.health);
        self.progress.fail(0);
        failed
    }
}

fn note_failure(error: &DbError, health: &Health) {
    if let DbError::Failed { what } = error {
        health.fail(what);
    }
}
