//! Messages of the card network.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, Matching, matching};
use crate::shape::{Fields, Policy, Shape};

/// The network's own name of a message, unique per tenant: 1 to 64 printable characters without
/// blanks.
pub fn reference() -> Matching {
    matching(1..=64, "^[!-~]+$", |text| {
        text.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// `POST echo-test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EchoTest {
    /// The network's name of the message.
    pub reference: String,
}

impl Shape for EchoTest {
    const NAME: &'static str = "EchoTest";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reference = fields.required(
            "reference",
            reference()
                .about("Your own name of this message")
                .example("echo-20261121-0001"),
        );
        Some(EchoTest {
            reference: reference?,
        })
    }
}

/// The answer to `echo-test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Echo {
    /// The reference that came.
    pub reference: String,
    /// The platform's time.
    pub now: Rfc3339,
}
