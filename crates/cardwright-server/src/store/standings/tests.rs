//! Standings are found without whole cards, and cards of earlier versions keep what they have.

use crate::store::{
    MIGRATIONS,
    db::{Db, DbError, DbOptions, ReadSession, Value, WriteSession},
};

async fn texts(db: &Db, sql: &'static str, parameters: Vec<Value>, column: usize) -> Vec<String> {
    let rows = db.read(async move |mut session: ReadSession| {
        let rows = session.query(sql, &parameters).await?;
        rows.iter()
            .map(|row| row.get::<String>(column))
            .collect::<Result<Vec<_>, DbError>>()
    });
    rows.await.unwrap()
}

async fn written(db: &Db, sql: &'static str) -> Result<(), DbError> {
    db.write(async move |mut session: WriteSession| session.execute(sql, &[]).await.map(drop))
        .await
}

async fn plan(explain: &'static str, key: Value) -> Vec<String> {
    let db = Db::open(DbOptions::temporary()).unwrap();
    db.migrate(MIGRATIONS).await.unwrap();
    let plan = texts(&db, explain, vec![1.into(), key], 3).await;
    db.close().await;
    plan
}

#[tokio::test]
async fn a_standing_is_found_without_a_look_at_the_wide_row_of_its_card() {
    const STANDING: [&str; 3] = [
        "SEARCH card USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH balance USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH terms USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ];
    let by_id = plan(concat!("EXPLAIN QUERY PLAN ", select!("$2")), 2.into());
    assert_eq!(by_id.await, STANDING);
    let explain = concat!("EXPLAIN QUERY PLAN ", by_number!());
    let found = plan(explain, Value::Bytes(vec![2])).await;
    for line in STANDING {
        assert!(found.iter().any(|found| found == line), "{line}: {found:?}");
    }
    let number = "SEARCH card USING COVERING INDEX sqlite_autoindex_card_1 (pan_lookup=?)";
    assert!(found.iter().any(|line| line == number), "{found:?}");
    assert_eq!(found.len(), 5, "{found:?}");
}

/// Two cards with everything that refers to them in the schema of the step before: one of them took
/// the other's place.
const BEFORE: &[&str] = &[
    "INSERT INTO tenant (id, uuid, organization_uuid, name, kyc_mode, created_at) \
     VALUES (1, 'a', 'b', 'demo', 'auto', 5)",
    "INSERT INTO product (id, name, description, bin, scheme, mode, form, category, currency, \
     price, holder_model, holder_required, cards_per_holder, retention, activation, freezing, \
     kyc_verification, validity_months, status) VALUES (9, 'n', 'd', '411111', 'visa', 'prepaid', \
     'virtual', 'c', 'USD', 0, 'm', 0, 5, 0, 1, 1, 0, 36, 'active')",
    "INSERT INTO account_record (tenant, id, kind, currency, name, created_at) \
     VALUES (1, 2, 'wallet', 'USD', 'WALLET', 5), (1, 3, 'card_balance', 'USD', 'CARD', 5)",
    "INSERT INTO holder (tenant, id, kind, first_name, last_name, search_key, kyc_status, kyc_stage, \
     profile, created_at, updated_at) VALUES (1, 4, 'person', 'A', 'B', 'ab', 'k', 's', '{}', 5, 5)",
    "INSERT INTO card (tenant, id, product, holder, account, paying_account, state, state_since, \
     close_reason, blocked_since, stage, embossing_name, expiry_month, pan_sealed, pan_lookup, \
     first_six, last_four, remark, external_id, delivery, created_at, activated_at, updated_at, \
     no_pin_payment, design, last_use) VALUES \
     (1, 7, 9, 4, 3, 2, 'closed', 11, 'lost', 12, 'stage', 'A B', 13, x'01', x'03', '411111', \
     '1111', 'r', 'x', '{}', 14, 15, 16, 17, 18, 'at_work'), \
     (1, 6, 9, NULL, 2, NULL, 'active', NULL, NULL, NULL, 'stage', NULL, 23, x'02', x'04', \
     '411111', '1111', NULL, NULL, NULL, 24, NULL, 26, NULL, NULL, NULL)",
    "INSERT INTO card_order (tenant, id, kind, number, card, status, currency, amount, fee, \
     created_at, updated_at) VALUES (1, 30, 'k', 'n', 7, 's', 'USD', 0, 0, 5, 5)",
    "INSERT INTO card_pin (tenant, card, value, wrong_tries, updated_at) VALUES (1, 6, zeroblob(32), 0, 5)",
    "INSERT INTO card_replacement (tenant, card, replacement, reason, created_at) \
     VALUES (1, 7, 6, 'lost', 5)",
    "INSERT INTO shipment (tenant, card, updated_at) VALUES (1, 7, 5)",
];

const CARDS: &str = "\
    SELECT tenant || ' ' || id || ' ' || product || ' ' || COALESCE(holder, '-') || ' ' || account \
    || ' ' || COALESCE(paying_account, '-') || ' ' || state || ' ' || COALESCE(state_since, '-') \
    || ' ' || COALESCE(close_reason, '-') || ' ' || COALESCE(blocked_since, '-') || ' ' || stage \
    || ' ' || COALESCE(embossing_name, '-') || ' ' || expiry_month || ' ' || hex(pan_sealed) || ' ' \
    || hex(pan_lookup) || ' ' || first_six || ' ' || last_four || ' ' || COALESCE(remark, '-') \
    || ' ' || COALESCE(external_id, '-') || ' ' || COALESCE(delivery, '-') || ' ' || created_at \
    || ' ' || COALESCE(activated_at, '-') || ' ' || updated_at || ' ' \
    || COALESCE(no_pin_payment, '-') || ' ' || COALESCE(design, '-') || ' ' \
    || COALESCE(last_use, '-') FROM card ORDER BY id";

const STANDINGS: &str = "\
    SELECT tenant || ' ' || card || ' ' || product || ' ' || account || ' ' || state || ' ' \
    || COALESCE(state_since, '-') || ' ' || COALESCE(close_reason, '-') || ' ' \
    || COALESCE(blocked_since, '-') || ' ' || expiry_month || ' ' || COALESCE(no_pin_payment, '-') \
    FROM card_standing ORDER BY card";

/// A store in which cards were found by an index, with two cards.
async fn earlier() -> Db {
    let steps = MIGRATIONS.iter();
    let steps = steps.take_while(|step| step.name != "cards").count();
    let db = Db::open(DbOptions::temporary()).unwrap();
    db.migrate(&MIGRATIONS[..steps]).await.unwrap();
    for sql in BEFORE {
        assert_eq!(written(&db, sql).await, Ok(()), "{sql}");
    }
    db
}

#[tokio::test]
async fn cards_of_an_earlier_version_keep_what_they_have_and_who_refers_to_them() {
    let db = earlier().await;
    let before = texts(&db, CARDS, Vec::new(), 0).await;
    assert_eq!(
        before,
        [
            "1 6 9 - 2 - active - - - stage - 23 02 04 411111 1111 - - - 24 - 26 - - -",
            "1 7 9 4 3 2 closed 11 lost 12 stage A B 13 01 03 411111 1111 r x {} 14 15 16 17 18 \
             at_work"
        ]
    );
    db.migrate(MIGRATIONS).await.unwrap();
    assert_eq!(texts(&db, CARDS, Vec::new(), 0).await, before);
    let broken = "SELECT \"table\" FROM pragma_foreign_key_check";
    assert!(texts(&db, broken, Vec::new(), 0).await.is_empty());
    for orphan in [
        "INSERT INTO card_pin (tenant, card, value, wrong_tries, updated_at) \
         VALUES (1, 99, zeroblob(32), 0, 5)",
        "UPDATE card_order SET card = 99",
        "DELETE FROM card WHERE id = 6",
        "DELETE FROM card WHERE id = 7",
        "UPDATE card SET account = 99 WHERE id = 6",
        "UPDATE card SET holder = 99 WHERE id = 6",
        "UPDATE card SET pan_lookup = x'03' WHERE id = 6",
    ] {
        let refused = written(&db, orphan).await;
        assert!(
            matches!(
                refused,
                Err(DbError::Constraint { .. } | DbError::Conflict { .. })
            ),
            "{orphan}: {refused:?}"
        );
    }
    db.close().await;
}

#[tokio::test]
async fn a_standing_says_what_its_card_says_from_its_beginning_to_its_end() {
    let db = earlier().await;
    db.migrate(MIGRATIONS).await.unwrap();
    assert_eq!(
        texts(&db, STANDINGS, Vec::new(), 0).await,
        [
            "1 6 9 2 active - - - 23 -",
            "1 7 9 3 closed 11 lost 12 13 17"
        ]
    );
    for sql in [
        "UPDATE card SET state = 'frozen', state_since = 31, blocked_since = 32, no_pin_payment = 33 \
         WHERE id = 6",
        "UPDATE card SET account = 2, expiry_month = 34 WHERE id = 7",
        "INSERT INTO card (tenant, id, product, account, state, stage, expiry_month, pan_sealed, \
         pan_lookup, first_six, last_four, created_at, updated_at) \
         VALUES (1, 8, 9, 3, 'active', 'stage', 35, x'05', x'06', '411111', '1111', 5, 5)",
        "DELETE FROM card_pin",
        "DELETE FROM card_replacement",
        "DELETE FROM card_order",
        "DELETE FROM shipment",
    ] {
        assert_eq!(written(&db, sql).await, Ok(()), "{sql}");
    }
    assert_eq!(
        texts(&db, STANDINGS, Vec::new(), 0).await,
        [
            "1 6 9 2 frozen 31 - 32 23 33",
            "1 7 9 2 closed 11 lost 12 34 17",
            "1 8 9 3 active - - - 35 -"
        ]
    );
    // Whatever became of a standing, the next change of its card puts it right.
    for sql in [
        "DELETE FROM card_standing WHERE card = 7",
        "UPDATE card_standing SET state = 'closed', tenant = 2 WHERE card = 6",
        "UPDATE card SET updated_at = 40",
    ] {
        assert_eq!(written(&db, sql).await, Ok(()), "{sql}");
    }
    assert_eq!(
        texts(&db, STANDINGS, Vec::new(), 0).await,
        [
            "1 6 9 2 frozen 31 - 32 23 33",
            "1 7 9 2 closed 11 lost 12 34 17",
            "1 8 9 3 active - - - 35 -"
        ]
    );
    written(&db, "DELETE FROM card WHERE id <> 8")
        .await
        .unwrap();
    assert_eq!(
        texts(&db, STANDINGS, Vec::new(), 0).await,
        ["1 8 9 3 active - - - 35 -"]
    );
    db.close().await;
}
