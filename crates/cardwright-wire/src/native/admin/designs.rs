//! What gift cards look like.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{GivenId, Kind, core_id, text};
use crate::native::RecordId;
use crate::shape::{Fields, Policy, Shape};

/// `POST card-designs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddDesign {
    /// The gift product whose cards can look so.
    pub product: GivenId,
    /// Its name.
    pub name: String,
}

impl Shape for AddDesign {
    const NAME: &'static str = "AddCardDesign";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let product = fields.required(
            "product_id",
            core_id()
                .about("The product of gift cards that can look so")
                .example("111004"),
        );
        let name = fields.required(
            "name",
            text(1..=50).about("A name for people").example("Winter"),
        );
        Some(AddDesign {
            product: product?,
            name: name?,
        })
    }
}

/// A look of gift cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardDesign {
    /// Its id, `designId` where a card is opened.
    pub design_id: RecordId,
    /// The product whose cards can look so.
    pub product_id: RecordId,
    /// A name for people.
    pub name: String,
    /// Since when no new card can; absent while they can.
    pub withdrawn_at: Option<Rfc3339>,
}
