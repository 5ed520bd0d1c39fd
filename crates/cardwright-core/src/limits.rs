//! Limits: how much and how often, within which time.
//!
//! Law: a window's beginning and end are those of the tenant's calendar, days of 23 and 25 hours
//! included; more usage never leaves more room; what remains is never negative.

use jiff::{SignedDuration, Span, ToSpan, civil::Date, tz::TimeZone};

use crate::Timestamp;

/// The time over which usage is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Window {
    /// Each transaction by itself.
    PerTransaction,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
    /// From New Year to New Year.
    Year,
    /// From the beginning, for ever.
    Lifetime,
    /// The seconds before now: what happened exactly so long ago no longer counts.
    Sliding {
        /// How many, from 1 to [`Window::LONGEST_SLIDING_SECONDS`].
        seconds: u32,
    },
}

impl Window {
    /// 31 days. Sliding windows are counted authorization by authorization, so they end somewhere.
    pub const LONGEST_SLIDING_SECONDS: u32 = 2_678_400;

    /// Every window that has no length of its own to choose.
    const NAMED: [Window; 6] = [
        Window::PerTransaction,
        Window::Day,
        Window::Week,
        Window::Month,
        Window::Year,
        Window::Lifetime,
    ];

    /// The stored word, also the one on the wire; the length of a sliding window stands beside it.
    pub fn word(self) -> &'static str {
        match self {
            Window::PerTransaction => "per_transaction",
            Window::Day => "day",
            Window::Week => "week",
            Window::Month => "month",
            Window::Year => "year",
            Window::Lifetime => "lifetime",
            Window::Sliding { .. } => "sliding",
        }
    }

    /// The length of a sliding window.
    pub fn seconds(self) -> Option<u32> {
        match self {
            Window::Sliding { seconds } => Some(seconds),
            Window::PerTransaction
            | Window::Day
            | Window::Week
            | Window::Month
            | Window::Year
            | Window::Lifetime => None,
        }
    }

    /// Reads a word with the length beside it, which only a sliding window has.
    ///
    /// ```
    /// use cardwright_core::Window;
    ///
    /// assert_eq!(Window::from_word("day", None), Some(Window::Day));
    /// assert_eq!(Window::from_word("sliding", Some(60)), Some(Window::Sliding { seconds: 60 }));
    /// assert_eq!(Window::from_word("sliding", None), None, "how long?");
    /// assert_eq!(Window::from_word("day", Some(60)), None, "a day is as long as it is");
    /// ```
    pub fn from_word(word: &str, seconds: Option<u32>) -> Option<Window> {
        match seconds {
            Some(seconds) => (word == "sliding"
                && (1..=Window::LONGEST_SLIDING_SECONDS).contains(&seconds))
            .then_some(Window::Sliding { seconds }),
            None => Window::NAMED
                .into_iter()
                .find(|window| window.word() == word),
        }
    }

    /// The instants a window around `at` covers, in the tenant's time zone; nothing for a window of
    /// one transaction, which no other transaction shares.
    pub fn period(self, at: Timestamp, zone: &TimeZone) -> Option<Period> {
        let date = at.to_zoned(zone.clone()).date();
        match self {
            Window::PerTransaction => None,
            Window::Day => Some(calendar(date, 1.day(), zone)),
            Window::Week => {
                let since_monday = i64::from(date.weekday().to_monday_zero_offset());
                let monday = date.saturating_sub(since_monday.days());
                Some(calendar(monday, 1.week(), zone))
            }
            Window::Month => Some(calendar(date.first_of_month(), 1.month(), zone)),
            Window::Year => Some(calendar(date.first_of_year(), 1.year(), zone)),
            Window::Lifetime => Some(Period {
                start: None,
                end: None,
            }),
            Window::Sliding { seconds } => {
                // Time is kept in whole milliseconds: the first one after the excluded instant.
                let back = SignedDuration::from_millis(1 - i64::from(seconds) * 1_000);
                Some(Period {
                    start: at.checked_add(back).ok(),
                    end: None,
                })
            }
        }
    }

    /// When the window around `at` began; nothing where it reaches back for ever or is one
    /// transaction's own.
    pub fn start(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.period(at, zone)?.start
    }
}

/// The first instant of a date, and that of the date a span later. Where midnight does not exist,
/// the day begins with the first instant that does; where it comes twice, with the earlier one.
fn calendar(first: Date, length: Span, zone: &TimeZone) -> Period {
    let begins = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).ok();
    Period {
        start: begins(first),
        end: first.checked_add(length).ok().and_then(begins),
    }
}

/// The instants of a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// The first one; nothing where the window reaches back for ever.
    pub start: Option<Timestamp>,
    /// The first one that is outside again; nothing where the window moves on by itself or never
    /// ends.
    pub end: Option<Timestamp>,
}

