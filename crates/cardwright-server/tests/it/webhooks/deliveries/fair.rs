//! Those who hang, or who have much waiting, keep nobody else waiting.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use cardwright_core::{CardId, EndpointId, Event};
use cardwright_server::jobs::deliveries;
use serde_json::json;
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::Instant,
};

use super::{know_host, register};
use crate::{
    harness::{Reaction, TestApp},
    webhooks::ADDRESS,
};

/// What those that hang listen to; it needs not exist.
pub(super) async fn happen(app: &TestApp, count: i64) {
    app.operate(&app.demo, async move |tx| {
        for number in 1..=count {
            let card = CardId::new(number).unwrap();
            tx.emit(Event::CardCreated { card }).await?;
        }
        Ok(())
    })
    .await;
}

/// What the healthy listen to.
async fn tell_the_healthy(app: &TestApp) {
    app.operate(&app.demo, async |tx| {
        let endpoint = EndpointId::new(1).unwrap();
        let reason = "gone";
        tx.emit(Event::EndpointDisabled { endpoint, reason }).await
    })
    .await;
}

pub(super) fn deliver(app: &TestApp) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let stop_when = async move {
        let _ended = stopped.await;
    };
    let couriers = tokio::spawn(deliveries::run(app.app.clone(), stop_when));
    (stop, couriers)
}

#[tokio::test]
async fn a_hundred_endpoints_that_hang_keep_none_that_answers_waiting() {
    const HANGING: usize = 100;
    const HEALTHY: usize = 3;
    const BACKLOG: i64 = 40;
    const EVENTS: usize = 20;
    let app = TestApp::new().await;
    app.outside.name("hanging.example.com", &["93.184.215.20"]);
    app.outside
        .listen("93.184.215.20:80", |_, _| Reaction::Hang);
    know_host(&app);
    let told = Arc::new(Notify::new());
    let count = Arc::new(Mutex::new(0));
    let (tell, counted) = (told.clone(), count.clone());
    app.outside.listen(ADDRESS, move |number, _| {
        *counted.lock().unwrap() = number;
        tell.notify_one();
        Reaction::Answer(200, "")
    });
    for _ in 0..HANGING {
        let hanging = json!({"url": "http://hanging.example.com/", "events": ["card_created"]});
        register(&app, "standard", hanging).await;
    }
    for _ in 0..HEALTHY {
        register(&app, "standard", json!({"events": ["endpoint_disabled"]})).await;
    }
    happen(&app, BACKLOG).await;
    let (stop, couriers) = deliver(&app);
    while app.number("SELECT COUNT(*) FROM event_outbox", &[]).await > 0 {
        tokio::task::yield_now().await;
    }
    for number in 1..=EVENTS {
        let began = Instant::now();
        tell_the_healthy(&app).await;
        let all = async {
            while *count.lock().unwrap() < number * HEALTHY {
                told.notified().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(2), all).await;
        assert!(in_time.is_ok(), "event {number}: {:?}", began.elapsed());
    }
    drop(stop);
    couriers.await.unwrap();
    let hung = "SELECT COUNT(*) FROM delivery WHERE state = 'pending' AND word = 'card_created'";
    let hung = usize::try_from(app.number(hung, &[]).await).unwrap();
    assert_eq!(
        hung,
        HANGING * usize::try_from(BACKLOG).unwrap(),
        "none is lost"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_dozen_endpoints_with_much_waiting_all_get_on() {
    const ENDPOINTS: usize = 12;
    const BACKLOG: i64 = 200;
    // Not half of all that waits.
    const LOOKED_AT: usize = 1_000;
    let app = TestApp::new().await;
    know_host(&app);
    let told = Arc::new(Notify::new());
    let counts = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
    let (tell, counted) = (told.clone(), counts.clone());
    app.outside.listen(ADDRESS, move |number, received| {
        let mut counts = counted.lock().unwrap();
        if number <= LOOKED_AT {
            *counts.entry(received.target.clone()).or_default() += 1;
        }
        tell.notify_one();
        Reaction::Answer(200, "")
    });
    for number in 0..ENDPOINTS {
        let url = format!("http://{}/{number}", crate::webhooks::HOST);
        let filter = json!({"url": url, "events": ["card_created"]});
        register(&app, "standard", filter).await;
    }
    happen(&app, BACKLOG).await;
    let (stop, couriers) = deliver(&app);
    let all = async {
        while counts.lock().unwrap().values().sum::<usize>() < LOOKED_AT {
            told.notified().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_mins(1), all).await;
    in_time.expect("messages arrive");
    drop(stop);
    couriers.await.unwrap();
    let counts = counts.lock().unwrap().clone();
    let least = LOOKED_AT / ENDPOINTS / 2;
    assert_eq!(counts.len(), ENDPOINTS, "{counts:?}");
    assert!(counts.values().all(|count| *count >= least), "{counts:?}");
    app.finish().await;
}
