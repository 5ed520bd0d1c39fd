//! What lies apart: events of older stores, and payments that end by a no to more of them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cardwright_server::jobs::deliveries;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    super::{ADDRESS, decisions::let_integrator_decide, know_host, register},
    each, messages,
};
use crate::{
    fincard::{
        orders::opened,
        queries::{ask, tell},
        support::{opening, order_no},
    },
    harness::{Reaction, Received, TestApp},
};

#[tokio::test(start_paused = true)]
async fn an_event_from_before_its_facts_said_more_tells_of_the_record_as_it_is() {
    let app = TestApp::new().await;
    know_host(&app);
    let react = |_, _: &_| Reaction::Answer(200, r#"{"success":true}"#);
    let listener = app.outside.listen(ADDRESS, react);
    register(&app, "fincard", json!({})).await;
    let acme = app.fincard().await;
    let card = opened(&app, &acme, &opening(1, &json!({}))).await;
    let number = ask(&app, &card, 1_000).await;
    let part = json!({"authorization_id": number, "amount": 400, "final": false});
    tell(&app, "clearing", part, "transaction_id").await;
    let back = json!({"authorization_id": number});
    tell(&app, "reversal", back, "authorization_id").await;
    deliveries::run_due(&app.app).await.unwrap();
    let before = listener.received().len();
    // Events cannot be changed, so others are put beside them.
    let older = "INSERT INTO event \
                 (tenant, id, kind, subject_kind, subject_id, facts, created_at) \
                 SELECT tenant, id + 1000000, kind, subject_kind, subject_id, \
                 json_remove(facts, '$.authorization_status', '$.approved_amount', \
                 '$.approved_billing_amount', '$.balance', '$.balance_currency'), created_at \
                 FROM event WHERE subject_kind = 'card'";
    app.meddle(older, &[]).await;
    deliveries::run_due(&app.app).await.unwrap();
    let told = messages(&listener.received()[before..]);
    let told: Vec<Value> = told.into_values().collect();
    assert_eq!(each(&told, &["create"], "balance"), ["21.00"]);
    let of_payment = ["auth", "Void"];
    assert_eq!(each(&told, &of_payment, "status"), ["succeed"; 4]);
    assert_eq!(
        each(&told, &of_payment, "settleAmount"),
        ["4.00", "4.00", "null", "4.00"]
    );
    app.finish().await;
}

/// Whether the integrator is asked, and not told.
fn is_question(received: &Received) -> bool {
    received.json()["advice"] == false
}

#[tokio::test]
async fn a_raise_that_is_declined_when_little_is_left_tells_that_the_payment_has_ended() {
    let app = TestApp::new().await;
    know_host(&app);
    let told = Arc::new(Notify::new());
    let no = Reaction::When(
        Arc::clone(&told),
        200,
        r#"{"status":"error","success":true}"#,
    );
    let questions = AtomicUsize::new(0);
    let react = move |_, received: &Received| {
        if is_question(received) && questions.fetch_add(1, Ordering::Relaxed) == 1 {
            return no.clone();
        }
        Reaction::Answer(200, r#"{"status":"success","success":true}"#)
    };
    let listener = app.outside.listen(ADDRESS, react);
    register(&app, "finci", json!({})).await;
    register(&app, "fincard", json!({})).await;
    let card = app.fincard().await.card(&order_no(1), None).await;
    let_integrator_decide(&app).await;
    let number = ask(&app, &card, 300).await;
    let meanwhile = async {
        while listener
            .received()
            .iter()
            .filter(|one| is_question(one))
            .count()
            < 2
        {
            tokio::task::yield_now().await;
        }
        let part = json!({"authorization_id": number, "amount": 300});
        tell(&app, "reversal", part, "authorization_id").await;
        told.notify_one();
    };
    let more = json!({"authorization_id": number, "amount": 100});
    let raising = async {
        let sandbox = app.sandbox();
        sandbox.post("simulate/increment", &more).await.record()
    };
    let (answer, ()) = tokio::join!(raising, meanwhile);
    assert_eq!(answer["approved"], false, "{answer}");
    deliveries::run_due(&app.app).await.unwrap();
    let received = listener.received();
    let of_fincard = received
        .iter()
        .filter(|received| !received.header("x-wsb-category").is_empty())
        .cloned();
    let of_fincard: Vec<Received> = of_fincard.collect();
    let told: Vec<Value> = messages(&of_fincard).into_values().collect();
    let of_payment = ["auth", "Void"];
    let types = each(&told, &of_payment, "type");
    assert_eq!(types, ["auth", "Void", "auth"], "{told:#?}");
    let statuses = each(&told, &of_payment, "status");
    assert_eq!(statuses, ["authorized", "succeed", "failed"]);
    app.finish().await;
}
