//! Persons: the private holders of accounts and cards.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::paging::Paging;
use crate::instant::Rfc3339;
use crate::kind::{Clearable, Kind, clearable, country, date, email, object, phone, text};
use crate::shape::{Fields, Policy, Shape};

/// Where somebody lives or something is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Street and house.
    pub line1: String,
    /// Flat, floor, department.
    pub line2: Option<String>,
    /// Town or city.
    pub city: String,
    /// State, province or county.
    pub region: Option<String>,
    /// Postal code, as written in that country.
    pub postal_code: String,
    /// Two capital letters; not yet known to be a country.
    pub country: String,
}

impl Shape for Address {
    const NAME: &'static str = "Address";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let line1 = fields.required(
            "line1",
            text(1..=100)
                .about("Street and house")
                .example("Gedimino pr. 1"),
        );
        let line2 = fields.optional("line2", text(1..=100).about("Flat, floor, department"));
        let city = fields.required(
            "city",
            text(1..=64).about("Town or city").example("Vilnius"),
        );
        let region = fields.optional("region", text(1..=64).about("State, province or county"));
        let postal_code = fields.required(
            "postal_code",
            text(1..=16).about("Postal code").example("LT-01103"),
        );
        let country = fields.required(
            "country",
            country().about("Country, ISO 3166-1 alpha-2").example("LT"),
        );
        Some(Address {
            line1: line1?,
            line2: line2?,
            city: city?,
            region: region?,
            postal_code: postal_code?,
            country: country?,
        })
    }
}

/// `POST create-person`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePerson {
    /// The integrator's own id, unique among its persons.
    pub external_id: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth.
    pub birth_date: Date,
    /// Two capital letters; not yet known to be a country.
    pub nationality: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Telephone number, E.164.
    pub phone: String,
    /// Where the person lives.
    pub address: Address,
}

impl Shape for CreatePerson {
    const NAME: &'static str = "CreatePerson";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", external_id());
        let first_name = fields.required("first_name", first_name());
        let last_name = fields.required("last_name", last_name());
        let birth_date = fields.required(
            "birth_date",
            date().about("Day of birth").example("1990-05-17"),
        );
        let nationality = fields.optional(
            "nationality",
            country()
                .about("Nationality, ISO 3166-1 alpha-2")
                .example("LT"),
        );
        let email = fields.required("email", email(5..=254).example("jonas@example.com"));
        let phone = fields.required("phone", phone().about("E.164").example("+37060000000"));
        let address = fields.required(
            "address",
            object::<Address>().about("Where the person lives"),
        );
        Some(CreatePerson {
            external_id: external_id?,
            first_name: first_name?,
            last_name: last_name?,
            birth_date: birth_date?,
            nationality: nationality?,
            email: email?,
            phone: phone?,
            address: address?,
        })
    }
}

/// An integrator's own id of a record, unique among records of one type.
pub(super) fn external_id() -> impl Kind<Out = String> {
    text(1..=64)
        .about("Your own id of the record, unique among records of its type")
        .example("customer-42")
}

pub(super) fn first_name() -> impl Kind<Out = String> {
    text(1..=64).about("Given names").example("Jonas")
}

pub(super) fn last_name() -> impl Kind<Out = String> {
    text(1..=64).about("Family name").example("Jonaitis")
}

/// The id of a person: twenty digits.
pub(super) fn person_id() -> impl Kind<Out = String> {
    crate::kind::digits(20)
        .about("Id of a person")
        .example("10011000000000000001")
}

/// `PATCH update-person/{person_id}`: what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePerson {
    /// Given names.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Two capital letters; not yet known to be a country.
    pub nationality: Option<Clearable<String>>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Where the person lives.
    pub address: Option<Address>,
}

impl Shape for UpdatePerson {
    const NAME: &'static str = "UpdatePerson";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let first_name = fields.optional("first_name", first_name());
        let last_name = fields.optional("last_name", last_name());
        let birth_date = fields.optional("birth_date", date().about("Day of birth"));
        let nationality = clearable(country());
        let nationality = fields.optional(
            "nationality",
            nationality.about("Nationality, ISO 3166-1 alpha-2; null clears it"),
        );
        let email = email(5..=254).about("E-mail address");
        let email = fields.optional("email", email.example("jonas.jonaitis@example.com"));
        let phone = fields.optional("phone", phone().about("E.164"));
        let address = fields.optional(
            "address",
            object::<Address>().about("Where the person lives, the whole of it"),
        );
        Some(UpdatePerson {
            first_name: first_name?,
            last_name: last_name?,
            birth_date: birth_date?,
            nationality: nationality?,
            email: email?,
            phone: phone?,
            address: address?,
        })
    }
}

