//! The operations on work orders.

use axum::{
    http::Method,
    routing::{get, post},
};
use cardwright_wire::native::admin as wire;

use crate::{
    api::{
        admin::work_orders,
        native::contract::page,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

/// The operations on work orders.
pub(in crate::api::admin) const WORK_ORDERS: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/work-orders",
        summary: "Lists the work orders, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<wire::work_orders::WorkOrders>()),
        answer: BodyDoc {
            name: "WorkOrderPage",
            schema: page::<wire::work_orders::WorkOrder>,
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
        request: Some(request::<wire::work_orders::DecideWorkOrder>()),
        answer: BodyDoc {
            name: "WorkOrderAnswer",
            schema: answer_schema::<wire::work_orders::WorkOrder>,
        },
        effect: Effect::Changes,
        handler: || post(work_orders::decide),
    },
];
