//! Webhooks out: where a tenant's events may go, how they are signed, how they are sent.
//!
//! Law: no transaction is open while anything here waits for a network. Nothing is connected to
//! that [`guard`] has not judged by its address.

pub mod guard;
pub mod ping;
pub mod sender;
pub mod signing;
pub mod target;
