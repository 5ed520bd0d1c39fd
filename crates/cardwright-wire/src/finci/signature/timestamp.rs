//! The timestamp of a request: its grammar, and how far from now it may lie.

use std::fmt;
use std::ops::RangeInclusive;

/// Reads `X-Auth-Timestamp`: ten digits, the first not zero (2001-09-09 to 2286-11-20).
///
/// The fixed length is what lets a form join the timestamp to its neighbours without a separator.
/// Signs, spaces, fractions and milliseconds are refused.
///
/// ```
/// use cardwright_wire::finci::signature::parse_timestamp;
///
/// assert_eq!(parse_timestamp("1767225600"), Ok(1_767_225_600));
/// assert!(parse_timestamp("1767225600000").is_err(), "milliseconds");
/// ```
pub fn parse_timestamp(text: &str) -> Result<i64, TimestampFault> {
    let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || text.starts_with('0') {
        return Err(TimestampFault);
    }
    text.parse().map_err(|_| TimestampFault)
}

/// The timestamp header holds something other than ten digits of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampFault;

impl fmt::Display for TimestampFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a timestamp is Unix time in whole seconds: ten digits")
    }
}

impl std::error::Error for TimestampFault {}

/// How far a timestamp may lie from now, in either direction: 30 to 900 seconds, by default 300.
///
/// There is no way to switch the check off: a window bounds how long a request can be replayed and
/// how long its signature must be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    seconds: i64,
}

impl Window {
    /// The settings a server accepts, in seconds.
    pub const ALLOWED_SECONDS: RangeInclusive<i64> = 30..=900;

    /// A window of so many seconds to each side.
    pub fn from_seconds(seconds: i64) -> Result<Window, WindowFault> {
        if Window::ALLOWED_SECONDS.contains(&seconds) {
            Ok(Window { seconds })
        } else {
            Err(WindowFault { seconds })
        }
    }

    /// How far a timestamp may lie to each side of now, in seconds.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Whether the timestamp is near enough to now; both in Unix seconds, both ends included.
    pub fn contains(self, now_seconds: i64, timestamp: i64) -> bool {
        now_seconds.abs_diff(timestamp) <= self.seconds.unsigned_abs()
    }
}

impl Default for Window {
    fn default() -> Window {
        Window { seconds: 300 }
    }
}

/// A window that is not allowed, with the seconds that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowFault {
    /// What was asked for.
    pub seconds: i64,
}

impl fmt::Display for WindowFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the timestamp window must be {} to {} seconds, not {}",
            Window::ALLOWED_SECONDS.start(),
            Window::ALLOWED_SECONDS.end(),
            self.seconds
        )
    }
}

impl std::error::Error for WindowFault {}
