//! The laws of the ledger, on the store itself: what no sequence of operations may break.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Body, http::Request};
use cardwright_core::{
    AccountId, AccountKind, Amount, Currency, Refusal, TenantId, Transfer, TransferKind,
};
use cardwright_server::{
    error::{Error, Result},
    store::{
        Tx, accounts,
        db::{DbError, Row, WriteSession},
        journal::{self, Cause},
    },
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::beneath;
use crate::harness::{FincardCaller, TestApp};

/// How many random sequences are run.
const SEQUENCES: u64 = 200;
/// How many operations each has.
const OPERATIONS: usize = 20;

/// An account as the store keeps it.
struct Kept {
    currency: String,
    balance: i64,
    floor: Option<i64>,
    sequence: i64,
}

/// One side of a transfer.
struct Side {
    sequence: i64,
    change: i64,
    balance: i64,
}

fn column<T: cardwright_server::store::db::FromValue>(row: &Row, index: usize) -> T {
    row.get(index).unwrap()
}

async fn kept(app: &TestApp) -> BTreeMap<i64, Kept> {
    let sql = "SELECT id, currency, credits - debits, floor, entry_sequence FROM account";
    let rows = app.rows(sql, Vec::new()).await;
    let read = |row: &Row| {
        let kept = Kept {
            currency: column(row, 1),
            balance: column(row, 2),
            floor: column(row, 3),
            sequence: column(row, 4),
        };
        (column(row, 0), kept)
    };
    rows.iter().map(read).collect()
}

/// Both sides of every transfer, by account.
async fn sides(app: &TestApp) -> BTreeMap<i64, Vec<Side>> {
    let sql = "SELECT payer, payer_sequence, -amount, payer_balance FROM transfer UNION ALL \
               SELECT receiver, receiver_sequence, amount, receiver_balance FROM transfer \
               ORDER BY 1, 2";
    let mut sides: BTreeMap<i64, Vec<Side>> = BTreeMap::new();
    for row in app.rows(sql, Vec::new()).await {
        sides.entry(column(&row, 0)).or_default().push(Side {
            sequence: column(&row, 1),
            change: column(&row, 2),
            balance: column(&row, 3),
        });
    }
    sides
}

/// Sees to it that every law of the ledger holds. How many transfers were looked at.
pub async fn assert_laws_hold(app: &TestApp) -> usize {
    for (id, account) in kept(app).await {
        assert!(
            account.floor.is_none_or(|floor| account.balance >= floor),
            "floor of {id}"
        );
    }
    entries_add_up(app).await
}

/// The same where settlements may have gone below a floor.
pub async fn entries_add_up(app: &TestApp) -> usize {
    let (accounts, mut sides) = (kept(app).await, sides(app).await);
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    let mut looked_at = 0;
    for (id, account) in &accounts {
        *sums.entry(&account.currency).or_default() += account.balance;
        let mut balance = 0;
        let of_account = sides.remove(id).unwrap_or_default();
        for (index, side) in of_account.iter().enumerate() {
            let sequence = i64::try_from(index).unwrap() + 1;
            assert_eq!(side.sequence, sequence, "a gap in the entries of {id}");
            balance += side.change;
            assert_eq!(
                side.balance, balance,
                "balance of {id} after entry {sequence}"
            );
        }
        assert_eq!(account.balance, balance, "balance of {id}");
        assert_eq!(
            account.sequence,
            i64::try_from(of_account.len()).unwrap(),
            "{id}"
        );
        looked_at += of_account.len();
    }
    assert!(sides.is_empty(), "transfers of no account");
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    for sql in [
        "SELECT COUNT(*) FROM transfer t JOIN account a ON a.tenant = t.tenant AND a.id IN \
         (t.payer, t.receiver) WHERE a.currency <> t.currency",
        "SELECT COUNT(*) FROM journal_entry e WHERE NOT EXISTS \
         (SELECT 1 FROM transfer t WHERE t.tenant = e.tenant AND t.entry = e.id)",
    ] {
        assert_eq!(app.number(sql, &[]).await, 0, "{sql}");
    }
    assert_eq!(looked_at % 2, 0);
    looked_at / 2
}

/// Moves money between two accounts, or says why not.
async fn pay(tx: &mut Tx, (payer, receiver): (i64, i64), minor: i64) -> Result<()> {
    let account = |id| AccountId::new(id).map_err(|_| Refusal::AccountMissing);
    let currency = accounts::get(tx, account(payer)?).await?.currency;
    let amount = Amount::from_minor(minor, currency).ok_or(Refusal::AmountOutOfRange)?;
    let transfer = Transfer::new(
        account(payer)?,
        account(receiver)?,
        amount,
        TransferKind::CardDeposit,
    )?;
    journal::record(tx, Cause::None, &[transfer]).await
}

/// A tenant with a few accounts that random operations move money between.
struct Market<'a> {
    app: &'a TestApp,
    tenant: TenantId,
    fincard: FincardCaller<'a>,
    accounts: Vec<i64>,
    random: ChaCha20Rng,
    orders: u64,
    refused: usize,
    done: usize,
}

