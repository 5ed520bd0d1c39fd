//! Countries by their ISO 3166-1 codes, and those no holder may come from.

use std::fmt;

/// A country of ISO 3166-1, named by its alpha-2 code.
///
/// ```
/// use cardwright_core::Country;
///
/// let australia = Country::parse("AU").expect("a country");
/// assert_eq!(australia.alpha3(), "AUS");
/// assert!(Country::parse("ZZ").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(rust_iso3166::CountryCode);

/// Countries whose residents are not served (published list of the upstream platform; Crimea is
/// part of Ukraine's entry there).
pub const RESTRICTED_COUNTRIES: [&str; 20] = [
    "AF", "BI", "BY", "CF", "CU", "EG", "IR", "KP", "LY", "MM", "NG", "RU", "SD", "SO", "SS", "SY",
    "UA", "VE", "ZA", "ZW",
];

impl Country {
    /// Reads an alpha-2 code in capitals.
    pub fn parse(code: &str) -> Option<Country> {
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        rust_iso3166::from_alpha2(code).map(Country)
    }

    /// Every country.
    pub fn all() -> impl Iterator<Item = Country> {
        rust_iso3166::ALL.iter().copied().map(Country)
    }

    /// The alpha-2 code.
    pub fn alpha2(self) -> &'static str {
        self.0.alpha2
    }

    /// The alpha-3 code.
    pub fn alpha3(self) -> &'static str {
        self.0.alpha3
    }

    /// The English short name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether holders from here are refused.
    pub fn is_restricted(self) -> bool {
        RESTRICTED_COUNTRIES.contains(&self.alpha2())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_restricted_code_is_a_country() {
        for code in RESTRICTED_COUNTRIES {
            assert!(
                Country::parse(code).is_some_and(Country::is_restricted),
                "{code}"
            );
        }
        assert!(!Country::parse("LT").expect("a country").is_restricted());
        assert!(Country::parse("au").is_none(), "codes are capitals");
    }
}
