//! The schema's history: forward only, each step once, none ever edited.

use super::db::Migration;

/// Every step, in order.
pub const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "skeleton",
    sql: include_str!("0001_skeleton.sql"),
}];
