//! The signed requests that failed, for whoever debugs their signatures in a sandbox.
//!
//! Law: it is kept in memory and nowhere else, and it is bounded: the last thousand, each with the
//! beginning of its body. Numbers of cards are hidden before anything is cut off or kept.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use cardwright_core::{TenantId, Timestamp};
use cardwright_wire::{
    finci::signature::{CanonicalForm, Parts, canonical_bytes, explain::Mistake},
    pan::mask_numbers,
};

/// How many entries are kept.
pub const ENTRIES_MAX: usize = 1_000;
/// How much of a body is kept.
pub const BODY_BYTES_MAX: usize = 4 * 1024;

/// What a request said about itself, as far as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its method.
    pub method: String,
    /// Its target.
    pub target: String,
    /// What was sent as token.
    pub token: String,
    /// What was sent as timestamp.
    pub timestamp: String,
    /// What was sent as signature.
    pub signature: String,
    /// The beginning of its body.
    pub body: String,
    /// How long the body was, as far as it was read.
    pub body_bytes: u64,
}

impl Sent {
    /// The same without the numbers of cards, and with a body of bounded length.
    #[must_use]
    pub fn to_keep(mut self) -> Sent {
        self.target = mask_numbers(&self.target);
        self.body = mask_numbers(&self.body);
        self.body
            .truncate(self.body.floor_char_boundary(BODY_BYTES_MAX));
        self
    }
}

/// A signed request that failed.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose credential it named; nothing where it named nobody's.
    pub tenant: Option<TenantId>,
    /// When it came, in real time.
    pub at: Timestamp,
    /// Its id.
    pub request_id: String,
    /// Whence it came.
    pub address: String,
    /// Which credentials it should have, in a word.
    pub kind: &'static str,
    /// What its caller was told.
    pub answer: &'static str,
    /// What was the matter.
    pub detail: String,
    /// What it said.
    pub sent: Sent,
    /// The form in which its signature is right.
    pub matched_form: Option<String>,
    /// The digest that was expected.
    pub expected: Option<String>,
    /// What explains the signature.
    pub mistakes: Vec<Mistake>,
    /// The forms it was looked at in, the credential's own first; none where nobody has the token.
    pub forms: Vec<Form>,
}

/// A form of signing, as far as it is kept. What is signed in it is put together when it is shown, out
/// of what is kept of the request: so numbers of cards are hidden in it, too.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// The form.
    pub form: CanonicalForm,
    /// The digest of the request as it was sent.
    pub digest: [u8; 32],
    /// The token of the credential.
    pub token: String,
}

impl Entry {
    /// What is signed in a form.
    pub fn canonical(&self, form: &Form) -> Vec<u8> {
        let parts = Parts {
            token: &form.token,
            timestamp: &self.sent.timestamp,
            method: &self.sent.method,
            target: &self.sent.target,
            body: self.sent.body.as_bytes(),
        };
        canonical_bytes(&form.form, &parts)
    }
}

/// What a request sends may be a secret in the wrong place.
impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("request_id", &self.request_id)
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Kept {
    /// How many there were since the start; the number of the newest.
    count: u64,
    /// The oldest first.
    entries: VecDeque<(u64, Entry)>,
}

/// The entries of one server.
#[derive(Default)]
pub struct RequestLog(Mutex<Kept>);

impl RequestLog {
    /// Keeps an entry, and drops the oldest one where there are too many.
    pub fn keep(&self, entry: Entry) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count += 1;
        let number = kept.count;
        kept.entries.push_back((number, entry));
        if kept.entries.len() > ENTRIES_MAX {
            kept.entries.pop_front();
        }
    }

    /// The entries that a tenant's operators may see, with their numbers, the oldest first: its own,
    /// and those of nobody. Without `after` the newest ones.
    pub fn of(&self, tenant: TenantId, after: Option<u64>, limit: usize) -> Vec<(u64, Entry)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_shown = |(number, entry): &&(u64, Entry)| {
            after.is_none_or(|after| *number > after)
                && entry.tenant.is_none_or(|owner| owner == tenant)
        };
        let shown = kept.entries.iter().filter(is_shown);
        if after.is_some() {
            return shown.take(limit).cloned().collect();
        }
        let mut newest: Vec<_> = shown.rev().take(limit).cloned().collect();
        newest.reverse();
        newest
    }
}

impl fmt::Debug for RequestLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RequestLog")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(id: i64) -> TenantId {
        TenantId::new(id).unwrap()
    }

    fn entry(tenant: Option<TenantId>, body: &str) -> Entry {
        Entry {
            tenant,
            at: Timestamp::UNIX_EPOCH,
            request_id: "r".to_owned(),
            address: "127.0.0.1".to_owned(),
            kind: "finci",
            answer: "authentication_failed",
            detail: String::new(),
            sent: Sent {
                method: "POST".to_owned(),
                target: "/v1/x".to_owned(),
                token: "t".to_owned(),
                timestamp: "1".to_owned(),
                signature: "s".to_owned(),
                body: body.to_owned(),
                body_bytes: body.len() as u64,
            },
            matched_form: None,
            expected: None,
            mistakes: Vec::new(),
            forms: Vec::new(),
        }
    }

    fn numbers(log: &RequestLog, of: i64, after: Option<u64>, limit: usize) -> Vec<u64> {
        let entries = log.of(tenant(of), after, limit);
        entries.into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn the_last_thousand_are_kept() {
        let log = RequestLog::default();
        for _ in 0..=ENTRIES_MAX {
            log.keep(entry(None, ""));
        }
        assert_eq!(numbers(&log, 1, Some(0), 2_000).len(), ENTRIES_MAX);
        assert_eq!(numbers(&log, 1, Some(0), 2), [2, 3], "the first is gone");
        assert_eq!(numbers(&log, 1, None, 2), [1_000, 1_001]);
    }

    #[test]
    fn a_tenant_sees_its_own_and_those_of_nobody() {
        let log = RequestLog::default();
        for owner in [Some(tenant(1)), Some(tenant(2)), None] {
            log.keep(entry(owner, ""));
        }
        assert_eq!(numbers(&log, 1, None, 10), [1, 3]);
        assert_eq!(numbers(&log, 2, None, 10), [2, 3]);
        assert_eq!(numbers(&log, 1, Some(1), 10), [3]);
    }

    #[test]
    fn a_number_that_the_cut_would_go_through_is_hidden_first() {
        let body = format!("{}4111111111111111", "x".repeat(BODY_BYTES_MAX - 8));
        let kept = entry(None, &body).sent.to_keep();
        assert!(kept.body.ends_with("x411111**"), "{}", kept.body.len());
        assert_eq!(kept.body.len(), BODY_BYTES_MAX);
        let letters = "é".repeat(BODY_BYTES_MAX);
        assert_eq!(
            entry(None, &format!("a{letters}"))
                .sent
                .to_keep()
                .body
                .len(),
            BODY_BYTES_MAX - 1
        );
    }

    #[test]
    fn an_entry_shows_nothing_of_what_was_sent() {
        let shown = format!("{:?}", entry(None, "hidden"));
        assert!(
            shown.contains("authentication_failed") && !shown.contains("hidden"),
            "{shown}"
        );
    }
}
