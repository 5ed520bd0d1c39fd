//! What is answered about a holder: every stored field under every published name, flat and nested.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::fincard::card_types::HolderModel;
use crate::fincard::ids::TextId;
use crate::instant::UnixMs;

use super::nested::{EmploymentInfo, KycDocument, KycVerificationOut, NestedAddress, PersonalInfo};
use super::profile::{IdentityDocument, Profile};
use super::{HolderStatus, masked_id_number};

/// How risky a holder is whom nobody rated.
const LOW: &str = "LOW";

/// Who has the review in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatusFlow {
    /// The platform.
    Admin,
    /// The card's channel.
    Channel,
}

/// What the server knows about a holder; [`Holder`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderFacts {
    /// Core id.
    pub id: i64,
    /// How much must be known about the holder.
    pub model: HolderModel,
    /// The integrator's number.
    pub merchant_order_no: Option<String>,
    /// The card type the holder is meant for.
    pub card_type_id: Option<i64>,
    /// How far the review is.
    pub status: HolderStatus,
    /// Who has it in hand.
    pub status_flow: StatusFlow,
    /// Why it was rejected.
    pub reject_reason: Option<String>,
    /// The name of the country of residence.
    pub country_name: Option<String>,
    /// The name of the town.
    pub town_name: Option<String>,
    /// The person.
    pub profile: Profile,
    /// When the holder was created.
    pub created_at: Timestamp,
    /// When the holder last changed.
    pub updated_at: Timestamp,
}

/// The document of a holder, as flat fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HolderDocument)]
struct FlatDocument {
    /// Type of the document.
    id_type: Option<String>,
    /// Number of the document, masked but for the last four characters.
    id_number: Option<String>,
    /// Since when the document is good.
    issue_date: Option<String>,
    /// Until when.
    id_no_expiry_date: Option<String>,
    /// File with the front of the document.
    id_front_id: Option<String>,
    /// Same as `idFrontId`.
    id_front_file_id: Option<String>,
    /// File with the back.
    id_back_id: Option<String>,
    /// Same as `idBackId`.
    id_back_file_id: Option<String>,
    /// File with the person holding it.
    id_hold_id: Option<String>,
}

/// The review of a holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HolderReview)]
struct Review {
    /// How far the review is: `wait_audit`, `under_review`, `pass_audit`, reject.
    status: &'static str,
    /// The same in other words: PENDING, `UNDER_REVIEW`, APPROVED, REJECTED.
    cardholder_status: &'static str,
    /// Who has the review in hand.
    status_flow_location: StatusFlow,
    /// Why the holder was rejected.
    description: Option<String>,
    /// Same as `description`.
    #[schema(deprecated)]
    resp_msg: Option<String>,
}

/// A cardholder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Holder {
    /// Id of the holder.
    holder_id: i64,
    /// Same as `holderId`.
    cardholder_id: TextId,
    /// How much must be known about the holder.
    card_holder_model: HolderModel,
    /// Same as `cardHolderModel`.
    cardholder_type: HolderModel,
    /// Your number.
    merchant_order_no: Option<String>,
    /// The card type the holder is meant for.
    card_type_id: Option<i64>,
    /// Country code of the telephone number.
    area_code: Option<String>,
    /// Same as `areaCode`.
    phone_country_code: Option<String>,
    /// Telephone number.
    mobile: Option<String>,
    /// Same as `mobile`.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Day of birth.
    birthday: Option<String>,
    /// Country of residence, alpha-2.
    country: Option<String>,
    /// Its name.
    country_str: Option<String>,
    /// Town, by code.
    town: Option<String>,
    /// Same as `town`.
    city: Option<String>,
    /// Its name.
    town_str: Option<String>,
    /// State or province.
    state: Option<String>,
    /// Street and house.
    address: Option<String>,
    /// Postal code.
    post_code: Option<String>,
    /// Same as `postCode`.
    zip_code: Option<String>,
    /// Nationality, alpha-2.
    nationality: Option<String>,
    /// As given.
    gender: Option<String>,
    /// Occupation code.
    occupation: Option<String>,
    /// Income in a year.
    annual_salary: Option<String>,
    /// What is expected to be spent in a month.
    expected_monthly_volume: Option<String>,
    /// What the account is for.
    account_purpose: Option<String>,
    #[serde(flatten)]
    document: FlatDocument,
    /// The person's address on the internet.
    ip_address: Option<String>,
    /// What another provider found out.
    kyc_verification: Option<KycVerificationOut>,
    #[serde(flatten)]
    review: Review,
    /// Always null: a holder has no account of its own here.
    account_id: Option<TextId>,
    /// Always null: there is no reference beside the id.
    cardholder_reference: Option<String>,
    /// As you rate it; LOW where you did not.
    risk_level: String,
    /// The person once more, nested.
    personal_info: PersonalInfo,
    /// The residence once more, nested.
    residential_address: NestedAddress,
    /// Where letters go, if elsewhere.
    mailing_address: Option<NestedAddress>,
    /// The employment once more, nested.
    employment_info: EmploymentInfo,
    /// The document once more, nested, and further ones; empty if there is none.
    kyc_documents: Vec<KycDocument>,
    /// When the holder was created.
    create_time: UnixMs,
    /// When the holder last changed.
    update_time: UnixMs,
}

