//! The server from its front door, in process: no ports, no sleeps, a fresh store for each test.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may as well panic, in its helpers too"
)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets a surprise stops there"
)]

mod everywhere;
mod fincard;
mod finci;
mod harness;
