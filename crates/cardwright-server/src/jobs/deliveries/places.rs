//! Who may send how much at a time.
//!
//! Law: places go round, one to each endpoint before a second one to any, and each round goes on
//! where the last one ended. An endpoint earns its places by answering: it begins with few and has
//! one alone once it is silent, so that those that hang hold few of the places however much waits
//! for them. Those that are not known to answer share a part of all places; the last of them go only
//! to endpoints that have none.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    time::Duration,
};

use super::Key;
use crate::store::deliveries::Past;

/// How the places are shared out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shares {
    /// How many messages are on their way in all at most.
    all: usize,
    /// Of them, how many to endpoints that are slow, silent or not known. The last [`Shares::for_first`]
    /// of them, too, go only to endpoints that have none.
    to_unproven: usize,
    /// Of those, how many to endpoints that are silent.
    to_silent: usize,
    /// How many are kept for endpoints that have none.
    for_first: usize,
}

impl Shares {
    fn of(all: usize) -> Shares {
        Shares {
            all,
            to_unproven: all - all / 4,
            to_silent: all / 2,
            for_first: all / 8,
        }
    }
}

/// How many messages are on their way to one endpoint at most.
const MOST: usize = 32;
/// How many to one that nothing is known of.
const FIRST: usize = 2;
/// How many to one that is slow.
const SLOW: usize = 4;
/// An answer that takes longer is a slow one.
const QUICK: Duration = Duration::from_secs(2);

/// How an endpoint answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    Unknown,
    Quick,
    Slow,
    Silent,
}

/// What is known of an endpoint.
#[derive(Clone, Copy, Debug)]
struct Standing {
    manner: Manner,
    most: usize,
}

impl Standing {
    fn at_first(past: Past) -> Standing {
        match past {
            Past::Good => Standing {
                manner: Manner::Unknown,
                most: FIRST,
            },
            Past::Failing => Standing {
                manner: Manner::Silent,
                most: 1,
            },
        }
    }
}

/// An endpoint that something is due to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) key: Key,
    pub(super) past: Past,
}

/// The places, and who has them.
pub(super) struct Places {
    shares: Shares,
    standings: BTreeMap<Key, Standing>,
    taken: BTreeMap<Key, usize>,
    /// Who got the last place.
    last: Option<Key>,
}

/// What is left of the places.
struct Left {
    all: usize,
    unproven: usize,
    silent: usize,
    for_first: usize,
}

impl Left {
    fn take(&mut self, manner: Manner) {
        self.all = self.all.saturating_sub(1);
        if manner != Manner::Quick {
            self.unproven = self.unproven.saturating_sub(1);
        }
        if manner == Manner::Silent {
            self.silent = self.silent.saturating_sub(1);
        }
    }

    /// Whether there is one for an endpoint that has so many.
    fn has_one(&self, manner: Manner, has: usize) -> bool {
        let kept = if has == 0 { 0 } else { self.for_first };
        let of_manner = match manner {
            Manner::Quick => usize::MAX,
            Manner::Slow | Manner::Unknown => self.unproven,
            // Those that are silent have one each; the last ones are for those that may answer.
            Manner::Silent => {
                let unproven = self.unproven.saturating_sub(self.for_first);
                unproven.min(self.silent)
            }
        };
        let is_left = match manner {
            Manner::Quick | Manner::Silent => of_manner > 0,
            Manner::Slow | Manner::Unknown => of_manner > kept,
        };
        self.all > kept && is_left
    }
}

/// An endpoint in a round.
struct Turn {
    key: Key,
    standing: Standing,
    taken: usize,
    given: usize,
}

impl Places {
    /// So many places.
    pub(super) fn new(count: usize) -> Places {
        Places {
            shares: Shares::of(count),
            standings: BTreeMap::new(),
            taken: BTreeMap::new(),
            last: None,
        }
    }

    /// Forgets endpoints that nobody listens at any more; one that messages are on their way to is
    /// forgotten the next time.
    pub(super) fn forget_all_but(&mut self, listening: &BTreeSet<Key>) {
        let taken = &self.taken;
        self.standings
            .retain(|key, _| listening.contains(key) || taken.contains_key(key));
    }

    /// A message is on its way.
    pub(super) fn take(&mut self, key: Key) {
        *self.taken.entry(key).or_default() += 1;
    }

    /// A message has come back.
    pub(super) fn give_back(&mut self, key: Key) {
        if let Entry::Occupied(mut taken) = self.taken.entry(key) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }

    /// An endpoint answered, whatever it said.
    pub(super) fn answered(&mut self, key: Key, after: Duration) {
        let before = self.standings.get(&key).map_or(FIRST, |known| known.most);
        let (manner, limit) = if after <= QUICK {
            (Manner::Quick, MOST)
        } else {
            (Manner::Slow, SLOW)
        };
        let most = (before * 2).min(limit);
        self.standings.insert(key, Standing { manner, most });
    }

