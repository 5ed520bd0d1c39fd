//! The movable time of a sandbox: real time and how far a tenant's time is away from it.
//!
//! Law: a tenant's time never goes back. It runs with real time or stands still, and jumps forward
//! when it is told to.

use jiff::{SignedDuration, civil::date, tz::TimeZone};

use crate::{Refusal, SandboxRefusal, Timestamp};

/// How a tenant's time passes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClockMode {
    /// As fast as real time.
    Running,
    /// Not at all.
    Frozen,
}

impl ClockMode {
    /// Every mode.
    pub const ALL: [ClockMode; 2] = [ClockMode::Running, ClockMode::Frozen];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            ClockMode::Running => "running",
            ClockMode::Frozen => "frozen",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<ClockMode> {
        ClockMode::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// A tenant's clock. Every question brings the real time along; the clock itself asks nobody.
///
/// ```
/// use cardwright_core::{DomainClock, Timestamp};
///
/// let noon: Timestamp = "2026-03-01T12:00:00Z".parse()?;
/// let later: Timestamp = "2026-03-08T12:00:00Z".parse()?;
/// let clock = DomainClock::REAL.set(later, noon)?;
/// assert_eq!(clock.now(noon), later);
/// assert!(clock.set(noon, noon).is_err(), "time does not go back");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DomainClock {
    /// It runs.
    Running {
        /// How far ahead of real time it is. Behind it, where it stood still for a while.
        offset: SignedDuration,
    },
    /// It stands still.
    Frozen {
        /// The time it shows.
        at: Timestamp,
    },
}

impl DomainClock {
    /// Real time: the clock of every tenant until somebody moves it.
    pub const REAL: DomainClock = DomainClock::Running {
        offset: SignedDuration::ZERO,
    };

    /// The latest time a clock is set to. A card's year is shown by two digits, so what is issued
    /// at this time still has to end within its century.
    pub fn latest() -> Timestamp {
        let day = date(2075, 12, 31).to_zoned(TimeZone::UTC);
        day.map_or(Timestamp::MAX, |day| day.timestamp())
    }

    /// The tenant's time.
    pub fn now(self, real: Timestamp) -> Timestamp {
        match self {
            DomainClock::Running { offset } => {
                let end = if offset.is_negative() {
                    Timestamp::MIN
                } else {
                    Timestamp::MAX
                };
                real.checked_add(offset).unwrap_or(end)
            }
            DomainClock::Frozen { at } => at,
        }
    }

    /// Whether it runs.
    pub fn mode(self) -> ClockMode {
        match self {
            DomainClock::Running { .. } => ClockMode::Running,
            DomainClock::Frozen { .. } => ClockMode::Frozen,
        }
    }

    /// How far ahead of real time it is; negative where it is behind.
    pub fn offset(self, real: Timestamp) -> SignedDuration {
        self.now(real).duration_since(real)
    }

    /// Moves it to a time, from which it goes on as before: running or standing still.
    pub fn set(self, to: Timestamp, real: Timestamp) -> Result<DomainClock, Refusal> {
        if to < self.now(real) {
            return Err(Refusal::Sandbox(SandboxRefusal::ClockBackwards));
        }
        if to > DomainClock::latest() {
            return Err(Refusal::Sandbox(SandboxRefusal::ClockTooFar));
        }
        Ok(match self {
            DomainClock::Running { .. } => DomainClock::Running {
                offset: to.duration_since(real),
            },
            DomainClock::Frozen { .. } => DomainClock::Frozen { at: to },
        })
    }

    /// Moves it forward by a duration.
    pub fn advance(self, by: SignedDuration, real: Timestamp) -> Result<DomainClock, Refusal> {
        if by.is_negative() {
            return Err(Refusal::Sandbox(SandboxRefusal::ClockBackwards));
        }
        let to = self.now(real).checked_add(by);
        self.set(
            to.map_err(|_| Refusal::Sandbox(SandboxRefusal::ClockTooFar))?,
            real,
        )
    }

    /// Lets it stand still at the time it shows. One that stands still already stays as it is.
    #[must_use]
    pub fn freeze(self, real: Timestamp) -> DomainClock {
        DomainClock::Frozen { at: self.now(real) }
    }

