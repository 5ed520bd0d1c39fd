//! A glance is a read on the caller's own thread.

use std::thread;

use super::*;

async fn seen(db: &Db) -> Result<i64, DbError> {
    db.glance(async |mut session: ReadSession| {
        session.one("SELECT count(*) FROM note", &[]).await?.get(0)
    })
    .await
}

#[tokio::test]
async fn a_glance_sees_what_was_answered_before_it_and_happens_where_it_is_asked_for() {
    let db = fresh().await;
    assert_eq!(seen(&db).await, Ok(0));
    add(&db, 1, "first").await.expect("added");
    assert_eq!(seen(&db).await, Ok(1));
    let here = thread::current().id();
    let there: Result<_, DbError> = db.glance(async |_| Ok(thread::current().id())).await;
    assert_eq!(there, Ok(here));
    let queued: Result<_, DbError> = db.read(async |_| Ok(thread::current().id())).await;
    assert_ne!(queued, Ok(here), "a read has a thread of its own");
}

#[tokio::test]
async fn glances_that_find_no_free_connection_are_read_by_the_readers() {
    let db = fresh().await;
    add(&db, 1, "first").await.expect("added");
    let inner = db.clone();
    // One glance inside another takes the second connection; the third has to queue.
    let outer: Result<_, DbError> = db
        .glance(async move |_| {
            let second = inner.shared.beside.look(async |_: ReadSession| {
                let third = inner
                    .shared
                    .beside
                    .look(async |_: ReadSession| Ok::<_, DbError>(()));
                Ok::<_, DbError>(third.is_err())
            });
            Ok(matches!(second, Ok(Ok(true))))
        })
        .await;
    assert_eq!(outer, Ok(true));
    assert_eq!(seen(&db).await, Ok(1), "all are back in their place");
}

#[tokio::test]
async fn a_glance_cannot_write_nor_wait_and_a_panic_costs_only_its_own_answer() {
    let db = fresh().await;
    let written: Result<_, DbError> = db
        .glance(async |mut session: ReadSession| {
            session.query(ADD, &[1.into(), "first".into()]).await
        })
        .await;
    assert!(matches!(written, Err(DbError::ReadOnly)), "{written:?}");
    let waited: Result<(), DbError> = db
        .glance(async |_| {
            std::future::pending::<()>().await;
            Ok(())
        })
        .await;
    assert_eq!(waited, Err(DbError::Waited));
    for _ in 0..3 {
        let panicked: Result<(), DbError> = db.glance(async |_| panic!("on purpose")).await;
        assert_eq!(panicked, Err(DbError::Panicked));
    }
    assert_eq!(seen(&db).await, Ok(0));
}

#[tokio::test]
async fn after_the_end_there_are_no_glances_and_one_complete_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.db");
    let db = Db::open(DbOptions::file(&path)).expect("a store");
    db.migrate(&SCHEMA).await.expect("a schema");
    add(&db, 1, "first").await.expect("added");
    assert_eq!(seen(&db).await, Ok(1));
    db.close().await;
    assert_eq!(seen(&db).await, Err(DbError::Closed));
    let files = std::fs::read_dir(directory.path()).expect("a listing");
    assert_eq!(files.count(), 1, "no log is left beside the file");
}
