//! The server from its front door, in process: no ports, no sleeps, a fresh store for each test.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets a surprise stops there"
)]

mod everywhere;
mod fincard;
mod finci;
mod harness;
