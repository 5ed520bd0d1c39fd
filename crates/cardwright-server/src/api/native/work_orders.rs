//! Work orders as both surfaces show them on which staff decide.

use cardwright_core::{WorkOrder, WorkOrderDecision, WorkOrderState};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        admin::work_orders::{Decision, Status, WorkOrder as Shown},
    },
};

/// What staff decide.
pub(in crate::api) fn decision_in(decision: Decision) -> WorkOrderDecision {
    match decision {
        Decision::Success => WorkOrderDecision::Success,
        Decision::Fail => WorkOrderDecision::Fail,
    }
}

/// A work order.
pub(in crate::api) fn shown(order: WorkOrder) -> Shown {
    Shown {
        work_order_id: RecordId(order.id.get()),
        merchant_order_no: order.number,
        title: order.title,
        target: order.target,
        trade_type: order.trade_type,
        content: order.content,
        remark: order.remark,
        description: order.description,
        status: match order.state {
            WorkOrderState::Processing => Status::Processing,
            WorkOrderState::Decided(WorkOrderDecision::Success) => Status::Success,
            WorkOrderState::Decided(WorkOrderDecision::Fail) => Status::Fail,
        },
        created_at: Rfc3339(order.created_at),
        updated_at: Rfc3339(order.updated_at),
    }
}
