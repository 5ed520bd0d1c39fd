//! What the outside can reach over HTTP. Only this module and the console know HTTP types.

pub mod front;
