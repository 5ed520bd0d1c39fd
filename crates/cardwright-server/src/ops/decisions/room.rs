//! Room for questions: how many may be open at a time, in all and of one tenant.
//!
//! Law: a question that is open has a seat, and an answer that is waited for although its time is
//! over has one of another kind; there are only so many of either. A tenant whose integrator does not
//! answer has fewer seats with each question that comes to nothing, and earns them back by answers:
//! one that hangs takes no seat from others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cardwright_core::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::capacity::Share;

/// How long a question waits for a seat. Most of its three seconds are for the answer: one that is
/// asked too late to be answered would only take a seat from others.
const PATIENCE: Duration = Duration::from_secs(1);
/// Of a tenant's seats, one in so many stays with it however its integrator behaves.
const SURE: usize = 8;

/// Room for questions. Clones are the same.
#[derive(Clone)]
pub struct Room(Arc<Seats>);

struct Seats {
    questions: Share,
    late: Share,
    all: Arc<Semaphore>,
    all_late: Arc<Semaphore>,
    tenants: Mutex<BTreeMap<TenantId, Own>>,
}

/// What a tenant has.
struct Own {
    seats: Arc<Semaphore>,
    /// How many seats there are, taken ones included, and how many there are to be.
    there: usize,
    most: usize,
    late: usize,
    /// How many have a seat, of either kind, or wait for one.
    present: usize,
}

/// How an integrator took a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It said something in time.
    Answer,
    /// It said nothing in time.
    Nothing,
    /// It was not asked, or could not be reached.
    NotAsked,
}

/// A seat of a question, free again once this is dropped.
#[must_use = "a seat is there as long as it is held"]
pub struct Seat {
    present: Present,
    own: Option<OwnedSemaphorePermit>,
    _of_all: OwnedSemaphorePermit,
    heard: Heard,
}

/// A seat of an answer that is waited for although its time is over.
#[must_use = "a seat is there as long as it is held"]
pub struct LateSeat {
    present: Present,
    _of_all: OwnedSemaphorePermit,
}

/// Somebody of a tenant who is there, with a seat or without.
struct Present {
    room: Room,
    tenant: TenantId,
}

impl Room {
    /// Room for so many questions, and so many late answers.
    pub fn new(questions: Share, late: Share) -> Room {
        Room(Arc::new(Seats {
            questions,
            late,
            all: Arc::new(Semaphore::new(questions.in_all)),
            all_late: Arc::new(Semaphore::new(late.in_all)),
            tenants: Mutex::default(),
        }))
    }

    /// Takes a seat for a question that began then; waits for one, though not for long.
    pub async fn enter(&self, tenant: TenantId, began: Instant) -> Option<Seat> {
        let (present, seats) = self.come(tenant);
        let seated = async {
            // The tenant's own first: who waits for that keeps nobody else waiting.
            let own = seats.acquire_owned().await.ok()?;
            let of_all = self.0.all.clone().acquire_owned().await.ok()?;
            Some((own, of_all))
        };
        let (own, of_all) = timeout_at(began + PATIENCE, seated).await.ok()??;
        Some(Seat {
            present,
            own: Some(own),
            _of_all: of_all,
            heard: Heard::NotAsked,
        })
    }

    /// Takes a seat for an answer that is late, if there is one.
    pub fn stay(&self, tenant: TenantId) -> Option<LateSeat> {
        let of_all = self.0.all_late.clone().try_acquire_owned().ok()?;
        let (present, _) = self.come(tenant);
        let mut tenants = self.tenants();
        let own = tenants.get_mut(&tenant)?;
        if own.late >= self.0.late.of_one {
            return None;
        }
        own.late += 1;
        Some(LateSeat {
            present,
            _of_all: of_all,
        })
    }

    fn come(&self, tenant: TenantId) -> (Present, Arc<Semaphore>) {
        let most = self.0.questions.of_one;
        let mut tenants = self.tenants();
        let own = tenants.entry(tenant).or_insert_with(|| Own {
            seats: Arc::new(Semaphore::new(most)),
            there: most,
            most,
            late: 0,
            present: 0,
        });
        own.present += 1;
        let present = Present {
            room: self.clone(),
            tenant,
        };
        (present, own.seats.clone())
    }

