//! PINs: what may be one, and how many wrong ones in a row a card bears.

use crate::{Refusal, SecretRefusal};

/// Whether digits may be a PIN: four to six of them (ISO 9564-1 allows twelve; cash machines take
/// six).
///
/// ```
/// assert!(cardwright_core::is_pin("7391"));
/// assert!(!cardwright_core::is_pin("739"));
/// assert!(!cardwright_core::is_pin("73 91"));
/// ```
pub fn is_pin(text: &str) -> bool {
    (4..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses a PIN that is easy to guess, of six digits as FinCard callers set them: no digit three
/// times running, not all ascending or descending, no block of two or three repeated throughout.
///
/// ```
/// use cardwright_core::{Refusal, SecretRefusal, check_pin_strength};
///
/// assert_eq!(check_pin_strength("739154"), Ok(()));
/// assert_eq!(check_pin_strength("121212"), Err(Refusal::Secret(SecretRefusal::PinTooWeak)));
/// ```
pub fn check_pin_strength(pin: &str) -> Result<(), Refusal> {
    let digits = pin.as_bytes();
    let running = digits
        .windows(3)
        .any(|three| three[0] == three[1] && three[1] == three[2]);
    let steps = |by: i16| {
        digits
            .windows(2)
            .all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == by)
    };
    let repeats = |length: usize| {
        digits
            .chunks(length)
            .all(|block| block == &digits[..length])
    };
    if running || steps(1) || steps(-1) || repeats(2) || repeats(3) {
        return Err(Refusal::Secret(SecretRefusal::PinTooWeak));
    }
    Ok(())
}

/// What came of a presented PIN.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PinCheck {
    /// It is the card's.
    Right,
    /// It is not.
    Wrong,
    /// Too many wrong ones came before; whether this one is right is not told.
    Locked,
    /// The card has none.
    NotSet,
}

/// How often a wrong PIN came in a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PinTries(u8);

impl PinTries {
    /// None came since a right one.
    pub const NONE: PinTries = PinTries(0);
    /// So many in a row lock the PIN, as the card schemes' chips do.
    pub const LOCKING: PinTries = PinTries(3);

    /// Counts one presented PIN: what its sender is told, and what the count is then.
    ///
    /// A right PIN ends the count; on a locked card it counts for nothing, else the lock would only
    /// slow down whoever tries them all.
    pub fn present(self, matching: PinMatch) -> (PinCheck, PinTries) {
        if self >= PinTries::LOCKING {
            return (PinCheck::Locked, self);
        }
        match matching {
            PinMatch::Same => (PinCheck::Right, PinTries::NONE),
            PinMatch::Other => (PinCheck::Wrong, PinTries(self.0 + 1)),
        }
    }

    /// The stored number.
    pub fn stored(self) -> i64 {
        i64::from(self.0)
    }

    /// Reads the stored number.
    pub fn from_stored(number: i64) -> Option<PinTries> {
        let tries = PinTries(u8::try_from(number).ok()?);
        (tries <= PinTries::LOCKING).then_some(tries)
    }
}

/// How a presented PIN compares with the card's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PinMatch {
    /// It is the same.
    Same,
    /// It is another one.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_to_six_digits_are_a_pin_and_nothing_else_is() {
        for text in ["0000", "12345", "987654"] {
            assert!(is_pin(text), "{text}");
        }
        for text in [
            "", "123", "1234567", "12 4", "12a4", "-123", "١٢٣٤", "1234\n",
        ] {
            assert!(!is_pin(text), "{text}");
        }
    }

    #[test]
    fn a_pin_that_is_easy_to_guess_is_refused() {
        for weak in [
            "111234", "122234", "123444", "123456", "012345", "987654", "543210", "121212",
            "123123", "000000", "909090",
        ] {
            assert_eq!(
                check_pin_strength(weak),
                Err(Refusal::Secret(SecretRefusal::PinTooWeak)),
                "{weak}"
            );
        }
        for strong in [
            "112233", "123465", "121213", "123124", "890123", "739154", "135790",
        ] {
            assert_eq!(check_pin_strength(strong), Ok(()), "{strong}");
        }
    }

    #[test]
    fn three_wrong_ones_in_a_row_lock_and_a_right_one_does_not_unlock() {
        let story = [
            (PinMatch::Other, PinCheck::Wrong, 1),
            (PinMatch::Other, PinCheck::Wrong, 2),
            (PinMatch::Same, PinCheck::Right, 0),
            (PinMatch::Other, PinCheck::Wrong, 1),
            (PinMatch::Other, PinCheck::Wrong, 2),
            (PinMatch::Other, PinCheck::Wrong, 3),
            (PinMatch::Other, PinCheck::Locked, 3),
            (PinMatch::Same, PinCheck::Locked, 3),
        ];
        let mut tries = PinTries::NONE;
        for (number, (presented, told, count)) in story.into_iter().enumerate() {
            let (check, after) = tries.present(presented);
            assert_eq!((check, after.stored()), (told, count), "step {number}");
            tries = after;
        }
    }

    #[test]
    fn a_stored_count_reads_back_or_is_no_count() {
        for count in 0..=3 {
            assert_eq!(
                PinTries::from_stored(count).map(PinTries::stored),
                Some(count)
            );
        }
        for count in [-1, 4, 256] {
            assert_eq!(PinTries::from_stored(count), None);
        }
    }
}
