//! Cardholders.

use axum::{extract::State, response::Response};
use cardwright_core::{
    Address, Country, Date, Holder, HolderContact, HolderId, HolderModel, HolderName, KycStage,
    KycState, ProductId, Record, is_birth_date,
};
use cardwright_wire::{
    fincard::{
        card_types::HolderModel as WireModel,
        holders::{
            self as wire, CreateHolder, HolderFacts, HolderStatus, ListHolders, Profile, StatusFlow,
        },
        page::Page,
    },
    kind::{GivenId, Hidden},
};

use super::{card_types, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::holders::{self as ops, NewPerson, Vetting},
    secrets::Secret,
    store::{
        ReadTx,
        holders::{self, HolderFilter},
    },
};

/// `card/holder/v2/create`
pub(super) async fn create(State(app): State<App>, session: Session<CreateHolder>) -> Response {
    session
        .change(
            &app,
            ("card/holder/v2/create", |body| {
                body.merchant_order_no.as_deref()
            }),
            async |tx, body| {
                let person = new_person(body, tx.today())?;
                let holder = ops::create_person(tx, person, Vetting::Needed).await?;
                holder_out(holder)
            },
        )
        .await
}

/// `card/holder/list`
pub(super) async fn list(State(app): State<App>, session: Session<ListHolders>) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: ListHolders) -> Result<Page<wire::Holder>> {
    let Some(filter) = filter(&body) else {
        return Ok(Page::of(body.page, 0, Vec::new()));
    };
    let (found, total) = holders::page(tx, &filter, (body.page.size, body.page.offset())).await?;
    let records = found.into_iter().map(holder_out).collect::<Result<_>>()?;
    Ok(Page::of(
        body.page,
        u64::try_from(total).unwrap_or_default(),
        records,
    ))
}

/// What a list is narrowed to; nothing where an id belongs to nobody.
fn filter(body: &ListHolders) -> Option<HolderFilter> {
    let id = match body.holder_id {
        Some(given) => Some(HolderId::new(given.id()?).ok()?),
        None => None,
    };
    Some(HolderFilter {
        id,
        phone: body.phone.clone(),
        email: body.email.clone(),
        external_id: body.merchant_order_no.clone(),
        model: body.model.map(|model| match model {
            WireModel::B2B => HolderModel::B2B,
            WireModel::B2C => HolderModel::B2C,
        }),
        kyc_status: body.status.map(HolderStatus::status),
        search: body.search_term.clone(),
    })
}

fn new_person(body: CreateHolder, today: Date) -> Result<NewPerson> {
    let mut profile = body.profile;
    if profile
        .birthday
        .is_some_and(|date| !is_birth_date(date, today))
    {
        return Err(Error::Invalid("birthday"));
    }
    let country = known_country(profile.country.as_deref(), "country")?;
    let nationality = known_country(profile.nationality.as_deref(), "nationality")?;
    let number = profile.document.id_number.take();
    Ok(NewPerson {
        external_id: body.merchant_order_no,
        model: body.model.map(|model| match model {
            WireModel::B2B => HolderModel::B2B,
            WireModel::B2C => HolderModel::B2C,
        }),
        product: body.card_type_id.map(product_id).transpose()?,
        name: HolderName {
            first: profile.first_name.clone(),
            middle: profile.middle_name.clone(),
            last: profile.last_name.clone(),
        },
        birth_date: profile.birthday,
        nationality,
        contact: HolderContact {
            email: profile.email.clone(),
            area_code: profile.area_code.clone(),
            phone: profile.mobile.clone(),
        },
        address: Some(Address {
            line1: profile.residence.address.clone().unwrap_or_default(),
            line2: profile.residence.address_line2.clone(),
            city: profile.residence.town.clone(),
            region: profile.residence.state.clone(),
            postal_code: profile.residence.post_code.clone(),
            country,
        }),
        document: number.map(|number| {
            (
                profile.document.id_type.clone(),
                Secret::new(number.expose().to_owned()),
            )
        }),
        profile: serde_json::to_string(&profile)
            .map_err(|error| Error::Corrupt(error.to_string()))?,
    })
}

fn known_country(code: Option<&str>, field: &'static str) -> Result<Option<Country>> {
    code.map(|code| Country::parse(code).ok_or(Error::Invalid(field)))
        .transpose()
}

/// The product that a request names; text that is no id names none.
pub(super) fn product_id(given: GivenId) -> Result<ProductId> {
    let missing = || Error::not_found(Record::Product);
    ProductId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}

/// A holder under every published name. What the core keeps itself comes from the core, so that a
/// holder recorded through another API reads the same; the rest is as it was given.
pub(super) fn holder_out(holder: Holder) -> Result<wire::Holder> {
    let mut profile: Profile = serde_json::from_str(&holder.profile)
        .map_err(|error| Error::Corrupt(format!("profile of holder {}: {error}", holder.id)))?;
    let address = holder.address.as_ref();
    let country = address.and_then(|address| address.country);
    profile.first_name = holder.name.first;
    profile.middle_name = holder.name.middle;
    profile.last_name = holder.name.last;
    profile.birthday = holder.birth_date;
    profile.email = holder.contact.email;
    profile.area_code = holder.contact.area_code;
    profile.mobile = holder.contact.phone;
    profile.country = country.map(|country| country.alpha2().to_owned());
    profile.nationality = holder
        .nationality
        .map(|country| country.alpha2().to_owned());
    profile.residence.address = address.map(|address| address.line1.clone());
    profile.residence.address_line2 = address.and_then(|address| address.line2.clone());
    profile.residence.town = address.and_then(|address| address.city.clone());
    profile.residence.state = address.and_then(|address| address.region.clone());
    profile.residence.post_code = address.and_then(|address| address.postal_code.clone());
    if let Some(document) = holder.document {
        profile.document.id_number = Some(Hidden::from(document.masked_number));
    }
    let (status, status_flow, reject_reason) = review(&holder.kyc);
    Ok(HolderFacts {
        id: holder.id.get(),
        model: card_types::model(holder.model.unwrap_or(HolderModel::B2B)),
        merchant_order_no: holder.external_id,
        card_type_id: holder.product.map(ProductId::get),
        status,
        status_flow,
        reject_reason,
        country_name: country.map(|country| country.name().to_owned()),
        town_name: None,
        profile,
        created_at: holder.created_at,
        updated_at: holder.updated_at,
    }
    .into())
}

fn review(kyc: &KycState) -> (HolderStatus, StatusFlow, Option<String>) {
    let flow = match kyc.stage() {
        KycStage::Admin => StatusFlow::Admin,
        KycStage::Channel => StatusFlow::Channel,
    };
    match kyc {
        KycState::WaitAudit => (HolderStatus::WaitAudit, flow, None),
        KycState::UnderReview => (HolderStatus::UnderReview, flow, None),
        KycState::Approved => (HolderStatus::PassAudit, flow, None),
        KycState::Rejected { reason, .. } => (HolderStatus::Reject, flow, Some(reason.clone())),
    }
}
