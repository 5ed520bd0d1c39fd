//! A sandbox's time and saved states.

use cardwright_core::ClockMode;
use jiff::{Span, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, duration, matching, moment, one_of};
use crate::shape::{Fields, Policy, Shape};

/// `PUT clock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetClock {
    /// The time from now on.
    pub now: Option<Timestamp>,
    /// How time passes from now on.
    pub mode: Option<ClockMode>,
}

impl Shape for SetClock {
    const NAME: &'static str = "SetClock";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let now = fields.optional(
            "now",
            moment()
                .about("The time from now on; not before what the clock shows, nor after 2075")
                .example("2027-01-31T08:00:00Z"),
        );
        let mode = fields.optional(
            "mode",
            one_of(&[
                ("running", ClockMode::Running),
                ("frozen", ClockMode::Frozen),
            ])
            .about("Whether time runs, or stands still until it is moved")
            .example("frozen"),
        );
        fields.at_least_one(&["now", "mode"]);
        Some(SetClock {
            now: now?,
            mode: mode?,
        })
    }
}

/// `POST clock/advance`.
#[derive(Debug, Clone)]
pub enum AdvanceClock {
    /// So far.
    By(Span),
    /// To a time.
    To(Timestamp),
}

impl Shape for AdvanceClock {
    const NAME: &'static str = "AdvanceClock";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let by = duration()
            .about("How far, ISO 8601; months, weeks and days are those of the calendar in UTC")
            .example("P7D");
        let to = moment()
            .about("To which time")
            .example("2027-01-31T08:00:00Z");
        let given = fields.either(("by", by), ("to", to));
        Some(given?.fold(AdvanceClock::By, AdvanceClock::To))
    }
}

/// `POST snapshot` and `POST restore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSnapshot {
    /// Which saved state.
    pub name: String,
}

impl Shape for NameSnapshot {
    const NAME: &'static str = "NameSnapshot";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required(
            "name",
            matching(1..=40, "^[a-z0-9-]+$", is_name)
                .about("Name of the saved state")
                .example("before-checkout"),
        );
        Some(NameSnapshot { name: name? })
    }
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(fits)
}

/// Steps that were taken, by their kind.
pub type Ran = BTreeMap<&'static str, u64>;

/// A sandbox's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Clock {
    /// The tenant's time.
    pub now: Rfc3339,
    /// Whether it runs or stands still.
    #[schema(pattern = "^(running|frozen)$")]
    pub mode: &'static str,
    /// How far it is ahead of real time, in whole seconds; negative where it is behind.
    pub offset_seconds: i64,
}

/// A sandbox's time after it was changed, and what that brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedClock {
    /// The time.
    #[serde(flatten)]
    pub clock: Clock,
    /// How many steps of each kind became due and were taken, at the new time, before this answer.
    pub ran: Ran,
}

/// A state that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: i64,
}

/// A state that was put back, and what that brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Restored {
    /// How many rows it has.
    pub rows: i64,
    /// How many steps of each kind were due in it by the tenant's time, which does not go back, and
    /// were taken before this answer.
    pub ran: Ran,
}
