//! Turning an amount of one currency into another: rates, the markup for it, and how to round.
//!
//! Law: a rate is a whole number of millionths, and every rounding is half up to the minor unit
//! of the target, so that two people with a calculator get the same cent.

use crate::{Amount, Currency, Refusal};

/// How many units of the target currency one unit of the source is worth, in millionths.
///
/// ```
/// use cardwright_core::{Amount, Currency, Rate};
///
/// let rate = Rate::from_micros(1_085_000).expect("positive");
/// let dinner = Amount::parse("20.01", Currency::EUR).expect("an amount");
/// // 20.01 × 1.085 = 21.71085
/// assert_eq!(rate.convert(dinner, Currency::USD).map(Amount::minor), Ok(2171));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rate(i64);

/// A rate of one.
const ONE_MICROS: i64 = 1_000_000;
/// A markup of a hundred percent.
const BASIS_POINTS: i64 = 10_000;

impl Rate {
    /// One to one.
    pub const ONE: Rate = Rate(ONE_MICROS);

    /// A rate from millionths; nothing where they are not positive.
    pub fn from_micros(micros: i64) -> Option<Rate> {
        (micros > 0).then_some(Rate(micros))
    }

    /// Millionths.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The rate the other way round, or through a common third currency: `self` divided by
    /// `other`, half up. Nothing where the result is too small or too large to be one.
    pub fn over(self, other: Rate) -> Option<Rate> {
        let scaled = i128::from(self.0) * i128::from(ONE_MICROS);
        let micros = divide_half_up(scaled, i128::from(other.0));
        i64::try_from(micros).ok().and_then(Rate::from_micros)
    }

    /// The amount in the target currency, half up to its minor unit.
    pub fn convert(self, amount: Amount, to: Currency) -> Result<Amount, Refusal> {
        let up = power_of_ten(to.decimals());
        let down = power_of_ten(amount.currency().decimals()) * i128::from(ONE_MICROS);
        let scaled = (i128::from(amount.minor()) * i128::from(self.0))
            .checked_mul(up)
            .ok_or(Refusal::BalanceOverflow)?;
        let minor = i64::try_from(divide_half_up(scaled, down));
        minor
            .ok()
            .and_then(|minor| Amount::from_minor(minor, to))
            .ok_or(Refusal::BalanceOverflow)
    }
}

/// What a payment in another currency costs its holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Billing {
    /// The amount in the account's currency, without the markup.
    pub base: Amount,
    /// What the platform takes for the exchange; zero where there was none.
    pub markup: Amount,
    /// The rate that was used.
    pub rate: Rate,
}

impl Billing {
    /// An amount that is in the account's currency already.
    pub fn plain(amount: Amount) -> Billing {
        Billing {
            base: amount,
            markup: Amount::zero(amount.currency()),
            rate: Rate::ONE,
        }
    }

    /// Exchanges an amount. The markup is a share of the exchanged amount, half up.
    pub fn exchanged(
        amount: Amount,
        to: Currency,
        rate: Rate,
        markup_basis_points: i64,
    ) -> Result<Billing, Refusal> {
        let base = rate.convert(amount, to)?;
        let share = i128::from(base.minor()) * i128::from(markup_basis_points);
        let minor = i64::try_from(divide_half_up(share, i128::from(BASIS_POINTS)));
        let markup = minor
            .ok()
            .and_then(|minor| Amount::from_minor(minor, to))
            .ok_or(Refusal::BalanceOverflow)?;
        base.checked_add(markup).ok_or(Refusal::BalanceOverflow)?;
        Ok(Billing { base, markup, rate })
    }

    /// What the holder pays, in minor units.
    pub fn total_minor(self) -> i64 {
        // Checked where it was made.
        self.base.minor().saturating_add(self.markup.minor())
    }

    /// What the holder pays.
    pub fn total(self) -> Amount {
        Amount::from_minor(self.total_minor(), self.base.currency()).unwrap_or(self.base)
    }
}

/// A part of a whole as a share of another number, half up: how much of a hold belongs to how much
/// of a payment. All of it when the part is all of `of`.
pub fn proportion(whole_minor: i64, part: i64, of: i64) -> i64 {
    if of <= 0 || part >= of {
        return whole_minor;
    }
    let scaled = i128::from(whole_minor) * i128::from(part.max(0));
    i64::try_from(divide_half_up(scaled, i128::from(of))).unwrap_or(whole_minor)
}

fn power_of_ten(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}

/// Both not negative, the second not zero.
fn divide_half_up(number: i128, by: i128) -> i128 {
    (number * 2 + by) / (by * 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(minor: i64, code: &str) -> Amount {
        let currency = Currency::parse(code).expect("a currency");
        Amount::from_minor(minor, currency).expect("not negative")
    }

    fn rate(micros: i64) -> Rate {
        Rate::from_micros(micros).expect("positive")
    }

    #[test]
    fn amounts_are_exchanged_half_up_between_currencies_of_any_decimals() {
        // minor, from, rate in millionths, to, minor
        let table = [
            (10_000, "EUR", 1_085_000, "USD", 10_850),
            (1, "EUR", 500_000, "USD", 1), // half a cent goes up
            (1, "EUR", 499_999, "USD", 0),
            (1_000, "JPY", 6_700, "USD", 670), // 1000 yen, no decimals
            (1_234, "USD", 149_250_000, "JPY", 1_842),
            (1_000, "KWD", 3_250_000, "USD", 325), // one dinar has three decimals
            (325, "USD", 307_692, "KWD", 1_000),
            (0, "EUR", 1_085_000, "USD", 0),
        ];
        for (minor, from, micros, to, expected) in table {
            let to = Currency::parse(to).expect("a currency");
            let got = rate(micros).convert(amount(minor, from), to);
            assert_eq!(
                got.map(Amount::minor),
                Ok(expected),
                "{minor} {from} -> {to}"
            );
        }
    }

    #[test]
    fn the_markup_is_a_rounded_share_on_top() {
        let billing =
            Billing::exchanged(amount(10_000, "EUR"), Currency::USD, rate(1_085_000), 150)
                .expect("fits");
        assert_eq!(
            (billing.base.minor(), billing.markup.minor()),
            (10_850, 163)
        );
        assert_eq!(billing.total().minor(), 11_013);
        let plain = Billing::plain(amount(500, "USD"));
        assert_eq!((plain.total_minor(), plain.markup.minor()), (500, 0));
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let most = amount(i64::MAX, "EUR");
        assert_eq!(
            rate(2_000_000).convert(most, Currency::USD),
            Err(Refusal::BalanceOverflow)
        );
        assert_eq!(
            Billing::exchanged(most, Currency::USD, Rate::ONE, 1),
            Err(Refusal::BalanceOverflow)
        );
        assert_eq!(Rate::from_micros(0), None);
    }

    #[test]
    fn a_rate_is_led_through_a_third_currency() {
        // One euro is 1.085 dollars, one pound 1.27: one euro is 0.854331 pounds.
        assert_eq!(rate(1_085_000).over(rate(1_270_000)), Some(rate(854_331)));
        assert_eq!(Rate::ONE.over(rate(i64::MAX)), None);
    }

    proptest! {
        #[test]
        fn shares_never_exceed_the_whole(whole in 0..i64::MAX, part in 0..i64::MAX, of in 1..i64::MAX) {
            let share = proportion(whole, part, of);
            prop_assert!((0..=whole).contains(&share));
            if part >= of { prop_assert_eq!(share, whole); }
        }
    }
}
