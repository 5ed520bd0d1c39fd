//! More questions than there is room for: who finds none is declined, which is told apart, and nobody
//! else notices. Time is real here, because it is measured.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cardwright_server::{
    app::Settings,
    capacity::{Capacity, Connections, Share},
    ops::programs::DemoProgram,
};
use serde_json::json;
use tokio::{sync::Notify, task::JoinSet, time::Instant};

use super::{
    ADDRESS, YES,
    hanging::{neighbour, question},
    know_host, let_integrator_decide, let_integrator_of_decide, register,
};
use crate::{
    harness::{Network, Operator, Reaction, TestApp},
    native::payments::Payer,
};

const QUESTIONS: usize = 300;
const OTHERS: usize = 40;
const ROOM: Capacity = Capacity {
    callers: Share {
        in_all: 64,
        of_one: 48,
    },
    sends: 8,
    deliveries: Connections { in_all: 8, kept: 4 },
    questions: Share {
        in_all: 12,
        of_one: 8,
    },
    late: Share {
        in_all: 2,
        of_one: 1,
    },
    decisions: Connections {
        in_all: 18,
        kept: 4,
    },
};

/// How a tenant's questions ended, and how often so.
async fn outcomes(app: &TestApp, program: &DemoProgram) -> BTreeMap<String, usize> {
    let sql = "SELECT outcome, COUNT(*) FROM decision WHERE tenant = $1 GROUP BY outcome";
    let tenant = app.tenant_id(program).await;
    let rows = app.rows(sql, vec![tenant.get().into()]).await;
    rows.iter()
        .map(|row| {
            let count: i64 = row.get(1).unwrap();
            (row.get(0).unwrap(), usize::try_from(count).unwrap())
        })
        .collect()
}

