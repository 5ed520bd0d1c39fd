//! Objects inside objects, lists, and what is looked past.

use std::marker::PhantomData;

use utoipa::openapi::schema::{Array, Object, Schema, SchemaType};

use super::{Documented, Kind, Parsed, Refused};
use crate::json::Json;
use crate::shape::{self, Fault, FaultKind, Shape};

/// A nested shape.
pub struct ObjectOf<T>(PhantomData<T>);

/// An object with a shape of its own.
pub fn object<T: Shape>() -> ObjectOf<T> {
    ObjectOf(PhantomData)
}

impl<T: Shape> Kind for ObjectOf<T> {
    type Out = T;

    fn parse(&self, value: &Json) -> Result<Parsed<T>, Refused> {
        let Json::Object(members) = value else {
            return Err(Refused::Invalid);
        };
        let read = shape::from_members::<T>(members).map_err(Refused::Inside)?;
        let canonical = read.canonical().to_owned();
        Ok(Parsed::bare(read.value, canonical))
    }

    fn schema(&self) -> Schema {
        shape::schema::<T>()
    }
}

/// A list of one kind.
pub struct ListOf<K> {
    element: K,
    count_max: usize,
}

/// At most so many values of one kind.
pub fn list<K: Kind>(element: K, count_max: usize) -> ListOf<K> {
    ListOf { element, count_max }
}

impl<K: Kind> Kind for ListOf<K> {
    type Out = Vec<K::Out>;

    fn parse(&self, value: &Json) -> Result<Parsed<Self::Out>, Refused> {
        let Json::Array(elements) = value else {
            return Err(Refused::Invalid);
        };
        if elements.len() > self.count_max {
            return Err(Refused::Invalid);
        }
        let (mut values, mut canonical, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (index, element) in elements.iter().enumerate() {
            match self.element.parse(element) {
                Ok(parsed) => {
                    values.push(parsed.value);
                    canonical.push(parsed.canonical);
                }
                Err(refused) => faults.extend(at_index(index, refused)),
            }
        }
        if faults.is_empty() {
            Ok(Parsed::bare(values, format!("[{}]", canonical.join(","))))
        } else {
            Err(Refused::Inside(faults))
        }
    }

    fn schema(&self) -> Schema {
        let mut array = Array::new(self.element.schema());
        array.max_items = Some(self.count_max);
        Schema::Array(array)
    }
}

/// Anything at all.
pub struct Ignored;

/// A field that is documented and not used: whatever it holds is no fault and changes nothing.
pub fn ignored() -> Documented<Ignored> {
    Ignored.about("Accepted and not used")
}

impl Kind for Ignored {
    type Out = ();

    fn parse(&self, _: &Json) -> Result<Parsed<()>, Refused> {
        Ok(Parsed::bare((), "null"))
    }

    fn schema(&self) -> Schema {
        Schema::Object(Object::with_type(SchemaType::AnyValue))
    }
}

fn at_index(index: usize, refused: Refused) -> Vec<Fault> {
    let whole = |kind| vec![Fault::new(index.to_string(), kind)];
    match refused {
        Refused::Invalid => whole(FaultKind::Invalid),
        Refused::InvalidAmount => whole(FaultKind::InvalidAmount),
        Refused::NotAllowed => whole(FaultKind::NotAllowed),
        Refused::Inside(faults) => faults
            .into_iter()
            .map(|fault| Fault::new(format!("{index}.{}", fault.field), fault.kind))
            .collect(),
    }
}
