//! What operators do.

pub mod controls;
pub mod rates;
pub mod tenants;
pub mod terms;
pub mod work_orders;