/// Another tenant whose integrator says yes to everything; its card.
async fn deciding_neighbour(app: &TestApp, program: &DemoProgram) -> String {
    app.outside
        .name("neighbour.example.com", &["93.184.215.30"]);
    app.outside.listen("93.184.215.30:80", |_, _| YES);
    let card = neighbour(app, program).await;
    let endpoint = json!({"url": "http://neighbour.example.com/", "dialect": "finci"});
    let operator = Operator::new(app, "/admin/v1", &program.admin_key);
    operator.post("webhook-endpoints", &endpoint).await.record();
    let_integrator_of_decide(app, program).await;
    card
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integrator_that_hangs_has_its_share_of_connections_and_others_are_asked_meanwhile() {
    let settings = Settings {
        capacity: ROOM,
        ..Settings::default()
    };
    let app = Arc::new(TestApp::with_settings(settings).await);
    know_host(&app);
    let listener = app.outside.listen(ADDRESS, |_, _| Reaction::Hang);
    register(&app, "finci", json!({})).await;
    let other = app.tenant("neighbour").await;
    let others_card = deciding_neighbour(&app, &other).await;
    let own = Payer::with(&app, 1_000_000, "EUR").await.card;
    let_integrator_decide(&app).await;

    let mut asking = JoinSet::new();
    for number in 0..QUESTIONS {
        let (app, body) = (app.clone(), question(&own, &format!("hangs-{number}")));
        asking.spawn(async move {
            let network = Network::new(&app, &app.demo);
            network.post("authorization", &body).await.record()
        });
    }
    let operator = Operator::new(&app, "/admin/v1", &other.admin_key);
    let mut times = Vec::with_capacity(OTHERS);
    for number in 0..OTHERS {
        let network = Network::new(&app, &other);
        let began = Instant::now();
        let body = question(&others_card, &format!("goes-through-{number}"));
        let answer = network.post("authorization", &body).await.record();
        assert_eq!(answer["approved"], true, "{answer}");
        operator.get("webhook-endpoints").await.record();
        times.push(began.elapsed());
        let never = std::future::pending::<()>();
        let _passed = tokio::time::timeout(Duration::from_millis(50), never).await;
    }
    while let Some(answer) = asking.join_next().await {
        assert_eq!(answer.unwrap()["approved"], false);
    }
    times.sort();
    let (longest, most) = (times[OTHERS - 1], app.outside.open_most());
    let ends = outcomes(&app, &app.demo).await;
    println!("{ends:?}; {most} connections at most; others: {longest:?} at most");
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    assert!(most <= ROOM.decisions.in_all, "{most}");
    let (late, crowded) = (ends["late"], ends["crowded"]);
    assert_eq!(late + crowded, QUESTIONS);
    assert_eq!(
        listener.received().len(),
        late,
        "who is crowded out is not asked"
    );
    assert!(
        (ROOM.questions.of_one..QUESTIONS / 2).contains(&late),
        "{late}"
    );
    let yes = BTreeMap::from([("success".to_owned(), OTHERS)]);
    assert_eq!(outcomes(&app, &other).await, yes);
    let counted = format!("questions_total{{outcome=\"crowded\"}} {crowded}");
    assert!(app.app.metrics().text().contains(&counted), "{counted}");
    let Ok(app) = Arc::try_unwrap(app) else {
        panic!("somebody still has the server");
    };
    app.finish().await;
}

/// Waits until something is so, and not for ever.
async fn until(what: impl AsyncFn() -> bool) {
    let so = async {
        while !what().await {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), so).await;
    in_time.expect("it never comes to that");
}

#[tokio::test]
async fn a_few_late_answers_are_recorded_and_no_connection_waits_for_the_others() {
    let settings = Settings {
        capacity: ROOM,
        ..Settings::default()
    };
    let app = TestApp::with_settings(settings).await;
    know_host(&app);
    let told = Arc::new(Notify::new());
    let tell = told.clone();
    let late = move |_: usize, _: &_| Reaction::When(tell.clone(), 200, r#"{"status":"error"}"#);
    let listener = app.outside.listen(ADDRESS, late);
    register(&app, "finci", json!({})).await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let_integrator_decide(&app).await;
    let none = json!({});
    let answers = tokio::join!(
        payer.ask(1, &none),
        payer.ask(2, &none),
        payer.ask(3, &none)
    );
    for answer in [answers.0, answers.1, answers.2] {
        assert_eq!(answer["approved"], false);
    }
    assert_eq!(listener.received().len(), 3);
    until(async || app.outside.open_now() == ROOM.late.of_one).await;
    told.notify_waiters();
    let recorded = "SELECT COUNT(*) FROM decision WHERE late IS NOT NULL";
    until(async || app.number(recorded, &[]).await == 1).await;
    let outcomes = outcomes(&app, &app.demo).await;
    assert_eq!(outcomes, BTreeMap::from([("late".to_owned(), 3)]));
    app.finish().await;
}

#[tokio::test]
async fn connections_to_deciders_rest_for_a_minute_and_only_so_many_of_them() {
    let settings = Settings {
        capacity: ROOM,
        ..Settings::default()
    };
    let app = Arc::new(TestApp::with_settings(settings).await);
    know_host(&app);
    let told = Arc::new(Notify::new());
    let tell = told.clone();
    let react = move |_: usize, _: &_| Reaction::When(tell.clone(), 200, r#"{"status":"error"}"#);
    let listener = app.outside.listen(ADDRESS, react);
    register(&app, "finci", json!({})).await;
    let own = Payer::with(&app, 1_000, "EUR").await.card;
    let_integrator_decide(&app).await;
    let mut asking = JoinSet::new();
    for number in 0..ROOM.questions.of_one {
        let (app, body) = (app.clone(), question(&own, &format!("at-once-{number}")));
        asking.spawn(async move {
            let network = Network::new(&app, &app.demo);
            network.post("authorization", &body).await.record()
        });
    }
    until(async || listener.received().len() == ROOM.questions.of_one).await;
    told.notify_waiters();
    while let Some(answer) = asking.join_next().await {
        assert_eq!(answer.unwrap()["approved"], false);
    }
    until(async || app.outside.open_now() == ROOM.decisions.kept).await;
    assert_eq!(app.outside.open_most(), ROOM.questions.of_one);
    tokio::time::pause();
    let never = std::future::pending::<()>();
    let _passed = tokio::time::timeout(Duration::from_secs(130), never).await;
    assert_eq!(app.outside.open_now(), 0, "nobody used them");
    let ends = outcomes(&app, &app.demo).await;
    assert_eq!(
        ends,
        BTreeMap::from([("error".to_owned(), ROOM.questions.of_one)])
    );
}
