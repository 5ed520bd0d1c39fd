//! What operators do.

pub mod controls;
pub mod tenants;
