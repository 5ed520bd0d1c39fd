//! Where a client learns the time and lets it pass: injected, so that a test decides what time it is
//! and waits for nothing.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time that signatures carry and sessions end by, and lets it pass between two attempts.
pub trait TimeSource: Send + Sync {
    /// Unix time in whole seconds.
    fn unix_seconds(&self) -> i64;

    /// Ready when so much time has passed; by the machine's clock unless a source has one of its own.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place of the client that waits between two attempts"
    )]
    fn pass(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(pause))
    }
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
