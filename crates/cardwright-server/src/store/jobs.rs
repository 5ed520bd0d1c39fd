//! Steps the platform takes later by itself, remembered until they are done.
//!
//! Law: a step is due by the time of its tenant. Where that stands still, nothing becomes due.

use cardwright_core::{DepositOrderId, HolderId, JobId, OrderId, TenantId, Timestamp};
use jiff::SignedDuration;

use super::{
    ReadTx, SystemTx, Tx,
    db::{ReadSession, Row},
};
use crate::error::{Error, Result};

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// The next step of a holder's checks, where they decide themselves.
    ReviewHolder(HolderId),
    /// What a deferred order asks for.
    FinishOrder(OrderId),
    /// The end of an announced deposit's time.
    EndDepositOrder(DepositOrderId),
}

impl Task {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Task::ReviewHolder(_) => "review_holder",
            Task::FinishOrder(_) => "finish_order",
            Task::EndDepositOrder(_) => "end_deposit_order",
        }
    }

    fn subject(self) -> i64 {
        match self {
            Task::ReviewHolder(id) => id.get(),
            Task::FinishOrder(id) => id.get(),
            Task::EndDepositOrder(id) => id.get(),
        }
    }

    fn from_parts(word: &str, subject: i64) -> Option<Task> {
        match word {
            "review_holder" => HolderId::new(subject).ok().map(Task::ReviewHolder),
            "finish_order" => OrderId::new(subject).ok().map(Task::FinishOrder),
            "end_deposit_order" => {
                let id = DepositOrderId::new(subject).ok();
                id.map(Task::EndDepositOrder)
            }
            _ => None,
        }
    }
}

/// A step that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose data it is about.
    pub tenant: TenantId,
    /// What is to be done.
    pub task: Task,
    /// How often it failed before.
    pub failures: i64,
}

/// Remembers a step for later.
pub async fn schedule(tx: &mut Tx, task: Task, due_at: Timestamp) -> Result<()> {
    let id = tx.next_id().await?;
    tx.execute(
        "INSERT INTO job (tenant, id, kind, subject, due_at, failures) \
         VALUES ($1, $2, $3, $4, $5, 0)",
        &[
            id.into(),
            task.word().into(),
            task.subject().into(),
            due_at.as_millisecond().into(),
        ],
    )
    .await?;
    tx.leave_for_later();
    Ok(())
}

/// Forgets a step; whether it was still there. Its effects commit with this, so a step is taken
/// once even when two instances see it.
pub async fn claim(tx: &mut Tx, id: JobId) -> Result<bool> {
    let sql = "DELETE FROM job WHERE tenant = $1 AND id = $2 RETURNING id";
    Ok(tx.change(sql, &[id.get().into()]).await?.is_some())
}

/// The steps due by now in real time, of each tenant the oldest first, at most `limit` for tenants
/// with real time and as many for all others.
pub async fn due(session: &mut ReadSession, real_now: Timestamp, limit: i64) -> Result<Vec<Job>> {
    let parameters = [real_now.as_millisecond().into(), limit.into()];
    let mut rows = Vec::new();
    for sql in [
        "SELECT tenant, id, kind, subject, failures FROM job WHERE due_at <= $1 \
         AND NOT EXISTS (SELECT 1 FROM domain_clock WHERE domain_clock.tenant = job.tenant) \
         ORDER BY due_at, id LIMIT $2",
        "SELECT job.tenant, job.id, job.kind, job.subject, job.failures FROM domain_clock \
         CROSS JOIN job WHERE job.tenant = domain_clock.tenant \
         AND job.due_at <= COALESCE(domain_clock.frozen_at, $1 + domain_clock.offset_ms) \
         ORDER BY job.due_at, job.id LIMIT $2",
    ] {
        rows.extend(session.query(sql, &parameters).await?);
    }
    Ok(readable(&rows))
}

/// The steps of one tenant that are due by now in its own time, the oldest first, at most `limit`
/// of them.
pub async fn due_of(tx: &mut ReadTx, limit: i64) -> Result<Vec<Job>> {
    let sql = "SELECT tenant, id, kind, subject, failures FROM job \
               WHERE tenant = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3";
    let parameters = [tx.now().as_millisecond().into(), limit.into()];
    Ok(readable(&tx.query(sql, &parameters).await?))
}

/// One step that nobody can read must not keep all others waiting.
fn readable(rows: &[Row]) -> Vec<Job> {
    let read = |row: &Row| {
        from_row(row)
            .inspect_err(|error| tracing::error!(error = error.log_text(), "a job was left out"))
            .ok()
    };
    rows.iter().filter_map(read).collect()
}

fn from_row(row: &Row) -> Result<Job> {
    let mut columns = row.reader();
    let (tenant, id): (i64, i64) = (columns.next()?, columns.next()?);
    let (kind, subject): (String, i64) = (columns.next()?, columns.next()?);
    let corrupt = || Error::Corrupt(format!("job {id}"));
    Ok(Job {
        id: JobId::new(id).map_err(|_| corrupt())?,
        tenant: TenantId::new(tenant).map_err(|_| corrupt())?,
        task: Task::from_parts(&kind, subject).ok_or_else(corrupt)?,
        failures: columns.next()?,
    })
}

/// When the next step is due in real time, if all clocks run on as they do. What waits behind a
/// clock that stands still is due at no time.
pub async fn next_due(session: &mut ReadSession) -> Result<Option<Timestamp>> {
    let mut next: Option<i64> = None;
    for sql in [
        "SELECT due_at FROM job \
         WHERE NOT EXISTS (SELECT 1 FROM domain_clock WHERE domain_clock.tenant = job.tenant) \
         ORDER BY due_at LIMIT 1",
        "SELECT (SELECT MIN(job.due_at) FROM job WHERE job.tenant = domain_clock.tenant) \
         - domain_clock.offset_ms AS due_at FROM domain_clock \
         WHERE domain_clock.offset_ms IS NOT NULL \
         AND EXISTS (SELECT 1 FROM job WHERE job.tenant = domain_clock.tenant) \
         ORDER BY due_at LIMIT 1",
    ] {
        let row = session.optional(sql, &[]).await?;
        let due_at = row.map(|row| row.get(0)).transpose()?;
        next = [next, due_at].into_iter().flatten().min();
    }
    next.map(|ms| Timestamp::from_millisecond(ms).map_err(|e| Error::Corrupt(e.to_string())))
        .transpose()
}

/// Puts a step that failed off, by its tenant's time.
pub async fn postpone(tx: &mut SystemTx, job: Job, delay: SignedDuration) -> Result<()> {
    let now = tx.resources().clocks.of(job.tenant).now(tx.now());
    let due_at = now
        .checked_add(delay)
        .map_err(|error| Error::Corrupt(error.to_string()))?;
    tx.session
        .execute(
            "UPDATE job SET failures = failures + 1, due_at = $3 WHERE tenant = $1 AND id = $2",
            &[
                job.tenant.get().into(),
                job.id.get().into(),
                due_at.as_millisecond().into(),
            ],
        )
        .await?;
    Ok(())
}
