//! What is kept: tables, the statements that read and write them, and the engine below.
//!
//! Law: SQL is written here and nowhere else, and only `db` knows which engine answers it.

pub mod db;
