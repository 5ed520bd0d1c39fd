//! The FinCard Virtual API: sessions, context headers, one envelope.
//!
//! Every operation takes the same stairs: a line in [`routes`], a handler that translates, a verb
//! in `ops`. [`session`] checks headers and token and keeps answers for repeats.

mod accounts;
mod bounds;
mod callback;
mod card_types;
mod cards;
mod contract;
mod controls;
mod entries;
mod events;
mod files;
mod holders;
mod logins;
mod openings;
mod orders;
mod queries;
mod reference;
mod reply;
mod routes;
mod secrets;
mod session;
mod simulation;
mod wallet;
mod work_orders;

use axum::response::Response;
use cardwright_wire::fincard::errors::Code;

use super::route::{Served, Surface};

/// What is answered in this dialect, also where there is no operation.
pub const PREFIXES: &[&str] = &[
    "/api/v2.1/fincard/virtual",
    "/api/auth/login",
    "/api/v2.1/admin/organization",
];

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "FinCard Virtual API",
    slug: "fincard",
    prefixes: &[""],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    groups: routes::GROUPS,
};

/// The answer to a path that does not exist under the prefixes.
pub fn not_found() -> Response {
    reply::failure(&Code::NotFound.into())
}

/// The answer to a path that exists, but not with this method.
pub fn method_not_allowed() -> Response {
    reply::failure(&Code::MethodNotAllowed.into())
}
