//! Countries by their ISO 3166-1 codes, and those no holder may come from.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

const DIAL_CODES: &str = include_str!("../data/dial_codes.tsv");

/// Where the facts are from stands in the README beside the table.
static BY_COUNTRY: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = DIAL_CODES.lines();
    lines.filter_map(|line| line.split_once('\t')).collect()
});

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

    /// The code that telephone numbers here begin with (E.164), without its plus; none where nobody
    /// has a telephone.
    ///
    /// ```
    /// use cardwright_core::Country;
    ///
    /// let code = |alpha2| Country::parse(alpha2).and_then(Country::dial_code);
    /// assert_eq!((code("LT"), code("AQ")), (Some("370"), None));
    /// ```
    pub fn dial_code(self) -> Option<&'static str> {
        BY_COUNTRY.get(self.alpha2()).copied()
    }

    /// Whether card types take holders from here: it is not restricted, and people can be reached.
    pub fn is_served(self) -> bool {
        !self.is_restricted() && self.dial_code().is_some()
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
    fn dial_codes_are_digits_and_all_but_uninhabited_countries_have_one() {
        for country in Country::all() {
            let Some(code) = country.dial_code() else {
                let alpha2 = country.alpha2();
                assert!(
                    ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"].contains(&alpha2),
                    "{alpha2}"
                );
                continue;
            };
            assert!(
                (1..=3).contains(&code.len()) && !code.starts_with('0'),
                "{code}"
            );
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
        assert_eq!(
            Country::all().filter(|country| country.is_served()).count(),
            249 - 20 - 7
        );
    }

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
