//! Work orders: what callers ask staff to do, and what staff decide.

use axum::{extract::State, response::Response};
use cardwright_core::{Record, WorkOrder, WorkOrderDecision, WorkOrderId, WorkOrderState};
use cardwright_wire::native::admin::work_orders::{DecideWorkOrder, Status, WorkOrders};

use crate::{
    api::native::{
        Operated, page, record,
        work_orders::{decision_in, shown},
    },
    app::App,
    ops,
    store::work_orders,
};

/// `GET work-orders`
pub(super) async fn list(State(app): State<App>, operated: Operated<WorkOrders>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let state = asked.status.map(state_in);
            let word = state.map_or("", WorkOrderState::word);
            let name = format!("work-orders {word}");
            let read = async |tx: &mut _, before: Option<i64>, limit| {
                let before = before.and_then(|id| WorkOrderId::new(id).ok());
                work_orders::before(tx, before, state, limit).await
            };
            let number = |order: &WorkOrder| order.id.get();
            page(tx, (&name, &asked.paging), read, number, shown).await
        })
        .await
}

/// `POST work-orders/{work_order_id}/decision`
pub(super) async fn decide(
    State(app): State<App>,
    operated: Operated<DecideWorkOrder>,
) -> Response {
    let id = operated.id("work_order_id");
    operated
        .change(&app, async move |tx, DecideWorkOrder(decided)| {
            let id = record(id, WorkOrderId::new, Record::WorkOrder)?;
            let decision = decision_in(decided.decision);
            let order = ops::work_orders::decide(tx, id, decision, decided.description).await?;
            Ok(shown(order))
        })
        .await
}

fn state_in(status: Status) -> WorkOrderState {
    match status {
        Status::Processing => WorkOrderState::Processing,
        Status::Success => WorkOrderState::Decided(WorkOrderDecision::Success),
        Status::Fail => WorkOrderState::Decided(WorkOrderDecision::Fail),
    }
}
