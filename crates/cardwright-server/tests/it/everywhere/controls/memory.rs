//! What is set, by whom, and that the writer's memory never tells anything else.

use std::sync::Arc;

use cardwright_core::{
    AccountId, CardId, CombinedControls, Controlled, Controls, DeclineReason, ProductId, Record,
    Refusal, Window,
};
use cardwright_server::{
    error::{Error, Result},
    ops::{
        self,
        snapshots::{self, SnapshotName},
    },
    store::{Tx, cards, controls},
};

use super::{daily, hold, limited, two_cards};
use crate::{everywhere::beneath::try_write, harness::TestApp};

/// The controls of a card as an authorization would load them.
async fn loaded(tx: &mut Tx, card: CardId) -> Result<CombinedControls> {
    let card = cards::get(tx, card).await?;
    controls::load(tx, card.id, card.account, card.product).await
}

#[tokio::test]
async fn the_controls_in_memory_are_always_those_that_are_stored() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let whose = Controlled::Card(card);
    let tenant = app.tenant_id(&app.demo).await;
    let seen = async move |tx: &mut Tx| Ok(loaded(tx, card).await?.card);
    assert!(app.operate(&app.demo, seen).await.is_none());

    // Within the write that sets them, and after it.
    let set = async move |tx: &mut Tx| {
        ops::controls::set(tx, whose, daily(100)).await?;
        loaded(tx, card).await
    };
    assert_eq!(*app.operate(&app.demo, set).await.card, daily(100));
    assert_eq!(*app.operate(&app.demo, seen).await, daily(100));

    // A part of a write that is undone.
    let undone = async move |tx: &mut Tx| {
        let attempt = async |tx: &mut Tx| {
            ops::controls::set(tx, whose, daily(200)).await?;
            assert_eq!(*loaded(tx, card).await?.card, daily(200));
            Err::<(), Error>(Refusal::AmountZero.into())
        };
        assert!(tx.attempt(attempt).await?.is_err());
        loaded(tx, card).await
    };
    assert_eq!(*app.operate(&app.demo, undone).await.card, daily(100));
    assert_eq!(*app.operate(&app.demo, seen).await, daily(100));

    // A write that fails as a whole.
    let failed = async move |tx: &mut Tx| {
        ops::controls::set(tx, whose, daily(300)).await?;
        loaded(tx, card).await?;
        Err::<(), Error>(Refusal::AmountZero.into())
    };
    assert!(try_write(&app, tenant, failed).await.is_err());
    assert_eq!(*app.operate(&app.demo, seen).await, daily(100));

    let clear = async move |tx: &mut Tx| ops::controls::set(tx, whose, Controls::none()).await;
    app.operate(&app.demo, clear).await;
    assert!(app.operate(&app.demo, seen).await.is_none());
    let rows = app.number("SELECT COUNT(*) FROM controls", &[]).await;
    assert_eq!(rows, 0, "no controls, no row");
    app.finish().await;
}

#[tokio::test]
async fn a_saved_state_that_is_put_back_brings_its_controls_and_counters_with_it() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let whose = Controlled::Card(card);
    let name = SnapshotName::parse("before").unwrap();
    let saved = name.clone();
    let seen = app
        .operate(&app.demo, async move |tx| {
            ops::controls::set(tx, whose, daily(1_000)).await?;
            let found = cards::get(tx, card).await?;
            // The ninth begins a counter.
            for minor in [70, 70, 70, 70, 70, 70, 70, 70, 40] {
                hold(tx, &found, minor).await?;
            }
            snapshots::take(tx, &saved).await?;
            hold(tx, &found, 300).await?;
            ops::controls::set(tx, whose, Controls::none()).await
        })
        .await;
    assert!(seen.is_none());
    let loads = async move |tx: &mut Tx| Ok(loaded(tx, card).await?.card);
    assert!(app.operate(&app.demo, loads).await.is_none(), "in memory");
    let counted = "SELECT COALESCE(SUM(amount), 0) FROM usage_counter";
    assert_eq!(app.number(counted, &[]).await, 0);

    let back = async move |tx: &mut Tx| snapshots::restore(tx, &name).await;
    app.operate(&app.demo, back).await;
    assert_eq!(*app.operate(&app.demo, loads).await, daily(1_000));
    assert_eq!(app.number(counted, &[]).await, 600);
    let again = async move |tx: &mut Tx| {
        let found = cards::get(tx, card).await?;
        let beyond = hold(tx, &found, 401).await?.status.reason();
        Ok((beyond, hold(tx, &found, 400).await?.status.reason()))
    };
    let expected = (Some(DeclineReason::LimitExceeded), None);
    assert_eq!(app.operate(&app.demo, again).await, expected);
    app.finish().await;
}

