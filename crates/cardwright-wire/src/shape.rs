//! One declaration per request that both reads and documents it, so that the two cannot drift.
//!
//! A request type implements [`Shape`] with one function. Run over a body, it collects every fault
//! and yields the value; run over nothing, the same calls yield the `OpenAPI` schema ([`schema`]).
//! That works because a field call never needs the result of another: every field is asked for
//! first, and only the last expression uses `?`.
//!
//! ```
//! use cardwright_wire::kind::{Kind, country, text};
//! use cardwright_wire::shape::{self, Fields, Policy, Shape};
//!
//! struct Place {
//!     city: String,
//!     country: Option<String>,
//! }
//!
//! impl Shape for Place {
//!     const NAME: &'static str = "Place";
//!     const POLICY: Policy = Policy::Strict;
//!
//!     fn read(fields: &mut Fields<'_>) -> Option<Self> {
//!         let city = fields.required("city", text(1..=40).about("Town or city").example("Vilnius"));
//!         let country = fields.optional("country", country());
//!         Some(Place { city: city?, country: country? })
//!     }
//! }
//!
//! let place = shape::from_body::<Place>(br#"{"city": "Riga", "country": "LV"}"#).unwrap().value;
//! assert_eq!((place.city.as_str(), place.country.as_deref()), ("Riga", Some("LV")));
//! assert!(shape::from_body::<Place>(br#"{"town": "Riga"}"#).is_err(), "no city, and what is a town?");
//! ```

mod fault;
mod fields;
mod outline;

use std::fmt;

use utoipa::openapi::schema::Schema;
use zeroize::Zeroizing;

use crate::json::{self, Json, JsonFault};

pub use fault::{BodyFault, Fault, FaultKind};
pub use fields::{Either, Fields, Names};

/// A request body that says what it holds.
pub trait Shape: Sized {
    /// The name of the schema in the documents.
    const NAME: &'static str;

    /// What its dialect does about the unknown and the empty.
    const POLICY: Policy;

    /// Asks for every field, then builds the value; see the module documentation.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// What a dialect does about fields it does not know and values that say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Unknown fields are faults, and so is `null`. The signed API and our own surfaces.
    Strict,
    /// Unknown fields are ignored; `null` and `""` mean the field is absent. The session API,
    /// whose clients send more than is documented.
    Lenient,
}

/// A value and the canonical form of what it was read from.
#[derive(Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// Wiped when dropped: it holds every secret the value hides.
    canonical: Zeroizing<String>,
}

impl<T> Read<T> {
    /// What was read, in one spelling: aliases folded, numbers by value, keys in the order of the
    /// declaration, absent fields left out. Equal content gives equal text.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

/// Without the canonical form: it holds every secret the value hides.
impl<T: fmt::Debug> fmt::Debug for Read<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Read")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// Reads a request body.
///
/// Where the policy is lenient, no body is `{}`, and so is a JSON string as long as the shape
/// requires nothing: published clients send both.
pub fn from_body<T: Shape>(body: &[u8]) -> Result<Read<T>, BodyFault> {
    if T::POLICY == Policy::Strict {
        return from_members(&json::parse_object(body)?).map_err(BodyFault::Fields);
    }
    if body.trim_ascii().is_empty() {
        return from_members(&[]).map_err(BodyFault::Fields);
    }
    match json::parse(body)? {
        Json::Object(members) => from_members(&members).map_err(BodyFault::Fields),
        Json::Text(_) => from_members(&[]).map_err(|_| BodyFault::Json(JsonFault::NotObject)),
        _ => Err(BodyFault::Json(JsonFault::NotObject)),
    }
}

/// Reads the members of an object that is already parsed.
pub fn from_members<T: Shape>(members: &[(String, Json)]) -> Result<Read<T>, Vec<Fault>> {
    let mut fields = Fields::reading(members, T::POLICY);
    let value = T::read(&mut fields);
    fields.finish(value)
}

/// The `OpenAPI` schema of a shape, nested shapes included.
pub fn schema<T: Shape>() -> Schema {
    let mut fields = Fields::describing(T::POLICY);
    // Nothing is present, so the answer is `None` and only the outline matters.
    let _ = T::read(&mut fields);
    fields.describe()
}

/// A request that carries nothing: `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nothing;

impl Shape for Nothing {
    const NAME: &'static str = "Nothing";
    const POLICY: Policy = Policy::Lenient;

    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(Nothing)
    }
}

#[cfg(test)]
mod tests;
