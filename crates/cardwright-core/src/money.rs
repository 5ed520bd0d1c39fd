//! Money: whole minor units of one currency, parsed and printed only at the edges.
//!
//! Law: no floating point, no unchecked arithmetic, no amount without its currency.

use std::fmt;

/// An ISO 4217 currency with its number of decimals.
///
/// ```
/// use cardwright_core::Currency;
///
/// assert_eq!(Currency::parse("JPY").map(Currency::decimals), Some(0));
/// assert_eq!(Currency::parse("usd"), None, "codes are capitals");
/// assert_eq!(Currency::parse("XAU"), None, "gold has no minor units");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// United States dollar, the currency of the seeded products.
    pub const USD: Currency = Currency(iso_currency::Currency::USD);
    /// Euro.
    pub const EUR: Currency = Currency(iso_currency::Currency::EUR);

    /// Reads an ISO 4217 alphabetic code; codes without minor units (metals, test codes, the
    /// "no currency" code) are not money here.
    pub fn parse(code: &str) -> Option<Currency> {
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let currency = iso_currency::Currency::from_code(code)?;
        currency.exponent()?;
        Some(Currency(currency))
    }

    /// The alphabetic code, three capitals.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals an amount of this currency has.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// Prints minor units with all decimals of the currency; balances may be negative.
    ///
    /// ```
    /// use cardwright_core::Currency;
    ///
    /// assert_eq!(Currency::USD.print(-5), "-0.05");
    /// ```
    pub fn print(self, minor: i64) -> String {
        let decimals = self.decimals() as usize;
        let sign = if minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if decimals == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a text is not an amount of a currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AmountError {
    /// Not a plain decimal number: sign, exponent, separators, blanks, or no digits at all.
    NotDecimal,
    /// More decimals than the currency has, and not all of them zero.
    TooManyDecimals,
    /// More than the ledger can count.
    TooLarge,
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AmountError::NotDecimal => "not a plain decimal number",
            AmountError::TooManyDecimals => "more decimals than the currency has",
            AmountError::TooLarge => "larger than the ledger can count",
        })
    }
}

impl std::error::Error for AmountError {}

/// Money as the ledger counts it: whole minor units of one currency, never negative.
///
/// Direction lives in the transfer (who pays, who receives), so an amount needs no sign.
///
/// ```
/// use cardwright_core::{Amount, Currency};
///
/// let coffee = Amount::parse("3.50", Currency::EUR)?;
/// assert_eq!(coffee.minor(), 350);
/// assert_eq!(coffee.to_string(), "3.50");
/// assert!(Amount::parse("3.505", Currency::EUR).is_err(), "a euro has two decimals");
/// assert!(Amount::parse("3.500", Currency::EUR).is_ok(), "zeros take nothing away");
/// # Ok::<(), cardwright_core::AmountError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

impl Amount {
    /// Nothing of a currency.
    pub fn zero(currency: Currency) -> Amount {
        Amount { minor: 0, currency }
    }

    /// An amount from minor units, or nothing when they are negative.
    pub fn from_minor(minor: i64, currency: Currency) -> Option<Amount> {
        (minor >= 0).then_some(Amount { minor, currency })
    }

    /// Reads `digits[.digits]`; no sign, exponent, blanks or separators.
    pub fn parse(text: &str, currency: Currency) -> Result<Amount, AmountError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(AmountError::NotDecimal),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(AmountError::NotDecimal);
        }
        let decimals = currency.decimals() as usize;
        let (kept, rest) = fraction.split_at(fraction.len().min(decimals));
        if rest.bytes().any(|byte| byte != b'0') {
            return Err(AmountError::TooManyDecimals);
        }
        let mut minor: i64 = 0;
        let padding = std::iter::repeat_n(b'0', decimals - kept.len());
        for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
            minor = minor
                .checked_mul(10)
                .and_then(|shifted| shifted.checked_add(i64::from(digit - b'0')))
                .ok_or(AmountError::TooLarge)?;
        }
        Ok(Amount { minor, currency })
    }

    /// Minor units, never negative.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency the units are of.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether there is nothing.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum, unless the currencies differ or the ledger could not count it.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        if self.currency != other.currency {
            return None;
        }
        let minor = self.minor.checked_add(other.minor)?;
        Some(Amount {
            minor,
            currency: self.currency,
        })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.currency.print(self.minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_amount_is_only_a_plain_decimal() {
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", " 1", "1 ", "٣", "0x1",
        ] {
            assert_eq!(
                Amount::parse(text, Currency::USD),
                Err(AmountError::NotDecimal),
                "{text}"
            );
        }
        assert_eq!(
            Amount::parse("0.001", Currency::USD),
            Err(AmountError::TooManyDecimals)
        );
        assert_eq!(
            Amount::parse("92233720368547758.08", Currency::USD),
            Err(AmountError::TooLarge)
        );
        assert_eq!(
            Amount::parse("92233720368547758.07", Currency::USD).map(Amount::minor),
            Ok(i64::MAX)
        );
    }

    #[test]
    fn each_currency_brings_its_own_decimals() {
        let dinar = Currency::parse("KWD").expect("a real currency");
        let yen = Currency::parse("JPY").expect("a real currency");
        assert_eq!(Amount::parse("1.5", dinar).map(Amount::minor), Ok(1500));
        assert_eq!(Amount::parse("15", yen).map(Amount::minor), Ok(15));
        assert_eq!(
            Amount::parse("15.5", yen),
            Err(AmountError::TooManyDecimals)
        );
        assert_eq!(yen.print(-15), "-15");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same_money(minor in 0..=i64::MAX) {
            for currency in ["USD", "JPY", "KWD"].map(|code| Currency::parse(code).expect("real")) {
                let amount = Amount::from_minor(minor, currency).expect("not negative");
                prop_assert_eq!(Amount::parse(&amount.to_string(), currency), Ok(amount));
            }
        }

        #[test]
        fn sums_never_wrap(left in 0..=i64::MAX, right in 0..=i64::MAX) {
            let sum = Amount { minor: left, currency: Currency::USD }
                .checked_add(Amount { minor: right, currency: Currency::USD });
            prop_assert_eq!(sum.map(|sum| i128::from(sum.minor)),
                Some(i128::from(left) + i128::from(right)).filter(|sum| *sum <= i128::from(i64::MAX)));
        }
    }
}
