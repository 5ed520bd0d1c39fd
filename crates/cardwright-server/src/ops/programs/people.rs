//! Demo people: a few approved holders, the same ones under the same seed.

use cardwright_core::{Address, Country, Date, HolderContact, HolderName};
use rand::RngExt;

use super::Tx;
use crate::{
    error::{Error, Result},
    ops::holders::{self, NewPerson, Vetting},
};

const FIRST_NAMES: [&str; 10] = [
    "Ada", "Bruno", "Clara", "Daniel", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas",
];
const LAST_NAMES: [&str; 10] = [
    "Abel", "Berg", "Castro", "Duval", "Eriksen", "Fischer", "Grant", "Horvat", "Ivanov", "Jansen",
];
const STREETS: [&str; 5] = [
    "Harbour Street",
    "Mill Lane",
    "Station Road",
    "Garden Row",
    "Church Hill",
];
/// How many people there are.
const PEOPLE: i64 = 3;

/// Records the demo people.
pub(super) async fn create(tx: &mut Tx) -> Result<()> {
    for number in 1..=PEOPLE {
        let person = person(tx, number)?;
        holders::create_person(tx, person, Vetting::DoneByCaller).await?;
    }
    Ok(())
}

fn person(tx: &Tx, number: i64) -> Result<NewPerson> {
    let mut random = tx.entropy().record(number);
    let mut pick = |names: &[&str]| names[random.random_range(0..names.len())].to_owned();
    let (first, last) = (pick(&FIRST_NAMES), pick(&LAST_NAMES));
    let street = pick(&STREETS);
    let birth_date = Date::new(
        1960 + random.random_range(0..40),
        random.random_range(1..=12),
        1,
    )
    .map_err(|error| Error::Corrupt(error.to_string()))?;
    let email = format!("{first}.{last}.{number}@demo.example").to_lowercase();
    Ok(NewPerson {
        external_id: Some(format!("demo-person-{number}")),
        model: Some(cardwright_core::HolderModel::B2B),
        product: None,
        name: HolderName {
            first,
            middle: None,
            last,
        },
        birth_date: Some(birth_date),
        nationality: Country::parse("AU"),
        contact: HolderContact {
            email: Some(email),
            area_code: None,
            phone: Some(format!("+614000000{number:02}")),
        },
        address: Some(Address {
            line1: format!("{} {street}", random.random_range(1..200)),
            line2: None,
            city: Some("Melbourne".to_owned()),
            region: Some("Victoria".to_owned()),
            postal_code: Some("3000".to_owned()),
            country: Country::parse("AU"),
        }),
        document: None,
        profile: "{}".to_owned(),
    })
}