    /// An endpoint did not answer.
    pub(super) fn was_silent(&mut self, key: Key) {
        let (manner, most) = (Manner::Silent, 1);
        self.standings.insert(key, Standing { manner, most });
    }

    /// Shares at most so many places out among endpoints that something is due to: who gets how
    /// many. They are taken only when something is sent.
    pub(super) fn share(&mut self, due: &[Due], most: usize) -> Vec<(Key, usize)> {
        let mut left = self.left();
        let mut turns = self.turns(due);
        let mut still = most;
        let mut shared: BTreeMap<Key, usize> = BTreeMap::new();
        while still > 0 && !turns.is_empty() {
            for turn in &mut turns {
                let has = turn.taken + turn.given;
                let may_have = has < turn.standing.most;
                if still == 0 || !may_have || !left.has_one(turn.standing.manner, has) {
                    // It gets none in this sharing any more: what is left only becomes less.
                    turn.standing.most = 0;
                    continue;
                }
                left.take(turn.standing.manner);
                turn.given += 1;
                still -= 1;
                self.last = Some(turn.key);
                *shared.entry(turn.key).or_default() += 1;
            }
            turns.retain(|turn| turn.standing.most > 0);
        }
        shared.into_iter().collect()
    }

    /// In the order of their keys, the one behind the last one first.
    fn turns(&mut self, due: &[Due]) -> Vec<Turn> {
        let mut turns: Vec<Turn> = due
            .iter()
            .map(|due| Turn {
                key: due.key,
                standing: *self
                    .standings
                    .entry(due.key)
                    .or_insert_with(|| Standing::at_first(due.past)),
                taken: self.taken.get(&due.key).copied().unwrap_or_default(),
                given: 0,
            })
            .collect();
        turns.sort_by_key(|turn| turn.key);
        if let Some(last) = self.last {
            let served = turns.partition_point(|turn| turn.key <= last);
            turns.rotate_left(served);
        }
        turns
    }

