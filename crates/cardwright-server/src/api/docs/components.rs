//! The schemas of a document, each under one name.

use std::collections::BTreeMap;

use utoipa::openapi::{Ref, RefOr, schema::Schema};

use crate::api::route::{BodyDoc, RequestDoc};

/// Schemas as they are collected from the operations.
#[derive(Default)]
pub(super) struct Collected {
    schemas: BTreeMap<String, RefOr<Schema>>,
    clashes: Vec<String>,
}

impl Collected {
    /// Takes in a request's schema and refers to it.
    pub(super) fn request(&mut self, request: &RequestDoc) -> Ref {
        self.add(request.name, RefOr::T((request.schema)()))
    }

    /// Takes in an answer's schema with all that it refers to, and refers to it.
    pub(super) fn answer(&mut self, answer: &BodyDoc) -> Ref {
        let mut nested = Vec::new();
        let schema = (answer.schema)(&mut nested);
        for (name, schema) in nested {
            self.add(&name, schema);
        }
        self.add(answer.name, schema)
    }

    fn add(&mut self, name: &str, schema: RefOr<Schema>) -> Ref {
        let schema = match schema {
            RefOr::T(schema) => RefOr::T(without_code(schema)),
            reference @ RefOr::Ref(_) => reference,
        };
        let known = self.schemas.get(name);
        if known.is_some_and(|known| *known != schema) {
            self.clashes.push(name.to_owned());
        } else {
            self.schemas.insert(name.to_owned(), schema);
        }
        Ref::from_schema_name(name)
    }

    /// The schemas by name, and the names under which more than one schema was offered. Of those
    /// the first is kept; a test sees to it that there are none.
    pub(super) fn finish(self) -> (BTreeMap<String, RefOr<Schema>>, Vec<String>) {
        (self.schemas, self.clashes)
    }
}

/// A type's documentation is its schema's description; its examples of Rust are for readers of
/// Rust only.
fn without_code(mut schema: Schema) -> Schema {
    let description = match &mut schema {
        Schema::Object(object) => &mut object.description,
        Schema::Array(array) => &mut array.description,
        Schema::AllOf(all) => &mut all.description,
        Schema::AnyOf(any) => &mut any.description,
        Schema::OneOf(one) => &mut one.description,
        _ => return schema,
    };
    if let Some(text) = description
        && let Some((words, _code)) = text.split_once("```")
    {
        *text = words.trim_end().to_owned();
    }
    schema
}
