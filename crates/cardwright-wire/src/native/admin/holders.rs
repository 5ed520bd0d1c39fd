//! Holders as operators see them, and the decisions about them.

use serde::Serialize;
use utoipa::ToSchema;

use super::reason;
use crate::instant::Rfc3339;
use crate::kind::{Kind, one_of};
use crate::native::RecordId;
use crate::shape::{FaultKind, Fields, Policy, Shape};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The holder passes.
    Approve,
    /// The holder does not.
    Reject,
}

/// At which stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The platform's staff.
    Admin,
    /// The channel behind it.
    Channel,
}

const DECISIONS: &[(&str, Decision)] =
    &[("approve", Decision::Approve), ("reject", Decision::Reject)];
const STAGES: &[(&str, Stage)] = &[("admin", Stage::Admin), ("channel", Stage::Channel)];

/// `POST holders/{holder_id}/decision`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// What.
    pub decision: Decision,
    /// At which stage; without one, whatever is left.
    pub stage: Option<Stage>,
    /// Why; a rejection needs it.
    pub reason: Option<String>,
}

impl Shape for Decide {
    const NAME: &'static str = "DecideHolder";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let decision = fields.required("decision", one_of(DECISIONS).about("What is decided"));
        let stage = fields.optional(
            "stage",
            one_of(STAGES).about(
                "At which stage; without one, all that are left are passed, or the present one \
                 is failed",
            ),
        );
        let reason = fields.optional("reason", reason());
        if decision == Some(Decision::Reject) && reason == Some(None) {
            fields.fault("reason", FaultKind::Required);
        }
        Some(Decide {
            decision: decision?,
            stage: stage?,
            reason: reason?,
        })
    }
}

/// A holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holder {
    /// Its id.
    pub id: RecordId,
    /// `person`, `corporate` or `employee`.
    pub kind: &'static str,
    /// Its published number; null for employees.
    pub number: Option<String>,
    /// The corporate an employee belongs to.
    pub corporate_id: Option<RecordId>,
    /// Given name and family name, or the company's name.
    pub name: String,
    /// Where its checks stand: `wait_audit`, `under_review`, `pass_audit` or `reject`.
    pub kyc_status: &'static str,
    /// Who looks, or looked last: `admin` or `channel`.
    pub kyc_stage: &'static str,
    /// Why it was rejected.
    pub kyc_reason: Option<String>,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// When it was recorded.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}
