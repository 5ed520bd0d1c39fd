//! The wire contracts of the two dialects: what may be sent, what is answered, which errors exist.
//!
//! Everything here is a pure function of bytes: the server, the SDK and the command line share it.
//! A request is declared once, as a [`shape::Shape`], and that one declaration both reads and
//! documents it; each dialect has one table of errors, used by code and documents alike.

pub mod fincard;
pub mod finci;
pub mod instant;
pub mod json;
pub mod kind;
pub mod media_type;
pub mod native;
pub mod pan;
pub mod response_code;
pub mod shape;
