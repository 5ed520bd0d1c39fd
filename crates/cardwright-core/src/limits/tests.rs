//! Limits and the calendar: tables of instants and amounts.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Runs a table: zone, window, instant, first instant inside, first instant outside again.
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, window, now, start, end] = words.as_slice() else {
            panic!("what is {line}?");
        };
        let window = Window::from_word(window, None).unwrap();
        let period = window.period(at(now), &zone(name)).unwrap();
        assert_eq!(period.start, Some(at(start)), "start: {line}");
        assert_eq!(period.end, Some(at(end)), "end: {line}");
        assert_eq!(
            window.start(at(now), &zone(name)),
            Some(at(start)),
            "{line}"
        );
    }
}

#[test]
fn windows_begin_and_end_by_the_calendar_of_the_tenant() {
    check(
        "
        UTC              day    2026-03-14T10:00:00Z   2026-03-14T00:00:00Z   2026-03-15T00:00:00Z
        UTC              day    2026-03-14T00:00:00Z   2026-03-14T00:00:00Z   2026-03-15T00:00:00Z
        UTC              week   2026-03-15T23:59:59Z   2026-03-09T00:00:00Z   2026-03-16T00:00:00Z
        UTC              week   2026-03-16T00:00:00Z   2026-03-16T00:00:00Z   2026-03-23T00:00:00Z
        UTC              month  2026-02-28T12:00:00Z   2026-02-01T00:00:00Z   2026-03-01T00:00:00Z
        UTC              month  2028-02-29T12:00:00Z   2028-02-01T00:00:00Z   2028-03-01T00:00:00Z
        UTC              year   2026-12-31T23:59:59Z   2026-01-01T00:00:00Z   2027-01-01T00:00:00Z
        Europe/Vilnius   day    2026-01-31T22:00:00Z   2026-01-31T22:00:00Z   2026-02-01T22:00:00Z
        Europe/Vilnius   month  2026-01-31T22:00:00Z   2026-01-31T22:00:00Z   2026-02-28T22:00:00Z
        Europe/Vilnius   year   2026-12-31T22:30:00Z   2026-12-31T22:00:00Z   2027-12-31T22:00:00Z
        America/New_York day    2026-07-01T03:59:59Z   2026-06-30T04:00:00Z   2026-07-01T04:00:00Z
        Asia/Kathmandu   day    2026-05-05T18:15:00Z   2026-05-05T18:15:00Z   2026-05-06T18:15:00Z
        Asia/Kathmandu   day    2026-05-05T18:14:59Z   2026-05-04T18:15:00Z   2026-05-05T18:15:00Z
        Asia/Kathmandu   week   2026-05-10T18:14:59Z   2026-05-03T18:15:00Z   2026-05-10T18:15:00Z
    ",
    );
}

#[test]
fn days_of_23_and_25_hours_are_one_day_each() {
    // Lithuania turns its clocks on 29 March and 25 October 2026, New York on 8 March and
    // 1 November. Beirut turns them at midnight: that day has no 00:00 and begins at 01:00.
    check(
        "
        Europe/Vilnius   day    2026-03-29T12:00:00Z   2026-03-28T22:00:00Z   2026-03-29T21:00:00Z
        Europe/Vilnius   day    2026-10-25T12:00:00Z   2026-10-24T21:00:00Z   2026-10-25T22:00:00Z
        Europe/Vilnius   week   2026-03-29T12:00:00Z   2026-03-22T22:00:00Z   2026-03-29T21:00:00Z
        Europe/Vilnius   month  2026-10-31T21:59:59Z   2026-09-30T21:00:00Z   2026-10-31T22:00:00Z
        America/New_York day    2026-03-08T12:00:00Z   2026-03-08T05:00:00Z   2026-03-09T04:00:00Z
        America/New_York day    2026-11-01T05:30:00Z   2026-11-01T04:00:00Z   2026-11-02T05:00:00Z
        America/New_York day    2026-11-01T06:30:00Z   2026-11-01T04:00:00Z   2026-11-02T05:00:00Z
        America/New_York year   2026-11-01T06:30:00Z   2026-01-01T05:00:00Z   2027-01-01T05:00:00Z
        Asia/Beirut      day    2026-03-29T12:00:00Z   2026-03-28T22:00:00Z   2026-03-29T21:00:00Z
    ",
    );
}

#[test]
fn a_lifetime_never_ends_and_a_transaction_is_its_own_window() {
    let now = at("2026-03-14T10:00:00Z");
    let for_ever = Period {
        start: None,
        end: None,
    };
    let utc = TimeZone::UTC;
    assert_eq!(Window::Lifetime.period(now, &utc), Some(for_ever));
    assert_eq!(Window::PerTransaction.period(now, &utc), None);
}

#[test]
fn a_sliding_window_lets_go_after_exactly_its_seconds() {
    let window = Window::Sliding { seconds: 60 };
    let now = at("2026-03-14T10:01:00Z");
    let start = window.start(now, &TimeZone::UTC).unwrap();
    assert!(at("2026-03-14T10:00:00Z") < start, "60 s ago: over");
    assert!(at("2026-03-14T10:00:00.001Z") >= start, "still inside");
    let resets_at = window.period(now, &TimeZone::UTC).and_then(|it| it.end);
    assert_eq!(resets_at, None, "it moves on by itself");
}

