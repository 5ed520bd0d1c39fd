//! Placeholder.

pub mod clock;
pub mod entropy;
pub mod network;
pub mod secrets;
