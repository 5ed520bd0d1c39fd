//! What the threads of the store let everybody know: whether the disk failed, and what was done.

use std::sync::atomic::{AtomicU64, Ordering};

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

pub(super) struct Health {
    failure: watch::Sender<Option<String>>,
    batches: AtomicU64,
    operations: AtomicU64,
}

impl Health {
    pub(super) fn new() -> Health {
        Health {
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

    pub(super) fn count_batch(&self, operations: usize) {
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