impl From<HolderFacts> for Holder {
    fn from(facts: HolderFacts) -> Holder {
        let profile = facts.profile;
        let kyc_documents = KycDocument::list(&profile.document, facts.status);
        Holder {
            holder_id: facts.id,
            cardholder_id: TextId(facts.id),
            card_holder_model: facts.model,
            cardholder_type: facts.model,
            merchant_order_no: facts.merchant_order_no,
            card_type_id: facts.card_type_id,
            personal_info: PersonalInfo::from(&profile),
            residential_address: NestedAddress::of_residence(
                &profile.residence,
                profile.country.clone(),
            ),
            mailing_address: profile.mailing_address.as_ref().map(NestedAddress::from),
            employment_info: EmploymentInfo::from(&profile.employment),
            area_code: profile.area_code.clone(),
            phone_country_code: profile.area_code,
            mobile: profile.mobile.clone(),
            phone: profile.mobile,
            email: profile.email,
            first_name: profile.first_name.unwrap_or_default(),
            last_name: profile.last_name.unwrap_or_default(),
            birthday: profile.birthday.map(|day| day.to_string()),
            country: profile.country,
            country_str: facts.country_name,
            town: profile.residence.town.clone(),
            city: profile.residence.town,
            town_str: facts.town_name,
            state: profile.residence.state,
            address: profile.residence.address,
            post_code: profile.residence.post_code.clone(),
            zip_code: profile.residence.post_code,
            nationality: profile.nationality,
            gender: profile.gender,
            occupation: profile.employment.occupation,
            annual_salary: profile.employment.annual_salary,
            expected_monthly_volume: profile.expected_monthly_volume,
            account_purpose: profile.account_purpose,
            document: FlatDocument::from(profile.document),
            ip_address: profile.ip_address,
            kyc_verification: profile.kyc_verification.map(KycVerificationOut::from),
            review: Review {
                status: facts.status.status(),
                cardholder_status: facts.status.cardholder_status(),
                status_flow_location: facts.status_flow,
                resp_msg: facts.reject_reason.clone(),
                description: facts.reject_reason,
            },
            account_id: None,
            cardholder_reference: None,
            risk_level: profile.risk_level.unwrap_or_else(|| LOW.to_owned()),
            kyc_documents,
            create_time: UnixMs(facts.created_at),
            update_time: UnixMs(facts.updated_at),
        }
    }
}

impl From<IdentityDocument> for FlatDocument {
    fn from(document: IdentityDocument) -> FlatDocument {
        FlatDocument {
            id_type: document.id_type,
            id_number: document
                .id_number
                .map(|number| masked_id_number(number.expose())),
            issue_date: document.issue_date,
            id_no_expiry_date: document.expiry_date,
            id_front_id: document.front_file_id.clone(),
            id_front_file_id: document.front_file_id,
            id_back_id: document.back_file_id.clone(),
            id_back_file_id: document.back_file_id,
            id_hold_id: document.hold_file_id,
        }
    }
}