#[test]
fn at_the_ends_of_time_windows_are_open() {
    for window in [Window::Day, Window::Week, Window::Month, Window::Year] {
        let east = TimeZone::get("Pacific/Kiritimati").unwrap();
        assert!(window.period(Timestamp::MAX, &east).is_some(), "{window:?}");
        assert!(window.period(Timestamp::MIN, &east).is_some(), "{window:?}");
    }
}

#[test]
fn windows_read_back_from_their_words() {
    for window in Window::NAMED {
        assert_eq!(
            Window::from_word(window.word(), window.seconds()),
            Some(window)
        );
    }
    for seconds in [1, 2_678_400] {
        let window = Window::Sliding { seconds };
        assert_eq!(
            Window::from_word(window.word(), window.seconds()),
            Some(window)
        );
    }
    for (word, seconds) in [
        ("sliding", None),
        ("sliding", Some(0)),
        ("sliding", Some(2_678_401)),
        ("day", Some(86_400)),
        ("hour", None),
    ] {
        assert_eq!(Window::from_word(word, seconds), None, "{word} {seconds:?}");
    }
}

fn number<T: std::str::FromStr>(word: &str) -> Option<T> {
    word.parse().ok()
}

/// Runs a table about daily limits: amount and count (`-` for none), what was used, what is asked,
/// and whether that is allowed.
fn judge(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [window, amount, count, used, times, asked, outcome] = words.as_slice() else {
            panic!("what is {line}?");
        };
        let limit = Limit {
            window: Window::from_word(window, None).unwrap(),
            amount_minor: number(amount),
            count: number(count),
        };
        let used = Usage {
            amount_minor: number(used).unwrap(),
            count: number(times).unwrap(),
        };
        let asked = match asked.split_once('+') {
            Some((counted, more)) => Asked::More {
                amount_minor: number(more).unwrap(),
                counted_minor: number(counted).unwrap(),
            },
            None => Asked::New {
                amount_minor: number(asked).unwrap(),
            },
        };
        let expected = match *outcome {
            "ok" => true,
            "no" => false,
            other => panic!("what is {other}?"),
        };
        assert_eq!(limit.allows(used, asked), expected, "{line}");
    }
}

#[test]
fn a_limit_is_reached_exactly_and_never_passed() {
    judge(
        "
        day              10000   -   0                    0   10000   ok
        day              10000   -   0                    0   10001   no
        day              10000   -   9000                 4   1000    ok
        day              10000   -   9000                 4   1001    no
        day              10000   -   12000                4   0       ok
        day              10000   -   12000                4   1       no
        day              -       3   999999               2   500     ok
        day              -       3   0                    3   0       no
        day              -       0   0                    0   1       no
        day              10000   3   9000                 3   500     no
        day              0       -   0                    0   0       ok
        day              0       -   0                    0   1       no
        lifetime         10000   -   9223372036854775807  1   1       no
        per_transaction  5000    -   900000               9   5000    ok
        per_transaction  5000    -   0                    0   5001    no
    ",
    );
}

#[test]
fn raising_an_authorization_is_no_new_transaction_but_has_to_fit() {
    judge(
        "
        day              10000   -   9000   1   9000+1000   ok
        day              10000   -   9000   1   9000+1001   no
        day              -       1   9000   1   9000+1000   ok
        per_transaction  5000    -   4000   1   4000+1000   ok
        per_transaction  5000    -   4000   1   4000+1001   no
    ",
    );
}

#[test]
fn what_remains_is_never_negative_and_says_when_it_comes_back() {
    let limit = Limit {
        window: Window::Day,
        amount_minor: Some(10_000),
        count: Some(3),
    };
    let now = at("2026-03-29T12:00:00Z");
    let used = |amount_minor, count| Usage {
        amount_minor,
        count,
    };
    let vilnius = zone("Europe/Vilnius");
    let left = limit.remaining(used(2_500, 1), now, &vilnius);
    assert_eq!((left.amount_minor, left.count), (Some(7_500), Some(2)));
    assert_eq!(left.resets_at, Some(at("2026-03-29T21:00:00Z")));
    let spent = limit.remaining(used(12_000, 5), now, &vilnius);
    assert_eq!((spent.amount_minor, spent.count), (Some(0), Some(0)));

    let only_count = Limit {
        amount_minor: None,
        ..limit
    };
    let left = only_count.remaining(used(2_500, 1), now, &vilnius);
    assert_eq!((left.amount_minor, left.count), (None, Some(2)));
}

proptest! {
    #[test]
    fn every_instant_lies_in_its_own_windows(
        milliseconds in 0..4_102_444_800_000_i64,
        name in prop::sample::select(vec![
            "UTC", "Europe/Vilnius", "America/New_York", "Asia/Kathmandu", "Asia/Beirut",
            "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo",
        ]),
    ) {
        let now = Timestamp::from_millisecond(milliseconds).unwrap();
        let zone = zone(name);
        for window in [Window::Day, Window::Week, Window::Month, Window::Year] {
            let period = window.period(now, &zone).unwrap();
            let (start, end) = (period.start.unwrap(), period.end.unwrap());
            prop_assert!(start <= now && now < end, "{window:?} {start} {now} {end}");
            prop_assert_eq!(window.period(start, &zone), Some(period), "its first instant");
            let next = window.start(end, &zone);
            prop_assert_eq!(next, Some(end), "one begins where the other ends");
        }
    }
}
