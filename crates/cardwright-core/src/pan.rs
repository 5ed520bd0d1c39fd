//! Card numbers: how one is made, checked and shown.
//!
//! Law: the full number never prints itself; what may be seen is at most first six, last four.

use std::fmt;

use zeroize::Zeroize;

/// Why digits are not a card number or not a range of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PanError {
    /// Something other than digits, or too few or too many.
    Shape,
    /// The last digit does not fit the others (ISO/IEC 7812-1 annex B).
    CheckDigit,
}

impl fmt::Display for PanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PanError::Shape => "not 12 to 19 digits",
            PanError::CheckDigit => "check digit does not fit",
        })
    }
}

impl std::error::Error for PanError {}

/// The first digits of every number of a product: six to eight of them (ISO/IEC 7812).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bin(String);

impl Bin {
    /// Takes six to eight digits.
    pub fn parse(digits: &str) -> Result<Bin, PanError> {
        let plain = (6..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain {
            Ok(Bin(digits.to_owned()))
        } else {
            Err(PanError::Shape)
        }
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// Length of the numbers we issue.
const ISSUED_LENGTH: usize = 16;

/// A full card number. It hides itself and is wiped when dropped.
///
/// ```
/// use cardwright_core::{Bin, Pan};
///
/// let pan = Pan::issue(&Bin::parse("424242")?, 424_242_424)?;
/// assert_eq!(pan.last_four(), "4242");
/// assert!(!format!("{pan:?}").contains("4242424"));
/// # Ok::<(), cardwright_core::PanError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Pan(String);

impl Pan {
    /// Completes BIN and account number with the check digit. The account number is taken modulo
    /// the room that the BIN leaves.
    pub fn issue(bin: &Bin, account_number: u64) -> Result<Pan, PanError> {
        let room = ISSUED_LENGTH - 1 - bin.0.len();
        let power = u32::try_from(room).map_err(|_| PanError::Shape)?;
        let body = account_number % 10_u64.pow(power);
        let mut digits = format!("{}{body:0room$}", bin.0);
        let check = (10 - luhn_sum(digits.bytes().rev(), 1) % 10) % 10;
        digits.push(char::from_digit(check, 10).ok_or(PanError::Shape)?);
        Ok(Pan(digits))
    }

    /// Takes a full number whose check digit fits.
    pub fn parse(digits: &str) -> Result<Pan, PanError> {
        let plain = (12..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain {
            return Err(PanError::Shape);
        }
        if luhn_valid(digits) {
            Ok(Pan(digits.to_owned()))
        } else {
            Err(PanError::CheckDigit)
        }
    }

    /// Whether it is a number as we issue them for a product with these first digits.
    ///
    /// ```
    /// use cardwright_core::{Bin, Pan};
    ///
    /// let pan = Pan::parse("4242424242424242")?;
    /// assert!(pan.is_issued_under(&Bin::parse("424242")?));
    /// assert!(!pan.is_issued_under(&Bin::parse("424243")?));
    /// # Ok::<(), cardwright_core::PanError>(())
    /// ```
    pub fn is_issued_under(&self, bin: &Bin) -> bool {
        self.0.len() == ISSUED_LENGTH && self.0.starts_with(bin.digits())
    }

    /// All digits; only for sealing and for the answers that exist to reveal them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The first six digits, which may be shown.
    pub fn first_six(&self) -> &str {
        &self.0[..6]
    }

    /// The last four digits, which may be shown.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pan(…{})", self.last_four())
    }
}

impl Drop for Pan {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Sum of the weighted digits, the last one first. `offset` is the position of the first digit
/// seen, counted from the check digit: 0 for a full number, 1 for one still without it.
fn luhn_sum(digits_from_right: impl Iterator<Item = u8>, offset: usize) -> u32 {
    digits_from_right
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            let weighted = if (index + offset).is_multiple_of(2) {
                digit
            } else {
                digit * 2
            };
            if weighted > 9 { weighted - 9 } else { weighted }
        })
        .sum()
}

/// Whether the last digit of a digit string fits the others; anything but digits does not.
///
/// ```
/// assert!(cardwright_core::luhn_valid("4242424242424242"));
/// assert!(!cardwright_core::luhn_valid("4242424242424241"));
/// ```
pub fn luhn_valid(digits: &str) -> bool {
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && luhn_sum(digits.bytes().rev(), 0).is_multiple_of(10)
}

/// The month after whose end a card stops working.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Expiry {
    year: i16,
    month: i8,
}

impl Expiry {
    /// Takes a year of four digits and a month.
    pub fn new(year: i16, month: i8) -> Option<Expiry> {
        ((1000..=9999).contains(&year) && (1..=12).contains(&month))
            .then_some(Expiry { year, month })
    }

