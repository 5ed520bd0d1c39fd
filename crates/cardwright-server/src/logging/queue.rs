//! Lines on their way to a place that may not take them.
//!
//! Law: whoever logs never waits for whoever reads. Lines wait in bounded memory for a thread of
//! their own, which under load gathers them for a moment: one call writes many. What does not fit is dropped and counted, and a line says how many were lost as soon
//! as lines are taken again. Errors have room that nothing else fills.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of lines that may wait.
const ROOM_BYTES: usize = 1024 * 1024;

/// Bytes of errors that may wait besides.
const ROOM_FOR_ERRORS_BYTES: usize = 64 * 1024;

/// Bytes that are worth a call of their own.
const ENOUGH_BYTES: usize = 32 * 1024;

/// How long lines are gathered where the last ones came faster than they were written.
const GATHERING: Duration = Duration::from_millis(2);

/// Which room a line may fill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    /// The room of all lines.
    Ordinary,
    /// Also the room that is kept for errors.
    Error,
}

/// Whether the next lines are written at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Haste {
    /// They are.
    Write,
    /// A moment later, with those that come meanwhile.
    Gather,
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
    writer: Writer,
    /// One of the lines that wait is an error.
    has_error: bool,
    /// How many wait until everything is written.
    hurrying: usize,
    dropped: u64,
    told: u64,
}

/// What the one who writes is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Writer {
    /// Waits for the next line.
    #[default]
    Idle,
    /// Waits a moment for more lines.
    Gathering,
    /// Is at it, and may have more to say.
    Writing,
}

impl State {
    fn is_idle(&self) -> bool {
        self.lines.is_empty() && self.writer == Writer::Idle
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
        state.has_error |= weight == Weight::Error;
        if state.waiting_bytes + line.len() > room {
            state.dropped += 1;
            return;
        }
        state.waiting_bytes += line.len();
        state.lines.push_back(line);
        let is_awaited = match state.writer {
            Writer::Idle => true,
            // What failed may be the last thing that this process says.
            Writer::Gathering => state.waiting_bytes >= ENOUGH_BYTES || weight == Weight::Error,
            Writer::Writing => false,
        };
        drop(state);
        if is_awaited {
            self.changed.notify_all();
        }
    }

    /// Writes what comes, for ever. `tell` logs how many lines were lost since the start.
    pub(super) fn write_to(&self, mut out: impl Write, tell: impl Fn(u64)) {
        let mut haste = Haste::Write;
        loop {
            let (lines, count) = self.next(haste);
            haste = if count > 1 {
                Haste::Gather
            } else {
                Haste::Write
            };
            // A log that nobody reads any more is no reason to stop.
            let _unread = out.write_all(&lines);
            if let Some(dropped) = self.untold() {
                tell(dropped);
            }
        }
    }

    /// Waits until everything is written, but not for long: whether it is.
    pub(super) fn flush(&self, patience: Duration) -> bool {
        let mut state = self.state();
        state.hurrying += 1;
        self.changed.notify_all();
        let waited = self
            .changed
            .wait_timeout_while(state, patience, |state| !state.is_idle());
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.hurrying -= 1;
        state.is_idle()
    }

    /// The lines that wait, as many as are worth a call, and how many they are.
    fn next(&self, haste: Haste) -> (Vec<u8>, usize) {
        let mut state = self.state();
        while state.lines.is_empty() {
            state.writer = Writer::Idle;
            self.changed.notify_all();
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if haste == Haste::Gather {
            state.writer = Writer::Gathering;
            let is_early = |state: &mut State| {
                state.waiting_bytes < ENOUGH_BYTES && state.hurrying == 0 && !state.has_error
            };
            let gathered = self.changed.wait_timeout_while(state, GATHERING, is_early);
            state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.writer = Writer::Writing;
        state.has_error = false;
        let (mut lines, mut count) = (Vec::new(), 0);
        while lines.len() < ENOUGH_BYTES
            && let Some(line) = state.lines.pop_front()
        {
            state.waiting_bytes -= line.len();
            count += 1;
            if lines.is_empty() {
                lines = line;
            } else {
                lines.extend_from_slice(&line);
            }
        }
        (lines, count)
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
        let kept = line.repeat(8);
        assert_eq!(
            written.concat(),
            format!("{kept}paniclost 3"),
            "as many as there is room for"
        );
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
        let expected: String = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(begins.try_iter().collect::<String>(), expected);
    }

    #[test]
    fn lines_that_come_together_are_written_together() {
        let (queue, begins, open) = piped();
        queue.push(b"first ".to_vec(), Weight::Ordinary);
        assert_eq!(begins.recv_timeout(PATIENCE).unwrap(), "first ");
        for number in 0..1_000 {
            queue.push(format!("{number} ").into_bytes(), Weight::Ordinary);
        }
        for _ in 0..10 {
            open.send(()).unwrap();
        }
        assert!(queue.flush(PATIENCE));
        let calls: Vec<String> = begins.try_iter().collect();
        assert_eq!(calls.len(), 1, "a thousand lines in one call");
        assert!(calls[0].starts_with("0 1 2 ") && calls[0].ends_with(" 998 999 "));
    }
}
