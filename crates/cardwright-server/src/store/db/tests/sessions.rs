//! What an operation can say, and what it cannot.

use super::*;

/// Runs one statement and tells how it ended.
async fn say(db: &Db, sql: &'static str) -> Result<u64, DbError> {
    db.write(async move |mut session: WriteSession| session.execute(sql, &[]).await)
        .await
}

#[tokio::test]
async fn parameters_are_numbered_wherever_and_however_often_they_stand() {
    let db = fresh().await;
    let row = db
        .read(async |mut session: ReadSession| {
            let sql = "SELECT $3, $1, $2, $1, '$2' WHERE $2 = 'two' -- $4";
            session
                .one(sql, &[1.into(), "two".into(), vec![3_u8].into()])
                .await
        })
        .await
        .expect("a row");
    let mut columns = row.reader();
    assert_eq!(columns.next::<Vec<u8>>(), Ok(vec![3]));
    assert_eq!(columns.next::<i64>(), Ok(1));
    assert_eq!(columns.next::<String>(), Ok("two".to_owned()));
    assert_eq!(columns.next::<Option<i64>>(), Ok(Some(1)));
    assert_eq!(columns.next::<String>(), Ok("$2".to_owned()));
    let missing = DbError::Corrupt {
        what: "column 5 is missing".to_owned(),
    };
    assert_eq!(columns.next::<i64>(), Err(missing));
}

#[tokio::test]
async fn a_statement_is_compiled_once_whatever_its_parameters_become() {
    let db = fresh().await;
    let compiled_again = db
        .read(async |mut session: ReadSession| {
            let sql = "SELECT id FROM note WHERE amount = $1 AND sealed = $2 ORDER BY body";
            for amount in [0, 1, 7, 0] {
                session
                    .query(sql, &[amount.into(), vec![1_u8].into()])
                    .await?;
            }
            Ok::<_, DbError>(session.engine().compiled_again(sql))
        })
        .await;
    assert_eq!(compiled_again, Ok(0));
}

#[tokio::test]
async fn a_column_of_another_type_is_corrupt_and_keeps_its_value_to_itself() {
    let db = fresh().await;
    let row = db
        .read(async |mut session: ReadSession| session.one("SELECT 'secret', NULL", &[]).await)
        .await
        .expect("a row");
    let error = row.get::<i64>(0).expect_err("text is no integer");
    assert_eq!(
        error,
        DbError::Corrupt {
            what: "column 0: wanted an integer, found text".to_owned()
        }
    );
    assert_eq!(row.get::<Option<String>>(1), Ok(None));
    assert!(row.get::<String>(1).is_err());
    assert!(!format!("{row:?}").contains("secret"));
}

#[tokio::test]
async fn a_floating_point_number_never_comes_out() {
    let db = fresh().await;
    let answer = db
        .read(async |mut session: ReadSession| session.one("SELECT 1.5", &[]).await)
        .await;
    assert!(matches!(answer, Err(DbError::Corrupt { .. })), "{answer:?}");
}

#[tokio::test]
async fn nulls_and_bytes_come_back_as_they_went_in() {
    let db = fresh().await;
    let row = db
        .write(async |mut session: WriteSession| {
            let sql = "INSERT INTO note (id, body, sealed) VALUES ($1, $2, $3)
                       RETURNING body, sealed";
            let sealed: &[u8] = &[0, 255, 39];
            session
                .one(sql, &[1.into(), None::<&str>.into(), sealed.into()])
                .await
        })
        .await
        .expect("a row");
    assert_eq!(row.get::<Option<String>>(0), Ok(None));
    assert_eq!(row.get::<Vec<u8>>(1), Ok(vec![0, 255, 39]));
}

#[tokio::test]
async fn the_one_row_there_must_be_is_neither_none_nor_two() {
    let db = fresh().await;
    add(&db, 1, "first").await.expect("a note");
    add(&db, 2, "second").await.expect("a note");
    let found = db
        .read(async |mut session: ReadSession| {
            let sql = "SELECT id FROM note WHERE id >= $1 ORDER BY id";
            let none = session.one(sql, &[3.into()]).await;
            let one = session.one(sql, &[2.into()]).await?.get::<i64>(0)?;
            let two = session.optional(sql, &[1.into()]).await;
            Ok::<_, DbError>((none, one, two))
        })
        .await
        .expect("three answers");
    assert!(matches!(found.0, Err(DbError::Corrupt { .. })));
    assert_eq!(found.1, 2);
    assert!(matches!(found.2, Err(DbError::Corrupt { .. })));
}

#[tokio::test]
async fn nested_parts_stack_and_are_undone_alone() {
    let db = fresh().await;
    let kept = db
        .write(async |mut session: WriteSession| {
            session.execute(ADD, &[1.into(), "outside".into()]).await?;
            session.begin_nested().await?;
            session
                .execute(ADD, &[2.into(), "kept part".into()])
                .await?;
            session.begin_nested().await?;
            session
                .execute(ADD, &[3.into(), "undone part".into()])
                .await?;
            session.rollback_nested().await?;
            session
                .execute(ADD, &[4.into(), "after the undone".into()])
                .await?;
            session.commit_nested().await?;
            session.begin_nested().await?;
            session
                .execute(ADD, &[5.into(), "second part".into()])
                .await?;
            session.begin_nested().await?;
            session
                .execute(ADD, &[6.into(), "kept in an undone part".into()])
                .await?;
            session.commit_nested().await?;
            session.rollback_nested().await?;
            Ok::<_, DbError>(())
        })
        .await;
    assert_eq!(kept, Ok(()));
    assert_eq!(ids(&db).await, [1, 2, 4]);
}

