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

/// How many minutes of failures are remembered: ten whole ones, and the one that is on.
pub const MINUTES: usize = 11;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// Failures of one user from everywhere, minute by minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pressure {
    /// The newest minute that is counted, since the epoch.
    pub minute: i64,
    /// How many failed in it, in the minute before, and so on.
    pub by_minute: [i64; MINUTES],
    /// When a login was last attempted.
    pub last_attempt_at: Timestamp,
}

impl Pressure {
    /// None so far.
    pub fn none(now: Timestamp) -> Pressure {
        Pressure {
            minute: minute_of(now),
            by_minute: [0; MINUTES],
            last_attempt_at: now,
        }
    }

    /// How many failed in the last ten minutes, and at most in one more: a minute counts until all
    /// of it is over for so long.
    pub fn failures(self) -> i64 {
        self.by_minute.iter().sum()
    }

    /// The same as it is counted now. A clock that was set back forgets nothing.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Pressure {
        let passed = minute_of(now).saturating_sub(self.minute);
        let Some(passed) = usize::try_from(passed).ok().filter(|passed| *passed > 0) else {
            return self;
        };
        let mut by_minute = [0; MINUTES];
        for (place, count) in by_minute.iter_mut().skip(passed).zip(self.by_minute) {
            *place = count;
        }
        Pressure {
            minute: minute_of(now),
            by_minute,
            ..self
        }
    }
}

fn minute_of(now: Timestamp) -> i64 {
    now.as_millisecond().div_euclid(MINUTE_MS)
}

fn minutes_from(text: &str) -> Option<[i64; MINUTES]> {
    let mut by_minute = [0; MINUTES];
    let mut counts = text.split_whitespace();
    for (place, count) in by_minute.iter_mut().zip(&mut counts) {
        *place = count.parse().ok()?;
    }
    counts.next().is_none().then_some(by_minute)
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
    let sql = "SELECT window_start, by_minute, last_attempt_at FROM login_pressure \
               WHERE tenant = $1 AND user_id = $2";
    let row = tx.optional(sql, &[user.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let by_minute: String = row.get(1)?;
    let corrupt = || Error::Corrupt(format!("failed logins of user {user}"));
    Ok(Some(Pressure {
        minute: minute_of(time(row.get(0)?)?),
        by_minute: minutes_from(&by_minute).ok_or_else(corrupt)?,
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
    let by_minute = pressure.by_minute.map(|count| count.to_string()).join(" ");
    tx.execute(
        "INSERT INTO login_pressure (tenant, user_id, window_start, failures, last_attempt_at, \
         by_minute) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, user_id) DO UPDATE \
         SET window_start = $3, failures = $4, last_attempt_at = $5, by_minute = $6",
        &[
            Value::from(user),
            pressure.minute.saturating_mul(MINUTE_MS).into(),
            pressure.failures().into(),
            pressure.last_attempt_at.as_millisecond().into(),
            by_minute.into(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_forgotten_one_by_one_and_a_clock_set_back_forgets_none() {
        let at = |minute: i64| Timestamp::from_millisecond(minute * MINUTE_MS + 7).unwrap();
        let mut pressure = Pressure::none(at(100));
        pressure.by_minute[0] = 3;
        let mut later = pressure.until(at(104));
        assert_eq!((later.minute, later.failures()), (104, 3));
        later.by_minute[0] = 5;
        assert_eq!(later.until(at(110)).failures(), 8);
        assert_eq!(later.until(at(111)).failures(), 5);
        assert_eq!(later.until(at(115)).failures(), 0);
        assert_eq!(later.until(at(90)), later);
        assert_eq!(later.until(at(1_000_000)).failures(), 0);
    }

    #[test]
    fn counts_are_read_as_they_were_written_and_none_are_none() {
        assert_eq!(minutes_from(""), Some([0; MINUTES]));
        assert_eq!(
            minutes_from("1 0 2 0 0 0 0 0 0 0 3"),
            Some([1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3])
        );
        assert_eq!(minutes_from("1 x"), None);
        assert_eq!(minutes_from("1 1 1 1 1 1 1 1 1 1 1 1"), None);
    }
}
