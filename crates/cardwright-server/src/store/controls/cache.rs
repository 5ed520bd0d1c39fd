//! Controls in memory, because every authorization asks for those of three records.
//!
//! Law: only the writer thread reads and fills the cache, and nothing is filled while a change of
//! controls is neither committed nor undone. So an entry always tells a settled state, and a change
//! removes its entry before anybody could ask again.
//!
//! Most cards and accounts have no controls, and there may be millions of them. So it is remembered
//! which have any: the others need no look-up, and take no room. A record whose controls change is
//! among those that may have some from then on, whatever comes of the change.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use cardwright_core::{Controlled, Controls, TenantId};

/// The controls of so many records are remembered. Then all are forgotten, which costs one look-up
/// each.
const MOST: usize = 100_000;

/// So many cards and accounts are known to have controls. Where there are more, each is asked for.
pub(super) const MOST_LISTED: usize = 100_000;

/// Whose controls: products are everybody's, so they have no tenant.
pub(super) type Key = (Option<TenantId>, Controlled);

/// The controls that are known without asking the database.
#[derive(Clone, Default)]
pub struct ControlsCache(Arc<Mutex<Known>>);

struct Known {
    /// How many changes are under way.
    unsettled: usize,
    entries: HashMap<Key, Arc<Controls>>,
    listed: Listed,
    none: Arc<Controls>,
}

/// Which cards and accounts have controls.
enum Listed {
    /// Nobody has looked yet.
    NotYet,
    /// These, and perhaps not all of these. No others.
    AtMost(HashSet<Key>),
    /// Too many to remember.
    TooMany,
}

impl Default for Known {
    fn default() -> Known {
        Known {
            unsettled: 0,
            entries: HashMap::new(),
            listed: Listed::NotYet,
            none: Arc::new(Controls::none()),
        }
    }
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
        let known = self.known();
        match &known.listed {
            Listed::AtMost(some) if is_listed_kind(key) && !some.contains(key) => {
                Some(known.none.clone())
            }
            _ => known.entries.get(key).cloned(),
        }
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

    /// Whether it would help to be told which cards and accounts have controls.
    pub(super) fn wants_list(&self) -> bool {
        let known = self.known();
        known.unsettled == 0 && matches!(known.listed, Listed::NotYet)
    }

    /// Remembers which cards and accounts have controls; all that have, or more than are remembered.
    pub(super) fn list(&self, keys: impl ExactSizeIterator<Item = Key>) {
        let mut known = self.known();
        if known.unsettled > 0 {
            return;
        }
        known.listed = if keys.len() > MOST_LISTED {
            Listed::TooMany
        } else {
            Listed::AtMost(keys.collect())
        };
    }

    /// Begins a change of one record's controls.
    pub(super) fn begin_change(&self, key: &Key) -> Unsettled {
        let mut known = self.known();
        known.unsettled += 1;
        known.entries.remove(key);
        if let Listed::AtMost(some) = &mut known.listed
            && is_listed_kind(key)
        {
            some.insert(*key);
            if some.len() > MOST_LISTED {
                known.listed = Listed::TooMany;
            }
        }
        drop(known);
        Unsettled(self.clone())
    }

    /// Begins a change of all controls at once, such as restoring a saved state.
    pub(in crate::store) fn begin_replacement(&self) -> Unsettled {
        let mut known = self.known();
        known.unsettled += 1;
        known.entries.clear();
        known.listed = Listed::NotYet;
        drop(known);
        Unsettled(self.clone())
    }

    /// A panic between two statements on the map leaves nothing half done.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Products are few: each is looked up once.
fn is_listed_kind((_, whose): &Key) -> bool {
    match whose {
        Controlled::Card(_) | Controlled::Account(_) => true,
        Controlled::Product(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardwright_core::{CardId, ProductId};

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

    #[test]
    fn who_is_not_listed_has_none_and_takes_no_room() {
        let (cache, none) = (ControlsCache::default(), Arc::new(Controls::none()));
        assert!(cache.wants_list());
        cache.list([key(1)].into_iter());
        assert!(!cache.wants_list());
        assert_eq!(
            cache.get(&key(1)),
            None,
            "it has some, which nobody has read"
        );
        assert_eq!(cache.get(&key(2)), Some(none));
        let product: Key = (None, Controlled::Product(ProductId::new(2).unwrap()));
        assert_eq!(cache.get(&product), None, "products are not listed");
        assert!(cache.known().entries.is_empty());
    }

    #[test]
    fn a_record_that_is_changed_is_asked_for_whatever_comes_of_it() {
        let cache = ControlsCache::default();
        cache.list([].into_iter());
        let change = cache.begin_change(&key(2));
        assert_eq!(cache.get(&key(2)), None, "while it changes");
        drop(change);
        assert_eq!(cache.get(&key(2)), None, "afterwards");
        let none = Arc::new(Controls::none());
        cache.fill(key(2), &none);
        assert_eq!(cache.get(&key(2)), Some(none.clone()), "it was undone");
        assert_eq!(cache.get(&key(3)), Some(none), "another one");
    }

    #[test]
    fn after_a_replacement_the_list_is_made_anew_once_that_is_settled() {
        let cache = ControlsCache::default();
        cache.list([].into_iter());
        let change = cache.begin_replacement();
        assert_eq!(cache.get(&key(1)), None);
        assert!(!cache.wants_list(), "while it is under way");
        cache.list([].into_iter());
        assert_eq!(cache.get(&key(1)), None, "told too early");
        drop(change);
        assert!(cache.wants_list());
    }

    #[test]
    fn more_than_can_be_remembered_are_asked_for_one_by_one() {
        let all = || (1..=100_001).map(key).collect::<Vec<_>>().into_iter();
        let cache = ControlsCache::default();
        cache.list(all());
        assert_eq!(
            (cache.get(&key(200_000)), cache.wants_list()),
            (None, false)
        );
        let cache = ControlsCache::default();
        cache.list(all().skip(1));
        assert!(cache.get(&key(200_000)).is_some());
        drop(cache.begin_change(&key(200_000)));
        assert_eq!(
            (cache.get(&key(200_001)), cache.wants_list()),
            (None, false)
        );
    }
}
