//! The server: everything with input and output.
//!
//! A request goes down one staircase: `api` (a dialect translates) → `ops` (a verb) → `store`
//! (SQL) → `store::db` (the driver). Plain reads skip `ops`. What the platform does by itself is
//! in `jobs`. Arrows point down only; `cargo xtask tidy` keeps them.

pub mod api;
pub mod app;
pub mod bench;
pub mod capacity;
pub mod clock;
pub mod config;
pub mod directory;
pub mod doctor;
pub mod entropy;
pub mod error;
pub mod init;
pub mod jobs;
pub mod ledger;
pub mod logging;
pub mod metrics;
pub mod network;
pub mod ops;
pub mod request_log;
pub mod sandbox;
pub mod secrets;
pub mod seed_file;
pub mod serve;
pub mod server;
pub mod signals;
pub mod steering;
pub mod store;
pub mod streams;
pub mod throttle;
pub mod tls;
pub mod upgrade;
pub mod webhooks;