#[tokio::test]
async fn a_nested_part_left_open_undoes_the_operation() {
    let db = fresh().await;
    let left_open = db
        .write(async |mut session: WriteSession| {
            session.begin_nested().await?;
            session.execute(ADD, &[1.into(), "lost".into()]).await?;
            Ok::<_, DbError>(())
        })
        .await;
    assert!(
        matches!(left_open, Err(DbError::Misuse { .. })),
        "{left_open:?}"
    );
    let not_open = db
        .write(async |mut session: WriteSession| session.commit_nested().await)
        .await;
    assert!(
        matches!(not_open, Err(DbError::Misuse { .. })),
        "{not_open:?}"
    );
    assert_eq!(ids(&db).await, Vec::<i64>::new());
}

#[tokio::test]
async fn a_read_cannot_write() {
    let db = fresh().await;
    let answer = db
        .read(async |mut session: ReadSession| {
            session
                .query("INSERT INTO note (id) VALUES (1) RETURNING id", &[])
                .await
        })
        .await;
    assert_eq!(answer, Err(DbError::ReadOnly));
    let answer = db
        .read(async |mut session: ReadSession| session.query("PRAGMA query_only = OFF", &[]).await)
        .await;
    assert!(matches!(answer, Err(DbError::Misuse { .. })), "{answer:?}");
    assert_eq!(ids(&db).await, Vec::<i64>::new());
}

#[tokio::test]
async fn broken_rules_are_told_apart() {
    let db = fresh().await;
    add(&db, 1, "first").await.expect("a note");
    let conflict = |what: &str| {
        Err(DbError::Conflict {
            what: what.to_owned(),
        })
    };
    assert_eq!(add(&db, 1, "again").await, conflict("note.id"));
    assert_eq!(add(&db, 2, "first").await, conflict("note.body"));
    for sql in [
        "INSERT INTO note (id, amount) VALUES (2, -1)",
        "INSERT INTO note (id, amount) VALUES (2, NULL)",
        "INSERT INTO note (id, amount) VALUES (2, 'many')",
        "INSERT INTO entry (id, note) VALUES (1, 99)",
    ] {
        let answer = say(&db, sql).await;
        assert!(
            matches!(answer, Err(DbError::Constraint { .. })),
            "{sql}: {answer:?}"
        );
    }
    assert!(matches!(
        say(&db, "INSERT INTO nowhere VALUES (1)").await,
        Err(DbError::Engine { .. })
    ));
}

#[tokio::test]
async fn an_append_only_table_says_no_in_its_own_words() {
    let db = fresh().await;
    add(&db, 1, "first").await.expect("a note");
    assert_eq!(
        say(&db, "INSERT INTO entry (id, note) VALUES (7, 1)").await,
        Ok(1)
    );
    let refused = |what: &str| {
        Err(DbError::Constraint {
            what: what.to_owned(),
        })
    };
    let never_deleted = "entries are never deleted";
    assert_eq!(
        say(&db, "UPDATE entry SET note = 1").await,
        refused("entries are never rewritten")
    );
    assert_eq!(say(&db, "DELETE FROM entry").await, refused(never_deleted));
    let replaced = say(&db, "INSERT OR REPLACE INTO entry (id, note) VALUES (7, 1)").await;
    assert_eq!(replaced, refused(never_deleted));
}

#[tokio::test]
async fn using_the_store_wrongly_is_named_as_such() {
    let db = fresh().await;
    for sql in [
        "INSERT INTO note (id) VALUES ($1)",
        "INSERT INTO note (id) VALUES (1) RETURNING id",
        "INSERT INTO note (id) VALUES (1); INSERT INTO note (id) VALUES (2)",
        "COMMIT",
        "DROP TABLE note",
    ] {
        let answer = say(&db, sql).await;
        assert!(
            matches!(answer, Err(DbError::Misuse { .. })),
            "{sql}: {answer:?}"
        );
    }
    assert_eq!(ids(&db).await, Vec::<i64>::new());
}

#[tokio::test]
async fn no_error_and_no_debug_text_repeats_a_value() {
    let db = fresh().await;
    add(&db, 1, "tell-nobody").await.expect("a note");
    let clash = add(&db, 2, "tell-nobody")
        .await
        .expect_err("the note is there");
    let wrong_type = db
        .write(async |mut session: WriteSession| {
            let sql = "INSERT INTO note (id, amount) VALUES ($1, $2)";
            session
                .execute(sql, &[3.into(), "tell-nobody".into()])
                .await
        })
        .await
        .expect_err("text is no amount");
    for error in [clash, wrong_type] {
        assert!(
            !format!("{error} {error:?}").contains("tell-nobody"),
            "{error}"
        );
    }
    let values = [
        Value::from("tell-nobody"),
        Value::from(b"tell-nobody".to_vec()),
    ];
    assert_eq!(format!("{values:?}"), "[Text(11 bytes), Bytes(11 bytes)]");
}
