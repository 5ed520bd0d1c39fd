//! The server from its front door, in process: no ports, no sleeps, a fresh store for each test.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on may as well panic, in its helpers too"
)]

mod everywhere;
mod fincard;
mod finci;
mod harness;
mod native;
mod parties;
mod webhooks;