impl Market<'_> {
    async fn step(&mut self) {
        let went_through = match self.random.random_range(0..10) {
            0..5 => self.open().await,
            5..9 => self.pay().await,
            _ => self.fund().await,
        };
        if went_through {
            self.done += 1;
        } else {
            self.refused += 1;
        }
    }

    /// One amount in four is close to what an account can have, so that floors are met.
    fn amount(&mut self) -> i64 {
        if self.random.random_range(0..4) == 0 {
            self.random.random_range(1..300_000)
        } else {
            self.random.random_range(0..60_00)
        }
    }

    fn account(&mut self) -> i64 {
        self.accounts[self.random.random_range(0..self.accounts.len())]
    }

    async fn open(&mut self) -> bool {
        self.orders += 1;
        let (minor, payer) = (self.amount(), self.account());
        let body = json!({
            "merchantOrderNo": format!("order-{:013}", self.orders),
            "cardTypeId": 111_001,
            "amount": format!("{}.{:02}", minor / 100, minor % 100),
            "accountId": payer,
        });
        let reply = self.fincard.call("card/v2/openCard", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["success"] == true
    }

    async fn pay(&mut self) -> bool {
        let (between, minor) = ((self.account(), self.account()), self.amount());
        let written = beneath::try_write(self.app, self.tenant, async move |tx| {
            // Two transfers in one entry: when the second cannot be, the first must not stay.
            pay(tx, between, minor / 2).await?;
            pay(tx, between, minor).await
        });
        let outcome = written.await;
        assert!(
            matches!(outcome, Ok(()) | Err(Error::Refused(_))),
            "{outcome:?}"
        );
        outcome.is_ok()
    }

    async fn fund(&mut self) -> bool {
        let (account, minor) = (self.account(), self.random.random_range(1..20_000));
        beneath::fund(
            self.app,
            self.tenant,
            AccountId::new(account).unwrap(),
            minor,
        )
        .await;
        true
    }
}

#[tokio::test]
async fn no_sequence_of_operations_makes_or_loses_money() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    let (mut done, mut refused) = (0, 0);
    for seed in 0..SEQUENCES {
        let mut accounts = Vec::new();
        for _ in 0..3 {
            accounts.push(finci.account(&person, "USD").await.parse().unwrap());
        }
        let mut market = Market {
            app: &app,
            tenant,
            fincard: app.fincard().await,
            accounts,
            random: ChaCha20Rng::seed_from_u64(seed),
            orders: seed * 1_000,
            refused: 0,
            done: 0,
        };
        let first = AccountId::new(market.accounts[0]).unwrap();
        beneath::fund(&app, tenant, first, 30_000).await;
        for _ in 0..OPERATIONS {
            market.step().await;
        }
        (done, refused) = (done + market.done, refused + market.refused);
        if seed % 20 == 0 {
            assert_laws_hold(&app).await;
        }
    }
    let transfers = assert_laws_hold(&app).await;
    println!("{done} operations done, {refused} refused, {transfers} transfers");
    assert!(
        done > 500 && refused > 500,
        "both must have been met: {done}, {refused}"
    );
    app.finish().await;
}

