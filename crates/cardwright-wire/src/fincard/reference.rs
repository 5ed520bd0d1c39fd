//! Facts about the world that forms are filled in with: countries, cities, dial codes, occupations.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kind::{Kind, text};
use crate::shape::{Fields, Policy, Shape};

/// A country, as `common/region` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// Alpha-2 code.
    pub code: &'static str,
    /// Alpha-3 code.
    pub standard_code: &'static str,
    /// Name in English.
    pub name: &'static str,
    /// Whether cardholders from there can be recorded.
    pub enable_kyc: bool,
    /// Whether cardholders from there can have cards.
    pub enable_card: bool,
    /// Always false: money goes to cards only.
    pub enable_global_transfer: bool,
}

/// A first-level subdivision, as `common/city` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct City {
    /// Code, such as `AU_01`; what `town` takes.
    pub code: String,
    /// Name.
    pub name: &'static str,
    /// Its country, alpha-2.
    pub country: &'static str,
}

/// A place with the places in it, as `common/v2/city` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Code, such as `AU-ACT`, and below it `AU-ACT-2172517`; what `town` takes.
    pub code: String,
    /// Name.
    pub name: &'static str,
    /// Its country, alpha-2.
    pub country: &'static str,
    /// Its country, alpha-3.
    pub country_standard_code: &'static str,
    /// The code of what it lies in; `0` where that is the country.
    pub parent_code: String,
    /// What lies in it: cities in a subdivision, nothing in a city.
    #[schema(no_recursion)]
    pub children: Vec<Place>,
}

/// A dial code, as `common/mobileAreaCode` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MobileAreaCode {
    /// The code with its plus; several countries may share one.
    pub code: String,
    /// Name of the country.
    pub name: &'static str,
    /// The country, alpha-2.
    pub area_code: &'static str,
    /// The language of the name: always `en_US`.
    pub language: &'static str,
    /// Always false: money goes to cards only.
    pub enable_global_transfer: bool,
}

/// An occupation, as `card/holder/occupations` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Occupation {
    /// Code of the 2018 Standard Occupational Classification.
    pub occupation_code: &'static str,
    /// Title.
    pub description: &'static str,
}

/// `common/city` and `common/v2/city`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPlaces {
    /// Only of this country, as given.
    pub region_code: Option<String>,
}

impl Shape for ListPlaces {
    const NAME: &'static str = "ListPlaces";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let region_code = fields.optional(
            "regionCode",
            text(1..=100)
                .about("Alpha-2 code of a country; absent: the first level of every country")
                .example("AU"),
        );
        Some(ListPlaces {
            region_code: region_code?,
        })
    }
}