/// `POST get-persons`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetPersons {
    /// Only this one.
    pub person_id: Option<String>,
    /// Only with this id of the integrator's own.
    pub external_id: Option<String>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetPersons {
    const NAME: &'static str = "GetPersons";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let person_id = fields.optional("person_id", person_id());
        let external_id = fields.optional("external_id", external_id());
        let paging = Paging::read(fields);
        Some(GetPersons {
            person_id: person_id?,
            external_id: external_id?,
            paging: paging?,
        })
    }
}

/// An address as it is answered. What was recorded through another API may say less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostalAddress {
    /// Street and house.
    pub line1: String,
    /// Flat, floor, department.
    pub line2: Option<String>,
    /// Town or city.
    pub city: Option<String>,
    /// State, province or county.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// A person, as `get-person` answers it and `get-persons` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// Id of the person: twenty digits.
    #[schema(pattern = "^[0-9]{20}$", examples("10011000000000000001"))]
    pub person_id: String,
    /// Your own id, if you gave one.
    pub external_id: Option<String>,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth.
    #[schema(format = Date)]
    pub birth_date: Option<String>,
    /// Nationality, ISO 3166-1 alpha-2.
    pub nationality: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where the person lives.
    pub address: Option<PostalAddress>,
    /// When the person was recorded.
    pub created_at: Rfc3339,
    /// When the person last changed.
    pub updated_at: Rfc3339,
}

/// The answer to `get-persons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonList {
    /// The persons, the oldest first.
    pub items: Vec<Person>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

/// The answer to `create-person` and `update-person`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonId {
    /// Id of the person: twenty digits.
    #[schema(pattern = "^[0-9]{20}$", examples("10011000000000000001"))]
    pub person_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finci::envelope::Failure;
    use crate::shape;

    const GOOD: &str = r#"{"external_id":"c-1","first_name":"Jonas","last_name":"Jonaitis",
        "birth_date":"1990-05-17","nationality":"LT","email":"jonas@example.com","phone":"+37060000000",
        "address":{"line1":"Gedimino pr. 1","city":"Vilnius","postal_code":"LT-01103","country":"LT"}}"#;

    fn codes(body: &str) -> Vec<String> {
        let fault = shape::from_body::<CreatePerson>(body.as_bytes()).expect_err("a bad body");
        Failure::from(fault).codes().to_vec()
    }

    #[test]
    fn a_person_is_read_with_the_address() {
        let person = shape::from_body::<CreatePerson>(GOOD.as_bytes())
            .expect("a good body")
            .value;
        assert_eq!(person.birth_date, jiff::civil::date(1990, 5, 17));
        assert_eq!(person.address.postal_code, "LT-01103");
        assert_eq!(person.address.line2, None);
    }

    #[test]
    fn an_empty_person_lacks_everything_that_is_required() {
        let expected = [
            "external_id",
            "first_name",
            "last_name",
            "birth_date",
            "email",
            "phone",
            "address",
        ];
        assert_eq!(
            codes("{}"),
            expected.map(|field| format!("{field}:required"))
        );
    }

    #[test]
    fn each_wrong_field_is_named_with_its_path() {
        let replaced = |from: &str, to: &str| codes(&GOOD.replace(from, to));
        assert_eq!(replaced("1990-05-17", "1990-02-30"), ["birth_date:invalid"]);
        assert_eq!(
            replaced(r#""nationality":"LT""#, r#""nationality":"lt""#),
            ["nationality:invalid"]
        );
        assert_eq!(replaced("jonas@example.com", "jonas"), ["email:invalid"]);
        assert_eq!(replaced("+37060000000", "060000000"), ["phone:invalid"]);
        assert_eq!(replaced(r#""Jonas""#, "7"), ["first_name:invalid"]);
        assert_eq!(replaced(r#""c-1""#, r#""""#), ["external_id:invalid"]);
        assert_eq!(
            replaced(r#""city":"Vilnius","#, ""),
            ["address.city:required"]
        );
        assert_eq!(
            replaced(r#""city""#, r#""town":1,"city""#),
            ["address.town:unknown"]
        );
        assert_eq!(
            replaced(r#"{"external_id""#, r#"{"tenant":"x","external_id""#),
            ["tenant:unknown"]
        );
    }
}
