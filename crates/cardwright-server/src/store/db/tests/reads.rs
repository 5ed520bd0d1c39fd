//! Readers see what is committed, and one state of it.

use super::*;

const COUNT: &str = "SELECT count(*) FROM note";

#[tokio::test]
async fn readers_see_nothing_before_the_commit() {
    let db = fresh().await;
    let (written, has_written) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let writing = queued(db.write(async move |mut session: WriteSession| {
        session.execute(ADD, &[1.into(), "not yet".into()]).await?;
        written.send(()).expect("a test that waits");
        released.recv().expect("a test that lets go");
        Ok::<_, DbError>(())
    }));
    has_written.await.expect("a write under way");
    assert_eq!(ids(&db).await, Vec::<i64>::new());
    release.send(()).expect("a held writer");
    assert_eq!(writing.await, Ok(()));
    assert_eq!(ids(&db).await, [1]);
}

#[tokio::test]
async fn a_read_sees_one_state_however_long_it_looks() {
    let db = fresh().await;
    let (looked, has_looked) = oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let looking = queued(db.read(async move |mut session: ReadSession| {
        let before: i64 = session.one(COUNT, &[]).await?.get(0)?;
        looked.send(()).expect("a test that waits");
        may_go_on.recv().expect("a test that goes on");
        let after: i64 = session.one(COUNT, &[]).await?.get(0)?;
        Ok::<_, DbError>((before, after))
    }));
    has_looked.await.expect("a first look");
    add(&db, 1, "meanwhile")
        .await
        .expect("a writer that waits for no reader");
    assert_eq!(ids(&db).await, [1], "another reader sees it already");
    go_on.send(()).expect("a held reader");
    assert_eq!(looking.await, Ok((0, 0)));
}

#[tokio::test]
async fn a_panic_in_a_read_costs_that_read_alone() {
    let db = opened(DbOptions {
        readers: 1,
        ..DbOptions::temporary()
    })
    .await;
    let answer = db
        .read(async |mut session: ReadSession| {
            let count: i64 = session.one(COUNT, &[]).await?.get(0)?;
            assert_ne!(count, 0, "this panic belongs to the test");
            Ok::<_, DbError>(())
        })
        .await;
    assert_eq!(answer, Err(DbError::Panicked));
    assert_eq!(ids(&db).await, Vec::<i64>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_never_see_half_of_an_operation() {
    let db = fresh().await;
    let writers: Vec<_> = (0..100_i64)
        .map(|pair| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(async move |mut session: WriteSession| {
                    let sql = "INSERT INTO note (id) VALUES ($1)";
                    session.execute(sql, &[(2 * pair).into()]).await?;
                    session.execute(sql, &[(2 * pair + 1).into()]).await
                })
                .await
            })
        })
        .collect();
    for _ in 0..100 {
        assert_eq!(ids(&db).await.len() % 2, 0, "a pair was seen half written");
    }
    for writer in writers {
        assert_eq!(writer.await.expect("a writer"), Ok(1));
    }
    assert_eq!(ids(&db).await.len(), 200);
}
