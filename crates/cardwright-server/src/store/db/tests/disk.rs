//! What reaches the disk, and what happens when the disk will not have it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::*;

async fn settings(db: &Db, name: &'static str) -> i64 {
    db.write(async move |session: WriteSession| {
        let value = session
            .engine()
            .connection()
            .pragma_query_value(None, name, |row| row.get(0));
        Ok::<i64, DbError>(value.expect("a setting"))
    })
    .await
    .expect("a setting")
}

async fn set_room(db: &Db, pages: i64) {
    db.write(async move |session: WriteSession| {
        let connection = session.engine().connection();
        connection
            .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))
            .expect("a limit");
        Ok::<_, DbError>(())
    })
    .await
    .expect("a limit");
}

pub(super) async fn add_large(db: &Db, id: i64) -> Result<(), DbError> {
    db.write(async move |mut session: WriteSession| {
        let sql = "INSERT INTO note (id, sealed) VALUES ($1, $2)";
        session
            .execute(sql, &[id.into(), vec![7_u8; 250_000].into()])
            .await?;
        Ok(())
    })
    .await
}

/// Whether the store has failed so far. Polling shows it without waiting.
pub(super) fn has_failed(db: &Db) -> bool {
    let mut failed = Box::pin(db.failed());
    failed
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

#[tokio::test]
async fn the_rights_of_others_on_a_database_are_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    opened(DbOptions::file(&path)).await.close().await;
    let mode = |name: &str| {
        let found = fs::metadata(folder.path().join(name)).expect("a file");
        found.permissions().mode() & 0o7777
    };
    // As a crash leaves it, and whoever restored a backup.
    let log = folder.path().join("store.db-wal");
    fs::write(&log, "").expect("a log");
    for file in [&path, &log] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("rights");
    }
    let db = opened(DbOptions::file(&path)).await;
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    db.close().await;

    // Stricter ones are left alone.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("rights");
    opened(DbOptions::file(&path)).await.close().await;
    assert_eq!(mode("store.db"), 0o700);
}

#[tokio::test]
async fn a_file_is_opened_with_the_settings_we_rely_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(DbOptions::file(folder.path().join("store.db"))).await;
    // The engine itself waits for the disk where the file needs it; for what an answer needs the
    // store waits beside it.
    let normal = 1;
    assert_eq!(settings(&db, "synchronous").await, normal);
    for (name, wanted) in [
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("temp_store", 2),
    ] {
        assert_eq!(settings(&db, name).await, wanted, "{name}");
    }
    assert_eq!(settings(&db, "busy_timeout").await, 5_000);
    db.close().await;
}

#[tokio::test]
async fn the_files_are_readable_by_their_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(DbOptions::file(folder.path().join("store.db"))).await;
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let found = fs::metadata(folder.path().join(name)).expect("a file");
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
    db.close().await;
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_leaves_one_file_that_opens_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let db = opened(DbOptions::file(&path)).await;
    let held = hold_writer(&db).await;
    let waiting = queued(add(&db, 1, "kept"));
    let closing = queued(db.close());
    assert_eq!(add(&db, 2, "too late").await, Err(DbError::Closed));
    held.let_go().await;
    assert_eq!(waiting.await, Ok(()));
    closing.await;
    db.close().await;
    let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(files.len(), 1, "{files:?}");

    let db = opened(DbOptions::file(&path)).await;
    assert_eq!(ids(&db).await, [1]);
    db.close().await;
}

#[test]
fn closing_leaves_one_file_whichever_thread_comes_last() {
    // Many at once, so that the threads of each end in every order.
    let stores = (0..8).map(|_| {
        std::thread::spawn(|| {
            for _ in 0..20 {
                let folder = tempfile::tempdir().expect("a folder");
                blocking(async {
                    let db = opened(DbOptions::file(folder.path().join("store.db"))).await;
                    add(&db, 1, "kept").await.expect("a note");
                    assert_eq!(ids(&db).await, [1]);
                    db.close().await;
                });
                let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
                assert_eq!(files.len(), 1, "{files:?}");
            }
        })
    });
    for store in stores.collect::<Vec<_>>() {
        store.join().expect("one file each time");
    }
}

