//! The nested objects of a holder: what the flat fields say, in the other published arrangement.

use serde::Serialize;
use utoipa::ToSchema;

use super::profile::{
    Employment, FurtherDocument, IdentityDocument, KycVerification, PostalAddress, Profile,
    Residence,
};
use super::{HolderStatus, masked_id_number};

/// What a residence is called where nothing else was said.
const RESIDENTIAL: &str = "RESIDENTIAL";

/// The person, as `personalInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "each says what the flat field of the same meaning says"
)]
pub struct PersonalInfo {
    pub first_name: String,
    pub middle_name: Option<String>,
    pub last_name: String,
    pub date_of_birth: Option<String>,
    pub gender: Option<String>,
    pub nationality: Option<String>,
    pub email: Option<String>,
    pub phone_number: Option<String>,
    pub mobile_number: Option<String>,
}

/// An address, as `residentialAddress` and `mailingAddress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct NestedAddress {
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub address_type: Option<String>,
    pub is_primary: Option<bool>,
}

/// What the person does, as `employmentInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct EmploymentInfo {
    pub employer_name: Option<String>,
    pub occupation_code: Option<String>,
    pub occupation_title: Option<String>,
    pub industry: Option<String>,
    pub employment_status: Option<String>,
    pub employment_start_date: Option<String>,
    pub monthly_income: Option<String>,
    pub annual_income: Option<String>,
    pub income_currency: Option<String>,
    pub employer_address: Option<NestedAddress>,
}

/// What proves who the person is, in `kycDocuments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct KycDocument {
    pub document_type: Option<String>,
    /// Masked but for the last four characters.
    pub document_number: Option<String>,
    pub document_expiry_date: Option<String>,
    pub document_issue_date: Option<String>,
    pub document_issuing_country: Option<String>,
    pub document_front_image_url: Option<String>,
    pub document_back_image_url: Option<String>,
    pub selfie_image_url: Option<String>,
    /// How far the review of its holder is.
    pub verification_status: &'static str,
}

/// What another provider found out, as `kycVerification`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HolderKycVerification)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct KycVerificationOut {
    pub provider: String,
    pub reference_id: String,
}

impl From<&Profile> for PersonalInfo {
    fn from(profile: &Profile) -> PersonalInfo {
        PersonalInfo {
            first_name: profile.first_name.clone().unwrap_or_default(),
            middle_name: profile.middle_name.clone(),
            last_name: profile.last_name.clone().unwrap_or_default(),
            date_of_birth: profile.birthday.map(|day| day.to_string()),
            gender: profile.gender.clone(),
            nationality: profile.nationality.clone(),
            email: profile.email.clone(),
            phone_number: profile.mobile.clone(),
            mobile_number: profile.mobile.clone(),
        }
    }
}

impl NestedAddress {
    /// The residence; its country stands beside it.
    pub(super) fn of_residence(residence: &Residence, country: Option<String>) -> NestedAddress {
        NestedAddress {
            address_line1: residence.address.clone(),
            address_line2: residence.address_line2.clone(),
            city: residence.town.clone(),
            state: residence.state.clone(),
            postal_code: residence.post_code.clone(),
            country,
            address_type: residence
                .address_type
                .clone()
                .or_else(|| Some(RESIDENTIAL.to_owned())),
            // There is no other one that could be.
            is_primary: residence.is_primary.or(Some(true)),
        }
    }
}

impl From<&PostalAddress> for NestedAddress {
    fn from(address: &PostalAddress) -> NestedAddress {
        NestedAddress {
            address_line1: address.address_line1.clone(),
            address_line2: address.address_line2.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.clone(),
            address_type: address.address_type.clone(),
            is_primary: address.is_primary,
        }
    }
}

impl From<&Employment> for EmploymentInfo {
    fn from(employment: &Employment) -> EmploymentInfo {
        EmploymentInfo {
            employer_name: employment.employer_name.clone(),
            occupation_code: employment.occupation.clone(),
            occupation_title: employment.occupation_title.clone(),
            industry: employment.industry.clone(),
            employment_status: employment.status.clone(),
            employment_start_date: employment.start_date.clone(),
            monthly_income: employment.monthly_income.clone(),
            annual_income: employment.annual_salary.clone(),
            income_currency: employment.income_currency.clone(),
            employer_address: employment
                .employer_address
                .as_ref()
                .map(NestedAddress::from),
        }
    }
}

impl KycDocument {
    /// The documents; none where nothing is known of any.
    pub(super) fn list(document: &IdentityDocument, status: HolderStatus) -> Vec<KycDocument> {
        let first = FurtherDocument {
            id_type: document.id_type.clone(),
            masked_number: document
                .id_number
                .as_ref()
                .map(|number| masked_id_number(number.expose())),
            issue_date: document.issue_date.clone(),
            expiry_date: document.expiry_date.clone(),
            issuing_country: document.issuing_country.clone(),
            front_image_url: document.front_image_url.clone(),
            back_image_url: document.back_image_url.clone(),
            selfie_image_url: document.selfie_image_url.clone(),
        };
        let is_first_known = IdentityDocument {
            further: Vec::new(),
            ..document.clone()
        } != IdentityDocument::default();
        let first = is_first_known.then_some(first);
        let all = first.into_iter().chain(document.further.iter().cloned());
        all.map(|document| KycDocument::of(document, status))
            .collect()
    }

    fn of(document: FurtherDocument, status: HolderStatus) -> KycDocument {
        KycDocument {
            document_type: document.id_type,
            document_number: document.masked_number,
            document_expiry_date: document.expiry_date,
            document_issue_date: document.issue_date,
            document_issuing_country: document.issuing_country,
            document_front_image_url: document.front_image_url,
            document_back_image_url: document.back_image_url,
            selfie_image_url: document.selfie_image_url,
            verification_status: status.cardholder_status(),
        }
    }
}

impl From<KycVerification> for KycVerificationOut {
    fn from(verification: KycVerification) -> KycVerificationOut {
        KycVerificationOut {
            provider: verification.provider,
            reference_id: verification.reference_id,
        }
    }
}
