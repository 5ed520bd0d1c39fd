//! Lists of countries, places, dial codes and occupations. They are the same for every tenant.

use axum::{extract::State, response::Response};
use cardwright_core::{Country, Occupation, Record, Region, regions};
use cardwright_wire::{
    fincard::reference::{self as wire, ListPlaces, Place},
    shape::Nothing,
};

use super::session::Session;
use crate::{
    app::App,
    error::{Error, Result},
};

/// `common/region`
pub(super) async fn countries(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |_, Nothing| {
            Ok(Country::all().map(country_out).collect::<Vec<_>>())
        })
        .await
}

/// `common/city`
pub(super) async fn cities(State(app): State<App>, session: Session<ListPlaces>) -> Response {
    session
        .look_up(&app, async |_, body| {
            let countries = named(&body)?;
            let listed = countries.into_iter().flat_map(|country| {
                regions(country).iter().map(move |region| wire::City {
                    code: region.short_code(),
                    name: region.name(),
                    country: country.alpha2(),
                })
            });
            Ok(listed.collect::<Vec<_>>())
        })
        .await
}

/// `common/v2/city`
pub(super) async fn places(State(app): State<App>, session: Session<ListPlaces>) -> Response {
    session
        .look_up(&app, async |_, body| {
            // All cities of the world would be too long an answer to a question about none.
            let depth = match body.region_code {
                Some(_) => Depth::Cities,
                None => Depth::Regions,
            };
            let countries = named(&body)?;
            let listed = countries.into_iter().flat_map(|country| {
                let regions = regions(country).iter();
                regions.map(move |region| region_out(country, region, depth))
            });
            Ok(listed.collect::<Vec<_>>())
        })
        .await
}

/// `common/mobileAreaCode`
pub(super) async fn area_codes(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |_, Nothing| {
            Ok(Country::all().filter_map(area_code_out).collect::<Vec<_>>())
        })
        .await
}

/// `card/holder/occupations`
pub(super) async fn occupations(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |_, Nothing| {
            let all = Occupation::all().iter();
            let listed = all.map(|occupation| wire::Occupation {
                occupation_code: occupation.code(),
                description: occupation.title(),
            });
            Ok(listed.collect::<Vec<_>>())
        })
        .await
}

/// How far down a list of places goes.
#[derive(Clone, Copy)]
enum Depth {
    Regions,
    Cities,
}

/// The countries that a list is about: the named one, or all.
fn named(body: &ListPlaces) -> Result<Vec<Country>> {
    let Some(code) = &body.region_code else {
        return Ok(Country::all().collect());
    };
    let country = Country::parse(code).ok_or_else(|| Error::not_found(Record::Region))?;
    Ok(vec![country])
}

fn country_out(country: Country) -> wire::Region {
    wire::Region {
        code: country.alpha2(),
        standard_code: country.alpha3(),
        name: country.name(),
        enable_kyc: country.is_served(),
        enable_card: country.is_served(),
        enable_global_transfer: false,
    }
}

fn region_out(country: Country, region: &Region, depth: Depth) -> Place {
    let place = |code: String, name: &'static str, parent_code: String| Place {
        code,
        name,
        country: country.alpha2(),
        country_standard_code: country.alpha3(),
        parent_code,
        children: Vec::new(),
    };
    let cities = match depth {
        Depth::Regions => &[],
        Depth::Cities => region.cities(),
    };
    let children = cities.iter().map(|city| {
        let code = region.code_of(*city);
        place(code, city.name(), region.code())
    });
    Place {
        children: children.collect(),
        ..place(region.code(), region.name(), "0".to_owned())
    }
}

fn area_code_out(country: Country) -> Option<wire::MobileAreaCode> {
    Some(wire::MobileAreaCode {
        code: format!("+{}", country.dial_code()?),
        name: country.name(),
        area_code: country.alpha2(),
        language: "en_US",
        enable_global_transfer: false,
    })
}
