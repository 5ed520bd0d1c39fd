//! The one place of the surfaces that reads time.
//!
//! Deadlines of connections are real time, not the platform's clock that tests and sandboxes move:
//! a stalled peer holds a socket in real seconds. tokio's timers are used throughout so that tests
//! can pause them and never wait.

use std::pin::Pin;
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Now, as the runtime's timers see it.
pub(in crate::api) fn now() -> Instant {
    Instant::now()
}

/// A timer that fires once `after` has passed.
pub(super) fn alarm(after: Duration) -> Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep_until(now() + after))
}
