//! Looks whether the laws of the ledger hold in what is stored, and whether authorizations decide by
//! cards as they are.
//!
//! One read sees one state, so a server may go on writing. The accounts of one tenant are kept in
//! memory, transfers and holds pass by in the order of their ids, a page at a time: ids are drawn
//! under the same lock as the numbers of an account's entries, so both orders are one.

mod book;
mod rows;
mod standings;

use std::{collections::BTreeMap, fmt};

use super::db::{DbError, ReadSession};
use crate::error::{Error, Result};
use book::Book;

/// What was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Tenants.
    pub tenants: u64,
    /// Accounts.
    pub accounts: u64,
    /// Those that a forced payment took below their floor; allowed, and worth a look.
    pub accounts_below_floor: u64,
    /// Entries of the journal.
    pub entries: u64,
    /// Transfers.
    pub transfers: u64,
    /// Holds that keep money from being spent.
    pub holds_open: u64,
    /// Holds that were posted, voided or expired.
    pub holds_ended: u64,
    /// Sums by currency code.
    pub currencies: BTreeMap<String, Sums>,
}

/// Sums of one currency over all tenants, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// The sum over all accounts, which is zero.
    pub balance: i128,
    /// Everything that was ever moved.
    pub moved: i128,
    /// What is held at present.
    pub held: i128,
}

/// A law that does not hold, and the record in which that shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Whose record it is.
    pub tenant: i64,
    /// What kind of record.
    pub record: &'static str,
    /// Which one.
    pub id: i64,
    /// What is wrong with it, with the ids of others it is about.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation {
            tenant,
            record,
            id,
            what,
        } = self;
        write!(f, "tenant {tenant}, {record} {id}: {what}")
    }
}

/// What looking brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What was looked at before the end.
    pub figures: Figures,
    /// What ended it early.
    pub violation: Option<Violation>,
}

/// Why looking ends before the end.
enum Stop {
    Found(Violation),
    Failed(Error),
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Stop {
        Stop::Found(violation)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Stop {
        Stop::Failed(error.into())
    }
}

/// Looks at everything, up to the first violation. Fails only where it cannot look.
pub async fn run(session: &mut ReadSession) -> Result<Outcome> {
    let mut figures = Figures::default();
    let violation = match look(session, &mut figures).await {
        Ok(()) => None,
        Err(Stop::Found(violation)) => Some(violation),
        Err(Stop::Failed(error)) => return Err(error),
    };
    Ok(Outcome { figures, violation })
}

async fn look(session: &mut ReadSession, figures: &mut Figures) -> std::result::Result<(), Stop> {
    rows::balances(session).await?;
    let mut after = i64::MIN;
    while let Some(tenant) = rows::tenant_after(session, after).await? {
        rows::require_tenant(session, tenant).await?;
        figures.tenants += 1;
        let mut book = Book::new(tenant);
        let looked = look_at(session, &mut book, figures).await;
        book.count(figures);
        looked?;
        after = tenant;
    }
    standings::look(session).await
}

async fn look_at(
    session: &mut ReadSession,
    book: &mut Book,
    figures: &mut Figures,
) -> std::result::Result<(), Stop> {
    rows::accounts(session, book).await?;
    rows::transfers(session, book, figures).await?;
    rows::entries(session, book, figures).await?;
    rows::holds(session, book, figures).await?;
    rows::authorizations(session, book.tenant()).await?;
    rows::owners(session, book.tenant()).await?;
    book.close()?;
    Ok(())
}
