//! Subdivisions and cities of the world's countries, by the codes that callers name them with.
//!
//! The facts come from the tables in `data`, whose README says where those are from. They are read
//! once, when somebody first asks.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::Country;

const PLACES: &str = include_str!("../data/places.tsv");

static WORLD: LazyLock<BTreeMap<&'static str, Vec<Region>>> = LazyLock::new(|| read(PLACES));

/// A first-level subdivision of a country.
///
/// ```
/// use cardwright_core::{Country, place_name, regions};
///
/// let australia = Country::parse("AU").expect("a country");
/// let capital = &regions(australia)[0];
/// assert_eq!((capital.code(), capital.short_code()), ("AU-ACT".into(), "AU_01".into()));
/// assert_eq!(capital.cities()[0].name(), "Canberra");
/// assert_eq!(place_name(australia, "AU-ACT-2172517"), Some("Canberra"));
/// assert_eq!(place_name(australia, "LT-VL"), None, "elsewhere");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Region {
    country: &'static str,
    suffix: &'static str,
    number: &'static str,
    name: &'static str,
    cities: Vec<City>,
}

/// A city.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct City {
    id: &'static str,
    name: &'static str,
}

impl Region {
    /// The code of ISO 3166-2, such as `AU-ACT`.
    pub fn code(&self) -> String {
        format!("{}-{}", self.country, self.suffix)
    }

    /// The code of `GeoNames`, such as `AU_01`.
    pub fn short_code(&self) -> String {
        format!("{}_{}", self.country, self.number)
    }

    /// The code of one of its cities, such as `AU-ACT-2172517`.
    pub fn code_of(&self, city: City) -> String {
        format!("{}-{}-{}", self.country, self.suffix, city.id)
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its cities, by name.
    pub fn cities(&self) -> &[City] {
        &self.cities
    }

    /// The name of what the rest of a code names here: the region itself, or one of its cities.
    fn named(&self, rest: &str) -> Option<&'static str> {
        match rest.strip_prefix(self.suffix)? {
            "" => Some(self.name),
            below => {
                let id = below.strip_prefix('-')?;
                let city = self.cities.iter().find(|city| city.id == id)?;
                Some(city.name)
            }
        }
    }
}

impl City {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// The first level of a country; every country has at least one.
pub fn regions(country: Country) -> &'static [Region] {
    WORLD.get(country.alpha2()).map_or(&[], Vec::as_slice)
}

/// The name of the place of a country that has this code, at either level and in either form.
pub fn place_name(country: Country, code: &str) -> Option<&'static str> {
    let rest = code.strip_prefix(country.alpha2())?;
    let regions = regions(country);
    if let Some(number) = rest.strip_prefix('_') {
        let region = regions.iter().find(|region| region.number == number)?;
        return Some(region.name);
    }
    let rest = rest.strip_prefix('-')?;
    regions.iter().find_map(|region| region.named(rest))
}

/// A country on a line of its own, its subdivisions behind one tab, their cities behind two.
fn read(text: &'static str) -> BTreeMap<&'static str, Vec<Region>> {
    let mut world: BTreeMap<&'static str, Vec<Region>> = BTreeMap::new();
    let mut country = "";
    for line in text.lines() {
        match line.split('\t').collect::<Vec<_>>()[..] {
            ["", "", id, name] => {
                let region = world
                    .get_mut(country)
                    .and_then(|regions| regions.last_mut());
                if let Some(region) = region {
                    region.cities.push(City { id, name });
                }
            }
            ["", suffix, number, name] => world.entry(country).or_default().push(Region {
                country,
                suffix,
                number,
                name,
                cities: Vec::new(),
            }),
            _ => country = line,
        }
    }
    world
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_country_has_places_and_every_place_one_code() {
        let mut codes = BTreeSet::new();
        for country in Country::all() {
            assert!(!regions(country).is_empty(), "{country:?}");
            for region in regions(country) {
                let cities = region.cities().iter();
                let below = cities.map(|city| (region.code_of(*city), city.name()));
                let own = [
                    (region.code(), region.name()),
                    (region.short_code(), region.name()),
                ];
                for (code, name) in below.chain(own) {
                    assert_eq!(place_name(country, &code), Some(name), "{code}");
                    assert!(codes.insert(code.clone()), "{code} is there twice");
                }
            }
        }
        assert!(codes.len() > 40_000, "{}", codes.len());
        assert_eq!(WORLD.len(), Country::all().count());
    }

    #[test]
    fn most_subdivisions_are_those_of_iso_3166_2() {
        let all = Country::all().flat_map(regions).count();
        let known = |region: &&Region| rust_iso3166::iso3166_2::from_code(&region.code()).is_some();
        let iso = Country::all().flat_map(regions).filter(known).count();
        assert!(iso * 10 > all * 9, "{iso} of {all}");
    }

    #[test]
    fn half_a_code_names_nothing() {
        let lithuania = Country::parse("LT").expect("a country");
        assert_eq!(place_name(lithuania, "LT-VL"), Some("Vilniaus apskritis"));
        for code in [
            "", "LT", "LT-", "LT_", "LT-V", "LT-VL-", "LT-VL-0", "lt-vl", "LT_VL",
        ] {
            assert_eq!(place_name(lithuania, code), None, "{code:?}");
        }
    }
}
