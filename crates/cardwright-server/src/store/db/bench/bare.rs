//! The SQL on the driver itself: what the store would be without being one.
//!
//! No types forgotten, no closures, no nested parts, no classified errors; the same settings where
//! they cost something, and the same promise.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::super::error::DbError;
use super::super::sqlite::{classify, create_private};
use super::authorization::{self, FACTS, Order, TENANT, not_approved};
use super::{Figures, Load, measure, worker};

/// How many share a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// All who are waiting.
    Together,
    /// Nobody.
    Alone,
}

const SETTINGS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 1000;
";

pub(super) async fn run(
    directory: &Path,
    grouping: Grouping,
    load: Load,
) -> Result<Figures, DbError> {
    let bank = Bank::open(&directory.join("bare.db"))?;
    let (counter, thread) = match grouping {
        Grouping::Together => worker::start(512, move |orders| bank.together(orders)),
        Grouping::Alone => worker::start(1, move |orders| bank.alone(orders)),
    }?;
    let figures = measure(load, move |order| {
        let counter = counter.clone();
        async move { counter.ask(order).await }
    })
    .await;
    worker::end(thread).await?;
    figures
}

/// The connection and the texts it runs.
struct Bank {
    connection: Connection,
    card: String,
    account: String,
    take: String,
    hold: String,
    entry: String,
    message: String,
}

impl Bank {
    fn open(path: &Path) -> Result<Bank, DbError> {
        create_private(path)?;
        let connect = || {
            let connection = Connection::open(path)?;
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            connection.execute_batch(SETTINGS)?;
            connection.execute_batch(authorization::SCHEMA[0].sql)?;
            Ok(connection)
        };
        let text = authorization::for_driver;
        Ok(Bank {
            connection: connect().map_err(classify)?,
            card: text(authorization::CARD)?,
            account: text(authorization::ACCOUNT)?,
            take: text(authorization::TAKE)?,
            hold: text(authorization::HOLD)?,
            entry: text(authorization::ENTRY)?,
            message: text(authorization::MESSAGE)?,
        })
    }

    fn together(&self, orders: &[Order]) -> Result<(), DbError> {
        self.say("BEGIN IMMEDIATE")?;
        for order in orders {
            self.say("SAVEPOINT operation")?;
            self.authorize(*order)?;
            self.say("RELEASE operation")?;
        }
        self.say("COMMIT")
    }

    fn alone(&self, orders: &[Order]) -> Result<(), DbError> {
        for order in orders {
            self.say("BEGIN IMMEDIATE")?;
            self.authorize(*order)?;
            self.say("COMMIT")?;
        }
        Ok(())
    }

    fn say(&self, sql: &str) -> Result<(), DbError> {
        let said = self.connection.prepare_cached(sql);
        let said = said.and_then(|mut statement| statement.execute([]));
        said.map(drop).map_err(classify)
    }

    fn authorize(&self, order: Order) -> Result<(), DbError> {
        if self.decide(order).map_err(classify)? {
            Ok(())
        } else {
            Err(not_approved())
        }
    }

    /// The work itself; whether it was approved.
    fn decide(&self, order: Order) -> rusqlite::Result<bool> {
        let Order { id, card, amount } = order;
        let (account, state): (i64, String) = self
            .connection
            .prepare_cached(&self.card)?
            .query_row((TENANT, card), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (available, status): (i64, String) = self
            .connection
            .prepare_cached(&self.account)?
            .query_row((TENANT, account), |row| Ok((row.get(0)?, row.get(1)?)))?;
        if state != "active" || status != "active" || available < amount {
            return Ok(false);
        }
        let taken = self
            .connection
            .prepare_cached(&self.take)?
            .query_row((TENANT, account, amount), |row| row.get::<_, i64>(0))
            .optional()?;
        let Some(sequence) = taken else {
            return Ok(false);
        };
        self.connection
            .prepare_cached(&self.hold)?
            .execute((TENANT, id, account, amount, id))?;
        for (sequence, amount) in [(sequence - 1, amount), (sequence, -amount)] {
            self.connection
                .prepare_cached(&self.entry)?
                .execute((TENANT, account, sequence, id, amount))?;
        }
        self.connection
            .prepare_cached(&self.message)?
            .execute((TENANT, id, FACTS))?;
        Ok(true)
    }
}
