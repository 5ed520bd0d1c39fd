//! The one place that asks the computer for the time.
//!
//! Everything else is handed a [`Clock`], so a test moves time by hand instead of sleeping, and a
//! reader finds every use of the present by looking for `clock.now()`. The clock tells real time;
//! the sandbox's movable domain time is built on top of it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the present, in whole milliseconds.
///
/// Milliseconds because that is what the store keeps and both contracts print: an instant that
/// went through the store compares equal to the one that did not.
///
/// ```
/// use cardwright_server::clock::Clock;
/// use jiff::{SignedDuration, Timestamp};
///
/// let noon: Timestamp = "2026-03-01T12:00:00Z".parse()?;
/// let (clock, hand) = Clock::manual(noon);
/// hand.advance(SignedDuration::from_mins(5));
/// assert_eq!(clock.now().to_string(), "2026-03-01T12:05:00Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone)]
pub struct Clock {
    source: Source,
}

#[derive(Clone)]
enum Source {
    System,
    Manual(ManualClock),
}

impl Clock {
    /// The computer's clock, UTC.
    pub fn system() -> Clock {
        Clock {
            source: Source::System,
        }
    }

    /// A clock that stands still until its hand is moved.
    pub fn manual(start: Timestamp) -> (Clock, ManualClock) {
        let hand = ManualClock {
            now_ms: Arc::new(AtomicI64::new(start.as_millisecond())),
        };
        (
            Clock {
                source: Source::Manual(hand.clone()),
            },
            hand,
        )
    }

    /// The present, truncated to milliseconds.
    pub fn now(&self) -> Timestamp {
        match &self.source {
            Source::System => from_milliseconds(system_now().as_millisecond()),
            Source::Manual(hand) => hand.now(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::System => formatter.write_str("Clock(system)"),
            Source::Manual(hand) => write!(formatter, "Clock(manual, {})", hand.now()),
        }
    }
}

/// The hand of a manual clock; copies move the same clock.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now_ms: Arc<AtomicI64>,
}

impl ManualClock {
    /// Moves the clock by a duration; a negative one moves it back, as a real clock may be moved.
    ///
    /// Time stops at the ends of what a [`Timestamp`] can say.
    pub fn advance(&self, by: SignedDuration) {
        let to = self.now().saturating_add(by).unwrap_or(Timestamp::MAX);
        self.set(to);
    }

    /// Moves the clock to an instant.
    pub fn set(&self, to: Timestamp) {
        self.now_ms.store(to.as_millisecond(), Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        from_milliseconds(self.now_ms.load(Ordering::SeqCst))
    }
}

// Allowed, not expected: the ban is a setting of the workspace, and this file is right either way.
#[allow(
    clippy::disallowed_methods,
    reason = "the one sanctioned reading of the system clock"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}

fn from_milliseconds(milliseconds: i64) -> Timestamp {
    // Every caller took the number from a timestamp, so it is always in range.
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand_and_all_copies_see_it() {
        let (clock, hand) = Clock::manual(at("2026-01-01T00:00:00Z"));
        let copy = clock.clone();
        assert_eq!(clock.now(), at("2026-01-01T00:00:00Z"));
        assert_eq!(clock.now(), clock.now());

        hand.clone().advance(SignedDuration::from_secs(90));
        assert_eq!(copy.now(), at("2026-01-01T00:01:30Z"));

        hand.set(at("2025-01-01T00:00:00Z"));
        assert_eq!(clock.now(), at("2025-01-01T00:00:00Z"));
    }

    #[test]
    fn time_is_told_in_whole_milliseconds() {
        let (clock, hand) = Clock::manual(at("2026-01-01T00:00:00.123987654Z"));
        assert_eq!(clock.now(), at("2026-01-01T00:00:00.123Z"));
        hand.set(at("2026-01-01T00:00:00.999999999Z"));
        assert_eq!(clock.now(), at("2026-01-01T00:00:00.999Z"));

        let now = Clock::system().now();
        assert_eq!(now.subsec_nanosecond() % 1_000_000, 0);
        assert!(
            now > at("2026-01-01T00:00:00Z"),
            "the system clock tells the present"
        );
    }

    #[test]
    fn time_stops_at_its_ends_instead_of_failing() {
        let (clock, hand) = Clock::manual(Timestamp::MAX);
        hand.advance(SignedDuration::from_hours(1));
        assert_eq!(
            clock.now().as_millisecond(),
            Timestamp::MAX.as_millisecond()
        );
        hand.set(Timestamp::MIN);
        hand.advance(SignedDuration::from_hours(-1));
        assert_eq!(
            clock.now().as_millisecond(),
            Timestamp::MIN.as_millisecond()
        );
    }
}
