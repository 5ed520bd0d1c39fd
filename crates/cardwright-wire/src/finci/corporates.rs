//! Corporates: the companies whose employees hold cards.

use serde::Serialize;
use utoipa::ToSchema;

use super::paging::Paging;
use super::persons::{Address, PostalAddress, external_id};
use crate::instant::Rfc3339;
use crate::kind::{
    Clearable, Kind, clearable, country, digits, email, object, phone as e164, text,
};
use crate::shape::{Fields, Policy, Shape};

/// The id of a corporate: twenty digits.
pub(super) fn corporate_id() -> impl Kind<Out = String> {
    digits(20)
        .about("Id of a corporate")
        .example("10011100000000000001")
}

fn name() -> impl Kind<Out = String> {
    text(1..=100)
        .about("Name of the company")
        .example("Baltic Wire UAB")
}

fn registration_number() -> impl Kind<Out = String> {
    text(1..=64)
        .about("Number in the register of companies")
        .example("305123456")
}

fn seat() -> impl Kind<Out = String> {
    country()
        .about("Country of registration, ISO 3166-1 alpha-2")
        .example("LT")
}

/// `POST create-corporate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateCorporate {
    /// The integrator's own id, unique among its corporates.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its number in the register of companies.
    pub registration_number: String,
    /// Two capital letters; not yet known to be a country.
    pub country: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Where it is.
    pub address: Option<Address>,
}

impl Shape for CreateCorporate {
    const NAME: &'static str = "CreateCorporate";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", external_id());
        let name = fields.required("name", name());
        let registration_number = fields.required("registration_number", registration_number());
        let country = fields.required("country", seat());
        let email = fields.optional("email", email(5..=254).about("E-mail address"));
        let phone = fields.optional("phone", e164().about("E.164"));
        let address = fields.optional("address", object::<Address>().about("Where it is"));
        Some(CreateCorporate {
            external_id: external_id?,
            name: name?,
            registration_number: registration_number?,
            country: country?,
            email: email?,
            phone: phone?,
            address: address?,
        })
    }
}

/// `PATCH update-corporate/{corporate_id}`: what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateCorporate {
    /// Its name.
    pub name: Option<String>,
    /// Its number in the register of companies.
    pub registration_number: Option<String>,
    /// Two capital letters; not yet known to be a country.
    pub country: Option<String>,
    /// E-mail address.
    pub email: Option<Clearable<String>>,
    /// Telephone number, E.164.
    pub phone: Option<Clearable<String>>,
    /// Where it is.
    pub address: Option<Clearable<Address>>,
}

impl Shape for UpdateCorporate {
    const NAME: &'static str = "UpdateCorporate";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name", name());
        let registration_number = fields.optional("registration_number", registration_number());
        let country = fields.optional("country", seat());
        let email = clearable(email(5..=254)).about("E-mail address; null clears it");
        let email = fields.optional("email", email);
        let phone = fields.optional("phone", clearable(e164()).about("E.164; null clears it"));
        let address = clearable(object::<Address>()).about("Where it is; null clears it");
        let address = fields.optional("address", address);
        Some(UpdateCorporate {
            name: name?,
            registration_number: registration_number?,
            country: country?,
            email: email?,
            phone: phone?,
            address: address?,
        })
    }
}

/// `POST get-corporates`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetCorporates {
    /// Only this one.
    pub corporate_id: Option<String>,
    /// Only with this id of the integrator's own.
    pub external_id: Option<String>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetCorporates {
    const NAME: &'static str = "GetCorporates";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let corporate_id = fields.optional("corporate_id", corporate_id());
        let external_id = fields.optional("external_id", external_id());
        let paging = Paging::read(fields);
        Some(GetCorporates {
            corporate_id: corporate_id?,
            external_id: external_id?,
            paging: paging?,
        })
    }
}

/// The answer to `create-corporate` and `update-corporate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorporateId {
    /// Id of the corporate: twenty digits.
    #[schema(pattern = "^[0-9]{20}$", examples("10011100000000000001"))]
    pub corporate_id: String,
}

/// A corporate, as `get-corporate` answers it and `get-corporates` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Corporate {
    /// Id of the corporate: twenty digits.
    #[schema(pattern = "^[0-9]{20}$", examples("10011100000000000001"))]
    pub corporate_id: String,
    /// Your own id, if you gave one.
    pub external_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its number in the register of companies.
    pub registration_number: Option<String>,
    /// Where it is registered, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where it is.
    pub address: Option<PostalAddress>,
    /// When it was recorded.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}

/// The answer to `get-corporates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorporateList {
    /// The corporates, the oldest first.
    pub items: Vec<Corporate>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finci::envelope::Failure;
    use crate::shape;

    fn codes<T: Shape>(body: &str) -> String {
        match shape::from_body::<T>(body.as_bytes()) {
            Ok(_) => String::new(),
            Err(fault) => Failure::from(fault).codes().join(" "),
        }
    }

    #[test]
    fn a_corporate_needs_an_id_a_name_a_number_and_a_country() {
        assert_eq!(
            codes::<CreateCorporate>("{}"),
            "external_id:required name:required registration_number:required country:required"
        );
        let good = r#"{"external_id":"c","name":"X","registration_number":"1","country":"LT"}"#;
        assert_eq!(codes::<CreateCorporate>(good), "");
        let null = good.replace('}', r#","email":null}"#);
        assert_eq!(codes::<CreateCorporate>(&null), "email:invalid");
    }

    #[test]
    fn a_change_clears_what_is_optional_and_nothing_else() {
        let body = r#"{"email":null,"phone":null,"address":null}"#;
        let change = shape::from_body::<UpdateCorporate>(body.as_bytes())
            .expect("a good body")
            .value;
        assert_eq!(change.email, Some(Clearable::Clear));
        assert_eq!(change.name, None);
        assert_eq!(codes::<UpdateCorporate>("{}"), "");
        let needed = r#"{"name":null,"registration_number":null,"country":null}"#;
        assert_eq!(
            codes::<UpdateCorporate>(needed),
            "name:invalid registration_number:invalid country:invalid"
        );
        assert_eq!(
            codes::<UpdateCorporate>(r#"{"external_id":"x"}"#),
            "external_id:unknown"
        );
    }

    #[test]
    fn a_page_has_fifty_records_unless_it_is_asked_for_others() {
        let read = |body: &str| {
            let read = shape::from_body::<GetCorporates>(body.as_bytes());
            read.map(|read| read.value.paging.limit)
        };
        assert_eq!(read("{}"), Ok(50));
        assert_eq!(read(r#"{"limit":100}"#), Ok(100));
        assert_eq!(codes::<GetCorporates>(r#"{"limit":101}"#), "limit:invalid");
        assert_eq!(codes::<GetCorporates>(r#"{"limit":0}"#), "limit:invalid");
    }
}
