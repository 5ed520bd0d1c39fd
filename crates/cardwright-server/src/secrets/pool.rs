//! A few threads with a short queue, for work that would stall everything else.
//!
//! The queue is bounded and refuses at once when full: a flood is turned away at the door instead
//! of growing a backlog that answers nobody in time.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take jobs off one queue; they end when the pool is dropped and the queue is empty.
pub(super) struct Pool {
    queue: SyncSender<Job>,
}

/// All threads are busy and the queue is full.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Pool {
    /// Starts the threads; `queue` is how many jobs may wait beside those being done.
    pub(super) fn start(name: &str, threads: NonZeroUsize, queue: usize) -> io::Result<Pool> {
        let (sender, receiver) = sync_channel::<Job>(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads.get() {
            let receiver = receiver.clone();
            thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || work(&receiver))?;
        }
        Ok(Pool { queue: sender })
    }

    /// Hands a job over, without ever waiting.
    pub(super) fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        // A disconnected queue cannot happen while `self` lives: the threads never let go first.
        self.queue.try_send(Box::new(job)).map_err(|_| Full)
    }
}

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let job = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(job) = job else { return };
        // A job that panics must not take its thread along: the pool would shrink to nothing.
        // Whoever waits for the job learns of it by its reply channel closing.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn pool(threads: usize, queue: usize) -> Pool {
        Pool::start("test", NonZeroUsize::new(threads).unwrap(), queue).unwrap()
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_jobs_again_later() {
        let pool = pool(2, 1);
        let (begun, begins) = mpsc::channel();
        let (release, gate) = mpsc::channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let blocking = || {
            let (begun, gate) = (begun.clone(), gate.clone());
            move || {
                begun.send(()).unwrap();
                gate.lock().unwrap().recv().unwrap();
            }
        };
        // One at a time: the queue holds one, so each must be taken up before the next is sent.
        for _ in 0..2 {
            pool.submit(blocking()).unwrap();
            begins.recv().unwrap();
        }
        assert_eq!(pool.submit(blocking()), Ok(()), "one may wait");
        assert_eq!(pool.submit(|| ()), Err(Full));
        assert_eq!(pool.submit(|| ()), Err(Full), "a refusal uses up nothing");

        release.send(()).unwrap();
        begins.recv().unwrap();
        assert_eq!(
            pool.submit(|| ()),
            Ok(()),
            "the waiting job has been taken up"
        );
        release.send(()).unwrap();
        release.send(()).unwrap();
    }

    #[test]
    fn a_panicking_job_leaves_its_thread_alive() {
        let pool = pool(1, 4);
        let (done, result) = mpsc::channel();
        pool.submit(|| panic!("on purpose, in a test")).unwrap();
        pool.submit(move || done.send(42).unwrap()).unwrap();
        assert_eq!(result.recv(), Ok(42));
    }

    #[test]
    fn jobs_already_accepted_are_done_after_the_pool_is_dropped() {
        let (done, results) = mpsc::channel();
        let pool = pool(1, 8);
        for number in 0..8 {
            let done = done.clone();
            pool.submit(move || done.send(number).unwrap()).unwrap();
        }
        drop((pool, done));
        assert_eq!(results.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
