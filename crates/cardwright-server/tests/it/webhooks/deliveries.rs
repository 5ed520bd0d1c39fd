//! Deliveries: when they are sent, what acknowledges them, what becomes of them otherwise.

mod apart;
mod bounds;
mod ends;
mod fair;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use cardwright_core::{JITTER_PERMILLE, WebhookDialect, waits};
use cardwright_server::jobs::deliveries;
use jiff::SignedDuration;
use serde_json::json;
use tokio::time::Instant;

use super::{ADDRESS, know_host, register};
use crate::harness::{Listener, Reaction, TestApp};

/// Something happens that every dialect tells of.
async fn happen(app: &TestApp, name: &str) {
    let finci = app.finci();
    let person = finci.person(name).await;
    finci.account(&person, "EUR").await;
    finci.card(&person).await;
}

/// Something happens that a FinCard endpoint is told of once.
async fn order_a_card(app: &TestApp) {
    app.fincard().await.card("order-0000000000001", None).await;
}

async fn run(app: &TestApp) -> usize {
    deliveries::run_due(&app.app).await.unwrap()
}

async fn states(app: &TestApp) -> Vec<(String, i64)> {
    let rows = app
        .rows("SELECT state, sends FROM delivery ORDER BY id", vec![])
        .await;
    rows.iter()
        .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
        .collect()
}

/// Seconds between the sends of a message that nobody takes, as the clock is moved in small steps.
async fn seconds_between_sends(app: &TestApp, listener: &Listener) -> Vec<i64> {
    run(app).await;
    let (mut gaps, mut last) = (Vec::new(), app.now());
    while states(app).await[0].0 == "pending" {
        let due = app
            .number("SELECT due_at FROM delivery WHERE state = 'pending'", &[])
            .await;
        let wait = due - app.now().as_millisecond();
        app.clock.advance(SignedDuration::from_millis(wait - 1));
        let before = listener.received().len();
        assert_eq!(run(app).await, 0, "not before its time");
        app.clock.advance(SignedDuration::from_millis(1));
        assert_eq!(run(app).await, 1, "at its time");
        assert_eq!(listener.received().len(), before + 1);
        gaps.push(app.now().duration_since(last).as_secs());
        last = app.now();
    }
    gaps
}

#[tokio::test(start_paused = true)]
async fn what_a_fincard_receiver_never_takes_is_sent_by_the_documented_schedule() {
    let app = TestApp::new().await;
    know_host(&app);
    let silent = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, "ok"));
    register(&app, "fincard", json!({"events": ["card_transaction"]})).await;
    order_a_card(&app).await;
    let gaps = seconds_between_sends(&app, &silent).await;
    // 1 m, 5 m, 20 m, 1 h, 12 h, 24 h.
    assert_eq!(gaps, [60, 300, 1_200, 3_600, 43_200, 86_400]);
    assert_eq!(states(&app).await, [("dead".to_owned(), 7)]);
    let ids = silent.received();
    assert!(
        ids.iter()
            .all(|one| one.header("webhook-id") == ids[0].header("webhook-id"))
    );
    assert!(
        ids.iter().all(|one| one.body == ids[0].body),
        "the same body"
    );
    let mut times: Vec<&str> = ids
        .iter()
        .map(|one| one.header("webhook-timestamp"))
        .collect();
    times.dedup();
    assert_eq!(times.len(), 7, "signed anew each time");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_others_never_take_is_sent_by_their_schedule_a_tenth_sooner_or_later() {
    let app = TestApp::new().await;
    know_host(&app);
    let broken = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    let gaps = seconds_between_sends(&app, &broken).await;
    let planned: Vec<i64> = waits(WebhookDialect::Finci)
        .iter()
        .map(SignedDuration::as_secs)
        .collect();
    // 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    assert_eq!(
        planned,
        [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    );
    assert_eq!(gaps.len(), planned.len());
    for (gap, planned) in gaps.iter().zip(&planned) {
        let tenth = planned * JITTER_PERMILLE / 1_000 + 1;
        assert!((gap - planned).abs() <= tenth, "{gap} for {planned}");
    }
    assert_ne!(gaps, planned, "some of them differ");
    app.finish().await;
}

