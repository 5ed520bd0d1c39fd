//! The guide to reconciliation does what it says: its program on its example, and on what a tenant
//! really did.

use std::{fs, path::Path, process::Command};

use cardwright_server::jobs::deliveries;
use serde_json::{Value, json};

use super::golden_payments::used;
use crate::{
    harness::{Reaction, Received, TestApp},
    webhooks::{ADDRESS, know_host, register},
};

/// The blocks of one language in the guide, in their order.
fn blocks(language: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = fs::read_to_string(root.join("docs/finci-reconciliation.md")).unwrap();
    let fence = format!("```{language}\n");
    let after = guide.split(&fence).skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

fn has_python() -> bool {
    let version = Command::new("python3").arg("--version").output();
    let found = version.is_ok_and(|output| output.status.success());
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever runs the tests says whether a missing program is a fault"
    )]
    let required = std::env::var("CARDWRIGHT_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        found || !required,
        "CARDWRIGHT_REQUIRE_ALL=1, but there is no python3"
    );
    if !found {
        println!("skipped: there is no python3 to run the guide's program");
    }
    found
}

/// What the guide's program prints about transactions and entries.
fn reconciled(transactions: &str, entries: &str) -> String {
    let desk = tempfile::tempdir().unwrap();
    let programs = blocks("python");
    assert_eq!(programs.len(), 1, "the guide has one program");
    for (name, content) in [
        ("reconcile.py", programs[0].as_str()),
        ("transactions.json", transactions),
        ("entries.json", entries),
    ] {
        fs::write(desk.path().join(name), content).unwrap();
    }
    let output = Command::new("python3")
        .args(["reconcile.py", "transactions.json", "entries.json"])
        .current_dir(desk.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_guides_program_prints_what_the_guide_shows() {
    if !has_python() {
        return;
    }
    let examples = blocks("json");
    let printed = reconciled(&examples[0], &examples[1]);
    assert_eq!(Some(&printed), blocks("text").last());
}

#[tokio::test]
async fn every_presentment_and_return_agrees_with_the_ledger() {
    if !has_python() {
        return;
    }
    let app = TestApp::new().await;
    let acme = app.finci();
    let used = used(&app, &acme, "p-1").await;
    // A payment in another currency has a markup, a dispute entries of its own.
    let terms = json!({
        "markup_basis_points": 250, "hold_days": 7, "lodging_hold_days": 31,
        "limits_after_refund": "kept",
    });
    app.operator()
        .put("products/112001/terms", &terms)
        .await
        .record();
    let abroad = json!({"token_id": used.card, "amount": 700, "currency": "USD"});
    let sandbox = app.sandbox();
    let asked = sandbox
        .post("simulate/authorization", &abroad)
        .await
        .record();
    let body = json!({"authorization_id": asked["authorization_id"], "amount": 700});
    sandbox.post("simulate/clearing", &body).await.record();
    let payment = used.payment.trim_start_matches('0');
    let body = json!({"transaction_id": payment, "amount": 100});
    sandbox.post("simulate/dispute", &body).await.record();
    let items = async |path: &str| {
        let list = acme.post(path, &json!({"account_id": used.account})).await;
        list.ok()["items"].clone()
    };
    let transactions = items("get-transactions").await;
    let mut entries = items("get-ledger-transactions").await;
    let narratives = || {
        let narrative = |entry: &Value| entry["narrative"].as_str().unwrap().to_owned();
        entries.as_array().unwrap().iter().map(narrative)
    };
    let of_payment = format!("CRDS {} {} PRESENTMENT Kavine", used.cleared, used.payment);
    assert!(narratives().any(|narrative| narrative.starts_with(&of_payment)));
    assert!(narratives().any(|narrative| narrative.contains(" MARKUP ")));
    assert!(narratives().any(|narrative| narrative.contains(" DISPUTE-CREDIT ")));
    assert!(narratives().any(|narrative| narrative == "FUNDING"));
    let printed = reconciled(&transactions.to_string(), &entries.to_string());
    assert_eq!(printed, "4 of 4 agree\n");
    let lost = entries.as_array_mut().unwrap().pop().unwrap();
    assert!(lost["narrative"].as_str().unwrap().starts_with("CRDS "));
    entries.as_array_mut().unwrap().remove(1);
    let printed = reconciled(&transactions.to_string(), &entries.to_string());
    assert!(printed.ends_with("3 of 4 agree\n"), "{printed}");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn what_webhooks_told_agrees_with_the_ledger_too() {
    if !has_python() {
        return;
    }
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let events = json!({"events": ["presentment", "return"]});
    register(&app, "finci", events).await;
    let acme = app.finci();
    let used = used(&app, &acme, "p-1").await;
    let sandbox = app.sandbox();
    let giving = json!({
        "token_id": used.card, "amount": 900, "currency": "EUR", "type": "refund",
    });
    let giving = sandbox.post("simulate/authorization", &giving).await;
    let body = json!({"authorization_id": giving.record()["authorization_id"]});
    sandbox.post("simulate/refund", &body).await.record();
    let body = json!({"transaction_id": used.refund.trim_start_matches('0')});
    sandbox
        .post("simulate/refund-reversal", &body)
        .await
        .record();
    deliveries::run_due(&app.app).await.unwrap();
    let mut told: Vec<Value> = listener.received().iter().map(Received::json).collect();
    assert_eq!(told.len(), 5);
    assert!(
        told.iter()
            .any(|body| body.get("authorization_id").is_none())
    );
    told.push(told[0].clone());
    let told = Value::from(told).to_string();
    let account = json!({"account_id": used.account});
    let entries = acme.post("get-ledger-transactions", &account).await.ok();
    let mut entries = entries["items"].clone();
    assert_eq!(reconciled(&told, &entries.to_string()), "5 of 5 agree\n");
    let listed = acme.post("get-transactions", &account).await.ok();
    let listed = listed["items"].to_string();
    assert_eq!(reconciled(&listed, &entries.to_string()), "5 of 5 agree\n");
    entries.as_array_mut().unwrap().pop();
    let printed = reconciled(&told, &entries.to_string());
    assert!(printed.ends_with("4 of 5 agree\n"), "{printed}");
    app.finish().await;
}
