//! What the calls about cardholders send.
//!
//! A cardholder is recorded loosely, for any card type, or strictly, with everything that card types
//! of a model ask for. Each way has its own constructor, which takes all that it requires.

use serde::Serialize;

use super::requests;

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth: `1990-05-17`.
    pub birthday: String,
    /// E-mail address.
    pub email: String,
    /// Street and house.
    pub address: String,
}

/// Where somebody is from; one of the two is enough for a loose record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Country of residence, two letters.
    Country(String),
    /// Nationality, two letters.
    Nationality(String),
}

/// What proves who somebody is; one of the two is enough for a loose record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityDocument {
    /// The number of a document.
    Number(String),
    /// The file with the front of a document, as uploaded.
    Front(String),
}

/// What every card type that has a model asks for besides the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Your number of the cardholder: 20 to 40 letters, digits, `_`, `-`.
    pub merchant_order_no: String,
    /// For which card type.
    pub card_type_id: i64,
    /// Dial code: `+61`.
    pub area_code: String,
    /// Telephone number without it.
    pub mobile: String,
    /// Country of residence, two letters.
    pub country: String,
    /// The code of the town.
    pub town: String,
    /// Postal code.
    pub post_code: String,
}

/// What card types of the model B2C ask for besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Nationality, two letters.
    pub nationality: String,
    /// M or F.
    pub gender: String,
    /// Code of the occupation.
    pub occupation: String,
    /// What is earned in a year: `100000 USD`.
    pub annual_salary: String,
    /// What is going to be spent in a month: `10000 USD`.
    pub expected_monthly_volume: String,
    /// What the card is for.
    pub account_purpose: String,
    /// `PASSPORT`, `DLN`, `GOVERNMENT_ISSUED_ID_CARD`, `HK_HKID`.
    pub id_type: String,
    /// The number of the document.
    pub id_number: String,
    /// The day it was issued.
    pub issue_date: String,
    /// The day it ends.
    pub id_no_expiry_date: String,
    /// The address of the person's device, IPv4.
    pub ip_address: String,
    /// The file with the front of the document.
    pub id_front_id: String,
    /// The file with its back; the front again where it has none.
    pub id_back_id: String,
    /// The file with the person holding it.
    pub id_hold_id: String,
}

/// Where letters go, if elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MailingAddress {
    /// Street and house.
    pub address_line1: String,
    /// Flat, floor, department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// Town.
    pub city: String,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: String,
    /// Country, two letters.
    pub country: String,
}

/// Somebody else's check of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KycVerification {
    /// Who checked: `SUMSUB`.
    pub provider: String,
    /// How the person is called there.
    pub reference_id: String,
}

requests! {
    /// What is told about a cardholder; of a correction, what changes.
    HolderDetails {} also {
        /// Given names.
        first_name: String,
        /// Middle name.
        middle_name: String,
        /// Family name.
        last_name: String,
        /// Day of birth.
        birthday: String,
        /// E-mail address.
        email: String,
        /// For which card type.
        card_type_id: i64,
        /// Dial code.
        area_code: String,
        /// Telephone number without it.
        mobile: String,
        /// Country of residence, two letters.
        country: String,
        /// Code or name of the town.
        town: String,
        /// State, province or county.
        state: String,
        /// Street and house.
        address: String,
        /// Flat, floor, department.
        address_line2: String,
        /// Postal code.
        post_code: String,
        /// Where letters go, if elsewhere.
        mailing_address: MailingAddress,
        /// Nationality, two letters.
        nationality: String,
        /// M or F.
        gender: String,
        /// Code of the occupation.
        occupation: String,
        /// What is earned in a year.
        annual_salary: String,
        /// What is going to be spent in a month.
        expected_monthly_volume: String,
        /// What the card is for.
        account_purpose: String,
        /// Which document.
        id_type: String,
        /// The number of the document.
        id_number: String,
        /// The day it was issued.
        issue_date: String,
        /// The day it ends.
        id_no_expiry_date: String,
        /// The file with its front.
        id_front_id: String,
        /// The file with its back.
        id_back_id: String,
        /// The file with the person holding it.
        id_hold_id: String,
        /// The address of the person's device.
        ip_address: String,
        /// Somebody else's check of the person.
        kyc_verification: KycVerification,
        /// How much care they need: `LOW`.
        risk_level: String,
    }
    /// `card/holder/updateEmail`
    UpdateEmail {
        /// Which cardholder.
        holder_id: i64,
        /// The new address.
        email: String,
    } also {}
    /// `card/holder/update`, `card/holder/v2/update`
    UpdateHolder {
        /// Which cardholder.
        holder_id: i64,
        /// What changes; the rest stays.
        #[serde(flatten)]
        change: HolderDetails,
    } also {
        /// For which model they are described from now on: B2B, B2C.
        card_holder_model: String,
    }
}

