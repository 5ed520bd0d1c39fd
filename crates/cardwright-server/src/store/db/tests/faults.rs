//! Errors of the disk, injected below SQLite where its system calls leave the process.
//!
//! A test here runs itself again under `strace`, which makes chosen calls on the log fail. Without
//! `strace`, or where tracing is forbidden, it skips itself and says why.

use std::env;
use std::fs;
use std::process::Command;

use super::disk::{add_large, assert_whole_batch_fails, has_failed};
use super::*;

/// Stands beside the store in the directory where the traced process runs.
const MARK: &str = "traced";

/// True in the traced process. In the test itself, prepares a store, runs the test `name` again
/// over it with the fault, and hands on its verdict.
fn is_traced(name: &str, fault: &str) -> bool {
    is_traced_on("store.db-wal", name, fault)
}

/// The same with the fault in another file than the log.
fn is_traced_on(file: &str, name: &str, fault: &str) -> bool {
    if fs::exists(MARK).expect("a directory to look at") {
        return true;
    }
    if !can_trace() {
        #[expect(
            clippy::disallowed_methods,
            reason = "how strict a test run is comes from outside"
        )]
        let required = env::var_os("CARDWRIGHT_REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(!required, "strace is required and cannot trace");
        eprintln!("skipped: strace is missing or may not trace here");
        return false;
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(MARK), "").expect("a mark");
    let path = folder.path().join("store.db");
    blocking(async {
        let db = opened(DbOptions::file(&path)).await;
        add(&db, 1, "before").await.expect("a note");
        db.close().await;
    });
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-P"])
        .arg(folder.path().join(file))
        .args(["-e", fault])
        .arg(env::current_exe().expect("this program"))
        .args([
            "--exact",
            &format!("store::db::tests::faults::{name}"),
            "--nocapture",
        ])
        .current_dir(folder.path())
        .output()
        .expect("a traced run");
    let said = String::from_utf8_lossy(&traced.stdout);
    let complained = String::from_utf8_lossy(&traced.stderr);
    assert!(
        traced.status.success() && said.contains("1 passed"),
        "{said}{complained}"
    );
    false
}

fn can_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-qq", "-o", "/dev/null", "true"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

#[test]
fn a_failed_fsync_answers_everyone_and_stops_the_store_for_good() {
    let fault = "inject=fsync,fdatasync:error=EIO:when=1";
    if is_traced(
        "a_failed_fsync_answers_everyone_and_stops_the_store_for_good",
        fault,
    ) {
        blocking(async {
            let db = Db::open(DbOptions::file("store.db")).expect("a store");
            assert_whole_batch_fails(&db).await;
            assert_eq!(ids(&db).await, [1]);
            db.close().await;
        });
    }
}

#[test]
fn a_log_that_does_not_reach_the_disk_answers_nobody_and_shows_nobody_what_is_in_it() {
    // The engine itself calls the other one.
    let fault = "inject=fdatasync:error=EIO:when=1";
    if is_traced(
        "a_log_that_does_not_reach_the_disk_answers_nobody_and_shows_nobody_what_is_in_it",
        fault,
    ) {
        blocking(async {
            let db = Db::open(DbOptions::file("store.db")).expect("a store");
            assert_eq!(ids(&db).await, [1]);
            assert_whole_batch_fails(&db).await;
            let look =
                async |mut session: ReadSession| session.query("SELECT id FROM note", &[]).await;
            let seen = db.read(look).await;
            assert!(matches!(seen, Err(DbError::Failed { .. })), "{seen:?}");
            let seen = db.glance(look).await;
            assert!(matches!(seen, Err(DbError::Failed { .. })), "{seen:?}");
            db.close().await;
        });
    }
}

#[test]
fn what_an_earlier_run_left_is_on_the_disk_before_anybody_sees_it() {
    // The first of each thread: that of the first writer, then that of who opens the store again.
    let fault = "inject=fdatasync:error=EIO:when=1";
    if is_traced(
        "what_an_earlier_run_left_is_on_the_disk_before_anybody_sees_it",
        fault,
    ) {
        blocking(async {
            let db = Db::open(DbOptions::file("store.db")).expect("a store");
            let failed = add(&db, 2, "in the log").await;
            assert!(matches!(failed, Err(DbError::Failed { .. })), "{failed:?}");
            db.close().await;
            let left = fs::metadata("store.db-wal").expect("the log").len();
            assert!(left > 0, "it stays, for whoever opens the store again");

            let opened = Db::open(DbOptions::file("store.db"));
            assert!(matches!(opened, Err(DbError::Open { .. })), "{opened:?}");
            let db = Db::open(DbOptions::file("store.db")).expect("the disk is back");
            assert_eq!(ids(&db).await, [1, 2], "what is whole is taken");
            db.close().await;
        });
    }
}

#[test]
fn a_disk_found_full_at_the_commit_refuses_its_batch_and_takes_the_next() {
    let fault = "inject=pwrite64:error=ENOSPC:when=1";
    if is_traced(
        "a_disk_found_full_at_the_commit_refuses_its_batch_and_takes_the_next",
        fault,
    ) {
        blocking(async {
            let db = Db::open(DbOptions::file("store.db")).expect("a store");
            let held = hold_writer(&db).await;
            let first = queued(add(&db, 2, "first"));
            let refused =
                queued(db.write(async |_session: WriteSession| Err::<(), _>(Refused::ByRule)));
            held.let_go().await;
            assert_eq!(first.await, Err(DbError::Full));
            assert_eq!(refused.await, Err(Refused::ByStore(DbError::Full)));
            assert!(!has_failed(&db));
            assert_eq!(add(&db, 3, "once there is room").await, Ok(()));
            db.close().await;

            let db = Db::open(DbOptions::file("store.db")).expect("the store again");
            assert_eq!(ids(&db).await, [1, 3]);
            db.close().await;
        });
    }
}

#[test]
fn a_copy_of_the_log_that_does_not_reach_the_disk_stops_the_store_and_leaves_the_log() {
    // The engine calls the other one; only the thread that copies calls this one on the file.
    let fault = "inject=fdatasync:error=EIO:when=1";
    if is_traced_on(
        "store.db",
        "a_copy_of_the_log_that_does_not_reach_the_disk_stops_the_store_and_leaves_the_log",
        fault,
    ) {
        blocking(async {
            let db = Db::open(DbOptions::file("store.db")).expect("a store");
            let mut answered = 0;
            let failed = loop {
                assert!(answered < 1_000, "nobody has copied the log");
                match add_large(&db, answered + 2).await {
                    Ok(()) => answered += 1,
                    Err(failed) => break failed,
                }
            };
            assert!(matches!(failed, DbError::Failed { .. }), "{failed:?}");
            assert!(has_failed(&db));
            db.close().await;
            let left = fs::metadata("store.db-wal").expect("the log").len();
            assert!(left > 0, "it stays, for whoever opens the store again");

            let db = Db::open(DbOptions::file("store.db")).expect("the disk is back");
            let there = i64::try_from(ids(&db).await.len()).expect("a number");
            assert!(
                there > answered,
                "{there} of {answered} answered and one before"
            );
            db.close().await;
        });
    }
}
