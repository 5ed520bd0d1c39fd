//! A small asynchronous interface to the store, and the threads behind it.
//!
//! # How work travels
//!
//! ```text
//!  Db::write(closure) ──► bounded queue ──► one writer thread
//!                                            BEGIN
//!                                              operation 1   kept
//!                                              operation 2   undone alone
//!                                              …
//!                                            COMMIT ──► one wait for the disk,
//!                          answers ◄───────── to all of them, beside the next BEGIN
//!
//!  Db::read(closure) ───► bounded queue ──► any reader thread: BEGIN … ROLLBACK
//!  Db::glance(closure) ─► here and now, where a connection is free; else as Db::read
//! ```
//!
//! SQLite has one writer at a time and pays for every commit with a wait for the disk. So there is
//! exactly one writing connection, on its own thread, and whatever has queued up while it waited
//! goes into the next commit together. Alone, an operation waits for nobody; under load the price
//! of the disk is shared. Readers have connections of their own and wait for no writer; what they
//! have seen they tell when the disk has it.
//!
//! # What a closure may do
//!
//! It receives its session **by value**, so it can be wrapped: `Tx { session, tenant, … }`. Its
//! future is made and polled on the store's thread and need not be `Send`. It is polled **once**:
//! SQLite answers at once, so a future that is still pending waits for a network, a lock or a
//! timer, with a transaction open and everybody queueing behind it. It is dropped, undone, and
//! answered with [`DbError::Waited`]. Async is in the interface because the same store functions
//! are meant to run over a database across a network too, where the awaits are real.
//!
//! The end of the closure is the commit: `Ok` keeps, `Err` and panic undo. A caller who stops
//! waiting does not stop the work. `Ok` reaches the caller only after the commit is on the disk.
//!
//! # When the disk fails
//!
//! Full: everyone in the batch gets [`DbError::Full`], nothing was kept, and the store works again
//! once there is room. Failed: after an error from `fsync` nobody can say what the disk holds, so
//! the store takes no more writes and [`Db::failed`] resolves; the process must exit and, when
//! opened again, believe the disk.
//!
//! # Statements
//!
//! SQL is `'static`, with `$1, $2 …`, and says SELECT, INSERT, UPDATE or DELETE. Transactions,
//! pragmas and the schema are out of an operation's reach; the schema changes by [`Migration`].

pub mod bench;
mod beside;
mod checkpoint;
mod disk;
mod drawing;
mod error;
mod folding;
mod health;
mod migrate;
mod operation;
mod parameters;
mod parts;
mod queue;
mod reader;
mod session;
mod sqlite;
#[cfg(test)]
mod tests;
mod value;
mod writer;

use std::fmt;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use tempfile::TempDir;
use tokio::sync::{Mutex, oneshot};

use self::beside::Beside;
use self::checkpoint::Checkpointer;
use self::disk::{Disk, Progress};
use self::health::Health;
use self::operation::{Often, Once, Operation, Task, Then, Work};
use self::queue::Queue;
use self::reader::ReadOperation;
use self::sqlite::Engine;
use self::writer::WriteOperation;

pub use self::error::DbError;
pub use self::health::{CommitStats, Commits};
pub use self::migrate::{Migration, References};
pub use self::queue::Waits;
pub use self::session::{ReadSession, WriteSession};
pub use self::value::{FromValue, Row, RowReader, Value};

/// Where the store lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this file, created for its owner alone if it is not there. Two more stand beside it.
    File(PathBuf),
    /// In a private directory that disappears with the last handle. A file and not memory, so that
    /// readers and writer meet exactly as they do in earnest.
    Temporary,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// For the disk. An answered write survives a power cut.
    Full,
    /// For the operating system. An answered write survives the process, not a power cut; the
    /// file stays sound either way.
    Normal,
}

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbOptions {
    /// Where it lives.
    pub place: Place,
    /// What a commit waits for.
    pub durability: Durability,
    /// Threads that read, at least one, and as many connections for looks without a thread.
    pub readers: usize,
    /// Operations that may wait in each of the two queues, at least one; the next is refused with
    /// [`DbError::Busy`].
    pub queue_length: usize,
}

