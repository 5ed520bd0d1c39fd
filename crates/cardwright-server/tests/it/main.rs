//! The server from its front door, in process: no ports, no sleeps, a fresh store for each test.

mod everywhere;
mod fincard;
mod finci;
mod harness;
