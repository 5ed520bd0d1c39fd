//! Files that callers sent about holders.

use serde::Serialize;
use utoipa::openapi::{
    KnownFormat, RefOr, SchemaFormat, schema::Object, schema::Schema, schema::Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::instant::Rfc3339;
use crate::native::RecordId;

/// A file, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HolderFile)]
pub struct File {
    /// Its number in the list.
    pub id: RecordId,
    /// The id by which its caller names it, a UUID.
    pub file_id: String,
    /// What its caller calls it.
    pub name: Option<String>,
    /// `image/jpeg`, `image/png` or `application/pdf`, by its content.
    pub media_type: &'static str,
    /// How long it is.
    pub size_bytes: i64,
    /// When it came.
    pub created_at: Rfc3339,
}

/// The content of a file, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content;

impl PartialSchema for Content {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Binary));
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for Content {}
