//! `common/file/upload`: the one call whose body is not JSON.
//!
//! The parts of the body are read like the fields of an object, so that a part that is missing or
//! wrong is named like a field. Of the file itself only whether it is there is asked here.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::{Object, Schema, SchemaFormat, Type};

use crate::json::Json;
use crate::kind::{Kind, Parsed, Refused, one_of, text};
use crate::shape::{Fields, Policy, Shape};

/// What a file is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Something about a card or its holder.
    Card,
}

/// The parts beside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFile {
    /// What the caller calls it.
    pub file_name: Option<String>,
    /// What it is for.
    pub category: Option<Category>,
}

impl Shape for UploadFile {
    const NAME: &'static str = "UploadFile";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let file = fields.required(
            "file",
            FilePart.about("A jpg, jpeg, png or pdf by its content, at most 2 MB"),
        );
        let file_name = fields.optional(
            "fileName",
            text(1..=255)
                .about("What you call it; absent: as the file's part says")
                .example("passport.png"),
        );
        let category = fields.optional("category", one_of(&[("card", Category::Card)]));
        file?;
        Some(UploadFile {
            file_name: file_name?,
            category: category?,
        })
    }
}

/// The part with the file, for which a text stands that is empty where the file is.
struct FilePart;

impl Kind for FilePart {
    type Out = ();

    fn parse(&self, value: &Json) -> Result<Parsed<()>, Refused> {
        match value {
            Json::Text(_) => Ok(Parsed::quoted((), "file")),
            _ => Err(Refused::Invalid),
        }
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Binary));
        Schema::Object(object)
    }
}

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadedFile {
    /// Its id, a UUID: what `idFrontId`, `idBackId` and `idHoldId` take.
    pub file_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{FaultKind, from_members};

    fn read(parts: &[(&str, &str)]) -> Result<UploadFile, Vec<(String, FaultKind)>> {
        let part =
            |(name, value): &(&str, &str)| ((*name).to_owned(), Json::Text((*value).to_owned()));
        let members: Vec<_> = parts.iter().map(part).collect();
        let read = from_members::<UploadFile>(&members).map(|read| read.value);
        read.map_err(|faults| {
            let named = faults.into_iter().map(|fault| (fault.field, fault.kind));
            named.collect()
        })
    }

    #[test]
    fn the_file_must_be_there_and_the_rest_may_be() {
        let least = read(&[("file", "x")]).expect("a file");
        assert_eq!((least.file_name, least.category), (None, None));
        let whole = read(&[("file", "x"), ("fileName", "a.png"), ("category", "card")]);
        let whole = whole.expect("everything");
        assert_eq!(whole.file_name.as_deref(), Some("a.png"));
        assert_eq!(whole.category, Some(Category::Card));
        for parts in [&[("category", "card")][..], &[("file", "")][..]] {
            let fault = ("file".to_owned(), FaultKind::Required);
            assert_eq!(read(parts), Err(vec![fault]));
        }
        let wrong = read(&[("file", "x"), ("category", "other"), ("fileName", "a\nb")]);
        assert_eq!(
            wrong,
            Err(vec![
                ("fileName".to_owned(), FaultKind::Invalid),
                ("category".to_owned(), FaultKind::NotAllowed),
            ])
        );
    }
}
