//! `ledger verify` finds every kind of damage, and nothing where there is none.

use std::fs;

use cardwright_core::{
    AccountId, AccountKind, Amount, Currency, HoldEnd, HoldId, Transfer, TransferKind,
};
use cardwright_server::{
    ops,
    store::{
        MIGRATIONS, Tx, accounts,
        db::{Db, DbOptions, Migration, References},
        journal::{self, Cause, FloorRule, HoldUse, NewHold, Posting, Rest, VoidWhat},
        verify::Violation,
    },
};

use super::beneath;
use crate::harness::{Disk, TestApp};

fn usd(minor: i64) -> Amount {
    Amount::from_minor(minor, Currency::USD).unwrap()
}

async fn hold(tx: &mut Tx, (payer, receiver): (AccountId, AccountId), minor: i64) -> HoldId {
    let id = HoldId::new(tx.next_id().await.unwrap()).unwrap();
    let new = NewHold {
        id,
        payer,
        receiver,
        amount: usd(minor),
        floor: FloorRule::Keep,
    };
    journal::hold(tx, &new).await.unwrap().id
}

/// A ledger with something of everything: entries of one and of two transfers, with and without an
/// order, and holds in every state, the open one of an order.
async fn busy(app: TestApp) -> TestApp {
    app.tenant("another").await;
    let tenant = app.tenant_id(&app.demo).await;
    app.fincard().await.card("order-0000000000001", None).await;
    let wallet = app.demo.wallet;
    beneath::write(&app, tenant, async move |tx| {
        let outside = accounts::book(tx, AccountKind::ExternalFunding, Currency::USD).await?;
        let between = (wallet, outside.id);
        hold(tx, between, 10).await;
        let voided = hold(tx, between, 20).await;
        journal::void(tx, voided, VoidWhat::Rest, HoldEnd::Voided).await?;
        let expired = hold(tx, between, 30).await;
        journal::void(tx, expired, VoidWhat::Rest, HoldEnd::Expired).await?;
        let posted = hold(tx, between, 40).await;
        let used = HoldUse {
            hold: posted,
            release: usd(15),
            rest: Rest::Keep,
        };
        let transfer = Transfer::new(wallet, outside.id, usd(15), TransferKind::CardClearing)?;
        let posting = Posting {
            cause: Cause::None,
            hold: Some(used),
            transfers: &[transfer],
            floor: FloorRule::Keep,
        };
        journal::post(tx, &posting).await?;
        let rest = Rest::Release;
        let hold = Some(HoldUse { rest, ..used });
        journal::post(tx, &Posting { hold, ..posting }).await
    })
    .await;
    let owner = "UPDATE card_order SET hold = (SELECT id FROM hold WHERE state = 'open') \
                 WHERE id = (SELECT MIN(id) FROM card_order)";
    app.meddle(owner, &[]).await;
    app
}

/// What is found in a copy of the store after a script that no operation could run: a migration
/// may do anything.
async fn found_after(store: &[u8], damage: String) -> Option<Violation> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.db");
    fs::write(&path, store).unwrap();
    let db = Db::open(DbOptions::file(path)).unwrap();
    let mut history = MIGRATIONS.to_vec();
    history.push(Migration {
        version: i64::try_from(history.len()).unwrap() + 1,
        name: "damage",
        references: References::Kept,
        sql: damage.leak(),
    });
    db.migrate(history.leak()).await.unwrap();
    let outcome = ops::ledger::verify(&db).await.unwrap();
    db.close().await;
    outcome.violation
}

/// Which table loses its rules first, so that anything can be written into it.
#[derive(Clone, Copy, Debug)]
enum Loosely {
    Nothing,
    Balances,
    Transfers,
    Holds,
}

impl Loosely {
    fn script(self) -> &'static str {
        match self {
            Loosely::Nothing => "",
            Loosely::Balances => {
                "CREATE TABLE loose AS SELECT * FROM account_balance; DROP VIEW account; \
                 DROP TABLE account_balance; ALTER TABLE loose RENAME TO account_balance;"
            }
            Loosely::Transfers => {
                "CREATE TABLE loose AS SELECT * FROM transfer; DROP TABLE transfer; \
 ALTER TABLE loose RENAME TO transfer;"
            }
            Loosely::Holds => {
                "CREATE TABLE loose AS SELECT * FROM hold; DROP TABLE hold; \
 ALTER TABLE loose RENAME TO hold;"
            }
        }
    }
}

