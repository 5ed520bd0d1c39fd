//! What operators do: tenants, their credentials and users, products, decisions.

mod contract;
mod tenants;
mod work_orders;

use axum::{
    http::Method,
    routing::{get, post},
};
use cardwright_wire::native::{
    List,
    admin::{tenants as tenants_wire, work_orders as work_orders_wire},
};

use super::{
    native::contract::page,
    route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request},
};
use crate::store::admin_keys::Role;

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Operator API",
    slug: "admin",
    prefixes: &["/admin/v1"],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    routes: &[
        Route {
            method: Method::POST,
            path: "/tenants",
            summary: "Adds a tenant",
            number: None,
            role: Some(Role::Owner),
            request: Some(request::<tenants_wire::CreateTenant>()),
            answer: TENANT,
            effect: Effect::Changes,
            handler: || post(tenants::create),
        },
        Route {
            method: Method::GET,
            path: "/tenants",
            summary: "Lists the tenants",
            number: None,
            role: Some(Role::Owner),
            request: Some(request::<List>()),
            answer: BodyDoc {
                name: "TenantPage",
                schema: page::<tenants_wire::Tenant>,
            },
            effect: Effect::Reads,
            handler: || get(tenants::list),
        },
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
    ],
};

const TENANT: BodyDoc = BodyDoc {
    name: "TenantAnswer",
    schema: answer_schema::<tenants_wire::Tenant>,
};
