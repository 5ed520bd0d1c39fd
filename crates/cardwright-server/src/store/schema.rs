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
    Migration {
        version: 8,
        name: "fewer_pages",
        sql: include_str!("0008_fewer_pages.sql"),
    },
    Migration {
        version: 9,
        name: "holder_files",
        sql: include_str!("0009_holder_files.sql"),
    },
    Migration {
        version: 10,
        name: "wallets",
        sql: include_str!("0010_wallets.sql"),
    },
    Migration {
        version: 11,
        name: "orders",
        sql: include_str!("0011_orders.sql"),
    },
    Migration {
        version: 12,
        name: "queries",
        sql: include_str!("0012_queries.sql"),
    },
];
