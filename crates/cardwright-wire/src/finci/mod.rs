//! The FINCI Card API on the wire: requests, answers, the envelope and the table of errors.
//!
//! Every request is strict: unknown fields and `null` are faults. Ids are strings, amounts decimal
//! strings, times RFC 3339.

pub mod accounts;
pub mod cards;
pub mod envelope;
pub mod errors;
pub mod events;
pub mod limits;
pub mod persons;
pub mod signature;
