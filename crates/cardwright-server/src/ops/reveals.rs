//! How often what is secret about cards may be looked at.
//!
//! Law: a look is counted before anything is shown, for whoever looks and for the whole tenant. It is
//! counted by real time and by user, so that neither a sandbox's clock nor another session gives new
//! ones. What is counted is in memory: each instance counts for itself, and begins anew at its start.

use std::{
    fmt,
    num::NonZeroU32,
    time::{Duration, SystemTime},
};

use cardwright_core::TenantId;
use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, state::keyed::HashMapStateStore};

use crate::{clock::Clock, store::Scope};

/// How many looks are allowed in a minute. That many may come at once; they come back evenly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RevealLimits {
    /// To one user.
    pub per_user_a_minute: NonZeroU32,
    /// To all callers of one tenant together.
    pub per_tenant_a_minute: NonZeroU32,
}

/// How many users' worth of looks a tenant has.
const USERS_WORTH: NonZeroU32 = at_least_one(4);

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl RevealLimits {
    /// So many for a user, and four times as many for its tenant.
    pub const fn for_user(per_user_a_minute: NonZeroU32) -> RevealLimits {
        RevealLimits {
            per_user_a_minute,
            per_tenant_a_minute: per_user_a_minute.saturating_mul(USERS_WORTH),
        }
    }
}

/// 3,000 to a user: no program that shows cards to their holders comes near, while somebody with a
/// stolen session needs hours for what would else take minutes.
impl Default for RevealLimits {
    fn default() -> RevealLimits {
        RevealLimits::for_user(at_least_one(3_000))
    }
}

/// The clock of the server, as the counters ask it.
#[derive(Clone)]
struct Real(Clock);

impl governor::clock::Clock for Real {
    type Instant = Duration;

    fn now(&self) -> Duration {
        SystemTime::from(self.0.now())
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }
}

type Counter<K> = RateLimiter<K, HashMapStateStore<K>, Real, NoOpMiddleware<Duration>>;

/// Counts looks at what is secret about cards.
pub struct Reveals {
    clock: Real,
    users: Counter<(TenantId, String)>,
    tenants: Counter<TenantId>,
}

impl fmt::Debug for Reveals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Reveals")
    }
}

impl Reveals {
    /// Counts by a clock, from nothing.
    pub fn new(clock: Clock, limits: RevealLimits) -> Reveals {
        let clock = Real(clock);
        let quota = Quota::per_minute;
        Reveals {
            users: RateLimiter::hashmap_with_clock(quota(limits.per_user_a_minute), clock.clone()),
            tenants: RateLimiter::hashmap_with_clock(
                quota(limits.per_tenant_a_minute),
                clock.clone(),
            ),
            clock,
        }
    }

    /// Takes one look, or says how long to wait for the next.
    pub fn take(&self, scope: &Scope) -> Result<(), Duration> {
        use governor::clock::Clock as _;

        let user = (scope.tenant, scope.actor.id.clone());
        let checked = self.users.check_key(&user);
        let checked = checked.and_then(|()| self.tenants.check_key(&scope.tenant));
        checked.map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::store::{Actor, ActorKind};

    fn by(user: &str) -> Scope {
        Scope {
            tenant: TenantId::new(1).unwrap(),
            actor: Actor {
                kind: ActorKind::User,
                id: user.to_owned(),
                address: String::new(),
                claimed_for: None,
                claimed_from: None,
                request_id: String::new(),
            },
        }
    }

    #[test]
    fn a_user_has_its_own_looks_and_the_tenant_four_times_as_many() {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let two = NonZeroU32::new(2).unwrap();
        let reveals = Reveals::new(clock, RevealLimits::for_user(two));
        for user in ["a", "b", "c", "d"] {
            assert!(reveals.take(&by(user)).is_ok() && reveals.take(&by(user)).is_ok());
            assert!(reveals.take(&by(user)).is_err(), "{user}");
        }
        assert!(reveals.take(&by("e")).is_err(), "the tenant has none left");
        let wait = reveals.take(&by("a")).unwrap_err();
        assert_eq!(wait, Duration::from_secs(30), "two a minute");
        hand.advance(SignedDuration::from_secs(29));
        assert!(reveals.take(&by("a")).is_err());
        hand.advance(SignedDuration::from_secs(1));
        assert!(reveals.take(&by("a")).is_ok());
        assert!(reveals.take(&by("a")).is_err());
    }
}
