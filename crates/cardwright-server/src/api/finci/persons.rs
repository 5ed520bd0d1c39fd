//! Persons.

use axum::{extract::State, response::Response};
use cardwright_core::{
    Address, Country, Date, Holder, HolderContact, HolderKind, HolderModel, HolderName,
};
use cardwright_wire::{
    finci::persons::{
        self as wire, CreatePerson, GetPersons, PersonId, PersonList, PostalAddress, UpdatePerson,
    },
    instant::Rfc3339,
    kind::Clearable,
};

use super::{
    employees::born_in,
    pages,
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::holders::{self as ops, NewPerson, Vetting, describe},
    store::{
        ReadTx,
        holders::{
            self,
            lists::{self, KindFilter},
        },
    },
};

/// `POST create-person`
pub(super) async fn create(State(app): State<App>, signed: Signed<CreatePerson>) -> Response {
    signed
        .create(
            &app,
            |body| Some(&body.external_id),
            async |tx, body| {
                let person = new_person(body, tx.today())?;
                let holder = ops::create_person(tx, person, Vetting::DoneByCaller).await?;
                person_id(&holder)
            },
        )
        .await
}

/// `PATCH update-person/{person_id}`
pub(super) async fn update(State(app): State<App>, signed: Signed<UpdatePerson>) -> Response {
    let number = signed.path_id().to_owned();
    signed
        .change(&app, async move |tx, body| {
            let before = holders::get_by_number(tx, HolderKind::Person, &number).await?;
            let after = changed(before.clone(), body, tx.today())?;
            person_id(&describe(tx, &before, after).await?)
        })
        .await
}

/// `GET get-person/{person_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let number = signed.path_id().to_owned();
    signed
        .answer(&app, async move |tx| {
            person_out(holders::get_by_number(tx, HolderKind::Person, &number).await?)
        })
        .await
}

/// `POST get-persons`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetPersons>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: GetPersons) -> Result<PersonList> {
    let filter = KindFilter {
        number: body.person_id,
        external_id: body.external_id,
        ..KindFilter::default()
    };
    let page = pages::begin(tx, format!("persons {filter:?}"), &body.paging)?;
    let kind = HolderKind::Person;
    let total = lists::count(tx, kind, &filter).await?;
    let mut found = lists::after(tx, kind, &filter, (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |holder| holder.id.get())?;
    Ok(PersonList {
        items: found.into_iter().map(person_out).collect::<Result<_>>()?,
        total: pages::total(total),
        next_cursor,
    })
}

/// The published number of a person or corporate.
pub(super) fn number_of(holder: &Holder) -> Result<String> {
    let missing = || Error::Corrupt(format!("holder {} without number", holder.id));
    holder.number.clone().ok_or_else(missing)
}

fn person_id(person: &Holder) -> Result<PersonId> {
    Ok(PersonId {
        person_id: number_of(person)?,
    })
}

fn nationality_in(code: &str) -> Result<Country> {
    Country::parse(code).ok_or(Error::Invalid("nationality"))
}

/// A person with what a request changes.
fn changed(mut person: Holder, body: UpdatePerson, today: Date) -> Result<Holder> {
    if let Some(first) = body.first_name {
        person.name.first = first;
    }
    if let Some(last) = body.last_name {
        person.name.last = last;
    }
    if let Some(date) = body.birth_date {
        person.birth_date = Some(born_in(date, today)?);
    }
    let nationality = body
        .nationality
        .map(|wish| wish.try_map(|code| nationality_in(&code)));
    person.nationality = Clearable::applied(nationality.transpose()?, person.nationality);
    if body.email.is_some() {
        person.contact.email = body.email;
    }
    if body.phone.is_some() {
        person.contact.phone = body.phone;
        person.contact.area_code = None;
    }
    if let Some(place) = body.address {
        person.address = Some(address(place, "address.country")?);
    }
    Ok(person)
}

fn person_out(person: Holder) -> Result<wire::Person> {
    Ok(wire::Person {
        person_id: number_of(&person)?,
        phone: phone_out(&person),
        external_id: person.external_id,
        first_name: person.name.first,
        last_name: person.name.last,
        birth_date: person.birth_date.map(|date| date.to_string()),
        nationality: person
            .nationality
            .map(|country| country.alpha2().to_owned()),
        email: person.contact.email,
        address: person.address.map(address_out),
        created_at: Rfc3339(person.created_at),
        updated_at: Rfc3339(person.updated_at),
    })
}

/// A telephone number with its country, wherever that was given.
pub(super) fn phone_out(holder: &Holder) -> Option<String> {
    let area_code = holder.contact.area_code.as_deref().unwrap_or_default();
    let number = holder.contact.phone.as_deref()?;
    Some(format!("{area_code}{number}"))
}

/// An address as it is answered.
pub(super) fn address_out(address: Address) -> PostalAddress {
    PostalAddress {
        line1: address.line1,
        line2: address.line2,
        city: address.city,
        region: address.region,
        postal_code: address.postal_code,
        country: address.country.map(|country| country.alpha2().to_owned()),
    }
}

fn new_person(body: CreatePerson, today: Date) -> Result<NewPerson> {
    born_in(body.birth_date, today)?;
    let nationality = body.nationality.as_deref().map(nationality_in);
    let nationality = nationality.transpose()?;
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
