//! Steps the platform takes later by itself, remembered until they are done.

use cardwright_core::{HolderId, JobId, TenantId, Timestamp};

use super::{
    SystemTx, Tx,
    db::{ReadSession, Row},
};
use crate::error::{Error, Result};

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// The next step of a holder's checks, where they decide themselves.
    ReviewHolder(HolderId),
}

impl Task {
    fn word(self) -> &'static str {
        match self {
            Task::ReviewHolder(_) => "review_holder",
        }
    }

    fn subject(self) -> i64 {
        match self {
            Task::ReviewHolder(id) => id.get(),
        }
    }

    fn from_parts(word: &str, subject: i64) -> Option<Task> {
        match word {
            "review_holder" => HolderId::new(subject).ok().map(Task::ReviewHolder),
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

/// The steps due by now, the oldest first, at most `limit` of them.
pub async fn due(session: &mut ReadSession, now: Timestamp, limit: i64) -> Result<Vec<Job>> {
    let sql = "SELECT tenant, id, kind, subject, failures FROM job WHERE due_at <= $1 \
               ORDER BY due_at, id LIMIT $2";
    let rows = session
        .query(sql, &[now.as_millisecond().into(), limit.into()])
        .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        match from_row(row) {
            Ok(job) => due.push(job),
            // One step that nobody can read must not keep all others waiting.
            Err(error) => tracing::error!(error = error.log_text(), "a job was left out"),
        }
    }
    Ok(due)
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

/// When the next step is due, if there is one.
pub async fn next_due(session: &mut ReadSession) -> Result<Option<Timestamp>> {
    let row = session.one("SELECT MIN(due_at) FROM job", &[]).await?;
    let due_at: Option<i64> = row.get(0)?;
    due_at
        .map(|ms| Timestamp::from_millisecond(ms).map_err(|e| Error::Corrupt(e.to_string())))
        .transpose()
}

/// Puts a step that failed off until later.
pub async fn postpone(tx: &mut SystemTx, job: Job, due_at: Timestamp) -> Result<()> {
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
