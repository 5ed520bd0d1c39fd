//! Work orders: what callers ask the platform's staff to do.

use axum::{extract::State, response::Response};
use cardwright_core::{WorkOrderDecision, WorkOrderId, WorkOrderState};
use cardwright_wire::fincard::{
    page::Page,
    work_orders::{self as wire, ListWorkOrders, SubmitWorkOrder, Submitted, TradeStatus},
};

use super::session::Session;
use crate::{
    api::json,
    app::App,
    error::Result,
    ops::work_orders::{self as ops, NewWorkOrder},
    store::{
        ReadTx,
        work_orders::{self, WorkOrderFilter},
    },
    webhooks::payloads::fincard::work_orders::order_out,
};

/// `work/submit`
pub(super) async fn submit(State(app): State<App>, session: Session<SubmitWorkOrder>) -> Response {
    session
        .change_into(
            &app,
            ("work/submit", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let new = NewWorkOrder {
                    number: body.merchant_order_no,
                    title: body.title,
                    target: body.target,
                    trade_type: body.trade_type,
                    content: body.content,
                    remark: body.remark,
                };
                ops::submit(tx, new).await.map(order_out)
            },
            // The number of a work order stands beside `success`, too.
            |order| Ok((200, json::written(&Submitted::from(order))?)),
        )
        .await
}

/// `work/list`
pub(super) async fn list(State(app): State<App>, session: Session<ListWorkOrders>) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: ListWorkOrders) -> Result<Page<wire::WorkOrder>> {
    let id = match body.order_no.map(|given| given.id().map(WorkOrderId::new)) {
        Some(Some(Ok(id))) => Some(id),
        Some(_) => return Ok(Page::of(body.page, 0, Vec::new())),
        None => None,
    };
    let filter = WorkOrderFilter {
        id,
        number: body.merchant_order_no,
        trade_type: body.trade_type,
        state: body.trade_status.map(state_in),
    };
    let window = (body.page.size, body.page.offset());
    let (found, total) = work_orders::page(tx, &filter, window).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let records = found.into_iter().map(order_out).collect();
    Ok(Page::of(body.page, total, records))
}

fn state_in(status: TradeStatus) -> WorkOrderState {
    match status {
        TradeStatus::Processing => WorkOrderState::Processing,
        TradeStatus::Success => WorkOrderState::Decided(WorkOrderDecision::Success),
        TradeStatus::Fail => WorkOrderState::Decided(WorkOrderDecision::Fail),
    }
}
