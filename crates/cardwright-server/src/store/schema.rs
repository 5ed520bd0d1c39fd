//! The schema's history: forward only, each step once, none ever edited.

use super::db::{Migration, References};

/// Every step, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "skeleton",
        sql: include_str!("0001_skeleton.sql"),
        references: References::Kept,
    },
    Migration {
        version: 2,
        name: "ledger",
        sql: include_str!("0002_ledger.sql"),
        references: References::Kept,
    },
    Migration {
        version: 3,
        name: "authorizations",
        sql: include_str!("0003_authorizations.sql"),
        references: References::Kept,
    },
    Migration {
        version: 4,
        name: "controls",
        sql: include_str!("0004_controls.sql"),
        references: References::Kept,
    },
    Migration {
        version: 5,
        name: "operators",
        sql: include_str!("0005_operators.sql"),
        references: References::Kept,
    },
    Migration {
        version: 6,
        name: "clock",
        sql: include_str!("0006_clock.sql"),
        references: References::Kept,
    },
    Migration {
        version: 7,
        name: "counterparts",
        sql: include_str!("0007_counterparts.sql"),
        references: References::Kept,
    },
    Migration {
        version: 8,
        name: "fewer_pages",
        sql: include_str!("0008_fewer_pages.sql"),
        references: References::Kept,
    },
    Migration {
        version: 9,
        name: "holder_files",
        sql: include_str!("0009_holder_files.sql"),
        references: References::Kept,
    },
    Migration {
        version: 10,
        name: "wallets",
        sql: include_str!("0010_wallets.sql"),
        references: References::Kept,
    },
    Migration {
        version: 11,
        name: "orders",
        sql: include_str!("0011_orders.sql"),
        references: References::Kept,
    },
    Migration {
        version: 12,
        name: "queries",
        sql: include_str!("0012_queries.sql"),
        references: References::Kept,
    },
    Migration {
        version: 13,
        name: "callers",
        sql: include_str!("0013_callers.sql"),
        references: References::Kept,
    },
    Migration {
        version: 14,
        name: "issuing",
        sql: include_str!("0014_issuing.sql"),
        references: References::Kept,
    },
    Migration {
        version: 15,
        name: "endpoints",
        sql: include_str!("0015_endpoints.sql"),
        references: References::Kept,
    },
    Migration {
        version: 16,
        name: "deliveries",
        sql: include_str!("0016_deliveries.sql"),
        references: References::Kept,
    },
    Migration {
        version: 17,
        name: "corrections",
        sql: include_str!("0017_corrections.sql"),
        references: References::Kept,
    },
    Migration {
        version: 18,
        name: "card_ids",
        sql: include_str!("0018_card_ids.sql"),
        references: References::Kept,
    },
    Migration {
        version: 19,
        name: "deliveries",
        sql: include_str!("0019_deliveries.sql"),
        references: References::Kept,
    },
    Migration {
        version: 20,
        name: "standings",
        sql: include_str!("0020_standings.sql"),
        references: References::Kept,
    },
    Migration {
        version: 21,
        name: "card_life",
        sql: include_str!("0021_card_life.sql"),
        references: References::Kept,
    },
    Migration {
        version: 22,
        name: "deposits",
        sql: include_str!("0022_deposits.sql"),
        references: References::Kept,
    },
    Migration {
        version: 23,
        name: "numbers",
        sql: include_str!("0023_numbers.sql"),
        references: References::Kept,
    },
    Migration {
        version: 24,
        name: "events",
        sql: include_str!("0024_events.sql"),
        references: References::Kept,
    },
    Migration {
        version: 25,
        name: "balances",
        sql: include_str!("0025_balances.sql"),
        references: References::Kept,
    },
    Migration {
        version: 26,
        name: "cards",
        sql: include_str!("0026_cards.sql"),
        references: References::Rebuilt,
    },
    Migration {
        version: 27,
        name: "holds",
        sql: include_str!("0027_holds.sql"),
        references: References::Kept,
    },
];

#[cfg(test)]
mod tests {
    use super::super::db::{Db, DbError, DbOptions, ReadSession, WriteSession};
    use super::*;

    /// What the first seven steps left, as the last program before the eighth wrote it.
    const BEFORE: [&str; 4] = [
        "INSERT INTO tenant (id, uuid, organization_uuid, name, kyc_mode, created_at) \
         VALUES (1, 'a', 'b', 'demo', 'auto', 5)",
        "INSERT INTO event (tenant, id, kind, subject_kind, subject_id, subject_sequence, facts, \
         created_at) VALUES (1, 9, 'card_issued', 'card', 4, 1, '{}', 6), \
         (1, 8, 'card_frozen', 'card', 4, 2, '{\"card\":4}', 7)",
        "INSERT INTO audit (tenant, id, actor_kind, actor_id, action, subject_kind, subject_id, \
         outcome, address, claimed_for, claimed_from, request_id, at) VALUES \
         (1, 10, 'user', '3', 'card.freeze', 'card', '4', 'done', '127.0.0.1', NULL, 'shop', 'r', 7)",
        "INSERT INTO sequence (name, value) VALUES ('record_id', 10)",
    ];

    async fn rows(db: &Db, sql: &'static str) -> Vec<String> {
        db.read(async move |mut session: ReadSession| {
            let rows = session.query(sql, &[]).await?;
            rows.iter()
                .map(|row| row.get(0))
                .collect::<Result<_, DbError>>()
        })
        .await
        .expect("rows")
    }

