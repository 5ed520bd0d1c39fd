//! What failed logins leave behind: locks per (tenant, user, address) and slowed users.
//!
//! Times here are real time. Guesses at users that do not exist share one row, so that they cost
//! the guesser the same wait for the disk and cannot fill it.

use cardwright_core::Timestamp;
use jiff::SignedDuration;

use super::{
    ReadTx, SystemTx, Tx,
    db::{Row, Value},
};
use crate::error::{Error, Result};

/// Failures are forgotten when none followed for so long.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Failures of one user from one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failures {
    /// How many in a row.
    pub count: i64,
    /// Until when logins of this user from this address fail whatever they say.
    pub locked_until: Option<Timestamp>,
}

/// Failures of one user from everywhere, in the current window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pressure {
    /// When the window began.
    pub window_start: Timestamp,
    /// How many failed in it.
    pub failures: i64,
    /// When a login was last attempted.
    pub last_attempt_at: Timestamp,
}

fn time(ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| Error::Corrupt(error.to_string()))
}

fn failures_from(row: &Row) -> Result<Failures> {
    let locked_until: Option<i64> = row.get(1)?;
    Ok(Failures {
        count: row.get(0)?,
        locked_until: locked_until.map(time).transpose()?,
    })
}

/// What is known of one user's failed logins from one address.
pub async fn failures(tx: &mut ReadTx, user: i64, address: &str) -> Result<Option<Failures>> {
    let sql = "SELECT failures, locked_until FROM login_failure \
               WHERE tenant = $1 AND user_id = $2 AND address = $3";
    let row = tx.optional(sql, &[user.into(), address.into()]).await?;
    row.as_ref().map(failures_from).transpose()
}

/// What is known of one user's failed logins from everywhere.
pub async fn pressure(tx: &mut ReadTx, user: i64) -> Result<Option<Pressure>> {
    let sql = "SELECT window_start, failures, last_attempt_at FROM login_pressure \
               WHERE tenant = $1 AND user_id = $2";
    let row = tx.optional(sql, &[user.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Pressure {
        window_start: time(row.get(0)?)?,
        failures: row.get(1)?,
        last_attempt_at: time(row.get(2)?)?,
    }))
}

/// Writes what is known now of one user and one address.
pub async fn put_failures(tx: &mut Tx, user: i64, address: &str, failures: Failures) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO login_failure (tenant, user_id, address, failures, last_at, locked_until) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, user_id, address) DO UPDATE \
         SET failures = $4, last_at = $5, locked_until = $6",
        &[
            Value::from(user),
            address.into(),
            failures.count.into(),
            now.into(),
            failures.locked_until.map(Timestamp::as_millisecond).into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes what is known now of one user from everywhere.
pub async fn put_pressure(tx: &mut Tx, user: i64, pressure: Pressure) -> Result<()> {
    tx.execute(
        "INSERT INTO login_pressure (tenant, user_id, window_start, failures, last_attempt_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, user_id) DO UPDATE \
         SET window_start = $3, failures = $4, last_attempt_at = $5",
        &[
            Value::from(user),
            pressure.window_start.as_millisecond().into(),
            pressure.failures.into(),
            pressure.last_attempt_at.as_millisecond().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets a user's failures from one address, after a login that succeeded there.
pub async fn clear_failures(tx: &mut Tx, user: i64, address: &str) -> Result<()> {
    let sql = "DELETE FROM login_failure WHERE tenant = $1 AND user_id = $2 AND address = $3";
    tx.execute(sql, &[user.into(), address.into()]).await?;
    Ok(())
}

/// Removes failures that were followed by none for so long, unless they still lock: whoever paces
/// itself by this gets fewer guesses than the lock lets through. At most `limit` rows, so that no
/// write waits long.
pub async fn purge(tx: &mut SystemTx, now: Timestamp, limit: i64) -> Result<u64> {
    let quiet_since = now
        .checked_sub(FORGOTTEN_AFTER)
        .map_err(|error| Error::Corrupt(error.to_string()))?;
    let sql = "DELETE FROM login_failure WHERE (tenant, user_id, address) IN \
               (SELECT tenant, user_id, address FROM login_failure WHERE last_at < $1 \
               AND (locked_until IS NULL OR locked_until <= $2) LIMIT $3)";
    let parameters = [
        Value::from(quiet_since.as_millisecond()),
        now.as_millisecond().into(),
        limit.into(),
    ];
    Ok(tx.session.execute(sql, &parameters).await?)
}

/// Counts a guess at a user that does not exist.
pub async fn count_stranger(tx: &mut SystemTx) -> Result<()> {
    let now = tx.now().as_millisecond();
    tx.session
        .execute(
            "INSERT INTO login_failure (tenant, user_id, address, failures, last_at) \
             VALUES (0, 0, '', 1, $1) ON CONFLICT (tenant, user_id, address) DO UPDATE \
             SET failures = failures + 1, last_at = $1",
            &[now.into()],
        )
        .await?;
    Ok(())
}
