//! Thousands of decisions in flight are nobody else's trouble. Time is real here, because it is
//! measured.

use std::{sync::Arc, time::Duration};

use cardwright_server::{capacity::Capacity, ops::programs::DemoProgram};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use super::{ADDRESS, know_host, let_integrator_decide, register};
use crate::{
    harness::{FinciCaller, Network, Operator, Reaction, TestApp},
    native::payments::{Payer, shop},
};

const IN_FLIGHT: usize = 2_000;
const OTHERS: usize = 200;

/// A card of another tenant, with money behind it.
pub(super) async fn neighbour(app: &TestApp, program: &DemoProgram) -> String {
    let finci = FinciCaller::new(app, program);
    let person = finci.person("neighbour").await;
    let account = finci.account(&person, "EUR").await;
    let card = finci.card(&person).await;
    let body = json!({
        "account_id": account.trim_start_matches('0'), "amount": 100_000, "currency": "EUR",
    });
    let sandbox = Operator::new(app, "/sandbox/v1", &program.admin_key);
    sandbox.post("simulate/funding", &body).await.record();
    card.trim_start_matches('0').to_owned()
}

pub(super) fn question(card: &str, reference: &str) -> Value {
    json!({
        "card_id": card, "amount": 1, "currency": "EUR", "channel": "ecommerce",
        "merchant": shop(), "reference": reference,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_hanging_decisions_keep_no_other_tenant_waiting() {
    let app = Arc::new(TestApp::new().await);
    know_host(&app);
    let listener = app.outside.listen(ADDRESS, |_, _| Reaction::Hang);
    register(&app, "finci", json!({})).await;
    let other = app.tenant("neighbour").await;
    let card = neighbour(&app, &other).await;
    let payer = Payer::with(&app, 1_000_000, "EUR").await;
    let own = payer.card.clone();
    let_integrator_decide(&app).await;

    let mut asking = JoinSet::new();
    for number in 0..IN_FLIGHT {
        let (app, body) = (app.clone(), question(&own, &format!("hangs-{number}")));
        asking.spawn(async move {
            let network = Network::new(&app, &app.demo);
            network.post("authorization", &body).await.record()
        });
    }
    // Others are answered all the while: as the questions come, hang, and end.
    let mut times = Vec::with_capacity(OTHERS);
    let mut most = 0;
    for number in 0..OTHERS {
        let network = Network::new(&app, &other);
        let began = Instant::now();
        let body = question(&card, &format!("goes-through-{number}"));
        let answer = network.post("authorization", &body).await.record();
        times.push(began.elapsed());
        assert_eq!(answer["approved"], true, "{answer}");
        most = most.max(listener.received().len());
        let never = std::future::pending::<()>();
        let _passed = tokio::time::timeout(Duration::from_millis(15), never).await;
    }
    let mut declined = 0;
    while let Some(answer) = asking.join_next().await {
        let answer = answer.unwrap();
        declined += usize::from(answer["approved"] == false);
    }
    times.sort();
    let (middle, p99) = (times[OTHERS / 2], times[OTHERS * 99 / 100]);
    println!("{most} questions in flight or over; others: median {middle:?}, p99 {p99:?}");
    assert_eq!(declined, IN_FLIGHT);
    // It has its share of what may be open, and no more.
    let asked = listener.received().len();
    let share = Capacity::default().questions.of_one;
    assert!((share..IN_FLIGHT).contains(&asked), "{asked}");
    assert!(p99 < Duration::from_secs(2), "{p99:?}");
    let balances = payer.balances().await;
    assert_eq!(balances["balances"]["held"], 0, "{balances}");
    drop(payer);
    let Ok(app) = Arc::try_unwrap(app) else {
        panic!("somebody still has the server");
    };
    app.finish().await;
}
