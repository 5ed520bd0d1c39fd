//! Questions whose end could not be written, or that nobody came back for.

use std::sync::Arc;

use cardwright_core::{
    Amount, AuthorizationKind, Channel, Country, Currency, Mcc, Merchant, Partial,
};
use cardwright_server::{
    error::Error,
    jobs::deliveries,
    ops::{
        authorizations::{
            CardName, DecidedBy, Increment, NewAuthorization, Proofs, Ruled, authorize,
        },
        decisions,
    },
    store::{Actor, Scope, Tx, decisions::DecisionId},
};
use serde_json::json;
use tokio::sync::Notify;

use super::{YES, about_authorizations, deciding};
use crate::{
    harness::{Reaction, TestApp},
    native::payments::{Payer, assert_told},
};

/// A question that is committed, and nobody asks it.
async fn begun(app: &TestApp, payer: &Payer<'_>, minor: i64) -> DecisionId {
    let card = CardName::Id(payer.card_id());
    let asked = app.operate(&app.demo, async move |tx: &mut Tx| {
        let new = NewAuthorization {
            card,
            wallet_token: None,
            kind: AuthorizationKind::Purchase,
            amount: Amount::from_minor(minor, Currency::EUR).unwrap(),
            partial: Partial::Refused,
            channel: Channel::Ecommerce,
            merchant: Merchant {
                name: "Corner shop".to_owned(),
                id: "M-1".to_owned(),
                mcc: Mcc::parse("5411").unwrap(),
                city: "Vilnius".to_owned(),
                country: Country::parse("LT").unwrap(),
            },
            proofs: Proofs::default(),
            decided_by: DecidedBy::Platform,
            reference: format!("left-open-{minor}"),
        };
        authorize(tx, new).await
    });
    match asked.await {
        Ruled::Asked { question, .. } => question,
        Ruled::Decided(decided) => panic!("nobody is asked: {decided:?}"),
    }
}

async fn sweep(app: &TestApp) -> usize {
    decisions::end_stale(&app.app).await.unwrap()
}

/// The words of what came of the questions, in their order; `-` where that is open.
async fn outcomes(app: &TestApp) -> Vec<String> {
    let sql = "SELECT COALESCE(outcome, '-') FROM decision ORDER BY id";
    let rows = app.rows(sql, Vec::new()).await;
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

const BREAK: &str = "UPDATE card_authorization SET currency = 'XXQ' WHERE currency = 'EUR'";
const REPAIR: &str = "UPDATE card_authorization SET currency = 'EUR' WHERE currency = 'XXQ'";

/// In real time: the store works while the integrator is asked.
#[tokio::test]
async fn a_yes_that_the_network_was_not_told_ends_with_a_no_and_nobody_is_asked_again() {
    let app = TestApp::new().await;
    let told = Arc::new(Notify::new());
    let yes = Reaction::When(Arc::clone(&told), 200, r#"{"status":"success"}"#);
    let (listener, payer) = deciding(&app, move |_, _| yes.clone()).await;
    let body = payer.named(payer.question(300, &json!({})));
    let breaking = async {
        while listener.received().is_empty() {
            tokio::task::yield_now().await;
        }
        app.meddle(BREAK, &[]).await;
        told.notify_one();
    };
    let (answer, ()) = tokio::join!(payer.send("authorization", &body), breaking);
    assert_eq!(answer.status, 500, "{}", answer.text);
    assert_eq!(sweep(&app).await, 0, "it still cannot be written");
    assert_eq!(outcomes(&app).await, ["-"]);

    app.meddle(REPAIR, &[]).await;
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(outcomes(&app).await, ["abandoned"]);
    assert_eq!(sweep(&app).await, 0);
    let repeat = payer.tell("authorization", &body).await;
    assert_told(&repeat, "approved false, held 0");
    assert_eq!(listener.received().len(), 1, "it is asked once");
    app.finish().await;
}

#[tokio::test]
async fn a_question_that_nobody_came_back_for_ends_with_a_no_and_a_broken_one_keeps_none_open() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |_, _| YES).await;
    let broken = begun(&app, &payer, 100).await;
    begun(&app, &payer, 300).await;
    let unreadable = "UPDATE decision SET currency = 'XXQ' WHERE id = $1";
    app.meddle(unreadable, &[broken.into()]).await;
    assert_eq!(sweep(&app).await, 0, "somebody else may be asking");
    app.pass(29);
    assert_eq!(sweep(&app).await, 0);
    app.pass(1);
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(outcomes(&app).await, ["-", "abandoned"]);
    assert_told(&payer.balances().await, "held 100, available_balance 900");

    let readable = "UPDATE decision SET currency = 'EUR' WHERE id = $1";
    app.meddle(readable, &[broken.into()]).await;
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(outcomes(&app).await, ["abandoned", "abandoned"]);
    assert_told(&payer.balances().await, "held 0, available_balance 1000");
    assert!(listener.received().is_empty(), "nobody is asked any more");
    deliveries::run_due(&app.app).await.unwrap();
    let mut told = about_authorizations(&listener);
    told.retain(|advice| advice["response_code"] == "InsufficientFunds");
    let told: Vec<_> = told.iter().map(|advice| &advice["amount"]).collect();
    assert_eq!(told, ["3.00", "1.00"], "both are told of");
    let metrics = app.app.metrics().text();
    assert!(metrics.contains("cardwright_questions_total{outcome=\"abandoned\"} 2"));
    app.finish().await;
}