    fn tenants(&self) -> MutexGuard<'_, BTreeMap<TenantId, Own>> {
        let tenants = self.0.tenants.lock();
        tenants.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Own {
    fn learn(&mut self, heard: Heard, of_one: usize) {
        self.most = match heard {
            Heard::Answer => (self.most * 2).min(of_one),
            Heard::Nothing => (self.most / 2).max(of_one.div_ceil(SURE)),
            Heard::NotAsked => self.most,
        };
    }

    /// Takes a seat back, as long as there are too many, and sets up what there are too few.
    fn take_back(&mut self, seat: OwnedSemaphorePermit) {
        if self.there > self.most {
            seat.forget();
            self.there -= 1;
        } else {
            self.seats.add_permits(self.most - self.there);
            self.there = self.most;
        }
    }
}

impl Seat {
    /// Takes note of how the integrator took the question.
    pub fn heard(&mut self, heard: Heard) {
        self.heard = heard;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let room = &self.present.room;
        let mut tenants = room.tenants();
        if let (Some(own), Some(seat)) = (tenants.get_mut(&self.present.tenant), self.own.take()) {
            own.learn(self.heard, room.0.questions.of_one);
            own.take_back(seat);
        }
    }
}

impl Drop for LateSeat {
    fn drop(&mut self) {
        let mut tenants = self.present.room.tenants();
        if let Some(own) = tenants.get_mut(&self.present.tenant) {
            own.late -= 1;
        }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let of_one = self.room.0.questions.of_one;
        let mut tenants = self.room.tenants();
        let Some(own) = tenants.get_mut(&self.tenant) else {
            return;
        };
        own.present -= 1;
        // One that answers is as good as one that nobody has heard of yet.
        if own.present == 0 && own.most == of_one && own.there == of_one {
            tenants.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTIONS: Share = Share {
        in_all: 20,
        of_one: 8,
    };
    const LATE: Share = Share {
        in_all: 3,
        of_one: 2,
    };

    fn tenant(id: i64) -> TenantId {
        TenantId::new(id).unwrap()
    }

    /// Takes as many seats as there are for a tenant.
    async fn fill(room: &Room, id: i64) -> Vec<Seat> {
        let mut seats = Vec::new();
        while let Some(seat) = room.enter(tenant(id), Instant::now()).await {
            seats.push(seat);
        }
        seats
    }

    fn end(seats: Vec<Seat>, heard: Heard) {
        for mut seat in seats {
            seat.heard(heard);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_without_a_seat_waits_for_one_and_not_for_long() {
        let room = Room::new(QUESTIONS, LATE);
        let mut seats = fill(&room, 1).await;
        assert_eq!(seats.len(), QUESTIONS.of_one);
        let began = Instant::now();
        assert!(room.enter(tenant(1), began).await.is_none());
        assert_eq!(began.elapsed(), PATIENCE);
        let began = Instant::now();
        let (entered, ()) = tokio::join!(room.enter(tenant(1), began), async {
            drop(seats.pop());
        });
        assert!(entered.is_some());
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_only_so_many_seats_whoever_has_them() {
        let room = Room::new(QUESTIONS, LATE);
        let mut all = Vec::new();
        for id in 1..=4 {
            all.extend(fill(&room, id).await);
        }
        assert_eq!(all.len(), QUESTIONS.in_all);
        drop(all);
        assert!(room.tenants().is_empty(), "nobody is left");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_has_few_seats_until_it_answers() {
        let room = Room::new(QUESTIONS, LATE);
        end(fill(&room, 1).await, Heard::Nothing);
        let few = fill(&room, 1).await;
        assert_eq!(few.len(), 1);
        assert_eq!(
            fill(&room, 2).await.len(),
            QUESTIONS.of_one,
            "others have all"
        );
        end(few, Heard::NotAsked);
        for expected in [2, 8, 8] {
            end(fill(&room, 1).await, Heard::Answer);
            let seats = fill(&room, 1).await;
            assert_eq!(seats.len(), expected);
            end(seats, Heard::NotAsked);
        }
        assert!(room.tenants().is_empty(), "and is as any other then");
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_late_answers_are_waited_for() {
        let room = Room::new(QUESTIONS, LATE);
        let mut own: Vec<LateSeat> = std::iter::from_fn(|| room.stay(tenant(1))).collect();
        assert_eq!(own.len(), LATE.of_one);
        let other: Vec<LateSeat> = std::iter::from_fn(|| room.stay(tenant(2))).collect();
        assert_eq!(other.len(), LATE.in_all - LATE.of_one);
        own.pop();
        assert!(room.stay(tenant(1)).is_some());
        drop((own, other));
        assert!(room.tenants().is_empty());
    }
}
