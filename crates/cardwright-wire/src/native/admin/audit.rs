//! The audit log.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, text};
use crate::native::{Paging, RecordId};
use crate::shape::{Fields, Policy, Shape};

/// `GET audit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAudit {
    /// Only this deed.
    pub action: Option<String>,
    /// Only deeds to this kind of record.
    pub subject_kind: Option<String>,
    /// Only deeds to the record with this id.
    pub subject: Option<String>,
    /// Only what was done then or later; not yet known to be a time.
    pub from: Option<String>,
    /// Only what was done before then; not yet known to be a time.
    pub to: Option<String>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for ListAudit {
    const NAME: &'static str = "ListAudit";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let action = fields.optional(
            "action",
            text(1..=80).about("Only this deed").example("card.block"),
        );
        let subject_kind = fields.optional(
            "subject_kind",
            text(1..=40)
                .about("Only deeds to this kind of record")
                .example("card"),
        );
        let subject = fields.optional(
            "subject",
            text(1..=80)
                .about("Only deeds to the record with this id")
                .example("1734567890123"),
        );
        let from = fields.optional(
            "from",
            text(1..=40)
                .about("Only what was done then or later, RFC 3339")
                .example("2026-01-01T00:00:00Z"),
        );
        let to = fields.optional(
            "to",
            text(1..=40)
                .about("Only what was done before then, RFC 3339")
                .example("2027-01-01T00:00:00Z"),
        );
        let paging = Paging::read(fields);
        Some(ListAudit {
            action: action?,
            subject_kind: subject_kind?,
            subject: subject?,
            from: from?,
            to: to?,
            paging: paging?,
        })
    }
}

/// Something that was done, or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditRow {
    /// Its id.
    pub id: RecordId,
    /// When, in real time.
    pub at: Rfc3339,
    /// What kind of actor: `operator`, `credential`, `user` or `system`.
    pub actor_kind: String,
    /// Which one.
    pub actor_id: String,
    /// What was done.
    pub action: String,
    /// To what kind of record.
    pub subject_kind: String,
    /// To which one.
    pub subject_id: String,
    /// `done`, with the reason if one was given, or `refused` with its cause.
    pub outcome: String,
    /// Whence it was asked for; empty for the platform itself.
    pub address: String,
    /// For whom the caller said it acts; only a claim.
    pub claimed_for: Option<String>,
    /// From which system the caller said it calls; only a claim.
    pub claimed_from: Option<String>,
    /// The request that asked for it; empty for the platform itself.
    pub request_id: String,
}
