//! Webhooks out: what an event reads like in each dialect, where it may go, how it is signed and
//! sent.
//!
//! Law: nothing here changes a record. No transaction is open while anything here waits for a
//! network. Nothing is connected to that [`guard`] has not judged by its address.

pub mod faults;
pub mod guard;
pub mod names;
pub mod payloads;
pub mod ping;
pub mod question;
pub mod sender;
pub mod signing;
pub mod target;
