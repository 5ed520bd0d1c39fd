//! Logging in and recognizing sessions.
//!
//! Law: every failed login looks the same and costs the same. Locks count the peer's address (of
//! IPv6 its /64 network), never an address the caller claims.

use std::{fmt, net::IpAddr, sync::Arc};

use cardwright_core::Timestamp;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    metrics::Disbelief,
    network::counted_network,
    secrets::{Secret, passwords::PasswordError, tokens::Claims},
    store::{
        Actor, Scope, Tx,
        logins::{self, Failures, Pressure},
        recognized::Generation,
        sessions::KnownSession,
        users::{self, Login, NewSession, User},
    },
};

/// This many failures in a row lock a user for an address…
const FAILURES_TO_LOCK: i64 = 10;
/// …for so long.
const LOCK: SignedDuration = SignedDuration::from_mins(30);
/// This many failures from anywhere within ten minutes slow a user's logins down…
const FAILURES_TO_SLOW: i64 = 100;
/// …to one in so long.
const SLOW_PACE: SignedDuration = SignedDuration::from_secs(1);

/// A login as it came in; nothing in it is trusted yet. `Debug` shows neither secret nor person.
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

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Attempt")
            .field("address", &self.address)
            .field("request_id", &self.actor.request_id)
            .finish_non_exhaustive()
    }
}

/// A session that began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The token that proves it.
    pub access_token: Secret,
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

/// A login whose password was checked, and nothing done about it yet.
#[derive(Debug)]
pub struct Checked {
    /// Whom it names, as read before the password was checked.
    user: Option<User>,
    verdict: Verdict,
    device_id: String,
    address: IpAddr,
    actor: Actor,
}

/// Begins a session, or says nothing about why not.
pub async fn log_in(app: &App, attempt: Attempt) -> Result<Option<Session>> {
    let checked = check(app, attempt).await?;
    let begun = settle(app, checked).await?;
    if begun.is_none() {
        app.metrics().disbelieved(Disbelief::Login);
    }
    Ok(begun)
}

