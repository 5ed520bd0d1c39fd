//! Logging in and recognizing sessions.
//!
//! Law: every failed login looks the same and costs the same. Locks count the peer's address,
//! never an address the caller claims.

use std::net::IpAddr;

use cardwright_core::{TenantId, Timestamp};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    secrets::{Secret, passwords::PasswordError, tokens::Claims},
    store::{
        Actor, Scope, Tx,
        logins::{self, Failures, Pressure},
        users::{self, Login, NewSession, User},
    },
};

/// This many failures in a row lock a user for an address…
const FAILURES_TO_LOCK: i64 = 10;
/// …for so long.
const LOCK: SignedDuration = SignedDuration::from_mins(30);
/// This many failures from anywhere…
const FAILURES_TO_SLOW: i64 = 100;
/// …within so long slow a user's logins down…
const PRESSURE_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// …to one in so long.
const SLOW_PACE: SignedDuration = SignedDuration::from_secs(1);

/// A login as it came in; nothing in it is trusted yet.
#[derive(Debug)]
pub struct Attempt {
    /// Whom it names; absent where the fields could not name anybody.
    pub login: Option<Login>,
    /// The password.
    pub password: Secret,
    /// The device it says it comes from.
    pub device_id: String,
    /// Whence it really comes.
    pub address: IpAddr,
    /// The actor for the audit row, without its id.
    pub actor: Actor,
}

/// A session that began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The token that proves it.
    pub access_token: String,
    /// Its id.
    pub id: Uuid,
    /// Its user.
    pub user: Uuid,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// How long that is from its issue, in seconds.
    pub lifetime_s: i64,
}

/// What stands against a login, whatever its password.
struct Standing {
    failures: Option<Failures>,
    pressure: Option<Pressure>,
}

impl Standing {
    async fn of(tx: &mut Tx, user: i64, address: &str) -> Result<Standing> {
        Ok(Standing {
            failures: logins::failures(tx, user, address).await?,
            pressure: logins::pressure(tx, user).await?,
        })
    }

    fn holds(&self, now: Timestamp) -> bool {
        is_locked(self.failures, now) || is_slowed(self.pressure, now)
    }
}

/// Whether the password was the user's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Right,
    Wrong,
}

/// Begins a session, or says nothing about why not.
pub async fn log_in(app: &App, attempt: Attempt) -> Result<Option<Session>> {
    let user = match attempt.login {
        Some(login) => {
            app.store()
                .system_read(async move |session| users::find_for_login(session, &login).await)
                .await?
        }
        None => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let right = app
        .passwords()
        .verify(attempt.password, hash)
        .await
        .map_err(busy_or_broken)?;
    let Some(user) = user else {
        // The same wait for the disk as a wrong password.
        app.store()
            .system(async |tx| logins::count_stranger(tx).await)
            .await?;
        return Ok(None);
    };
    let actor = Actor {
        id: user.uuid.clone(),
        ..attempt.actor
    };
    let address = attempt.address.to_canonical().to_string();
    let verdict = if right {
        Verdict::Right
    } else {
        Verdict::Wrong
    };
    settle(app, (user, actor), (address, attempt.device_id), verdict).await
}

fn busy_or_broken(error: PasswordError) -> Error {
    match error {
        PasswordError::Busy => Error::Busy,
        other => Error::Corrupt(other.to_string()),
    }
}

fn is_locked(failures: Option<Failures>, now: Timestamp) -> bool {
    failures
        .and_then(|failures| failures.locked_until)
        .is_some_and(|until| now < until)
}

fn is_pressed(pressure: Pressure, now: Timestamp) -> bool {
    pressure.failures >= FAILURES_TO_SLOW
        && now.duration_since(pressure.window_start) < PRESSURE_WINDOW
}

fn is_slowed(pressure: Option<Pressure>, now: Timestamp) -> bool {
    pressure.is_some_and(|pressure| {
        is_pressed(pressure, now) && now.duration_since(pressure.last_attempt_at) < SLOW_PACE
    })
}

/// One more failure in a row; a lock that ran out begins a new row.
fn after_failure(before: Option<Failures>, now: Timestamp) -> Failures {
    match before {
        Some(locked) if is_locked(Some(locked), now) => locked,
        Some(Failures {
            count,
            locked_until: None,
        }) if count + 1 >= FAILURES_TO_LOCK => Failures {
            count: count + 1,
            locked_until: now.checked_add(LOCK).ok(),
        },
        Some(Failures {
            count,
            locked_until: None,
        }) => Failures {
            count: count + 1,
            locked_until: None,
        },
        Some(_) | None => Failures {
            count: 1,
            locked_until: None,
        },
    }
}

/// One more failure in the window; a window that is over begins anew. An attempt that came too
/// soon does not put off the next: whoever hammers must not keep the user out.
fn under_pressure(before: Option<Pressure>, now: Timestamp) -> Pressure {
    match before {
        Some(pressure) if now.duration_since(pressure.window_start) < PRESSURE_WINDOW => Pressure {
            failures: pressure.failures + 1,
            last_attempt_at: if is_slowed(before, now) {
                pressure.last_attempt_at
            } else {
                now
            },
            ..pressure
        },
        Some(_) | None => Pressure {
            window_start: now,
            failures: 1,
            last_attempt_at: now,
        },
    }
}

/// Decides in one transaction, so that of many attempts at once each sees what the others left.
async fn settle(
    app: &App,
    (user, actor): (User, Actor),
    (address, device_id): (String, String),
    verdict: Verdict,
) -> Result<Option<Session>> {
    let broken = |what: String| Error::Corrupt(what);
    let session = app.store().resources().entropy.uuid();
    let user_uuid: Uuid = user
        .uuid
        .parse()
        .map_err(|_| broken(format!("uuid of user {}", user.id)))?;
    let scope = Scope {
        tenant: user.tenant,
        actor,
    };
    let tenant = app.tenant_uuid(user.tenant).await?;
    let claims = Claims::starting(app.now(), tenant, user_uuid, session, device_id.clone());
    let new = NewSession {
        id: session.to_string(),
        user_id: user.id,
        device_id,
        expires_at: claims.expires_at,
    };
    let begun = app
        .write(&scope, async move |tx| {
            let standing = Standing::of(tx, user.id, &address).await?;
            if verdict == Verdict::Wrong || standing.holds(tx.now()) {
                record_failure(tx, &user, &address, &standing).await?;
                return Ok(false);
            }
            begin(tx, &new, &address, &standing).await?;
            Ok(true)
        })
        .await?;
    if !begun {
        return Ok(None);
    }
    let access_token = app
        .tokens()
        .issue(&claims)
        .map_err(|fault| broken(fault.to_string()))?;
    Ok(Some(Session {
        access_token,
        id: session,
        user: user_uuid,
        expires_at: claims.expires_at,
        lifetime_s: claims.expires_at.duration_since(claims.issued_at).as_secs(),
    }))
}

async fn record_failure(
    tx: &mut Tx,
    user: &User,
    address: &str,
    standing: &Standing,
) -> Result<()> {
    let failures = after_failure(standing.failures, tx.now());
    let pressure = under_pressure(standing.pressure, tx.now());
    logins::put_failures(tx, user.id, address, failures).await?;
    logins::put_pressure(tx, user.id, pressure).await?;
    let outcome = if failures.locked_until.is_some() {
        "refused:locked"
    } else {
        "refused:invalid_credentials"
    };
    tx.audit_outcome("session.begin", ("user", &user.uuid), outcome)
        .await?;
    if pressure.failures == FAILURES_TO_SLOW {
        tx.audit("user.slow_logins", ("user", &user.uuid)).await?;
    }
    Ok(())
}

async fn begin(tx: &mut Tx, new: &NewSession, address: &str, standing: &Standing) -> Result<()> {
    logins::clear_failures(tx, new.user_id, address).await?;
    if let Some(pressure) = standing.pressure
        && is_pressed(pressure, tx.now())
    {
        let pressure = Pressure {
            last_attempt_at: tx.now(),
            ..pressure
        };
        logins::put_pressure(tx, new.user_id, pressure).await?;
    }
    users::insert_session(tx, new).await?;
    tx.audit("session.begin", ("session", &new.id)).await
}

/// A caller in a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recognized {
    /// Whose data it may see.
    pub tenant: TenantId,
    /// The tenant's id as its callers send it.
    pub tenant_uuid: String,
    /// Its user.
    pub user: Uuid,
}