impl DbOptions {
    /// A store that is kept, with every answered write on the disk.
    pub fn file(path: impl Into<PathBuf>) -> DbOptions {
        DbOptions {
            place: Place::File(path.into()),
            durability: Durability::Full,
            readers: 2,
            queue_length: 8_192,
        }
    }

    /// A store that lasts as long as it is open, and therefore need not wait for the disk.
    pub fn temporary() -> DbOptions {
        DbOptions {
            place: Place::Temporary,
            durability: Durability::Normal,
            ..DbOptions::file(PathBuf::new())
        }
    }
}

/// A handle to an open store; clones share it. When the last one goes, what is queued is still
/// done, but only [`Db::close`] waits for it.
///
/// ```
/// use cardwright_server::store::db::{Db, DbError, DbOptions, Migration, References};
///
/// static SCHEMA: [Migration; 1] = [Migration {
///     version: 1,
///     name: "notes",
///     references: References::Kept,
///     sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;",
/// }];
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), DbError> {
/// let db = Db::open(DbOptions::temporary())?;
/// db.migrate(&SCHEMA).await?;
/// db.write(async |mut session| {
///     let sql = "INSERT INTO note (id, body) VALUES ($2, $1)";
///     session.execute(sql, &["hello".into(), 7.into()]).await
/// })
/// .await?;
/// let body: String = db
///     .read(async |mut session| {
///         session.one("SELECT body FROM note WHERE id = $1", &[7.into()]).await?.get(0)
///     })
///     .await?;
/// assert_eq!(body, "hello");
/// db.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Db {
    shared: Arc<Shared>,
}

struct Shared {
    /// What connections are opened to besides, and how.
    opened: (PathBuf, Durability),
    writes: Arc<Queue<WriteOperation>>,
    reads: Arc<Queue<ReadOperation>>,
    beside: Arc<Beside>,
    health: Arc<Health>,
    progress: Arc<Progress>,
    /// It ends last: it waits for the readers. In a store that is only read, the reader.
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Removed with the last handle and not with the last thread, which might outlive `main`. The
    /// threads finish on files without a name.
    _directory: Option<TempDir>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.beside.close();
        self.reads.close();
        self.writes.close();
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("commits", &self.commit_stats())
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the store and starts its threads. The schema is left as it is; see [`Db::migrate`].
    pub fn open(options: DbOptions) -> Result<Db, DbError> {
        let DbOptions {
            place,
            durability,
            readers,
            queue_length,
        } = options;
        let (path, directory) = settle_place(place)?;
        let mut shared = Shared {
            opened: (path.clone(), durability),
            writes: Arc::new(Queue::new(queue_length)),
            reads: Arc::new(Queue::new(queue_length)),
            beside: Arc::new(Beside::new(Vec::new())),
            health: Arc::new(Health::new()),
            progress: Arc::new(Progress::new()),
            writer: Mutex::default(),
            _directory: directory,
        };
        let mut reading = Vec::new();
        let writer = Engine::open_writer(&path, durability)?;
        let beside = (0..readers.max(1)).map(|_| Engine::open_reader(&path));
        shared.beside = Arc::new(Beside::new(beside.collect::<Result<_, _>>()?));
        for index in 0..readers.max(1) {
            let engine = Engine::open_reader(&path)?;
            let name = format!("store-reader-{index}");
            let work = move |queue: &Queue<_>| reader::work(engine, queue);
            reading.push(start(&name, &shared.reads, &shared.health, work)?);
        }
        let health = Arc::clone(&shared.health);
        let waiting = (shared.progress.clone(), health.clone());
        let disk = match durability {
            Durability::Full => {
                writer.commit_without_waiting()?;
                Disk::of(&path, waiting.0, waiting.1)?
            }
            Durability::Normal => Disk::none(waiting.0, waiting.1),
        };
        let checkpointer = Checkpointer::new(path, durability);
        let work = move |queue: &Queue<_>| {
            writer::work((writer, checkpointer, disk), queue, &health, reading);
        };
        let thread = start("store-writer", &shared.writes, &shared.health, work)?;
        *shared.writer.get_mut() = Some(thread);
        Ok(Db {
            shared: Arc::new(shared),
        })
    }

