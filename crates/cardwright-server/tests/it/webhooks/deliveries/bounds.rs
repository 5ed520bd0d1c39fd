//! How much is on its way, settled, and open at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cardwright_server::{
    app::Settings,
    capacity::{Capacity, Connections},
};
use serde_json::json;
use tokio::sync::Notify;

use super::{
    fair::{deliver, happen},
    know_host, register, run,
};
use crate::{
    harness::{Reaction, TestApp},
    webhooks::{ADDRESS, ping},
};

#[tokio::test]
async fn a_message_is_leased_for_longer_than_a_sandbox_can_be_asked_to_take() {
    const LONGEST_MS: i64 = (30 + 15 + 15) * 1_000;
    let app = TestApp::new().await;
    know_host(&app);
    app.outside.listen(ADDRESS, |_, _| Reaction::Hang);
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let path = format!("webhook-endpoints/{id}/faults");
    let mut plan = json!({"slow_percent": 100, "slow_ms": 30_001, "duplicate_percent": 100});
    let longer = app.sandbox().put(&path, &plan).await;
    assert_eq!(longer.status, 400, "{}", longer.text);
    plan["slow_ms"] = 30_000.into();
    app.sandbox().put(&path, &plan).await.record();
    super::happen(&app, "p-1").await;
    let (stop, couriers) = deliver(&app);
    let leased = "SELECT COALESCE(MAX(leased_until), 0) FROM delivery";
    let until = loop {
        let until = app.number(leased, &[]).await;
        if until > 0 {
            break until;
        }
    };
    let left_ms = until - app.now().as_millisecond();
    assert!(left_ms >= LONGEST_MS + 15_000, "{left_ms}");
    drop(stop);
    couriers.await.unwrap();
    app.finish().await;
}

#[tokio::test]
async fn hundreds_that_come_back_at_once_are_settled_all_of_them_although_it_ends() {
    const ENDPOINTS: usize = 20;
    const EACH: usize = 20;
    let app = TestApp::new().await;
    know_host(&app);
    let (hold, told) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let (holding, tell) = (hold.clone(), told.clone());
    let listener = app.outside.listen(ADDRESS, move |_, _| {
        if holding.load(Ordering::Acquire) {
            Reaction::When(tell.clone(), 200, "")
        } else {
            Reaction::Answer(200, "")
        }
    });
    for _ in 0..ENDPOINTS {
        register(&app, "standard", json!({"events": ["card_created"]})).await;
    }
    let pending = "SELECT COUNT(*) FROM delivery WHERE state = 'pending'";
    let (stop, couriers) = deliver(&app);
    // Each earns its places first.
    let mut warm = 0;
    for count in [2, 4, 8, 16] {
        happen(&app, count).await;
        warm += usize::try_from(count).unwrap() * ENDPOINTS;
        while listener.received().len() < warm || app.number(pending, &[]).await > 0 {
            tokio::task::yield_now().await;
        }
    }
    hold.store(true, Ordering::Release);
    happen(&app, i64::try_from(EACH).unwrap()).await;
    while listener.received().len() < warm + ENDPOINTS * EACH {
        tokio::task::yield_now().await;
    }
    hold.store(false, Ordering::Release);
    drop(stop);
    told.notify_waiters();
    couriers.await.unwrap();
    assert_eq!(
        app.number(pending, &[]).await,
        0,
        "more than one write's worth"
    );
    let sends = "SELECT COALESCE(MAX(sends), 0) FROM delivery";
    assert_eq!(app.number(sends, &[]).await, 1);
    assert_eq!(run(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn connections_to_endpoints_rest_for_a_minute_and_only_so_many_of_them() {
    const HOSTS: usize = 10;
    let few = Connections { in_all: 6, kept: 3 };
    let settings = Settings {
        capacity: Capacity {
            deliveries: few,
            ..Capacity::default()
        },
        ..Settings::default()
    };
    let app = TestApp::with_settings(settings).await;
    for number in 0..HOSTS {
        let name = format!("host-{number}.example.com");
        app.outside.name(&name, &[&format!("93.184.216.{number}")]);
        let address = format!("93.184.216.{number}:80");
        app.outside
            .listen(&address, |_, _| Reaction::Answer(200, ""));
        let there = json!({"url": format!("http://{name}/"), "events": ["card_created"]});
        let (id, _) = register(&app, "standard", there).await;
        let sent = ping(&app, &id).await;
        assert_eq!(sent["outcome"], "answered", "{sent}");
        // The one that makes room ends on a task of its own, which a busy machine comes to later.
        let rests = async {
            while app.outside.open_now() != few.kept.min(number + 1) {
                tokio::task::yield_now().await;
            }
        };
        let few_rest = tokio::time::timeout(Duration::from_secs(10), rests).await;
        assert!(few_rest.is_ok(), "{}", app.outside.open_now());
    }
    assert!(app.outside.open_most() <= few.kept + 1);
    tokio::time::pause();
    let never = std::future::pending::<()>();
    let _passed = tokio::time::timeout(Duration::from_secs(130), never).await;
    assert_eq!(app.outside.open_now(), 0, "nobody used them");
    app.finish().await;
}
