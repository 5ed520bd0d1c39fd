//! The lines of work orders.

use axum::{
    http::Method,
    routing::{get, post},
};
use cardwright_wire::native::admin::work_orders as work_orders_wire;

use crate::{
    api::{
        admin::work_orders,
        native::contract::page,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

/// The lines.
pub(in crate::api::admin) const WORK_ORDERS: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/work-orders",
        summary: "Lists the work orders, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<work_orders_wire::WorkOrders>()),
        answer: BodyDoc {
            name: "WorkOrderPage",
            schema: page::<work_orders_wire::WorkOrder>,
        },
        effect: Effect::Reads,
        handler: || get(work_orders::list),
    },
    Route {
        method: Method::POST,
        path: "/work-orders/{work_order_id}/decision",
        summary: "Decides a work order",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<work_orders_wire::DecideWorkOrder>()),
        answer: BodyDoc {
            name: "WorkOrderAnswer",
            schema: answer_schema::<work_orders_wire::WorkOrder>,
        },
        effect: Effect::Changes,
        handler: || post(work_orders::decide),
    },
];
