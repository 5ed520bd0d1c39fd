//! Ids as they go out: most as decimal strings, three of them as numbers (plain `i64` fields).

use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema, Type};

use crate::kind::{Kind, matching};

/// A core id written as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub i64);

impl fmt::Display for TextId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Serialize for TextId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for TextId {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::String);
        object.pattern = Some("^[1-9][0-9]{0,15}$".to_owned());
        object.examples.push("1734567890123".into());
        RefOr::T(Schema::Object(object))
    }
}

impl utoipa::ToSchema for TextId {}

/// Whether a byte may stand in the integrator's own number of an order.
pub(super) fn is_of_order_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The integrator's own number of an order: letters, digits, `_` and `-`, so many of them.
pub(super) fn merchant_order_no(chars: std::ops::RangeInclusive<usize>) -> impl Kind<Out = String> {
    let accepts = |text: &str| text.bytes().all(is_of_order_number);
    matching(chars, "^[A-Za-z0-9_-]*$", accepts)
        .about(
            "Your own number of the order; a repeat with equal content gets the first answer again",
        )
        .example("order-2025-10-01-0001")
}

/// The names of a card's id; never its number.
pub(super) const CARD_NO: &[&str; 2] = &["cardNo", "cardId"];

/// The names of a holder's id.
pub(super) const HOLDER_ID: &[&str; 2] = &["holderId", "cardholderId"];

/// The names of a remark.
pub(super) const REMARK: &[&str; 2] = &["remark", "clientRemark"];
