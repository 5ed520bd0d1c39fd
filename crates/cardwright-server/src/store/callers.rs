//! Signed callers in memory: what a request is verified against, ready to use.
//!
//! Law: what is remembered is never older than the last committed change of any credential. A
//! change forgets everything after its commit and before its answer; whoever read a credential
//! before that and remembers it afterwards is turned away by the generation.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use cardwright_core::{TenantId, Timestamp};
use cardwright_wire::finci::signature::{CanonicalForm, SigningKey};

use super::credentials::CredentialKind;
use crate::network::AddressList;

/// How many callers are remembered; with more of them the first ones are read anew.
const CALLERS_MAX: usize = 10_000;

/// A caller that may sign requests, its key expanded and its networks parsed.
#[derive(Debug)]
pub struct KnownCaller {
    /// Whose credential it is.
    pub tenant: TenantId,
    /// Which credential.
    pub credential: i64,
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// The secret, ready to verify with.
    pub key: SigningKey,
    /// How the parts of a request are joined.
    pub form: CanonicalForm,
    /// Whence it may call.
    pub allowed: AddressList,
    /// Until when it works, in real time.
    pub expires_at: Option<Timestamp>,
}

/// What is remembered between two changes.
#[derive(Default)]
struct Remembered {
    generation: Generation,
    by_token: HashMap<String, Arc<KnownCaller>>,
}

/// Counts the changes of credentials; what was read in one generation is worth nothing in the next.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Generation(u64);

/// Callers by their tokens.
#[derive(Default)]
pub struct Callers(RwLock<Remembered>);

impl Callers {
    /// The caller with this token, if it is remembered, and the generation of that knowledge.
    pub fn find(&self, token: &str) -> (Option<Arc<KnownCaller>>, Generation) {
        let remembered = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = remembered.by_token.get(token).cloned();
        (known, remembered.generation)
    }

    /// Remembers a caller that was read in a generation, unless that is over.
    pub fn remember(&self, token: String, caller: Arc<KnownCaller>, read_in: Generation) {
        let mut remembered = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.generation != read_in {
            return;
        }
        if remembered.by_token.len() >= CALLERS_MAX {
            remembered.by_token.clear();
        }
        remembered.by_token.insert(token, caller);
    }

    /// Forgets everything, and what is being read at this moment, too.
    pub fn forget(&self) {
        let mut remembered = self.0.write().unwrap_or_else(PoisonError::into_inner);
        remembered.generation.0 += 1;
        remembered.by_token.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Arc<KnownCaller> {
        Arc::new(KnownCaller {
            tenant: TenantId::new(1).expect("positive"),
            credential: 7,
            kind: CredentialKind::Network,
            key: SigningKey::new("secret"),
            form: CanonicalForm::Default,
            allowed: AddressList::default(),
            expires_at: None,
        })
    }

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let callers = Callers::default();
        let (none, generation) = callers.find("a");
        assert!(none.is_none());
        callers.remember("a".to_owned(), caller(), generation);
        assert!(callers.find("a").0.is_some());

        let (_, before) = callers.find("b");
        callers.forget();
        assert!(callers.find("a").0.is_none());
        callers.remember("b".to_owned(), caller(), before);
        assert!(callers.find("b").0.is_none(), "it was read too early");
        let (_, now) = callers.find("b");
        callers.remember("b".to_owned(), caller(), now);
        assert!(callers.find("b").0.is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let callers = Callers::default();
        let (_, generation) = callers.find("");
        for number in 0..=CALLERS_MAX {
            callers.remember(number.to_string(), caller(), generation);
        }
        let (newest, _) = callers.find(&CALLERS_MAX.to_string());
        assert!(newest.is_some());
        assert!(callers.find("0").0.is_none());
    }
}
