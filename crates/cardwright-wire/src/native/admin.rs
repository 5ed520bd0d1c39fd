//! What operators do.

pub mod controls;
pub mod tenants;
pub mod work_orders;
