//! What an event reads like to those who are told.

pub mod fincard;
