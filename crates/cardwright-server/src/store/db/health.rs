//! What the threads of the store let everybody know: whether the disk failed, and what was done.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use tokio::sync::watch;

use super::error::DbError;

/// How well operations share commits, since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitStats {
    /// Transactions committed.
    pub batches: u64,
    /// Operations answered by those commits, kept or refused.
    pub operations: u64,
}

/// How commits spread. Clones count together.
#[derive(Debug, Clone)]
pub struct Commits {
    /// Operations in one commit, kept or refused.
    pub operations: Histogram,
    /// Seconds from the begin of a transaction until it is on the disk.
    pub time: Histogram,
}

impl Commits {
    fn new() -> Commits {
        Commits {
            operations: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            time: Histogram::new(exponential_buckets(0.0001, 2.0, 16)),
        }
    }
}

pub(super) struct Health {
    commits: Commits,
    failure: watch::Sender<Option<String>>,
    batches: AtomicU64,
    operations: AtomicU64,
}

impl Health {
    pub(super) fn new() -> Health {
        Health {
            commits: Commits::new(),
            failure: watch::Sender::new(None),
            batches: AtomicU64::new(0),
            operations: AtomicU64::new(0),
        }
    }

    /// Remembers the first failure; it is never taken back.
    pub(super) fn fail(&self, reason: &str) {
        tracing::error!(reason, "the store failed and takes no more writes");
        self.failure.send_if_modified(|failure| {
            let first = failure.is_none();
            failure.get_or_insert_with(|| reason.to_owned());
            first
        });
    }

    pub(super) fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }

    pub(super) fn refuse_if_failed(&self) -> Result<(), DbError> {
        self.failure()
            .map_or(Ok(()), |what| Err(DbError::Failed { what }))
    }

    /// Resolves with the first failure, at once if there was one already.
    pub(super) fn failed(&self) -> impl Future<Output = String> + Send + use<> {
        let mut failure = self.failure.subscribe();
        async move {
            let known = failure
                .wait_for(Option::is_some)
                .await
                .ok()
                .and_then(|seen| seen.clone());
            match known {
                Some(reason) => reason,
                // The store was closed in good health and will never fail.
                None => std::future::pending().await,
            }
        }
    }

    pub(super) fn commits(&self) -> Commits {
        self.commits.clone()
    }

    pub(super) fn count_batch(&self, operations: usize, took: Duration) {
        // Far below the numbers a float cannot hold.
        let shared = u32::try_from(operations).unwrap_or(u32::MAX);
        self.commits.operations.observe(f64::from(shared));
        self.commits.time.observe(took.as_secs_f64());
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.operations
            .fetch_add(operations as u64, Ordering::Relaxed);
    }

    pub(super) fn commit_stats(&self) -> CommitStats {
        CommitStats {
            batches: self.batches.load(Ordering::Relaxed),
            operations: self.operations.load(Ordering::Relaxed),
        }
    }
}
