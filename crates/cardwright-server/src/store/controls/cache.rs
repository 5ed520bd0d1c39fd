//! Controls in memory, because every authorization asks for those of three records.
//!
//! Law: only the writer thread reads and fills the cache, and nothing is filled while a change of
//! controls is neither committed nor undone. So an entry always tells a settled state, and a change
//! removes its entry before anybody could ask again. What nobody set is remembered too.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use cardwright_core::{Controlled, Controls, TenantId};

/// So many records are remembered. Then all are forgotten, which costs one look-up each.
const MOST: usize = 100_000;

/// Whose controls: products are everybody's, so they have no tenant.
type Key = (Option<TenantId>, Controlled);

/// The controls that are known without asking the database.
#[derive(Clone, Default)]
pub struct ControlsCache(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// How many changes are under way.
    unsettled: usize,
    entries: HashMap<Key, Arc<Controls>>,
}

/// A change of controls that is under way. Whoever makes one holds this until the change is
/// committed or undone: nothing new is remembered meanwhile.
#[must_use = "dropped early, it would let an unsettled state be remembered"]
pub struct Unsettled(ControlsCache);

impl Drop for Unsettled {
    fn drop(&mut self) {
        self.0.known().unsettled -= 1;
    }
}

impl ControlsCache {
    /// What is known of a record.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Controls>> {
        self.known().entries.get(key).cloned()
    }

    /// Remembers what the database says of a record, unless a change is under way.
    pub(super) fn fill(&self, key: Key, controls: &Arc<Controls>) {
        let mut known = self.known();
        if known.unsettled > 0 {
            return;
        }
        if known.entries.len() >= MOST {
            known.entries.clear();
        }
        known.entries.insert(key, controls.clone());
    }

    /// Begins a change of one record's controls.
    pub(super) fn begin_change(&self, key: &Key) -> Unsettled {
        let mut known = self.known();
        known.unsettled += 1;
        known.entries.remove(key);
        drop(known);
        Unsettled(self.clone())
    }

    /// Begins a change of all controls at once, such as restoring a saved state.
    pub(in crate::store) fn begin_replacement(&self) -> Unsettled {
        let mut known = self.known();
        known.unsettled += 1;
        known.entries.clear();
        drop(known);
        Unsettled(self.clone())
    }

    /// A panic between two statements on the map leaves nothing half done.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardwright_core::CardId;

    fn key(number: i64) -> Key {
        let card = CardId::new(number).unwrap();
        (TenantId::new(1).ok(), Controlled::Card(card))
    }

    #[test]
    fn a_change_removes_its_entry_and_nothing_is_filled_until_it_is_settled() {
        let (cache, none) = (ControlsCache::default(), Arc::new(Controls::none()));
        cache.fill(key(1), &none);
        cache.fill(key(2), &none);
        let change = cache.begin_change(&key(1));
        cache.fill(key(1), &none);
        cache.fill(key(3), &none);
        assert_eq!(cache.get(&key(1)), None, "the changed one");
        assert_eq!(cache.get(&key(2)), Some(none.clone()), "untouched");
        assert_eq!(cache.get(&key(3)), None, "filled too early");
        drop(change);
        cache.fill(key(1), &none);
        assert_eq!(cache.get(&key(1)), Some(none));
    }

    #[test]
    fn two_changes_are_settled_when_both_are() {
        let (cache, none) = (ControlsCache::default(), Arc::new(Controls::none()));
        let one = cache.begin_change(&key(1));
        let all = cache.begin_replacement();
        drop(one);
        cache.fill(key(1), &none);
        assert_eq!(cache.get(&key(1)), None);
        drop(all);
        cache.fill(key(1), &none);
        assert_eq!(cache.get(&key(1)), Some(none));
    }

    #[test]
    fn a_replacement_forgets_everything() {
        let (cache, none) = (ControlsCache::default(), Arc::new(Controls::none()));
        cache.fill(key(1), &none);
        drop(cache.begin_replacement());
        assert_eq!(cache.get(&key(1)), None);
    }

    #[test]
    fn the_cache_stays_within_its_bounds() {
        let (cache, none) = (ControlsCache::default(), Arc::new(Controls::none()));
        for number in 1..=100_001 {
            cache.fill(key(number), &none);
        }
        assert_eq!(cache.known().entries.len(), 1);
    }
}
