//! Where a client learns the time: injected, so that a test decides what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time that signatures carry and sessions end by.
pub trait TimeSource: Send + Sync {
    /// Unix time in whole seconds.
    fn unix_seconds(&self) -> i64;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl TimeSource for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place of the client that asks the system"
    )]
    fn unix_seconds(&self) -> i64 {
        // A clock set before 1970 reads as 1970; the server then names the timestamp as the fault.
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
    }
}
