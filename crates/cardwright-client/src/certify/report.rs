//! What was seen, and what is made of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::page;
use crate::relay::{Delivery, Sink};
use crate::{Exchange, Observer, TimeSource};

/// The outcome of a certification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Whether every scenario passed.
    pub verdict: Verdict,
    /// How many did.
    pub passed: usize,
    /// How many there are.
    pub of: usize,
    /// The receiver.
    pub webhook_url: String,
    /// The sandbox.
    pub base_url: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// What the report was made by.
    pub made_by: &'static str,
    /// One after the other, in the order of the contract.
    pub scenarios: Vec<Scenario>,
    /// What an integration should do beyond the contract. It counts neither in `passed` nor in the
    /// verdict.
    pub hardening: Vec<Scenario>,
}

impl Report {
    /// The report for programs.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        // A report is texts, numbers and lists; nothing in it can fail to be written.
        text.unwrap_or_default() + "\n"
    }

    /// The report for people: one file that needs nothing else.
    pub fn to_html(&self) -> String {
        page::html(self)
    }
}

/// Whether something is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Passed,
    /// It is not.
    Failed,
}

impl Verdict {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
        }
    }
}

impl From<bool> for Verdict {
    fn from(is_as_it_should_be: bool) -> Verdict {
        if is_as_it_should_be {
            Verdict::Passed
        } else {
            Verdict::Failed
        }
    }
}

/// One scenario and its evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// Its number in the contract, 1 to 12, or beyond it, from 1.
    pub number: u8,
    /// What it is about.
    pub title: &'static str,
    /// Whether all its checks passed.
    pub verdict: Verdict,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// What was looked at, in order; a failed one is the last.
    pub checks: Vec<Check>,
    /// What was made and used: names and ids.
    pub identifiers: Vec<(String, String)>,
    /// Calls of the sandbox.
    pub exchanges: Vec<ExchangeTrace>,
    /// Deliveries to the receiver and its answers.
    pub deliveries: Vec<Delivery>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What should be.
    pub claim: String,
    /// Whether it is.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
}

/// A call of the sandbox and its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExchangeTrace {
    /// When it was over, RFC 3339.
    pub at: String,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The body that was sent.
    pub request: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The body of the answer.
    pub response: String,
}

/// Collects what is seen while scenarios run.
pub(super) struct Evidence {
    time: Arc<dyn TimeSource>,
    started_at: String,
    started_unix_s: i64,
    made: AtomicUsize,
    exchanges: Mutex<Vec<ExchangeTrace>>,
    deliveries: Mutex<Vec<Delivery>>,
}

impl Evidence {
    pub(super) fn new(time: Arc<dyn TimeSource>) -> Evidence {
        let started_unix_s = time.unix_seconds();
        Evidence {
            started_at: rfc3339(started_unix_s),
            started_unix_s,
            time,
            made: AtomicUsize::new(0),
            exchanges: Mutex::default(),
            deliveries: Mutex::default(),
        }
    }

    /// What the run's own ids begin with.
    pub(super) fn run_name(&self) -> String {
        format!("certify-{}", self.started_unix_s)
    }

    /// A number that was not used in this run.
    pub(super) fn next_number(&self) -> usize {
        self.made.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn unix_seconds(&self) -> i64 {
        self.time.unix_seconds()
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        locked(&self.deliveries).clone()
    }

    /// How much there is by now.
    pub(super) fn mark(&self) -> (usize, usize) {
        (
            locked(&self.exchanges).len(),
            locked(&self.deliveries).len(),
        )
    }

    /// What came since.
    pub(super) fn since(&self, mark: (usize, usize)) -> (Vec<ExchangeTrace>, Vec<Delivery>) {
        (
            locked(&self.exchanges)[mark.0..].to_vec(),
            locked(&self.deliveries)[mark.1..].to_vec(),
        )
    }

    pub(super) fn report(
        &self,
        (webhook_url, base_url): (&str, &str),
        (scenarios, hardening): (Vec<Scenario>, Vec<Scenario>),
    ) -> Report {
        let passes = |scenario: &&Scenario| scenario.verdict == Verdict::Passed;
        let passed = scenarios.iter().filter(passes).count();
        let of = scenarios.len();
        Report {
            verdict: Verdict::from(passed == of),
            passed,
            of,
            webhook_url: webhook_url.to_owned(),
            base_url: base_url.to_owned(),
            started_at: self.started_at.clone(),
            ended_at: self.now(),
            made_by: concat!("cardwright ", env!("CARGO_PKG_VERSION")),
            scenarios,
            hardening,
        }
    }
}

impl Sink for Evidence {
    fn now(&self) -> String {
        rfc3339(self.time.unix_seconds())
    }

    fn delivered(&self, delivery: Delivery) {
        locked(&self.deliveries).push(delivery);
    }
}

impl Observer for Evidence {
    fn exchanged(&self, exchange: &Exchange<'_>) {
        locked(&self.exchanges).push(ExchangeTrace {
            at: self.now(),
            method: exchange.method.to_owned(),
            path: exchange.path.to_owned(),
            request: exchange.request_body.to_owned(),
            status: exchange.status,
            response: exchange.response_body.to_owned(),
        });
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn rfc3339(unix_seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(unix_seconds);
    time.map(|time| time.to_string()).unwrap_or_default()
}