    #[tokio::test]
    async fn fewer_pages_keep_every_event_and_audit_row_and_their_guards() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(&MIGRATIONS[..7]).await.expect("seven steps");
        for sql in BEFORE {
            let written = db.write(async move |mut session: WriteSession| {
                session.execute(sql, &[]).await.map(drop)
            });
            written.await.expect("a row");
        }
        db.migrate(MIGRATIONS).await.expect("all steps");
        let events = "SELECT id || kind || subject_kind || subject_id || facts || created_at \
                      FROM event ORDER BY tenant, id";
        assert_eq!(
            rows(&db, events).await,
            ["8card_frozencard4{\"card\":4}7", "9card_issuedcard4{}6"]
        );
        let audit = "SELECT id || actor_kind || actor_id || action || subject_id || outcome || \
                     address || COALESCE(claimed_for, '-') || claimed_from || request_id || at \
                     FROM audit";
        assert_eq!(
            rows(&db, audit).await,
            ["10user3card.freeze4done127.0.0.1-shopr7"]
        );
        for sql in [
            "UPDATE event SET facts = ''",
            "DELETE FROM event",
            "UPDATE audit SET outcome = ''",
            "DELETE FROM audit",
        ] {
            let forbidden: Result<(), DbError> = db
                .write(async move |mut session: WriteSession| {
                    session.execute(sql, &[]).await.map(drop)
                })
                .await;
            assert!(
                matches!(&forbidden, Err(DbError::Constraint { what }) if what.contains("append-only")),
                "{sql}: {forbidden:?}"
            );
        }
        db.close().await;
    }

    #[tokio::test]
    async fn holds_stay_as_they_are_under_the_same_rules() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(&MIGRATIONS[..26]).await.expect("26 steps");
        let place = "INSERT INTO hold (tenant, id, payer, receiver, currency, amount, posted, \
                     voided, state, created_at, ended_at) VALUES (2, 9, 3, 4, 'EUR', 70, 0, 0, \
                     'open', 5, NULL), (1, 8, 3, 4, 'USD', 70, 60, 10, 'posted', 5, 6), \
                     (1, 7, 4, 3, 'USD', 70, 0, 70, 'voided', 5, 7), \
                     (1, 6, 3, 4, 'USD', 70, 20, 50, 'expired', 5, 8)";
        let write = async |sql: &'static str| -> Result<(), DbError> {
            db.write(async move |mut session: WriteSession| {
                session.execute(sql, &[]).await.map(drop)
            })
            .await
        };
        write(place).await.expect("four holds");
        let all = "SELECT concat_ws(' ', tenant, id, payer, receiver, currency, amount, posted, \
                   voided, state, created_at, COALESCE(ended_at, '-')) FROM hold \
                   ORDER BY tenant, id";
        let before = rows(&db, all).await;
        assert_eq!(before[0], "1 6 3 4 USD 70 20 50 expired 5 8");
        db.migrate(MIGRATIONS).await.expect("all steps");
        assert_eq!(rows(&db, all).await, before);
        // Each breaks one rule and keeps all others.
        for wrong in [
            "UPDATE hold SET state = 'gone' WHERE id = 8",
            "UPDATE hold SET posted = 71 WHERE id = 8",
            "UPDATE hold SET posted = -1 WHERE id = 9",
            "UPDATE hold SET voided = -1 WHERE id = 9",
            "UPDATE hold SET ended_at = 9 WHERE id = 9",
            "UPDATE hold SET state = 'voided', ended_at = 9 WHERE id = 9",
            "UPDATE hold SET receiver = payer WHERE id = 9",
            "UPDATE hold SET amount = 0, state = 'voided', ended_at = 9 WHERE id = 9",
            "UPDATE hold SET created_at = 'soon' WHERE id = 9",
            "UPDATE hold SET state = NULL WHERE id = 9",
            "UPDATE hold SET currency = NULL WHERE id = 9",
        ] {
            let refused = write(wrong).await;
            assert!(
                matches!(&refused, Err(DbError::Constraint { .. })),
                "{wrong}: {refused:?}"
            );
        }
        db.close().await;
    }

    /// Just so much of the tables as step `numbers` looks at, with a fee of each sort: for a payment,
    /// for a stranger's, for a settlement, for nothing.
    const FEES: &str = "
        CREATE TABLE card_authorization (tenant INTEGER, id INTEGER, number INTEGER);
        CREATE TABLE card_fee (tenant INTEGER, id INTEGER, origin TEXT);
        CREATE TABLE login_pressure (tenant INTEGER);
        INSERT INTO card_authorization VALUES (1, 71, 251001435963146785), (2, 72, 251001435963146786);
        INSERT INTO card_fee VALUES (1, 1, '251001435963146785'), (1, 2, '251001435963146786'),
            (1, 3, '72'), (1, 4, NULL);
    ";

    #[tokio::test]
    async fn fees_are_named_by_the_record_of_what_they_were_for() {
        let steps = [
            ("fees", FEES),
            ("numbers", include_str!("0023_numbers.sql")),
        ];
        let steps: Vec<Migration> = (1..)
            .zip(steps)
            .map(|(version, (name, sql))| Migration {
                version,
                name,
                sql,
                references: References::Kept,
            })
            .collect();
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(steps.leak()).await.expect("both steps");
        let origins = "SELECT COALESCE(origin, '-') FROM card_fee ORDER BY id";
        assert_eq!(
            rows(&db, origins).await,
            ["71", "251001435963146786", "72", "-"]
        );
        db.close().await;
    }
}
