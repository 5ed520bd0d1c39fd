//! A kind with words around it.

use serde_json::Value;
use utoipa::openapi::schema::Schema;

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// A value that shows what a field takes. Whoever reads a body makes one for each field on the way and
/// throws it away, so the common ones need no memory of their own.
#[derive(Debug, Clone)]
pub enum Example {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(i64),
    /// A truth.
    Truth(bool),
    /// Anything else.
    Json(Value),
}

impl From<&'static str> for Example {
    fn from(text: &'static str) -> Example {
        Example::Text(text)
    }
}

impl From<i32> for Example {
    fn from(number: i32) -> Example {
        Example::Number(number.into())
    }
}

impl From<i64> for Example {
    fn from(number: i64) -> Example {
        Example::Number(number)
    }
}

impl From<bool> for Example {
    fn from(truth: bool) -> Example {
        Example::Truth(truth)
    }
}

impl From<Value> for Example {
    fn from(value: Value) -> Example {
        Example::Json(value)
    }
}

impl From<&Example> for Value {
    fn from(example: &Example) -> Value {
        match example {
            Example::Text(text) => Value::from(*text),
            Example::Number(number) => Value::from(*number),
            Example::Truth(truth) => Value::from(*truth),
            Example::Json(value) => value.clone(),
        }
    }
}

/// A kind that reads as before and documents itself with a description or an example.
pub struct Documented<K> {
    kind: K,
    description: Option<&'static str>,
    example: Option<Example>,
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

    pub(super) fn shown(self, example: Example) -> Documented<K> {
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
        examples.extend(self.example.as_ref().map(Value::from));
        schema
    }
}
