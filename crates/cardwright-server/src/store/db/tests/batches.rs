//! Operations share commits and nothing else.

use super::*;

#[tokio::test]
async fn operations_that_queue_up_share_commits() {
    let db = fresh().await;
    let before = db.commit_stats();
    let held = hold_writer(&db).await;
    let waiting: Vec<_> = (0..)
        .zip(NAMES)
        .map(|(id, name)| queued(add(&db, id, name)))
        .collect();
    held.let_go().await;
    for answer in waiting {
        assert_eq!(answer.await, Ok(()));
    }
    let after = db.commit_stats();
    assert_eq!(
        after.batches - before.batches,
        3,
        "one for the held, one for 32 of the fifty, one for the rest"
    );
    assert_eq!(after.operations - before.operations, 51);
    assert_eq!(ids(&db).await.len(), 50);
}

static NAMES: [&str; 50] = {
    // Distinct slices of one text: the column is unique.
    const LETTERS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let mut names = [""; 50];
    let mut index = 0;
    while index < 50 {
        names[index] = LETTERS.split_at(index).0;
        index += 1;
    }
    names
};

#[tokio::test]
async fn an_operation_that_fails_leaves_the_others_of_its_batch_alone() {
    let db = fresh().await;
    let held = hold_writer(&db).await;
    let first = queued(add(&db, 1, "first"));
    let refused = queued(db.write(async |mut session: WriteSession| {
        session.execute(ADD, &[2.into(), "refused".into()]).await?;
        Err::<(), _>(Refused::ByRule)
    }));
    let clash = queued(add(&db, 3, "first"));
    let last = queued(add(&db, 4, "last"));
    held.let_go().await;
    assert_eq!(first.await, Ok(()));
    assert_eq!(refused.await, Err(Refused::ByRule));
    assert_eq!(
        clash.await,
        Err(DbError::Conflict {
            what: "note.body".to_owned()
        })
    );
    assert_eq!(last.await, Ok(()));
    assert_eq!(ids(&db).await, [1, 4]);
}

#[tokio::test]
async fn a_panic_undoes_its_own_operation_and_stops_nobody() {
    let db = fresh().await;
    let held = hold_writer(&db).await;
    let first = queued(add(&db, 1, "first"));
    let panicking = queued(db.write(async |mut session: WriteSession| {
        session.execute(ADD, &[2.into(), "lost".into()]).await?;
        let found = session
            .query("SELECT id FROM note WHERE id = 99", &[])
            .await?;
        assert_eq!(found.len(), 1, "this panic belongs to the test");
        Ok::<(), DbError>(())
    }));
    let last = queued(add(&db, 3, "last"));
    held.let_go().await;
    assert_eq!(first.await, Ok(()));
    assert_eq!(panicking.await, Err(DbError::Panicked));
    assert_eq!(last.await, Ok(()));
    assert_eq!(ids(&db).await, [1, 3]);
}

#[tokio::test]
async fn waiting_for_anything_but_the_store_is_refused_and_undone() {
    let db = fresh().await;
    let waited = db
        .write(async |mut session: WriteSession| {
            session.execute(ADD, &[1.into(), "undone".into()]).await?;
            tokio::task::yield_now().await;
            session
                .execute(ADD, &[2.into(), "never reached".into()])
                .await?;
            Ok::<(), DbError>(())
        })
        .await;
    assert_eq!(waited, Err(DbError::Waited));
    let looked = db
        .read(async |_session| {
            std::future::pending::<()>().await;
            Ok::<(), DbError>(())
        })
        .await;
    assert_eq!(looked, Err(DbError::Waited));
    assert_eq!(add(&db, 3, "next").await, Ok(()));
    assert_eq!(ids(&db).await, [3]);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_stop_the_work() {
    let db = fresh().await;
    let held = hold_writer(&db).await;
    drop(queued(add(&db, 1, "left alone")));
    held.let_go().await;
    assert_eq!(add(&db, 2, "after").await, Ok(()));
    assert_eq!(ids(&db).await, [1, 2]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_takes_work_again_later() {
    let db = opened(DbOptions {
        queue_length: 2,
        ..DbOptions::temporary()
    })
    .await;
    let held = hold_writer(&db).await;
    let first = queued(add(&db, 1, "first"));
    let second = queued(add(&db, 2, "second"));
    assert_eq!(add(&db, 3, "third").await, Err(DbError::Busy));
    assert_eq!(db.waits().refused.get(), 1);
    held.let_go().await;
    assert_eq!((first.await, second.await), (Ok(()), Ok(())));
    assert_eq!(add(&db, 4, "fourth").await, Ok(()));
    assert_eq!(ids(&db).await, [1, 2, 4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_who_take_one_of_a_hundred_exactly_a_hundred_get_it() {
    let db = fresh().await;
    db.write(async |mut session: WriteSession| {
        session
            .execute("INSERT INTO note (id, amount) VALUES (1, 100)", &[])
            .await
    })
    .await
    .expect("a hundred");
    let takers: Vec<_> = (0..1_000)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(async |mut session: WriteSession| {
                    let sql = "UPDATE note SET amount = amount - $2
                               WHERE id = $1 AND amount >= $2 RETURNING amount";
                    session.optional(sql, &[1.into(), 1.into()]).await
                })
                .await
            })
        })
        .collect();
    let mut left_behind = Vec::new();
    for taker in takers {
        let row = taker.await.expect("a taker").expect("an answer");
        left_behind.extend(row.map(|row| row.get::<i64>(0).expect("an amount")));
    }
    left_behind.sort_unstable();
    assert_eq!(left_behind, (0..100).collect::<Vec<_>>());
}
