//! What the platform's staff are asked to do.

use axum::{http::Method, routing::post};
use cardwright_wire::fincard as wire;

use super::super::{contract, work_orders};
use crate::api::route::{BodyDoc, Effect, Route, answer_schema, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/work/submit",
        summary: "Hands a work order to staff",
        number: Some(6),
        role: None,
        request: Some(request::<wire::work_orders::SubmitWorkOrder>()),
        answer: BodyDoc {
            name: "SubmittedReply",
            schema: answer_schema::<wire::work_orders::Submitted>,
        },
        effect: Effect::Changes,
        handler: || post(work_orders::submit),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/work/list",
        summary: "Lists work orders, the newest first",
        number: Some(7),
        role: None,
        request: Some(request::<wire::work_orders::ListWorkOrders>()),
        answer: BodyDoc {
            name: "WorkOrderPageReply",
            schema: contract::page::<wire::work_orders::WorkOrder>,
        },
        effect: Effect::Reads,
        handler: || post(work_orders::list),
    },
];
