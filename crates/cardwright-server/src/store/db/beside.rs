//! Looking where the question is asked: connections for whoever wants one row and no wait in a queue.
//!
//! Handing a question to another thread and its answer back costs more than a look at a few rows
//! that are in memory. So some connections wait here for whoever comes: it takes one, looks, and
//! puts it back. Who finds none goes to the queue of the readers.
//!
//! Law: when the store is closed, no connection of these is open any more.

use std::rc::Rc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::DbError;
use super::operation::poll_once;
use super::session::ReadSession;
use super::sqlite::Engine;

pub(super) struct Beside {
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    free: Vec<Engine>,
    taken: usize,
    door: Door,
}

#[derive(PartialEq)]
enum Door {
    Open,
    Closed,
}

impl Beside {
    pub(super) fn new(free: Vec<Engine>) -> Beside {
        let state = State {
            free,
            taken: 0,
            door: Door::Open,
        };
        Beside {
            state: Mutex::new(state),
            returned: Condvar::new(),
        }
    }

    /// Nothing that can panic runs while the lock is held, so a poisoned lock guards a sound state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Engine> {
        let mut state = self.lock();
        let engine = state.free.pop()?;
        state.taken += 1;
        Some(engine)
    }

    /// Puts a connection back; nothing where it was lost to work that kept it.
    fn put_back(&self, engine: Option<Engine>) {
        let mut state = self.lock();
        state.taken -= 1;
        if state.door == Door::Open {
            state.free.extend(engine);
        } else {
            drop(engine);
            drop(state);
            self.returned.notify_all();
        }
    }

    /// Does the work on this thread, or gives it back where no connection is free.
    pub(super) fn look<T, E, F>(&self, work: F) -> Result<Result<T, E>, F>
    where
        F: AsyncFnOnce(ReadSession) -> Result<T, E>,
        E: From<DbError>,
    {
        let Some(engine) = self.take() else {
            return Err(work);
        };
        let engine = Rc::new(engine);
        let answer = match engine.begin_read() {
            Ok(()) => {
                let session = ReadSession::new(&engine);
                let answer = poll_once(|| work(session));
                engine.rollback();
                answer.unwrap_or_else(|error| Err(error.into()))
            }
            Err(error) => Err(error.into()),
        };
        self.put_back(Rc::into_inner(engine));
        Ok(answer)
    }

    /// Gives no connection any more, and waits for those that are being used: each for one look.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.door = Door::Closed;
        state.free.clear();
        while state.taken > 0 {
            state = self
                .returned
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
