//! What is known about a holder, on its way out.

use cardwright_core::{Holder, HolderModel, KycStage, KycState, ProductId, place_name};
use cardwright_wire::{
    fincard::card_types,
    fincard::holders::{self as wire, HolderFacts, HolderStatus, Profile, StatusFlow},
    kind::Hidden,
};

use crate::error::{Error, Result};

/// A holder under every published name.
pub(crate) fn holder_out(holder: Holder) -> Result<wire::Holder> {
    let profile = profile(&holder)?;
    let country = holder.address.as_ref().and_then(|address| address.country);
    let town = profile.residence.town.as_deref();
    let (status, status_flow, reject_reason) = review(&holder.kyc);
    Ok(HolderFacts {
        id: holder.id.get(),
        model: model(holder.model.unwrap_or(HolderModel::B2B)),
        merchant_order_no: holder.external_id,
        card_type_id: holder.product.map(ProductId::get),
        status,
        status_flow,
        reject_reason,
        country_name: country.map(|country| country.name().to_owned()),
        town_name: country
            .zip(town)
            .and_then(|(country, town)| place_name(country, town))
            .map(str::to_owned),
        profile,
        created_at: holder.created_at,
        updated_at: holder.updated_at,
    }
    .into())
}

/// All that is known about a holder. What the core keeps itself comes from the core, so that a
/// holder recorded through another API reads the same; the rest is as it was given. The number of
/// its document is masked.
pub(crate) fn profile(holder: &Holder) -> Result<Profile> {
    let mut profile: Profile = serde_json::from_str(&holder.profile)
        .map_err(|error| Error::Corrupt(format!("profile of holder {}: {error}", holder.id)))?;
    let (name, contact) = (holder.name.clone(), holder.contact.clone());
    let address = holder.address.as_ref();
    let country = address.and_then(|address| address.country);
    profile.first_name = Some(name.first);
    profile.middle_name = name.middle;
    profile.last_name = Some(name.last);
    profile.birthday = holder.birth_date;
    profile.email = contact.email;
    profile.area_code = contact.area_code;
    profile.mobile = contact.phone;
    profile.country = country.map(|country| country.alpha2().to_owned());
    profile.nationality = holder
        .nationality
        .map(|country| country.alpha2().to_owned());
    profile.residence.address = address.map(|address| address.line1.clone());
    profile.residence.address_line2 = address.and_then(|address| address.line2.clone());
    profile.residence.town = address.and_then(|address| address.city.clone());
    profile.residence.state = address.and_then(|address| address.region.clone());
    profile.residence.post_code = address.and_then(|address| address.postal_code.clone());
    if let Some(document) = &holder.document {
        profile.document.id_number = Some(Hidden::from(document.masked_number.clone()));
    }
    Ok(profile)
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

/// The model's word.
pub(crate) fn model(model: HolderModel) -> card_types::HolderModel {
    match model {
        HolderModel::B2B => card_types::HolderModel::B2B,
        HolderModel::B2C => card_types::HolderModel::B2C,
    }
}
