//! What a shape asks for, drawn as an `OpenAPI` object.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AllOf, AnyOf, Array, Object, OneOf, Schema, SchemaType,
};

use super::{Names, Policy};

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

/// A schema under construction.
pub(super) struct Outline {
    policy: Policy,
    members: Vec<(String, Node)>,
    required: Vec<String>,
    /// What an object schema alone cannot say: parts that must hold beside it.
    beside: Vec<Schema>,
}

/// A dotted name grows a tree; its last segment carries the schema of the field.
enum Node {
    Leaf(Box<Schema>),
    Object(Vec<(String, Node)>),
    Elements(Vec<(String, Node)>),
}

impl Outline {
    pub(super) fn new(policy: Policy) -> Outline {
        Outline {
            policy,
            members: Vec::new(),
            required: Vec::new(),
            beside: Vec::new(),
        }
    }

    pub(super) fn field(&mut self, names: &Names, schema: &Schema, presence: Presence) {
        let [main, others @ ..] = names.all() else {
            return;
        };
        grow(&mut self.members, main, schema.clone());
        for other in others {
            grow(
                &mut self.members,
                other,
                other_name_of(main, schema.clone()),
            );
        }
        match (presence, others) {
            (Presence::Optional, _) => {}
            (Presence::Required, []) => self.required.push((*main).to_owned()),
            (Presence::Required, _) => self.at_least_one(names.all()),
        }
    }

    pub(super) fn at_least_one(&mut self, names: &[&'static str]) {
        let mut any = AnyOf::new();
        any.items = names.iter().map(|name| RefOr::T(demand(name))).collect();
        self.beside.push(Schema::AnyOf(any));
    }

    pub(super) fn exactly_one(&mut self, names: &[&'static str]) {
        let mut one = OneOf::new();
        one.items = names.iter().map(|name| RefOr::T(demand(name))).collect();
        self.beside.push(Schema::OneOf(one));
    }

    /// Where one of several alternatives is the first of these, it demands the others too.
    pub(super) fn go_together(&mut self, names: &[&'static str]) {
        let alternatives = self.beside.iter_mut().flat_map(|schema| match schema {
            Schema::OneOf(one) => one.items.as_mut_slice(),
            _ => &mut [],
        });
        for alternative in alternatives {
            if let RefOr::T(Schema::Object(object)) = alternative
                && object.required.first().map(String::as_str) == names.first().copied()
            {
                object.required = names.iter().map(|name| (*name).to_owned()).collect();
            }
        }
    }

    pub(super) fn into_schema(self) -> Schema {
        let mut object = object_of(self.members);
        object.required = self.required;
        if self.policy == Policy::Strict {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
        if self.beside.is_empty() {
            return Schema::Object(object);
        }
        let mut all = AllOf::new();
        all.items.push(RefOr::T(Schema::Object(object)));
        all.items.extend(self.beside.into_iter().map(RefOr::T));
        Schema::AllOf(all)
    }
}

fn grow(members: &mut Vec<(String, Node)>, path: &str, schema: Schema) {
    let Some((first, rest)) = path.split_once('.') else {
        members.push((path.to_owned(), Node::Leaf(Box::new(schema))));
        return;
    };
    // Later elements of a list are drawn as its first one is.
    if rest.split('.').next().is_some_and(is_later_element) {
        return;
    }
    let inside = rest.strip_prefix("0.");
    let index = members
        .iter()
        .position(|(name, _)| name == first)
        .unwrap_or_else(|| {
            let node = match inside {
                Some(_) => Node::Elements(Vec::new()),
                None => Node::Object(Vec::new()),
            };
            members.push((first.to_owned(), node));
            members.len() - 1
        });
    if let (_, Node::Object(children) | Node::Elements(children)) = &mut members[index] {
        grow(children, inside.unwrap_or(rest), schema);
    }
}

fn is_later_element(segment: &str) -> bool {
    segment.parse::<usize>().is_ok_and(|index| index > 0)
}

fn object_of(members: Vec<(String, Node)>) -> Object {
    let mut object = Object::new();
    for (name, node) in members {
        let schema = match node {
            Node::Leaf(schema) => *schema,
            Node::Object(children) => Schema::Object(object_of(children)),
            Node::Elements(children) => Schema::Array(Array::new(object_of(children))),
        };
        object.properties.insert(name, RefOr::T(schema));
    }
    object
}

/// A schema that only demands one name; under a dot, every object on the way to it. The elements
/// of an array are left open: an empty one is as good as none.
fn demand(path: &str) -> Schema {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let mut object = Object::with_type(SchemaType::AnyValue);
    object.required.push(first.to_owned());
    if let Some(rest) = rest.filter(|rest| !rest.starts_with("0.")) {
        object
            .properties
            .insert(first.to_owned(), RefOr::T(demand(rest)));
    }
    Schema::Object(object)
}

fn other_name_of(main: &str, mut schema: Schema) -> Schema {
    let description = Some(format!("Another name of `{main}`."));
    match &mut schema {
        Schema::Object(object) => object.description = description,
        Schema::Array(array) => array.description = description,
        Schema::AllOf(all) => all.description = description,
        Schema::AnyOf(any) => any.description = description,
        Schema::OneOf(one) => one.description = description,
        _ => {}
    }
    schema
}
