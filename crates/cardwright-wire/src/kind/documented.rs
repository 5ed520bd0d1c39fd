//! A kind with words around it.

use serde_json::Value;
use utoipa::openapi::schema::Schema;

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// A kind that reads as before and documents itself with a description or an example.
pub struct Documented<K> {
    kind: K,
    description: Option<&'static str>,
    example: Option<Value>,
}

impl<K> Documented<K> {
    pub(super) fn new(kind: K) -> Documented<K> {
        Documented {
            kind,
            description: None,
            example: None,
        }
    }

    pub(super) fn described(self, description: &'static str) -> Documented<K> {
        Documented {
            description: Some(description),
            ..self
        }
    }

    pub(super) fn shown(self, example: Value) -> Documented<K> {
        Documented {
            example: Some(example),
            ..self
        }
    }
}

impl<K: Kind> Kind for Documented<K> {
    type Out = K::Out;

    fn parse(&self, value: &Json) -> Result<Parsed<Self::Out>, Refused> {
        self.kind.parse(value)
    }

    fn schema(&self) -> Schema {
        let mut schema = self.kind.schema();
        let (description, examples) = match &mut schema {
            Schema::Object(object) => (&mut object.description, &mut object.examples),
            Schema::Array(array) => (&mut array.description, &mut array.examples),
            Schema::AllOf(all) => (&mut all.description, &mut all.examples),
            Schema::AnyOf(any) => (&mut any.description, &mut any.examples),
            Schema::OneOf(one) => (&mut one.description, &mut one.examples),
            _ => return schema,
        };
        if let Some(words) = self.description {
            *description = Some(words.to_owned());
        }
        examples.extend(self.example.clone());
        schema
    }
}