    /// The month that lies `months` after the month of `from`.
    pub fn after(from: jiff::civil::Date, months: u16) -> Option<Expiry> {
        let total = i32::from(from.year()) * 12 + i32::from(from.month()) - 1 + i32::from(months);
        let year = i16::try_from(total / 12).ok()?;
        let month = i8::try_from(total % 12 + 1).ok()?;
        Expiry::new(year, month)
    }

    /// Whether the card still works in the month of `date`.
    pub fn covers(self, date: jiff::civil::Date) -> bool {
        (self.year, self.month) >= (date.year(), date.month())
    }

    /// The first instant at which the card no longer works: the beginning of the month after its
    /// last, in UTC. Nothing where the calendar has no such month.
    pub fn ends_at(self) -> Option<jiff::Timestamp> {
        let after = Expiry::from_index(self.index() + 1)?;
        let first = jiff::civil::Date::new(after.year, after.month, 1).ok()?;
        let midnight = first.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    }

    /// Four-digit year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(self) -> i8 {
        self.month
    }

    /// Months since year 0, the form in which it is stored and ordered.
    pub fn index(self) -> i64 {
        i64::from(self.year) * 12 + i64::from(self.month) - 1
    }

    /// The inverse of [`Expiry::index`].
    pub fn from_index(index: i64) -> Option<Expiry> {
        let year = i16::try_from(index.div_euclid(12)).ok()?;
        let month = i8::try_from(index.rem_euclid(12) + 1).ok()?;
        Expiry::new(year, month)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_month_ends_with_its_last_instant_in_utc() {
        let ends = |year, month| {
            let ends = Expiry::new(year, month).and_then(Expiry::ends_at);
            ends.map(|at| at.to_string())
        };
        assert_eq!(ends(2026, 11).as_deref(), Some("2026-12-01T00:00:00Z"));
        assert_eq!(ends(2026, 12).as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(ends(2028, 2).as_deref(), Some("2028-03-01T00:00:00Z"));
        assert_eq!(ends(9999, 12), None, "the calendar ends before");
    }

    #[test]
    fn the_check_digit_agrees_with_the_published_test_numbers() {
        for number in [
            "4242424242424242",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
        ] {
            assert!(Pan::parse(number).is_ok(), "{number}");
        }
        assert_eq!(Pan::parse("4242424242424243"), Err(PanError::CheckDigit));
        assert_eq!(Pan::parse("42424242424242 2"), Err(PanError::Shape));
        assert!(Bin::parse("42424").is_err());
    }

    #[test]
    fn a_card_works_to_the_end_of_its_month() {
        let expiry = Expiry::new(2027, 1).expect("a month");
        assert!(expiry.covers(date(2027, 1, 31)));
        assert!(!expiry.covers(date(2027, 2, 1)));
        assert_eq!(Expiry::after(date(2026, 11, 21), 36), Expiry::new(2029, 11));
        assert_eq!(Expiry::after(date(2026, 12, 1), 1), Expiry::new(2027, 1));
        assert_eq!(Expiry::from_index(expiry.index()), Some(expiry));
        assert_eq!(expiry.to_string(), "2027-01");
    }

    proptest! {
        #[test]
        fn every_issued_number_checks_and_changing_one_digit_breaks_it(
            account in any::<u64>(), position in 0..16_usize, shift in 1..10_u8,
        ) {
            let pan = Pan::issue(&Bin::parse("52000000").expect("digits"), account).expect("fits");
            prop_assert!(luhn_valid(pan.expose()));
            prop_assert_eq!(pan.expose().len(), 16);
            let mut bytes = pan.expose().as_bytes().to_vec();
            bytes[position] = (bytes[position] - b'0' + shift) % 10 + b'0';
            let broken = String::from_utf8(bytes).expect("digits");
            prop_assert!(!luhn_valid(&broken));
        }
    }
}
