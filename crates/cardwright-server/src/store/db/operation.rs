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

/// Work with its types forgotten, so that one queue holds all of it.
pub(super) trait Operation<Session>: Send {
    /// Does the work and remembers its result.
    fn run(&mut self, session: Session) -> Verdict;
    /// Replaces the result: the effects it speaks of were not kept.
    fn overrule(&mut self, error: DbError);
    /// Tells the caller. One who went away is not missed; the work stands all the same.
    fn answer(self: Box<Self>);
}

/// What follows on kept work, whoever is still waiting for its answer.
pub(super) type Then<T> = Box<dyn FnOnce(&T) + Send>;

pub(super) struct Task<T, E, F> {
    work: Option<F>,
    result: Result<T, E>,
    then: Option<Then<T>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E: From<DbError>, F> Task<T, E, F> {
    pub(super) fn new(
        work: F,
        then: Option<Then<T>>,
    ) -> (Task<T, E, F>, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        let unrun = Err(DbError::Closed.into());
        (
            Task {
                work: Some(work),
                result: unrun,
                then,
                reply,
            },
            answer,
        )
    }
}

impl<Session, T, E, F> Operation<Session> for Task<T, E, F>
where
    F: AsyncFnOnce(Session) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, session: Session) -> Verdict {
        if let Some(work) = self.work.take() {
            self.result = poll_once(|| work(session)).unwrap_or_else(|error| Err(error.into()));
        }
        if self.result.is_ok() {
            Verdict::Keep
        } else {
            Verdict::Undo
        }
    }

    fn overrule(&mut self, error: DbError) {
        self.result = Err(error.into());
    }

    fn answer(self: Box<Self>) {
        if let (Ok(kept), Some(then)) = (&self.result, self.then) {
            then(kept);
        }
        let _gone = self.reply.send(self.result);
    }
}

/// Runs work that must not wait. The panic itself has been reported by the panic hook already;
/// its payload may hold anything, so it goes no further.
fn poll_once<Work, Answer>(work: Work) -> Result<Answer::Output, DbError>
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