#[tokio::test]
async fn many_writers_at_once_never_see_controls_that_were_undone() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let whose = Controlled::Card(card);
    let tenant = app.tenant_id(&app.demo).await;
    let set = async move |tx: &mut Tx| ops::controls::set(tx, whose, daily(1)).await;
    app.operate(&app.demo, set).await;
    let app = Arc::new(app);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..300_i64 {
        let app = app.clone();
        tasks.spawn(async move {
            let work = async move |tx: &mut Tx| {
                if number % 3 == 0 {
                    ops::controls::set(tx, whose, daily(1_000 + number)).await?;
                    loaded(tx, card).await?;
                    return Err(Refusal::AmountZero.into());
                }
                if number % 3 == 1 {
                    ops::controls::set(tx, whose, daily(1)).await?;
                }
                Ok(loaded(tx, card).await?.card)
            };
            let seen = try_write(&app, tenant, work).await;
            assert_eq!(seen.is_err(), number % 3 == 0);
            if let Ok(seen) = seen {
                assert_eq!(*seen, daily(1));
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn only_records_that_are_there_and_ones_own_take_controls() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let other = app.tenant("other").await;
    let own = app.tenant_id(&app.demo).await;
    let foreign = app.tenant_id(&other).await;
    let read = async move |tx: &mut Tx| Ok(cards::get(tx, card).await?);
    let card = app.operate(&app.demo, read).await;
    let sql = "SELECT id FROM account WHERE tenant = $1 AND kind = 'external_funding' LIMIT 1";
    let world = AccountId::new(app.number(sql, &[own.get().into()]).await).unwrap();
    let nobody = ProductId::new(7).unwrap();
    for (tenant, whose, record) in [
        (foreign, Controlled::Card(card.id), Record::Card),
        (foreign, Controlled::Account(card.account), Record::Account),
        (own, Controlled::Account(world), Record::Account),
        (own, Controlled::Product(nobody), Record::Product),
    ] {
        let set = async move |tx: &mut Tx| ops::controls::set(tx, whose, daily(1)).await;
        let refused = try_write(&app, tenant, set).await.unwrap_err();
        let expected = Error::not_found(record).to_string();
        assert_eq!(refused.to_string(), expected, "{whose:?}");
    }
    let wrong = limited(&[(Window::Day, 1), (Window::Day, 2)]);
    let whose = Controlled::Card(card.id);
    let set = async move |tx: &mut Tx| ops::controls::set(tx, whose, wrong).await;
    let refused = try_write(&app, own, set).await.unwrap_err();
    assert!(
        matches!(refused, Error::Invalid("limits.window")),
        "{refused}"
    );
    app.finish().await;
}

#[tokio::test]
async fn controls_of_a_product_rule_the_cards_of_every_tenant() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let other = app.tenant("other").await;
    let read = async move |tx: &mut Tx| Ok(cards::get(tx, card).await?.product);
    let product = app.operate(&app.demo, read).await;
    let set = async move |tx: &mut Tx| {
        ops::controls::set(tx, Controlled::Product(product), daily(5)).await
    };
    app.operate(&other, set).await;
    let seen = async move |tx: &mut Tx| Ok(loaded(tx, card).await?.product);
    assert_eq!(*app.operate(&app.demo, seen).await, daily(5));
    app.finish().await;
}
