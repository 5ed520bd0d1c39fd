//! The FINCI Card API on the wire: requests, answers, the envelope and the table of errors.
//!
//! Every request is strict: unknown fields are faults, and so is `null` but where a change clears a
//! field with it. Ids are strings, amounts decimal
//! strings, times RFC 3339.

pub mod accounts;
pub mod authorizations;
pub mod cards;
pub mod corporates;
pub mod employees;
pub mod envelope;
pub mod errors;
pub mod events;
pub mod ledger;
pub mod limits;
pub mod paging;
pub mod persons;
pub mod secrets;
pub mod signature;
pub mod transactions;
