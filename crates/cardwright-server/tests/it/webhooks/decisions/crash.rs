//! The server ends between the question and its answer.

use serde_json::json;

use super::{ADDRESS, kept, know_host, let_integrator_decide, register};
use crate::{
    harness::{Reaction, TestApp},
    native::payments::Payer,
};

#[tokio::test]
async fn what_a_crash_left_open_is_declined_at_the_next_start_and_never_asked_again() {
    let app = TestApp::on_file().await;
    know_host(&app);
    let listener = app.outside.listen(ADDRESS, |_, _| Reaction::Hang);
    register(&app, "finci", json!({})).await;
    let payer = Payer::with(&app, 1_000, "EUR").await;
    let_integrator_decide(&app).await;
    let body = payer.named(payer.question(300, &json!({})));
    // The caller goes away while the integrator is asked; then the server ends.
    let question = async {
        while listener.received().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = payer.send("authorization", &body) => panic!("answered: {}", answer.text),
        () = question => {}
    }
    drop(payer);
    let app = app.restarted().await;

    let ask = async |body| app.network().post("authorization", body).await;
    let first = ask(&body).await.record();
    assert_eq!(first["approved"], false, "{first}");
    assert_eq!(first["decline_reason"], "insufficient_funds");
    assert_eq!(first["balances"]["held"], 0);
    assert_eq!(ask(&body).await.record(), first, "the one answer");
    assert_eq!(listener.received().len(), 1, "it is asked once");
    assert_eq!(kept(&app, "outcome").await, "crashed");
    assert_eq!(first["status"], "declined");
    app.finish().await;
}
