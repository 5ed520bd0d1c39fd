//! Cardholders.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::records;

records! {
    /// A cardholder.
    Holder {
        /// Its id; `cardholderId` is the same as text.
        holder_id: i64,
        /// `wait_audit`, `under_review`, `pass_audit`, reject.
        status: String,
        /// Where it is checked: admin, channel.
        status_flow_location: String,
        /// PENDING, `UNDER_REVIEW`, APPROVED, REJECTED.
        cardholder_status: Option<String>,
        /// Why it was refused.
        description: Option<String>,
        /// B2B or B2C; `cardholderType` is the same.
        card_holder_model: Option<String>,
        /// Your number of them; `cardholderReference` is the same.
        merchant_order_no: Option<String>,
        /// For which card type.
        card_type_id: Option<i64>,
        /// Given names.
        first_name: Option<String>,
        /// Family name.
        last_name: Option<String>,
        /// Day of birth.
        birthday: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// Dial code.
        area_code: Option<String>,
        /// Telephone number without it.
        mobile: Option<String>,
        /// Country of residence, two letters.
        country: Option<String>,
        /// That country's name.
        country_str: Option<String>,
        /// Code or name of the town.
        town: Option<String>,
        /// That town's name.
        town_str: Option<String>,
        /// State, province or county.
        state: Option<String>,
        /// Street and house.
        address: Option<String>,
        /// Postal code.
        post_code: Option<String>,
        /// Nationality, two letters.
        nationality: Option<String>,
        /// M or F.
        gender: Option<String>,
        /// Code of the occupation.
        occupation: Option<String>,
        /// What is earned in a year.
        annual_salary: Option<String>,
        /// What is going to be spent in a month.
        expected_monthly_volume: Option<String>,
        /// What the card is for.
        account_purpose: Option<String>,
        /// Which document.
        id_type: Option<String>,
        /// The number of the document, most of it hidden.
        id_number: Option<String>,
        /// The day it was issued.
        issue_date: Option<String>,
        /// The day it ends.
        id_no_expiry_date: Option<String>,
        /// The file with its front.
        id_front_id: Option<String>,
        /// The file with its back.
        id_back_id: Option<String>,
        /// The file with the person holding it.
        id_hold_id: Option<String>,
        /// The address of the person's device.
        ip_address: Option<String>,
        /// Who they are, once more.
        personal_info: Option<PersonalInfo>,
        /// Where they live, once more.
        residential_address: Option<HolderAddress>,
        /// Where letters go, if elsewhere.
        mailing_address: Option<HolderAddress>,
        /// What they do.
        employment_info: Option<EmploymentInfo>,
        /// What proves who they are.
        #[serde(default)]
        kyc_documents: Vec<KycDocument>,
        /// Somebody else's check of them.
        kyc_verification: Option<KycVerification>,
        /// The account their cards are paid from.
        account_id: Option<String>,
        /// How much care they need: LOW.
        risk_level: Option<String>,
        /// When it was made, Unix milliseconds.
        create_time: Option<i64>,
        /// When it last changed, Unix milliseconds.
        update_time: Option<i64>,
    }
    /// Who somebody is.
    PersonalInfo {
        /// Given names.
        first_name: Option<String>,
        /// Middle name.
        middle_name: Option<String>,
        /// Family name.
        last_name: Option<String>,
        /// Day of birth.
        date_of_birth: Option<String>,
        /// MALE or FEMALE.
        gender: Option<String>,
        /// Nationality, two letters.
        nationality: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// Telephone number; `mobileNumber` is the same.
        phone_number: Option<String>,
    }
    /// Where somebody lives, works or has letters sent.
    HolderAddress {
        /// Street and house.
        address_line1: Option<String>,
        /// Flat, floor, department.
        address_line2: Option<String>,
        /// Town.
        city: Option<String>,
        /// State, province or county.
        state: Option<String>,
        /// Postal code.
        postal_code: Option<String>,
        /// Country, two letters.
        country: Option<String>,
        /// RESIDENTIAL, …
        address_type: Option<String>,
        /// Whether it is the first of several.
        is_primary: Option<bool>,
    }
    /// What somebody does.
    EmploymentInfo {
        /// For whom.
        employer_name: Option<String>,
        /// Code of the occupation.
        occupation_code: Option<String>,
        /// What they are called.
        occupation_title: Option<String>,
        /// In which industry.
        industry: Option<String>,
        /// `FULL_TIME`, …
        employment_status: Option<String>,
        /// Since when.
        employment_start_date: Option<String>,
        /// What is earned in a month.
        monthly_income: Option<String>,
        /// What is earned in a year.
        annual_income: Option<String>,
        /// In which currency.
        income_currency: Option<String>,
        /// Where.
        employer_address: Option<HolderAddress>,
    }
    /// What proves who somebody is.
    KycDocument {
        /// Which document.
        document_type: Option<String>,
        /// Its number, most of it hidden.
        document_number: Option<String>,
        /// The day it was issued.
        document_issue_date: Option<String>,
        /// The day it ends.
        document_expiry_date: Option<String>,
        /// Where it was issued.
        document_issuing_country: Option<String>,
        /// A picture of its front.
        document_front_image_url: Option<String>,
        /// A picture of its back.
        document_back_image_url: Option<String>,
        /// A picture of the person holding it.
        selfie_image_url: Option<String>,
        /// PENDING, …
        verification_status: Option<String>,
    }
    /// Somebody else's check of a person.
    KycVerification {
        /// Who checked.
        provider: Option<String>,
        /// How the person is called there.
        reference_id: Option<String>,
    }
}
