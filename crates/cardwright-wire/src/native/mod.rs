//! Our own surfaces, `/admin`, `/sandbox` and `/network`: plain JSON resources in `snake_case`.
//!
//! What the three have in common: an id is a decimal string (tenants and users have UUIDs), an
//! amount is a whole number of minor units next to its currency, a time is RFC 3339, a list comes
//! in pages. A request is read strictly: what it names and we do not know is a fault.

pub mod admin;
pub mod clock;
pub mod errors;
pub mod messages;
pub mod network;
pub mod sandbox;
pub mod seed;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};

use crate::json::Json;
use crate::kind::{Integer, Kind, Parsed, Refused, currency, integer, text};
use crate::shape::{Fields, Policy, Shape};

/// The header that names the tenant a call acts on.
pub const TENANT_HEADER: &str = "X-Tenant-ID";
/// The header that names a change, so that it can be repeated without having its effect twice.
pub const IDEMPOTENCY_KEY_HEADER: &str = "Idempotency-Key";

/// The largest amount that is taken: beyond it common JSON parsers lose digits.
const AMOUNT_MAX: i64 = (1 << 53) - 1;
/// How many records a page has where the caller does not say.
const PAGE_DEFAULT: i64 = 50;
/// How many records a page can have.
const PAGE_MAX: i64 = 100;

/// An id as it is answered: a decimal string, so that no parser rounds it.
///
/// ```
/// use cardwright_wire::native::RecordId;
///
/// assert_eq!(serde_json::to_string(&RecordId(42)).unwrap(), "\"42\"");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId(pub i64);

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl utoipa::PartialSchema for RecordId {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::String);
        object.pattern = Some("^[1-9][0-9]{0,15}$".to_owned());
        object.examples.push("1734567890123".into());
        RefOr::T(Schema::Object(object))
    }
}

impl utoipa::ToSchema for RecordId {}

/// How much of which currency, as a request says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// In minor units; more than nothing.
    pub amount_minor: i64,
    /// Three capital letters; not yet known to be a currency.
    pub currency: String,
}

impl Money {
    /// Asks for `amount` and `currency`, which must both be there.
    pub fn read(fields: &mut Fields<'_>) -> Option<Money> {
        let amount = fields.required(
            "amount",
            amount().about("Amount in minor units").example(1_050),
        );
        let currency = fields.required(
            "currency",
            currency().about("Currency, ISO 4217").example("USD"),
        );
        Some(Money {
            amount_minor: amount?,
            currency: currency?,
        })
    }
}

/// An amount in minor units, of at least one.
pub fn amount() -> Integer {
    integer(1..=AMOUNT_MAX)
}

/// Where a list begins and how much of it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// How many records at most.
    pub limit: i64,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Paging {
    /// Asks for `limit` and `cursor`, both of which may be left out.
    pub fn read(fields: &mut Fields<'_>) -> Option<Paging> {
        let limit = fields.optional(
            "limit",
            Count(integer(1..=PAGE_MAX))
                .about("How many records at most; 50 where it is left out")
                .example(20),
        );
        let cursor = fields.optional(
            "cursor",
            text(1..=400).about("`next_cursor` of the page before"),
        );
        Some(Paging {
            limit: limit?.unwrap_or(PAGE_DEFAULT),
            cursor: cursor?,
        })
    }
}

/// A list that is only cut into pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Which page.
    pub paging: Paging,
}

impl Shape for List {
    const NAME: &'static str = "List";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(List {
            paging: Paging::read(fields)?,
        })
    }
}

/// A request that says nothing beyond its path: `{}`, or no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empty;

impl Shape for Empty {
    const NAME: &'static str = "Empty";
    const POLICY: Policy = Policy::Strict;

    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(Empty)
    }
}

/// A whole number that is also read from the text of a query.
pub struct Count(Integer);

impl Count {
    /// Whole numbers of this kind.
    pub(crate) fn of(numbers: Integer) -> Count {
        Count(numbers)
    }
}

impl Kind for Count {
    type Out = i64;

    fn parse(&self, value: &Json) -> Result<Parsed<i64>, Refused> {
        match value {
            Json::Text(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.0.parse(&Json::Number(digits.clone()))
            }
            other => self.0.parse(other),
        }
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// Where the list goes on; null at its end.
    pub next_cursor: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// The schema of a page of this kind.
    pub fn schema(items: RefOr<Schema>) -> Schema {
        let list = utoipa::openapi::schema::Array::new(items);
        let mut cursor = Object::new();
        cursor.schema_type = SchemaType::Array(vec![Type::String, Type::Null]);
        cursor.description = Some("Where the list goes on; null at its end.".to_owned());
        let mut page = Object::with_type(Type::Object);
        page.properties
            .insert("items".to_owned(), Schema::Array(list).into());
        page.properties
            .insert("next_cursor".to_owned(), Schema::Object(cursor).into());
        page.required = vec!["items".to_owned(), "next_cursor".to_owned()];
        Schema::Object(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault, Fault, FaultKind};

    fn list(members: &[(&str, &str)]) -> Result<Paging, Vec<Fault>> {
        let members: Vec<(String, Json)> = members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Json::Text((*value).to_owned())))
            .collect();
        shape::from_members::<List>(&members).map(|read| read.value.paging)
    }

    #[test]
    fn a_page_has_fifty_records_unless_the_query_says_how_many() {
        assert_eq!(list(&[]).map(|paging| paging.limit), Ok(50));
        assert_eq!(list(&[("limit", "7")]).map(|paging| paging.limit), Ok(7));
        for wrong in ["0", "101", "-1", "+1", "1.0", "", " 1", "x", "1e1"] {
            let fault = vec![Fault::new("limit", FaultKind::Invalid)];
            assert_eq!(list(&[("limit", wrong)]), Err(fault), "{wrong}");
        }
        let unknown = vec![Fault::new("page", FaultKind::Unknown)];
        assert_eq!(list(&[("page", "2")]), Err(unknown));
    }

    #[test]
    fn an_amount_is_a_whole_number_of_minor_units() {
        #[derive(Debug, PartialEq)]
        struct Only(Money);
        impl Shape for Only {
            const NAME: &'static str = "Only";
            const POLICY: Policy = Policy::Strict;
            fn read(fields: &mut Fields<'_>) -> Option<Self> {
                Money::read(fields).map(Only)
            }
        }
        let read = |amount: &str| {
            let body = format!(r#"{{"amount": {amount}, "currency": "USD"}}"#);
            shape::from_body::<Only>(body.as_bytes()).map(|read| read.value.0.amount_minor)
        };
        assert_eq!(read("1050"), Ok(1_050));
        assert_eq!(read("9007199254740991"), Ok(AMOUNT_MAX));
        for wrong in [
            "0",
            "-1",
            "10.5",
            "\"1050\"",
            "1e3",
            "9007199254740992",
            "null",
        ] {
            let fault = BodyFault::Fields(vec![Fault::new("amount", FaultKind::Invalid)]);
            assert_eq!(read(wrong), Err(fault), "{wrong}");
        }
    }
}
