//! What is known about a holder, once, whatever names it came under.
//!
//! Serialized, a profile is what a server keeps beside the fields it has columns for: those, and
//! the number of the document, are left out.

use jiff::civil::Date;

use serde::{Deserialize, Serialize};

use crate::kind::Hidden;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Given names.
    #[serde(skip)]
    pub first_name: Option<String>,
    /// Middle names.
    #[serde(skip)]
    pub middle_name: Option<String>,
    /// Family name.
    #[serde(skip)]
    pub last_name: Option<String>,
    /// Day of birth.
    #[serde(skip)]
    pub birthday: Option<Date>,
    /// E-mail address.
    #[serde(skip)]
    pub email: Option<String>,
    /// Country code of the telephone number, with its plus.
    #[serde(skip)]
    pub area_code: Option<String>,
    /// Telephone number without it.
    #[serde(skip)]
    pub mobile: Option<String>,
    /// Country of residence, alpha-2.
    #[serde(skip)]
    pub country: Option<String>,
    /// Nationality, alpha-2.
    #[serde(skip)]
    pub nationality: Option<String>,
    /// As given: M, F, male, female.
    pub gender: Option<String>,
    /// Where the person lives.
    pub residence: Residence,
    /// Where letters go, if elsewhere.
    pub mailing_address: Option<PostalAddress>,
    /// What the person does.
    pub employment: Employment,
    /// What proves who the person is.
    pub document: IdentityDocument,
    /// What the account is for.
    pub account_purpose: Option<String>,
    /// What is expected to be spent in a month.
    pub expected_monthly_volume: Option<String>,
    /// The person's address on the internet.
    pub ip_address: Option<String>,
    /// What another provider found out.
    pub kyc_verification: Option<KycVerification>,
    /// How risky the integrator thinks the person is.
    pub risk_level: Option<String>,
}

/// Where a person lives; the country stands in the profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Residence {
    /// Street and house.
    #[serde(skip)]
    pub address: Option<String>,
    /// Flat, floor, department.
    #[serde(skip)]
    pub address_line2: Option<String>,
    /// Town or city, by code or name.
    #[serde(skip)]
    pub town: Option<String>,
    /// State or province.
    #[serde(skip)]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip)]
    pub post_code: Option<String>,
    /// Such as RESIDENTIAL.
    pub address_type: Option<String>,
    /// Whether it is the main one.
    pub is_primary: Option<bool>,
}

/// A whole address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PostalAddress {
    /// Street and house.
    pub address_line1: Option<String>,
    /// Flat, floor, department.
    pub address_line2: Option<String>,
    /// Town or city.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Such as RESIDENTIAL.
    pub address_type: Option<String>,
    /// Whether it is the main one.
    pub is_primary: Option<bool>,
}

/// What a person does for a living.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Employment {
    /// Code of the occupation.
    pub occupation: Option<String>,
    /// The occupation in words.
    pub occupation_title: Option<String>,
    /// Income in a year.
    pub annual_salary: Option<String>,
    /// Income in a month.
    pub monthly_income: Option<String>,
    /// In which currency.
    pub income_currency: Option<String>,
    /// Who pays it.
    pub employer_name: Option<String>,
    /// In which industry.
    pub industry: Option<String>,
    /// Such as `FULL_TIME`.
    pub status: Option<String>,
    /// Since when.
    pub start_date: Option<String>,
    /// Where.
    pub employer_address: Option<PostalAddress>,
}

/// What proves who a person is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentityDocument {
    /// Such as PASSPORT.
    pub id_type: Option<String>,
    /// Its number; goes out masked.
    #[serde(skip)]
    pub id_number: Option<Hidden>,
    /// Since when it is good.
    pub issue_date: Option<String>,
    /// Until when.
    pub expiry_date: Option<String>,
    /// Who issued it.
    pub issuing_country: Option<String>,
    /// File with its front.
    pub front_file_id: Option<String>,
    /// File with its back.
    pub back_file_id: Option<String>,
    /// File with the person holding it.
    pub hold_file_id: Option<String>,
    /// Picture of its front elsewhere.
    pub front_image_url: Option<String>,
    /// Picture of its back elsewhere.
    pub back_image_url: Option<String>,
    /// Picture of the person elsewhere.
    pub selfie_image_url: Option<String>,
    /// Further documents.
    pub further: Vec<FurtherDocument>,
}

/// A document beside the one by which a person is told from others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FurtherDocument {
    /// Such as PASSPORT.
    pub id_type: Option<String>,
    /// Its number, of which no more is kept than goes out.
    pub masked_number: Option<String>,
    /// Since when it is good.
    pub issue_date: Option<String>,
    /// Until when.
    pub expiry_date: Option<String>,
    /// Who issued it.
    pub issuing_country: Option<String>,
    /// Picture of its front elsewhere.
    pub front_image_url: Option<String>,
    /// Picture of its back elsewhere.
    pub back_image_url: Option<String>,
    /// Picture of the person elsewhere.
    pub selfie_image_url: Option<String>,
}

/// What another provider found out about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KycVerification {
    /// Who, such as SUMSUB.
    pub provider: String,
    /// Its own id of the person.
    pub reference_id: String,
}

