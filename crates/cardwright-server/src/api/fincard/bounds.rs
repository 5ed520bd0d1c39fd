//! How much time one question may span, and what is asked where it does not say.

use cardwright_core::{Refusal, Timestamp};
use cardwright_wire::fincard::page::TimeRange;

use crate::error::{Error, Result};

const DAY_MS: i64 = 86_400_000;

/// The ends of a range of so many days at most: where no end is said, as far as that is from its start
/// and up to now; the last days before its end where no start is.
///
/// Whoever asks for the last thirty days by their start does so a moment before we look at the clock.
pub(super) fn within(
    range: TimeRange,
    days: i64,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp)> {
    let span = days * DAY_MS;
    let now_ms = now.as_millisecond();
    let (start, end) = match (range.start_ms, range.end_ms) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) => (start, start.saturating_add(span).min(now_ms)),
        (None, end) => {
            let end = end.unwrap_or(now_ms);
            (end.saturating_sub(span), end)
        }
    };
    if end.saturating_sub(start) > span {
        return Err(Refusal::TimeRangeTooLong.into());
    }
    let instant = |ms, field| Timestamp::from_millisecond(ms).map_err(|_| Error::Invalid(field));
    Ok((instant(start, "startTime")?, instant(end, "endTime")?))
}

/// The ends of a range of any length; an absent end is open.
pub(super) fn open(range: TimeRange) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let instant = |ms: Option<i64>, field| {
        ms.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| Error::Invalid(field)))
            .transpose()
    };
    Ok((
        instant(range.start_ms, "startTime")?,
        instant(range.end_ms, "endTime")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(start_ms: Option<i64>, end_ms: Option<i64>) -> std::result::Result<(i64, i64), String> {
        let now = Timestamp::from_millisecond(100 * DAY_MS).expect("an instant");
        let ends = within(TimeRange { start_ms, end_ms }, 30, now);
        ends.map(|(start, end)| (start.as_millisecond(), end.as_millisecond()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_range_is_the_last_days_unless_it_says_otherwise_and_never_longer() {
        assert_eq!(of(None, None), Ok((70 * DAY_MS, 100 * DAY_MS)));
        assert_eq!(of(Some(80 * DAY_MS), None), Ok((80 * DAY_MS, 100 * DAY_MS)));
        assert_eq!(of(None, Some(50 * DAY_MS)), Ok((20 * DAY_MS, 50 * DAY_MS)));
        assert_eq!(of(None, Some(0)), Ok((-30 * DAY_MS, 0)));
        assert_eq!(of(Some(0), Some(30 * DAY_MS)), Ok((0, 30 * DAY_MS)));
        let too_long = Err("refused: time_range_too_long".to_owned());
        assert_eq!(of(Some(0), Some(30 * DAY_MS + 1)), too_long);
        assert_eq!(of(Some(9), Some(5)), Ok((9, 5)), "nothing lies in it");
    }

    #[test]
    fn a_range_without_an_end_goes_as_far_as_it_may() {
        let start = 70 * DAY_MS - 5;
        assert_eq!(of(Some(start), None), Ok((start, 100 * DAY_MS - 5)));
        assert_eq!(of(Some(0), None), Ok((0, 30 * DAY_MS)));
        let later = 101 * DAY_MS;
        assert_eq!(
            of(Some(later), None),
            Ok((later, 100 * DAY_MS)),
            "nothing yet"
        );
        assert_eq!(
            of(Some(i64::MAX), None),
            Err("invalid: startTime".to_owned())
        );
    }
}