impl Default for HolderDetails {
    fn default() -> HolderDetails {
        HolderDetails::new()
    }
}

/// `card/holder/create`, `card/holder/v2/create`
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewHolder {
    #[serde(skip_serializing_if = "Option::is_none")]
    card_holder_model: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_order_no: Option<String>,
    #[serde(flatten)]
    details: HolderDetails,
}

impl NewHolder {
    /// With what every card type accepts.
    pub fn loose(person: Person, origin: Origin, document: IdentityDocument) -> NewHolder {
        let details = described(person);
        let details = match origin {
            Origin::Country(country) => details.country(country),
            Origin::Nationality(nationality) => details.nationality(nationality),
        };
        let details = match document {
            IdentityDocument::Number(number) => details.id_number(number),
            IdentityDocument::Front(file) => details.id_front_id(file),
        };
        NewHolder {
            card_holder_model: None,
            merchant_order_no: None,
            details,
        }
    }

    /// With all that card types of the model B2B ask for; the older call asks for the nationality as
    /// well, see [`NewHolder::also`].
    pub fn business(person: Person, contact: Contact) -> NewHolder {
        NewHolder {
            card_holder_model: Some("B2B"),
            merchant_order_no: Some(contact.merchant_order_no),
            details: described(person)
                .card_type_id(contact.card_type_id)
                .area_code(contact.area_code)
                .mobile(contact.mobile)
                .country(contact.country)
                .town(contact.town)
                .post_code(contact.post_code),
        }
    }

    /// With all that card types of the model B2C ask for.
    pub fn consumer(person: Person, contact: Contact, consumer: Consumer) -> NewHolder {
        let business = NewHolder::business(person, contact);
        NewHolder {
            card_holder_model: Some("B2C"),
            ..business
        }
        .also(|details| {
            details
                .nationality(consumer.nationality)
                .gender(consumer.gender)
                .occupation(consumer.occupation)
                .annual_salary(consumer.annual_salary)
                .expected_monthly_volume(consumer.expected_monthly_volume)
                .account_purpose(consumer.account_purpose)
                .id_type(consumer.id_type)
                .id_number(consumer.id_number)
                .issue_date(consumer.issue_date)
                .id_no_expiry_date(consumer.id_no_expiry_date)
                .ip_address(consumer.ip_address)
                .id_front_id(consumer.id_front_id)
                .id_back_id(consumer.id_back_id)
                .id_hold_id(consumer.id_hold_id)
        })
    }

    /// Your number of the cardholder; with it the call is made again after a failure on the way.
    #[must_use]
    pub fn merchant_order_no(mut self, number: impl Into<String>) -> NewHolder {
        self.merchant_order_no = Some(number.into());
        self
    }

    /// And more about them.
    #[must_use]
    pub fn also(mut self, more: impl FnOnce(HolderDetails) -> HolderDetails) -> NewHolder {
        self.details = more(self.details);
        self
    }
}

fn described(person: Person) -> HolderDetails {
    HolderDetails::new()
        .first_name(person.first_name)
        .last_name(person.last_name)
        .birthday(person.birthday)
        .email(person.email)
        .address(person.address)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::{Value, json};

    use super::*;

    fn ana() -> Person {
        Person {
            first_name: "Ana".to_owned(),
            last_name: "Brown".to_owned(),
            birthday: "1990-05-17".to_owned(),
            email: "ana@example.com".to_owned(),
            address: "2 Main Street".to_owned(),
        }
    }

    fn sent(request: impl Serialize) -> Value {
        serde_json::to_value(request).unwrap()
    }

    #[test]
    fn a_loose_record_has_what_it_needs_and_no_model() {
        let origin = Origin::Nationality("AU".to_owned());
        let loose = NewHolder::loose(ana(), origin, IdentityDocument::Number("N-1".to_owned()));
        assert_eq!(
            sent(loose.also(|details| details.gender("F"))),
            json!({"firstName": "Ana", "lastName": "Brown", "birthday": "1990-05-17",
                "email": "ana@example.com", "address": "2 Main Street", "nationality": "AU",
                "idNumber": "N-1", "gender": "F"})
        );
    }

    #[test]
    fn a_correction_sends_the_cardholder_and_what_changes() {
        let change = UpdateHolder::new(7, HolderDetails::new().last_name("Green"));
        assert_eq!(sent(change), json!({"holderId": 7, "lastName": "Green"}));
    }
}
