//! The schema moves forward or not at all.

use super::*;

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    references: References::Kept,
    sql: "CREATE TABLE one (id INTEGER) STRICT;",
};
const SECOND: Migration = Migration {
    version: 2,
    name: "second",
    references: References::Kept,
    sql: "CREATE TABLE two (id INTEGER) STRICT; INSERT INTO two VALUES (2);",
};
const BROKEN: Migration = Migration {
    version: 2,
    name: "broken",
    references: References::Kept,
    sql: "CREATE TABLE half (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);",
};

static ONE: [Migration; 1] = [FIRST];
static TWO: [Migration; 2] = [FIRST, SECOND];
static GAP: [Migration; 1] = [SECOND];
static HALF: [Migration; 2] = [FIRST, BROKEN];
static CHANGED: [Migration; 2] = [
    Migration {
        sql: "CREATE TABLE one (id INTEGER, more TEXT) STRICT;",
        ..FIRST
    },
    SECOND,
];

fn empty() -> Db {
    Db::open(DbOptions::temporary()).expect("a store")
}

async fn tables(db: &Db) -> Vec<String> {
    db.read(async |mut session: ReadSession| {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let rows = session.query(sql, &[]).await?;
        rows.iter()
            .map(|row| row.get(0))
            .collect::<Result<_, DbError>>()
    })
    .await
    .expect("a list of tables")
}

async fn refusal(db: &Db, migrations: &'static [Migration]) -> String {
    match db.migrate(migrations).await {
        Err(DbError::Migration { what }) => what,
        other => panic!("expected a refused migration, got {other:?}"),
    }
}

#[tokio::test]
async fn migrations_apply_once_and_in_order() {
    let db = empty();
    assert_eq!(db.migrate(&ONE).await, Ok(()));
    assert_eq!(tables(&db).await, ["one", "schema_migration"]);
    for _again in 0..2 {
        assert_eq!(db.migrate(&TWO).await, Ok(()));
    }
    assert_eq!(tables(&db).await, ["one", "schema_migration", "two"]);
}

