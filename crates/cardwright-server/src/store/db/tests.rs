//! What the store promises, shown on a fresh store each time.
//!
//! The writer is held by an operation that waits on a channel, so that what queues up behind it is
//! certain to share the next commit. Nothing here sleeps.

mod batches;
mod beside;
mod disk;
#[cfg(target_os = "linux")]
mod faults;
mod migrations;
mod parts;
mod progress;
mod reads;
mod sessions;

use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Waker};

use tokio::sync::oneshot;

use super::*;

static SCHEMA: [Migration; 1] = [Migration {
    version: 1,
    name: "notes and an append-only book",
    references: References::Kept,
    sql: "
        CREATE TABLE note (
            id INTEGER PRIMARY KEY,
            body TEXT UNIQUE,
            amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0),
            sealed BLOB
        ) STRICT;
        CREATE TABLE entry (
            id INTEGER PRIMARY KEY,
            note INTEGER NOT NULL REFERENCES note (id)
        ) STRICT;
        CREATE TABLE sequence (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
        CREATE TRIGGER entry_is_not_rewritten BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'entries are never rewritten'); END;
        CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
    ",
}];

const ADD: &str = "INSERT INTO note (id, body) VALUES ($1, $2)";

/// The error of an operation that refuses for reasons of its own.
#[derive(Debug, PartialEq)]
enum Refused {
    ByRule,
    ByStore(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Refused {
        Refused::ByStore(error)
    }
}

async fn fresh() -> Db {
    opened(DbOptions::temporary()).await
}

async fn opened(options: DbOptions) -> Db {
    let db = Db::open(options).expect("a store");
    db.migrate(&SCHEMA).await.expect("the schema");
    db
}

async fn add(db: &Db, id: i64, body: &'static str) -> Result<(), DbError> {
    db.write(async move |mut session| {
        session.execute(ADD, &[id.into(), body.into()]).await?;
        Ok(())
    })
    .await
}

async fn ids(db: &Db) -> Vec<i64> {
    db.read(async |mut session: ReadSession| {
        let rows = session
            .query("SELECT id FROM note ORDER BY id", &[])
            .await?;
        rows.iter()
            .map(|row| row.get(0))
            .collect::<Result<_, DbError>>()
    })
    .await
    .expect("a list of notes")
}

fn blocking<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

/// The writer, busy until it is let go.
struct Held {
    release: mpsc::Sender<()>,
    held: Pin<Box<dyn Future<Output = Result<(), DbError>> + Send>>,
}

impl Held {
    async fn let_go(self) {
        self.release.send(()).expect("a held writer");
        self.held.await.expect("a writer let go");
    }

    /// Where the disk fails next, the one that was held may have been waiting for it with the others.
    async fn let_go_before_a_failure(self) {
        self.release.send(()).expect("a held writer");
        let end = self.held.await;
        assert!(
            matches!(end, Ok(()) | Err(DbError::Failed { .. })),
            "{end:?}"
        );
    }
}

/// Returns once the writer has begun a transaction with this operation alone in it.
async fn hold_writer(db: &Db) -> Held {
    let (begun, has_begun) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let db = db.clone();
    let held = queued(async move {
        db.write(async move |_session| {
            begun.send(()).expect("a test that waits");
            released.recv().expect("a test that lets go");
            Ok(())
        })
        .await
    });
    has_begun.await.expect("a writer");
    Held { release, held }
}

/// Polls once, which puts the operation into the queue, now and in this order.
fn queued<'a, T>(
    operation: impl Future<Output = T> + Send + 'a,
) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    let mut operation = Box::pin(operation);
    let polled = operation
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(
        polled.is_pending(),
        "the operation was answered before it could queue"
    );
    operation
}
