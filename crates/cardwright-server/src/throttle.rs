//! How many requests a credential or a user may make: a bucket that fills evenly, and holds one second's worth.
//!
//! Law: nobody waits here. A request either has its place now, or is told when to come back. Time is
//! handed in, so the same requests at the same times always get the same answers.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use cardwright_core::Timestamp;
use uuid::Uuid;

/// How many callers are remembered before those at rest are forgotten.
const REMEMBERED_MAX: usize = 10_000;
/// How much may come at once: what one second allows.
const BURST_US: i64 = 1_000_000;

/// Requests per second of one caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallRate(NonZeroU32);

impl CallRate {
    /// What production allows where nothing else is configured.
    pub const PRODUCTION: CallRate = CallRate(NonZeroU32::MIN.saturating_add(999));
    /// The highest rate that can be configured.
    pub const PER_SECOND_MAX: u32 = 1_000_000;

    /// So many requests per second, at least one.
    pub fn per_second(count: u32) -> Option<CallRate> {
        let count = NonZeroU32::new(count)?;
        (count.get() <= CallRate::PER_SECOND_MAX).then_some(CallRate(count))
    }

    /// How many requests per second.
    pub fn count(self) -> u32 {
        self.0.get()
    }

    /// The time that one request stands for, in microseconds.
    fn interval_us(self) -> i64 {
        BURST_US / i64::from(self.0.get())
    }
}

/// When a refused caller should come back, in whole seconds; at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryAfter {
    /// The seconds.
    pub seconds: u32,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Counted {
    /// Those that a credential signed.
    Credential(i64),
    /// Those in the sessions of a user, however many it has.
    User(Uuid),
}

/// The buckets of all callers.
#[derive(Default)]
pub struct Throttle {
    /// By caller: when its bucket will be empty again, in Unix microseconds.
    empty_at_us: Mutex<HashMap<Counted, i64>>,
}

impl Throttle {
    /// Takes a place for one request, or says when there will be one.
    pub fn take(&self, who: Counted, rate: CallRate, now: Timestamp) -> Result<(), RetryAfter> {
        let now_us = now.as_microsecond();
        let mut all = self
            .empty_at_us
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED_MAX {
            all.retain(|_, empty_at_us| *empty_at_us > now_us);
        }
        let empty_at_us = all.entry(who).or_insert(now_us);
        // A clock that was set back must not lock anybody out for as long as it was.
        let latest_us = now_us + BURST_US;
        *empty_at_us = (*empty_at_us).clamp(now_us, latest_us);
        let filled_us = *empty_at_us + rate.interval_us();
        if filled_us <= latest_us {
            *empty_at_us = filled_us;
            return Ok(());
        }
        let missing_us = filled_us - latest_us;
        let seconds = (missing_us - 1).div_euclid(BURST_US) + 1;
        Err(RetryAfter {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        })
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Throttle")
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn rate(count: u32) -> CallRate {
        CallRate::per_second(count).unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_767_225_600_000 + ms).unwrap()
    }

    /// How many of a hundred requests at this time are let through.
    fn let_through(throttle: &Throttle, credential: i64, ms: i64) -> usize {
        let who = Counted::Credential(credential);
        let take = |_: &i32| throttle.take(who, rate(10), at(ms)).is_ok();
        (0..100).filter(take).count()
    }

    #[test]
    fn a_second_lets_as_many_through_as_it_should_and_fills_evenly() {
        let throttle = Throttle::default();
        assert_eq!(let_through(&throttle, 1, 0), 10);
        assert_eq!(let_through(&throttle, 1, 99), 0);
        assert_eq!(let_through(&throttle, 1, 100), 1);
        assert_eq!(let_through(&throttle, 1, 450), 3);
        assert_eq!(let_through(&throttle, 1, 60_000), 10);
        assert_eq!(let_through(&throttle, 2, 60_000), 10, "each has its own");
        let user = Counted::User(Uuid::from_u128(2));
        assert_eq!(throttle.take(user, rate(1), at(60_000)), Ok(()));
    }

    #[test]
    fn whoever_comes_back_when_told_is_let_in() {
        let throttle = Throttle::default();
        assert_eq!(let_through(&throttle, 1, 0), 10);
        let one = Counted::Credential(1);
        let refused = throttle.take(one, rate(10), at(0)).unwrap_err();
        assert_eq!(refused, RetryAfter { seconds: 1 });
        let later = at(0) + SignedDuration::from_secs(i64::from(refused.seconds));
        assert_eq!(throttle.take(one, rate(10), later), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let throttle = Throttle::default();
        assert_eq!(let_through(&throttle, 1, 3_600_000), 10);
        assert_eq!(let_through(&throttle, 1, 0), 0);
        assert_eq!(let_through(&throttle, 1, 1_000), 10);
    }

    #[test]
    fn a_rate_is_at_least_one_and_has_a_bound() {
        assert_eq!(CallRate::per_second(0), None);
        assert_eq!(CallRate::per_second(CallRate::PER_SECOND_MAX + 1), None);
        assert_eq!(rate(CallRate::PER_SECOND_MAX).count(), 1_000_000);
        let throttle = Throttle::default();
        let (who, one) = (Counted::Credential(1), rate(1));
        assert_eq!(throttle.take(who, one, at(0)), Ok(()));
        assert_eq!(
            throttle.take(who, one, at(999)),
            Err(RetryAfter { seconds: 1 })
        );
        assert_eq!(throttle.take(who, one, at(1_000)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for credential in 0..25_000 {
            let ms = credential * 10;
            let who = Counted::Credential(credential);
            assert_eq!(throttle.take(who, rate(1_000), at(ms)), Ok(()));
        }
        assert!(throttle.empty_at_us.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
