//! What a sandbox does wrong on purpose, so that a receiver can be proven.
//!
//! Law: a plan and a number of a message decide alone. The same plan does the same to the same
//! messages, however often it is tried and whatever the machine does.

use cardwright_core::WebhookFault;
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::{
    entropy::Entropy,
    error::{Error, Result},
    store::environment::EnvironmentName,
};

/// How long a message is held back so that a later one overtakes it.
const OVERTAKEN_MS: u32 = 2_000;
/// How long a message is put off, where the plan does not say.
const DELAY_MS: u32 = 5_000;
/// How long a slow message takes to leave, where the plan does not say.
const SLOW_MS: u32 = 3_000;
/// The longest that a slow message takes to leave.
pub const SLOWEST: Duration = Duration::from_secs(30);

/// How often, of a hundred messages, something is done wrong.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultPlan {
    /// Where the draws begin: the same seed does the same again.
    pub seed: u64,
    /// The last message at the endpoint before the plan was set, which counts from there.
    pub behind: i64,
    /// Sent twice.
    pub duplicate_percent: u8,
    /// Put off.
    pub delay_percent: u8,
    /// By how long, in milliseconds.
    pub delay_ms: Option<u32>,
    /// Held back until a later one may have overtaken it.
    pub reorder_percent: u8,
    /// Not sent, as if it was lost on the way; its repeat comes by the schedule.
    pub drop_percent: u8,
    /// Signed, and sent only after a while.
    pub slow_percent: u8,
    /// After how long, in milliseconds.
    pub slow_ms: Option<u32>,
    /// Sent with a signature of something else.
    pub wrong_signature_percent: u8,
    /// Sent without its second half.
    pub truncate_percent: u8,
    /// Sent as it should be, and its answer taken for a server's error.
    pub server_error_percent: u8,
}

impl FaultPlan {
    /// Reads a plan as it is stored.
    pub fn read(text: &str) -> Result<FaultPlan> {
        serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("fault plan: {error}")))
    }

    /// The plan that is followed: none outside a sandbox, and none that cannot be read, for example
    /// because another version of the program wrote it. What nobody can follow keeps no message back.
    pub fn followed(text: Option<&str>, environment: EnvironmentName) -> Option<FaultPlan> {
        match (text, environment) {
            (Some(text), EnvironmentName::Sandbox) => FaultPlan::read(text)
                .inspect_err(|error| {
                    tracing::error!(error = error.log_text(), "a fault plan is not followed");
                })
                .ok(),
            (Some(_), EnvironmentName::Production) | (None, _) => None,
        }
    }

    /// Writes a plan to be stored.
    pub fn write(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Corrupt(error.to_string()))
    }

    /// By how long a message is put off before it is sent for the first time.
    pub fn put_off(&self, ordinal: i64) -> Option<Duration> {
        let delay = self.hits(WebhookFault::Delay, ordinal, 0);
        let reorder = self.hits(WebhookFault::Reorder, ordinal, 0);
        let ms = match (delay, reorder) {
            (true, _) => self.delay_ms.unwrap_or(DELAY_MS),
            (false, true) => OVERTAKEN_MS,
            (false, false) => return None,
        };
        Some(Duration::from_millis(ms.into()))
    }

    /// What goes wrong when a message is sent for the time that follows on so many.
    pub fn at_send(&self, ordinal: i64, sends: i64) -> Vec<WebhookFault> {
        let mut faults = WebhookFault::AT_SEND.to_vec();
        faults.retain(|fault| self.hits(*fault, ordinal, sends));
        faults
    }

    /// How long a slow message waits.
    pub fn slowness(&self) -> Duration {
        Duration::from_millis(self.slow_ms.unwrap_or(SLOW_MS).into()).min(SLOWEST)
    }

    fn hits(&self, fault: WebhookFault, ordinal: i64, sends: i64) -> bool {
        let percent = match fault {
            WebhookFault::Duplicate => self.duplicate_percent,
            WebhookFault::Delay => self.delay_percent,
            WebhookFault::Reorder => self.reorder_percent,
            WebhookFault::Drop => self.drop_percent,
            WebhookFault::Slow => self.slow_percent,
            WebhookFault::WrongSignature => self.wrong_signature_percent,
            WebhookFault::Truncate => self.truncate_percent,
            WebhookFault::ServerError => self.server_error_percent,
        };
        // Each message, send and fault has a stream of its own: changing how often one thing goes
        // wrong changes nothing else.
        let place = ordinal.wrapping_sub(self.behind);
        let send = place.wrapping_mul(1 << 20).wrapping_add(sends << 8);
        let number = send.wrapping_add(fault as i64);
        let drawn = Entropy::seeded(self.seed).record(number).next_u64() % 100;
        drawn < u64::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> FaultPlan {
        FaultPlan {
            seed: 7,
            duplicate_percent: 30,
            drop_percent: 30,
            truncate_percent: 30,
            delay_percent: 30,
            ..FaultPlan::default()
        }
    }

    #[test]
    fn the_same_plan_does_the_same_and_another_seed_something_else() {
        let faults = |plan: &FaultPlan| -> Vec<_> {
            (1..200)
                .map(|ordinal| (plan.at_send(ordinal, 0), plan.put_off(ordinal)))
                .collect()
        };
        assert_eq!(faults(&all()), faults(&all()));
        let other = FaultPlan { seed: 8, ..all() };
        assert_ne!(faults(&all()), faults(&other));
    }

    #[test]
    fn a_plan_that_is_set_again_does_the_same_to_the_messages_that_follow() {
        let later = FaultPlan {
            behind: 1_234,
            ..all()
        };
        let faults = |plan: &FaultPlan, from: i64| -> Vec<_> {
            (from + 1..from + 100)
                .map(|ordinal| plan.at_send(ordinal, 0))
                .collect()
        };
        assert_eq!(faults(&all(), 0), faults(&later, 1_234));
        assert_ne!(faults(&all(), 0), faults(&all(), 1_234));
    }

    #[test]
    fn changing_one_thing_changes_nothing_else() {
        let dropped = |plan: &FaultPlan| -> Vec<i64> {
            (1..200)
                .filter(|ordinal| plan.at_send(*ordinal, 0).contains(&WebhookFault::Drop))
                .collect()
        };
        let more = FaultPlan {
            duplicate_percent: 90,
            ..all()
        };
        assert_eq!(dropped(&all()), dropped(&more));
        assert!((30..90).contains(&dropped(&all()).len()));
    }

    #[test]
    fn nothing_goes_wrong_where_nothing_is_planned_and_everything_at_a_hundred() {
        let none = FaultPlan::default();
        assert!((0..100).all(|ordinal| none.at_send(ordinal, 0).is_empty()));
        let always = FaultPlan {
            truncate_percent: 100,
            reorder_percent: 100,
            ..none
        };
        assert_eq!(always.at_send(5, 3), [WebhookFault::Truncate]);
        assert_eq!(always.put_off(5), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_plan_is_read_back_as_it_was_written() {
        let text = all().write().expect("plain");
        assert_eq!(FaultPlan::read(&text).expect("plain"), all());
        assert!(FaultPlan::read(r#"{"explode_percent": 1}"#).is_err());
    }
}
