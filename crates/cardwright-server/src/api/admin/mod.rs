//! What operators do: tenants, their credentials and users, products, decisions.

mod contract;
mod controls;
mod tenants;
mod work_orders;

use axum::{
    http::Method,
    routing::{get, post, put},
};
use cardwright_wire::native::{
    List,
    admin::{controls as controls_wire, tenants as tenants_wire, work_orders as work_orders_wire},
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
    groups: &[&[
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
            method: Method::PUT,
            path: "/cards/{card_id}/controls",
            summary: "Sets the controls of a card, in place of those it had",
            number: None,
            role: Some(Role::Operator),
            request: Some(request::<controls_wire::SetControls>()),
            answer: CONTROLS,
            effect: Effect::Changes,
            handler: || put(controls::set_card),
        },
        Route {
            method: Method::GET,
            path: "/cards/{card_id}/controls",
            summary: "Reads the controls of a card",
            number: None,
            role: Some(Role::Auditor),
            request: None,
            answer: CONTROLS,
            effect: Effect::Reads,
            handler: || get(controls::read_card),
        },
        Route {
            method: Method::PUT,
            path: "/accounts/{account_id}/controls",
            summary: "Sets the controls of an account, for all its cards together, in place of those it had",
            number: None,
            role: Some(Role::Operator),
            request: Some(request::<controls_wire::SetControls>()),
            answer: CONTROLS,
            effect: Effect::Changes,
            handler: || put(controls::set_account),
        },
        Route {
            method: Method::GET,
            path: "/accounts/{account_id}/controls",
            summary: "Reads the controls of an account, for all its cards together",
            number: None,
            role: Some(Role::Auditor),
            request: None,
            answer: CONTROLS,
            effect: Effect::Reads,
            handler: || get(controls::read_account),
        },
        Route {
            method: Method::PUT,
            path: "/products/{product_id}/controls",
            summary: "Sets the controls of a product, for each of its cards, in place of those it had",
            number: None,
            role: Some(Role::Operator),
            request: Some(request::<controls_wire::SetControls>()),
            answer: CONTROLS,
            effect: Effect::Changes,
            handler: || put(controls::set_product),
        },
        Route {
            method: Method::GET,
            path: "/products/{product_id}/controls",
            summary: "Reads the controls of a product, for each of its cards",
            number: None,
            role: Some(Role::Auditor),
            request: None,
            answer: CONTROLS,
            effect: Effect::Reads,
            handler: || get(controls::read_product),
        },
        Route {
            method: Method::GET,
            path: "/cards/{card_id}/limits",
            summary: "Reads every limit that a card is under, and what is left of it",
            number: None,
            role: Some(Role::Auditor),
            request: None,
            answer: BodyDoc {
                name: "LimitsAnswer",
                schema: answer_schema::<controls_wire::Usages>,
            },
            effect: Effect::Reads,
            handler: || get(controls::limits),
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
    ]],
};

const TENANT: BodyDoc = BodyDoc {
    name: "TenantAnswer",
    schema: answer_schema::<tenants_wire::Tenant>,
};

const CONTROLS: BodyDoc = BodyDoc {
    name: "ControlsAnswer",
    schema: answer_schema::<controls_wire::Controls>,
};