/// A limit: within a window, at most so much, so often, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Within which time.
    pub window: Window,
    /// At most this much, in minor units of the currency of the card's account.
    pub amount_minor: Option<i64>,
    /// At most so many transactions.
    pub count: Option<u32>,
}

/// What authorizations have used of a window: those that were approved and not given back whole.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Usage {
    /// How much, in minor units of the currency of the account.
    pub amount_minor: i64,
    /// How many.
    pub count: i64,
}

/// What is asked for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A transaction that was not there before.
    New {
        /// How much, in minor units of the currency of the account.
        amount_minor: i64,
    },
    /// More for a transaction that is counted already.
    More {
        /// How much more.
        amount_minor: i64,
        /// How much it counts so far.
        counted_minor: i64,
    },
}

impl Limit {
    /// Whether the limit allows what is asked for, after what was used of its window.
    pub fn allows(&self, used: Usage, asked: Asked) -> bool {
        let (amount, own, new) = match asked {
            Asked::New { amount_minor } => (amount_minor, 0, 1),
            Asked::More {
                amount_minor,
                counted_minor,
            } => (amount_minor, counted_minor, 0),
        };
        let before = match self.window {
            Window::PerTransaction => own,
            Window::Day
            | Window::Week
            | Window::Month
            | Window::Year
            | Window::Lifetime
            | Window::Sliding { .. } => used.amount_minor,
        };
        // Nothing more is never too much, also where a stand-in decision went over the limit.
        let enough = |most: i64| amount == 0 || before.saturating_add(amount) <= most;
        let rare_enough = |most: u32| new == 0 || used.count.saturating_add(new) <= i64::from(most);
        self.amount_minor.is_none_or(enough) && self.count.is_none_or(rare_enough)
    }

    /// The largest amount of a new transaction that the limit allows: nothing where it allows no
    /// further transaction, and [`i64::MAX`] where it does not limit amounts.
    pub fn room(&self, used: Usage) -> i64 {
        if self.count_left(used) == Some(0) {
            return 0;
        }
        self.amount_left(used).unwrap_or(i64::MAX)
    }

    /// What is left of the limit's amount.
    pub fn amount_left(&self, used: Usage) -> Option<i64> {
        let used_minor = match self.window {
            Window::PerTransaction => 0,
            Window::Day
            | Window::Week
            | Window::Month
            | Window::Year
            | Window::Lifetime
            | Window::Sliding { .. } => used.amount_minor,
        };
        self.amount_minor
            .map(|most| most.saturating_sub(used_minor).max(0))
    }

    /// What is left of the limit's number of transactions.
    pub fn count_left(&self, used: Usage) -> Option<i64> {
        self.count
            .map(|most| i64::from(most).saturating_sub(used.count).max(0))
    }
}

/// A limit with what was used of it and what is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remaining {
    /// The limit.
    pub limit: Limit,
    /// What was used of its window; nothing for a window of one transaction.
    pub used: Usage,
    /// The largest amount it still allows, where it limits amounts; never negative.
    pub amount_minor: Option<i64>,
    /// How many transactions it still allows, where it limits their number; never negative.
    pub count: Option<i64>,
    /// When its window begins anew; nothing where that never happens, or a little at a time.
    pub resets_at: Option<Timestamp>,
}

impl Limit {
    /// What is left of the limit at an instant.
    pub fn remaining(&self, used: Usage, at: Timestamp, zone: &TimeZone) -> Remaining {
        Remaining {
            limit: *self,
            used,
            amount_minor: self.amount_left(used),
            count: self.count_left(used),
            resets_at: self.window.period(at, zone).and_then(|period| period.end),
        }
    }
}

/// Whose authorizations are counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UsageSubject {
    /// Those of one card.
    Card,
    /// Those of all cards that spend from an account.
    Account,
}

impl UsageSubject {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            UsageSubject::Card => "card",
            UsageSubject::Account => "account",
        }
    }
}

/// What was used of each window that a decision needs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Usages(Vec<(UsageSubject, Window, Usage)>);

impl Usages {
    /// Nothing used of any window.
    pub fn none() -> Usages {
        Usages::default()
    }

    /// Says what was used of a window.
    pub fn set(&mut self, subject: UsageSubject, window: Window, usage: Usage) {
        self.0
            .retain(|known| (known.0, known.1) != (subject, window));
        self.0.push((subject, window, usage));
    }

    /// What was used of a window; nothing where nobody said.
    pub fn get(&self, subject: UsageSubject, window: Window) -> Usage {
        self.0
            .iter()
            .find(|known| (known.0, known.1) == (subject, window))
            .map(|known| known.2)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
