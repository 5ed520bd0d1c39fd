//! The server: everything with input and output.

pub mod api;
