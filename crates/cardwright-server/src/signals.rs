//! How the process is told to end: politely once, and not to be kept waiting the second time.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// What SIGHUP means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hangup {
    /// The terminal has closed: the process is to end. One that whoever started us chose to ignore,
    /// as `nohup` does, stays ignored.
    Ends,
    /// Whoever runs us wants files to be read again, as is usual for services.
    Reloads,
}

/// SIGINT and SIGTERM, counted together, and SIGHUP: where it ends the process it is a first one
/// and never a second, because a terminal that closes may send it more than once.
#[derive(Clone, Debug)]
pub struct Signals {
    count: watch::Receiver<u32>,
    hangups: watch::Receiver<u32>,
}

impl Signals {
    /// Takes the signals over from now on. Needs a running runtime.
    pub fn listen(meaning: Hangup) -> io::Result<Signals> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = if meaning == Hangup::Ends && ignores_hangup() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        let (counter, count) = watch::channel(0);
        let (hangup_counter, hangups) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = interrupt.recv() => "SIGINT",
                    _ = terminate.recv() => "SIGTERM",
                    () = received(hangup.as_mut()) => "SIGHUP",
                };
                if name == "SIGHUP" && meaning == Hangup::Reloads {
                    hangup_counter.send_modify(|count| *count += 1);
                    tracing::info!(signal = name, "told to read files again");
                    continue;
                }
                // Counted first: the end depends on nothing else.
                counter.send_modify(|count: &mut u32| {
                    *count = match name {
                        "SIGHUP" => (*count).max(1),
                        _ => *count + 1,
                    };
                });
                tracing::info!(signal = name, "told to end");
            }
        });
        Ok(Signals { count, hangups })
    }

    /// Resolves when the process is told to end, at once if it was before.
    pub async fn first(mut self) {
        self.reaches(1).await;
    }

    /// Resolves when the process is told to end although it is already at it.
    pub async fn second(mut self) {
        self.reaches(2).await;
    }

    /// Resolves at the next SIGHUP, where that does not end the process.
    pub async fn hangup(&mut self) {
        if self.hangups.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn reaches(&mut self, number: u32) {
        if self.count.wait_for(|count| *count >= number).await.is_err() {
            // The counting task ends only with the runtime, and so does whoever waits here.
            std::future::pending::<()>().await;
        }
    }
}

async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            let _received = signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether the process was started with SIGHUP ignored. Where the system does not tell, it is not.
fn ignores_hangup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| is_hangup_ignored(&status))
}

/// Reads the mask of ignored signals out of Linux's description of a process: bit 0 is signal 1.
fn is_hangup_ignored(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_read_from_the_mask() {
        let status = |mask| format!("Name:\tx\nSigBlk:\tffffffffffffffff\nSigIgn:\t{mask}\n");
        assert!(is_hangup_ignored(&status("0000000000001001")));
        assert!(!is_hangup_ignored(&status("0000000000001000")));
        assert!(!is_hangup_ignored("Name:\tx\n"));
    }
}
