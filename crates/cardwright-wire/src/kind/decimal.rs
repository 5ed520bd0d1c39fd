//! Decimal literals compared by value, without ever becoming a float.

/// Digits, at most one point with digits on both sides; no sign, no exponent, no leading zero.
pub(super) fn is_plain(literal: &str) -> bool {
    let (whole, fraction) = match literal.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (literal, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(digits)
}

/// The one spelling of a plain literal's value: no zeros at the end of the fraction.
pub(super) fn canonical(plain: &str) -> &str {
    if plain.contains('.') {
        plain.trim_end_matches('0').trim_end_matches('.')
    } else {
        plain
    }
}