#[tokio::test]
async fn a_temporary_store_disappears_with_its_last_handle() {
    let db = fresh().await;
    let path = db
        .read(async |session: ReadSession| {
            Ok::<_, DbError>(session.engine().connection().path().map(PathBuf::from))
        })
        .await;
    let path = path.expect("an answer").expect("a path");
    let directory = path.parent().expect("a directory");
    let other = db.clone();
    drop(db);
    let mode = fs::metadata(directory)
        .expect("a directory still there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    drop(other);
    assert!(!directory.exists());
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear store, ".repeat(100)).expect("a file");
    let error = Db::open(DbOptions::file(&path)).expect_err("not a store");
    let text = error.to_string();
    assert!(
        matches!(error, DbError::Open { .. }) && text.contains("letter.txt"),
        "{text}"
    );
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_without_reopening() {
    let db = fresh().await;
    set_room(&db, settings(&db, "page_count").await + 2).await;
    let held = hold_writer(&db).await;
    let small = queued(add(&db, 1, "before"));
    let large = queued(add_large(&db, 2));
    let last = queued(add(&db, 3, "after"));
    held.let_go().await;
    let answers = [small.await, large.await, last.await];
    assert_eq!(answers[1], Err(DbError::Full));
    // SQLite may drop the whole transaction here; whoever was told "done" must be there.
    let done: Vec<i64> = (1..)
        .zip(&answers)
        .filter(|(_, end)| end.is_ok())
        .map(|(id, _)| id)
        .collect();
    assert_eq!(ids(&db).await, done, "{answers:?}");
    assert_eq!(answers[2], Ok(()), "what still fits is kept");
    assert!(!has_failed(&db));

    set_room(&db, 100_000).await;
    assert_eq!(add_large(&db, 4).await, Ok(()));
}

#[tokio::test]
async fn an_operation_that_shrugs_off_a_full_disk_is_not_half_kept() {
    let db = fresh().await;
    set_room(&db, settings(&db, "page_count").await + 2).await;
    let stubborn = db
        .write(async |mut session: WriteSession| {
            session.execute(ADD, &[1.into(), "first".into()]).await?;
            let sql = "INSERT INTO note (id, sealed) VALUES ($1, $2)";
            let full = session
                .execute(sql, &[2.into(), vec![7_u8; 250_000].into()])
                .await;
            assert_eq!(full, Err(DbError::Full));
            // Without a transaction around it this statement would commit alone.
            let _ignored = session.execute(ADD, &[3.into(), "third".into()]).await;
            Ok::<_, DbError>(())
        })
        .await;
    assert_ne!(stubborn, Err(DbError::Panicked), "the room was not used up");
    let wanted: &[i64] = if stubborn.is_ok() { &[1, 3] } else { &[] };
    assert_eq!(ids(&db).await, wanted, "{stubborn:?}");
}

#[tokio::test]
async fn the_log_does_not_grow_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let options = DbOptions {
        durability: Durability::Normal,
        ..DbOptions::file(&path)
    };
    let db = opened(options).await;
    let page_and_frame = 4_096 + 24;
    for id in 0..1_000 {
        add_large(&db, id).await.expect("room");
    }
    let log = fs::metadata(folder.path().join("store.db-wal"))
        .expect("a log")
        .len();
    let written = 1_000 * 250_000;
    assert!(
        log < 48_200 * page_and_frame && log < written * 4 / 5,
        "the log has {log} bytes"
    );
    #[cfg(target_os = "linux")]
    assert!(
        is_locked(&path),
        "whoever copies the log keeps the engine's locks"
    );
    db.close().await;
    #[cfg(target_os = "linux")]
    assert!(!is_locked(&path), "a closed store is nobody's");
}

/// Whether this process holds a lock on the file, of the kind that closing any handle of it gives up.
#[cfg(target_os = "linux")]
fn is_locked(path: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = fs::metadata(path).expect("a file").ino();
    let locks = fs::read_to_string("/proc/locks").expect("a list of locks");
    let own = format!(" {} ", std::process::id());
    let file = format!(":{inode} ");
    locks
        .lines()
        .any(|lock| lock.contains("POSIX") && lock.contains(&own) && lock.contains(&file))
}

/// The log is cut short behind SQLite's back, so that reading an old page from it fails.
#[tokio::test]
async fn an_operation_that_shrugs_off_a_failed_read_is_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(DbOptions::file(folder.path().join("store.db"))).await;
    add_large(&db, 1).await.expect("room");
    let log = folder.path().join("store.db-wal");
    let stubborn = db
        .write(async move |mut session: WriteSession| {
            session.execute(ADD, &[2.into(), "lost".into()]).await?;
            session
                .engine()
                .connection()
                .release_memory()
                .expect("an empty cache");
            let cut = fs::OpenOptions::new()
                .write(true)
                .open(log)
                .and_then(|log| log.set_len(32));
            cut.expect("a short log");
            let read = session
                .query("SELECT sealed FROM note WHERE id = 1", &[])
                .await;
            assert!(matches!(read, Err(DbError::Failed { .. })), "{read:?}");
            Ok::<_, DbError>(())
        })
        .await;
    assert!(
        matches!(stubborn, Err(DbError::Failed { .. })),
        "{stubborn:?}"
    );
    assert!(has_failed(&db));
    db.close().await;
}

