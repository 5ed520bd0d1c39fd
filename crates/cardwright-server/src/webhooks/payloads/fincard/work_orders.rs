//! Work orders, under their published names.

use cardwright_core::{WorkOrder, WorkOrderDecision, WorkOrderState};
use cardwright_wire::fincard::work_orders::{
    self as wire, SubmitWorkOrder, TradeStatus, WorkOrderFacts,
};

/// A work order as it goes out.
pub(crate) fn order_out(order: WorkOrder) -> wire::WorkOrder {
    WorkOrderFacts {
        id: order.id.get(),
        submitted: SubmitWorkOrder {
            merchant_order_no: order.number,
            title: order.title,
            target: order.target,
            trade_type: order.trade_type,
            content: order.content,
            remark: order.remark,
        },
        description: order.description,
        status: match order.state {
            WorkOrderState::Processing => TradeStatus::Processing,
            WorkOrderState::Decided(WorkOrderDecision::Success) => TradeStatus::Success,
            WorkOrderState::Decided(WorkOrderDecision::Fail) => TradeStatus::Fail,
        },
        created_at: order.created_at,
        updated_at: order.updated_at,
    }
    .into()
}
