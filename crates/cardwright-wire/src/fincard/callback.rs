//! `webhook/callback`: the body of an event that the platform sends to this address.

use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::kind::{Kind, Matching, ignored, matching, object, text};
use crate::shape::{Fields, Policy, Shape};

/// The name of the signature's header, and the one that is taken in its place.
pub const SIGNATURE_HEADERS: [&str; 2] = ["X-FC-SIGNATURE", "X-WSB-SIGNATURE"];

/// A signature that is taken for a right one, in sandboxes only: the published example.
pub const SANDBOX_SIGNATURE: &str = "valid_signature_12345";

/// What is answered to an event: null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Received;

impl PartialSchema for Received {
    fn schema() -> RefOr<Schema> {
        // Without a type, a refusal would be one of these, too.
        RefOr::T(Schema::Object(Object::with_type(Type::Null)))
    }
}

impl ToSchema for Received {}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Its id; an id that came before changes nothing.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// Whose event it is.
    pub tenant_id: String,
}

fn word(chars_max: usize) -> Matching {
    matching(1..=chars_max, "^[!-~]*$", |text| {
        text.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// What the event tells besides: whatever it says, it is not used.
struct Details;

impl Shape for Details {
    const NAME: &'static str = "CallbackDetails";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let ignored_fields: [Option<Option<()>>; 4] =
            ["cardId", "status", "amount", "currency"].map(|name| fields.optional(name, ignored()));
        ignored_fields
            .iter()
            .all(Option::is_some)
            .then_some(Details)
    }
}

impl Shape for Callback {
    const NAME: &'static str = "Callback";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let event_id = fields.required(
            "eventId",
            word(128).about("Id of the event").example("evt-000001"),
        );
        let event_type = fields.required(
            "eventType",
            word(64).about("What happened").example("card_create"),
        );
        let tenant_id = fields.required("tenantId", text(1..=64).about("Whose event it is"));
        let created = fields.optional("createTime", ignored());
        let details = fields.optional("data", object::<Details>().about("The record"));
        created?;
        details?;
        Some(Callback {
            event_id: event_id?,
            event_type: event_type?,
            tenant_id: tenant_id?,
        })
    }
}
