//! What is known in memory: signed callers, sessions, what operators arranged.
//!
//! Law: what is remembered is never older than the last committed change of any record of its kind.
//! A change forgets everything after its commit and before its answer; whoever read
//! something before that and remembers it afterwards is turned away by the generation. What only
//! runs out by time is for the reader to check.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

/// How many are remembered; with more of them the first ones are read anew.
const KNOWN_MAX: usize = 10_000;

/// What is remembered between two changes.
struct Remembered<K, V> {
    generation: Generation,
    by_name: HashMap<K, Arc<V>>,
}

/// Counts the changes; what was read in one generation is worth nothing in the next.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Generation(u64);

/// What is known of each, by what it names itself.
pub struct Known<K, V>(RwLock<Remembered<K, V>>);

impl<K, V> Default for Known<K, V> {
    fn default() -> Known<K, V> {
        Known(RwLock::new(Remembered {
            generation: Generation::default(),
            by_name: HashMap::new(),
        }))
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    /// What is remembered under this name, if anything, and the generation of that knowledge.
    pub fn find<N>(&self, name: &N) -> (Option<Arc<V>>, Generation)
    where
        K: Borrow<N>,
        N: Eq + Hash + ?Sized,
    {
        let remembered = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = remembered.by_name.get(name).cloned();
        (known, remembered.generation)
    }

    /// The generation of what is known now.
    pub fn generation(&self) -> Generation {
        let remembered = self.0.read().unwrap_or_else(PoisonError::into_inner);
        remembered.generation
    }

    /// Remembers what was read in a generation, unless that is over.
    pub fn remember(&self, name: K, known: Arc<V>, read_in: Generation) {
        let mut remembered = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.generation != read_in {
            return;
        }
        if remembered.by_name.len() >= KNOWN_MAX {
            remembered.by_name.clear();
        }
        remembered.by_name.insert(name, known);
    }

    /// Forgets everything, and what is being read at this moment, too.
    pub fn forget(&self) {
        let mut remembered = self.0.write().unwrap_or_else(PoisonError::into_inner);
        remembered.generation.0 += 1;
        remembered.by_name.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let known: Known<String, u8> = Known::default();
        let remember = |name: &str, read_in| known.remember(name.to_owned(), Arc::new(7), read_in);
        let (none, generation) = known.find("a");
        assert!(none.is_none());
        remember("a", generation);
        assert!(known.find("a").0.is_some());

        let (_, before) = known.find("b");
        known.forget();
        assert!(known.find("a").0.is_none());
        remember("b", before);
        assert!(known.find("b").0.is_none(), "it was read too early");
        let (_, now) = known.find("b");
        remember("b", now);
        assert!(known.find("b").0.is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let known: Known<usize, u8> = Known::default();
        let (_, generation) = known.find(&0);
        for number in 0..=KNOWN_MAX {
            known.remember(number, Arc::new(7), generation);
        }
        assert!(known.find(&KNOWN_MAX).0.is_some());
        assert!(known.find(&0).0.is_none());
    }
}
