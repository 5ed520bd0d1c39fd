//! Work that can be done again runs without savepoints, and is undone alone all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// How often something ran.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicU32>);

impl Runs {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn so_far(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Adds a note by work that can be done again.
async fn add_often(db: &Db, id: i64, body: &'static str, runs: &Runs) -> Result<(), DbError> {
    let runs = runs.clone();
    let work = async move |mut session: WriteSession| {
        runs.count();
        session.execute(ADD, &[id.into(), body.into()]).await?;
        Ok(())
    };
    db.write_often_then(work, |()| {}).await
}

/// Adds a note and refuses it then.
async fn refuse_late(db: &Db, id: i64, runs: &Runs) -> Result<(), Refused> {
    let runs = runs.clone();
    let work = async move |mut session: WriteSession| {
        runs.count();
        session.execute(ADD, &[id.into(), "refused".into()]).await?;
        Err::<(), _>(Refused::ByRule)
    };
    db.write_often_then(work, |()| {}).await
}

#[tokio::test]
async fn a_late_refusal_undoes_its_own_work_and_has_the_others_done_again() {
    let db = fresh().await;
    let (kept, refused, clashing) = (Runs::default(), Runs::default(), Runs::default());
    let held = hold_writer(&db).await;
    let first = queued(add_often(&db, 1, "first", &kept));
    let no = queued(refuse_late(&db, 2, &refused));
    let clash = queued(add_often(&db, 3, "first", &clashing));
    let last = queued(add_often(&db, 4, "last", &kept));
    held.let_go().await;
    assert_eq!(first.await, Ok(()));
    assert_eq!(no.await, Err(Refused::ByRule));
    let conflict = DbError::Conflict {
        what: "note.body".to_owned(),
    };
    assert_eq!(clash.await, Err(conflict));
    assert_eq!(last.await, Ok(()));
    assert_eq!(ids(&db).await, [1, 4]);
    assert_eq!(refused.so_far(), 2, "once together, once with a savepoint");
    assert_eq!(kept.so_far(), 3, "the first twice, the last had not begun");
}

#[tokio::test]
async fn a_refusal_before_the_first_change_costs_nobody_a_second_run() {
    let db = fresh().await;
    let runs = Runs::default();
    let held = hold_writer(&db).await;
    let first = queued(add_often(&db, 1, "first", &runs));
    let refusing = {
        let runs = runs.clone();
        async move |mut session: WriteSession| {
            runs.count();
            session.query("SELECT id FROM note", &[]).await?;
            Err::<(), _>(Refused::ByRule)
        }
    };
    let no = queued(db.write_often_then(refusing, |()| {}));
    let last = queued(add_often(&db, 2, "last", &runs));
    held.let_go().await;
    assert_eq!(
        (first.await, no.await, last.await),
        (Ok(()), Err(Refused::ByRule), Ok(()))
    );
    assert_eq!(ids(&db).await, [1, 2]);
    assert_eq!(runs.so_far(), 3);
}

#[tokio::test]
async fn a_part_that_is_undone_takes_nothing_else_along() {
    let db = fresh().await;
    let runs = Runs::default();
    let counted = runs.clone();
    let work = async move |mut session: WriteSession| {
        counted.count();
        session.execute(ADD, &[1.into(), "before".into()]).await?;
        session.begin_nested().await?;
        session.execute(ADD, &[2.into(), "inside".into()]).await?;
        session.rollback_nested().await?;
        session.execute(ADD, &[3.into(), "after".into()]).await?;
        Ok::<_, DbError>(())
    };
    db.write_often_then(work, |()| {}).await.expect("kept");
    assert_eq!(ids(&db).await, [1, 3]);
    assert_eq!(runs.so_far(), 2);
}

/// The operation sees the error of the part that could not be undone, and shrugs.
#[tokio::test]
async fn work_that_hides_a_part_that_was_not_undone_is_done_again_too() {
    let db = fresh().await;
    let work = async |mut session: WriteSession| {
        session.begin_nested().await?;
        session.execute(ADD, &[1.into(), "inside".into()]).await?;
        let _hidden = session.rollback_nested().await;
        session.execute(ADD, &[2.into(), "after".into()]).await?;
        Ok::<_, DbError>(())
    };
    db.write_often_then(work, |()| {}).await.expect("kept");
    assert_eq!(ids(&db).await, [2]);
}

#[tokio::test]
async fn a_panic_among_work_that_can_be_done_again_stops_nobody() {
    let (db, runs) = (fresh().await, Runs::default());
    let held = hold_writer(&db).await;
    let first = queued(add_often(&db, 1, "first", &runs));
    let panicking = async |mut session: WriteSession| {
        session.execute(ADD, &[2.into(), "lost".into()]).await?;
        let found = session.query("SELECT id FROM note", &[]).await?;
        assert!(found.is_empty(), "this panic belongs to the test");
        Ok::<_, DbError>(())
    };
    let panicking = queued(db.write_often_then(panicking, |()| {}));
    let once = queued(add(&db, 3, "once"));
    held.let_go().await;
    assert_eq!(first.await, Ok(()));
    assert_eq!(panicking.await, Err(DbError::Panicked));
    assert_eq!(once.await, Ok(()));
    assert_eq!(ids(&db).await, [1, 3]);
}

/// Draws a number, keeps it in a note, and refuses afterwards where `verdict` says so.
async fn draw(db: &Db, verdict: Result<(), Refused>) -> Result<i64, Refused> {
    let verdict = verdict.map_err(|_| Refused::ByRule);
    db.write(async move |mut session: WriteSession| {
        let number = session.draw("note", 10).await?;
        session.execute(ADD, &[number.into(), Value::Null]).await?;
        verdict.map(|()| number)
    })
    .await
}

#[tokio::test]
async fn numbers_follow_each_other_through_a_commit_and_undone_work_gives_its_own_back() {
    let db = fresh().await;
    for expected in [10, 12] {
        let held = hold_writer(&db).await;
        let first = queued(draw(&db, Ok(())));
        let refused = queued(draw(&db, Err(Refused::ByRule)));
        let second = queued(draw(&db, Ok(())));
        held.let_go().await;
        assert_eq!(first.await, Ok(expected));
        assert_eq!(refused.await, Err(Refused::ByRule));
        assert_eq!(second.await, Ok(expected + 1));
    }
    assert_eq!(ids(&db).await, [10, 11, 12, 13]);
}

#[tokio::test]
async fn a_number_is_never_lower_than_asked_for() {
    let db = fresh().await;
    let numbers = db
        .write(async |mut session: WriteSession| {
            let mut numbers = Vec::new();
            for lowest in [5, 3, 40, 7] {
                numbers.push(session.draw("note", lowest).await?);
            }
            session.begin_nested().await?;
            numbers.push(session.draw("note", 99).await?);
            session.rollback_nested().await?;
            numbers.push(session.draw("note", 1).await?);
            Ok::<_, DbError>(numbers)
        })
        .await;
    assert_eq!(numbers, Ok(vec![5, 6, 40, 41, 99, 42]));
}
