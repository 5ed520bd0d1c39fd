//! What operators do: tenants, their credentials and users, products, decisions.

mod contract;
mod tenants;

use axum::{
    http::Method,
    routing::{get, post},
};
use cardwright_wire::native::{List, admin::tenants as tenants_wire};

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
    ],
};

const TENANT: BodyDoc = BodyDoc {
    name: "TenantAnswer",
    schema: answer_schema::<tenants_wire::Tenant>,
};
