//! The schema's history: forward only, each step once, none ever edited.

use super::db::Migration;

/// Every step, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "skeleton",
        sql: include_str!("0001_skeleton.sql"),
    },
    Migration {
        version: 2,
        name: "ledger",
        sql: include_str!("0002_ledger.sql"),
    },
    Migration {
        version: 3,
        name: "authorizations",
        sql: include_str!("0003_authorizations.sql"),
    },
    Migration {
        version: 4,
        name: "controls",
        sql: include_str!("0004_controls.sql"),
    },
    Migration {
        version: 5,
        name: "operators",
        sql: include_str!("0005_operators.sql"),
    },
    Migration {
        version: 6,
        name: "clock",
        sql: include_str!("0006_clock.sql"),
    },
    Migration {
        version: 7,
        name: "counterparts",
        sql: include_str!("0007_counterparts.sql"),
    },
];