/// An authorization that says of itself how much it holds, and by which hold.
macro_rules! authorization {
    ($held:literal, $hold:literal) => {
        concat!(
            "INSERT INTO card_authorization (tenant, id, number, card, account, kind, origin, \
             status, currency, asked, approved, reversed, cleared, billing_currency, billing, \
             rate, held, posted, restored, counted, hold, channel, merchant, reference, \
             created_at, expires_at, updated_at) \
             SELECT tenant, 1, 1, 1, 1, 'purchase', 'network', 'open', 'USD', 9, 9, 0, 0, 'USD', \
             9, 1, ",
            $held,
            ", 0, 0, 9, ",
            $hold,
            ", 'ecommerce', '{}', 'r', 0, 0, 0 FROM hold WHERE amount = 10"
        )
    };
}

/// What is done to the store, and what must be said about it.
const DAMAGE: &[(Loosely, &[&str], &str)] = &[
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET credits = credits + 1 WHERE held_debits = 10"],
        "account {wallet}: credits stored as",
    ),
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET debits = debits - 1 WHERE held_debits = 10"],
        "account {wallet}: debits stored as",
    ),
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET entry_sequence = 99 WHERE held_debits = 10"],
        "account {wallet}: entry sequence stored as 99, adding up to 5",
    ),
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET held_debits = 11 WHERE held_debits = 10"],
        "account {wallet}: held debits stored as 11, adding up to 10",
    ),
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET held_credits = 0 WHERE held_credits = 10"],
        "held credits stored as 0, adding up to 10",
    ),
    (
        Loosely::Nothing,
        &[
            "UPDATE account_balance SET currency = 'EUR' WHERE held_debits = 10",
            "UPDATE account_record SET currency = 'EUR' \
             WHERE id = (SELECT account FROM account_balance WHERE held_debits = 10)",
        ],
        "its currency is \"USD\", that of account {wallet} is \"EUR\"",
    ),
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET currency = 'EUR' WHERE held_debits = 10"],
        "account {wallet}: it has no balance in \"USD\"",
    ),
    (
        Loosely::Nothing,
        &["DELETE FROM account_balance WHERE held_debits = 10"],
        "account {wallet}: it has no balance in \"USD\"",
    ),
    (
        Loosely::Balances,
        &["UPDATE account_balance SET account = 1 WHERE held_debits = 10"],
        "balance 1: its account does not exist",
    ),
    (
        Loosely::Nothing,
        &["UPDATE account_balance SET debits = 1 WHERE debits = 0 \
             AND account IN (SELECT id FROM account_record WHERE kind = 'wallet')"],
        "tenant {another}, account",
    ),
    (
        Loosely::Nothing,
        &["DELETE FROM card_standing"],
        "authorizations are told something else about it than it says",
    ),
    (
        Loosely::Nothing,
        &["UPDATE card_standing SET blocked_since = 1"],
        "authorizations are told something else about it than it says",
    ),
    (
        Loosely::Nothing,
        &[
            "DROP TRIGGER card_standing_follows",
            "UPDATE card SET state = 'closed', close_reason = 'lost'",
        ],
        "authorizations are told something else about it than it says",
    ),
    (
        Loosely::Nothing,
        &[
            "INSERT INTO card_standing (card, tenant, product, account, state, expiry_month) \
             VALUES (1, 1, 1, 1, 'active', 1)",
        ],
        "standing 1: its card does not exist",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET amount = amount + 1 WHERE id = (SELECT MAX(id) FROM transfer)"],
        "the balance of account {wallet} after it is stored as",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET receiver_balance = 0 WHERE id = (SELECT MAX(id) FROM transfer)"],
        "after it is stored as 0 and adds up to",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET amount = 0 WHERE id = (SELECT MAX(id) FROM transfer)"],
        "its amount is 0",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET payer = receiver WHERE id = (SELECT MAX(id) FROM transfer)"],
        "is both payer and receiver",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET payer_sequence = 9 WHERE id = (SELECT MAX(id) FROM transfer)"],
        "it is number 9 of account {wallet}, where 5 is next",
    ),
    (
        Loosely::Transfers,
        &["DELETE FROM transfer WHERE id = (SELECT MIN(id) FROM transfer)"],
        "of account {wallet}, where 1 is next",
    ),
    (
        Loosely::Transfers,
        &["DELETE FROM transfer WHERE id = (SELECT MAX(id) FROM transfer)"],
        "it has no transfers",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET entry = 1 WHERE id = (SELECT MAX(id) FROM transfer)"],
        "its entry 1 does not exist",
    ),
    (
        Loosely::Transfers,
        &["UPDATE transfer SET payer = 1 WHERE id = (SELECT MAX(id) FROM transfer)"],
        "its account 1 does not exist",
    ),
    (
        Loosely::Transfers,
        &[
            "CREATE TABLE ended AS SELECT account FROM account_balance WHERE held_credits = 10",
            "DELETE FROM account_balance WHERE account IN (SELECT account FROM ended)",
            "DELETE FROM account_record WHERE id IN (SELECT account FROM ended)",
        ],
        "does not exist",
    ),
    (
        Loosely::Nothing,
        &[
            "DROP TRIGGER journal_entry_keeps",
            "UPDATE journal_entry SET card_order = 1 WHERE card_order IS NOT NULL",
        ],
        "the order that it comes from does not exist",
    ),
    (
        Loosely::Nothing,
        &[
            "DROP TRIGGER journal_entry_keeps",
            "UPDATE journal_entry SET card_transaction = 77 WHERE card_order IS NOT NULL",
        ],
        "the transaction that it comes from does not exist",
    ),
    (
        Loosely::Nothing,
        &["UPDATE hold SET amount = 11 WHERE amount = 10"],
        "account {wallet}: held debits stored as 10, adding up to 11",
    ),
    (
        Loosely::Nothing,
        &["DELETE FROM hold WHERE state = 'open'"],
        "account {wallet}: held debits stored as 10, adding up to 0",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET posted = 41 WHERE amount = 40"],
        "of 40 it has posted 41 and voided 10",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET voided = -1 WHERE amount = 10"],
        "of 10 it has posted 0 and voided -1",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET amount = 0 WHERE amount = 10"],
        "its amount is 0",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET state = 'open' WHERE amount = 20"],
        "it is open, and nothing is left of it",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET state = 'voided' WHERE amount = 10"],
        "it is voided, and 10 is left of it",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET state = 'lost' WHERE amount = 10"],
        "its state is \"lost\"",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET ended_at = NULL WHERE amount = 20"],
        "it is voided, and has not ended",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET ended_at = 1 WHERE amount = 10"],
        "it is open, and has ended",
    ),
    (
        Loosely::Holds,
        &["UPDATE hold SET payer = receiver WHERE amount = 10"],
        "is both payer and receiver",
    ),
    (
        Loosely::Nothing,
        &["UPDATE hold SET payer = 1 WHERE amount = 10"],
        "its account 1 does not exist",
    ),
    (
        Loosely::Nothing,
        &["UPDATE hold SET currency = 'EUR' WHERE amount = 10"],
        "its currency is \"EUR\", that of account {wallet} is \"USD\"",
    ),
    (
        Loosely::Nothing,
        &[
            "INSERT INTO hold (tenant, id, payer, receiver, currency, amount, created_at) VALUES (99, 1, 2, 3, 'USD', 1, 0)",
        ],
        "tenant 99, tenant 99: it does not exist, and has a ledger",
    ),
    (
        Loosely::Nothing,
        &[authorization!("9", "NULL")],
        "authorization 1: it holds 9 without a hold",
    ),
    (
        Loosely::Nothing,
        &[authorization!("9", "1")],
        "authorization 1: its hold 1 does not exist",
    ),
    (
        Loosely::Nothing,
        &[authorization!("9", "id")],
        "authorization 1: it holds 9, and 10 is left of its hold",
    ),
    (
        Loosely::Nothing,
        &["UPDATE card_order SET hold = NULL WHERE hold IS NOT NULL"],
        "it is open, and of no authorization or order",
    ),
    (
        Loosely::Nothing,
        &[authorization!("10", "id")],
        "it is of both 1 and ",
    ),
    (
        Loosely::Nothing,
        &[
            "INSERT INTO card_order (tenant, id, kind, number, card, status, currency, amount, \
             fee, created_at, updated_at, hold) SELECT tenant, 1, kind, number, card, status, \
             currency, amount, fee, created_at, updated_at, hold FROM card_order \
             WHERE hold IS NOT NULL",
        ],
        "it is of both 1 and ",
    ),
];

