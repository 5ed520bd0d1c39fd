//! What a sandbox does wrong on purpose with what it delivers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kind::{GivenId, Integer, Kind, core_id, integer};
use crate::native::RecordId;
use crate::shape::{Fields, Policy, Shape};

/// Of a hundred messages, how many.
const EACH: i64 = 100;
/// A message is put off for a day at most.
const DELAY_MAX_MS: i64 = 86_400_000;
/// A slow message takes half a minute at most.
const SLOW_MAX_MS: i64 = 30_000;
/// How often an event is sent by one call at most.
const TIMES_MAX: i64 = 100;

/// How often, of a hundred messages, what goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Faults {
    /// Where the draws begin: the same seed does the same again.
    pub seed: i64,
    /// Sent twice.
    pub duplicate_percent: i64,
    /// Put off.
    pub delay_percent: i64,
    /// By how long.
    pub delay_ms: i64,
    /// Held back for two seconds, so that later ones overtake it.
    pub reorder_percent: i64,
    /// Not sent, as if it was lost on the way.
    pub drop_percent: i64,
    /// Signed, and sent only after a while.
    pub slow_percent: i64,
    /// After how long.
    pub slow_ms: i64,
    /// Sent with a signature of something else.
    pub wrong_signature_percent: i64,
    /// Sent without its second half.
    pub truncate_percent: i64,
    /// Its answer taken for a server's error.
    pub server_error_percent: i64,
}

/// `PUT webhook-endpoints/{webhook_endpoint_id}/faults`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanFaults(pub Faults);

impl Shape for PlanFaults {
    const NAME: &'static str = "PlanFaults";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let seed = fields.optional(
            "seed",
            integer(0..=i64::MAX)
                .about("Where the draws begin; 0 where it is left out. The same seed does the same to the same messages")
                .example(7),
        );
        let duplicate = percent(fields, "duplicate_percent", "Sent twice");
        let delay = percent(fields, "delay_percent", "Put off by `delay_ms`");
        let delay_ms = milliseconds(fields, ("delay_ms", DELAY_MAX_MS), 5_000);
        let reorder = percent(
            fields,
            "reorder_percent",
            "Held back for two seconds, so that later ones overtake it",
        );
        let lost = percent(fields, "drop_percent", "Not sent, as if it was lost");
        let slow = percent(fields, "slow_percent", "Sent `slow_ms` after it was signed");
        let slow_ms = milliseconds(fields, ("slow_ms", SLOW_MAX_MS), 3_000);
        let signature = percent(
            fields,
            "wrong_signature_percent",
            "Sent with a signature of something else",
        );
        let truncate = percent(fields, "truncate_percent", "Sent without its second half");
        let error = percent(
            fields,
            "server_error_percent",
            "Sent as it should be, and its answer taken for a server's error, so that it comes again",
        );
        Some(PlanFaults(Faults {
            seed: seed?.unwrap_or_default(),
            duplicate_percent: duplicate?,
            delay_percent: delay?,
            delay_ms: delay_ms?,
            reorder_percent: reorder?,
            drop_percent: lost?,
            slow_percent: slow?,
            slow_ms: slow_ms?,
            wrong_signature_percent: signature?,
            truncate_percent: truncate?,
            server_error_percent: error?,
        }))
    }
}

fn percent(fields: &mut Fields<'_>, name: &'static str, about: &'static str) -> Option<i64> {
    let kind: Integer = integer(0..=EACH);
    let given = fields.optional(name, kind.about(about).example(20))?;
    Some(given.unwrap_or_default())
}

fn milliseconds(
    fields: &mut Fields<'_>,
    (name, most): (&'static str, i64),
    otherwise: i64,
) -> Option<i64> {
    let kind = integer(0..=most).about("How long, in milliseconds");
    let given = fields.optional(name, kind.example(otherwise))?;
    Some(given.unwrap_or(otherwise))
}

/// What an endpoint's messages suffer; null where nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndpointFaults {
    /// The endpoint.
    pub webhook_endpoint_id: RecordId,
    /// The plan.
    pub faults: Option<Faults>,
}

/// `POST events/{event_id}/deliver`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverEvent {
    /// Only to this endpoint.
    pub endpoint: Option<GivenId>,
    /// How often.
    pub times: i64,
    /// How long after each other, in milliseconds.
    pub after_ms: i64,
}

impl Shape for DeliverEvent {
    const NAME: &'static str = "DeliverEvent";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let endpoint = fields.optional(
            "webhook_endpoint_id",
            core_id()
                .about("Only to this endpoint; to all that want it where it is left out")
                .example("1734567890123"),
        );
        let times = fields.optional(
            "times",
            integer(1..=TIMES_MAX)
                .about("How often; once where it is left out")
                .example(2),
        );
        let after_ms = milliseconds(fields, ("after_ms", DELAY_MAX_MS), 0);
        Some(DeliverEvent {
            endpoint: endpoint?,
            times: times?.unwrap_or(1),
            after_ms: after_ms?,
        })
    }
}
