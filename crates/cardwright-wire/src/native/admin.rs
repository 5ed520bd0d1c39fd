//! What operators do.

pub mod tenants;
pub mod work_orders;
