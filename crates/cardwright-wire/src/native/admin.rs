//! What operators do.

pub mod tenants;