    /// Opens a store that is there to look at it only, also while another program uses it. Nothing
    /// can be written; the schema must be this program's.
    pub async fn open_to_read(
        path: &Path,
        migrations: &'static [Migration],
    ) -> Result<Db, DbError> {
        let (path, _) = settle_place(Place::File(path.to_owned()))?;
        let shared = Shared {
            opened: (path.clone(), Durability::Full),
            writes: Arc::new(Queue::new(1)),
            reads: Arc::new(Queue::new(1)),
            beside: Arc::new(Beside::new(Vec::new())),
            health: Arc::new(Health::new()),
            progress: Arc::new(Progress::new()),
            writer: Mutex::default(),
            _directory: None,
        };
        shared.writes.close();
        let engine = Engine::open_reader(&path)?;
        let work = move |queue: &Queue<_>| reader::work(engine, queue);
        let thread = start("store-reader", &shared.reads, &shared.health, work)?;
        *shared.writer.lock().await = Some(thread);
        let db = Db {
            shared: Arc::new(shared),
        };
        migrate::require(&db, migrations).await?;
        Ok(db)
    }

    /// Runs an operation that may change the store, and answers once the change is on the disk.
    ///
    /// See the module for what the closure may do. Besides its own errors it can be answered with
    /// `Busy`, `Full`, `Failed`, `Closed`, `Waited` and `Panicked`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(WriteSession) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        submit(&self.shared.writes, Once(Some(work)), None).await
    }

    /// Like [`Db::write`]; what was kept is shown to `then` after the commit, before the next write
    /// and before the answer, on the store's thread, also when the caller has stopped waiting. `then`
    /// must be quick, must not use the store and must tell nobody outside: the disk may not have it.
    pub async fn write_then<T, E, F>(
        &self,
        work: F,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E>
    where
        F: AsyncFnOnce(WriteSession) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        submit(&self.shared.writes, Once(Some(work)), Some(Box::new(then))).await
    }

    /// Like [`Db::write_then`] for work that can be done again: it may be run twice, and only its
    /// last run counts. It must do nothing but to its session. That saves the copies of pages by
    /// which other work is undone.
    pub async fn write_often_then<T, E, F>(
        &self,
        work: F,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E>
    where
        F: AsyncFn(WriteSession) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        submit(&self.shared.writes, Often(work), Some(Box::new(then))).await
    }

    /// Runs an operation that only looks. All its statements see the same state, which includes
    /// every write that was answered before the call.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(ReadSession) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let answer = self.look_ahead(work).await;
        self.seen_is_kept().await?;
        answer
    }

    /// Like [`Db::read`], but does not wait until what was seen is on the disk: for what only decides
    /// how a request goes on. Its answer rests on a later read or write, which do wait, or on
    /// [`Db::seen_is_kept`].
    pub async fn look_ahead<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(ReadSession) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        submit(&self.shared.reads, Once(Some(work)), None).await
    }

    /// Waits until what a reader has just seen is on the disk.
    pub async fn seen_is_kept(&self) -> Result<(), DbError> {
        self.shared.progress.reach(&self.shared.health).await
    }

    /// Like [`Db::read`] for a few rows that are found by their keys: it is done on the caller's own
    /// thread where that is possible, which is for its duration kept from everything else.
    pub async fn glance<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(ReadSession) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match self.shared.beside.look(work) {
            Ok(answer) => {
                self.seen_is_kept().await?;
                answer
            }
            Err(work) => self.read(work).await,
        }
    }

    /// Applies those of the program's migrations that the file has not seen, in order, each in a
    /// transaction of its own. Whoever writes
    /// meanwhile may be answered `Busy`. A changed, missing or newer migration is [`DbError::Migration`],
    /// and then nothing is touched.
    pub async fn migrate(&self, migrations: &'static [Migration]) -> Result<(), DbError> {
        migrate::run(self, migrations).await
    }

    /// The known migrations that the file lacks. One with others is a fault, as in
    /// [`Db::migrate`].
    pub async fn pending(
        &self,
        migrations: &'static [Migration],
    ) -> Result<&'static [Migration], DbError> {
        migrate::pending(self, migrations).await
    }

    /// Resolves, with the reason, when the disk has failed. The process must then exit: nothing it
    /// could still do is trustworthy.
    pub fn failed(&self) -> impl Future<Output = String> + Send + use<> {
        self.shared.health.failed()
    }

    /// Counts since the store was opened.
    pub fn commit_stats(&self) -> CommitStats {
        self.shared.health.commit_stats()
    }

    /// How commits spread since the store was opened, and go on to.
    pub fn commits(&self) -> Commits {
        self.shared.health.commits()
    }

    /// How many writes wait for their turn, and how many were refused.
    pub fn waits(&self) -> Waits {
        self.shared.writes.waits()
    }

    /// Takes no more work, finishes what is queued, leaves one complete file and ends the threads.
    /// Safe to call more than once.
    pub async fn close(&self) {
        // The writer tidies up when it is the last to go.
        self.shared.beside.close();
        self.shared.reads.close();
        self.shared.writes.close();
        // Held to the end, so that a second call returns no sooner than the first.
        let mut writer = self.shared.writer.lock().await;
        if let Some(thread) = writer.take() {
            // The thread has already reported why it could not go on.
            let _reported = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// Queues the work and waits for its answer.
async fn submit<Session, T, E, W>(
    queue: &Queue<Box<dyn Operation<Session>>>,
    work: W,
    then: Option<Then<T>>,
) -> Result<T, E>
where
    W: Work<Session, T, E> + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let answer = {
        let (task, answer): (Task<T, E, W>, oneshot::Receiver<_>) = Task::new(work, then);
        queue.push(Box::new(task))?;
        answer
    };
    answer.await.unwrap_or_else(|_| {
        Err(DbError::Failed {
            what: "a thread of the store ended early".to_owned(),
        }
        .into())
    })
}

/// The absolute path, because SQLite would take a relative one beginning with `file:` for an
/// address with options.
fn settle_place(place: Place) -> Result<(PathBuf, Option<TempDir>), DbError> {
    let cannot = |what: &Path, error: std::io::Error| DbError::Open {
        what: format!("{}: {error}", what.display()),
    };
    match place {
        Place::File(path) => {
            let absolute = std::path::absolute(&path).map_err(|error| cannot(&path, error))?;
            Ok((absolute, None))
        }
        Place::Temporary => {
            let for_its_owner = Permissions::from_mode(0o700);
            let directory = tempfile::Builder::new()
                .prefix("cardwright-")
                .permissions(for_its_owner)
                .tempdir();
            let directory =
                directory.map_err(|error| cannot(Path::new("a temporary directory"), error))?;
            Ok((directory.path().join("store.db"), Some(directory)))
        }
    }
}

/// Starts a thread. Should it panic where no operation is to blame, the store counts as failed, so
/// that nobody waits for it for ever.
fn start<T: Send + 'static>(
    name: &str,
    queue: &Arc<Queue<T>>,
    health: &Arc<Health>,
    work: impl FnOnce(&Queue<T>) + Send + 'static,
) -> Result<JoinHandle<()>, DbError> {
    let (queue, health) = (Arc::clone(queue), Arc::clone(health));
    let cannot = |error| DbError::Open {
        what: format!("the thread {name}: {error}"),
    };
    let started = Builder::new().name(name.to_owned()).spawn(move || {
        if catch_unwind(AssertUnwindSafe(|| work(&queue))).is_err() {
            health.fail("a thread of the store panicked");
            queue.abandon();
        }
    });
    started.map_err(cannot)
}
