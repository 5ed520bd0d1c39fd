//! Placeholder.

pub mod clock;
pub mod entropy;