#[tokio::test]
async fn a_migration_changed_after_it_was_applied_is_named() {
    let db = empty();
    db.migrate(&ONE).await.expect("the first");
    assert_eq!(
        refusal(&db, &CHANGED).await,
        "1 (first) was changed after it had been applied"
    );
    assert_eq!(tables(&db).await, ["one", "schema_migration"]);
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused() {
    let db = empty();
    db.migrate(&TWO).await.expect("both");
    let what = refusal(&db, &ONE).await;
    assert_eq!(
        what,
        "the file has 2 (second), which this program is too old for"
    );
}

#[tokio::test]
async fn a_gap_in_the_program_s_history_is_refused() {
    let db = empty();
    assert_eq!(
        refusal(&db, &GAP).await,
        "2 (second) stands where 1 is expected"
    );
    assert_eq!(tables(&db).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_gap_in_the_file_s_history_is_refused() {
    let db = empty();
    db.migrate(&TWO).await.expect("both");
    db.write(async |mut session: WriteSession| {
        session
            .execute("DELETE FROM schema_migration WHERE version = 1", &[])
            .await
    })
    .await
    .expect("a file somebody tampered with");
    assert_eq!(
        refusal(&db, &TWO).await,
        "the file has 2 (second) but not 1"
    );
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_itself() {
    let db = empty();
    let what = refusal(&db, &HALF).await;
    assert!(what.starts_with("2 (broken): "), "{what}");
    assert_eq!(
        tables(&db).await,
        ["one", "schema_migration"],
        "the first one stands"
    );
    assert_eq!(db.migrate(&TWO).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_may_migrate_the_same_file_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let open = || Db::open(DbOptions::file(&path)).expect("a store");
    let (left, right) = (open(), open());
    let other = tokio::spawn({
        let right = right.clone();
        async move { right.migrate(&TWO).await }
    });
    assert_eq!(left.migrate(&TWO).await, Ok(()));
    assert_eq!(other.await.expect("the other program"), Ok(()));
    assert_eq!(tables(&left).await, tables(&right).await);
    left.close().await;
    right.close().await;
}

const PARENT_AND_CHILD: Migration = Migration {
    version: 1,
    name: "parent and child",
    references: References::Kept,
    sql: "CREATE TABLE parent (tenant INTEGER, id INTEGER, PRIMARY KEY (tenant, id)) STRICT;
          CREATE TABLE child (tenant INTEGER, parent INTEGER,
              FOREIGN KEY (tenant, parent) REFERENCES parent (tenant, id)) STRICT;
          INSERT INTO parent VALUES (1, 2), (1, 3);
          INSERT INTO child VALUES (1, 2), (1, 3);",
};
const REBUILT: Migration = Migration {
    version: 2,
    name: "rebuilt",
    references: References::Rebuilt,
    sql: "CREATE TABLE anew (tenant INTEGER, id INTEGER PRIMARY KEY, UNIQUE (tenant, id)) STRICT;
          INSERT INTO anew SELECT tenant, id FROM parent;
          DROP TABLE parent;
          ALTER TABLE anew RENAME TO parent;",
};
const LOST: Migration = Migration {
    sql: "CREATE TABLE anew (tenant INTEGER, id INTEGER PRIMARY KEY, UNIQUE (tenant, id)) STRICT;
          INSERT INTO anew SELECT tenant, id FROM parent WHERE id <> 3;
          DROP TABLE parent;
          ALTER TABLE anew RENAME TO parent;",
    ..REBUILT
};

static PARENT: [Migration; 1] = [PARENT_AND_CHILD];
static ANEW: [Migration; 2] = [PARENT_AND_CHILD, REBUILT];
static WITHOUT_ONE: [Migration; 2] = [PARENT_AND_CHILD, LOST];

async fn written(db: &Db, sql: &'static str) -> Result<u64, DbError> {
    db.write(async move |mut session: WriteSession| session.execute(sql, &[]).await)
        .await
}

#[tokio::test]
async fn what_others_refer_to_can_be_replaced_and_is_referred_to_as_before() {
    let db = empty();
    db.migrate(&PARENT).await.expect("the first");
    // Statements that know the former table are compiled anew.
    let more = "INSERT INTO parent VALUES (1, (SELECT COUNT(*) FROM parent) * 10)";
    assert_eq!(written(&db, more).await, Ok(1));
    for _again in 0..2 {
        assert_eq!(db.migrate(&ANEW).await, Ok(()));
    }
    assert_eq!(tables(&db).await, ["child", "parent", "schema_migration"]);
    assert_eq!(written(&db, more).await, Ok(1));
    for orphan in [
        "INSERT INTO child VALUES (1, 4)",
        "DELETE FROM parent WHERE id = 3",
    ] {
        let refused = written(&db, orphan).await;
        assert!(
            matches!(refused, Err(DbError::Constraint { .. })),
            "{orphan}: {refused:?}"
        );
    }
    assert_eq!(
        written(&db, "INSERT INTO child VALUES (1, 30)").await,
        Ok(1)
    );
    db.close().await;
}

#[tokio::test]
async fn a_replacement_without_what_is_referred_to_leaves_everything_as_it_was() {
    let db = empty();
    db.migrate(&PARENT).await.expect("the first");
    assert_eq!(
        refusal(&db, &WITHOUT_ONE).await,
        "2 (rebuilt): a row of child refers to no parent"
    );
    assert_eq!(tables(&db).await, ["child", "parent", "schema_migration"]);
    assert_eq!(
        written(&db, "INSERT INTO child SELECT tenant, id FROM parent").await,
        Ok(2)
    );
    assert_eq!(db.migrate(&ANEW).await, Ok(()));
    db.close().await;
}
