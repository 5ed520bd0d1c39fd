//! The operations, a file for each kind of record.
//!
//! Logins and calls have no prefix in common, so paths stand here in full.

mod accounts;
mod cards;
mod common;
mod holders;
mod queries;
mod sessions;
mod wallet;
mod work_orders;

use crate::api::route::Route;

/// All of them.
pub(super) const GROUPS: &[&[Route]] = &[
    sessions::ROUTES,
    common::ROUTES,
    work_orders::ROUTES,
    accounts::ROUTES,
    wallet::ROUTES,
    holders::ROUTES,
    cards::ROUTES,
    queries::ROUTES,
];
