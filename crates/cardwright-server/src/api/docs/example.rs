//! A request that a reader can copy, made from the schema that the request is read by.
//!
//! The schema of a shape says more than a generic example can keep: of two fields exactly one may
//! be there, and one field may have several names. Here the first of them is taken.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::{
    RefOr,
    schema::{ArrayItems, Object, Schema, SchemaType, Type},
};

use crate::api::route::Effect;

/// The example of a request body. One that only reads shows no filters: they would only hide most
/// of what there is to see.
pub(super) fn of_request(schema: &Schema, effect: Effect) -> Value {
    let example = Example { effect };
    example.of("body", schema)
}

struct Example {
    effect: Effect,
}

impl Example {
    fn of(&self, name: &str, schema: &Schema) -> Value {
        if let Some(shown) = shown(schema) {
            return shown;
        }
        match schema {
            Schema::Object(object) if object.properties.is_empty() => plain(name, object),
            Schema::Object(object) => self.members(object, &Choice::default()),
            Schema::AllOf(all) => self.all(name, &all.items),
            Schema::Array(array) => match &array.items {
                ArrayItems::RefOrSchema(items) => match items.as_ref() {
                    RefOr::T(items) => json!([self.of(name, items)]),
                    RefOr::Ref(_) => json!([]),
                },
                ArrayItems::False => json!([]),
            },
            _ => Value::Null,
        }
    }

    /// An object and the demands beside it.
    fn all(&self, name: &str, items: &[RefOr<Schema>]) -> Value {
        let schemas = || {
            items.iter().filter_map(|item| match item {
                RefOr::T(schema) => Some(schema),
                RefOr::Ref(_) => None,
            })
        };
        let mut choice = Choice::default();
        for schema in schemas() {
            match schema {
                Schema::OneOf(one) => choice.take_first(&one.items),
                Schema::AnyOf(any) => choice.take_first(&any.items),
                _ => {}
            }
        }
        let object = schemas().find_map(|schema| match schema {
            Schema::Object(object) => Some(object),
            _ => None,
        });
        object.map_or_else(
            || plain(name, &Object::new()),
            |object| self.members(object, &choice),
        )
    }

    fn members(&self, object: &Object, choice: &Choice) -> Value {
        let mut members = Map::new();
        for (name, schema) in &object.properties {
            let RefOr::T(schema) = schema else { continue };
            let needed = object.required.contains(name) || choice.taken.contains(name);
            let wanted = self.effect == Effect::Changes
                && !choice.left.contains(name)
                && !is_other_name(schema)
                && shown(schema).is_some();
            if needed || wanted {
                members.insert(name.clone(), self.of(name, schema));
            }
        }
        Value::Object(members)
    }
}

/// Which of several alternatives an example shows.
#[derive(Default)]
struct Choice {
    taken: BTreeSet<String>,
    left: BTreeSet<String>,
}

impl Choice {
    fn take_first(&mut self, alternatives: &[RefOr<Schema>]) {
        let demanded = alternatives.iter().filter_map(|item| match item {
            RefOr::T(Schema::Object(object)) => Some(&object.required),
            _ => None,
        });
        for (index, names) in demanded.enumerate() {
            let side = if index == 0 {
                &mut self.taken
            } else {
                &mut self.left
            };
            side.extend(names.iter().cloned());
        }
    }
}

/// The value that a schema itself shows: its example, or the first word of its vocabulary.
fn shown(schema: &Schema) -> Option<Value> {
    let examples = match schema {
        Schema::Object(object) => &object.examples,
        Schema::Array(array) => &array.examples,
        Schema::AllOf(all) => &all.examples,
        Schema::AnyOf(any) => &any.examples,
        Schema::OneOf(one) => &one.examples,
        _ => return None,
    };
    let word = || match schema {
        Schema::Object(object) => object.enum_values.as_ref()?.first().cloned(),
        _ => None,
    };
    examples.first().cloned().or_else(word)
}

/// Whether a property is a second name of another one.
fn is_other_name(schema: &Schema) -> bool {
    let description = match schema {
        Schema::Object(object) => &object.description,
        Schema::Array(array) => &array.description,
        Schema::AllOf(all) => &all.description,
        _ => return false,
    };
    let description = description.as_deref().unwrap_or_default();
    description.starts_with("Another name of ")
}

/// A value for a field that shows none.
fn plain(name: &str, object: &Object) -> Value {
    let types = match &object.schema_type {
        SchemaType::Type(one) => std::slice::from_ref(one),
        SchemaType::Array(several) => several.as_slice(),
        SchemaType::AnyValue => &[],
    };
    match types {
        [Type::Boolean, ..] => json!(false),
        [Type::Integer | Type::Number, ..] => json!(1),
        // Ids may be sent as either.
        [Type::String, Type::Integer] => json!("1734567890123"),
        [Type::String, ..] => json!(format!("your {name}")),
        [Type::Array, ..] => json!([]),
        _ => json!({}),
    }
}
