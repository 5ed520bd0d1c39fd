//! One thread that takes what is waiting, commits it together, and answers: group commit, bare.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::oneshot;

use super::super::error::DbError;
use super::authorization::Order;

type Answer = oneshot::Sender<Result<(), DbError>>;

/// Where to ask; the thread ends when nobody can ask any more.
#[derive(Clone)]
pub(super) struct Counter(Sender<(Order, Answer)>);

impl Counter {
    pub(super) async fn ask(&self, order: Order) -> Result<(), DbError> {
        let (answer, answered) = oneshot::channel();
        let closed = |_| DbError::Closed;
        self.0.send((order, answer)).map_err(closed)?;
        answered.await.unwrap_or(Err(DbError::Closed))
    }
}

/// Starts the thread; it commits at most so many orders together.
pub(super) fn start(
    most: usize,
    commit: impl FnMut(&[Order]) -> Result<(), DbError> + Send + 'static,
) -> Result<(Counter, JoinHandle<()>), DbError> {
    let (sender, receiver) = channel();
    let thread = Builder::new()
        .name("bench-writer".to_owned())
        .spawn(move || work(&receiver, most, commit))
        .map_err(|error| DbError::Open {
            what: format!("a thread of the benchmark: {error}"),
        })?;
    Ok((Counter(sender), thread))
}

fn work(
    waiting: &Receiver<(Order, Answer)>,
    most: usize,
    mut commit: impl FnMut(&[Order]) -> Result<(), DbError>,
) {
    let (mut orders, mut answers) = (Vec::new(), Vec::new());
    while let Ok(first) = waiting.recv() {
        let more = std::iter::from_fn(|| waiting.try_recv().ok());
        for (order, answer) in std::iter::once(first).chain(more.take(most - 1)) {
            orders.push(order);
            answers.push(answer);
        }
        let outcome = commit(&orders);
        orders.clear();
        for answer in answers.drain(..) {
            // Whoever went away is not missed.
            let _gone = answer.send(outcome.clone());
        }
    }
}

/// Waits for the thread, after the last counter is gone.
pub(super) async fn end(thread: JoinHandle<()>) -> Result<(), DbError> {
    let ended = tokio::task::spawn_blocking(move || thread.join()).await;
    match ended {
        Ok(Ok(())) => Ok(()),
        _ => Err(DbError::Panicked),
    }
}