#[tokio::test]
async fn what_was_written_to_a_log_can_be_neither_changed_nor_removed() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    app.fincard().await.card("order-0000000000001", None).await;
    let before = beneath::rows(&app, tenant).await;
    for (table, sql) in [
        ("journal_entry", "UPDATE journal_entry SET created_at = 0"),
        ("journal_entry", "DELETE FROM journal_entry"),
        (
            "journal_entry",
            "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry",
        ),
        ("transfer", "UPDATE transfer SET amount = amount + 1"),
        ("transfer", "DELETE FROM transfer"),
        (
            "transfer",
            "INSERT OR REPLACE INTO transfer SELECT * FROM transfer",
        ),
        ("audit", "UPDATE audit SET actor_id = 'somebody else'"),
        ("audit", "DELETE FROM audit"),
        ("audit", "INSERT OR REPLACE INTO audit SELECT * FROM audit"),
        ("event", "UPDATE event SET facts = '{}'"),
        ("event", "DELETE FROM event"),
        ("event", "INSERT OR REPLACE INTO event SELECT * FROM event"),
    ] {
        let tried = raw(&app, sql).await;
        let refusal = tried.expect_err(sql).to_string();
        assert!(refusal.contains("append-only"), "{sql}: {refusal}");
        assert_eq!(beneath::rows(&app, tenant).await, before, "{table}");
    }
    let changed = raw(&app, "UPDATE card SET remark = 'x'").await;
    assert_eq!(
        changed.unwrap(),
        1,
        "the same way in can change other tables"
    );
    app.finish().await;
}

async fn raw(app: &TestApp, sql: &'static str) -> std::result::Result<u64, DbError> {
    let db = app.app.store().db();
    db.write(async move |mut session: WriteSession| session.execute(sql, &[]).await)
        .await
}

/// Leaves this much in the wallet.
async fn leave_in_wallet(app: &TestApp, tenant: TenantId, minor: i64) {
    let wallet = app.demo.wallet;
    beneath::write(app, tenant, async move |tx| {
        let outside = accounts::book(tx, AccountKind::ExternalFunding, Currency::USD).await?;
        let there = accounts::get(tx, wallet).await?.balance.posted();
        pay(tx, (wallet.get(), outside.id.get()), there - minor).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_spend_what_is_there_and_not_a_cent_more() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    // Twenty cards at 1.00 with 10.00 on each, and one cent too little for another.
    leave_in_wallet(&app, tenant, 20 * 11_00 + 10_99).await;
    let requests: Vec<Request<Body>> = {
        let fincard = app.fincard().await;
        let body = |number| {
            let order = format!("order-{number:013}");
            json!({"merchantOrderNo": order, "cardTypeId": 111_001, "amount": "10.00"}).to_string()
        };
        let path = "card/v2/openCard";
        (0..100)
            .map(|number| fincard.request(path, &body(number)))
            .collect()
    };
    let app = Arc::new(app);
    let mut tasks = JoinSet::new();
    for request in requests {
        let app = Arc::clone(&app);
        tasks.spawn(async move { app.send(request).await.json() });
    }
    let answers: Vec<Value> = tasks.join_all().await;
    let opened = answers
        .iter()
        .filter(|answer| answer["success"] == true)
        .count();
    let short = answers
        .iter()
        .filter(|answer| answer["errorCode"] == "insufficient_balance");
    assert_eq!((opened, short.count()), (20, 80));

    let app = Arc::into_inner(app).unwrap();
    for (sql, count) in [
        ("SELECT COUNT(*) FROM card", 20),
        ("SELECT COUNT(*) FROM card_order", 20),
        (
            "SELECT COUNT(*) FROM account WHERE kind = 'card_balance'",
            20,
        ),
        (
            "SELECT credits - debits FROM account WHERE kind = 'wallet'",
            10_99,
        ),
        (
            "SELECT credits - debits FROM account WHERE kind = 'fees_income'",
            20_00,
        ),
    ] {
        assert_eq!(app.number(sql, &[]).await, count, "{sql}");
    }
    assert_laws_hold(&app).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_order_sent_a_hundred_times_at_once_is_done_once() {
    let app = TestApp::new().await;
    let requests: Vec<Request<Body>> = {
        let fincard = app.fincard().await;
        let body = json!({"merchantOrderNo": "order-0000000000001", "cardTypeId": 111_001, "amount": "10"});
        let body = body.to_string();
        (0..100)
            .map(|_| fincard.request("card/v2/openCard", &body))
            .collect()
    };
    let app = Arc::new(app);
    let mut tasks = JoinSet::new();
    for request in requests {
        let app = Arc::clone(&app);
        tasks.spawn(async move { app.send(request).await.text });
    }
    let answers: Vec<String> = tasks.join_all().await;
    assert!(answers[0].contains("\"success\":true"), "{}", answers[0]);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "all get the one answer"
    );
    let app = Arc::into_inner(app).unwrap();
    let cards = app.number("SELECT COUNT(*) FROM card", &[]).await;
    assert_eq!(cards, 1);
    assert_laws_hold(&app).await;
    app.finish().await;
}
