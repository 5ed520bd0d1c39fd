//! Turning an amount of one currency into another: rates, the markup for it, and how to round.
//!
//! Law: a rate that is fed is a whole number of millionths, what follows from it is not rounded, and
//! an amount is rounded once, half up to the minor unit of the target, so that two people with a
//! calculator get the same cent.

use crate::{Amount, Currency, Refusal};

/// How many units of the target currency one unit of the source is worth, in millionths.
///
/// ```
/// use cardwright_core::{Amount, Currency, Quote, Rate};
///
/// let rate = Rate::from_micros(1_085_000).expect("positive");
/// let dinner = Amount::parse("20.01", Currency::EUR).expect("an amount");
/// // 20.01 × 1.085 = 21.71085
/// let dollars = Quote::direct(rate).convert(dinner, Currency::USD);
/// assert_eq!(dollars.map(Amount::minor), Ok(2171));
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
}

/// What one currency is exchanged into another at: a rate that was fed, or what follows from such.
///
/// One rate divided by another stays in two pieces: the millionths of a dong in dollars are so few that
/// rounding them would cost a holder a percent.
///
/// ```
/// use cardwright_core::{Amount, Currency, Quote, Rate};
///
/// let fed = Rate::from_micros(25_400_000_000).expect("positive");
/// let quote = Quote::turned(fed).expect("not too small");
/// let dong = Currency::parse("VND").expect("a currency");
/// let million = Amount::parse("1000000", dong).expect("an amount");
/// // 1,000,000 / 25,400 = 39.370…; the rate says 0.000039.
/// assert_eq!(quote.convert(million, Currency::USD).map(Amount::minor), Ok(3_937));
/// assert_eq!(quote.rate().micros(), 39);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quote {
    by: Rate,
    over: Rate,
    rate: Rate,
}

impl Quote {
    /// The rate of this very direction.
    pub fn direct(rate: Rate) -> Quote {
        Quote {
            by: rate,
            over: Rate::ONE,
            rate,
        }
    }

    /// The rate of the other direction, turned round. Nothing where it is too large for that.
    pub fn turned(fed: Rate) -> Option<Quote> {
        Quote::through(Rate::ONE, fed)
    }

    /// Through a third currency, which one unit of the source and of the target are worth so much of.
    /// Nothing where the result is too small or too large to be a rate.
    pub fn through(source: Rate, target: Rate) -> Option<Quote> {
        let scaled = i128::from(source.0) * i128::from(ONE_MICROS);
        let micros = divide_half_up(scaled, i128::from(target.0));
        let rate = i64::try_from(micros).ok().and_then(Rate::from_micros)?;
        Some(Quote {
            by: source,
            over: target,
            rate,
        })
    }

    /// What is told of it: in whole millionths, half up.
    pub fn rate(self) -> Rate {
        self.rate
    }

    /// The amount in the target currency, half up to its minor unit.
    pub fn convert(self, amount: Amount, to: Currency) -> Result<Amount, Refusal> {
        let up = power_of_ten(to.decimals());
        let down = power_of_ten(amount.currency().decimals()) * i128::from(self.over.0);
        let scaled = (i128::from(amount.minor()) * i128::from(self.by.0))
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
    /// The rate that was used, in whole millionths.
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
        quote: Quote,
        markup_basis_points: i64,
    ) -> Result<Billing, Refusal> {
        let base = quote.convert(amount, to)?;
        let share = i128::from(base.minor()) * i128::from(markup_basis_points);
        let minor = i64::try_from(divide_half_up(share, i128::from(BASIS_POINTS)));
        let markup = minor
            .ok()
            .and_then(|minor| Amount::from_minor(minor, to))
            .ok_or(Refusal::BalanceOverflow)?;
        base.checked_add(markup).ok_or(Refusal::BalanceOverflow)?;
        Ok(Billing {
            base,
            markup,
            rate: quote.rate,
        })
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
    // Not twice the number: that may be more than there is room for.
    let rest = number % by;
    number / by + i128::from(rest >= by - rest)
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

    fn direct(micros: i64) -> Quote {
        Quote::direct(rate(micros))
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
            let got = direct(micros).convert(amount(minor, from), to);
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
            Billing::exchanged(amount(10_000, "EUR"), Currency::USD, direct(1_085_000), 150)
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
            direct(2_000_000).convert(most, Currency::USD),
            Err(Refusal::BalanceOverflow)
        );
        assert_eq!(
            Billing::exchanged(most, Currency::USD, direct(1_000_000), 1),
            Err(Refusal::BalanceOverflow)
        );
        assert_eq!(Rate::from_micros(0), None);
    }

    #[test]
    fn what_is_nearly_too_large_to_be_reckoned_with_is_refused_too() {
        // In pesos of four decimals: the product fits into 128 bits, twice the product does not.
        let fund = Currency::parse("CLF").expect("a currency");
        assert_eq!(
            direct(1_500_000_000_000_000).convert(amount(i64::MAX, "JPY"), fund),
            Err(Refusal::BalanceOverflow)
        );
        assert_eq!(divide_half_up(i128::MAX, 1), i128::MAX);
        assert_eq!(divide_half_up(i128::MAX, 2), i128::MAX / 2 + 1);
    }

    #[test]
    fn a_rate_is_led_through_a_third_currency() {
        // One euro is 1.085 dollars, one pound 1.27: one euro is 0.854331 pounds.
        let quote = Quote::through(rate(1_085_000), rate(1_270_000)).expect("a quote");
        assert_eq!(quote.rate(), rate(854_331));
        // A hundred million euros are 85,433,070.87 pounds, and by the rounded rate 85,433,100.
        let pounds = Currency::parse("GBP").expect("a currency");
        assert_eq!(
            quote
                .convert(amount(10_000_000_000, "EUR"), pounds)
                .map(Amount::minor),
            Ok(8_543_307_087)
        );
        assert_eq!(Quote::turned(rate(i64::MAX)), None);
    }

    #[test]
    fn a_rate_turned_round_costs_what_the_rate_itself_brings() {
        let dong = Currency::parse("VND").expect("a currency");
        let fed = rate(25_400_000_000);
        let there = Quote::direct(fed).convert(amount(10_000, "USD"), dong);
        assert_eq!(there.map(Amount::minor), Ok(2_540_000));
        let back = Quote::turned(fed).expect("a quote");
        let dollars = back.convert(amount(2_540_000, "VND"), Currency::USD);
        assert_eq!(dollars.map(Amount::minor), Ok(10_000));
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
