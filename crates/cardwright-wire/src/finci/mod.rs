//! The FINCI Card API on the wire: signed requests, `snake_case` JSON.

pub mod signature;
