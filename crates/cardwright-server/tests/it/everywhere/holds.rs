//! Holds in the store: what is held, raised, posted and voided is what the core says it is.

use std::{collections::BTreeMap, sync::Arc};

use cardwright_core::{
    Account, AccountId, AccountKind, Amount, Balance, Currency, Floor, Hold, HoldEnd, HoldId,
    HoldState, PaymentRefusal, Refusal, TenantId, Transfer, TransferKind,
};
use cardwright_server::{
    error::{Error, Result},
    store::{
        Tx, accounts,
        journal::{self, Cause, FloorRule, HoldUse, NewHold, Posted, Posting, Rest, VoidWhat},
    },
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tokio::task::JoinSet;

use super::beneath;
use crate::harness::TestApp;

/// How many random sequences are run.
const SEQUENCES: u64 = 200;
/// How many movements each has.
const MOVEMENTS: usize = 40;

fn usd(minor: i64) -> Amount {
    Amount::from_minor(minor, Currency::USD).unwrap()
}

async fn open_account(tx: &mut Tx, floor: Floor) -> Result<AccountId> {
    let id = AccountId::new(tx.next_id().await?).unwrap();
    let mut account = Account::open(id, AccountKind::Customer, Currency::USD, tx.now());
    account.balance = Balance::empty(floor);
    accounts::insert(tx, &account).await?;
    Ok(id)
}

fn funding((payer, receiver): (AccountId, AccountId), amount: Amount) -> Transfer {
    Transfer::new(payer, receiver, amount, TransferKind::CardClearing).unwrap()
}

/// A movement of money, to be made in the store and in the model.
#[derive(Clone, Debug)]
enum Movement {
    Pay((AccountId, AccountId), Amount, FloorRule),
    Hold(NewHold),
    Raise(HoldId, Amount, FloorRule),
    Void(HoldId, VoidWhat, HoldEnd),
    Post(HoldUse, Vec<Transfer>, FloorRule),
}

async fn make(tx: &mut Tx, movement: &Movement) -> Result<()> {
    match movement {
        Movement::Pay(between, amount, floor) => {
            let posting = Posting {
                cause: Cause::None,
                hold: None,
                transfers: &[funding(*between, *amount)],
                floor: *floor,
            };
            journal::post(tx, &posting).await.map(drop)
        }
        Movement::Hold(new) => journal::hold(tx, new).await.map(drop),
        Movement::Raise(id, more, floor) => journal::raise(tx, *id, *more, *floor).await.map(drop),
        Movement::Void(id, what, end) => journal::void(tx, *id, *what, *end).await.map(drop),
        Movement::Post(hold, transfers, floor) => {
            let posting = Posting {
                cause: Cause::None,
                hold: Some(*hold),
                transfers,
                floor: *floor,
            };
            journal::post(tx, &posting).await.map(drop)
        }
    }
}

/// The same by the rules of the core alone.
#[derive(Clone, Default)]
struct Model {
    accounts: BTreeMap<AccountId, Balance>,
    holds: BTreeMap<HoldId, Hold>,
}

type Rule = fn(Balance, Amount) -> std::result::Result<Balance, Refusal>;
type Outcome = std::result::Result<(), Refusal>;

impl Model {
    fn make(&mut self, movement: &Movement) -> Outcome {
        let mut after = self.clone();
        match movement {
            Movement::Pay(between, amount, floor) => {
                after.pay(&funding(*between, *amount), *floor)?;
            }
            Movement::Hold(new) => {
                let hold = Hold::place(new.id, (new.payer, new.receiver), new.amount)?;
                after.set_aside(&hold, new.amount, new.floor)?;
            }
            Movement::Raise(id, more, floor) => {
                let hold = after.holds[id].raise(*more)?;
                after.set_aside(&hold, *more, *floor)?;
            }
            Movement::Void(id, what, end) => {
                let hold = after.holds[id];
                let voided = match what {
                    VoidWhat::Rest => hold.end(*end)?,
                    VoidWhat::Amount(amount) => hold.void(*amount, *end)?,
                };
                after.set_less_aside(&hold, &voided)?;
            }
            Movement::Post(used, transfers, floor) => {
                let hold = after.holds[&used.hold];
                let mut posted = hold;
                let part = usd(used.release.minor().min(hold.open().minor()));
                if !part.is_zero() {
                    posted = posted.post(part)?;
                }
                if used.rest == Rest::Release && posted.state == HoldState::Open {
                    posted = posted.end(HoldEnd::Posted)?;
                }
                after.set_less_aside(&hold, &posted)?;
                for transfer in transfers {
                    after.pay(transfer, *floor)?;
                }
            }
        }
        *self = after;
        Ok(())
    }

    fn change(&mut self, account: AccountId, rule: Rule, amount: Amount) -> Outcome {
        let balance = rule(self.accounts[&account], amount)?;
        self.accounts.insert(account, balance);
        Ok(())
    }

    fn pay(&mut self, transfer: &Transfer, floor: FloorRule) -> Outcome {
        let rule = match floor {
            FloorRule::Keep => Balance::pay,
            FloorRule::Ignore => Balance::force_pay,
        };
        self.change(transfer.payer, rule, transfer.amount)?;
        self.change(transfer.receiver, Balance::receive, transfer.amount)
    }

    fn set_aside(&mut self, hold: &Hold, amount: Amount, floor: FloorRule) -> Outcome {
        let rule = match floor {
            FloorRule::Keep => Balance::hold,
            FloorRule::Ignore => Balance::force_hold,
        };
        self.change(hold.payer, rule, amount)?;
        self.change(hold.receiver, Balance::expect, amount)?;
        self.holds.insert(hold.id, *hold);
        Ok(())
    }

    fn set_less_aside(&mut self, before: &Hold, after: &Hold) -> Outcome {
        let freed = usd(before.open().minor() - after.open().minor());
        self.change(after.payer, Balance::release, freed)?;
        self.change(after.receiver, Balance::unexpect, freed)?;
        self.holds.insert(after.id, *after);
        Ok(())
    }
}

/// Draws movements between a few accounts.
struct Chance {
    random: ChaCha20Rng,
    accounts: Vec<AccountId>,
    holds: Vec<HoldId>,
}

impl Chance {
    fn between(&mut self) -> (AccountId, AccountId) {
        let payer = self.random.random_range(0..self.accounts.len());
        let further = self.random.random_range(1..self.accounts.len());
        let receiver = (payer + further) % self.accounts.len();
        (self.accounts[payer], self.accounts[receiver])
    }

    fn amount(&mut self) -> Amount {
        usd(self.random.random_range(1..300))
    }

    /// One in five is forced.
    fn floor(&mut self) -> FloorRule {
        match self.random.random_range(0..5) {
            0 => FloorRule::Ignore,
            _ => FloorRule::Keep,
        }
    }

    fn rest(&mut self) -> Rest {
        match self.random.random_range(0..2) {
            0 => Rest::Keep,
            _ => Rest::Release,
        }
    }

    /// The id is used if the movement is a hold.
    fn movement(&mut self, id: HoldId) -> Movement {
        let verb = self.random.random_range(0..10);
        let (amount, floor) = (self.amount(), self.floor());
        if verb < 2 {
            return Movement::Pay(self.between(), amount, floor);
        }
        if verb < 5 || self.holds.is_empty() {
            let (payer, receiver) = self.between();
            return Movement::Hold(NewHold {
                id,
                payer,
                receiver,
                amount,
                floor,
            });
        }
        let hold = self.holds[self.random.random_range(0..self.holds.len())];
        match verb {
            5 => Movement::Raise(hold, amount, floor),
            6 => Movement::Void(hold, VoidWhat::Amount(amount), HoldEnd::Voided),
            7 => Movement::Void(hold, VoidWhat::Rest, HoldEnd::Expired),
            _ => {
                let (first, second) = (self.between(), self.between());
                let release = usd(self.random.random_range(0..300));
                let rest = self.rest();
                let transfers = vec![funding(first, amount), funding(second, self.amount())];
                Movement::Post(
                    HoldUse {
                        hold,
                        release,
                        rest,
                    },
                    transfers,
                    floor,
                )
            }
        }
    }
}

/// Runs one sequence in one transaction, in which each movement may fail alone. How many were
/// made and how many refused.
async fn run_sequence(tx: &mut Tx, seed: u64) -> Result<(usize, usize)> {
    let mut model = Model::default();
    for floor in [Floor::None, Floor::At(0), Floor::At(0), Floor::At(-100)] {
        let id = open_account(tx, floor).await?;
        model.accounts.insert(id, Balance::empty(floor));
    }
    let mut chance = Chance {
        random: ChaCha20Rng::seed_from_u64(seed),
        accounts: model.accounts.keys().copied().collect(),
        holds: Vec::new(),
    };
    let (mut done, mut refused) = (0, 0);
    for _ in 0..MOVEMENTS {
        let id = HoldId::new(tx.next_id().await?).unwrap();
        let movement = chance.movement(id);
        let expected = model.make(&movement);
        let found = tx.attempt(async |tx| make(tx, &movement).await).await?;
        match (expected, found) {
            (Ok(()), Ok(())) => done += 1,
            (Err(expected), Err(Error::Refused(found))) if found == expected => refused += 1,
            other => panic!("{movement:?}: {other:?}"),
        }
        chance.holds = model.holds.keys().copied().collect();
        for (id, balance) in &model.accounts {
            let kept = accounts::get(tx, *id).await?.balance;
            assert_eq!(kept, *balance, "{id} after {movement:?}");
        }
        for (id, hold) in &model.holds {
            let kept = journal::get_hold(tx, *id).await?;
            assert_eq!(kept, *hold, "after {movement:?}");
        }
    }
    Ok((done, refused))
}

/// Ends what is still open: a hold that nobody owns may not stay.
async fn end_all(app: &TestApp, tenant: TenantId) {
    let sql = "SELECT id FROM hold WHERE state = 'open' ORDER BY id";
    let rows = app.rows(sql, Vec::new()).await;
    let ids: Vec<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    beneath::write(app, tenant, async move |tx| {
        for id in ids {
            let id = HoldId::new(id).unwrap();
            journal::void(tx, id, VoidWhat::Rest, HoldEnd::Voided).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_store_holds_and_posts_as_the_core_rules() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (mut done, mut refused) = (0, 0);
    for seed in 0..SEQUENCES {
        let ran = beneath::write(&app, tenant, async move |tx| run_sequence(tx, seed).await).await;
        (done, refused) = (done + ran.0, refused + ran.1);
    }
    println!("{done} movements made, {refused} refused");
    assert!(done > 2_000 && refused > 1_000, "{done}, {refused}");
    for sql in [
        "SELECT SUM(credits - debits) FROM account",
        "SELECT SUM(held_credits - held_debits) FROM account",
        "SELECT (SELECT SUM(held_debits) FROM account) - SUM(amount - posted - voided) FROM hold",
    ] {
        assert_eq!(app.number(sql, &[]).await, 0, "{sql}");
    }
    for state in HoldState::ALL {
        let sql = "SELECT COUNT(*) FROM hold WHERE state = $1";
        let count = app.number(sql, &[state.word().into()]).await;
        assert!(count > 0, "no hold is {}", state.word());
    }
    end_all(&app, tenant).await;
    app.finish().await;
}

/// A payer with so much, and a receiver.
async fn funded(app: &TestApp, tenant: TenantId, minor: i64) -> (AccountId, AccountId) {
    let between = beneath::write(app, tenant, async move |tx| {
        let payer = open_account(tx, Floor::At(0)).await?;
        Ok((payer, open_account(tx, Floor::None).await?))
    })
    .await;
    beneath::fund(app, tenant, between.0, minor).await;
    between
}

async fn place(tx: &mut Tx, between: (AccountId, AccountId), minor: i64) -> Result<HoldId> {
    let id = HoldId::new(tx.next_id().await?).unwrap();
    let new = NewHold {
        id,
        payer: between.0,
        receiver: between.1,
        amount: usd(minor),
        floor: FloorRule::Keep,
    };
    Ok(journal::hold(tx, &new).await?.id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_holds_at_once_take_what_is_there_and_not_a_cent_more() {
    let app = Arc::new(TestApp::new().await);
    let tenant = app.tenant_id(&app.demo).await;
    let between = funded(&app, tenant, 20).await;
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let app = Arc::clone(&app);
        tasks.spawn(async move {
            let tried =
                beneath::try_write(&app, tenant, async move |tx| place(tx, between, 1).await);
            tried.await
        });
    }
    let (held, refused): (Vec<_>, Vec<_>) =
        tasks.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(held.len(), 20);
    for refusal in &refused {
        let short = matches!(refusal, Err(Error::Refused(Refusal::InsufficientFunds)));
        assert!(short, "{refusal:?}");
    }
    let app = Arc::into_inner(app).unwrap();
    let sql = "SELECT held_debits FROM account WHERE id = $1";
    assert_eq!(app.number(sql, &[between.0.get().into()]).await, 20);
    assert_eq!(app.number("SELECT COUNT(*) FROM hold", &[]).await, 20);
    end_all(&app, tenant).await;
    app.finish().await;
}

async fn clear(
    tx: &mut Tx,
    between: (AccountId, AccountId),
    (used, minor): (HoldUse, i64),
) -> Result<Posted> {
    let posting = Posting {
        cause: Cause::None,
        hold: Some(used),
        transfers: &[funding(between, usd(minor))],
        floor: FloorRule::Ignore,
    };
    journal::post(tx, &posting).await
}

#[tokio::test]
async fn a_tip_posts_more_than_was_held_and_says_that_the_account_is_below_its_floor() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let between = funded(&app, tenant, 100).await;
    beneath::write(&app, tenant, async move |tx| {
        let hold = place(tx, between, 100).await?;
        let rest = Rest::Keep;
        let release = usd(60);
        let used = HoldUse {
            hold,
            release,
            rest,
        };
        let first = clear(tx, between, (used, 60)).await?;
        assert_eq!(first.released, 60);
        let after = first.balance_of(between.0).unwrap();
        assert_eq!(
            (after.posted(), after.held(), after.available()),
            (40, 40, 0)
        );
        assert!(!after.is_below_floor());

        let release = usd(55);
        let used = HoldUse {
            hold,
            release,
            rest,
        };
        let tip = clear(tx, between, (used, 55)).await?;
        assert_eq!(tip.released, 40, "no more was open");
        let after = tip.balance_of(between.0).unwrap();
        assert_eq!((after.posted(), after.held()), (-15, 0));
        assert!(after.is_below_floor());
        assert_eq!(tip.balance_of(between.1).unwrap().posted(), 115);

        let ended = journal::get_hold(tx, hold).await?;
        assert_eq!(ended.state, HoldState::Ended(HoldEnd::Posted));
        let late = clear(tx, between, (used, 1)).await?;
        assert_eq!(
            late.released, 0,
            "an ended hold gives nothing and stays as it is"
        );
        assert_eq!(journal::get_hold(tx, hold).await?, ended);
        Ok(())
    })
    .await;
    app.finish().await;
}

#[tokio::test]
async fn the_last_clearing_gives_the_rest_free_and_a_refused_one_leaves_the_hold_alone() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let between = funded(&app, tenant, 100).await;
    let hold = beneath::write(&app, tenant, async move |tx| place(tx, between, 80).await).await;
    let used = HoldUse {
        hold,
        release: usd(50),
        rest: Rest::Release,
    };
    let refused = beneath::try_write(&app, tenant, async move |tx| {
        let posting = Posting {
            cause: Cause::None,
            hold: Some(used),
            transfers: &[funding(between, usd(101))],
            floor: FloorRule::Keep,
        };
        journal::post(tx, &posting).await
    });
    let refused = refused.await;
    let short = matches!(refused, Err(Error::Refused(Refusal::InsufficientFunds)));
    assert!(short, "{refused:?}");
    beneath::write(&app, tenant, async move |tx| {
        assert_eq!(journal::get_hold(tx, hold).await?.open(), usd(80));
        let posted = clear(tx, between, (used, 50)).await?;
        let after = posted.balance_of(between.0).unwrap();
        assert_eq!(
            (after.posted(), after.held(), after.available()),
            (50, 0, 50)
        );
        let ended = journal::get_hold(tx, hold).await?;
        assert_eq!((ended.posted, ended.voided), (usd(50), usd(30)));
        assert_eq!(ended.state, HoldState::Ended(HoldEnd::Posted));
        let again = journal::void(tx, hold, VoidWhat::Rest, HoldEnd::Expired).await;
        assert!(
            matches!(
                again,
                Err(Error::Refused(Refusal::Payment(PaymentRefusal::HoldEnded)))
            ),
            "{again:?}"
        );
        Ok(())
    })
    .await;
    app.finish().await;
}
