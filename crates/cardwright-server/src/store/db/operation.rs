//! One caller's work on its way through a thread of the store, and back.
//!
//! Law: an operation is polled once. SQLite answers at once, so work that is still pending waits
//! for something else, and no transaction is open while we wait for something else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;

use super::error::DbError;

/// What becomes of the operation's own effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    Undo,
}

/// How often an operation can be run. The order is that in which those of a batch have their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runs {
    /// As often as needed; only the last run counts.
    Often,
    /// Once.
    Once,
}

/// Work with its types forgotten, so that one queue holds all of it.
pub(super) trait Operation<Session>: Send {
    /// How often it can be run.
    fn runs(&self) -> Runs;
    /// Does the work and remembers its result.
    fn run(&mut self, session: Session) -> Verdict;
    /// Replaces the result: the effects it speaks of were not kept.
    fn overrule(&mut self, error: DbError);
    /// Does what follows on work that was kept, as soon as it is committed: the next operation must
    /// find it done.
    fn follow(&mut self);
    /// Tells the caller. One who went away is not missed; the work stands all the same.
    fn answer(self: Box<Self>);
}

/// What follows on kept work, whoever is still waiting for its answer.
pub(super) type Then<T> = Box<dyn FnOnce(&T) + Send>;

/// What a caller asked for, and how often it can be done.
pub(super) trait Work<Session, T, E>: Send {
    /// How often it can be done.
    const RUNS: Runs;
    /// Does it.
    fn go(&mut self, session: Session) -> Result<T, E>;
}

/// Work that uses itself up.
pub(super) struct Once<F>(pub Option<F>);

/// Work that can be done again. Whatever it does, it does to the session alone.
pub(super) struct Often<F>(pub F);

impl<Session, T, E, F> Work<Session, T, E> for Once<F>
where
    F: AsyncFnOnce(Session) -> Result<T, E> + Send,
    E: From<DbError>,
{
    const RUNS: Runs = Runs::Once;

    fn go(&mut self, session: Session) -> Result<T, E> {
        let work = self.0.take().ok_or(DbError::Closed)?;
        poll_once(|| work(session)).unwrap_or_else(|error| Err(error.into()))
    }
}

impl<Session, T, E, F> Work<Session, T, E> for Often<F>
where
    F: AsyncFn(Session) -> Result<T, E> + Send,
    E: From<DbError>,
{
    const RUNS: Runs = Runs::Often;

    fn go(&mut self, session: Session) -> Result<T, E> {
        let work = &self.0;
        poll_once(|| work(session)).unwrap_or_else(|error| Err(error.into()))
    }
}

pub(super) struct Task<T, E, W> {
    work: W,
    result: Result<T, E>,
    then: Option<Then<T>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E: From<DbError>, W> Task<T, E, W> {
    pub(super) fn new(
        work: W,
        then: Option<Then<T>>,
    ) -> (Task<T, E, W>, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        let result = Err(DbError::Closed.into());
        (
            Task {
                work,
                result,
                then,
                reply,
            },
            answer,
        )
    }
}

impl<Session, T, E, W> Operation<Session> for Task<T, E, W>
where
    W: Work<Session, T, E>,
    T: Send,
    E: From<DbError> + Send,
{
    fn runs(&self) -> Runs {
        W::RUNS
    }

    fn run(&mut self, session: Session) -> Verdict {
        self.result = self.work.go(session);
        if self.result.is_ok() {
            Verdict::Keep
        } else {
            Verdict::Undo
        }
    }

    fn overrule(&mut self, error: DbError) {
        self.result = Err(error.into());
    }

    fn follow(&mut self) {
        if let (Ok(kept), Some(then)) = (&self.result, self.then.take()) {
            then(kept);
        }
    }

    fn answer(self: Box<Self>) {
        let _gone = self.reply.send(self.result);
    }
}

/// Runs work that must not wait. The panic itself has been reported by the panic hook already;
/// its payload may hold anything, so it goes no further.
pub(super) fn poll_once<Work, Answer>(work: Work) -> Result<Answer::Output, DbError>
where
    Work: FnOnce() -> Answer,
    Answer: Future,
{
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let mut answer = pin!(work());
        answer
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }));
    match polled {
        Ok(Poll::Ready(output)) => Ok(output),
        Ok(Poll::Pending) => Err(DbError::Waited),
        Err(_payload) => Err(DbError::Panicked),
    }
}
