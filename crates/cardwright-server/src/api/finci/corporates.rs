//! Corporates.

use axum::{extract::State, response::Response};
use cardwright_core::{Country, Holder, HolderContact, HolderKind};
use cardwright_wire::{
    finci::corporates::{
        self as wire, CorporateId, CorporateList, CreateCorporate, GetCorporates, UpdateCorporate,
    },
    instant::Rfc3339,
    kind::Clearable,
};

use super::{
    pages,
    persons::{address, address_out, number_of, phone_out},
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        companies::{self, CompanyProfile, NewCompany},
        holders::describe,
    },
    store::{
        ReadTx,
        holders::{
            self,
            lists::{self, KindFilter},
        },
    },
};

/// `POST create-corporate`
pub(super) async fn create(State(app): State<App>, signed: Signed<CreateCorporate>) -> Response {
    signed
        .create(
            &app,
            |body| Some(&body.external_id),
            async |tx, body| {
                let company = companies::create(tx, new_company(body)?).await?;
                corporate_id(&company)
            },
        )
        .await
}

/// `PATCH update-corporate/{corporate_id}`
pub(super) async fn update(State(app): State<App>, signed: Signed<UpdateCorporate>) -> Response {
    let number = signed.path_id().to_owned();
    signed
        .change(&app, async move |tx, body| {
            let before = holders::get_by_number(tx, HolderKind::Corporate, &number).await?;
            let after = changed(before.clone(), body)?;
            corporate_id(&describe(tx, &before, after).await?)
        })
        .await
}

/// `GET get-corporate/{corporate_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let number = signed.path_id().to_owned();
    signed
        .answer(&app, async move |tx| {
            corporate_out(holders::get_by_number(tx, HolderKind::Corporate, &number).await?)
        })
        .await
}

/// `POST get-corporates`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetCorporates>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: GetCorporates) -> Result<CorporateList> {
    let filter = KindFilter {
        number: body.corporate_id,
        external_id: body.external_id,
        ..KindFilter::default()
    };
    let page = pages::begin(tx, format!("corporates {filter:?}"), &body.paging)?;
    let kind = HolderKind::Corporate;
    let total = lists::count(tx, kind, &filter).await?;
    let mut found = lists::after(tx, kind, &filter, (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |holder| holder.id.get())?;
    Ok(CorporateList {
        items: found
            .into_iter()
            .map(corporate_out)
            .collect::<Result<_>>()?,
        total: pages::total(total),
        next_cursor,
    })
}

fn corporate_id(company: &Holder) -> Result<CorporateId> {
    Ok(CorporateId {
        corporate_id: number_of(company)?,
    })
}

fn country_in(code: &str) -> Result<Country> {
    Country::parse(code).ok_or(Error::Invalid("country"))
}

fn new_company(body: CreateCorporate) -> Result<NewCompany> {
    let place = body.address.map(|place| address(place, "address.country"));
    Ok(NewCompany {
        external_id: Some(body.external_id),
        name: body.name,
        registration_number: Some(body.registration_number),
        country: Some(country_in(&body.country)?),
        contact: HolderContact {
            email: body.email,
            area_code: None,
            phone: body.phone,
        },
        address: place.transpose()?,
    })
}

/// A company with what a request changes about it.
fn changed(mut company: Holder, body: UpdateCorporate) -> Result<Holder> {
    let mut profile = CompanyProfile::of(&company)?;
    if let Some(name) = body.name {
        company.name.last = name;
    }
    if let Some(number) = body.registration_number {
        profile.registration_number = Some(number);
        company.profile = profile.text()?;
    }
    if let Some(code) = body.country {
        company.nationality = Some(country_in(&code)?);
    }
    company.contact.email = Clearable::applied(body.email, company.contact.email);
    company.contact.phone = Clearable::applied(body.phone, company.contact.phone);
    let place = body
        .address
        .map(|wish| wish.try_map(|place| address(place, "address.country")));
    company.address = Clearable::applied(place.transpose()?, company.address);
    Ok(company)
}

fn corporate_out(company: Holder) -> Result<wire::Corporate> {
    Ok(wire::Corporate {
        corporate_id: number_of(&company)?,
        registration_number: CompanyProfile::of(&company)?.registration_number,
        phone: phone_out(&company),
        external_id: company.external_id,
        name: company.name.last,
        country: company
            .nationality
            .map(|country| country.alpha2().to_owned()),
        email: company.contact.email,
        address: company.address.map(address_out),
        created_at: Rfc3339(company.created_at),
        updated_at: Rfc3339(company.updated_at),
    })
}