/// Checks the password. That may wait in a queue; [`settle`] asks whether what it was checked
/// against still holds.
pub async fn check(app: &App, attempt: Attempt) -> Result<Checked> {
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
    let verdict = if right {
        Verdict::Right
    } else {
        Verdict::Wrong
    };
    Ok(Checked {
        user,
        verdict,
        device_id: attempt.device_id,
        address: attempt.address,
        actor: attempt.actor,
    })
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
    pressure.until(now).failures() >= FAILURES_TO_SLOW
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

/// One more failure. An attempt that came too soon does not put off the next: whoever hammers must
/// not keep the user out.
fn under_pressure(before: Option<Pressure>, now: Timestamp) -> Pressure {
    let mut pressure = before.unwrap_or(Pressure::none(now)).until(now);
    pressure.by_minute[0] += 1;
    Pressure {
        last_attempt_at: if is_slowed(before, now) {
            pressure.last_attempt_at
        } else {
            now
        },
        ..pressure
    }
}

/// Decides in one transaction, so that of many attempts at once each sees what the others left.
pub async fn settle(app: &App, checked: Checked) -> Result<Option<Session>> {
    let Some(user) = checked.user else {
        // The same wait for the disk as a wrong password.
        app.store()
            .system(async |tx| logins::count_stranger(tx).await)
            .await?;
        return Ok(None);
    };
    let scope = Scope {
        tenant: user.tenant,
        actor: Actor {
            id: user.uuid.clone(),
            ..checked.actor
        },
    };
    let (session, new) = prepare(app, &user, checked.device_id).await?;
    let address = counted_network(checked.address).to_string();
    let checked = checked.verdict;
    let begun = app
        .write(&scope, async move |tx| {
            let standing = Standing::of(tx, user.id, &address).await?;
            // Meanwhile the password may have been replaced, or the user disabled.
            let verdict = if users::is_current(tx, &user).await? {
                checked
            } else {
                Verdict::Wrong
            };
            if verdict == Verdict::Wrong || standing.holds(tx.real_now()) {
                refuse(tx, &user, (&address, &standing), verdict).await?;
                return Ok(false);
            }
            begin(tx, &new, &address, &standing).await?;
            Ok(true)
        })
        .await?;
    Ok(begun.then_some(session))
}

/// The session that may begin, its token already made: a token that cannot be made must not leave
/// a session behind.
async fn prepare(app: &App, user: &User, device_id: String) -> Result<(Session, NewSession)> {
    let id = app.store().resources().entropy.uuid();
    let user_uuid: Uuid = user
        .uuid
        .parse()
        .map_err(|_| Error::Corrupt(format!("uuid of user {}", user.id)))?;
    let tenant = app.tenant_uuid(user.tenant).await?;
    let claims = Claims::starting(app.now(), tenant, user_uuid, id, device_id.clone());
    let access_token = app
        .tokens()
        .issue(&claims)
        .map_err(|fault| Error::Corrupt(fault.to_string()))?;
    let session = Session {
        access_token: Secret::new(access_token),
        id,
        user: user_uuid,
        expires_at: claims.expires_at,
        lifetime_s: claims.expires_at.duration_since(claims.issued_at).as_secs(),
    };
    let new = NewSession {
        id: id.to_string(),
        user_id: user.id,
        device_id,
        expires_at: claims.expires_at,
    };
    Ok((session, new))
}

/// Leaves behind what a refused login leaves. A right password that comes at a bad time is no
/// guess and counts as none; the counts are written back all the same, because less work would
/// tell whoever is held that this one was right.
async fn refuse(
    tx: &mut Tx,
    user: &User,
    (address, standing): (&str, &Standing),
    verdict: Verdict,
) -> Result<()> {
    let now = tx.real_now();
    let (failures, pressure) = match verdict {
        Verdict::Wrong => (
            after_failure(standing.failures, now),
            Some(under_pressure(standing.pressure, now)),
        ),
        Verdict::Right => (
            standing.failures.unwrap_or(Failures {
                count: 0,
                locked_until: None,
            }),
            standing.pressure,
        ),
    };
    logins::put_failures(tx, user.id, address, failures).await?;
    if let Some(pressure) = pressure {
        logins::put_pressure(tx, user.id, pressure).await?;
    }
    let outcome = if is_locked(Some(failures), now) {
        "refused:locked"
    } else if verdict == Verdict::Right {
        "refused:slowed"
    } else {
        "refused:invalid_credentials"
    };
    tx.audit_outcome("session.begin", ("user", &user.uuid), outcome)
        .await?;
    let is_pressed = |pressure: Option<Pressure>| pressure.is_some_and(|of| is_pressed(of, now));
    if is_pressed(pressure) && !is_pressed(standing.pressure) {
        tx.audit("user.slow_logins", ("user", &user.uuid)).await?;
    }
    Ok(())
}

async fn begin(tx: &mut Tx, new: &NewSession, address: &str, standing: &Standing) -> Result<()> {
    logins::clear_failures(tx, new.user_id, address).await?;
    if let Some(pressure) = standing.pressure
        && is_pressed(pressure, tx.real_now())
    {
        let pressure = Pressure {
            last_attempt_at: tx.real_now(),
            ..pressure
        };
        logins::put_pressure(tx, new.user_id, pressure).await?;
    }
    users::insert_session(tx, new).await?;
    tx.audit("session.begin", ("session", &new.id)).await
}

/// The generation of what is known about sessions: while it stays, none has ended but by its time.
pub fn known_in(app: &App) -> Generation {
    app.store().resources().sessions.generation()
}

/// Recognizes the session a token proves, unless it is over: out of memory, or read and remembered.
pub async fn recognize(app: &App, token: &str) -> Result<Option<Arc<KnownSession>>> {
    let Ok(claims) = app.tokens().verify(token, app.now()) else {
        return Ok(None);
    };
    let sessions = &app.store().resources().sessions;
    let (known, generation) = sessions.find(&claims.session);
    if let Some(known) = known {
        let same = known.tenant_uuid == claims.tenant && known.user == claims.user;
        return Ok(same.then_some(known));
    }
    let (tenant, session, user) = (
        claims.tenant.clone(),
        claims.session.to_string(),
        claims.user.to_string(),
    );
    let found = app
        .store()
        .recognize(async move |reading| {
            users::find_session(reading, &tenant, &session, &user).await
        })
        .await?;
    let Some(tenant) = found else {
        return Ok(None);
    };
    let known = Arc::new(KnownSession {
        tenant,
        tenant_uuid: claims.tenant,
        user: claims.user,
    });
    sessions.remember(claims.session, Arc::clone(&known), generation);
    Ok(Some(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn neither_an_attempt_nor_a_session_shows_what_would_log_somebody_in() {
        let attempt = Attempt {
            login: Some(Login::Email {
                tenant: "acme".to_owned(),
                email: "jonas@demo.example".to_owned(),
            }),
            password: Secret::new("hunter2".to_owned()),
            device_id: "device-1".to_owned(),
            address: IpAddr::from([192, 0, 2, 1]),
            actor: Actor::system("login"),
        };
        let session = Session {
            access_token: Secret::new("aaa.bbb.ccc".to_owned()),
            id: Uuid::nil(),
            user: Uuid::nil(),
            expires_at: at(1),
            lifetime_s: 1,
        };
        let shown = format!("{attempt:?} {session:?}");
        for hidden in ["jonas", "hunter2", "device-1", "aaa.bbb.ccc"] {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
        assert!(shown.contains("192.0.2.1"), "{shown}");
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
        assert_eq!(under_pressure(pressure, at(660)).failures(), 1, "forgotten");
    }

    #[test]
    fn the_ten_minutes_have_no_edge_around_which_twice_as_many_fit() {
        // As few as may be before the minute ends, then on and on.
        for start in [0, 59, 299, 599] {
            let mut pressure = None;
            for _ in 0..99 {
                pressure = Some(under_pressure(pressure, at(start)));
            }
            for second in [1, 2, 60, 300, 599] {
                assert!(!is_slowed(pressure, at(start + second)));
                let tried = Some(under_pressure(pressure, at(start + second)));
                assert!(is_slowed(tried, at(start + second)), "{start} {second}");
            }
            let over = at(start + 660);
            assert!(!is_slowed(Some(under_pressure(pressure, over)), over));
        }
    }

    #[test]
    fn who_tries_too_often_does_not_put_off_the_next_who_may() {
        let mut slowed = Pressure::none(at(10));
        slowed.by_minute[0] = 100;
        let half = at(10) + SignedDuration::from_millis(500);
        let hammered = under_pressure(Some(slowed), half);
        assert_eq!(hammered.failures(), 101);
        assert_eq!(hammered.last_attempt_at, at(10));
        assert_eq!(under_pressure(Some(slowed), at(11)).last_attempt_at, at(11));
    }
}
