//! The operations, a file for each kind of record.
//!
//! Logins and calls have no prefix in common, so paths stand here in full.

mod accounts;
mod cards;
mod holders;
mod queries;
mod sessions;

use crate::api::route::Route;

/// All of them.
pub(super) const GROUPS: &[&[Route]] = &[
    sessions::ROUTES,
    accounts::ROUTES,
    holders::ROUTES,
    cards::ROUTES,
    queries::ROUTES,
];