/// A wait as the document writes it.
fn written(wait: SignedDuration) -> String {
    match wait.as_secs() {
        seconds if seconds < 60 => format!("after {seconds} s"),
        seconds if seconds < 3_600 => format!("after {} m", seconds / 60),
        seconds => format!("after {} h", seconds / 3_600),
    }
}

#[test]
fn the_document_tells_the_schedules_that_the_platform_keeps() {
    let text = include_str!("../../../../../docs/webhooks.md");
    let documented = |column: usize| -> Vec<String> {
        let rows = text.lines().filter(|line| {
            let first = line.split('|').nth(1).unwrap_or_default().trim();
            first.parse::<u8>().is_ok()
        });
        let cells = rows.map(|row| row.split('|').nth(column).unwrap().trim().to_owned());
        cells.filter(|cell| !cell.is_empty()).collect()
    };
    for (dialect, column) in [
        (WebhookDialect::Fincard, 2),
        (WebhookDialect::Finci, 3),
        (WebhookDialect::Standard, 3),
    ] {
        let mut kept = vec!["at once".to_owned()];
        kept.extend(waits(dialect).iter().copied().map(written));
        assert_eq!(documented(column), kept, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_a_failure_and_nobody_follows_it() {
    let app = TestApp::new().await;
    know_host(&app);
    let elsewhere = ("location", "http://127.0.0.1/inside");
    app.outside
        .listen(ADDRESS, move |_, _| Reaction::With(302, elsewhere, ""));
    let inside = app
        .outside
        .listen("127.0.0.1:80", |_, _| Reaction::Answer(200, ""));
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    assert_eq!(states(&app).await, [("pending".to_owned(), 1)]);
    assert!(inside.received().is_empty());
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_gone_is_switched_off_and_the_others_are_told() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside.name("other.example.com", &["93.184.215.15"]);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(410, ""));
    let other = app
        .outside
        .listen("93.184.215.15:80", |_, _| Reaction::Answer(204, ""));
    let (gone, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let url = json!({"url": "http://other.example.com/", "events": ["endpoint_disabled"]});
    register(&app, "standard", url).await;
    happen(&app, "p-1").await;
    run(&app).await;
    let body = other.only().json();
    assert_eq!(body["type"], "endpoint_disabled");
    assert_eq!(body["data"]["reason"], "gone");
    assert_eq!(body["data"]["subject"]["id"], gone.as_str());
    let path = format!("webhook-endpoints/{gone}");
    let endpoint = app.operator().get(&path).await.record();
    assert_eq!(endpoint["disabled_reason"], "gone", "{endpoint}");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_busy_says_when_to_come_again() {
    let app = TestApp::new().await;
    know_host(&app);
    let busy = app.outside.listen(ADDRESS, |count, _| match count {
        1 => Reaction::With(503, ("retry-after", "120"), ""),
        _ => Reaction::Answer(200, ""),
    });
    register(&app, "finci", json!({"events": ["card_created"]})).await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 1);
    app.pass(119);
    assert_eq!(run(&app).await, 0, "its wish is longer than the schedule");
    app.pass(1);
    assert_eq!(run(&app).await, 1);
    assert_eq!(busy.received().len(), 2);
    assert_eq!(states(&app).await, [("delivered".to_owned(), 2)]);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_only_failed_for_five_days_is_switched_off() {
    let app = TestApp::new().await;
    know_host(&app);
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let path = format!("webhook-endpoints/{id}");
    let operator = app.operator();
    for day in 0..5 {
        happen(&app, &format!("p-{day}")).await;
        run(&app).await;
        assert_eq!(operator.get(&path).await.record()["state"], "enabled");
        app.pass(24 * 3_600);
    }
    run(&app).await;
    let endpoint = operator.get(&path).await.record();
    assert_eq!(endpoint["state"], "disabled");
    assert_eq!(endpoint["disabled_reason"], "failing");
    let told = "SELECT COUNT(*) FROM event WHERE kind = 'endpoint_disabled'";
    assert_eq!(app.number(told, &[]).await, 1);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn events_of_a_tenant_that_nobody_listens_to_leave_nothing_behind() {
    let app = TestApp::new().await;
    happen(&app, "p-1").await;
    assert_eq!(run(&app).await, 0);
    for sql in [
        "SELECT COUNT(*) FROM event_outbox",
        "SELECT COUNT(*) FROM event_number",
        "SELECT COUNT(*) FROM delivery",
    ] {
        assert_eq!(app.number(sql, &[]).await, 0, "{sql}");
    }
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_an_endpoint_goes_out_once_it_is_enabled_again() {
    let app = TestApp::new().await;
    know_host(&app);
    let (id, _) = register(&app, "finci", json!({"events": ["card_created"]})).await;
    let failing = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(500, ""));
    happen(&app, "p-1").await;
    run(&app).await;
    let path = |verb: &str| format!("webhook-endpoints/{id}/{verb}");
    let operator = app.operator();
    operator.post(&path("disable"), &json!({})).await.record();
    app.pass(60);
    assert_eq!(run(&app).await, 0, "nothing is sent to it meanwhile");
    operator.post(&path("enable"), &json!({})).await.record();
    assert_eq!(run(&app).await, 1);
    assert_eq!(failing.received().len(), 2);
    app.finish().await;
}

/// Deliveries counted as they arrive.
#[derive(Default)]
struct Arrivals {
    times: Mutex<Vec<Instant>>,
    more: tokio::sync::Notify,
}

impl Arrivals {
    fn count(&self) -> usize {
        self.times.lock().unwrap().len()
    }

    async fn wait_for(&self, count: usize) {
        while self.count() < count {
            self.more.notified().await;
        }
    }
}

#[tokio::test]
async fn one_endpoint_that_hangs_among_a_hundred_keeps_no_other_waiting() {
    const HEALTHY: usize = 99;
    // More than the hanging endpoint has places for.
    const EVENTS: usize = 40;
    let app = TestApp::new().await;
    app.outside.name("hanging.example.com", &["93.184.215.20"]);
    app.outside
        .listen("93.184.215.20:80", |_, _| Reaction::Hang);
    know_host(&app);
    let arrivals = Arc::new(Arrivals::default());
    let counted = arrivals.clone();
    app.outside.listen(ADDRESS, move |_, _| {
        counted.times.lock().unwrap().push(Instant::now());
        counted.more.notify_one();
        Reaction::Answer(200, "")
    });
    let hanging = json!({"url": "http://hanging.example.com/", "events": ["card_created"]});
    let (hanging, _) = register(&app, "finci", hanging).await;
    for _ in 0..HEALTHY {
        register(&app, "finci", json!({"events": ["card_created"]})).await;
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop_when = async move {
        let _ended = stopped.await;
    };
    let couriers = tokio::spawn(deliveries::run(app.app.clone(), stop_when));
    let mut took = Vec::new();
    for number in 0..EVENTS {
        happen(&app, &format!("p-{number}")).await;
        let began = Instant::now();
        let all = arrivals.wait_for((number + 1) * HEALTHY);
        let in_time = tokio::time::timeout(Duration::from_mins(1), all).await;
        in_time.expect("the healthy are delivered to");
        let times = arrivals.times.lock().unwrap();
        let of_this = times[number * HEALTHY..].iter();
        took.extend(of_this.map(|at| at.saturating_duration_since(began)));
    }
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    assert!(p99 < Duration::from_secs(2), "{p99:?}");
    drop(stop);
    couriers.await.unwrap();
    let hung = "SELECT COUNT(*) FROM delivery WHERE state = 'pending' AND endpoint = $1";
    let hanging: i64 = hanging.parse().unwrap();
    let lost = i64::try_from(EVENTS).unwrap() - app.number(hung, &[hanging.into()]).await;
    assert_eq!(lost, 0, "what hangs is not lost");
    app.finish().await;
}