#[tokio::test]
async fn a_question_that_is_being_asked_is_left_alone_however_long_that_takes() {
    let app = TestApp::new().await;
    let told = Arc::new(Notify::new());
    let yes = Reaction::When(Arc::clone(&told), 200, r#"{"status":"success"}"#);
    let (listener, payer) = deciding(&app, move |_, _| yes.clone()).await;
    let sweeping = async {
        while listener.received().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(sweep(&app).await, 0);
        app.pass(3_600);
        assert_eq!(sweep(&app).await, 0);
        told.notify_one();
    };
    let none = json!({});
    let (answer, ()) = tokio::join!(payer.ask(300, &none), sweeping);
    assert_told(&answer, "approved true, held 300");
    app.finish().await;
}

#[tokio::test]
async fn a_question_that_cannot_be_read_is_not_asked_and_once_it_can_it_is_asked_once() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |_, _| YES).await;
    let id = begun(&app, &payer, 300).await;
    let scope = Scope {
        tenant: app.tenant_id(&app.demo).await,
        actor: Actor::system("test"),
    };
    let told = |of: Increment| Ok(format!("{:?}", of.declined));
    let settle = || decisions::settle(&app.app, &scope, id, told);
    let unreadable = "UPDATE decision SET currency = 'XXQ' WHERE id = $1";
    app.meddle(unreadable, &[id.into()]).await;
    for _ in 0..2 {
        let failed = settle().await;
        assert!(matches!(failed, Err(Error::Corrupt(_))), "{failed:?}");
    }
    assert!(listener.received().is_empty());
    let readable = "UPDATE decision SET currency = 'EUR' WHERE id = $1";
    app.meddle(readable, &[id.into()]).await;
    for _ in 0..2 {
        assert_eq!(settle().await.unwrap(), "None", "approved");
    }
    assert_eq!(listener.received().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_panic_in_the_last_write_keeps_what_the_integrator_said() {
    let app = TestApp::new().await;
    let (listener, payer) = deciding(&app, |_, _| YES).await;
    let id = begun(&app, &payer, 300).await;
    let scope = Scope {
        tenant: app.tenant_id(&app.demo).await,
        actor: Actor::system("test"),
    };
    let failed = decisions::settle(&app.app, &scope, id, |_| panic!("on purpose")).await;
    assert!(failed.is_err(), "{failed:?}");
    let told = |of: Increment| Ok(format!("{:?}", of.declined));
    let kept = decisions::settle(&app.app, &scope, id, told).await;
    assert_eq!(kept.unwrap(), "None", "approved");
    assert_eq!(listener.received().len(), 1, "it is asked once");
    app.finish().await;
}
