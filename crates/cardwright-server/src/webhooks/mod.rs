//! Telling integrators: what an event reads like in each dialect.
//!
//! Law: nothing here changes a record; it reads what happened and says it.

pub mod payloads;