/// A log that is a pipe opens like a file and refuses every write at a position.
#[tokio::test]
async fn a_failed_write_answers_everyone_and_stops_the_store_for_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let db = opened(DbOptions::file(&path)).await;
    add(&db, 1, "before").await.expect("a note");
    db.close().await;
    let pipe = Command::new("mkfifo")
        .arg(folder.path().join("store.db-wal"))
        .status();
    assert!(pipe.expect("mkfifo").success());

    let db = Db::open(DbOptions::file(path)).expect("a store");
    assert!(!has_failed(&db));
    assert_whole_batch_fails(&db).await;
    assert_eq!(ids(&db).await, [1]);
    db.close().await;
}

/// Three operations in one batch, whose commit meets a disk that fails.
pub(super) async fn assert_whole_batch_fails(db: &Db) {
    let held = hold_writer(db).await;
    let first = queued(add(db, 2, "first"));
    let refused = queued(db.write(async |_session: WriteSession| Err::<(), _>(Refused::ByRule)));
    let last = queued(add(db, 3, "last"));
    held.let_go_before_a_failure().await;
    let failed = first.await.expect_err("the disk did not have it");
    assert!(matches!(failed, DbError::Failed { .. }), "{failed}");
    assert_eq!(refused.await, Err(Refused::ByStore(failed.clone())));
    assert_eq!(last.await, Err(failed.clone()));
    let reason = db.failed().await;
    assert_eq!(failed, DbError::Failed { what: reason });
    assert_eq!(
        add(db, 4, "later").await,
        Err(failed),
        "there is no way back"
    );
}

#[tokio::test]
async fn after_a_failure_the_end_leaves_file_and_log_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let log = folder.path().join("store.db-wal");
    let contents = || [&path, &log].map(|file| fs::read(file).expect("a file"));

    let db = opened(DbOptions::file(&path)).await;
    add(&db, 1, "kept").await.expect("a note");
    db.shared.health.fail("the disk broke");
    let before = contents();
    db.close().await;
    assert_eq!(contents(), before, "nobody copies what may not be there");

    let db = opened(DbOptions::file(&path)).await;
    add(&db, 2, "later").await.expect("a note");
    db.close().await;
    assert!(!log.exists(), "a sound end leaves one file");
}
