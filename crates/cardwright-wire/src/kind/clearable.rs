//! What a change may take away: a value, or `null` for none.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, OneOf, Schema, SchemaType, Type};

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// What a change says about a field that may be empty. A field that is left out says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearable<T> {
    /// It shall be empty.
    Clear,
    /// It shall be this.
    Set(T),
}

impl<T> Clearable<T> {
    /// What the field holds afterwards; `wish` is nothing where it was left out.
    ///
    /// ```
    /// use cardwright_wire::kind::Clearable;
    ///
    /// assert_eq!(Clearable::applied(None, Some(1)), Some(1));
    /// assert_eq!(Clearable::applied(Some(Clearable::Clear), Some(1)), None);
    /// assert_eq!(Clearable::applied(Some(Clearable::Set(2)), Some(1)), Some(2));
    /// ```
    pub fn applied(wish: Option<Clearable<T>>, before: Option<T>) -> Option<T> {
        match wish {
            None => before,
            Some(Clearable::Clear) => None,
            Some(Clearable::Set(value)) => Some(value),
        }
    }

    /// The same wish about what another type calls the value.
    pub fn try_map<U, E>(self, mut into: impl FnMut(T) -> Result<U, E>) -> Result<Clearable<U>, E> {
        match self {
            Clearable::Clear => Ok(Clearable::Clear),
            Clearable::Set(value) => into(value).map(Clearable::Set),
        }
    }
}

/// A value of one kind, or `null`.
pub struct OrNull<K>(K);

/// A value of this kind, or `null` for none.
pub fn clearable<K: Kind>(kind: K) -> OrNull<K> {
    OrNull(kind)
}

impl<K: Kind> Kind for OrNull<K> {
    type Out = Clearable<K::Out>;

    fn parse(&self, value: &Json) -> Result<Parsed<Self::Out>, Refused> {
        if *value == Json::Null {
            return Ok(Parsed::bare(Clearable::Clear, "null"));
        }
        let Parsed { value, canonical } = self.0.parse(value)?;
        Ok(Parsed::bare(Clearable::Set(value), canonical))
    }

    fn schema(&self) -> Schema {
        match self.0.schema() {
            Schema::Object(mut object) => {
                let types = match &object.schema_type {
                    SchemaType::Type(one) => vec![one.clone(), Type::Null],
                    SchemaType::Array(several) => {
                        several.iter().cloned().chain([Type::Null]).collect()
                    }
                    SchemaType::AnyValue => return Schema::Object(object),
                };
                object.schema_type = SchemaType::Array(types);
                Schema::Object(object)
            }
            other => {
                let mut either = OneOf::new();
                either.items.push(RefOr::T(other));
                let null = Object::with_type(Type::Null);
                either.items.push(RefOr::T(Schema::Object(null)));
                Schema::OneOf(either)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{country, integer, list};
    use super::*;

    #[test]
    fn null_clears_and_anything_else_has_to_be_a_value() {
        let read = |json: &Json| clearable(country()).parse(json).map(|read| read.value);
        assert_eq!(read(&Json::Null), Ok(Clearable::Clear));
        let lt = Json::Text("LT".to_owned());
        assert_eq!(read(&lt), Ok(Clearable::Set("LT".to_owned())));
        assert_eq!(read(&Json::Text(String::new())), Err(Refused::Invalid));
        assert_eq!(read(&Json::Bool(false)), Err(Refused::Invalid));
    }

    #[test]
    fn the_documents_say_that_null_may_be_sent() {
        let schema = |kind: Schema| serde_json::to_value(kind).expect("a schema");
        let one = schema(clearable(integer(1..=9)).schema());
        assert_eq!(one["type"], serde_json::json!(["integer", "null"]));
        let list = schema(clearable(list(integer(1..=9), 3)).schema());
        assert_eq!(list["oneOf"][1]["type"], "null");
    }
}