impl Profile {
    /// The person after a change: what the change leaves out stays as it was.
    #[must_use]
    pub fn changed_by(self, change: Profile) -> Profile {
        Profile {
            first_name: change.first_name.or(self.first_name),
            middle_name: change.middle_name.or(self.middle_name),
            last_name: change.last_name.or(self.last_name),
            birthday: change.birthday.or(self.birthday),
            email: change.email.or(self.email),
            area_code: change.area_code.or(self.area_code),
            mobile: change.mobile.or(self.mobile),
            country: change.country.or(self.country),
            nationality: change.nationality.or(self.nationality),
            gender: change.gender.or(self.gender),
            residence: self.residence.changed_by(change.residence),
            mailing_address: PostalAddress::merged(self.mailing_address, change.mailing_address),
            employment: self.employment.changed_by(change.employment),
            document: self.document.changed_by(change.document),
            account_purpose: change.account_purpose.or(self.account_purpose),
            expected_monthly_volume: change
                .expected_monthly_volume
                .or(self.expected_monthly_volume),
            ip_address: change.ip_address.or(self.ip_address),
            kyc_verification: change.kyc_verification.or(self.kyc_verification),
            risk_level: change.risk_level.or(self.risk_level),
        }
    }
}

impl Residence {
    fn changed_by(self, change: Residence) -> Residence {
        Residence {
            address: change.address.or(self.address),
            address_line2: change.address_line2.or(self.address_line2),
            town: change.town.or(self.town),
            state: change.state.or(self.state),
            post_code: change.post_code.or(self.post_code),
            address_type: change.address_type.or(self.address_type),
            is_primary: change.is_primary.or(self.is_primary),
        }
    }
}

impl PostalAddress {
    /// The address after a change; either may not be there.
    fn merged(before: Option<PostalAddress>, change: Option<PostalAddress>) -> Option<Self> {
        match (before, change) {
            (Some(before), Some(change)) => Some(before.changed_by(change)),
            (before, change) => change.or(before),
        }
    }

    fn changed_by(self, change: PostalAddress) -> PostalAddress {
        PostalAddress {
            address_line1: change.address_line1.or(self.address_line1),
            address_line2: change.address_line2.or(self.address_line2),
            city: change.city.or(self.city),
            state: change.state.or(self.state),
            postal_code: change.postal_code.or(self.postal_code),
            country: change.country.or(self.country),
            address_type: change.address_type.or(self.address_type),
            is_primary: change.is_primary.or(self.is_primary),
        }
    }
}

impl Employment {
    fn changed_by(self, change: Employment) -> Employment {
        Employment {
            occupation: change.occupation.or(self.occupation),
            occupation_title: change.occupation_title.or(self.occupation_title),
            annual_salary: change.annual_salary.or(self.annual_salary),
            monthly_income: change.monthly_income.or(self.monthly_income),
            income_currency: change.income_currency.or(self.income_currency),
            employer_name: change.employer_name.or(self.employer_name),
            industry: change.industry.or(self.industry),
            status: change.status.or(self.status),
            start_date: change.start_date.or(self.start_date),
            employer_address: PostalAddress::merged(self.employer_address, change.employer_address),
        }
    }
}

impl IdentityDocument {
    fn changed_by(self, change: IdentityDocument) -> IdentityDocument {
        IdentityDocument {
            id_type: change.id_type.or(self.id_type),
            id_number: change.id_number.or(self.id_number),
            issue_date: change.issue_date.or(self.issue_date),
            expiry_date: change.expiry_date.or(self.expiry_date),
            issuing_country: change.issuing_country.or(self.issuing_country),
            front_file_id: change.front_file_id.or(self.front_file_id),
            back_file_id: change.back_file_id.or(self.back_file_id),
            hold_file_id: change.hold_file_id.or(self.hold_file_id),
            front_image_url: change.front_image_url.or(self.front_image_url),
            back_image_url: change.back_image_url.or(self.back_image_url),
            selfie_image_url: change.selfie_image_url.or(self.selfie_image_url),
            further: if change.further.is_empty() {
                self.further
            } else {
                change.further
            },
        }
    }

    /// The files it names.
    pub fn files(&self) -> impl Iterator<Item = &String> {
        let named = [&self.front_file_id, &self.back_file_id, &self.hold_file_id];
        named.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_a_change_does_not_name() {
        let address = |line1: Option<&str>, city: Option<&str>| PostalAddress {
            address_line1: line1.map(str::to_owned),
            city: city.map(str::to_owned),
            ..PostalAddress::default()
        };
        let person = |address: Option<PostalAddress>| Profile {
            mailing_address: address.clone(),
            employment: Employment {
                employer_address: address,
                ..Employment::default()
            },
            ..Profile::default()
        };
        let old = || person(Some(address(Some("1 Old Road"), Some("Lisbon"))));
        let moved = person(Some(address(Some("2 New Road"), Some("Lisbon"))));
        let change = person(Some(address(Some("2 New Road"), None)));
        assert_eq!(old().changed_by(change.clone()), moved);
        assert_eq!(old().changed_by(person(None)), old());
        assert_eq!(person(None).changed_by(change.clone()), change);
    }
}
