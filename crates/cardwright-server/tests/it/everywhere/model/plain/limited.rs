//! What limits of a card leave, added up from the list of its authorizations each time.

use super::{DAY_MS, Plain};

/// How long a limit looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Span {
    /// From midnight to midnight.
    Day,
    /// So many milliseconds back; what is exactly so old is outside.
    Back(i64),
}

/// At most so much and so often, as long as it looks.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub span: Span,
    pub amount: i64,
    pub count: usize,
}

impl Plain {
    /// Whether limits are in the way of so much more, and of so many more payments.
    pub(super) fn beyond(&self, of: (usize, i64), (minor, payments): (i64, usize)) -> bool {
        self.cards[of.0].limits.iter().any(|limit| {
            let (amount, count) = self.fullest(of, limit.span);
            let too_much = minor > 0 && amount + minor > limit.amount;
            too_much || (payments > 0 && count + payments > limit.count)
        })
    }

    /// How large the next payment of a card may be.
    pub fn room(&self, card: usize) -> i64 {
        let left = |limit: &Limit| {
            let (amount, count) = self.fullest((card, self.now_ms), limit.span);
            if count < limit.count {
                (limit.amount - amount).max(0)
            } else {
                0
            }
        };
        let limits = self.cards[card].limits.iter();
        limits.map(left).min().unwrap_or(i64::MAX)
    }

    /// What a card has used of a window with this time in it; where several have, of the fullest.
    fn fullest(&self, (card, at): (usize, i64), span: Span) -> (i64, usize) {
        let used = |from: i64, until: i64| {
            let counted = self.authorizations.iter().filter(|made| {
                let inside = (from..until).contains(&made.created_at_ms);
                made.card == card && inside && made.facts.counted > 0
            });
            let count = counted.clone().count();
            let amount: i64 = counted.map(|made| made.facts.counted).sum();
            (amount, count)
        };
        match span {
            Span::Day => {
                let midnight = at - at.rem_euclid(DAY_MS);
                used(midnight, midnight + DAY_MS)
            }
            Span::Back(long) => {
                let made = self.authorizations.iter().map(|made| made.created_at_ms);
                let ends = made.filter(|end| (at..at + long).contains(end));
                let windows = ends.chain([at]).map(|end| used(end - long + 1, end + 1));
                windows.fold((0_i64, 0_usize), |most, one| {
                    (most.0.max(one.0), most.1.max(one.1))
                })
            }
        }
    }
}