/// Recognizes the session a token proves, unless it is over.
pub async fn recognize(app: &App, token: &str) -> Result<Option<Recognized>> {
    let Ok(claims) = app.tokens().verify(token, app.now()) else {
        return Ok(None);
    };
    let (tenant, session, user) = (
        claims.tenant.clone(),
        claims.session.to_string(),
        claims.user.to_string(),
    );
    let found = app
        .store()
        .system_read(async move |reading| {
            users::find_session(reading, &tenant, &session, &user).await
        })
        .await?;
    Ok(found.map(|tenant| Recognized {
        tenant,
        tenant_uuid: claims.tenant,
        user: claims.user,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn the_tenth_failure_locks_for_half_an_hour_and_then_the_count_begins_anew() {
        let mut failures = None;
        for count in 1..=10 {
            assert!(!is_locked(failures, at(0)), "before failure {count}");
            failures = Some(after_failure(failures, at(0)));
        }
        assert!(is_locked(failures, at(30 * 60 - 1)));
        assert_eq!(
            Some(after_failure(failures, at(60))),
            failures,
            "a lock is not prolonged"
        );
        assert!(!is_locked(failures, at(30 * 60)));
        assert_eq!(after_failure(failures, at(30 * 60)).count, 1);
    }

    #[test]
    fn a_hundred_failures_in_ten_minutes_slow_a_user_to_one_login_a_second() {
        let mut pressure = None;
        for _ in 0..100 {
            assert!(!is_slowed(pressure, at(0)));
            pressure = Some(under_pressure(pressure, at(0)));
        }
        assert!(is_slowed(pressure, at(0)));
        assert!(!is_slowed(pressure, at(1)), "one a second may try");
        let later = under_pressure(pressure, at(600));
        assert_eq!((later.failures, later.window_start), (1, at(600)));
    }

    #[test]
    fn who_tries_too_often_does_not_put_off_the_next_who_may() {
        let slowed = Pressure {
            window_start: at(0),
            failures: 100,
            last_attempt_at: at(10),
        };
        let half = at(10) + SignedDuration::from_millis(500);
        let hammered = under_pressure(Some(slowed), half);
        assert_eq!((hammered.failures, hammered.last_attempt_at), (101, at(10)));
        assert_eq!(under_pressure(Some(slowed), at(11)).last_attempt_at, at(11));
    }
}
