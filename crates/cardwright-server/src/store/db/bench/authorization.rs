//! The unit of work: a durable authorization, as the least any card program has to write.
//!
//! Read the card and its account, hold the amount if the floor allows it, remember the hold, two
//! entries and a message to send. The texts stand here once, for all who run them.

use super::super::error::DbError;
use super::super::migrate::{Migration, References};
use super::super::parameters;

/// Cards, and accounts with enough on them for any run.
pub(super) const CARDS: i64 = 10_000;

/// The tables, filled.
pub(super) static SCHEMA: [Migration; 1] = [Migration {
    version: 1,
    name: "benchmark",
    references: References::Kept,
    sql: "
        CREATE TABLE card (tenant INTEGER NOT NULL, id INTEGER NOT NULL, account INTEGER NOT NULL,
            state TEXT NOT NULL, PRIMARY KEY (tenant, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE account (tenant INTEGER NOT NULL, id INTEGER NOT NULL, status TEXT NOT NULL,
            posted INTEGER NOT NULL, held INTEGER NOT NULL, floor INTEGER NOT NULL,
            sequence INTEGER NOT NULL, PRIMARY KEY (tenant, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE hold (tenant INTEGER NOT NULL, id INTEGER NOT NULL, account INTEGER NOT NULL,
            amount INTEGER NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE entry (tenant INTEGER NOT NULL, account INTEGER NOT NULL,
            sequence INTEGER NOT NULL, hold INTEGER NOT NULL, amount INTEGER NOT NULL,
            PRIMARY KEY (tenant, account, sequence)) STRICT, WITHOUT ROWID;
        CREATE TABLE outbox (tenant INTEGER NOT NULL, id INTEGER NOT NULL, facts TEXT NOT NULL,
            PRIMARY KEY (tenant, id)) STRICT, WITHOUT ROWID;
        WITH RECURSIVE number (n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
            INSERT INTO card SELECT 1, n, n, 'active' FROM number;
        WITH RECURSIVE number (n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
            INSERT INTO account SELECT 1, n, 'active', 1000000000000, 0, 0, 0 FROM number;
    ",
}];

/// Which account the card spends from, and whether it may.
pub(super) const CARD: &str = "SELECT account, state FROM card WHERE tenant = $1 AND id = $2";

/// What there is to spend.
pub(super) const ACCOUNT: &str =
    "SELECT posted - held - floor, status FROM account WHERE tenant = $1 AND id = $2";

/// Takes an amount if the floor allows it; gives the number of the last of its two entries.
pub(super) const TAKE: &str = "UPDATE account SET held = held + $3, sequence = sequence + 2 \
     WHERE tenant = $1 AND id = $2 AND posted - held - $3 >= floor RETURNING sequence";

/// Remembers the hold.
pub(super) const HOLD: &str =
    "INSERT INTO hold (tenant, id, account, amount, created_at) VALUES ($1, $2, $3, $4, $5)";

/// Remembers one side of it.
pub(super) const ENTRY: &str =
    "INSERT INTO entry (tenant, account, sequence, hold, amount) VALUES ($1, $2, $3, $4, $5)";

/// Puts a message where it will be sent from.
pub(super) const MESSAGE: &str = "INSERT INTO outbox (tenant, id, facts) VALUES ($1, $2, $3)";

/// What the message says.
pub(super) const FACTS: &str = r#"{"kind":"authorization.approved","currency":"EUR","merchant":{"name":"A shop","mcc":"5411","city":"Vilnius","country":"LT"}}"#;

/// A text for the bare driver.
pub(super) fn for_driver(sql: &str) -> Result<String, DbError> {
    parameters::translate(sql)
}

/// What one client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) card: i64,
    pub(super) amount: i64,
}

impl Order {
    /// The order of a number; the cards come in an order that no cache likes.
    pub(super) fn new(number: i64) -> Order {
        Order {
            id: number + 1,
            card: number.wrapping_mul(7_919).rem_euclid(CARDS) + 1,
            amount: 100 + number.rem_euclid(900),
        }
    }
}

/// The tenant of all of it.
pub(super) const TENANT: i64 = 1;

/// An answer other than "approved" would be a fault of the benchmark.
pub(super) fn not_approved() -> DbError {
    DbError::Misuse {
        what: "an authorization of the benchmark was not approved".to_owned(),
    }
}
