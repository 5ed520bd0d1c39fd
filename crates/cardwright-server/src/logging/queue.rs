//! Lines on their way to a place that may not take them.
//!
//! Law: whoever logs never waits for whoever reads. Lines wait in bounded memory for a thread of
//! their own; what does not fit is dropped and counted, and a line says how many were lost as soon
//! as lines are taken again. Errors have room that nothing else fills.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of lines that may wait.
const ROOM_BYTES: usize = 1024 * 1024;

/// Bytes of errors that may wait besides.
const ROOM_FOR_ERRORS_BYTES: usize = 64 * 1024;

/// Which room a line may fill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    /// The room of all lines.
    Ordinary,
    /// Also the room that is kept for errors.
    Error,
}

/// The lines that wait, between many who log and one who writes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    /// The one who writes is at it, and may have more to say.
    writing: bool,
    dropped: u64,
    told: u64,
}

impl State {
    fn is_idle(&self) -> bool {
        self.lines.is_empty() && !self.writing
    }
}

impl Queue {
    /// Takes a line, or counts it where there is no room.
    pub(super) fn push(&self, line: Vec<u8>, weight: Weight) {
        let room = match weight {
            Weight::Ordinary => ROOM_BYTES,
            Weight::Error => ROOM_BYTES + ROOM_FOR_ERRORS_BYTES,
        };
        let mut state = self.state();
        if state.waiting_bytes + line.len() > room {
            state.dropped += 1;
            return;
        }
        state.waiting_bytes += line.len();
        state.lines.push_back(line);
        drop(state);
        self.changed.notify_all();
    }

    /// Writes what comes, for ever. `tell` logs how many lines were lost since the start.
    pub(super) fn write_to(&self, mut out: impl Write, tell: impl Fn(u64)) {
        loop {
            let line = self.next();
            // A log that nobody reads any more is no reason to stop.
            let _unread = out.write_all(&line);
            if let Some(dropped) = self.untold() {
                tell(dropped);
            }
        }
    }

    /// Waits until everything is written, but not for long: whether it is.
    pub(super) fn flush(&self, patience: Duration) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), patience, |state| !state.is_idle());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_idle()
    }

    fn next(&self) -> Vec<u8> {
        let mut state = self.state();
        loop {
            if let Some(line) = state.lines.pop_front() {
                state.waiting_bytes -= line.len();
                state.writing = true;
                return line;
            }
            state.writing = false;
            self.changed.notify_all();
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many were dropped, once for each time there is more and half of the room is free.
    fn untold(&self) -> Option<u64> {
        let mut state = self.state();
        let is_due = state.dropped > state.told && state.waiting_bytes <= ROOM_BYTES / 2;
        is_due.then(|| {
            state.told = state.dropped;
            state.told
        })
    }

    /// A panic elsewhere leaves the lines as whole as they were.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
    use std::thread;

    use super::*;

    /// Far more than anything here takes; only a hang is as slow.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// Says what it is about to write, and writes it when it is let.
    struct Pipe {
        begun: Sender<String>,
        let_through: Receiver<()>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            // After the end of a test nobody wants to know, nor holds anything back.
            let _ = self.begun.send(text);
            let _ = self.let_through.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A queue, what its thread begins to write, and what lets it go on.
    fn piped() -> (Arc<Queue>, Receiver<String>, SyncSender<()>) {
        let queue = Arc::new(Queue::default());
        let (begun, begins) = channel();
        let (open, let_through) = sync_channel(10_000);
        let (writing, telling) = (Arc::clone(&queue), Arc::clone(&queue));
        thread::spawn(move || {
            let pipe = Pipe { begun, let_through };
            writing.write_to(pipe, |dropped| {
                telling.push(format!("lost {dropped}").into_bytes(), Weight::Error);
            });
        });
        (queue, begins, open)
    }

    #[test]
    fn whoever_logs_never_waits_and_what_is_lost_is_counted_and_told_once() {
        let (queue, begins, open) = piped();
        queue.push(b"stuck".to_vec(), Weight::Ordinary);
        assert_eq!(begins.recv_timeout(PATIENCE).unwrap(), "stuck");
        let line = "x".repeat(ROOM_BYTES / 8);
        for _ in 0..11 {
            queue.push(line.clone().into_bytes(), Weight::Ordinary);
        }
        queue.push(b"panic".to_vec(), Weight::Error);
        assert!(!queue.flush(Duration::ZERO), "nothing was written");

        for _ in 0..100 {
            open.send(()).unwrap();
        }
        assert!(queue.flush(PATIENCE));
        let written: Vec<String> = begins.try_iter().collect();
        let kept = written.iter().filter(|written| **written == line).count();
        assert_eq!(kept, 8, "as many as there is room for");
        assert_eq!(&written[8..], ["panic", "lost 3"]);
    }

    #[test]
    fn not_even_errors_fill_the_memory() {
        let queue = Queue::default();
        for _ in 0..3 * ROOM_BYTES / 1024 {
            queue.push(vec![b'x'; 1024], Weight::Error);
        }
        let state = queue.state();
        assert_eq!(state.waiting_bytes, ROOM_BYTES + ROOM_FOR_ERRORS_BYTES);
        assert_eq!(state.lines.len() as u64 + state.dropped, 3 * 1024);
    }

    #[test]
    fn after_a_flush_every_line_is_written_in_its_order() {
        let (queue, begins, open) = piped();
        for number in 0..100 {
            queue.push(number.to_string().into_bytes(), Weight::Ordinary);
            open.send(()).unwrap();
        }
        assert!(queue.flush(PATIENCE));
        let expected: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(begins.try_iter().collect::<Vec<_>>(), expected);
    }
}
