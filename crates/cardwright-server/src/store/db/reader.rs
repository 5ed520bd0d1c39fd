//! The threads that look: each has its own connection and gives each caller one unchanging state.
//!
//! Law: a reader never waits for the writer and never sees what is not committed. Whoever is told of
//! what it saw waits for the disk, not the thread.

use std::rc::Rc;

use super::error::DbError;
use super::operation::Operation;
use super::queue::Queue;
use super::session::ReadSession;
use super::sqlite::Engine;

pub(super) type ReadOperation = Box<dyn Operation<ReadSession>>;

/// Works until the queue is closed and empty.
pub(super) fn work(engine: Engine, queue: &Queue<ReadOperation>) {
    let engine = Rc::new(engine);
    while let Some(operations) = queue.take(|_| 1) {
        for mut operation in operations {
            if let Err(error) = look(&engine, operation.as_mut()) {
                operation.overrule(error);
            }
            operation.answer();
        }
    }
}

fn look(engine: &Rc<Engine>, operation: &mut dyn Operation<ReadSession>) -> Result<(), DbError> {
    engine.begin_read()?;
    operation.run(ReadSession::new(engine));
    engine.rollback();
    Ok(())
}
