//! What holds on every surface alike.

mod audit;
pub mod beneath;
mod concurrent;
mod controls;
mod determinism;
mod dialects;
mod garbage;
mod holds;
mod isolation;
pub mod ledger;
mod log;
mod metrics;
mod model;
mod numbers;
mod readme_table;
mod restart;
mod routes;
mod snapshots;
mod time;
mod verify;
