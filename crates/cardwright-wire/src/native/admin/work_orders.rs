//! Work orders: what callers ask the platform's staff to do.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{GivenId, Kind, core_id, one_of, text};
use crate::native::{Paging, RecordId};
use crate::shape::{Fields, Policy, Shape};

/// Where a work order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WorkOrderStatus)]
pub enum Status {
    /// With staff.
    Processing,
    /// Done.
    Success,
    /// Not done.
    Fail,
}

const STATUSES: &[(&str, Status)] = &[
    ("processing", Status::Processing),
    ("success", Status::Success),
    ("fail", Status::Fail),
];

/// How staff decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is done.
    Success,
    /// It will not be done.
    Fail,
}

const DECISIONS: &[(&str, Decision)] = &[("success", Decision::Success), ("fail", Decision::Fail)];

/// What staff decide, and what they say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// How.
    pub decision: Decision,
    /// In words, for the caller.
    pub description: Option<String>,
}

impl Decided {
    fn read(fields: &mut Fields<'_>) -> Option<Decided> {
        let decision = fields.required("decision", one_of(DECISIONS).about("What becomes of it"));
        let description = fields.optional(
            "description",
            text(1..=200)
                .about("What is said about it to the caller")
                .example("Provisioned"),
        );
        Some(Decided {
            decision: decision?,
            description: description?,
        })
    }
}

/// `POST work-orders/{id}/decision`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecideWorkOrder(pub Decided);

impl Shape for DecideWorkOrder {
    const NAME: &'static str = "DecideWorkOrder";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Decided::read(fields).map(DecideWorkOrder)
    }
}

/// `POST simulate/work-order`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulateWorkOrder {
    /// Which one.
    pub work_order: GivenId,
    /// What becomes of it.
    pub decided: Decided,
}

impl Shape for SimulateWorkOrder {
    const NAME: &'static str = "SimulateWorkOrder";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let work_order = fields.required(
            "work_order_id",
            core_id().about("The work order").example("1734567890123"),
        );
        let decided = Decided::read(fields);
        Some(SimulateWorkOrder {
            work_order: work_order?,
            decided: decided?,
        })
    }
}

/// `GET work-orders`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrders {
    /// Only those.
    pub status: Option<Status>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for WorkOrders {
    const NAME: &'static str = "WorkOrders";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional("status", one_of(STATUSES).about("Only those"));
        let paging = Paging::read(fields);
        Some(WorkOrders {
            status: status?,
            paging: paging?,
        })
    }
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkOrder {
    /// Its id.
    pub work_order_id: RecordId,
    /// The caller's own number for it.
    pub merchant_order_no: String,
    /// What it is about, for people.
    pub title: String,
    /// What it is about, for programs.
    pub target: String,
    /// What kind of work.
    pub trade_type: String,
    /// What is wanted.
    pub content: String,
    /// The caller's note.
    pub remark: Option<String>,
    /// What staff say about it.
    pub description: Option<String>,
    /// Where it is.
    pub status: Status,
    /// When it was submitted.
    pub created_at: Rfc3339,
    /// When it last moved.
    pub updated_at: Rfc3339,
}
