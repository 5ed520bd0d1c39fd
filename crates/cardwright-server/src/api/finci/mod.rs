//! The FINCI Card API: signed requests in, one envelope out.
//!
//! Every operation takes the same stairs: a line in [`routes`], a handler that translates, a verb
//! in `ops`. [`signed`] verifies, takes the signature and keeps answers for repeats.

mod accounts;
mod authorizations;
mod cards;
mod contract;
mod corporates;
mod employees;
mod events;
mod ledger;
mod limits;
mod pages;
mod persons;
mod reply;
mod routes;
mod secrets;
mod signed;
mod transactions;

use axum::response::Response;
use cardwright_wire::finci::errors::Code;

use super::route::{Served, Surface};

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "FINCI Card API",
    slug: "finci",
    prefixes: &["/v1", "/api/v1"],
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
