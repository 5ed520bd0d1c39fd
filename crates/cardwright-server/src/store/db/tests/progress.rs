//! Readers wait until what they have seen is on the disk.

use std::pin::pin;
use std::task::Poll;

use super::*;
use crate::store::db::disk::Progress;
use crate::store::db::health::Health;

fn polled(
    waiting: Pin<&mut impl Future<Output = Result<(), DbError>>>,
) -> Poll<Result<(), DbError>> {
    waiting.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn who_has_seen_a_commit_waits_for_it_and_not_for_the_next() {
    let (progress, health) = (Progress::new(), Health::new());
    assert_eq!(polled(pin!(progress.reach(&health))), Poll::Ready(Ok(())));
    let first = progress.begin();
    let mut seen = pin!(progress.reach(&health));
    assert_eq!(polled(seen.as_mut()), Poll::Pending);
    let _second = progress.begin();
    progress.keep(first);
    assert_eq!(polled(seen), Poll::Ready(Ok(())));
    assert_eq!(polled(pin!(progress.reach(&health))), Poll::Pending);
}

#[test]
fn what_never_reaches_the_disk_is_told_to_nobody() {
    let (progress, health) = (Progress::new(), Health::new());
    let number = progress.begin();
    let mut seen = pin!(progress.reach(&health));
    assert_eq!(polled(seen.as_mut()), Poll::Pending);
    health.fail("broken");
    progress.fail(number);
    let what = "broken".to_owned();
    let failed = Poll::Ready(Err(DbError::Failed { what }));
    assert_eq!(polled(seen), failed);
    assert_eq!(polled(pin!(progress.reach(&health))), failed, "nor later");
}
