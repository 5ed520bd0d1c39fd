//! The time of each tenant: real time, unless a sandbox moved it.
//!
//! Law: what is stored decides; [`Clocks`] keeps a copy in memory, taken when the store is opened
//! and renewed right after each commit, because every transaction asks for the time.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use cardwright_core::{DomainClock, TenantId, Timestamp};
use jiff::SignedDuration;

use super::{
    Tx,
    db::{ReadSession, Row, Value},
};
use crate::error::{Error, Result};

/// The clocks in memory.
#[derive(Debug, Default)]
pub struct Clocks {
    moved: RwLock<HashMap<TenantId, DomainClock>>,
}

impl Clocks {
    /// A tenant's clock.
    pub fn of(&self, tenant: TenantId) -> DomainClock {
        let moved = self.moved.read().unwrap_or_else(PoisonError::into_inner);
        moved.get(&tenant).copied().unwrap_or(DomainClock::REAL)
    }

    /// Takes over what was committed.
    pub(super) fn set(&self, tenant: TenantId, clock: DomainClock) {
        let mut moved = self.moved.write().unwrap_or_else(PoisonError::into_inner);
        moved.insert(tenant, clock);
    }
}

/// Stores the transaction's tenant's clock. Whoever asks after the commit is told by it.
pub async fn put(tx: &mut Tx, clock: DomainClock) -> Result<()> {
    let (offset, frozen_at) = match clock {
        DomainClock::Running { offset } => {
            let offset = i64::try_from(offset.as_millis())
                .map_err(|_| Error::Corrupt("the offset of a clock".to_owned()))?;
            (Some(offset), None)
        }
        DomainClock::Frozen { at } => (None, Some(at.as_millisecond())),
    };
    tx.execute(
        "INSERT INTO domain_clock (tenant, offset_ms, frozen_at) VALUES ($1, $2, $3) \
         ON CONFLICT (tenant) DO UPDATE SET offset_ms = $2, frozen_at = $3",
        &[Value::from(offset), Value::from(frozen_at)],
    )
    .await?;
    tx.move_clock(clock);
    Ok(())
}

/// The transaction's tenant's clock as it is stored. Two changes that share a commit see each other
/// here and nowhere else.
pub async fn stored(tx: &mut Tx) -> Result<DomainClock> {
    let sql = "SELECT tenant, offset_ms, frozen_at FROM domain_clock WHERE tenant = $1";
    let row = tx.optional(sql, &[]).await?;
    let found = row.as_ref().map(from_row).transpose()?;
    Ok(found.map_or(DomainClock::REAL, |(_, clock)| clock))
}

/// Every clock that was ever moved.
pub(super) async fn all(session: &mut ReadSession) -> Result<Vec<(TenantId, DomainClock)>> {
    let sql = "SELECT tenant, offset_ms, frozen_at FROM domain_clock";
    let rows = session.query(sql, &[]).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<(TenantId, DomainClock)> {
    let mut columns = row.reader();
    let tenant: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("the clock of tenant {tenant}"));
    let (offset, frozen_at): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let clock = match (offset, frozen_at) {
        (Some(offset), None) => DomainClock::Running {
            offset: SignedDuration::from_millis(offset),
        },
        (None, Some(at)) => DomainClock::Frozen {
            at: Timestamp::from_millisecond(at).map_err(|_| corrupt())?,
        },
        _ => return Err(corrupt()),
    };
    Ok((TenantId::new(tenant).map_err(|_| corrupt())?, clock))
}