    /// Lets it run on from the time it shows: what passed meanwhile in real time is lost to it.
    #[must_use]
    pub fn unfreeze(self, real: Timestamp) -> DomainClock {
        DomainClock::Running {
            offset: self.offset(real),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let day = if text.contains('T') {
            format!("{text}Z")
        } else {
            format!("2026-03-01T{text}Z")
        };
        day.parse().expect("a time")
    }

    /// Runs a little script: each line is the real time, what is done, and what the clock then
    /// shows, or why it does not move.
    fn check(script: &str) {
        let mut clock = DomainClock::REAL;
        let mut before = Timestamp::MIN;
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let words: Vec<&str> = line.split_whitespace().collect();
            let real = at(words[0]);
            let done = match &words[1..words.len() - 2] {
                ["look"] => Ok(clock),
                ["set", to] => clock.set(at(to), real),
                ["advance", by] => clock.advance(by.parse().expect("a duration"), real),
                ["freeze"] => Ok(clock.freeze(real)),
                ["unfreeze"] => Ok(clock.unfreeze(real)),
                other => panic!("what is {other:?}?"),
            };
            let said = match done {
                Ok(moved) => {
                    clock = moved;
                    format!("{} {}", clock.mode().word(), clock.now(real))
                }
                Err(refusal) => format!("refused {}", refusal.code()),
            };
            let expected = match words[words.len() - 2] {
                "refused" => format!("refused {}", words[words.len() - 1]),
                mode => format!("{mode} {}", at(words[words.len() - 1])),
            };
            assert_eq!(said, expected, "{line}");
            assert!(clock.now(real) >= before, "time went back at {line}");
            before = clock.now(real);
        }
    }

    #[test]
    fn a_clock_shows_real_time_until_it_is_moved_and_then_runs_on_from_there() {
        check(
            "
            10:00:00 look               running 10:00:00
            10:00:05 set 12:00:00       running 12:00:00
            10:00:10 look               running 12:00:05
            10:00:10 advance PT1H       running 13:00:05
            10:00:11 advance PT0S       running 13:00:06
            10:00:20 look               running 13:00:15
        ",
        );
    }

    #[test]
    fn a_frozen_clock_moves_only_by_hand_and_runs_on_from_where_it_stood() {
        check(
            "
            10:00:00 freeze             frozen 10:00:00
            10:30:00 look               frozen 10:00:00
            10:30:00 freeze             frozen 10:00:00
            10:31:00 advance PT1H       frozen 11:00:00
            10:32:00 set 11:30:00       frozen 11:30:00
            10:40:00 unfreeze           running 11:30:00
            10:41:00 look               running 11:31:00
            10:42:00 unfreeze           running 11:32:00
        ",
        );
    }

    #[test]
    fn who_stands_still_for_long_falls_behind_real_time_and_not_behind_itself() {
        check(
            "
            10:00:00 advance PT5M       running 10:05:00
            10:00:00 freeze             frozen 10:05:00
            11:00:00 unfreeze           running 10:05:00
            11:10:00 look               running 10:15:00
            11:10:00 set 10:14:59       refused clock_backwards
            11:10:00 set 10:15:00       running 10:15:00
        ",
        );
    }

    #[test]
    fn time_never_goes_back() {
        check(
            "
            10:00:00 set 09:59:59       refused clock_backwards
            10:00:00 advance -PT1S      refused clock_backwards
            10:00:00 set 10:00:00       running 10:00:00
            10:00:00 set 12:00:00       running 12:00:00
            10:00:01 set 12:00:00       refused clock_backwards
            10:00:01 freeze             frozen 12:00:01
            10:05:00 set 12:00:00       refused clock_backwards
            10:05:00 look               frozen 12:00:01
        ",
        );
    }

    #[test]
    fn a_clock_stops_at_a_time_at_which_cards_still_have_a_year_to_show() {
        check(
            "
            10:00:00 set 2076-01-01T00:00:00  refused clock_too_far
            10:00:00 advance PT2562047788015215H  refused clock_too_far
            10:00:00 set 2075-12-31T00:00:00  running 2075-12-31T00:00:00
            10:00:00 advance PT1S             refused clock_too_far
        ",
        );
    }

    #[test]
    fn the_offset_is_what_lies_between_the_two_times() {
        let (noon, later) = (at("12:00:00"), at("13:00:00"));
        let ahead = DomainClock::REAL
            .advance(SignedDuration::from_hours(24), noon)
            .expect("forward");
        assert_eq!(ahead.offset(later), SignedDuration::from_hours(24));
        let frozen = DomainClock::REAL.freeze(noon);
        assert_eq!(frozen.offset(later), SignedDuration::from_hours(-1));
        assert_eq!(DomainClock::REAL.offset(noon), SignedDuration::ZERO);
    }

    #[test]
    fn modes_read_back_from_their_words() {
        for mode in ClockMode::ALL {
            assert_eq!(ClockMode::from_word(mode.word()), Some(mode));
        }
        assert_eq!(ClockMode::from_word("stopped"), None);
    }
}
