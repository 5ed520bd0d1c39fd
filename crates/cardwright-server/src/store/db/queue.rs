//! A bounded queue between many callers and the threads of the store.
//!
//! Law: whoever finds it full learns so at once. Waiting for room would only hide the overload
//! and let every caller time out instead of a few being refused.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

use super::error::DbError;

pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
    waits: Waits,
}

/// How many wait, and how many were not let in. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    /// Operations that wait for their turn now.
    pub waiting: Gauge,
    /// Operations refused because too many were waiting.
    pub refused: Counter,
}

struct State<T> {
    waiting: VecDeque<T>,
    door: Door,
}

#[derive(PartialEq)]
enum Door {
    Open,
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Queue<T> {
        Queue {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                door: Door::Open,
            }),
            changed: Condvar::new(),
            capacity: capacity.max(1),
            waits: Waits::default(),
        }
    }

    /// Nothing that can panic runs while the lock is held, so a poisoned lock guards a sound queue.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, item: T) -> Result<(), DbError> {
        let mut state = self.lock();
        if state.door == Door::Closed {
            return Err(DbError::Closed);
        }
        if state.waiting.len() >= self.capacity {
            self.waits.refused.inc();
            return Err(DbError::Busy);
        }
        state.waiting.push_back(item);
        self.waits.waiting.inc();
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    pub(super) fn waits(&self) -> Waits {
        self.waits.clone()
    }

    /// Waits until there is work and takes as much as `share` says of what waits, oldest first. `None`
    /// once the queue is closed and empty.
    pub(super) fn take(&self, share: impl FnOnce(usize) -> usize) -> Option<Vec<T>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.door == Door::Closed {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let waiting = state.waiting.len();
        let count = share(waiting).min(waiting);
        // Set, not subtracted: the lock is held, so this is the truth.
        let left = i64::try_from(waiting - count).unwrap_or(i64::MAX);
        self.waits.waiting.set(left);
        Some(state.waiting.drain(..count).collect())
    }

    /// Takes no more work; what is already waiting will still be done.
    pub(super) fn close(&self) {
        self.lock().door = Door::Closed;
        self.changed.notify_all();
    }

    /// Closes and drops what is waiting: for a thread that cannot go on.
    pub(super) fn abandon(&self) {
        self.close();
        let orphans = std::mem::take(&mut self.lock().waiting);
        self.waits.waiting.set(0);
        drop(orphans);
    }
}