    fn left(&self) -> Left {
        let mut left = Left {
            all: self.shares.all,
            unproven: self.shares.to_unproven,
            silent: self.shares.to_silent,
            for_first: self.shares.for_first,
        };
        for (key, taken) in &self.taken {
            let standing = self.standings.get(key);
            let manner = standing.map_or(Manner::Unknown, |standing| standing.manner);
            for _ in 0..*taken {
                left.take(manner);
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use cardwright_core::{EndpointId, TenantId};

    use super::*;

    /// As many as one turn shares out.
    const TURN: usize = 256;
    const ALL: usize = 2_048;
    const TO_UNPROVEN: usize = 1_536;
    const TO_SILENT: usize = 1_024;
    const FOR_FIRST: usize = 256;

    fn endpoint(number: i64) -> Due {
        Due {
            key: (
                TenantId::new(1).unwrap(),
                EndpointId::new(number + 1).unwrap(),
            ),
            past: Past::Good,
        }
    }

    fn endpoints(count: i64) -> Vec<Due> {
        (0..count).map(endpoint).collect()
    }

    fn quick(places: &mut Places, key: Key) {
        for _ in 0..5 {
            places.answered(key, Duration::from_millis(20));
        }
    }

    /// Shares until nobody gets any more, and nothing comes back.
    fn fill(places: &mut Places, due: &[Due]) -> BTreeMap<Key, usize> {
        let mut all = BTreeMap::new();
        loop {
            let shared = places.share(due, TURN);
            if shared.is_empty() {
                return all;
            }
            for (key, count) in shared {
                *all.entry(key).or_default() += count;
                (0..count).for_each(|_| places.take(key));
            }
        }
    }

    #[test]
    fn everybody_has_a_place_before_anybody_has_a_second_one_and_it_goes_round() {
        let mut places = Places::new(ALL);
        let due = endpoints(12);
        for one in &due {
            quick(&mut places, one.key);
        }
        let counts: Vec<usize> = places
            .share(&due, TURN)
            .into_iter()
            .map(|(_, count)| count)
            .collect();
        assert_eq!(counts.len(), 12);
        assert!(counts.iter().all(|count| (21..=22).contains(count)));
        let first = places.share(&due, 5);
        let second = places.share(&due, 5);
        assert!(
            second
                .iter()
                .all(|(key, _)| first.iter().all(|(known, _)| known != key))
        );
    }

    #[test]
    fn an_endpoint_earns_its_places_and_loses_them_by_silence() {
        let mut places = Places::new(ALL);
        let one = [endpoint(1)];
        let key = one[0].key;
        let room = |places: &mut Places| places.share(&one, TURN).first().map_or(0, |(_, n)| *n);
        assert_eq!(room(&mut places), FIRST);
        places.answered(key, Duration::from_millis(5));
        assert_eq!(room(&mut places), FIRST * 2);
        quick(&mut places, key);
        assert_eq!(room(&mut places), MOST);
        places.was_silent(key);
        assert_eq!(room(&mut places), 1);
        places.answered(key, Duration::from_millis(5));
        assert_eq!(room(&mut places), 2, "and earns them back");
    }

    #[test]
    fn thousands_that_hang_leave_places_for_those_that_answer() {
        let mut places = Places::new(ALL);
        let hanging = endpoints(5_000);
        assert_eq!(
            fill(&mut places, &hanging).values().sum::<usize>(),
            TO_UNPROVEN
        );
        let mut all = hanging.clone();
        all.push(endpoint(6_000));
        let healthy = all[5_000].key;
        quick(&mut places, healthy);
        assert_eq!(fill(&mut places, &all), BTreeMap::from([(healthy, MOST)]));
    }

    #[test]
    fn silence_is_remembered_and_leaves_places_for_the_unknown() {
        let mut places = Places::new(ALL);
        let mut silent = endpoints(5_000);
        // Half of them since this program began, the others by what the one before it wrote.
        for one in &silent[..2_500] {
            places.was_silent(one.key);
        }
        for one in &mut silent[2_500..] {
            one.past = Past::Failing;
        }
        assert_eq!(
            fill(&mut places, &silent).values().sum::<usize>(),
            TO_SILENT
        );
        let unknown = endpoint(9_000);
        assert_eq!(
            fill(&mut places, &[unknown]),
            BTreeMap::from([(unknown.key, FIRST)])
        );
    }

    #[test]
    fn endpoints_that_stop_answering_all_at_once_leave_a_place_for_others() {
        let mut places = Places::new(ALL);
        let due = endpoints(100);
        for one in &due {
            quick(&mut places, one.key);
        }
        assert_eq!(
            fill(&mut places, &due).values().sum::<usize>(),
            ALL - FOR_FIRST
        );
        let other = endpoint(200);
        quick(&mut places, other.key);
        assert_eq!(
            fill(&mut places, &[other]),
            BTreeMap::from([(other.key, 1)])
        );
    }

    #[test]
    fn endpoints_that_take_their_time_leave_places_for_the_unknown() {
        let mut places = Places::new(ALL);
        let slow = endpoints(400);
        for one in &slow {
            (0..5).for_each(|_| places.answered(one.key, QUICK * 7));
        }
        let few = &slow[..100];
        assert_eq!(
            fill(&mut places, few).values().sum::<usize>(),
            100 * SLOW,
            "a tenant's worth of them"
        );
        fill(&mut places, &slow[..400]);
        let unknown = endpoint(9_000);
        assert_eq!(
            fill(&mut places, &[unknown]),
            BTreeMap::from([(unknown.key, 1)])
        );
    }

    #[test]
    fn a_place_that_came_back_is_given_again() {
        let mut places = Places::new(ALL);
        let one = [endpoint(1)];
        let key = one[0].key;
        fill(&mut places, &one);
        assert!(places.share(&one, TURN).is_empty());
        places.give_back(key);
        assert_eq!(places.share(&one, TURN), [(key, 1)]);
    }

    #[test]
    fn a_small_number_of_places_is_shared_out_in_the_same_way() {
        const FEW: usize = 40;
        let mut places = Places::new(FEW);
        let hanging = endpoints(200);
        for one in &hanging {
            places.was_silent(one.key);
        }
        assert_eq!(fill(&mut places, &hanging).len(), FEW / 2);
        let unknown: Vec<Due> = (1_000..1_200).map(endpoint).collect();
        fill(&mut places, &unknown);
        let healthy = endpoint(2_000);
        quick(&mut places, healthy.key);
        let left = fill(&mut places, &[healthy])[&healthy.key];
        assert!((1..=FEW / 4).contains(&left), "{left}");
        assert!(places.taken.values().sum::<usize>() <= FEW);
    }

    #[test]
    fn endpoints_that_are_gone_are_forgotten() {
        let mut places = Places::new(ALL);
        let due = endpoints(10);
        fill(&mut places, &due);
        let (gone, busy, listening) = (due[0].key, due[1].key, due[2].key);
        for one in due.iter().filter(|one| one.key != busy) {
            (0..FIRST).for_each(|_| places.give_back(one.key));
        }
        places.was_silent(gone);
        places.forget_all_but(&BTreeSet::from([listening]));
        let known: Vec<Key> = places.standings.keys().copied().collect();
        assert_eq!(known, [busy, listening]);
    }
}
