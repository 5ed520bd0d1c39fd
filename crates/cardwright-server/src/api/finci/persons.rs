//! Persons.

use axum::{extract::State, response::Response};
use cardwright_core::{
    Address, Country, Date, HolderContact, HolderModel, HolderName, is_birth_date,
};
use cardwright_wire::finci::persons::{self as wire, CreatePerson, PersonId};

use super::signed::Signed;
use crate::{
    app::App,
    error::{Error, Result},
    ops::holders::{self, NewPerson, Vetting},
};

/// `POST create-person`
pub(super) async fn create(State(app): State<App>, signed: Signed<CreatePerson>) -> Response {
    signed
        .create(
            &app,
            |body| Some(&body.external_id),
            async |tx, body| {
                let person = new_person(body, tx.today())?;
                let holder = holders::create_person(tx, person, Vetting::DoneByCaller).await?;
                let number = holder.number;
                let person_id =
                    number.ok_or_else(|| Error::Corrupt("a person without number".to_owned()))?;
                Ok(PersonId { person_id })
            },
        )
        .await
}

fn new_person(body: CreatePerson, today: Date) -> Result<NewPerson> {
    if !is_birth_date(body.birth_date, today) {
        return Err(Error::Invalid("birth_date"));
    }
    let nationality = body
        .nationality
        .map(|code| Country::parse(&code).ok_or(Error::Invalid("nationality")))
        .transpose()?;
    Ok(NewPerson {
        external_id: Some(body.external_id),
        model: Some(HolderModel::B2B),
        product: None,
        name: HolderName {
            first: body.first_name,
            middle: None,
            last: body.last_name,
        },
        birth_date: Some(body.birth_date),
        nationality,
        contact: HolderContact {
            email: Some(body.email),
            area_code: None,
            phone: Some(body.phone),
        },
        address: Some(address(body.address, "address.country")?),
        document: None,
        profile: "{}".to_owned(),
    })
}

/// An address whose country exists; `field` is what the country is called in the request.
pub(super) fn address(wire: wire::Address, field: &'static str) -> Result<Address> {
    let country = Country::parse(&wire.country).ok_or(Error::Invalid(field))?;
    Ok(Address {
        line1: wire.line1,
        line2: wire.line2,
        city: Some(wire.city),
        region: wire.region,
        postal_code: Some(wire.postal_code),
        country: Some(country),
    })
}
