//! Who a request describes, on its way in.

use cardwright_core::{
    Address, Capability, Country, Date, Description, DocumentKind, HolderContact, HolderModel,
    HolderName, HolderRefusal, ProductId, is_birth_date,
};
use cardwright_wire::{
    fincard::{
        card_types::HolderModel as WireModel,
        holders::{CreateHolder, IdType, Profile},
    },
    shape::FaultKind,
};

use super::product_id;
use crate::{
    error::{Error, Result},
    ops::holders::{Evidence, NewPerson},
    secrets::Secret,
};

/// What a person is described for.
#[derive(Clone)]
pub(super) struct Purpose {
    /// The caller's number.
    pub(super) number: Option<String>,
    /// The kind of card type.
    pub(super) model: Option<HolderModel>,
    /// The card type.
    pub(super) product: Option<ProductId>,
}

/// A person to be recorded.
pub(super) fn new(body: CreateHolder, today: Date) -> Result<(NewPerson, Evidence)> {
    let purpose = Purpose {
        number: body.merchant_order_no,
        model: body.model.map(model),
        product: body.card_type_id.map(product_id).transpose()?,
    };
    let evidence = evidence(&body.profile, &purpose)?;
    Ok((described(body.profile, purpose, today)?, evidence))
}

/// Refuses a person who lacks what the model asks, or has it in the wrong form.
pub(super) fn check_form(profile: &Profile, purpose: &Purpose) -> Result<()> {
    let Some(model) = purpose.model else {
        return Ok(());
    };
    if purpose.product.is_none() {
        return Err(Error::Missing("cardTypeId"));
    }
    match profile.faults(word(model)).into_iter().next() {
        Some((field, FaultKind::Required)) => Err(Error::Missing(field)),
        Some((field, _)) => Err(Error::Invalid(field)),
        None => Ok(()),
    }
}

/// Refuses an address that the holder's model, if it has one, would not have taken.
pub(super) fn check_email(profile: Profile, model: Option<HolderModel>, email: &str) -> Result<()> {
    let changed = Profile {
        email: Some(email.to_owned()),
        ..profile
    };
    let wrong = ("email", FaultKind::Invalid);
    match model.map(word) {
        Some(model) if changed.faults(model).contains(&wrong) => Err(Error::Invalid("email")),
        Some(_) | None => Ok(()),
    }
}

/// What is checked of a person besides its form.
pub(super) fn evidence(profile: &Profile, purpose: &Purpose) -> Result<Evidence> {
    let description = match purpose.model {
        Some(model) => Some(description(profile, model)?),
        None => None,
    };
    Ok(Evidence {
        description,
        files: profile.document.files().cloned().collect(),
    })
}

/// Fields that the model asks are there by now; where one is not, the form was not checked.
fn description(profile: &Profile, model: HolderModel) -> Result<Description> {
    let needed = |value: &Option<String>, field| value.clone().ok_or(Error::Missing(field));
    let listed = |code: &str| Country::parse(code).ok_or(HolderRefusal::CountryNotSupported);
    let of_consumer = |value: &Option<String>| match model {
        HolderModel::B2B => None,
        HolderModel::B2C => value.clone(),
    };
    let document = of_consumer(&profile.document.id_type);
    Ok(Description {
        model,
        country: listed(&needed(&profile.country, "country")?)?,
        nationality: profile.nationality.as_deref().map(listed).transpose()?,
        area_code: needed(&profile.area_code, "areaCode")?,
        town: needed(&profile.residence.town, "town")?,
        occupation: of_consumer(&profile.employment.occupation),
        document: document.as_deref().and_then(IdType::from_word).map(kind),
        checked_elsewhere: match profile.kyc_verification {
            Some(_) => Capability::Yes,
            None => Capability::No,
        },
    })
}

fn kind(word: IdType) -> DocumentKind {
    match word {
        IdType::Passport => DocumentKind::Passport,
        IdType::HongKongCard => DocumentKind::HongKongCard,
        IdType::DrivingLicence => DocumentKind::DrivingLicence,
        IdType::GovernmentCard => DocumentKind::GovernmentCard,
    }
}

/// Refuses dates that cannot be: of a birth, and, where a model asks for them, of a document that is
/// not issued yet or no longer valid.
fn check_dates(profile: &Profile, model: Option<HolderModel>, today: Date) -> Result<()> {
    if profile
        .birthday
        .is_some_and(|date| !is_birth_date(date, today))
    {
        return Err(Error::Invalid("birthday"));
    }
    if model != Some(HolderModel::B2C) {
        return Ok(());
    }
    let date = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
    if date(&profile.document.issue_date).is_some_and(|issued| issued > today) {
        return Err(Error::Invalid("issueDate"));
    }
    if date(&profile.document.expiry_date).is_some_and(|expires| expires < today) {
        return Err(Error::Invalid("idNoExpiryDate"));
    }
    Ok(())
}

/// A person as the core keeps it.
pub(super) fn described(mut profile: Profile, purpose: Purpose, today: Date) -> Result<NewPerson> {
    check_dates(&profile, purpose.model, today)?;
    let country = known_country(profile.country.as_deref(), "country")?;
    let nationality = known_country(profile.nationality.as_deref(), "nationality")?;
    let number = profile.document.id_number.take();
    Ok(NewPerson {
        external_id: purpose.number,
        model: purpose.model,
        product: purpose.product,
        name: HolderName {
            first: profile.first_name.clone().unwrap_or_default(),
            middle: profile.middle_name.clone(),
            last: profile.last_name.clone().unwrap_or_default(),
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

/// The word for a model.
fn word(model: HolderModel) -> WireModel {
    match model {
        HolderModel::B2B => WireModel::B2B,
        HolderModel::B2C => WireModel::B2C,
    }
}

/// The model that a word means.
pub(super) fn model(word: WireModel) -> HolderModel {
    match word {
        WireModel::B2B => HolderModel::B2B,
        WireModel::B2C => HolderModel::B2C,
    }
}