#[tokio::test]
async fn every_kind_of_damage_is_found_and_named() {
    let disk = Disk::new(Some(7));
    let app = busy(disk.create().await).await;
    let wallet = app.demo.wallet.to_string();
    let sql = "SELECT MAX(id) FROM tenant";
    let another = app.number(sql, &[]).await.to_string();
    app.app.store().db().close().await;
    let [(_, store)] = &disk.files()[..] else {
        panic!("a closed store is one file");
    };
    assert_eq!(found_after(store, "SELECT 1".to_owned()).await, None);
    for (loosely, damage, expected) in DAMAGE {
        let script = format!("{}{}", loosely.script(), damage.join(";"));
        let found = found_after(store, script).await;
        let said = found.map(|violation| violation.to_string());
        let said = said.unwrap_or_else(|| panic!("nothing is found after {damage:?}"));
        let expected = expected
            .replace("{wallet}", &wallet)
            .replace("{another}", &another);
        assert!(
            said.contains(&expected),
            "{damage:?}: {said}, not {expected}"
        );
    }
}

#[tokio::test]
async fn a_sound_ledger_is_counted_whole() {
    let app = busy(TestApp::new().await).await;
    let figures = ops::ledger::verify(app.app.store().db())
        .await
        .unwrap()
        .figures;
    for (sql, count) in [
        ("SELECT COUNT(*) FROM tenant", figures.tenants),
        ("SELECT COUNT(*) FROM account", figures.accounts),
        ("SELECT COUNT(*) FROM journal_entry", figures.entries),
        ("SELECT COUNT(*) FROM transfer", figures.transfers),
        (
            "SELECT COUNT(*) FROM hold WHERE state = 'open'",
            figures.holds_open,
        ),
        (
            "SELECT COUNT(*) FROM hold WHERE state <> 'open'",
            figures.holds_ended,
        ),
    ] {
        let stored = app.number(sql, &[]).await;
        assert_eq!(u64::try_from(stored).unwrap(), count, "{sql}");
    }
    assert_eq!((figures.holds_open, figures.holds_ended), (1, 3));
    assert_eq!(figures.accounts_below_floor, 0);
    let sums = figures.currencies["USD"];
    let moved = app.number("SELECT SUM(amount) FROM transfer", &[]).await;
    assert_eq!(
        (sums.balance, sums.moved, sums.held),
        (0, i128::from(moved), 10)
    );
    app.finish().await;
}

#[tokio::test]
async fn an_account_forced_below_its_floor_is_counted_and_no_violation() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let wallet = app.demo.wallet;
    beneath::write(&app, tenant, async move |tx| {
        let outside = accounts::book(tx, AccountKind::ExternalFunding, Currency::USD).await?;
        let there = accounts::get(tx, wallet).await?.balance.posted();
        let kind = TransferKind::CardForcedPosting;
        let posting = Posting {
            cause: Cause::None,
            hold: None,
            transfers: &[Transfer::new(wallet, outside.id, usd(there + 1), kind)?],
            floor: FloorRule::Ignore,
        };
        journal::post(tx, &posting).await
    })
    .await;
    let outcome = ops::ledger::verify(app.app.store().db()).await.unwrap();
    assert_eq!(outcome.violation, None);
    assert_eq!(outcome.figures.accounts_below_floor, 1);
    app.finish().await;
}
